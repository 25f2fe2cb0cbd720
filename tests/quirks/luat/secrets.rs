//! The password.

use ftp_modem::FtpModem;
use ftp_modem::emulator::{Noise, Options};
use ftp_modem::modem::AccessPoint;

use super::{PROFILES, Rig, opening, play, with};
use crate::support::access::{PASSWORD, server};
use crate::support::replay::ok;
use crate::support::watch::LEAKS;

/// An echo has it, and FTPSCONT? prints it in clear (AT manual).
#[test]
fn the_password_is_in_no_log_and_no_error() {
    for profile in PROFILES {
        for noise in [false, true] {
            let mut options = with(|options| options.profile = profile).with_echo(true).with_fragment(3);
            options.noise = noise.then(|| Noise::new(5));
            options.luat.stubborn_echo = true;
            let mut rig = Rig::open(options);
            let secret = AccessPoint::new("apn").with_credentials("u", &PASSWORD[..12], Default::default());
            // The emulated SIM7080 has no CNCFG, so it refuses the access point.
            println!("{:?}", rig.modem.attach(&secret));
            rig.modem.attach(&AccessPoint::default()).unwrap();
            rig.modem.login(&server()).unwrap();
            rig.still_works();
        }
    }
    // A module that says it by itself (the answer to FTPSCONT?, an echo in the wrong place).
    let mut rig = Rig::online(Options::default());
    rig.line.say(&format!("+FTPPW: \"{PASSWORD}\""));
    rig.line.say(&format!("AT+FTPPW=\"{PASSWORD}\""));
    rig.still_works();
    // An error at the very command.
    let text = opening("AirM2M_780E_V1169_LTE_AT")
        + &ok(&["AT+FTPCID=1", "AT+FTPSERV=\"192.0.2.7\"", "AT+FTPPORT=2121", "AT+FTPUN=\"logger\""])
        + &format!(">> AT+FTPPW=\"{PASSWORD}\"\\r\n<< \\r\\n+CME ERROR: {PASSWORD}\\r\\n\n");
    play(&text, |modem| {
        let error = modem.login(&server()).unwrap_err();
        let shown = format!("{error} {error:#?} {:?} {:?}", error.command(), error.module_code());
        assert!(!shown.contains(PASSWORD), "{shown}");
    });
    assert_eq!(*LEAKS.lock().unwrap(), Vec::<String>::new());
}
