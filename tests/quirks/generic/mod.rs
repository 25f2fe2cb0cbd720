//! The FTPSERV dialect of the UC8088 (UCchip).
//!
//! Source: UC8088 FTP manual, in the older edition unless a test says otherwise. No log of a module was found.
//!
//! The manual prints the test form of FTPGET as `AT+FTPGET?`; the driver uses neither form.

mod bearer;
mod download;
mod errors;
mod framing;
mod identification;
mod listing;
mod login;
mod names;
mod recovery;
mod secrets;
mod session;
mod transcripts;
mod upload;
mod whole_files;

use ftp_modem::backend::generic::Generic;
use ftp_modem::emulator::{GenericOptions, Options};
use ftp_modem::modem::{Retrieve, SessionState};
use ftp_modem::{FtpModem, Result, Server};

use crate::support::access::server;
use crate::support::{replay, rig};

type Rig = rig::Rig<Generic>;

/// Options of the dialect.
fn with(change: impl FnOnce(&mut GenericOptions)) -> Options {
    let mut options = Options::default();
    change(&mut options.generic);
    options
}

/// Attached and logged in.
fn online(change: impl FnOnce(&mut GenericOptions)) -> Rig {
    Rig::online(with(change))
}

/// Every operation once; with text, as a command line carries nothing else for sure.
#[track_caller]
fn every_operation_works(rig: &mut Rig) {
    let text = b"0123456789".repeat(120);
    rig.modem.mkdir("/d").unwrap();
    rig.modem.cwd("/d").unwrap();
    assert_eq!(rig.modem.pwd().unwrap(), "/d");
    assert_eq!(rig.upload_stream("a", &text).unwrap().bytes, 1200);
    assert_eq!(rig.files.file("/d/a").unwrap(), text);
    assert_eq!(rig.download("a").unwrap(), text);
    assert_eq!(rig.download_part("a", &Retrieve::from(3).with_length(900)).unwrap(), text[3..903]);
    assert_eq!(rig.modem.size("a").unwrap(), 1200);
    let names = rig.modem.names("").unwrap();
    assert_eq!(names, [b"a"]);
    rig.modem.cdup().unwrap();
    rig.modem.mkdir("/e").unwrap();
    rig.modem.rmdir("e").unwrap();
    rig.modem.logout().unwrap();
    assert_eq!((rig.modem.status().unwrap(), rig.files.sessions()), (SessionState::Closed, 0));
    rig.modem.login(&server()).unwrap();
    rig.still_works();
}

/// The probe behind an answer that the manual does not allow.
const PROBED: &str = r"
>> ATI\r
<< \r\nUC8088_V1.0\r\n\r\nOK\r\n
";

/// The listing of `f` with `size` bytes, as it precedes a download.
fn listed(size: usize) -> String {
    let row = format!("-rw-rw-r-- 1 x x {size} Sep 30 01:52 f");
    format!(
        r"
>> AT+FTPPATH=/\r
<< \r\nOK\r\n
>> AT+FTPLIST\r
<< \r\n+FTPLIST:1,{}\r\n{row}\r\nOK\r\n
>> AT+FTPGETNAME=f\r
<< \r\nOK\r\n
",
        row.len()
    )
}

/// Downloads `f`, or a part.
fn get(modem: &mut Generic, what: &Retrieve) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    modem.retrieve("f", what, &mut bytes).map(|_| bytes)
}

/// Plays lines of a session behind identification and login.
fn play_online(lines: &str, scenario: impl Fn(&mut Generic)) {
    const LOGIN: &str = r"
>> ATI\r
<< \r\nUC8088_V1.0\r\n\r\nOK\r\n
>> ATE0\r
<< \r\nOK\r\n
>> AT+FTPPORT=21\r
<< \r\nOK\r\n
>> AT+FTPMODE=1\r
<< \r\nOK\r\n
>> AT+FTPSERV=10.0.0.1\r
<< \r\n+FTPSERV:0\r\n\r\nOK\r\n
>> AT+FTPUN=u\r
<< \r\nOK\r\n
>> AT+FTPPW=p\r
<< \r\nOK\r\n
>> AT+FTPTYPE=I\r
<< \r\nOK\r\n
";
    replay::play(&format!("{LOGIN}{lines}"), |modem: &mut Generic| {
        modem.login(&Server::new("10.0.0.1", "u", "p")).unwrap();
        scenario(modem);
    });
}
