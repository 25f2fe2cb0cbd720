//! China Mobile (OneMO).
//!
//! Sources, as the tests name them:
//!
//! * manual: OneMO FTP AT command manual V3.1.0 for ML302A, ML305A, ML305U, ML307A and ML307R.
//! * Drivers and headers of the same firmware: 78/esp-ml307, RT-Thread-packages/at_device, ec_ftpclient_api.h (public
//!   header of an FTP client for these modules), cm_demo_ftp.c (OpenCPU demo of the vendor).

mod arguments;
mod bearer;
mod download;
mod errors;
mod framing;
mod identification;
mod listing;
mod module_files;
mod recovery;
mod session;
mod settings;
mod sizes;
mod tls;
mod transcripts;
mod upload;

use std::time::Duration;

use ftp_modem::backend::china_mobile::ChinaMobile;
use ftp_modem::emulator::{ChinaMobileOptions, Options};
use ftp_modem::modem::{Retrieve, SessionState, Store};
use ftp_modem::{Error, FtpModem, Server};

use crate::support::payload::pattern;
use crate::support::{replay, rig};

type Rig = rig::Rig<ChinaMobile>;

/// Options of the dialect.
fn with(change: impl FnOnce(&mut ChinaMobileOptions)) -> Options {
    let mut options = Options::default();
    change(&mut options.china_mobile);
    options
}

/// Attached and logged in.
fn online(change: impl FnOnce(&mut ChinaMobileOptions)) -> Rig {
    Rig::online(with(change))
}

/// The code that the module gave as the reason.
fn code(error: &Error) -> &str {
    error.module_code().map_or("", |code| &code.value)
}

/// Every operation once.
#[track_caller]
fn every_operation_works(rig: &mut Rig) {
    let bytes = pattern(5000);
    rig.modem.mkdir("/d").unwrap();
    rig.modem.cwd("/d").unwrap();
    assert_eq!(rig.modem.pwd().unwrap(), "/d");
    assert_eq!(rig.upload_stream("a", &bytes).unwrap().bytes, 5000);
    rig.modem.store("a", &Store::append(), &mut &b"tail"[..]).unwrap();
    let whole = [&bytes[..], b"tail"].concat();
    assert_eq!(rig.files.file("/d/a").unwrap(), whole);
    assert_eq!(rig.download("a").unwrap(), whole);
    assert_eq!(rig.modem.size("a").unwrap(), 5004);
    rig.modem.rename("a", "b").unwrap();
    assert_eq!(rig.modem.list("").unwrap().len(), 1);
    rig.modem.remove("b").unwrap();
    assert_eq!(rig.modem.list("").unwrap(), []);
    rig.modem.cdup().unwrap();
    rig.modem.rmdir("d").unwrap();
    assert_eq!(rig.modem.status().unwrap(), SessionState::Idle);
}

/// Downloads a whole file.
fn got(modem: &mut ChinaMobile, path: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    modem.retrieve(path, &Retrieve::whole(), &mut bytes).unwrap();
    bytes
}

/// Plays lines of a session behind the identification; returns how long it took.
fn play(lines: &str, scenario: impl Fn(&mut ChinaMobile)) -> Duration {
    const IDENTIFIED: &str = r"
>> ATI\r
<< \r\nML307R\r\n\r\nOK\r\n
>> ATE0\r
<< \r\nOK\r\n
>> AT+CMEE=1\r
<< \r\nOK\r\n
";
    replay::play(&format!("{IDENTIFIED}{lines}"), scenario)
}

/// As [`play`], logged in.
fn play_online(lines: &str, scenario: impl Fn(&mut ChinaMobile)) -> Duration {
    play_online_at(&Server::new("h", "u", "p"), lines, scenario)
}

/// As [`play_online`], on this server.
fn play_online_at(server: &Server, lines: &str, scenario: impl Fn(&mut ChinaMobile)) -> Duration {
    play(&format!("{}{lines}", login_lines(server)), |modem| {
        modem.login(server).unwrap();
        scenario(modem);
    })
}

/// The lines of a login.
fn login_lines(server: &Server) -> String {
    let settings =
        ["\"data_type\",0", "\"transmode\",1", "\"rsptimeout\",30", "\"local_fs\",0", "\"cid\",1", "\"ssl\",0,0"];
    let settings = settings
        .map(|setting| {
            format!(
                r"
>> AT+MFTPCFG=0,{setting}\r
<< \r\nOK\r\n
"
            )
        })
        .concat();
    let login = format!(
        r#"
>> AT+MFTPCONN=0,"{}","{}","{}",{}\r
<< \r\nOK\r\n\r\n+MFTPCONN: 0,0\r\n
"#,
        server.host, server.user, server.password, server.port
    );
    settings + &login
}
