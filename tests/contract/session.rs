//! The main job, from identification to hanging up.

use ftp_modem::modem::{AccessPoint, EntryKind, Operation, Retrieve, Security, SessionState, Store, Tls};
use ftp_modem::{ErrorKind, Vendor};

use crate::bench::{Bench, server};
use crate::for_each_dialect;

for_each_dialect! {
    fn the_whole_session(vendor: Vendor) {
        let mut bench = Bench::open(vendor);
        assert_eq!(bench.modem.capabilities().dialect, vendor.name(), "identified without being told");
        assert!(!bench.modem.identity().to_string().is_empty());

        let bearer = bench.modem.attach(&AccessPoint::default()).unwrap();
        assert!(!bearer.was_up);
        assert!(bench.modem.attach(&AccessPoint::default()).unwrap().was_up, "a second attach joins the first");

        bench.modem.login(&server()).unwrap();
        assert_eq!(bench.modem.status().unwrap(), SessionState::Idle);

        bench.upload("/report.txt", b"0123456789").unwrap();
        assert_eq!(bench.files.file("/report.txt").unwrap(), b"0123456789");

        let entries = bench.modem.list("/").unwrap();
        let names: Vec<_> = entries.iter().map(|entry| entry.name_lossy().into_owned()).collect();
        assert_eq!(names, ["report.txt"]);
        assert_eq!(entries[0].kind, EntryKind::File);
        assert_eq!(entries[0].size, Some(10));

        assert_eq!(bench.download("/report.txt", &Retrieve::whole()).unwrap(), b"0123456789");
        assert_eq!(bench.download("/report.txt", &Retrieve::from(4)).unwrap(), b"456789");
        assert_eq!(bench.download("/report.txt", &Retrieve::from(2).with_length(3)).unwrap(), b"234");
        assert_eq!(bench.download("/report.txt", &Retrieve::from(10)).unwrap(), b"");
        let beyond = bench.download("/report.txt", &Retrieve::from(11)).unwrap_err();
        assert_eq!(beyond.kind(), ErrorKind::InvalidInput, "{beyond}");
        assert_eq!(bench.download("/report.txt", &Retrieve::whole()).unwrap(), b"0123456789", "no offset is left over");

        bench.modem.logout().unwrap();
        bench.modem.logout().unwrap();
        assert_eq!(bench.modem.status().unwrap(), SessionState::Closed);
        assert_eq!(bench.files.sessions(), 0, "nobody is left logged in");
        bench.modem.detach().unwrap();
        assert!(!bench.modem.attach(&AccessPoint::default()).unwrap().was_up);
    }

    fn a_server_can_be_changed_between_sessions(vendor: Vendor) {
        let mut bench = Bench::online(vendor);
        bench.still_works();
        bench.modem.logout().unwrap();
        bench.modem.login(&server().with_port(2122)).unwrap();
        bench.still_works();
    }

    fn an_operation_needs_a_login(vendor: Vendor) {
        let mut bench = Bench::open(vendor);
        bench.modem.attach(&AccessPoint::default()).unwrap();
        let error = bench.download("/x", &Retrieve::whole()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongState, "{error}");
        let error = bench.modem.list("").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongState, "{error}");
    }

    fn the_list_of_a_directory(vendor: Vendor) {
        let mut bench = Bench::online(vendor);
        assert_eq!(bench.modem.list("/").unwrap(), [], "an empty directory");
        bench.files.put("/logs/OK", "x");
        bench.files.put("/logs/a.txt", vec![b'x'; 1000]);
        bench.files.add_directory("/logs/old");
        for index in 0..200 {
            bench.files.put(&format!("/logs/{index:03}.csv"), vec![b'x'; index]);
        }
        let entries = bench.modem.list("/logs").unwrap();
        assert_eq!(entries.len(), 203);
        let of = |name: &[u8]| entries.iter().find(|entry| entry.name == name).unwrap();
        assert_eq!(of(b"a.txt").size, Some(1000));
        assert_eq!(of(b"OK").kind, EntryKind::File);
        assert_eq!(of(b"old").kind, EntryKind::Directory);
        assert_eq!(of(b"150.csv").size, Some(150));
        let mut names = bench.modem.names("/logs").unwrap();
        names.sort();
        assert_eq!((names.len(), names[0].as_slice()), (203, &b"000.csv"[..]));
    }

    fn what_is_supported_works_and_what_is_not_says_so(vendor: Vendor) {
        let mut bench = Bench::online(vendor);
        let can = |bench: &Bench, operation| bench.modem.capabilities().supports(operation);
        let supports = Operation::ALL.map(|operation| (operation, can(&bench, operation)));
        for (operation, supported) in supports {
            bench.files.put("/dir/file.txt", "12345");
            bench.files.add_directory("/empty");
            let modem = &mut *bench.modem;
            let outcome = match operation {
                Operation::Status => modem.status().map(drop),
                Operation::Pwd => modem.pwd().map(|path| assert_eq!(path, "/")),
                Operation::Cwd => modem.cwd("/dir").and_then(|()| modem.cdup()),
                Operation::List => modem.list("/dir").map(|entries| assert_eq!(entries.len(), 1)),
                Operation::Names => modem.names("/dir").map(|names| assert_eq!(names, [b"file.txt"])),
                Operation::Size => modem.size("/dir/file.txt").map(|size| assert_eq!(size, 5)),
                Operation::Modified => modem.modified("/dir/file.txt").map(drop),
                Operation::Mkdir => {
                    modem.mkdir("/made").map(|()| assert!(bench.files.is_directory("/made")))
                }
                Operation::Rmdir => {
                    modem.rmdir("/empty").map(|()| assert!(!bench.files.is_directory("/empty")))
                }
                Operation::Remove => {
                    modem.remove("/dir/file.txt").map(|()| assert_eq!(bench.files.file("/dir/file.txt"), None))
                }
                Operation::Rename => {
                    modem.rename("/dir/file.txt", "/dir/new.txt").map(|()| assert!(bench.files.file("/dir/new.txt").is_some()))
                }
                Operation::Append => {
                    modem.store("/dir/file.txt", &Store::append(), &mut &b"678"[..]).map(|_| assert_eq!(bench.files.file("/dir/file.txt").unwrap(), b"12345678"))
                }
                Operation::StoreAt => {
                    modem.store("/dir/file.txt", &Store::at(5), &mut &b"678"[..]).map(|_| assert_eq!(bench.files.file("/dir/file.txt").unwrap(), b"12345678"))
                }
                Operation::Ftps => modem.login(&server().with_security(Security::Explicit).with_tls(Tls::insecure())),
                _ => continue,
            };
            match outcome {
                Ok(()) => assert!(supported, "{operation} works, but is said not to"),
                Err(error) => {
                    assert!(!supported, "{operation}: {error}");
                    assert_eq!(error.kind(), ErrorKind::Unsupported, "{operation}: {error}");
                }
            }
        }
        bench.still_works();
    }

    fn relative_paths_follow_the_current_directory(vendor: Vendor) {
        let mut bench = Bench::online(vendor);
        bench.files.put("/a/b/file.txt", "here");
        bench.modem.cwd("/a").unwrap();
        bench.modem.cwd("b").unwrap();
        assert_eq!(bench.modem.pwd().unwrap(), "/a/b");
        assert_eq!(bench.download("file.txt", &Retrieve::whole()).unwrap(), b"here");
        assert_eq!(bench.modem.list("").unwrap().len(), 1);
        bench.upload("new.txt", b"there").unwrap();
        assert_eq!(bench.files.file("/a/b/new.txt").unwrap(), b"there");
        bench.modem.cdup().unwrap();
        assert_eq!(bench.modem.pwd().unwrap(), "/a");
    }
}
