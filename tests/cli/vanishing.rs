//! A module on USB that restarts: its port disappears, and comes back as another device under the same link.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use ftp_modem::emulator::{Family, MemoryServer, Options, PtyModule};

use crate::ftp_server::PASSWORD;
use crate::rig::{Ran, interrupt, length, pattern, spawn, tool, wait_for};

/// The moment at which the port disappears.
#[derive(Clone, Copy, PartialEq)]
enum Moment {
    Login,
    Download,
}

/// A download over a slow line by way of a link to the port.
fn slow_download(folder: &Path, options: &[&str]) -> (MemoryServer, PtyModule, Child) {
    let files = MemoryServer::new();
    files.put("/big.bin", pattern(28_800));
    let module = PtyModule::spawn(Family::Quectel, files.remote(), Options::default().with_line_rate(57_600)).unwrap();
    symlink(module.path(), folder.join("modem")).unwrap();
    let mut command = tool();
    command.current_dir(folder).args(["--port", "modem", "--server", "ftp://u@192.0.2.7"]);
    command.args(options).args(["get", "/big.bin"]);
    let child = spawn(command.env("FTP_MODEM_PASSWORD", PASSWORD));
    (files, module, child)
}

fn comes_back(moment: Moment) {
    let folder = tempfile::tempdir().unwrap();
    let (files, module, mut child) = slow_download(folder.path(), &["-vv", "--retries", "2"]);
    let link = folder.path().join("modem");
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    let mut read_until = |words: &str, said: &mut String| {
        let before = said.len();
        while !said[before..].contains(words) {
            assert_ne!(log.read_line(said).unwrap(), 0, "{said}");
        }
    };
    match moment {
        Moment::Login => read_until("attached", &mut said),
        Moment::Download => wait_for("the first bytes", || length(&folder.path().join("big.bin.part")) > 2000),
    }
    fs::remove_file(&link).unwrap();
    drop(module);
    // The first look finds nothing.
    read_until("; retry ", &mut said);
    match moment {
        Moment::Login => read_until("looking again", &mut said),
        Moment::Download => {
            for level in ["warn", "debug", "debug"] {
                read_until("recovery: reopening the port", &mut said);
                assert!(said.lines().last().unwrap().starts_with(&format!("[{level}]")), "{said}");
            }
        }
    }
    let again = PtyModule::spawn(Family::Quectel, files.remote(), Options::default()).unwrap();
    symlink(again.path(), &link).unwrap();
    log.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert!(fs::read(folder.path().join("big.bin")).unwrap() == pattern(28_800));
    if moment == Moment::Download {
        assert!(said.contains("[info] the port was found after "), "{said}");
    }
}

/// The port disappears during a download, and does not come back.
fn disappears(options: &[&str]) -> (tempfile::TempDir, Child) {
    let folder = tempfile::tempdir().unwrap();
    let (_, module, child) = slow_download(folder.path(), options);
    wait_for("the first bytes", || length(&folder.path().join("big.bin.part")) > 2000);
    fs::remove_file(folder.path().join("modem")).unwrap();
    drop(module);
    (folder, child)
}

#[test]
fn the_time_for_the_whole_run_ends_the_search_for_a_port() {
    let (_folder, child) = disappears(&["--max-time", "6"]);
    let late = Ran::of(child.wait_with_output().unwrap()).expect(5);
    let last = late.stderr.lines().last().unwrap();
    assert!(last.contains("--max-time 6, is over") && !last.contains("retrying"), "{}", late.stderr);
    assert!(last.contains("the port did not come back"), "{}", late.stderr);
    assert_eq!(late.stderr.matches("recovery: reopening the port").count(), 1, "{}", late.stderr);
}

#[test]
fn a_signal_ends_the_search_for_a_port_and_the_module_is_not_asked_to_detach() {
    let (_folder, mut child) = disappears(&[]);
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("recovery: reopening the port") {
        assert_ne!(log.read_line(&mut said).unwrap(), 0, "{said}");
    }
    interrupt(&child);
    log.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert!(!said.contains("detach"), "{said}");
    assert!(said.contains("retry 1 of 3 in 2.0 s"), "{said}");
}

#[test]
fn a_port_that_disappears_during_a_download_is_searched_for() {
    comes_back(Moment::Download);
}

#[test]
fn a_port_that_disappears_during_the_login_is_searched_for() {
    comes_back(Moment::Login);
}

#[test]
fn a_port_that_disappears_during_the_logout_is_reported_once() {
    let options = Options::default().with_reply_time(Duration::from_secs(1));
    let module = PtyModule::spawn(Family::Quectel, MemoryServer::new().remote(), options).unwrap();
    let mut command = tool();
    command.args(["-vv", "--port", module.path(), "--server", "ftp://u@192.0.2.7", "pwd"]);
    let mut child = spawn(command.env("FTP_MODEM_PASSWORD", PASSWORD));
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("> AT+QFTPCLOSE") {
        assert_ne!(log.read_line(&mut said).unwrap(), 0, "{said}");
    }
    drop(module);
    log.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert_eq!(said.matches("[warn]").count(), 1, "{said}");
}
