//! `spool`: a directory whose files are uploaded for as long as the tool runs.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, ChildStderr, Command};
use std::time::{Duration, SystemTime};

use ftp_modem::emulator::{MemoryServer, Options};
use ftp_modem::{AccessPoint, Vendor};

use crate::ftp_server::{PASSWORD, USER};
use crate::rig::{Ran, Rig, for_each_dialect, length, run, signal, spawn, text, tool, wait_for};
use crate::wire::Wire;

/// A rig with a directory `spool` here and `in` on the server.
fn rig(vendor: Vendor) -> Rig {
    let rig = Rig::new(vendor);
    fs::create_dir(rig.here("spool")).unwrap();
    fs::create_dir(rig.folder.path().join("in")).unwrap();
    rig
}

/// Writes a file of this age.
fn put(rig: &Rig, name: &str, content: impl AsRef<[u8]>, age: u64) {
    let (path, unfinished) = (rig.here("spool").join(name), rig.here("unfinished"));
    fs::write(&unfinished, content).unwrap();
    let time = SystemTime::now() - Duration::from_secs(age);
    fs::File::open(&unfinished).unwrap().set_modified(time).unwrap();
    fs::rename(unfinished, path).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

for_each_dialect! {
    fn the_oldest_file_is_uploaded_first_and_each_is_removed(vendor: Vendor) {
        let rig = rig(vendor);
        for (name, age) in [("b.txt", 30), ("a.txt", 20), ("c.txt", 10), (".hidden", 5), ("d.tmp", 5)] {
            put(&rig, name, text(500), age);
        }
        let sent = rig.run(&["--json", "spool", "--once", "spool", "/in"]).expect(0);
        let remotes: Vec<String> =
            sent.json_lines().iter().map(|done| done["remote"].as_str().unwrap().to_owned()).collect();
        assert_eq!(remotes, ["/in/b.txt", "/in/a.txt", "/in/c.txt"]);
        assert_eq!(names(&rig.here("spool")), [".hidden", "d.tmp"]);
        assert_eq!(rig.served("in/c.txt"), text(500));
    }
}

/// The server takes uploads away before anybody can look at them.
#[test]
fn a_file_whose_upload_nothing_confirms_is_kept_aside() {
    let server = MemoryServer::new();
    server.add_user(USER, PASSWORD);
    server.add_directory("/in");
    server.habits().take_uploads("/in");
    let wire = Wire::to(server.remote(), Vendor::Generic, Options::default(), &[]);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), text(100)).unwrap();
    let mut command = tool();
    command.args(["-p", wire.path(), "-s", "ftp://logger@127.0.0.1", "spool", "--once"]).arg(folder.path()).arg("/in");
    let sent = run(command.env("FTP_MODEM_PASSWORD", PASSWORD)).expect(0);
    assert_eq!(sent.stderr.lines().count(), 1, "{}", sent.stderr);
    assert!(sent.stderr.contains("neither module nor server confirms the size"), "{}", sent.stderr);
    assert_eq!(server.taken(), [("/in/a.txt".to_owned(), text(100))]);
    assert_eq!(names(folder.path()), ["unconfirmed"]);
    assert_eq!(fs::read(folder.path().join("unconfirmed/a.txt")).unwrap(), text(100));
}

#[test]
fn a_file_that_cannot_be_uploaded_is_put_aside_with_the_reason() {
    let rig = rig(Vendor::Generic);
    put(&rig, "bad.txt", "two\r\nlines", 20);
    put(&rig, "good.txt", text(100), 10);
    let sent = rig.run(&["spool", "--once", "spool", "/in"]).expect(2);
    assert!(sent.stderr.contains("ftp-modem: spool /in/bad.txt: "), "{}", sent.stderr);
    assert_eq!(rig.served("in/good.txt"), text(100));
    assert_eq!(names(&rig.here("spool")), ["failed"]);
    assert_eq!(names(&rig.here("spool/failed")), ["bad.txt", "bad.txt.reason"]);
    assert!(fs::read_to_string(rig.here("spool/failed/bad.txt.reason")).unwrap().contains("the byte 0x0d"));
}

#[test]
fn a_directory_that_is_missing_at_first_is_a_local_file_error() {
    let rig = rig(Vendor::Quectel);
    let missing = rig.run(&["spool", "no-such-folder", "/in"]).expect(9);
    assert!(missing.stderr.contains("no-such-folder: No such file or directory"), "{}", missing.stderr);
}

#[test]
fn files_stay_where_the_directory_on_the_server_is_missing() {
    let rig = rig(Vendor::Quectel);
    put(&rig, "a.txt", text(100), 10);
    rig.run(&["spool", "--once", "spool", "/nosuch"]).expect(8);
    assert_eq!(names(&rig.here("spool")), ["a.txt"]);
}

#[test]
fn files_stay_where_no_session_can_be_opened() {
    let rig = Rig::with(Vendor::Quectel, Options::default().with_sim_ready(false));
    fs::create_dir(rig.here("spool")).unwrap();
    put(&rig, "a.txt", text(100), 10);
    rig.run(&["spool", "--once", "spool", "/in"]).expect(1);
    assert_eq!(names(&rig.here("spool")), ["a.txt"]);
}

#[test]
fn a_file_that_does_not_arrive_whole_is_put_aside_when_no_retry_is_left() {
    let mut options = Options::default();
    options.quectel.lost_upload_bytes = 5;
    let rig = Rig::with(Vendor::Quectel, options);
    fs::create_dir(rig.here("spool")).unwrap();
    fs::create_dir(rig.folder.path().join("in")).unwrap();
    put(&rig, "a.txt", text(100), 20);
    put(&rig, "b.txt", text(200), 10);
    rig.run(&["spool", "--once", "spool", "/in"]).expect(11);
    assert_eq!(names(&rig.here("spool")), ["failed"]);
    assert_eq!(names(&rig.here("spool/failed")), ["a.txt", "a.txt.reason", "b.txt", "b.txt.reason"]);
}

/// The program that writes it has not finished.
#[test]
fn a_file_that_changes_while_it_is_sent_is_sent_once_more() {
    let rig = Rig::with(Vendor::Quectel, Options::default().with_line_rate(57_600));
    fs::create_dir(rig.here("spool")).unwrap();
    fs::create_dir(rig.folder.path().join("in")).unwrap();
    put(&rig, "a.txt", text(20_000), 10);
    let child = spawn(&mut rig.tool(&["spool", "--every", "0.1", "spool", "/in"]));
    wait_for("the first bytes", || length(&rig.folder.path().join("in/a.txt")) > 0);
    put(&rig, "a.txt", text(10), 0);
    wait_for("the upload", || names(&rig.here("spool")).is_empty());
    signal(child.id(), "TERM");
    Ran::of(child.wait_with_output().unwrap()).expect(143);
    assert!(rig.served("in/a.txt") == text(10), "the file that came later was lost");
}

#[test]
fn it_waits_for_more_until_a_signal() {
    for bearer in ["keep", "per-batch"] {
        let rig = rig(Vendor::Quectel);
        let arguments = ["-v", "spool", "--every", "0.1", "--bearer", bearer, "spool", "/in"];
        let child = spawn(&mut rig.tool(&arguments));
        for name in ["a.txt", "b.txt"] {
            put(&rig, name, text(300), 0);
            wait_for(name, || names(&rig.here("spool")).is_empty());
            assert_eq!(rig.served(&format!("in/{name}")), text(300));
        }
        signal(child.id(), "TERM");
        let ran = Ran::of(child.wait_with_output().unwrap()).expect(143);
        let sessions = if bearer == "keep" { 1 } else { 2 };
        assert_eq!(ran.stderr.matches("[info] attached").count(), sessions, "{bearer}: {}", ran.stderr);
        let mut modem = ftp_modem::open(rig.module.path()).unwrap();
        assert!(!modem.attach(&AccessPoint::default()).unwrap().was_up, "{bearer}: the bearer is down, as before");
    }
}

/// The tool as it runs on and on, until dropped.
struct Daemon {
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Daemon {
    fn start(command: &mut Command) -> Self {
        let mut child = spawn(command);
        let log = BufReader::new(child.stderr.take().unwrap());
        Daemon { child, log }
    }

    /// Reads the log up to the next failure of a batch; returns the pause in seconds that its line states.
    fn next_pause(&mut self) -> f64 {
        loop {
            let mut line = String::new();
            assert_ne!(self.log.read_line(&mut line).unwrap(), 0, "the run has ended");
            if let Some((failure, pause)) = line.split_once("; the next try is in ") {
                assert!(!failure.contains("retrying"), "the line contradicts itself: {line}");
                return pause.split_once(" s; if it does not help, ").unwrap().0.parse().unwrap();
            }
        }
    }

    /// Reads the pauses that grow from `last`; returns the first one that is shorter.
    fn first_shorter_pause(&mut self, mut last: f64) -> f64 {
        for _ in 0..4 {
            let next = self.next_pause();
            if next < last {
                return next;
            }
            last = next;
        }
        panic!("the pause goes on to grow: {last} s");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Servers lock accounts after refused logins.
#[test]
fn the_pause_doubles_while_the_login_is_refused() {
    let rig = rig(Vendor::Quectel);
    put(&rig, "a.txt", text(100), 10);
    let mut command = rig.tool(&["spool", "--every", "0.1", "spool", "/in"]);
    let mut daemon = Daemon::start(command.env("FTP_MODEM_PASSWORD", "wrong"));
    assert_eq!([(); 4].map(|()| daemon.next_pause()), [0.1, 0.2, 0.4, 0.8]);
    assert_eq!(names(&rig.here("spool")), ["a.txt"]);
}

#[test]
fn the_pause_is_the_interval_once_more_after_an_upload_in_a_batch_that_fails() {
    let rig = Rig::with(Vendor::Quectel, Options::default().with_line_rate(57_600));
    fs::create_dir(rig.here("spool")).unwrap();
    put(&rig, "a.txt", text(100), 20);
    put(&rig, "b.txt", text(20_000), 10);
    let mut daemon = Daemon::start(&mut rig.tool(&["--retries", "0", "spool", "--every", "0.1", "spool", "/in"]));
    assert_eq!([(); 2].map(|()| daemon.next_pause()), [0.1, 0.2]);
    let folder = rig.folder.path().join("in");
    fs::create_dir(&folder).unwrap();
    wait_for("the first bytes of the second file", || length(&folder.join("b.txt")) > 0);
    drop(rig.module);
    assert_eq!(daemon.first_shorter_pause(0.2), 0.1);
}

/// Nothing is uploaded: the only file is put aside, because its name is not UTF-8.
#[test]
fn the_pause_is_the_interval_once_more_after_a_batch_that_does_not_fail() {
    let rig = Rig::new(Vendor::Quectel);
    let spool = rig.here("spool");
    fs::create_dir(&spool).unwrap();
    put(&rig, "good.txt", text(100), 20);
    let mut daemon = Daemon::start(&mut rig.tool(&["spool", "--every", "0.1", "spool", "/missing"]));
    assert_eq!([(); 2].map(|()| daemon.next_pause()), [0.1, 0.2]);
    fs::write(spool.join(OsStr::from_bytes(b"bad\xff.txt")), "text").unwrap();
    fs::rename(spool.join("good.txt"), spool.join(".good.txt")).unwrap();
    wait_for("the end of the file that is put aside", || spool.join("failed/bad\u{fffd}.txt.reason").exists());
    fs::rename(spool.join(".good.txt"), spool.join("good.txt")).unwrap();
    assert_eq!(daemon.first_shorter_pause(0.2), 0.1);
}

#[test]
fn a_file_whose_name_cannot_be_sent_does_not_stop_the_others() {
    let rig = rig(Vendor::Quectel);
    fs::write(rig.here("spool").join(OsStr::from_bytes(b"bad\xff.txt")), "text").unwrap();
    put(&rig, "good.txt", text(100), 0);
    let sent = rig.run(&["spool", "--once", "spool", "/in"]).expect(2);
    assert!(sent.stderr.contains("has no name in UTF-8; rename the file"), "{}", sent.stderr);
    assert_eq!(rig.served("in/good.txt"), text(100));
    assert_eq!(names(&rig.here("spool/failed")), ["bad\u{fffd}.txt", "bad\u{fffd}.txt.reason"]);
}

#[test]
fn a_port_that_is_missing_is_waited_for() {
    let rig = rig(Vendor::Quectel);
    put(&rig, "a.txt", text(100), 10);
    let mut command = tool();
    command.current_dir(rig.local.path()).args(["--port", "modem", "--server", &rig.url()]);
    command.args(["spool", "--every", "0.1", "spool", "/in"]).env("FTP_MODEM_PASSWORD", PASSWORD);
    let mut child = spawn(&mut command);
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("the next try is in 0.1 s") {
        assert_ne!(log.read_line(&mut said).unwrap(), 0, "{said}");
    }
    symlink(rig.module.path(), rig.here("modem")).unwrap();
    wait_for("the upload", || names(&rig.here("spool")).is_empty());
    signal(child.id(), "INT");
    log.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
}
