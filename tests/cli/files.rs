//! `get` and `put` with several files, patterns and directories, in one session.

use std::fs;
use std::time::{Duration, SystemTime};

use ftp_modem::Vendor;
use ftp_modem::emulator::{ListRows, MemoryServer, NetworkCause, Operation, Options, RemoteError};

use crate::ftp_server::{PASSWORD, USER};
use crate::rig::{Ran, Rig, for_each_dialect, length, run, spawn, text, tool, wait_for};
use crate::wire::Wire;

for_each_dialect! {
    fn several_files_share_one_session(vendor: Vendor) {
        let rig = Rig::new(vendor);
        fs::create_dir(rig.folder.path().join("in")).unwrap();
        for (name, size) in [("a.csv", 500), ("b.csv", 700), ("c.txt", 900)] {
            rig.write(name, text(size));
        }
        let sent = rig.run(&["-v", "--json", "put", "a.csv", "b.csv", "c.txt", "/in/"]).expect(0);
        assert_eq!(sent.stderr.matches("logged in").count(), 1, "{}", sent.stderr);
        let remotes: Vec<String> = sent.json_lines().iter().map(|done| done["remote"].to_string()).collect();
        assert_eq!(remotes, ["\"/in/a.csv\"", "\"/in/b.csv\"", "\"/in/c.txt\""]);
        assert_eq!(rig.served("in/b.csv"), text(700));

        fs::create_dir(rig.here("out")).unwrap();
        let got = rig.run(&["-v", "--json", "get", "/in/*.csv", "out"]).expect(0);
        assert_eq!(got.stderr.matches("logged in").count(), 1, "{}", got.stderr);
        assert_eq!(got.json_lines().len(), 2);
        assert_eq!((rig.read("out/a.csv"), rig.read("out/b.csv")), (text(500), text(700)));
        assert!(!rig.here("out/c.txt").exists());
        rig.ok(&["get", "/in/c.txt", "out"]);
        assert_eq!(rig.read("out/c.txt"), text(900));
    }
}

#[test]
fn the_sizes_of_several_files_come_from_one_listing() {
    let rig = Rig::new(Vendor::Quectel);
    for name in ["a", "b", "c", "d"] {
        rig.serve(name, text(1024));
    }
    for arguments in [&["-vv", "get", "/*", "."][..], &["-vv", "get", "/a", "/b", "/c", "/d", "."]] {
        let got = rig.run(arguments).expect(0);
        let count = |command: &str| got.stderr.matches(command).count();
        assert_eq!(
            (count("> AT+QFTPLIST"), count("> AT+QFTPSIZE"), count("> AT+QFTPGET")),
            (1, 0, 4),
            "{}",
            got.stderr
        );
    }
}

#[test]
fn a_file_that_fails_does_not_end_the_others() {
    let rig = Rig::new(Vendor::Quectel);
    rig.serve("a.txt", text(10));
    rig.serve("b.txt", text(20));
    let got = rig.run(&["--json", "get", "/a.txt", "/missing.txt", "/b.txt", "."]).expect(8);
    assert_eq!((rig.read("a.txt"), rig.read("b.txt")), (text(10), text(20)));
    assert_eq!(got.stderr.lines().count(), 1, "{}", got.stderr);
    assert!(got.stderr.starts_with("ftp-modem: get /missing.txt: "), "{}", got.stderr);
    let lines = got.json_lines();
    assert_eq!((lines.len(), &lines[1]["status"], &lines[1]["remote"]), (3, &8.into(), &"/missing.txt".into()));
    let none = rig.run(&["get", "/*.csv", "."]).expect(8);
    assert!(none.stderr.contains("no file matches /*.csv"), "{}", none.stderr);
    rig.run(&["get", "/a.txt", "/b.txt", "no-such-folder"]).expect(2);
}

#[test]
fn a_local_file_that_is_missing_does_not_end_the_others() {
    let rig = Rig::new(Vendor::Quectel);
    fs::create_dir(rig.here("folder")).unwrap();
    for name in ["a.txt", "b.txt"] {
        rig.write(name, text(100));
    }
    let sent = rig.run(&["--json", "put", "a.txt", "missing.txt", "folder", "b.txt", "/"]).expect(9);
    assert_eq!((rig.served("a.txt"), rig.served("b.txt")), (text(100), text(100)));
    assert_eq!(sent.stderr.lines().count(), 2, "{}", sent.stderr);
    assert!(sent.stderr.starts_with("ftp-modem: put /missing.txt: local file error: "), "{}", sent.stderr);
    let lines = sent.json_lines();
    assert_eq!((lines.len(), &lines[1]["status"], &lines[1]["local"]), (4, &9.into(), &"missing.txt".into()));
}

#[test]
fn a_failure_that_passes_does_not_repeat_the_files_before_it() {
    let mut options = Options::default();
    options.quectel.failing_data_connections = 1;
    let rig = Rig::with(Vendor::Quectel, options);
    for name in ["a.txt", "b.txt"] {
        rig.write(name, text(100));
    }
    let sent = rig.run(&["--json", "--retries", "1", "put", "a.txt", "b.txt", "/"]).expect(0);
    assert_eq!(sent.json_lines().len(), 2);
    assert_eq!((rig.served("a.txt"), rig.served("b.txt")), (text(100), text(100)));
}

#[test]
fn sources_are_deleted_once_their_copies_are_confirmed() {
    let rig = Rig::new(Vendor::Quectel);
    rig.write("a.txt", text(100));
    rig.ok(&["put", "--delete-after", "a.txt", "/a.txt"]);
    assert!(!rig.here("a.txt").exists());
    rig.ok(&["get", "--delete-after", "/a.txt", "b.txt"]);
    assert_eq!(rig.read("b.txt"), text(100));
    assert!(!rig.folder.path().join("a.txt").exists());
}

/// The server takes uploads away at once, and has no SIZE for the download: nothing confirms either.
#[test]
fn a_source_is_not_deleted_where_nothing_confirms_its_copy() {
    let server = MemoryServer::new();
    server.add_user(USER, PASSWORD);
    server.add_directory("/in");
    server.habits().take_uploads("/in");
    server.put("/out/b.txt", "text");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), text(100)).unwrap();
    let with = |vendor: Vendor, arguments: &[&str]| {
        let wire = Wire::to(server.remote(), vendor, Options::default(), &[]);
        let mut command = tool();
        command.args(["-p", wire.path(), "-s", "ftp://logger@127.0.0.1", "--retries", "0"]).args(arguments);
        run(command.env("FTP_MODEM_PASSWORD", PASSWORD).current_dir(&folder))
    };

    let sent = with(Vendor::Generic, &["put", "--delete-after", "a.txt", "/in/a.txt"]).expect(11);
    assert!(sent.stderr.contains("nothing confirms the copy; use --verify"), "{}", sent.stderr);
    assert_eq!(server.taken(), [("/in/a.txt".to_owned(), text(100))]);
    assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), text(100));

    for _ in 0..4 {
        server.fail_next(Operation::Size, RemoteError::reply(502, "Not implemented."));
    }
    let got = with(Vendor::Luat, &["get", "--delete-after", "/out/b.txt"]).expect(11);
    assert!(got.stderr.contains("nothing confirms the copy; use --verify"), "{}", got.stderr);
    assert_eq!(fs::read(folder.path().join("b.txt")).unwrap(), b"text");
    assert_eq!(server.file("/out/b.txt").unwrap(), b"text");
}

/// A program may still write to it.
#[test]
fn a_file_that_grew_during_its_download_is_not_deleted() {
    let server = served(&[("/out/log.csv", 1_000)]);
    server.habits().grow_after_size("/out/log.csv", text(500));
    let folder = tempfile::tempdir().unwrap();
    let wire = Wire::to(server.remote(), Vendor::Quectel, Options::default(), &[]);
    let got = get_from(&wire, &folder, &["--delete-after", "/out/log.csv"]).expect(11);
    assert!(got.stderr.contains("/out/log.csv grew during the download, and is not deleted"), "{}", got.stderr);
    assert_eq!(server.file("/out/log.csv").unwrap().len(), 1_500);
}

#[test]
fn a_removal_that_fails_is_retried_without_the_download() {
    let dropped = RemoteError::Network(NetworkCause::Dropped);
    let busy = RemoteError::reply(450, "Busy.");
    let missing = || RemoteError::reply(550, "No such file.");
    for (failures, status) in [
        (vec![busy.clone()], 0),
        (vec![dropped.clone()], 0),
        // The first removal may have been carried out, although its result was lost.
        (vec![dropped, missing()], 0),
        (vec![busy, missing()], 8),
    ] {
        let server = served(&[("/a.txt", 100)]);
        for failure in &failures {
            server.fail_next(Operation::Remove, failure.clone());
        }
        let folder = tempfile::tempdir().unwrap();
        let wire = Wire::to(server.remote(), Vendor::Quectel, Options::default(), &[]);
        let got = get_from(&wire, &folder, &["--retries", "1", "--delete-after", "/a.txt"]).expect(status);
        let is_removed = server.file("/a.txt").is_none();
        assert_eq!(is_removed, failures.len() == 1, "{failures:?}: {}", got.stderr);
        assert_eq!(wire.commands("AT+QFTPGET").len(), 1, "{failures:?}");
        assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), text(100));
        assert!(status == 0 || got.stderr.contains("was downloaded completely"), "{}", got.stderr);
    }
}

/// Some servers write the path before each name.
#[test]
fn a_pattern_matches_names_that_a_listing_states_with_their_path() {
    let server = served(&[("/out/a.txt", 10), ("/out/b.txt", 20)]);
    server.habits().rows = ListRows::Paths;
    let folder = tempfile::tempdir().unwrap();
    let wire = Wire::to(server.remote(), Vendor::Quectel, Options::default(), &[]);
    get_from(&wire, &folder, &["/out/*.txt", "."]).expect(0);
    assert_eq!(fs::read(folder.path().join("b.txt")).unwrap(), text(20));
}

#[test]
fn a_source_that_was_replaced_while_it_was_sent_is_not_deleted() {
    let rig = Rig::with(Vendor::Quectel, Options::default().with_line_rate(57_600));
    rig.write("a.txt", text(20_000));
    let child = spawn(&mut rig.tool(&["put", "--delete-after", "a.txt", "/a.txt"]));
    wait_for("the first bytes", || length(&rig.folder.path().join("a.txt")) > 0);
    rig.write("b.txt", "new");
    fs::rename(rig.here("b.txt"), rig.here("a.txt")).unwrap();
    Ran::of(child.wait_with_output().unwrap()).expect(11);
    assert_eq!(rig.read("a.txt"), b"new");
}

#[test]
fn directories_are_created_when_asked_for() {
    let rig = Rig::new(Vendor::Quectel);
    rig.write("a.txt", text(100));
    rig.run(&["put", "a.txt", "/new/deep/"]).expect(8);
    for _ in 0..2 {
        rig.ok(&["put", "--mkdir", "a.txt", "/new/deep/"]);
        assert_eq!(rig.served("new/deep/a.txt"), text(100));
    }
}

#[test]
fn times_are_kept_and_files_that_are_the_same_left_out() {
    let rig = Rig::new(Vendor::Quectel);
    rig.serve("a.txt", text(100));
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
    fs::File::open(rig.folder.path().join("a.txt")).unwrap().set_modified(time).unwrap();
    rig.ok(&["get", "--keep-time", "/a.txt"]);
    assert_eq!(fs::metadata(rig.here("a.txt")).unwrap().modified().unwrap(), time);
    let skipped = |arguments: &[&str]| rig.run(arguments).expect(0).json()["skipped"].as_bool().unwrap();
    assert!(skipped(&["--json", "get", "--skip-same", "/a.txt"]));
    rig.serve("a.txt", text(100));
    assert!(!skipped(&["--json", "get", "--skip-same", "/a.txt"]), "the time is another one");
    rig.write("a.txt", text(99));
    assert!(!skipped(&["--json", "get", "--skip-same", "/a.txt"]), "the size is another one");
    // An upload is the same where the server has it since a later time.
    assert!(!skipped(&["--json", "put", "--skip-same", "a.txt", "/up.txt"]));
    let old = fs::File::open(rig.here("a.txt")).unwrap();
    old.set_modified(time).unwrap();
    assert!(skipped(&["--json", "put", "--skip-same", "a.txt", "/up.txt"]));
}

#[test]
fn a_time_that_cannot_be_kept_is_one_warning() {
    let server = MemoryServer::new();
    server.add_user(USER, PASSWORD);
    server.put("/a.txt", "text");
    let folder = tempfile::tempdir().unwrap();
    for (vendor, cause) in [
        (Vendor::Luat, "this module cannot query times"),
        (Vendor::Quectel, "query of the time of modification failed"),
    ] {
        let wire = Wire::to(server.remote(), vendor, Options::default(), &[("AT+QFTPMDTM", "!ERROR")]);
        let mut command = tool();
        command.args(["-p", wire.path(), "-s", "ftp://logger@127.0.0.1", "get", "--keep-time", "/a.txt"]);
        let ran = run(command.env("FTP_MODEM_PASSWORD", PASSWORD).current_dir(&folder)).expect(0);
        assert!(ran.stderr.lines().count() == 1 && ran.stderr.contains(cause), "{}", ran.stderr);
    }
}

#[test]
fn commands_have_the_names_that_other_clients_use() {
    let rig = Rig::new(Vendor::Luat);
    rig.serve("a.txt", "text");
    assert_eq!(rig.ok(&["cat", "/a.txt"]), "text");
    assert!(rig.ok(&["dir", "/"]).contains("a.txt"));
    rig.ok(&["del", "/a.txt"]);
    assert!(!rig.folder.path().join("a.txt").exists());
}

/// The module does not tell whether the end of the file has come.
#[test]
fn a_download_to_stdout_claims_no_more_than_was_observed() {
    let server = served(&[("/a.txt", 100)]);
    let folder = tempfile::tempdir().unwrap();
    let wire = Wire::to(server.remote(), Vendor::ChinaMobile, Options::default(), &[("AT+MFTPSTATE", "!ERROR")]);
    let got = get_from(&wire, &folder, &["/a.txt", "-"]).expect(0);
    assert_eq!(got.stdout, text(100));
    assert!(got.stderr.contains("neither module nor server confirms the size"), "{}", got.stderr);
}

/// A server with files of so many bytes.
fn served(files: &[(&str, usize)]) -> MemoryServer {
    let server = MemoryServer::new();
    server.add_user(USER, PASSWORD);
    for (path, size) in files {
        server.put(path, text(*size));
    }
    server
}

/// Runs `get` in `folder`.
fn get_from(wire: &Wire, folder: &tempfile::TempDir, arguments: &[&str]) -> Ran {
    let mut command = tool();
    command.args(["-p", wire.path(), "-s", "ftp://logger@127.0.0.1", "get"]).args(arguments);
    run(command.env("FTP_MODEM_PASSWORD", PASSWORD).current_dir(folder))
}
