//! Passwords: where they come from, and where they never go.

use std::os::unix::fs::PermissionsExt;

use ftp_modem::emulator::{MemoryServer, Options, PtyModule};
use ftp_modem::modem::{AccessPoint, Server};
use ftp_modem::transfer::Download;
use ftp_modem::transport::replay::Replay;
use ftp_modem::transport::transcript::Transcript;
use ftp_modem::{OpenOptions, Vendor};

use crate::ftp_server::{PASSWORD, USER};
use crate::rig::{Rig, emulated, for_each_dialect, run, text, tool};

for_each_dialect! {
    fn the_log_at_its_most_talkative_and_the_trace_hold_no_password(vendor: Vendor) {
        let rig = Rig::new(vendor);
        rig.serve("there.txt", text(300));
        rig.write("trace", "from before, and longer than what will be written, ".repeat(1000));
        // The rig's own look at every output finds the password in the log.
        let ran = rig.run(&["-vvv", "--trace", "trace", "get", "/there.txt"]).expect(0);
        assert!(ran.stderr.contains("[trace] "), "{}", ran.stderr);

        let trace = String::from_utf8(rig.read("trace")).unwrap();
        assert!(!trace.contains(PASSWORD) && trace.contains("***") && !trace.contains("from before"), "{trace}");
        assert_eq!(std::fs::metadata(rig.here("trace")).unwrap().permissions().mode() & 0o777, 0o600);

        // A trace becomes a test: driven in the same way, with *** as the password, it plays to its end.
        let replay = Replay::new(Transcript::parse(&trace).unwrap());
        let mut modem = OpenOptions::new().open_on(replay.clone()).unwrap();
        let bearer = modem.attach(&AccessPoint::default()).unwrap();
        let address = rig.server.address();
        modem.login(&Server::new(address.ip().to_string(), USER, "***").with_port(address.port())).unwrap();
        Download::new("/there.txt", rig.here("again.txt")).resume(false).run(&mut *modem).unwrap();
        modem.logout().unwrap();
        if !bearer.was_up {
            modem.detach().unwrap();
        }
        replay.finish().unwrap();
        assert_eq!(rig.read("again.txt"), text(300));
    }
}

for_each_dialect! {
    fn a_password_of_one_letter_is_masked_and_hides_no_other_word(vendor: Vendor) {
        let files = MemoryServer::new();
        files.put("/e.txt", text(300));
        let module = PtyModule::spawn(emulated(vendor), files.remote(), Options::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut command = tool();
        command.current_dir(folder.path()).args(["-vvv", "--trace", "trace", "--port", module.path()]);
        command.args(["--server", "ftp://logger@192.0.2.7", "get", "/e.txt"]).env("FTP_MODEM_PASSWORD", "e");
        let log = run(&mut command).expect(0).stderr;
        let trace = std::fs::read_to_string(folder.path().join("trace")).unwrap();
        for shown in [log, trace] {
            assert!(shown.contains("***") && shown.contains("logger"), "{shown}");
            let words: Vec<&str> = shown.split("***").collect();
            let is_of_word = |character: char| character.is_ascii_alphanumeric();
            for pair in words.windows(2) {
                assert!(!pair[0].ends_with(is_of_word) && !pair[1].starts_with(is_of_word), "{pair:?}");
            }
            assert!(!shown.contains("\"e\""), "{shown}");
        }
    }
}

#[test]
fn json_of_at_masks_the_parameter_alone() {
    let rig = Rig::new(Vendor::Luat);
    let line = rig.run(&["--json", "at", "AT+FTPPW=\"FTP\""]).expect(0).json_lines().remove(0);
    assert_eq!(line["command"], "AT+FTPPW=\"***\"");
}

#[test]
fn a_password_file_goes_before_the_environment() {
    let rig = Rig::new(Vendor::Luat);
    rig.write("password", format!("{PASSWORD}\n"));
    let mut command = rig.tool(&["--password-file", "password", "ls"]);
    run(command.env("FTP_MODEM_PASSWORD", "wrong")).expect(0);
    rig.write("password", "wrong");
    rig.run(&["--password-file", "password", "ls"]).expect(6);
}

#[test]
fn an_empty_password_file_is_a_matter_of_usage() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    for content in ["", "\n", "\r\n"] {
        std::fs::write(&file, content).unwrap();
        let mut command = tool();
        command.args(["-p", "/dev/no-such-port", "-s", "ftp://logger@127.0.0.1", "--password-file"]).arg(&file);
        let ran = run(command.arg("pwd")).expect(2);
        assert!(ran.stderr.contains("the file holds no password"), "{}", ran.stderr);
    }
}

#[test]
fn without_a_password_and_a_terminal_it_is_a_matter_of_usage() {
    let rig = Rig::new(Vendor::Luat);
    let ran = run(rig.tool(&["ls"]).env_remove("FTP_MODEM_PASSWORD")).expect(2);
    assert!(ran.stderr.contains("--password-file"), "{}", ran.stderr);
}

#[test]
fn the_password_of_the_access_point_is_masked_too() {
    let rig = Rig::new(Vendor::Quectel);
    let mut command = rig.tool(&["-vvv", "--trace", "trace", "--apn", "internet", "--apn-user", "u", "pwd"]);
    let ran = run(command.env("FTP_MODEM_APN_PASSWORD", "apn-s3cret")).expect(0);
    let trace = String::from_utf8(rig.read("trace")).unwrap();
    assert!(trace.contains("internet"), "{trace}");
    assert!(!trace.contains("apn-s3cret") && !ran.stderr.contains("apn-s3cret"), "{trace}\n{}", ran.stderr);
}
