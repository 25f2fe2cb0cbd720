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

/// In the words of the user, not of a parser.
#[test]
fn a_value_that_is_no_value_is_answered_by_its_range_and_an_example() {
    let seconds = "a number of seconds above 0 and up to 1000000000, without a unit, such as 30 or 0.5";
    let time = "a whole number with the unit ms or s, up to 1000000000s, such as 20ms or 2s";
    let rate = "a whole number of bits per second from 1 to 4294967295, such as 115200";
    let count = "a whole number from 0 to 4294967295, such as 3";
    let address = "an IP address with a port, such as 127.0.0.1:0";
    let numbers = ["x", "-1", "", "99999999999999999999999"];
    let cases: &[(&[&str], &[&str], &str)] = &[
        (&["--timeout"], &["x", "-1", "0", "nan", "1e400", "1e30", "5s"], seconds),
        (&["--max-time"], &["x", "-1", "0", "inf", "2000000000"], seconds),
        (&["spool", "a", "b", "--every"], &["x", "-1", "0", "10min"], seconds),
        (&["--retries"], &numbers, count),
        (&["--baud"], &[&numbers[..], &["0", "9600.5"]].concat(), rate),
        (&["emulate", "--line-rate"], &[&numbers[..], &["0"]].concat(), rate),
        (&["emulate", "--latency"], &["x", "-1", "5", "1.5s", "xs", "99999999999999999999999s"], time),
        (&["emulate", "--network-latency"], &["x", "s", "ms", "2000000000s"], time),
        (&["emulate", "--bind"], &["x", "127.0.0.1", "localhost:3001", "127.0.0.1:x"], address),
        (&["--charset"], &["x"], "utf-8, latin1, gbk"),
        (&["--vendor"], &["x"], "[possible values: auto, luat, fibocom, quectel, cmcc, generic]"),
        (&["--flow"], &["x"], "[possible values: none, rts-cts]"),
        (&["--dtr"], &["x"], "[possible values: on, off, escape]"),
        (&["--apn-auth"], &["x"], "[possible values: none, pap, chap]"),
        (&["--pdp-type"], &["x"], "[possible values: ipv4, ipv6, ipv4v6]"),
        (&["--tls"], &["x"], "[possible values: none, explicit, implicit]"),
        (&["--progress"], &["x"], "[possible values: auto, never, json]"),
        (&["spool", "a", "b", "--bearer"], &["x"], "[possible values: keep, per-batch]"),
        (&["completions"], &["x"], "[possible values: bash, elvish, fish, powershell, zsh]"),
    ];
    for (option, values, words) in cases {
        for value in *values {
            let command: &[&str] = if option[0].starts_with('-') { &["info"] } else { &[] };
            let refused = run(tool().args(*option).arg(value).args(command)).expect(2);
            assert!(refused.stderr.contains(&format!("invalid value '{value}' for ")), "{}", refused.stderr);
            assert!(refused.stderr.contains(words), "{}", refused.stderr);
        }
    }
    let refused = run(tool().arg("info").env("FTP_MODEM_BAUD", "fast")).expect(2);
    assert!(refused.stderr.contains("(from FTP_MODEM_BAUD)"), "{}", refused.stderr);
    let twice = run(tool().args(["--port", "a", "--port", "b", "info"])).expect(2);
    assert!(!twice.stderr.contains("(from "), "{}", twice.stderr);
}

#[test]
fn the_answer_to_a_command_line_says_what_to_type() {
    let port = ["-p", "/dev/no-such-port"];
    let with = |server: &'static str| ["-p", "/dev/no-such-port", "-s", server];
    let cases: &[(&[&str], &str)] = &[
        (&[], "no command given; name one of info, ls, get, "),
        (&["fetch"], "no command 'fetch'; the commands are info, ls, get, "),
        (&["lss"], "no command 'lss'; tip: a similar subcommand exists: 'ls'"),
        (&["put", "a"], "usage: ftp-modem put [OPTIONS] <LOCAL|->... <REMOTE>; see ftp-modem put --help"),
        (&["--retries", "1", "get"], "usage: ftp-modem get [OPTIONS] <REMOTE>... [LOCAL|-]; see ftp-modem get --help"),
        (&["mv", "a"], "usage: ftp-modem mv [OPTIONS] <FROM> <TO>; see ftp-modem mv --help"),
        (&["ls", "a", "b"], "unexpected argument 'b' found; usage: ftp-modem ls [OPTIONS] [PATH]"),
        (&["rm", "-name"], "a PATH that starts with - needs -- before it"),
        (&[&port[..], &["pwd"]].concat(), "no server given; use --server ftp://USER@HOST, or FTP_MODEM_SERVER"),
        (&[&port[..], &["doctor", "--write", "/"]].concat(), "--write needs a server; use --server ftp://USER@HOST"),
        (&[&with("h")[..], &["pwd"]].concat(), "write it as ftp://user@host or ftp://user@host:port"),
        (&[&with("ftp://u@h:2121/in")[..], &["pwd"]].concat(), "has a path; leave the path out"),
        (&[&with("ftp://u:s3cret@h")[..], &["pwd"]].concat(), "holds a password; leave the password out"),
        (&[&with("ftp://@h")[..], &["pwd"]].concat(), "lacks its host or its user; write it as ftp://user@host"),
        (&[&with("ftps://u@h")[..], &["pwd"]].concat(), "use --ca with the authority that signed the server's, or"),
        (&[&with("ftps://u@h")[..], &["--tls", "none", "pwd"]].concat(), "use ftp://, or leave --tls out"),
        (&[&with("ftp://u@h")[..], &["--insecure", "pwd"]].concat(), "use ftps:// in the URL, or --tls explicit"),
        (&[&with("ftp://u@h")[..], &["--password-file", "/dev/null", "pwd"]].concat(), "write the password into it"),
        (&[&with("ftp://u@h")[..], &["get", "/in/", "."]].concat(), "name a file, or '/in/*' for all files in the"),
        (&[&with("ftp://u@h")[..], &["put", "-", "/in/"]].concat(), "name the file to create as REMOTE"),
        (&[&with("ftp://u@h")[..], &["put", "a", "-", "/in/"]].concat(), "upload it alone, or name a file ./-"),
        (&["-p", "", "info"], "name one, or leave out --port and FTP_MODEM_PORT"),
        (&["-p", "tcp://gateway", "info"], "has no host or no port; write it as tcp://HOST:PORT"),
        (&["--pin-file", "/dev/null", "-p", "x", "info"], "no PIN; give it as 4 to 8 digits"),
        (&["emulate"], "use --vendor luat|fibocom|quectel|cmcc|generic, or --profile"),
        (&["emulate", "--profile", "x"], "there is no profile \"x\"; use one of air780e, "),
        (&["emulate", "--profile", "ec25", "--vendor", "luat"], "leave --vendor out, or use --vendor quectel"),
        (&["emulate", "--vendor", "luat", "--faults", "x"], "write it such as 'in@17 delete; "),
    ];
    for (arguments, words) in cases {
        let refused = run(tool().args(*arguments).env("FTP_MODEM_PASSWORD", "x")).expect(2);
        assert!(refused.stderr.contains(words) && !refused.stderr.contains("s3cret"), "{}", refused.stderr);
        assert_eq!(refused.stderr.lines().count(), 1, "{}", refused.stderr);
    }
}
