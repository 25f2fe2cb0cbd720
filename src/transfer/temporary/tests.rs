use std::collections::BTreeMap;
use std::time::Duration;

use super::super::scripted::{Renaming, Scripted, Standstill};
use super::super::{Retry, Upload};
use crate::error::ErrorKind;
use crate::modem::Assurance;

const TARGET: &str = "/in/a.txt";
const TEMPORARY: &str = "/in/a.txt.part";
const ASIDE: &str = "/in/a.txt.part.old";

/// Sizes of the old file, of the new one and of what an earlier run has left.
const OLD: u64 = 3;
const NEW: u64 = 5;
const LEFT: u64 = 1;

/// Names and sizes of the server's files.
type Files = &'static [(&'static str, u64)];

/// The server's files before, what becomes of the renamings in turn, the retries, the error, the files afterwards.
type Case = (Files, &'static [Renaming], u32, Option<ErrorKind>, Files);

/// Uploads the new file; a renaming that is not in the list is done.
fn upload(before: &[(&str, u64)], renamings: &[Renaming], retries: u32) -> (Scripted, crate::Result<()>) {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("a.txt");
    std::fs::write(&local, "12345").unwrap();
    let mut modem = Scripted {
        names: Some(before.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect()),
        receptions: [Ok(Assurance::ServerSize)].into(),
        renamings: renamings.iter().copied().collect(),
        ..Scripted::default()
    };
    let retry = Retry { retries, pause: Duration::ZERO, ..Retry::default() };
    let upload = Upload::new(&local, TARGET).via_temporary_name(true).retry(retry).on_clock(Standstill);
    let outcome = upload.run(&mut modem).map(drop);
    (modem, outcome)
}

#[test]
fn the_old_file_is_never_lost_whatever_becomes_of_each_renaming() {
    use ErrorKind::{BearerLost, Cancelled, DataConnection};
    use Renaming::{Done, Failed, Lost, Refused};
    const THERE: Files = &[(TARGET, OLD)];
    let cases: &[Case] = &[
        (&[], &[Done], 0, None, &[(TARGET, NEW)]),
        (THERE, &[Done], 0, None, &[(TARGET, NEW)]),
        // The old file makes way.
        (THERE, &[Refused, Done, Done], 0, None, &[(TARGET, NEW)]),
        (&[(TARGET, OLD), (ASIDE, LEFT)], &[Refused, Refused, Done, Done], 0, None, &[(TARGET, NEW)]),
        // The server renames nothing, or not to this name.
        (&[], &[Refused], 0, Some(ErrorKind::ServerRefused), &[]),
        (THERE, &[Refused, Refused], 0, Some(ErrorKind::ServerRefused), THERE),
        (THERE, &[Refused, Done, Refused, Done], 0, Some(ErrorKind::ServerRefused), THERE),
        // What is left behind is named in the error.
        (
            THERE,
            &[Refused, Done, Refused, Refused, Refused],
            0,
            Some(ErrorKind::ServerRefused),
            &[(TEMPORARY, NEW), (ASIDE, OLD)],
        ),
        (THERE, &[Refused, Done, Failed(BearerLost)], 0, Some(BearerLost), &[(TEMPORARY, NEW), (ASIDE, OLD)]),
        // It is put back.
        (THERE, &[Refused, Done, Failed(DataConnection)], 0, Some(DataConnection), THERE),
        (THERE, &[Refused, Done, Failed(Cancelled)], 0, Some(Cancelled), THERE),
        (THERE, &[Refused, Lost], 0, Some(ErrorKind::SessionLost), THERE),
        // What an earlier run has left is not put in its place.
        (
            &[(TARGET, OLD), (ASIDE, LEFT)],
            &[Refused, Failed(DataConnection)],
            0,
            Some(DataConnection),
            &[(TARGET, OLD), (TEMPORARY, NEW), (ASIDE, LEFT)],
        ),
        // The retry goes on from where the interruption was.
        (THERE, &[Refused, Lost], 1, None, &[(TARGET, NEW)]),
        (THERE, &[Refused, Failed(DataConnection), Refused, Done, Done], 1, None, &[(TARGET, NEW)]),
        (THERE, &[Refused, Done, Lost, Refused], 1, None, &[(TARGET, NEW)]),
        (THERE, &[Refused, Done, Failed(DataConnection), Done], 1, None, &[(TARGET, NEW)]),
        (THERE, &[Refused, Done, Failed(DataConnection), Refused], 1, Some(ErrorKind::ServerRefused), THERE),
    ];
    for (before, renamings, retries, error, after) in cases {
        let (modem, outcome) = upload(before, renamings, *retries);
        let case = format!("{before:?}, {renamings:?}, {retries} retries: {outcome:?}");
        let after: BTreeMap<_, _> = after.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect();
        assert_eq!(modem.names, Some(after), "{case}");
        assert_eq!(outcome.as_ref().err().map(|error| error.kind()), *error, "{case}");
        for name in [TEMPORARY, ASIDE].iter().filter(|name| modem.names.as_ref().unwrap().contains_key(**name)) {
            assert!(outcome.as_ref().unwrap_err().to_string().contains(name), "{case}");
        }
    }
}
