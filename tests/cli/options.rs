//! Options of every command, by what reaches the module; and that every command and option is named in a test.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use ftp_modem::Vendor;
use ftp_modem::emulator::{MemoryServer, Options};

use crate::expected::expected;
use crate::ftp_server::{PASSWORD, USER};
use crate::manual::{commands, options_of};
use crate::rig::{Rig, for_each_dialect, run, spawn, tool};
use crate::wire::Wire;

const APN: [&str; 8] =
    ["--apn", "internet", "--apn-user", "someone", "--apn-password", "apn-s3cret", "--apn-auth", "chap"];

/// Runs `pwd` with these options on a module of its own. Returns the exit status, and the commands that were sent.
fn pwd(vendor: Vendor, options: &[&str]) -> (i32, Vec<String>) {
    let server = MemoryServer::new();
    server.add_user(USER, PASSWORD);
    let wire = Wire::to(server.remote(), vendor, Options::default(), &[]);
    let mut command = tool();
    command.args(["-p", wire.path(), "-s", "ftp://logger@127.0.0.1", "-vvv"]).args(options).arg("pwd");
    let ran = run(command.env("FTP_MODEM_PASSWORD", PASSWORD));
    assert!(!ran.stderr.contains("apn-s3cret"), "{}", ran.stderr);
    (ran.status, wire.commands("AT"))
}

for_each_dialect! {
    fn the_access_point_reaches_the_module(vendor: Vendor) {
        let (status, sent) = pwd(vendor, &APN);
        let Some(chap) = expected(vendor).chap else {
            assert!(status == 7 && !sent.concat().contains("internet"), "{sent:?}");
            return;
        };
        assert_eq!(status, 0, "{sent:?}");
        for value in ["\"internet\"", "\"someone\"", "\"apn-s3cret\""] {
            assert!(sent.iter().any(|line| line.contains(value)), "{value} in {sent:?}");
        }
        assert!(sent.iter().any(|line| line.contains(chap)), "{sent:?}");
    }

    fn the_type_of_the_bearer_reaches_the_module(vendor: Vendor) {
        let (status, sent) = pwd(vendor, &["--pdp-type", "ipv4v6", "--apn", "internet"]);
        let Some(command) = expected(vendor).pdp_type else {
            assert!(status == 7 && !sent.concat().contains("internet"), "{sent:?}");
            return;
        };
        assert!(status == 0 && sent.iter().any(|line| line.starts_with(command)), "{sent:?}");
    }
}

#[test]
fn names_are_sent_and_shown_in_the_charset_of_the_server() {
    let server = MemoryServer::new();
    server.add_user(USER, PASSWORD);
    server.put(b"/\xb2\xe2\xca\xd4.txt", "12345");
    let wire = Wire::to(server.remote(), Vendor::Quectel, Options::default(), &[]);
    let with = |options: &[&str]| {
        let mut command = tool();
        command.args(["-p", wire.path(), "-s", "ftp://logger@127.0.0.1"]).args(options);
        run(command.env("FTP_MODEM_PASSWORD", PASSWORD))
    };
    let listed = with(&["--charset", "gbk", "ls", "/"]).expect(0).text();
    assert!(listed.ends_with(" 测试.txt\n"), "{listed}");
    assert_eq!(with(&["--charset", "gbk", "size", "/测试.txt"]).expect(0).text(), "5\n");
    with(&["size", "/测试.txt"]).expect(8);
    for arguments in [&["ls", "/"][..], &["--json", "ls", "/"], &["get", "/*", "."]] {
        let unreadable = with(arguments);
        assert_eq!(unreadable.stderr.matches("--charset gbk").count(), 1, "{}", unreadable.stderr);
    }
    assert_eq!(with(&["--charset", "gbk", "ls", "/"]).expect(0).stderr, "");
}

/// What an earlier program has left unfinished takes every command for file data.
#[test]
fn a_silent_module_is_waited_for_when_asked_for() {
    let wire = Wire::new(Vendor::Quectel, Options::default(), &[]);
    wire.be_deaf();
    let mut child = spawn(tool().args(["-p", wire.path(), "--patient", "info"]));
    let mut warnings = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("waiting up to 95 s") {
        assert_ne!(warnings.read_line(&mut said).unwrap(), 0, "{said}");
    }
    wire.hear_again("\r\n+QFTPPUT: 0,1000\r\n");
    let mut shown = String::new();
    child.stdout.take().unwrap().read_to_string(&mut shown).unwrap();
    assert!(child.wait().unwrap().success() && shown.contains("EC25"), "{said}{shown}");
}

#[test]
fn quiet_is_quiet_and_verbose_says_more() {
    let rig = Rig::new(Vendor::ChinaMobile);
    assert_eq!(rig.run(&["--quiet", "pwd"]).expect(0).stderr, "");
    assert_eq!(rig.run(&["pwd"]).expect(0).stderr, "");
    let levels: [&[&str]; 3] = [&["--verbose"], &["-vv"], &["-vvv"]];
    let lengths = levels.map(|level| rig.run(&[level, &["pwd"]].concat()).expect(0).stderr.len());
    assert!(0 < lengths[0] && lengths[0] < lengths[1] && lengths[1] < lengths[2], "{lengths:?}");
    let failed = rig.run(&["-q", "size", "/missing"]).expect(8);
    assert_eq!(failed.stderr.lines().count(), 1, "an error is printed all the same");
}

/// Tests whose command lines do no work: they are refused, or print help.
const IDLE: [&str; 2] = ["usage.rs", "help.rs"];

#[test]
fn each_command_and_option_is_run_in_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let tests = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let working = tests.filter(|path| !IDLE.iter().any(|name| path.ends_with(name)));
    let text: String = working.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let commands = commands();
    let options = commands.iter().flat_map(|command| options_of(command));
    for word in commands.iter().cloned().chain(options).filter(|word| word != "--help") {
        assert!(text.contains(&format!("\"{word}\"")), "no test in tests/cli runs {word}");
    }
}
