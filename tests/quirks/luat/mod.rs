//! Luat, and SIMCom's families.
//!
//! Sources, as the tests name them:
//!
//! * guide: Air780E FTP guide, firmware AirM2M_780E_V1169_LTE_AT (openLuat/luatos-doc-pool,
//!   docs/air780e/at/docs/app/command/ftp/index.md).
//! * AT manual: Luat AT command manual, FTP and IP chapters (openLuat/luatos-doc-pool, AT_Command_Manual).
//! * log of an Air780EP: firmware AirM2M_780EP_LTE_AT_V1007 (openLuat/luatos-doc-pool,
//!   public/20240812_air780ep_at_ftp.md).
//! * SIM7000 note, SIM7080 note: FTP application notes V1.02 of the SIM7000 series and of SIM7070/7080/7090.
//! * SIM800 AT manual V1.09, SIM7000 AT manual V1.06, SIM7080 AT manual V1.05.

mod arguments;
mod bearer;
mod download;
mod errors;
mod framing;
mod identification;
mod listing;
mod login;
mod module_memory;
mod names;
mod payload;
mod private_access_point;
mod recovery;
mod secrets;
mod session;
mod transcripts;
mod unsolicited;
mod upload;
mod whole_files;

use std::time::Duration;

use ftp_modem::FtpModem;
use ftp_modem::backend::luat::Luat;
use ftp_modem::emulator::{LuatOptions, LuatProfile, Options};
use ftp_modem::modem::AccessPoint;

use crate::support::access::{PASSWORD, server};
use crate::support::payload::pattern;
use crate::support::replay::{self, ok};
use crate::support::rig;

const SECOND: Duration = Duration::from_secs(1);

const PROFILES: [LuatProfile; 4] =
    [LuatProfile::Air780e, LuatProfile::Sim800, LuatProfile::Sim7000, LuatProfile::Sim7080];

type Rig = rig::Rig<Luat>;

/// Options of the dialect.
fn with(change: impl FnOnce(&mut LuatOptions)) -> Options {
    let mut options = Options::default();
    change(&mut options.luat);
    options
}

/// Attached and logged in.
fn online(change: impl FnOnce(&mut LuatOptions)) -> Rig {
    Rig::online(with(change))
}

/// Attached and logged in, on a module of another family.
fn online_on(profile: LuatProfile) -> Rig {
    online(|options| options.profile = profile)
}

/// Every operation once, with a file of three blocks.
fn every_operation_works(mut rig: Rig, what: &str) {
    let bytes = pattern(3000);
    rig.upload("/up.bin", &bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(rig.files.file("/up.bin").unwrap() == bytes, "{what}");
    let arrived = rig.download("/up.bin").unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(arrived == bytes, "{what}");
    assert_eq!(rig.modem.size("/up.bin").unwrap(), 3000, "{what}");
    assert_eq!(rig.modem.list("/").unwrap().len(), 1, "{what}");
    rig.modem.mkdir("/new").unwrap();
    rig.modem.rmdir("/new").unwrap();
    rig.modem.remove("/up.bin").unwrap();
    assert!(rig.files.files().is_empty(), "{what}");
}

/// Attaching and logging in brings everything back.
#[track_caller]
fn recovers(rig: &mut Rig, what: &str) {
    let bearer = rig.modem.attach(&AccessPoint::default()).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(!bearer.was_up, "{what}");
    rig.modem.login(&server()).unwrap();
    rig.still_works();
}

/// The identification of a module, as lines of a session.
fn opening(name: &str) -> String {
    format!(">> ATI\\r\n<< \\r\\n{name}\\r\\n\\r\\nOK\\r\\n\n>> ATE0\\r\n<< \\r\\nOK\\r\\n\n")
}

/// Plays a session from identification to its end.
fn play(text: &str, scenario: impl Fn(&mut Luat)) {
    replay::play(text, scenario);
}

/// Plays a session behind identification and login of a Luat module.
fn play_online(text: &str, scenario: impl Fn(&mut Luat)) {
    let password = format!("AT+FTPPW=\"{PASSWORD}\"");
    let login = ok(&[
        "AT+FTPCID=1",
        "AT+FTPSERV=\"192.0.2.7\"",
        "AT+FTPPORT=2121",
        "AT+FTPUN=\"logger\"",
        &password,
        "AT+FTPTYPE=\"I\"",
        "AT+FTPMODE=1",
        "AT+FTPEXTPUT=0",
        "AT+FTPFILEPUT=0",
    ]);
    play(&(opening("AirM2M_780E_V1169_LTE_AT") + &login + text), |modem| {
        modem.login(&server()).unwrap();
        scenario(modem);
    });
}
