mod append;

use std::time::Duration;

use super::super::scripted::{Delivery, OPERATIONS, Scripted, Standstill};
use super::*;
use crate::modem::{Operation, StoreMode, Support};

const SIZE: u64 = 10_000;

fn file() -> Vec<u8> {
    (0..SIZE).map(|index| (index % 251) as u8).collect()
}

/// The last kilobyte of the file's first `end` bytes, as the server sends it.
fn overlap(end: usize) -> Delivery {
    Delivery { bytes: file()[end - 1024..end].to_vec(), outcome: Ok(1024) }
}

/// An upload that failed when the server may have had so many bytes.
fn broken(kind: ErrorKind, bytes: u64) -> Result<Assurance> {
    Err(Error::new(kind, "").with_transferred(bytes).with_proven(bytes))
}

/// How an attempt is stored, and from which byte of the file on it is sent.
type Attempt = (StoreMode, usize);

/// What is sent in each attempt: how it is stored, from which byte of the file on.
fn sent(modem: &Scripted) -> Vec<Attempt> {
    let from = |bytes: &[u8]| {
        let start = SIZE as usize - bytes.len();
        assert!(bytes == &file()[start..], "the rest of the file");
        start
    };
    modem.stored.iter().map(|(how, bytes)| (how.mode, from(bytes))).collect()
}

fn upload(
    modem: &mut Scripted,
    retries: u32,
    choose: impl FnOnce(Upload<'static>) -> Upload<'static>,
) -> Result<Report> {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("file.bin");
    std::fs::write(&local, file()).unwrap();
    let retry = Retry { retries, pause: Duration::ZERO, ..Retry::default() };
    choose(Upload::new(&local, "/a").retry(retry).on_clock(Standstill)).run(modem)
}

#[test]
fn what_the_server_has_is_continued_when_it_is_ours() {
    use ErrorKind::{DataConnection, Timeout};
    use StoreMode::{At, Create};
    // What ended the first attempt, the server's size then, what it has there, and what the second attempt sends.
    let cases: [(ErrorKind, u64, Option<Delivery>, &[Attempt]); 6] = [
        (DataConnection, 6000, Some(overlap(6000)), &[(Create, 0), (At(6000), 6000)]),
        (DataConnection, 5000, Some(overlap(5000)), &[(Create, 0), (At(5000), 5000)]),
        (DataConnection, 0, None, &[(Create, 0), (Create, 0)]),
        // Another one's bytes, and more than was sent.
        (DataConnection, 6000, Some(overlap(5999)), &[(Create, 0), (Create, 0)]),
        (DataConnection, 6001, None, &[(Create, 0), (Create, 0)]),
        // Bytes may have been lost on the line.
        (Timeout, 6000, None, &[(Create, 0), (Create, 0)]),
    ];
    for (kind, size, there, expected) in cases {
        let asks = kind == DataConnection;
        let mut modem = Scripted {
            sizes: if asks { [size, SIZE].into() } else { [SIZE].into() },
            deliveries: there.into_iter().collect(),
            receptions: [broken(kind, 6000), Ok(Assurance::ModuleCount)].into(),
            ..Scripted::default()
        };
        let report = upload(&mut modem, 1, |upload| upload).unwrap();
        assert_eq!(sent(&modem), expected, "{kind:?}, {size}");
        assert_eq!((report.attempts, report.assurance), (2, Assurance::ServerSize), "{kind:?}, {size}");
        let second = SIZE - expected[1].1 as u64;
        assert_eq!(report.moved, 6000 + second, "{kind:?}, {size}");
        assert!(modem.deliveries.is_empty(), "{kind:?}, {size}");
    }
}

#[test]
fn what_was_there_before_is_not_continued() {
    // The module has acknowledged nothing: the server's file, although it is the same so far, is another one, and
    // is not looked at.
    let unacknowledged = Error::new(ErrorKind::DataConnection, "").with_transferred(6000).with_proven(0);
    let mut modem = Scripted {
        sizes: [SIZE].into(),
        receptions: [Err(unacknowledged), Ok(Assurance::ModuleCount)].into(),
        ..Scripted::default()
    };
    upload(&mut modem, 1, |upload| upload).unwrap();
    assert_eq!(sent(&modem), [(StoreMode::Create, 0), (StoreMode::Create, 0)]);
}

#[test]
fn a_module_that_cannot_continue_an_upload_sends_the_file_from_its_start() {
    let mut modem = Scripted {
        sizes: [6000, SIZE].into(),
        deliveries: [overlap(6000)].into(),
        receptions: [broken(ErrorKind::DataConnection, 6000), Ok(Assurance::ModuleCount)].into(),
        ..Scripted::default()
    };
    modem.capabilities.operations = &OPERATIONS[..OPERATIONS.len() - 1];
    upload(&mut modem, 1, |upload| upload).unwrap();
    assert_eq!(sent(&modem), [(StoreMode::Create, 0); 2]);
}

#[test]
fn after_one_doubt_nothing_of_the_server_is_continued_any_more() {
    let mut modem = Scripted {
        sizes: [SIZE].into(),
        receptions: [
            broken(ErrorKind::Timeout, 3000),
            broken(ErrorKind::DataConnection, 6000),
            Ok(Assurance::ModuleCount),
        ]
        .into(),
        ..Scripted::default()
    };
    upload(&mut modem, 2, |upload| upload).unwrap();
    assert_eq!(sent(&modem), [(StoreMode::Create, 0); 3]);
}

#[test]
fn a_file_that_has_arrived_whole_is_not_sent_twice() {
    let mut modem = Scripted {
        sizes: [SIZE].into(),
        deliveries: [overlap(SIZE as usize)].into(),
        receptions: [broken(ErrorKind::DataConnection, SIZE)].into(),
        ..Scripted::default()
    };
    let report = upload(&mut modem, 1, |upload| upload).unwrap();
    assert_eq!(sent(&modem), [(StoreMode::Create, 0)]);
    assert_eq!((report.attempts, report.moved, report.assurance), (2, SIZE, Assurance::ServerSize));
}

#[test]
fn without_a_size_a_file_is_sent_from_its_start_but_never_appended_to() {
    use ErrorKind::{DataConnection, ServerRefused, Timeout, Unavailable};
    use StoreMode::{Append, Create};
    // Whether it is appended, what the queries of the size end in, what is sent, and the error.
    let cases = [
        // Before an append: without a file it begins at 0.
        (true, &[Some(Unavailable)][..], &[(Append, 0), (Append, 0)][..], None),
        (true, &[Some(ServerRefused)], &[(Append, 0), (Append, 0)], None),
        (true, &[Some(Timeout)], &[], Some(Timeout)),
        // Before another attempt.
        (true, &[Some(ServerRefused), Some(ServerRefused)], &[(Append, 0)], Some(ServerRefused)),
        (true, &[None, Some(ServerRefused)], &[(Append, 0)], Some(ServerRefused)),
        (true, &[None, Some(Unavailable)], &[(Append, 0)], Some(Unavailable)),
        (false, &[Some(ServerRefused)], &[(Create, 0), (Create, 0)], None),
        (false, &[Some(Unavailable)], &[(Create, 0), (Create, 0)], None),
        (false, &[Some(Timeout)], &[(Create, 0)], Some(Timeout)),
    ];
    for (append, refused, expected, failed) in cases {
        let is_sized_first = append && refused[0].is_none();
        let mut modem = Scripted {
            sizes: if is_sized_first { [0, SIZE].into() } else { [if append { 0 } else { SIZE }, SIZE].into() },
            unsized_first: refused.iter().copied().collect(),
            receptions: [broken(DataConnection, 6000), Ok(Assurance::ModuleCount)].into(),
            ..Scripted::default()
        };
        let report = upload(&mut modem, 1, |upload| upload.append(append));
        let case = format!("append {append}, {refused:?}: {report:?}");
        assert_eq!(sent(&modem), expected, "{case}");
        assert_eq!(report.err().map(|error| error.kind()), failed, "{case}");
    }
}

#[test]
fn an_upload_that_cannot_be_read_back_is_refused_before_anything_is_sent() {
    const WITHOUT: &[(Operation, Support)] = &[
        (Operation::Store, Support::Native),
        (Operation::Append, Support::Native),
        (Operation::Size, Support::Native),
    ];
    // An append is compared from an offset on.
    const WHOLE_ONLY: &[(Operation, Support)] = &[
        (Operation::Store, Support::Native),
        (Operation::Append, Support::Native),
        (Operation::Size, Support::Native),
        (Operation::Retrieve, Support::Native),
    ];
    for (operations, append) in [(WITHOUT, false), (WITHOUT, true), (WHOLE_ONLY, true)] {
        let mut modem = Scripted { sizes: [0].into(), ..Scripted::default() };
        modem.capabilities.operations = operations;
        let error = upload(&mut modem, 0, |upload| upload.append(append).verify_content(true)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(error.to_string().contains("which the comparison takes"), "{error}");
        assert_eq!(sent(&modem), []);
    }
}

#[test]
fn a_file_of_an_earlier_run_is_looked_at_only_where_that_is_asked_for() {
    for (resume, expected) in [(true, (StoreMode::At(6000), 6000)), (false, (StoreMode::Create, 0))] {
        let mut modem = Scripted {
            sizes: if resume { [6000, SIZE].into() } else { [SIZE].into() },
            deliveries: [overlap(6000)].into(),
            receptions: [Ok(Assurance::ModuleCount)].into(),
            ..Scripted::default()
        };
        let report = upload(&mut modem, 0, |upload| upload.resume(resume)).unwrap();
        assert_eq!(sent(&modem), [expected], "resume {resume}");
        assert_eq!(report.moved, SIZE - expected.1 as u64);
    }
}

#[test]
fn an_attempt_of_a_link_continues_what_the_attempts_before_it_have_sent() {
    use ErrorKind::{BearerFailed, DataConnection, Timeout};
    use StoreMode::{At, Create};
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("file.bin");
    // How the first attempt failed, what changes then, and what the second attempt sends.
    type Change = fn(&std::path::Path) -> &'static str;
    let none: Change = |_| "/a";
    let replaced: Change = |local| {
        File::options().write(true).open(local).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        "/a"
    };
    let cases: [(Result<Assurance>, Change, Attempt); 5] = [
        (broken(DataConnection, 6000), none, (At(6000), 6000)),
        (broken(BearerFailed, 0), none, (Create, 0)),
        (broken(Timeout, 6000), none, (Create, 0)),
        (broken(DataConnection, 6000), |_| "/b", (Create, 0)),
        (broken(DataConnection, 6000), replaced, (Create, 0)),
    ];
    for (index, (failure, change, second)) in cases.into_iter().enumerate() {
        std::fs::write(&local, file()).unwrap();
        let is_continued = second.1 > 0;
        let mut modem = Scripted {
            sizes: if is_continued { [6000, SIZE].into() } else { [SIZE].into() },
            deliveries: [overlap(6000)].into(),
            receptions: [failure, Ok(Assurance::ModuleCount)].into(),
            ..Scripted::default()
        };
        let mut attempt = super::Attempt::new(1, Retry::default(), None);
        let mut run = |remote: &str| {
            let upload = Upload::new(&local, remote).retry(Retry::never()).on_clock(Standstill);
            upload.run_in(&mut modem, &mut attempt)
        };
        run("/a").unwrap_err();
        let report = run(change(&local)).unwrap();
        assert_eq!(sent(&modem), [(Create, 0), second], "{index}");
        assert_eq!((report.attempts, report.moved), (2, SIZE - second.1 as u64), "{index}");
    }
}

#[test]
fn the_size_on_the_server_decides() {
    // The size afterwards, what the module was sure of, and the outcome.
    let cases = [
        (SIZE, Assurance::ModuleCount, Ok(Assurance::ServerSize)),
        (SIZE - 1, Assurance::ModuleCount, Err(ErrorKind::VerificationFailed)),
        (SIZE + 1, Assurance::Unconfirmed, Err(ErrorKind::VerificationFailed)),
        // It was compared already.
        (1, Assurance::ServerSize, Ok(Assurance::ServerSize)),
    ];
    for (size, sure, expected) in cases {
        let mut modem = Scripted { sizes: [size].into(), receptions: [Ok(sure)].into(), ..Scripted::default() };
        let outcome = upload(&mut modem, 0, |upload| upload);
        if let Err(error) = &outcome {
            assert_eq!(error.transferred(), Some(SIZE), "{size}");
        }
        assert_eq!(outcome.map(|report| report.assurance).map_err(|error| error.kind()), expected, "{size}, {sure:?}");
    }
}

#[test]
fn the_first_query_behind_an_upload_shows_whether_bytes_were_pushed_out() {
    use ErrorKind::{
        DataConnection, ModuleBusy, ModuleRefused, ModuleRestarted, PortLost, Protocol, ServerRefused, Timeout,
        Unavailable, Unsupported,
    };
    // What the queries of the size end in, and the outcome.
    let cases = [
        (vec![Some(ServerRefused)], Ok(Assurance::ModuleCount)),
        (vec![Some(ModuleRefused), Some(ModuleRefused)], Ok(Assurance::ModuleCount)),
        // Not understood at first: something stood in front of it.
        (vec![Some(ModuleRefused), None], Err(Protocol)),
        // The server has moved it, lacks the command, or cannot be reached for it: the upload was complete.
        (vec![Some(Unavailable)], Ok(Assurance::ModuleCount)),
        (vec![Some(Unsupported)], Ok(Assurance::ModuleCount)),
        (vec![Some(DataConnection)], Ok(Assurance::ModuleCount)),
        // So it was where the module cannot be reached for it.
        (vec![Some(PortLost)], Ok(Assurance::ModuleCount)),
        (vec![Some(ModuleRestarted)], Ok(Assurance::ModuleCount)),
        // Payload may have been lost on the line: the module still waits for it.
        (vec![Some(Timeout)], Err(Timeout)),
        (vec![Some(ModuleBusy)], Err(ModuleBusy)),
    ];
    for (refused, expected) in cases {
        let mut modem = Scripted {
            sizes: [SIZE].into(),
            unsized_first: refused.clone().into(),
            receptions: [Ok(Assurance::ModuleCount)].into(),
            ..Scripted::default()
        };
        let outcome = upload(&mut modem, 0, |upload| upload);
        assert_eq!(outcome.map(|report| report.assurance).map_err(|error| error.kind()), expected, "{refused:?}");
    }
}

#[test]
fn a_module_that_is_lost_behind_an_upload_that_it_has_not_confirmed_is_an_error() {
    for kind in [ErrorKind::PortLost, ErrorKind::ModuleRestarted] {
        let mut modem = Scripted {
            unsized_first: [Some(kind)].into(),
            receptions: [Ok(Assurance::Unconfirmed)].into(),
            ..Scripted::default()
        };
        assert_eq!(upload(&mut modem, 0, |upload| upload).unwrap_err().kind(), kind);
    }
}

#[test]
fn what_is_there_is_not_replaced_before_it_could_be_looked_at() {
    let unread = Delivery { bytes: Vec::new(), outcome: Err(Error::new(ErrorKind::Cancelled, "")) };
    let mut modem = Scripted {
        sizes: [6000].into(),
        deliveries: [unread].into(),
        receptions: [broken(ErrorKind::DataConnection, 6000)].into(),
        ..Scripted::default()
    };
    assert_eq!(upload(&mut modem, 5, |upload| upload).unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(sent(&modem), [(StoreMode::Create, 0)]);
}

#[test]
fn a_file_that_changes_while_it_is_sent_is_not_said_to_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("file.bin");
    // As long, shorter and longer than it was, and with another time of modification.
    for length in [SIZE as usize, 5000, 20_000] {
        std::fs::write(&local, file()).unwrap();
        let then = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(length as u64);
        let mut modem =
            Scripted { sizes: [SIZE].into(), receptions: [Ok(Assurance::ModuleCount)].into(), ..Scripted::default() };
        let change = |_: &Progress| {
            let file = File::options().write(true).open(&local).unwrap();
            file.set_len(length as u64).unwrap();
            file.set_modified(then).unwrap();
        };
        let upload = Upload::new(&local, "/a").retry(Retry::never()).on_clock(Standstill).on_progress(change);
        assert_eq!(upload.run(&mut modem).unwrap_err().kind(), ErrorKind::VerificationFailed, "{length}");
    }
}

#[test]
fn the_error_tells_the_most_that_the_server_may_have_and_the_report_what_was_moved() {
    use ErrorKind::Timeout;
    // More than the file: the driver's own words, to a module that takes them for payload.
    let mut modem = Scripted {
        sizes: [0].into(),
        receptions: [broken(Timeout, 14_000), broken(Timeout, 20)].into(),
        ..Scripted::default()
    };
    let error = upload(&mut modem, 1, |upload| upload).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (Timeout, Some(14_000)));
    let mut modem = Scripted {
        sizes: [SIZE].into(),
        receptions: [broken(Timeout, 14_000), Ok(Assurance::ModuleCount)].into(),
        ..Scripted::default()
    };
    assert_eq!(upload(&mut modem, 1, |upload| upload).unwrap().moved, SIZE * 2);
    // Also behind what the server has already.
    let mut modem = Scripted {
        sizes: [6000, SIZE].into(),
        deliveries: [overlap(6000)].into(),
        receptions: [broken(Timeout, 14_000), Ok(Assurance::ModuleCount)].into(),
        ..Scripted::default()
    };
    assert_eq!(upload(&mut modem, 1, |upload| upload.resume(true)).unwrap().moved, 4000 + SIZE);
}

#[test]
fn an_upload_that_cannot_be_continued_begins_at_its_start() {
    use ErrorKind::{DataConnection, ServerBusy, ServerRefused, Unsupported};
    use StoreMode::{At, Create};
    for (kind, reply) in [(ServerRefused, 502), (Unsupported, 0), (ServerBusy, 451)] {
        let refused = Error::new(kind, "").with_transferred(0).with_ftp_reply(reply);
        let mut modem = Scripted {
            sizes: [6000, SIZE].into(),
            deliveries: [overlap(6000)].into(),
            receptions: [
                broken(DataConnection, 6000),
                Err(refused),
                broken(DataConnection, 7000),
                Ok(Assurance::ModuleCount),
            ]
            .into(),
            ..Scripted::default()
        };
        let report = upload(&mut modem, 2, |upload| upload).unwrap();
        // Within the second attempt, and in the third without a query.
        assert_eq!(sent(&modem), [(Create, 0), (At(6000), 6000), (Create, 0), (Create, 0)], "{kind:?}");
        assert_eq!((report.attempts, report.assurance), (3, Assurance::ServerSize), "{kind:?}");
    }
    // What was there before an append would be lost.
    let refused = Error::new(ServerRefused, "").with_transferred(0);
    let mut modem = Scripted {
        sizes: [100, 6100].into(),
        deliveries: [overlap(6000)].into(),
        receptions: [broken(DataConnection, 6000), Err(refused)].into(),
        ..Scripted::default()
    };
    let error = upload(&mut modem, 2, |upload| upload.append(true)).unwrap_err();
    assert_eq!(error.kind(), ServerRefused);
    assert_eq!(sent(&modem), [(StoreMode::Append, 0), (At(6100), 6000)]);
}
