use std::time::Duration;

use super::super::scripted::{Delivery, Scripted, Standstill};
use super::*;

const SIZE: u64 = 10_000;

fn file() -> Vec<u8> {
    (0..SIZE).map(|index| (index % 251) as u8).collect()
}

/// The module writes the bytes of the file in `range` and says that they were `told`.
fn part(range: std::ops::Range<usize>, told: Result<u64>) -> Delivery {
    Delivery { bytes: file()[range].to_vec(), told }
}

/// Downloads with as many attempts as there are deliveries; returns the report and where each attempt began.
fn download(sizes: &[u64], deliveries: Vec<Delivery>) -> (Result<Report>, Vec<u64>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("file.bin");
    let retries = u32::try_from(deliveries.len() - 1).unwrap();
    let mut modem =
        Scripted { sizes: sizes.iter().copied().collect(), deliveries: deliveries.into(), ..Scripted::default() };
    let retry = Retry { retries, pause: Duration::ZERO, ..Retry::default() };
    let report = Download::new("/a", &local).retry(retry).on_clock(Standstill).run(&mut modem);
    (report, modem.offsets, fs::read(&local).unwrap_or_default())
}

#[test]
fn after_a_doubt_only_what_is_proven_is_kept() {
    use ErrorKind::{Cancelled, DataConnection, Timeout};
    // What ended the first attempt after 6000 bytes, of which so many are proven; where the second begins.
    let cases = [
        (Timeout, Some(4000), 4000 - 1024),
        (Timeout, None, 0),
        // More than have come cannot be.
        (Timeout, Some(7000), 6000 - 1024),
        (DataConnection, Some(4000), 6000 - 1024),
    ];
    for (kind, proven, begins) in cases {
        let mut error = Error::new(kind, "");
        if let Some(proven) = proven {
            error = error.with_proven(proven);
        }
        let rest = part(begins..10_000, Ok(SIZE - begins as u64));
        let (report, offsets, got) = download(&[SIZE; 2], vec![part(0..6000, Err(error)), rest]);
        let report = report.unwrap();
        assert_eq!(offsets, [0, begins as u64], "{kind:?}, {proven:?}");
        assert_eq!(report.moved, 6000 + SIZE - begins as u64, "every byte that passed counts, compared ones too");
        assert!(got == file(), "{kind:?}, {proven:?}");
    }
    let (report, offsets, _) = download(&[SIZE], vec![part(0..6000, Err(Error::new(Cancelled, "")))]);
    assert_eq!((report.unwrap_err().kind(), offsets), (Cancelled, vec![0]));
}

#[test]
fn what_does_not_add_up_is_no_file() {
    // The size that is told before, what comes, and how much of it the module says it was.
    let cases = [
        (SIZE, 0..10_000, SIZE, true),
        (SIZE, 0..10_000, SIZE - 1, false),
        (SIZE, 0..9_999, SIZE, false),
        (SIZE - 1, 0..10_000, SIZE, false),
        (SIZE + 1, 0..10_000, SIZE, false),
    ];
    for (size, range, told, holds) in cases {
        let (report, _, got) = download(&[size], vec![part(range.clone(), Ok(told))]);
        let kind = report.as_ref().err().map(Error::kind);
        assert_eq!(kind, (!holds).then_some(ErrorKind::VerificationFailed), "{size} told, {range:?}, {told}");
        assert_eq!(got.len() as u64, if holds { SIZE } else { 0 });
    }
}

#[test]
fn a_continued_download_has_to_repeat_the_whole_overlap() {
    let broken = || part(0..6000, Err(Error::new(ErrorKind::DataConnection, "")));
    // The second attempt ends, and says that all is well, in the middle of what is compared.
    let (report, offsets, got) = download(&[SIZE; 2], vec![broken(), part(4976..5500, Ok(524))]);
    assert_eq!(report.unwrap_err().kind(), ErrorKind::VerificationFailed);
    assert_eq!(offsets, [0, 4976]);
    assert!(got.is_empty());
    // Another file stands there now: it is fetched from its beginning, within the same attempt.
    let mut other = part(4976..10_000, Ok(5024));
    other.bytes[0] ^= 1;
    let (report, offsets, got) = download(&[SIZE; 3], vec![broken(), other, part(0..10_000, Ok(SIZE))]);
    assert_eq!(report.unwrap().attempts, 2);
    assert_eq!(offsets, [0, 4976, 0]);
    assert!(got == file());
}

#[test]
fn a_file_that_became_shorter_than_what_is_there_is_begun_anew() {
    // The size at the second attempt, and where that begins.
    for (size, begins) in [(6001, 4976), (6000, 4976), (5999, 0), (10, 0)] {
        let broken = part(0..6000, Err(Error::new(ErrorKind::DataConnection, "")));
        let rest = part(begins..size, Ok((size - begins) as u64));
        let (report, offsets, got) = download(&[6000, size as u64], vec![broken, rest]);
        // A file of another size is another file.
        let begins = if size == 6000 { begins as u64 } else { 0 };
        assert_eq!(offsets, [0, begins], "{size}: {report:?}");
        if begins == 0 && size <= 6000 {
            assert!(got == file()[..size], "{size}");
        }
    }
}
