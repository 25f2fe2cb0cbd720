//! Appending: nothing is lost, nothing is doubled.

use std::fs;

use ftp_modem::emulator::{FalseSize, Operation, RemoteError, ServerFault};
use ftp_modem::modem::{self, Assurance, Support};
use ftp_modem::transfer::{Retry, Upload};
use ftp_modem::{ErrorKind, Vendor};

use crate::support::clock::Sleepless;
use crate::support::rig::AnyRig;
use crate::{broken, reconnect, target};

#[test]
fn an_append_is_repeated_only_when_nothing_arrived() {
    for vendor in [Vendor::Luat, Vendor::Quectel, Vendor::ChinaMobile] {
        let (_folder, path) = target();
        fs::write(&path, "567890").unwrap();

        // Nothing arrived: the append is retried.
        let mut rig = AnyRig::online(vendor);
        rig.files.put("/log", "1234");
        rig.files.fail_next(Operation::Store, broken());
        let append =
            || Upload::new(&path, "/log").append(true).on_clock(Sleepless::default()).reconnect_with(reconnect());
        append().run(&mut *rig.modem).unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert_eq!(rig.files.file("/log").unwrap(), b"1234567890", "{vendor}");

        // All of it arrived, only the answer was bad: it is not sent a second time.
        let mut rig = AnyRig::online(vendor);
        rig.files.put("/log", "1234");
        rig.files.fail_next(Operation::Finish, broken());
        let outcome = append().run(&mut *rig.modem);
        let there = rig.files.file("/log").unwrap();
        match outcome {
            Ok(_) => assert_eq!(there, b"1234567890", "{vendor}"),
            Err(_) => {
                assert!(b"1234567890".starts_with(there.as_slice()), "{vendor}: {}", String::from_utf8_lossy(&there))
            }
        }

        // A missing file is created.
        append().run(&mut *rig.modem).map(drop).unwrap_or_default();
        Upload::new(&path, "/new").append(true).run(&mut *rig.modem).unwrap();
        assert_eq!(rig.files.file("/new").unwrap(), b"567890", "{vendor}");
    }
}

/// A 550 to SIZE, or a lost session with a code that also means a missing file, once made an append begin with STOR.
#[test]
fn an_append_does_not_replace_a_file_whose_size_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("more.txt");
    fs::write(&local, "567890").unwrap();
    for vendor in [Vendor::Luat, Vendor::Quectel, Vendor::ChinaMobile] {
        for is_lost in [true, false] {
            let mut rig = AnyRig::online(vendor);
            rig.files.put("/log", "1234");
            if is_lost {
                rig.files.misbehave(ServerFault::Unavailable { after: 0 });
            }
            for operation in [Operation::Size, Operation::List] {
                rig.files.fail_next(operation, RemoteError::Reply { code: 550, text: "not now".into() });
            }
            let append = Upload::new(&local, "/log").append(true).retry(Retry::never());
            let outcome = append.run(&mut *rig.modem);
            let there = rig.files.file("/log").unwrap();
            assert!(there.starts_with(b"1234"), "{vendor}: {outcome:?}, the file is {}", there.escape_ascii());
        }
    }
}

/// APPE needs no size. The modules that append at a position of their own cannot do without.
#[test]
fn a_file_is_appended_where_the_server_refuses_its_size() {
    for vendor in Vendor::ALL {
        let (_folder, path) = target();
        let more = b"0123456789".repeat(3000);
        fs::write(&path, &more).unwrap();
        for is_broken in [false, true] {
            let mut rig = AnyRig::online(vendor);
            rig.files.put("/log", "1234");
            rig.files.habits().answer_size("*", FalseSize::Refused(502));
            for _ in 0..20 {
                rig.files.fail_next(Operation::List, RemoteError::reply(502, "LIST not implemented."));
            }
            if is_broken {
                rig.files.misbehave(ServerFault::Abort { after: 20_000 });
            }
            let append = Upload::new(&path, "/log").append(true).on_clock(Sleepless::default());
            let outcome = append.reconnect_with(reconnect()).run(&mut *rig.modem);
            let case = format!("{vendor}, broken {is_broken}: {outcome:?}");
            let there = rig.files.file("/log").unwrap();
            let whole = [b"1234", more.as_slice()].concat();
            match rig.modem.capabilities().support(modem::Operation::Append) {
                Support::Native if !is_broken => {
                    let report = outcome.unwrap();
                    assert!(there == whole && report.assurance == Assurance::ModuleCount, "{case}");
                }
                // How much of it arrived is not known: it is not sent a second time.
                Support::Native => {
                    assert!(outcome.is_err() && whole.starts_with(&there) && there.len() < whole.len(), "{case}");
                }
                Support::Built => {
                    assert_eq!((outcome.unwrap_err().kind(), there), (ErrorKind::ServerRefused, b"1234".to_vec()));
                }
                _ => assert_eq!((outcome.unwrap_err().kind(), there), (ErrorKind::Unsupported, b"1234".to_vec())),
            }
        }
    }
}
