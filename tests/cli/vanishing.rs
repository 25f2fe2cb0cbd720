//! A module on USB that restarts: its port disappears, and comes back as another device under the same link.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::symlink;
use std::time::Duration;

use ftp_modem::emulator::{Family, MemoryServer, Options, PtyModule};

use crate::ftp_server::PASSWORD;
use crate::rig::{length, pattern, spawn, tool, wait_for};

/// The moment at which the port disappears.
#[derive(Clone, Copy, PartialEq)]
enum Moment {
    Login,
    Download,
}

fn comes_back(moment: Moment) {
    let folder = tempfile::tempdir().unwrap();
    let files = MemoryServer::new();
    files.put("/big.bin", pattern(28_800));
    let options = Options::default().with_line_rate(57_600);
    let module = PtyModule::spawn(Family::Quectel, files.remote(), options).unwrap();
    let link = folder.path().join("modem");
    symlink(module.path(), &link).unwrap();

    let mut command = tool();
    command.current_dir(folder.path());
    command.args(["-vv", "--port", "modem", "--server", "ftp://u@192.0.2.7", "--retries", "2", "get", "/big.bin"]);
    let mut child = spawn(command.env("FTP_MODEM_PASSWORD", PASSWORD));
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    let mut read_until = |words: &str, said: &mut String| {
        while !said.contains(words) {
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
            for _ in 0..2 {
                said.clear();
                read_until("recovery: reopen the port", &mut said);
            }
        }
    }
    let again = PtyModule::spawn(Family::Quectel, files.remote(), Options::default()).unwrap();
    symlink(again.path(), &link).unwrap();
    log.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert!(fs::read(folder.path().join("big.bin")).unwrap() == pattern(28_800));
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
