//! The main job, from identification to hanging up.

use ftp_modem::emulator::{NetworkCause, RemoteError};
use ftp_modem::modem::{
    AccessPoint, DataConnection, EntryKind, FileType, Operation, Retrieve, Security, SessionState, Store, Tls,
};
use ftp_modem::{ErrorKind, FtpModem, Vendor};

use crate::for_each_dialect;
use crate::support::access::server;
use crate::support::expected::{Active, expected};
use crate::support::rig::AnyRig;
use crate::support::streams::Full;

for_each_dialect! {
    fn data_connections_and_file_types_are_chosen_before_the_login(vendor: Vendor) {
        let mut rig = AnyRig::open(vendor);
        let (expected, unsupported) = (expected(vendor), Err(ErrorKind::Unsupported));
        for (outcome, is_possible) in [
            (rig.modem.use_data_connection(DataConnection::Passive), true),
            (rig.modem.use_data_connection(DataConnection::Active), expected.active != Active::Refused),
            (rig.modem.use_file_type(FileType::Binary), true),
            (rig.modem.use_file_type(FileType::Text), expected.has_text),
        ] {
            assert_eq!(outcome.map_err(|error| error.kind()), if is_possible { Ok(()) } else { unsupported });
        }
        if expected.active == Active::RefusedByModule {
            rig.modem.use_data_connection(DataConnection::Passive).unwrap();
        }
        rig.go_online();
        let sent = rig.line.text();
        assert!(sent.contains(expected.choice), "{} in {sent}", expected.choice);
        assert_eq!(
            rig.modem.use_data_connection(DataConnection::Passive).unwrap_err().kind(),
            ErrorKind::WrongState
        );
        assert_eq!(rig.modem.use_file_type(FileType::Binary).unwrap_err().kind(), ErrorKind::WrongState);
    }

    fn the_whole_session(vendor: Vendor) {
        let mut rig = AnyRig::open(vendor);
        assert_eq!(rig.modem.capabilities().dialect, vendor.name(), "identified by itself");
        assert!(!rig.modem.identity().to_string().is_empty());

        let bearer = rig.modem.attach(&AccessPoint::default()).unwrap();
        assert!(!bearer.was_up);
        assert!(rig.modem.attach(&AccessPoint::default()).unwrap().was_up, "a second attach joins the first");

        rig.modem.login(&server()).unwrap();
        assert_eq!(rig.modem.status().unwrap(), SessionState::Idle);

        rig.upload("/report.txt", b"0123456789").unwrap();
        assert_eq!(rig.files.file("/report.txt").unwrap(), b"0123456789");

        let entries = rig.modem.list("/").unwrap();
        let names: Vec<_> = entries.iter().map(|entry| entry.name_lossy().into_owned()).collect();
        assert_eq!(names, ["report.txt"]);
        assert_eq!(entries[0].kind, EntryKind::File);
        assert_eq!(entries[0].size, Some(10));

        assert_eq!(rig.download("/report.txt").unwrap(), b"0123456789");
        assert_eq!(rig.download_part("/report.txt", &Retrieve::from(4)).unwrap(), b"456789");
        assert_eq!(rig.download_part("/report.txt", &Retrieve::from(2).with_length(3)).unwrap(), b"234");
        assert_eq!(rig.download_part("/report.txt", &Retrieve::from(10)).unwrap(), b"");
        let beyond = rig.download_part("/report.txt", &Retrieve::from(11)).unwrap_err();
        assert_eq!(beyond.kind(), ErrorKind::InvalidInput, "{beyond}");
        assert_eq!(rig.download("/report.txt").unwrap(), b"0123456789", "no offset is left over");

        rig.modem.logout().unwrap();
        rig.modem.logout().unwrap();
        assert_eq!(rig.modem.status().unwrap(), SessionState::Closed);
        assert_eq!(rig.files.sessions(), 0, "no session is left");
        rig.modem.detach().unwrap();
        assert!(!rig.modem.attach(&AccessPoint::default()).unwrap().was_up);
    }

    fn a_server_can_be_changed_between_sessions(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        rig.still_works();
        rig.modem.logout().unwrap();
        rig.modem.login(&server().with_port(2122)).unwrap();
        rig.still_works();
    }

    fn an_operation_needs_a_login(vendor: Vendor) {
        let mut rig = AnyRig::open(vendor);
        rig.modem.attach(&AccessPoint::default()).unwrap();
        let error = rig.download("/x").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongState, "{error}");
        let error = rig.modem.list("").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongState, "{error}");
    }

    fn the_list_of_a_directory(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        assert_eq!(rig.modem.list("/").unwrap(), [], "an empty directory");
        rig.files.put("/logs/OK", "x");
        rig.files.put("/logs/a.txt", vec![b'x'; 1000]);
        rig.files.add_directory("/logs/old");
        for index in 0..200 {
            rig.files.put(format!("/logs/{index:03}.csv"), vec![b'x'; index]);
        }
        let entries = rig.modem.list("/logs").unwrap();
        assert_eq!(entries.len(), 203);
        let of = |name: &[u8]| entries.iter().find(|entry| entry.name == name).unwrap();
        assert_eq!(of(b"a.txt").size, Some(1000));
        assert_eq!(of(b"OK").kind, EntryKind::File);
        assert_eq!(of(b"old").kind, EntryKind::Directory);
        assert_eq!(of(b"150.csv").size, Some(150));
        let mut names = rig.modem.names("/logs").unwrap();
        names.sort();
        assert_eq!((names.len(), names[0].as_slice()), (203, &b"000.csv"[..]));
    }

    fn what_is_supported_works_and_what_is_not_says_so(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        let can = |rig: &AnyRig, operation| rig.modem.capabilities().supports(operation);
        let supports = Operation::ALL.map(|operation| (operation, can(&rig, operation)));
        for (operation, supported) in supports {
            rig.files.put("/dir/file.txt", "12345");
            rig.files.add_directory("/empty");
            let modem = &mut *rig.modem;
            let outcome = match operation {
                Operation::Status => modem.status().map(drop),
                Operation::Pwd => modem.pwd().map(|path| assert_eq!(path, "/")),
                Operation::Cwd => modem.cwd("/dir").and_then(|()| modem.cdup()),
                Operation::List => modem.list("/dir").map(|entries| assert_eq!(entries.len(), 1)),
                Operation::Names => modem.names("/dir").map(|names| assert_eq!(names, [b"file.txt"])),
                Operation::Size => modem.size("/dir/file.txt").map(|size| assert_eq!(size, 5)),
                Operation::Modified => modem.modified("/dir/file.txt").map(drop),
                Operation::Mkdir => {
                    modem.mkdir("/made").map(|()| assert!(rig.files.is_directory("/made")))
                }
                Operation::Rmdir => {
                    modem.rmdir("/empty").map(|()| assert!(!rig.files.is_directory("/empty")))
                }
                Operation::Remove => {
                    modem.remove("/dir/file.txt").map(|()| assert_eq!(rig.files.file("/dir/file.txt"), None))
                }
                Operation::Rename => {
                    let renamed = modem.rename("/dir/file.txt", "/dir/new.txt");
                    renamed.map(|()| assert!(rig.files.file("/dir/new.txt").is_some()))
                }
                Operation::Append => {
                    let appended = modem.store("/dir/file.txt", &Store::append(), &mut &b"678"[..]);
                    appended.map(|_| assert_eq!(rig.files.file("/dir/file.txt").unwrap(), b"12345678"))
                }
                Operation::StoreAt => {
                    let stored = modem.store("/dir/file.txt", &Store::at(5), &mut &b"678"[..]);
                    stored.map(|_| assert_eq!(rig.files.file("/dir/file.txt").unwrap(), b"12345678"))
                }
                Operation::Ftps => modem.login(&server().with_security(Security::Explicit).with_tls(Tls::insecure())),
                _ => continue,
            };
            match outcome {
                Ok(()) => assert!(supported, "{operation} works, but is not among the capabilities"),
                Err(error) => {
                    assert!(!supported, "{operation}: {error}");
                    assert_eq!(error.kind(), ErrorKind::Unsupported, "{operation}: {error}");
                }
            }
        }
        rig.still_works();
    }

    fn relative_paths_follow_the_current_directory(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        rig.files.put("/a/b/file.txt", "here");
        rig.modem.cwd("/a").unwrap();
        rig.modem.cwd("b").unwrap();
        assert_eq!(rig.modem.pwd().unwrap(), "/a/b");
        assert_eq!(rig.download("file.txt").unwrap(), b"here");
        assert_eq!(rig.modem.list("").unwrap().len(), 1);
        rig.upload("new.txt", b"there").unwrap();
        assert_eq!(rig.files.file("/a/b/new.txt").unwrap(), b"there");
        rig.modem.cdup().unwrap();
        assert_eq!(rig.modem.pwd().unwrap(), "/a");
    }
}

/// The next operation logs in once more, and the second step into the directory fails the first time.
#[test]
fn a_reconnection_that_fails_half_way_does_not_end_in_another_directory() {
    for vendor in [Vendor::Quectel, Vendor::Fibocom, Vendor::ChinaMobile] {
        let mut rig = AnyRig::online(vendor);
        rig.files.put("/a/b/keep.txt", "inner");
        rig.files.put("/a/keep.txt", "outer");
        rig.files.put("/keep.txt", "root");
        rig.files.put("/big.bin", vec![1; 50_000]);
        rig.modem.cwd("/a").unwrap();
        rig.modem.cwd("b").unwrap();
        // The session is lost.
        rig.files.break_download_after(1000);
        rig.modem.retrieve("/big.bin", &Retrieve::whole(), &mut Full::after(0)).unwrap_err();
        rig.files.fail_next(ftp_modem::emulator::Operation::Store, RemoteError::Network(NetworkCause::Dropped));
        let _ = rig.upload("/x", &[b'x'; 10_000]);
        rig.files.fail_next(ftp_modem::emulator::Operation::Cwd, RemoteError::Reply { code: 450, text: "busy".into() });
        let found = (0..4).find_map(|_| rig.download("keep.txt").ok());
        assert_eq!(found.as_deref(), Some(&b"inner"[..]), "{vendor}");
    }
}
