//! What a login sets, and what it finds.

use ftp_modem::emulator::{Damage, LuatProfile, Options};
use ftp_modem::modem::{AccessPoint, DataConnection};
use ftp_modem::{ErrorKind, FtpModem, Vendor};

use super::{Rig, SECOND, online, online_on, with};
use crate::support::access::server;

/// The guide leaves user name and password bare, the manual quotes all. Quoted, they can hold blanks and commas.
#[test]
fn arguments_are_quoted_and_values_are_read_with_and_without_quotes() {
    let mut rig = Rig::open(Options::default());
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.files.add_user("a, b", "c;d e");
    let account = ftp_modem::Server::new("192.0.2.7", "a, b", "c;d e");
    rig.modem.login(&account).unwrap();
    rig.still_works();
    assert_eq!(rig.line.commands("AT+FTPUN"), ["AT+FTPUN=\"a, b\""]);
    // Values are read back with and without them.
    for quoted in [true, false] {
        let mut rig = online(|options| (options.quoted_values, options.settling) = (quoted, SECOND));
        rig.modem.list("/").unwrap();
        rig.modem.list("/").unwrap();
        assert_eq!(rig.line.commands("AT+FTPSERV?").len(), 1, "the server is still set");
    }
}

/// FTPFILEPUT on Luat, FTPSSL on SIM800 and SIM7080.
#[test]
fn what_another_program_left_on_is_switched_off() {
    for (profile, expected) in [
        (LuatProfile::Air780e, &["AT+FTPFILEPUT=0"][..]),
        (LuatProfile::Sim800, &["AT+FTPSSL=0"]),
        (LuatProfile::Sim7080, &["AT+FTPSSL=0,0,\"\",\"\""]),
    ] {
        let rig = online_on(profile);
        for command in expected {
            assert_eq!(rig.line.commands(command).len(), 1, "{profile:?}");
        }
        assert_eq!(rig.modem.capabilities().dialect, Vendor::Luat.name());
    }
}

/// FTPMODE 0 is "not supported yet" in the guide and the AT manual; an older copy lists it without a remark.
#[test]
fn luat_modules_are_passive() {
    // Passive only in the guide, both at SIMCom; an older Luat manual lists both without a word. The guide decides.
    for accepts in [true, false] {
        let mut rig = Rig::open(with(|options| options.active_mode = Some(accepts)));
        assert_eq!(rig.modem.use_data_connection(DataConnection::Active).unwrap_err().kind(), ErrorKind::Unsupported);
    }
    assert_eq!(
        online_on(LuatProfile::Sim800).line.commands("AT+FTPMODE"),
        ["AT+FTPMODE=1"],
        "where it has to be chosen"
    );
    // A firmware without the command is passive.
    online(|options| options.missing_commands = vec!["+FTPMODE".into()]).still_works();
}

/// SIM800 AT manual V1.09, SIM7000 and SIM7080 notes, FTPMODE.
#[test]
fn simcom_modules_can_be_active() {
    let mut rig = Rig::open(Options::default());
    assert_eq!(rig.modem.use_data_connection(DataConnection::Active).unwrap_err().kind(), ErrorKind::Unsupported);
    for profile in [LuatProfile::Sim800, LuatProfile::Sim7000, LuatProfile::Sim7080] {
        let mut rig = Rig::open(with(|options| options.profile = profile));
        rig.modem.use_data_connection(DataConnection::Active).unwrap();
        rig.modem.attach(&AccessPoint::default()).unwrap();
        rig.modem.login(&server()).unwrap();
        assert!(rig.line.text().contains("AT+FTPMODE=0\r"));
        rig.files.put("/x", "12345");
        assert_eq!(rig.modem.size("/x").unwrap(), 5);
    }
}

/// One bit makes `"A"` of `"I"`. SIMCom's modules then clear the top bit of every byte, which no count shows (SIM7000
/// AT manual V1.06, FTPTYPE).
#[test]
fn a_type_that_was_changed_on_its_way_is_noticed() {
    for profile in [LuatProfile::Sim800, LuatProfile::Sim7000, LuatProfile::Sim7080] {
        let mut rig = Rig::open(with(|options| options.profile = profile));
        rig.modem.attach(&AccessPoint::default()).unwrap();
        let (_, sent) = rig.line.clone().sent_by(|| rig.modem.login(&server()).unwrap());
        let place = sent.find("AT+FTPTYPE=\"I\"").unwrap() + "AT+FTPTYPE=\"".len();
        rig.line.play(Damage::Flip(3).of_input(place as u64).into());
        let error = rig.modem.login(&server()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{profile:?}: {error}");
        assert!(error.is_retryable());
        rig.modem.login(&server()).unwrap();
        rig.still_works();
    }
    // Luat's modules lose line ends instead, which the size shows.
    let rig = online(|_| {});
    assert!(rig.line.commands("AT+FTPTYPE?").is_empty());
    // A firmware that cannot tell.
    let mut rig = Rig::open(with(|options| options.profile = LuatProfile::Sim800));
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.line.answer("AT+FTPTYPE?", b"\r\nERROR\r\n");
    rig.modem.login(&server()).unwrap();
    rig.still_works();
}
