//! Quectel.
//!
//! Sources, as the tests name them:
//!
//! * note: Quectel EC2x&EG9x&EG2x-G&EM05 FTP(S) application note V1.0, 2020-08-21.
//! * NuModem: hardware test reports of an EG800K, firmware EG800KCNGCR07A06M04 (Nuxtack-tw/NuModem, reports).
//! * TCP/IP note V1.1: Quectel EC200U&EG915U TCP/IP application note V1.1.
//! * BG96 FILE manual; UGxx FTP note V1.2; EC20 log (Merafour/TheTravels, EC20-FTP.md).
//! * demo library of Quectel (quectel-develop/user-friendly-project, source/quectel/modules/src).
//!
//! The note prints data on the line of `CONNECT`, and `OK` on the line of the data (§3.6, §3.7). That is typesetting;
//! all sessions have the form on the wire.

mod arguments;
mod bearer;
mod data_mode;
mod download;
mod errors;
mod framing;
mod identification;
mod listing;
mod module_files;
mod module_storage;
mod names;
mod payload;
mod recovery;
mod secrets;
mod session;
mod settings;
mod tls;
mod transcripts;
mod unsolicited;
mod upload;

use std::time::Duration;

use ftp_modem::backend::quectel::Quectel;
use ftp_modem::emulator::{Operation, Options, QuectelOptions, RemoteError};
use ftp_modem::{FtpModem, Server};

use crate::support::{replay, rig};

const SECOND: Duration = Duration::from_secs(1);

type Rig = rig::Rig<Quectel>;

/// Options of the dialect.
fn with(change: impl FnOnce(&mut QuectelOptions)) -> Options {
    let mut options = Options::default();
    change(&mut options.quectel);
    options
}

impl Rig {
    /// Everything that goes both ways works.
    #[track_caller]
    fn works_both_ways(&mut self) {
        self.still_works();
        self.upload("/written.txt", b"also").unwrap();
        assert_eq!(self.files.file("/written.txt").unwrap(), b"also");
        assert!(self.modem.size("/still-works.txt").unwrap() == 3);
    }
}

/// A server without SIZE.
fn without_size(rig: &Rig) {
    rig.files.fail_next(Operation::Size, RemoteError::Reply { code: 502, text: "SIZE not implemented".into() });
}

/// Identification, echo off, errors as numbers.
const HELLO: &str = r"
>> ATI\r
<< ATI\r\r\nQuectel\r\nEC25\r\nRevision: EC25EFAR06A11M4G\r\n\r\nOK\r\n
>> ATE0\r
<< ATE0\r\r\nOK\r\n
>> AT+CMEE=1\r
<< \r\nOK\r\n
";

/// The settings of every login.
const SETTINGS: &str = r#"
>> AT+QFTPCFG="contextid",1\r
<< \r\nOK\r\n
>> AT+QFTPCFG="account","u","p4ss"\r
<< \r\nOK\r\n
>> AT+QFTPCFG="filetype",0\r
<< \r\nOK\r\n
>> AT+QFTPCFG="transmode",1\r
<< \r\nOK\r\n
>> AT+QFTPCFG="rsptimeout",90\r
<< \r\nOK\r\n
>> AT+QFTPCFG="ssltype",0\r
<< \r\nOK\r\n
>> AT+QFTPCFG="data_address",0\r
<< \r\nOK\r\n
"#;

const OPENED: &str = r#"
>> AT+QFTPOPEN="h",21\r
<< \r\nOK\r\n
<< \r\n+QFTPOPEN: 0,0\r\n
"#;

const CLOSED: &str = r"
>> AT+QFTPCLOSE\r
<< \r\nOK\r\n
<< \r\n+QFTPCLOSE: 0,0\r\n
";

/// The module has left data mode by itself: the escape begins a command line, and a second probe is answered.
const RESYNCHRONISED: &str = r"
>> +++
>> ATI\r
<< +++ATI\r\r\nERROR\r\n
@ 3
>> ATI\r
<< Quectel\r\nEC25\r\nRevision: EC25EFAR06A11M4G\r\n\r\nOK\r\n
";

/// Plays lines of a session behind the identification.
#[track_caller]
fn play(lines: &str, scenario: impl Fn(&mut Quectel)) {
    replay::play(&format!("{HELLO}{lines}"), scenario);
}

/// As [`play`], logged in.
#[track_caller]
fn play_online(lines: &str, scenario: impl Fn(&mut Quectel)) {
    play(&format!("{SETTINGS}{OPENED}{lines}"), |modem| {
        modem.login(&Server::new("h", "u", "p4ss")).unwrap();
        scenario(modem);
    });
}
