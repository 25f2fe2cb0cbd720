use std::time::Duration;

use super::super::scripted::{Delivery, Scripted, Standstill};
use super::*;

const SIZE: u64 = 10_000;

fn file() -> Vec<u8> {
    (0..SIZE).map(|index| (index % 251) as u8).collect()
}

/// The module writes the bytes of the file in `range` and ends with `outcome`.
fn part(range: std::ops::Range<usize>, outcome: Result<u64>) -> Delivery {
    Delivery { bytes: file()[range].to_vec(), outcome }
}

/// Downloads with as many attempts as there are deliveries; returns the report, where each transfer began, and the
/// local file.
fn download(sizes: &[u64], deliveries: Vec<Delivery>) -> (Result<Report>, Vec<u64>, Vec<u8>) {
    let retries = u32::try_from(deliveries.len() - 1).unwrap();
    download_with(sizes, deliveries, retries)
}

/// As [`download`], in one attempt.
fn download_once(sizes: &[u64], deliveries: Vec<Delivery>) -> (Result<Report>, Vec<u64>, Vec<u8>) {
    download_with(sizes, deliveries, 0)
}

fn download_with(sizes: &[u64], deliveries: Vec<Delivery>, retries: u32) -> (Result<Report>, Vec<u64>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("file.bin");
    let mut modem =
        Scripted { sizes: sizes.iter().copied().collect(), deliveries: deliveries.into(), ..Scripted::default() };
    let retry = Retry { retries, pause: Duration::ZERO, ..Retry::default() };
    let report = Download::new("/a", &local).retry(retry).on_clock(Standstill).run(&mut modem);
    (report, modem.offsets, fs::read(&local).unwrap_or_default())
}

#[test]
fn after_a_doubt_only_what_is_proven_is_kept() {
    use ErrorKind::{Cancelled, DataConnection, Timeout};
    // What ended the first attempt after 6000 bytes, how many of them are proven, and where the second begins.
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
    // The size that the server states, the bytes that come, and how many the module says there were.
    let cases = [
        (SIZE, 0..10_000, SIZE, true),
        (SIZE, 0..10_000, SIZE - 1, false),
        (SIZE, 0..9_999, SIZE, false),
        (SIZE - 1, 0..10_000, SIZE, false),
        (SIZE + 1, 0..10_000, SIZE, false),
    ];
    for (size, range, count, holds) in cases {
        let (report, _, got) = download(&[size], vec![part(range.clone(), Ok(count))]);
        let kind = report.as_ref().err().map(Error::kind);
        assert_eq!(kind, (!holds).then_some(ErrorKind::VerificationFailed), "{size} stated, {range:?}, {count}");
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
    // Another file has its name now: it is fetched from its beginning, within the same attempt.
    let mut other = part(4976..10_000, Ok(5024));
    other.bytes[0] ^= 1;
    let (report, offsets, got) = download(&[SIZE; 3], vec![broken(), other, part(0..10_000, Ok(SIZE))]);
    assert_eq!(report.unwrap().attempts, 2);
    assert_eq!(offsets, [0, 4976, 0]);
    assert!(got == file());
}

#[test]
fn a_file_that_became_shorter_than_what_is_there_is_downloaded_from_its_start() {
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

#[test]
fn a_refused_restart_offset_is_not_requested_twice() {
    use ErrorKind::{DataConnection, ServerRefused, Unavailable, Unsupported};
    let broken = || part(0..6000, Err(Error::new(DataConnection, "")));
    for kind in [ServerRefused, Unavailable, Unsupported] {
        let refused = part(0..0, Err(Error::new(kind, "")));
        let deliveries = vec![broken(), refused, broken(), part(0..10_000, Ok(SIZE))];
        let (report, offsets, got) = download(&[SIZE], deliveries);
        // The file is begun at 0 within the second attempt, and in the third.
        assert_eq!(report.unwrap().attempts, 3, "{kind:?}");
        assert_eq!(offsets, [0, 4976, 0, 0], "{kind:?}");
        assert!(got == file(), "{kind:?}");
    }
}

#[test]
fn an_offset_that_fails_for_no_reason_is_not_requested_forever() {
    use ErrorKind::DataConnection;
    let failed = |end: usize| part(0..end, Err(Error::new(DataConnection, "")));
    let deliveries = vec![failed(6000), failed(0), failed(0), part(0..10_000, Ok(SIZE))];
    let (report, offsets, _) = download(&[SIZE], deliveries);
    assert_eq!((report.unwrap().attempts, offsets), (4, vec![0, 4976, 4976, 0]));
    // A reply is a reason.
    let replied = || Delivery { bytes: Vec::new(), outcome: Err(Error::new(DataConnection, "").with_ftp_reply(425)) };
    let deliveries = vec![failed(6000), replied(), replied(), part(4976..10_000, Ok(5024))];
    let (report, offsets, _) = download(&[SIZE], deliveries);
    assert_eq!((report.unwrap().attempts, offsets), (4, vec![0, 4976, 4976, 4976]));
}

#[test]
fn a_file_that_grew_during_the_download_is_whole_or_the_error_says_that_it_changes() {
    use ErrorKind::VerificationFailed;
    let (before, unsure) = (6000, || Err(Error::new(VerificationFailed, "the module ignores the offset")));
    // The sizes that the server states, what comes, and the outcome.
    let cases = [
        // All of it came.
        (vec![before, SIZE], vec![part(0..10_000, Ok(SIZE))], Ok((SIZE, Assurance::ServerSize))),
        // It has grown further.
        (vec![before, SIZE], vec![part(0..8000, Ok(8000))], Ok((8000, Assurance::ModuleCount))),
        // The size that is stated is not that of the file.
        (vec![before], vec![part(0..10_000, Ok(SIZE))], Err("10000 bytes arrived, the size on the server is 6000")),
        // The driver could not tell that from a module that ignores the offset.
        (
            vec![before, SIZE],
            vec![part(0..7000, unsure()), part(0..10_000, Ok(SIZE))],
            Ok((SIZE, Assurance::ServerSize)),
        ),
        (vec![before, 8000, SIZE], vec![part(0..7000, unsure()), part(0..9000, unsure())], Err("the file changes")),
        (vec![before], vec![part(0..7000, unsure())], Err("ignores the offset")),
    ];
    for (sizes, deliveries, expected) in cases {
        let (report, _, got) = download_once(&sizes, deliveries);
        match expected {
            Ok((size, assurance)) => {
                let report = report.unwrap();
                assert_eq!((report.size, report.assurance), (size, assurance), "{sizes:?}");
                assert!(got == file()[..size as usize], "{sizes:?}");
            }
            Err(words) => {
                let error = report.unwrap_err();
                assert!(error.to_string().contains(words), "{sizes:?}: {error}");
                assert!(got.is_empty(), "{sizes:?}");
            }
        }
    }
}
