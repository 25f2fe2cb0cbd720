//! Appends.

use super::*;

#[test]
fn an_append_goes_on_only_from_what_is_known() {
    use StoreMode::{Append, At};
    const BASE: u64 = 100;
    use ErrorKind::{DataConnection, Timeout};
    // What ended the first attempt, the server's size then, what it has there, and what the second attempt sends, if it
    // may.
    let cases: [(ErrorKind, u64, Option<Delivery>, Option<Attempt>); 7] = [
        (DataConnection, BASE, None, Some((Append, 0))),
        (DataConnection, BASE + 6000, Some(overlap(6000)), Some((At(BASE + 6000), 6000))),
        (DataConnection, BASE + 6000, Some(overlap(5999)), None),
        (DataConnection, BASE - 1, None, None),
        (DataConnection, BASE + SIZE + 1, None, None),
        // Bytes may have been lost on the line.
        (Timeout, BASE, None, Some((Append, 0))),
        (Timeout, BASE + 6000, Some(overlap(6000)), None),
    ];
    for (kind, size, there, second) in cases {
        let mut modem = Scripted {
            sizes: [BASE, size, BASE + SIZE].into(),
            deliveries: there.into_iter().collect(),
            receptions: [broken(kind, 6000), Ok(Assurance::ModuleCount)].into(),
            ..Scripted::default()
        };
        let report = upload(&mut modem, 1, |upload| upload.append(true));
        let expected: Vec<_> = [Some((Append, 0)), second].into_iter().flatten().collect();
        assert_eq!(sent(&modem), expected, "{size}");
        match second {
            Some(_) => assert_eq!(report.unwrap().assurance, Assurance::ServerSize, "{size}"),
            None => assert_eq!(report.unwrap_err().kind(), ErrorKind::VerificationFailed, "{size}"),
        }
    }
}

#[test]
fn an_append_of_which_nothing_was_sent_is_repeated_without_a_size() {
    let mut modem = Scripted {
        unsized_first: [Some(ErrorKind::ServerRefused); 3].into(),
        receptions: [broken(ErrorKind::DataConnection, 0), Ok(Assurance::ModuleCount)].into(),
        ..Scripted::default()
    };
    let report = upload(&mut modem, 1, |upload| upload.append(true)).unwrap();
    assert_eq!((report.attempts, report.assurance), (2, Assurance::ModuleCount));
    assert_eq!(sent(&modem), [(StoreMode::Append, 0); 2]);
}

#[test]
fn an_append_that_needs_the_size_is_refused_before_anything_is_sent() {
    const BUILT: &[(Operation, Support)] = &[(Operation::Append, Support::Built), (Operation::Size, Support::Native)];
    for (operations, verify) in [(BUILT, false), (OPERATIONS, true)] {
        let mut modem = Scripted { unsized_first: [Some(ErrorKind::ServerRefused)].into(), ..Scripted::default() };
        modem.capabilities.operations = operations;
        let error = upload(&mut modem, 1, |upload| upload.append(true).verify_content(verify)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ServerRefused, "{error}");
        assert_eq!(sent(&modem), []);
    }
}

#[test]
fn the_size_behind_an_append_to_a_file_of_unknown_size_contradicts_only_where_it_is_too_small() {
    let cases = [
        (SIZE + 100, Ok(Assurance::ModuleCount)),
        (SIZE, Ok(Assurance::ServerSize)),
        (SIZE - 1, Err(ErrorKind::VerificationFailed)),
    ];
    for (size, expected) in cases {
        let mut modem = Scripted {
            sizes: [size].into(),
            unsized_first: [Some(ErrorKind::ServerRefused)].into(),
            receptions: [Ok(Assurance::ModuleCount)].into(),
            ..Scripted::default()
        };
        let outcome = upload(&mut modem, 0, |upload| upload.append(true));
        assert_eq!(outcome.map(|report| report.assurance).map_err(|error| error.kind()), expected, "{size}");
    }
}
