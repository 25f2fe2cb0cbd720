//! `at`, `--init`, and the PIN of the SIM card.

use std::fs;

use ftp_modem::Vendor;
use ftp_modem::emulator::Options;

use crate::rig::{Rig, for_each_dialect, run, tool};
use crate::screen::{SIZES, on_screen};
use crate::wire::Wire;

const PIN: &str = "7391";

for_each_dialect! {
    fn at_prints_the_answers(vendor: Vendor) {
        let rig = Rig::new(vendor);
        let text = rig.ok(&["at", "AT+CSQ", "AT+CREG?"]);
        assert!(text.contains("+CSQ:") && text.contains("+CREG:") && text.lines().count() == 2, "{text}");
        let json = rig.run(&["--json", "at", "AT+CPIN?"]).expect(0).json();
        assert_eq!(json["command"], "AT+CPIN?");
        assert_eq!(json["lines"][0].as_str().unwrap().replace(' ', ""), "+CPIN:READY");
        let unknown = rig.run(&["at", "AT+NOSUCH"]).expect(1);
        assert!(unknown.stderr.contains("AT+NOSUCH"), "{}", unknown.stderr);
    }
}

#[test]
fn at_needs_no_server_and_fits_every_terminal() {
    let rig = Rig::new(Vendor::Quectel);
    let mut command = tool();
    command.args(["-p", rig.module.path(), "at", "ATI"]);
    assert!(run(&mut command).expect(0).text().starts_with("Quectel\nEC25"));
    for size in SIZES {
        assert!(on_screen(&command, size, "").contains("Quectel\nEC25\n"));
    }
}

#[test]
fn the_first_command_that_fails_ends_the_run() {
    let wire = Wire::new(Vendor::Luat, Options::default(), &[]);
    let failed = run(tool().args(["-p", wire.path(), "at", "AT+NOSUCH", "AT+CSQ"])).expect(1);
    assert!(failed.stdout.is_empty());
    assert_eq!((wire.commands("AT+NOSUCH").len(), wire.commands("AT+CSQ").len()), (1, 0));
}

#[test]
fn what_is_no_command_is_2() {
    let rig = Rig::new(Vendor::Luat);
    for line in ["CSQ", "AT+CSQ\rAT", "AT\n", "+++"] {
        rig.run(&["at", line]).expect(2);
        rig.run(&["--init", line, "info"]).expect(2);
    }
    rig.run(&["at"]).expect(2);
}

#[test]
fn secrets_of_raw_commands_show_nowhere() {
    let wire = Wire::new(Vendor::Quectel, Options::default(), &[("AT+FTPPW", "+FTPPW: hunter2secret")]);
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let mut command = tool();
    command.args(["-p", wire.path(), "-vvv", "--json", "--trace"]).arg(&trace);
    command.args(["--init", "AT+FTPPW=\"hunter2secret\"", "at", "AT+CPIN=\"99887766\""]);
    let ran = run(&mut command).expect(1);
    let json = run(tool().args(["-p", wire.path(), "--json", "at", "AT+FTPPW=\"hunter2secret\""])).expect(0).text();
    assert!(json.contains(r#""command":"AT+FTPPW=\"***\"","lines":["+FTPPW: ***"]"#), "{json}");
    let recorded = fs::read_to_string(&trace).unwrap();
    assert!(recorded.contains("AT+FTPPW"), "{recorded}");
    for secret in ["hunter2secret", "99887766"] {
        for shown in [&ran.stderr, &ran.text(), &recorded] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[test]
fn init_commands_precede_every_session() {
    let wire = Wire::new(Vendor::Luat, Options::default(), &[("AT+XFIRST", "one"), ("AT+XSECOND", "two")]);
    run(tool().args(["-p", wire.path(), "--init", "AT+XFIRST", "--init", "AT+XSECOND=1", "info"])).expect(0);
    let all = wire.commands("AT");
    let place = |start: &str| all.iter().position(|line| line.starts_with(start)).unwrap();
    assert!(place("ATI") < place("AT+XFIRST") && place("AT+XFIRST") < place("AT+XSECOND"), "{all:?}");
    assert!(place("AT+XSECOND") < place("AT+CSQ"), "{all:?}");
    let refused = run(tool().args(["-p", wire.path(), "--init", "AT+NOSUCH", "info"])).expect(1);
    assert!(refused.stderr.contains("AT+NOSUCH"), "{}", refused.stderr);
}

/// A module with a locked card.
fn locked(rows: &'static [(&'static str, &'static str)]) -> Wire {
    Wire::new(Vendor::Quectel, Options::default().with_sim_pin(PIN), rows)
}

#[test]
fn the_pin_comes_from_a_file_or_the_environment_and_shows_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let (file, trace) = (folder.path().join("pin"), folder.path().join("trace"));
    fs::write(&file, format!("{PIN}\n")).unwrap();
    for by_file in [true, false] {
        let wire = locked(&[("AT+QPINC", "+QPINC: \"SC\",3,10")]);
        let mut command = tool();
        command.args(["-p", wire.path(), "-vvv", "--trace"]).arg(&trace).arg("info");
        match by_file {
            // The option takes precedence.
            true => command.arg("--pin-file").arg(&file).env("FTP_MODEM_PIN", "0000"),
            false => command.env("FTP_MODEM_PIN", PIN),
        };
        let info = run(&mut command).expect(0);
        assert!(info.text().contains("registration  home"), "{}", info.text());
        assert_eq!(wire.commands("AT+CPIN="), [format!("AT+CPIN=\"{PIN}\"")]);
        let recorded = fs::read_to_string(&trace).unwrap();
        for shown in [&info.stderr, &recorded] {
            assert!(!shown.contains(PIN) && shown.contains("AT+CPIN=\"***\""), "{shown}");
        }
    }
}

#[test]
fn the_pin_is_not_entered_on_the_last_attempt_and_not_repeated() {
    for (rows, why, sent) in [
        (&[("AT+QPINC", "+QPINC: \"SC\",1,10")][..], "1 attempt left", 0),
        (&[], "does not report how many attempts", 0),
        (&[("AT+QPINC", "+QPINC: \"SC\",3,10")], "refused the PIN", 1),
    ] {
        let wire = locked(rows);
        let mut command = tool();
        command.args(["-p", wire.path(), "--retries", "3", "info"]).env("FTP_MODEM_PIN", "0000");
        let failed = run(&mut command);
        assert_ne!(failed.status, 0);
        assert!(failed.stderr.contains(why) && !failed.stderr.contains("0000"), "{}", failed.stderr);
        assert_eq!(wire.commands("AT+CPIN=").len(), sent, "{why}");
    }
}

#[test]
fn what_cannot_be_a_pin_is_2_and_a_missing_file_9() {
    for pin in ["", "12", "abcd", "123456789"] {
        let refused = run(tool().args(["-p", "/dev/x", "info"]).env("FTP_MODEM_PIN", pin)).expect(2);
        assert!(refused.stderr.contains("4 to 8 digits"), "{}", refused.stderr);
    }
    run(tool().args(["-p", "/dev/x", "--pin-file", "/no-such-file", "info"])).expect(9);
}
