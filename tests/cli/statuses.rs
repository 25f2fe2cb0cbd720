//! Every exit status, provoked, and the line that goes with it.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};

use ftp_modem::Vendor;
use ftp_modem::emulator::Options;
use serialport::{SerialPort, TTYPort};

use crate::expected::{Active, expected};
use crate::ftp_server::{PASSWORD, USER};
use crate::rig::{Rig, for_each_dialect, pattern, run, text, tool};

for_each_dialect! {
    fn a_wrong_password_is_6_and_a_missing_file_8(vendor: Vendor) {
        let rig = Rig::new(vendor);
        let mut command = rig.tool(&["get", "/missing.txt", "mine.txt"]);
        let refused = run(command.env("FTP_MODEM_PASSWORD", "wr0ng-one")).expect(6);
        let message = &refused.stderr;
        assert!(message.contains("login refused") && !message.contains("wr0ng-one"), "{message}");
        assert!(message.contains("retrying does not help"), "{message}");

        rig.write("mine.txt", "mine");
        let missing = rig.run(&["get", "/missing.txt", "mine.txt"]).expect(8);
        assert!(missing.stderr.starts_with("ftp-modem: get /missing.txt: "), "{}", missing.stderr);
        assert_eq!(rig.read("mine.txt"), b"mine", "what was there stays");
        rig.run(&["size", "/missing.txt"]).expect(8);
        rig.serve("there.txt", "yes");
        assert_eq!(rig.ok(&["get", "/there.txt", "-"]), "yes", "the module goes on");
    }

    fn a_server_that_is_down_is_5(vendor: Vendor) {
        let rig = Rig::new(vendor);
        let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        let mut command = tool();
        command.args(["-p", rig.module.path(), "-s", &format!("ftp://{USER}@{closed}"), "--retries", "0", "ls", "/"]);
        let down = run(command.env("FTP_MODEM_PASSWORD", PASSWORD)).expect(5);
        assert!(down.stderr.contains("retrying may help"), "{}", down.stderr);
    }

    fn a_module_without_a_sim_card_is_1_and_info_shows_it(vendor: Vendor) {
        let rig = Rig::with(vendor, Options::default().with_sim_ready(false));
        let refused = rig.run(&["ls", "/"]).expect(1);
        assert!(refused.stderr.contains("SIM card not usable: no SIM card found"), "{}", refused.stderr);
        assert!(refused.stderr.contains("insert a SIM card") && refused.stderr.contains("retrying does not help"));
        let info = rig.run(&["--json", "info"]).expect(0).json();
        assert_eq!((&info["sim"], &info["registration"]), (&"not-inserted".into(), &"not-searching".into()), "{info}");
        let shown = rig.ok(&["info"]);
        assert!(shown.contains("SIM           not-inserted"), "{shown}");
    }

    fn active_data_connections_are_7_where_there_are_none(vendor: Vendor) {
        let rig = Rig::new(vendor);
        match expected(vendor).active {
            Active::Refused => {
                let refused = rig.run(&["--active", "ls", "/"]).expect(7);
                assert!(refused.stderr.contains("passive data connections only"), "{}", refused.stderr);
            }
            Active::RefusedByModule => assert_ne!(rig.run(&["--active", "ls", "/"]).status, 0),
            Active::Supported => drop(rig.run(&["--active", "ls", "/"]).expect(0)),
        }
    }

    fn what_the_module_cannot_carry_is_2(vendor: Vendor) {
        let rig = Rig::new(vendor);
        let refused = rig.run(&["size", "/two\nlines"]).expect(2);
        assert!(refused.stderr.contains("two\\nlines"), "{}", refused.stderr);
    }
}

/// Guide §3.2: three retries of the login. Those of the tool repeat all of them.
#[test]
fn retries_repeat_the_whole_operation_and_fibocom_repeats_commands_within_each_attempt() {
    let rig = Rig::new(Vendor::Fibocom);
    for (retries, logins) in [("0", 4), ("1", 8)] {
        let mut command = tool();
        command.args(["-vv", "-p", rig.module.path(), "-s", "ftp://u@127.0.0.1:1", "--retries", retries, "pwd"]);
        let failed = run(command.env("FTP_MODEM_PASSWORD", PASSWORD)).expect(5);
        assert_eq!(failed.stderr.matches("> AT+FTPOPEN=").count(), logins, "{}", failed.stderr);
        assert_eq!(failed.stderr.matches("; the command is repeated in 1 s").count(), logins / 4 * 3);
    }
}

#[test]
fn a_missing_port_is_3() {
    let mut command = tool();
    let missing = run(command.args(["-p", "/dev/no-such-port", "info"])).expect(3);
    assert!(missing.stderr.contains("/dev/no-such-port"), "{}", missing.stderr);
    run(tool().args(["-p", "/etc/hostname", "info"])).expect(3);
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    run(tool().args(["-p", &format!("tcp://{closed}"), "info"])).expect(3);
}

#[test]
fn a_silent_port_is_4() {
    let (_module, host) = TTYPort::pair().unwrap();
    let name = host.name().unwrap();
    drop(host);
    let silent = run(tool().args(["-p", &name, "info"])).expect(4);
    assert!(silent.stderr.contains("no answer within"), "{}", silent.stderr);
}

#[test]
fn a_module_of_no_known_kind_is_4() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    // Answers every line like a modem that knows nothing.
    std::thread::spawn(move || {
        use std::io::{BufRead, BufReader, Write};
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).split(b'\r');
        for line in lines {
            let answer: &[u8] = match line.unwrap().as_slice() {
                b"ATI" => b"\r\nHayes\r\n\r\nOK\r\n",
                b"ATE0" => b"\r\nOK\r\n",
                _ => b"\r\nERROR\r\n",
            };
            stream.write_all(answer).unwrap();
        }
    });
    let unknown = run(tool().args(["-p", &format!("tcp://{address}"), "info"])).expect(4);
    assert!(unknown.stderr.contains("Hayes"), "{}", unknown.stderr);
}

#[test]
fn a_local_failure_says_what_to_do_and_that_retrying_does_not_help() {
    let rig = Rig::new(Vendor::Luat);
    fs::create_dir(rig.here("folder")).unwrap();
    rig.write("file", "text");
    for (arguments, words) in [
        (&["put", "missing", "/x"][..], "missing: No such file or directory (os error 2); check the path"),
        (&["put", "folder", "/x"], "folder: is a directory; name a file, or folder/* for all files in it"),
        (&["put", "folder/", "/x"], "folder/: is a directory; name a file, or folder/* for all files in it"),
        (&["get", "/x", "missing/"], "missing/: No such file or directory (os error 2); check the path"),
        (&["get", "/x", "file/x"], "file: not a directory; name a directory"),
        (&["--password-file", "missing", "pwd"], "missing: No such file or directory (os error 2); check the path"),
    ] {
        let failed = rig.run(arguments).expect(9);
        assert!(failed.stderr.ends_with(&format!("{words}; retrying does not help\n")), "{}", failed.stderr);
    }
}

#[test]
fn a_login_that_names_no_user_is_anonymous_and_its_refusal_says_so() {
    for user in ["", "anonymous@"] {
        let rig = Rig::new(Vendor::Quectel);
        let mut command = tool();
        command.args(["-p", rig.module.path(), "-s", &format!("ftp://{user}{}", rig.server.address()), "pwd"]);
        let refused = run(&mut command).expect(6);
        let words = "if the server accepts no anonymous login, name an account: --server ftp://USER@HOST";
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
}

/// No file can be created in /proc, by any user.
#[test]
fn a_local_file_that_cannot_be_created_is_named() {
    let rig = Rig::new(Vendor::Luat);
    rig.serve("there.txt", text(10));
    let failed = rig.run(&["get", "/there.txt", "/proc/there.txt"]).expect(9);
    assert!(failed.stderr.contains("/proc/there.txt.part: "), "{}", failed.stderr);
}

#[test]
fn local_files_are_9() {
    let rig = Rig::new(Vendor::Luat);
    rig.serve("there.txt", text(10));
    for arguments in [
        &["get", "/there.txt", "no-such-folder/there.txt"][..],
        &["get", "/there.txt", "no-such-folder/"],
        &["put", "no-such-file", "/x"],
        &["put", ".", "/x"],
        &["--password-file", "no-such-file", "pwd"],
        &["--trace", "no-such-folder/trace", "pwd"],
    ] {
        let failed = rig.run(arguments).expect(9);
        assert!(failed.stderr.contains("local file error"), "{}", failed.stderr);
    }
    assert_eq!(fs::read_dir(rig.folder.path()).unwrap().count(), 1);
    assert_eq!(fs::read_dir(rig.local.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn a_full_disk_is_9_and_stdout_that_is_closed_too() {
    let rig = Rig::new(Vendor::Luat);
    rig.serve("big.bin", pattern(20_000));
    rig.run(&["get", "/big.bin", "/dev/full"]).expect(9);
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    run(rig.tool(&["ls", "/"]).stdout(full.try_clone().unwrap())).expect(9);
    let failed = run(rig.tool(&["get", "/big.bin", "-"]).stdout(full)).expect(9);
    assert!(failed.stderr.contains("check the program that reads it"), "{}", failed.stderr);
    assert!(failed.stderr.contains("or the disk that it goes to"), "{}", failed.stderr);
    assert!(!failed.stderr.contains("check the local file"), "{}", failed.stderr);
    rig.ok(&["size", "/big.bin"]);
}

#[test]
fn a_module_that_loses_bytes_is_11() {
    let mut options = Options::default();
    options.quectel.lost_upload_bytes = 5;
    let rig = Rig::with(Vendor::Quectel, options);
    rig.write("there.bin", pattern(1000));
    for arguments in [&["put", "there.bin", "/there.bin"][..], &["put", "/dev/stdin", "/there.bin"]] {
        let lost = rig.run_with(arguments, &pattern(1000)).expect(11);
        assert!(lost.stderr.contains("incomplete") || lost.stderr.contains("verification"), "{}", lost.stderr);
    }
}

#[test]
fn a_limit_that_passes_is_5() {
    let mut options = Options::default();
    options.quectel = options.quectel.with_result_delay("+QFTPPWD", None);
    let rig = Rig::with(Vendor::Quectel, options);
    let late = rig.run(&["--timeout", "0.5", "pwd"]).expect(5);
    assert!(late.stderr.contains("no result within 0.5 s"), "{}", late.stderr);
}
