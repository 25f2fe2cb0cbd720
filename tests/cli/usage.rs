//! What the command line may not be, and the help that says what it may.

use ftp_modem::Vendor;

use crate::rig::{Rig, run, tool};

#[test]
fn a_misspelt_option_is_answered_by_the_one_that_was_meant() {
    let ran = run(tool().args(["ls", "--passwrd-file", "x"])).expect(2);
    let words = "unexpected argument '--passwrd-file' found; tip: a similar argument exists: '--password-file'; see ";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
}

#[test]
fn what_makes_no_sense_is_2() {
    let cases: &[&[&str]] = &[
        &[],
        &["no-such-command"],
        &["-p", "/dev/x", "ls"],
        &["-p", "/dev/x", "-s", "http://h", "ls"],
        &["-p", "/dev/x", "-s", "ftp://user:s3cret@h", "ls"],
        &["-p", "/dev/x", "--vendor", "nokia", "info"],
        &["-p", "/dev/x", "--baud", "0", "info"],
        &["-p", "/dev/x", "--baud", "fast", "info"],
        &["-p", "/dev/x", "--flow", "xon", "info"],
        &["-p", "/dev/x", "--dtr", "1", "info"],
        &["-p", "/dev/x", "--charset", "utf-16", "info"],
        &["-p", "/dev/x", "--charset", "no-such", "info"],
        &["-p", "/dev/x", "--pdp-type", "ppp", "info"],
        &["-p", "usb:2c7c", "info"],
        &["-p", "/dev/x", "--timeout", "0", "info"],
        &["-p", "/dev/x", "--timeout", "-1", "info"],
        &["-p", "/dev/x", "--timeout", "nan", "info"],
        &["-p", "/dev/x", "--password", "s3cret", "info"],
        &["-q", "-v", "-p", "/dev/x", "info"],
        &["-p", "", "info"],
        &["emulate"],
        &["get"],
        &["mv", "/x"],
    ];
    for case in cases {
        let ran = run(tool().args(*case).env("FTP_MODEM_PASSWORD", "x")).expect(2);
        assert!(!ran.stderr.contains("s3cret"), "{}", ran.stderr);
        assert!(ran.stderr.contains("--help") || case.contains(&"") || case.contains(&"usb:2c7c"), "{}", ran.stderr);
    }
    let rig = Rig::new(Vendor::Luat);
    for case in [
        &["put", "--append", "--resume", "a", "/b"][..],
        &["put", "--resume", "-", "/b"],
        &["put", "--append", "--temp", "a", "/b"],
        &["put", "--temp", "-", "/b"],
        &["get", "--resume", "/b", "-"],
        &["get", "/folder/.."],
        &["--insecure", "pwd"],
        &["--ca", "x", "pwd"],
        &["--tls", "explicit", "pwd"],
        &["--tls", "implicit", "--ca", "x", "--insecure", "pwd"],
    ] {
        rig.run(case).expect(2);
    }
}

#[test]
fn ftps_needs_to_know_whom_to_trust() {
    let with = |arguments: &[&str]| {
        run(tool().args(["-p", "/dev/no-such-port", "-s", "ftps://u@h"]).args(arguments).env("FTP_MODEM_PASSWORD", "x"))
    };
    assert!(with(&["pwd"]).expect(2).stderr.contains("--ca"));
    with(&["--tls", "none", "pwd"]).expect(2);
    with(&["--tls", "explicit", "pwd"]).expect(2);
    with(&["--ca", "/no-such-file", "pwd"]).expect(9);
    with(&["--insecure", "pwd"]).expect(3);
    with(&["--tls", "explicit", "--insecure", "pwd"]).expect(3);
}

#[test]
fn ftps_on_a_dialect_without_it_is_7() {
    let rig = Rig::new(Vendor::Luat);
    rig.run(&["--tls", "explicit", "--insecure", "ls"]).expect(7);
}

#[test]
fn the_environment_is_as_good_as_options() {
    let rig = Rig::new(Vendor::Fibocom);
    let mut command = tool();
    command.env("FTP_MODEM_PORT", rig.module.path()).env("FTP_MODEM_SERVER", rig.url()).env("FTP_MODEM_BAUD", "9600");
    command.env("FTP_MODEM_PASSWORD", crate::ftp_server::PASSWORD);
    assert_eq!(run(command.arg("pwd")).expect(0).text(), "/\n");
    // An option overrides the environment; a dialect that is given is not detected.
    let wrong = run(command.args(["--vendor", "quectel", "--retries", "0"]));
    assert_ne!(wrong.status, 0);
}

#[test]
fn help_is_complete() {
    let help = run(tool().arg("--help")).expect(0).text();
    let words = [
        "FTP_MODEM_PORT",
        "FTP_MODEM_BAUD",
        "FTP_MODEM_SERVER",
        "FTP_MODEM_PASSWORD",
        "--password-file",
        "--trace",
        "--retries",
        "--timeout",
        "--apn-password",
        "emulate",
        "mtime",
        "130",
        "Exit status",
        "Examples",
        "JSON",
    ];
    for word in words {
        assert!(help.contains(word), "{word}");
    }
    for command in ["info", "ls", "get", "put", "rm", "mkdir", "rmdir", "mv", "size", "mtime", "pwd", "emulate"] {
        let help = run(tool().args([command, "--help"])).expect(0).text();
        assert!(help.contains("Usage: ftp-modem"), "{help}");
    }
    let secret = run(tool().arg("--help").env("FTP_MODEM_SERVER", "ftp://u:s3cret@h")).expect(0).text();
    assert!(!secret.contains("s3cret"));
    assert!(run(tool().arg("--version")).expect(0).text().starts_with("ftp-modem "));
}

#[test]
fn a_value_that_is_refused_is_explained_once() {
    let refused = run(tool().args(["--charset", "foo", "-p", "/dev/no-such-port", "info"])).expect(2);
    assert!(refused.stderr.contains("no charset of file names"), "{}", refused.stderr);
    for words in ["invalid argument", "For more information"] {
        assert!(!refused.stderr.contains(words), "{}", refused.stderr);
    }
}
