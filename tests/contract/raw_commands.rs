//! Commands as the caller writes them, and the PIN of the SIM card.

use ftp_modem::backend::secrets_in;
use ftp_modem::emulator::Options;
use ftp_modem::modem::{AccessPoint, Authentication, SimState};
use ftp_modem::{ErrorKind, Vendor};

use crate::for_each_dialect;
use crate::support::access::{PASSWORD, server};
use crate::support::expected::expected;
use crate::support::rig::AnyRig;

const PIN: &str = "1234";

/// A module whose SIM card waits for its PIN, and that reports the attempts left by `counter`.
fn locked(vendor: Vendor, counter: Option<(&str, &str)>) -> AnyRig {
    let rig = AnyRig::open_with(vendor, Options::default().with_sim_pin(PIN));
    if let Some((command, answer)) = counter {
        rig.line.answer(command, format!("\r\n{answer}\r\n\r\nOK\r\n").as_bytes());
    }
    rig.line.clear();
    rig
}

for_each_dialect! {
    fn a_raw_command_returns_the_lines_of_its_answer(vendor: Vendor) {
        let mut rig = AnyRig::open(vendor);
        assert_eq!(rig.modem.command("AT+CSQ").unwrap().len(), 1);
        assert!(rig.modem.command("at+cgmm").unwrap().len() == 1);
        assert!(rig.modem.command("AT").unwrap().is_empty());
        let refused = rig.modem.command("AT+NOSUCH=1").unwrap_err();
        assert!(refused.module_usable() && refused.to_string().contains("command failed: "), "{refused}");
        rig.go_online();
        rig.modem.command("AT+CEREG?").unwrap();
        rig.still_works();
    }

    fn what_is_no_command_is_refused_before_anything_is_sent(vendor: Vendor) {
        let mut rig = AnyRig::open(vendor);
        rig.line.clear();
        for line in ["", "+++", "CSQ", "AT+CSQ\rAT+CFUN=0", "AT\n", "AT+X=\u{1a}"] {
            assert_eq!(rig.modem.command(line).unwrap_err().kind(), ErrorKind::InvalidInput, "{line:?}");
        }
        assert_eq!(rig.line.text(), "");
    }

    fn settings_that_a_raw_command_resets_are_set_again(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        let mut sent_after = |line: &str| {
            rig.modem.command(line).unwrap();
            rig.line.clear();
            rig.still_works();
            rig.line.text().matches('\r').count()
        };
        // The first operation of a session may send more than the later ones.
        let _ = sent_after("AT+CSQ");
        let usual = sent_after("AT+CSQ");
        assert_eq!(sent_after("ATE1"), usual);
        for reset in ["ATZ", "at&f"] {
            assert_eq!(sent_after(reset) > usual, !expected(vendor).logs_in_each_time, "{reset}");
        }
    }

    fn secrets_in_raw_commands_are_masked(vendor: Vendor) {
        let mut rig = AnyRig::open(vendor);
        rig.line.answer("AT+FTPPW", b"\r\n+FTPPW: s3cret\r\n\r\nOK\r\n");
        rig.line.answer("AT+QFTPCFG", b"\r\n+CME ERROR: s3cret\r\n");
        assert_eq!(rig.modem.command("AT+FTPPW=\"s3cret\"").unwrap(), ["+FTPPW: ***"]);
        let error = rig.modem.command("AT+QFTPCFG=\"account\",\"u\",\"s3cret\"").unwrap_err();
        assert!(!format!("{error} {error:#?}").contains("s3cret"), "{error}");
        assert!(error.to_string().contains("AT+QFTPCFG=\"account\",\"u\",\"***\""), "{error}");
    }

    fn secrets_in_the_commands_of_the_driver_are_secrets_in_raw_commands(vendor: Vendor) {
        const APN_PASSWORD: &str = "apn-s3cret";
        let mut rig = AnyRig::open(vendor);
        let access_point = AccessPoint::new("cmnet").with_credentials("user", APN_PASSWORD, Authentication::Chap);
        let mut secrets = vec![PASSWORD];
        match rig.modem.attach(&access_point) {
            Ok(_) => secrets.push(APN_PASSWORD),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
                rig.modem.attach(&AccessPoint::default()).unwrap();
            }
        }
        rig.modem.login(&server()).unwrap();
        rig.modem.list("/").unwrap();
        for secret in secrets {
            let sent = rig.line.text();
            let mut lines = sent.split('\r').filter(|line| line.contains(secret)).peekable();
            assert!(lines.peek().is_some(), "{secret} was not sent");
            for line in lines {
                assert!(secrets_in(line).contains(&secret), "{line}: {:?}", secrets_in(line));
            }
        }
    }

    fn a_card_is_unlocked_once_it_has_attempts_enough(vendor: Vendor) {
        for counter in [
            ("AT+CPINR", "+CPINR: SIM PIN,2,3"),
            ("AT+QPINC", "+QPINC: \"SC\",3,10\r\n+QPINC: \"P2\",3,10"),
            ("AT+SPIC", "+SPIC: 3,10,0,10"),
        ] {
            let mut rig = locked(vendor, Some(counter));
            assert!(rig.modem.unlock(PIN).unwrap());
            assert_eq!(rig.line.commands("AT+CPIN="), ["AT+CPIN=\"1234\""]);
            assert_eq!(rig.modem.network().unwrap().sim, SimState::Ready);
            rig.go_online();
            // The card does not wait for it any longer.
            rig.line.clear();
            assert!(!rig.modem.unlock(PIN).unwrap());
            assert!(rig.line.commands("AT+CPIN=").is_empty());
        }
    }

    fn a_pin_is_withheld_where_it_could_block_the_card(vendor: Vendor) {
        for (counter, why) in [
            (Some(("AT+CPINR", "+CPINR: SIM PIN,1,3")), "1 attempt left"),
            (Some(("AT+QPINC", "+QPINC: \"SC\",0,10")), "0 attempt left"),
            (Some(("AT+CPINR", "+CPINR: SIM PIN")), "does not report how many attempts"),
            // A URC among the answer's lines has other numbers.
            (Some(("AT+SPIC", "+CREG: 2\r\n+SPIC: 1,10,0,10")), "1 attempt left"),
            (Some(("AT+CPINR", "+CREG: 2,\"4711\",\"02\"\r\n+CPINR: SIM PIN,1,3")), "1 attempt left"),
            (None, "does not report how many attempts"),
        ] {
            let mut rig = locked(vendor, counter);
            let error = rig.modem.unlock(PIN).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::SimUnavailable, "{error}");
            assert!(error.to_string().contains(why) && error.to_string().contains("was not sent"), "{error}");
            assert!(rig.line.commands("AT+CPIN=").is_empty(), "{}", rig.line.text());
        }
    }

    fn a_wrong_pin_is_sent_once(vendor: Vendor) {
        let mut rig = locked(vendor, Some(("AT+CPINR", "+CPINR: SIM PIN,3,3")));
        let error = rig.modem.unlock("9999").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SimUnavailable, "{error}");
        let message = error.to_string();
        assert!(message.contains("refused the PIN") && !message.contains("9999"), "{message}");
        assert!(!error.is_retryable() && error.module_usable());
        assert_eq!(rig.line.commands("AT+CPIN=").len(), 1);
        rig.line.clear();
        for pin in ["", "123", "12a4", "123456789"] {
            assert_eq!(rig.modem.unlock(pin).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        assert_eq!(rig.line.text(), "");
    }

    fn a_card_without_a_pin_needs_none(vendor: Vendor) {
        let mut rig = AnyRig::open(vendor);
        rig.line.clear();
        assert!(!rig.modem.unlock(PIN).unwrap());
        assert!(rig.line.commands("AT+CPIN=").is_empty() && rig.line.commands("AT+CPINR").is_empty());
    }
}

#[test]
fn a_raw_command_that_asks_for_data_is_an_error_and_the_module_comes_back() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    let error = rig.modem.command("AT+QFUPL=\"raw.txt\",10,5").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    assert!(error.to_string().contains("asked for data"), "{error}");
    rig.still_works();
}
