use std::time::Duration;

use super::super::scripted::{Delivery, Scripted, Standstill};
use super::*;
use crate::modem::{AccessPoint, EntryKind, Metadata, Precision};

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
    let download = Download::new("/a", &local).retry(retry).on_clock(Standstill);
    let report = download.reconnect_with(Reconnect::new(AccessPoint::default())).run(&mut modem);
    (report, modem.offsets, fs::read(&local).unwrap_or_default())
}

#[test]
fn after_a_doubt_only_what_is_proven_is_kept() {
    use ErrorKind::{Cancelled, DataConnection, ModuleRestarted, PortLost, Protocol};
    let late = |phase| Error::timeout(phase, Duration::from_secs(1));
    let failed = |kind| Error::new(kind, "");
    // What ended the first attempt after 6000 bytes, how many of them are proven, and where the second begins.
    let cases = [
        (late(Phase::Result), Some(4000), 4000 - 1024),
        (late(Phase::Data), None, 0),
        // More than have come cannot be.
        (late(Phase::Result), Some(7000), 6000 - 1024),
        (failed(Protocol), Some(4000), 4000 - 1024),
        (failed(ModuleRestarted), Some(4000), 4000 - 1024),
        (failed(DataConnection), Some(4000), 6000 - 1024),
        // A port is lost at any moment, which says nothing about the bytes before it.
        (failed(PortLost), Some(4000), 6000 - 1024),
        (failed(PortLost), None, 6000 - 1024),
    ];
    for (mut error, proven, begins) in cases {
        let failure = format!("{:?}, {:?}, {proven:?}", error.kind(), error.phase());
        if let Some(proven) = proven {
            error = error.with_proven(proven);
        }
        let rest = part(begins..10_000, Ok(SIZE - begins as u64));
        let (report, offsets, got) = download(&[SIZE; 2], vec![part(0..6000, Err(error)), rest]);
        let report = report.unwrap();
        assert_eq!(offsets, [0, begins as u64], "{failure}");
        assert_eq!(report.moved, 6000 + SIZE - begins as u64, "every byte that passed counts, compared ones too");
        assert!(got == file(), "{failure}");
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

/// Of a module that can query times.
const WITH_TIME: &[(Operation, Support)] = &[
    (Operation::Size, Support::Native),
    (Operation::Modified, Support::Native),
    (Operation::Retrieve, Support::Native),
    (Operation::RetrieveFrom, Support::Native),
];

/// 12:30 and so many seconds.
fn at(second: u8) -> Modified {
    Modified { year: Some(2026), month: 5, day: 1, hour: 12, minute: 30, second, precision: Precision::Second }
}

/// Two attempts, the first of them broken after 6000 bytes, at a server that states the size where `sizes` has one and
/// each time in `times` once. Returns where they begin and the local file.
fn continued(sizes: [Option<u64>; 2], times: &[Modified], rest: &[u8]) -> (Vec<u64>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("file.bin");
    let broken = part(0..6000, Err(Error::new(ErrorKind::DataConnection, "")));
    let mut modem = Scripted {
        unsized_first: sizes.iter().map(|size| size.is_none().then_some(ErrorKind::ServerRefused)).collect(),
        sizes: sizes.iter().flatten().copied().collect(),
        times: times.iter().copied().collect(),
        deliveries: [broken, Delivery { bytes: rest.to_vec(), outcome: Ok(rest.len() as u64) }].into(),
        ..Scripted::default()
    };
    modem.capabilities.operations = WITH_TIME;
    let retry = Retry { retries: 1, pause: Duration::ZERO, ..Retry::default() };
    let _ = Download::new("/a", &local).retry(retry).on_clock(Standstill).run(&mut modem);
    (modem.offsets, fs::read(&local).unwrap_or_default())
}

#[test]
fn without_a_size_only_an_exact_time_keeps_what_has_come() {
    let minute = |minute| Modified { minute, second: 0, precision: Precision::Minute, ..at(0) };
    let refused = [None, None];
    // The sizes that are stated, the times, and where the second attempt begins.
    let cases = [
        (refused, vec![at(7), at(7)], 4976),
        (refused, vec![at(7), at(8)], 0),
        (refused, vec![minute(30), minute(30)], 0),
        (refused, vec![], 0),
        (refused, vec![at(7)], 0),
        // A size that is not stated again is checked by the end of the file.
        ([Some(SIZE), None], vec![], 4976),
        ([Some(SIZE), None], vec![at(7)], 4976),
        // A size that is stated late, of the same file.
        ([None, Some(SIZE)], vec![at(7), at(7)], 4976),
        ([None, Some(SIZE)], vec![], 0),
    ];
    for (sizes, times, begins) in cases {
        let (offsets, got) = continued(sizes, &times, &file()[begins..]);
        assert_eq!(offsets, [0, begins as u64], "{sizes:?}, {times:?}");
        assert!(got == file(), "{sizes:?}, {times:?}");
    }
}

/// The server states a size to the first attempt only. Before the second another file has taken the name.
#[test]
fn the_size_of_a_file_that_was_replaced_is_not_that_of_its_successor() {
    let successor = || part(0..9000, Ok(9000));
    // Its time tells, or else the bytes before the restart offset.
    for (times, differs) in [(vec![at(7), at(8)], None), (vec![], Some(part(0..1000, Ok(1000))))] {
        let folder = tempfile::tempdir().unwrap();
        let local = folder.path().join("file.bin");
        let broken = part(0..6000, Err(Error::new(ErrorKind::DataConnection, "")));
        let offsets = if differs.is_some() { vec![0, 4976, 0] } else { vec![0, 0] };
        let refused = Some(ErrorKind::ServerRefused);
        let mut modem = Scripted {
            sizes: [SIZE].into(),
            unsized_first: [None, refused, refused].into(),
            times: times.into(),
            deliveries: [Some(broken), differs, Some(successor())].into_iter().flatten().collect(),
            ..Scripted::default()
        };
        modem.capabilities.operations = WITH_TIME;
        let retry = Retry { retries: 1, pause: Duration::ZERO, ..Retry::default() };
        let download = Download::new("/a", &local).resume(true).retry(retry).on_clock(Standstill);
        let report = download.run(&mut modem).unwrap();
        assert_eq!((report.size, modem.offsets), (9000, offsets));
        assert!(fs::read(&local).unwrap() == file()[..9000]);
    }
}

/// The time in the row of a link is that of the link.
#[test]
fn the_time_of_a_link_does_not_prove_the_file_behind_it() {
    for (kind, begins) in [(EntryKind::File, 4976), (EntryKind::Link, 0)] {
        let folder = tempfile::tempdir().unwrap();
        let local = folder.path().join("file.bin");
        let broken = part(0..6000, Err(Error::new(ErrorKind::DataConnection, "")));
        let rest = part(begins..10_000, Ok(SIZE - begins as u64));
        let row = Some(Metadata::new().with_kind(kind).with_modified(at(7)));
        let mut modem = Scripted { row, deliveries: [broken, rest].into(), ..Scripted::default() };
        let retry = Retry { retries: 1, pause: Duration::ZERO, ..Retry::default() };
        Download::new("/a", &local).retry(retry).on_clock(Standstill).run(&mut modem).unwrap();
        assert_eq!(modem.offsets, [0, begins as u64], "{kind:?}");
        assert!(fs::read(&local).unwrap() == file(), "{kind:?}");
    }
}
