//! What only a terminal shows: progress, and the question for the password. `script` (util-linux) is the terminal.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;

use ftp_modem::Vendor;
use ftp_modem::emulator::Options;

use crate::ftp_server::PASSWORD;
use crate::rig::{Rig, pattern};

/// The tool of `rig` under a terminal of its own.
fn on_a_terminal(rig: &Rig, arguments: &[&str]) -> Command {
    let tool = rig.tool(arguments);
    let words: Vec<String> = std::iter::once(tool.get_program())
        .chain(tool.get_args())
        .map(|word| format!("'{}'", word.to_str().unwrap()))
        .collect();
    let mut command = Command::new("script");
    command.args(["-qec", &words.join(" "), "/dev/null"]).current_dir(rig.local.path());
    command.env("SHELL", "/bin/sh").env("TERM", "xterm").env("FTP_MODEM_PASSWORD", PASSWORD);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

#[test]
fn progress_shows_on_a_terminal() {
    let rig = Rig::with(Vendor::Quectel, Options::default().with_line_rate(230_400));
    rig.serve("big.bin", pattern(40_000));
    let output = on_a_terminal(&rig, &["get", "/big.bin", "big.bin"]).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{shown}");
    for word in ["/big.bin", "39.06 KiB", "%", "/s", "ETA"] {
        assert!(shown.contains(word), "{word} is missing in {shown:?}");
    }
    let output = on_a_terminal(&rig, &["-q", "get", "/big.bin", "big.bin"]).output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_password_is_asked_for_without_echo() {
    let rig = Rig::new(Vendor::Luat);
    let mut child = on_a_terminal(&rig, &["pwd"]).env_remove("FTP_MODEM_PASSWORD").spawn().unwrap();
    let mut terminal = child.stdout.take().unwrap();
    let (said, heard) = channel();
    std::thread::spawn(move || {
        let mut byte = [0];
        while terminal.read(&mut byte).is_ok_and(|count| count == 1) {
            said.send(byte[0]).unwrap();
        }
    });
    let mut shown = String::new();
    while !shown.ends_with(": ") {
        shown.push(char::from(heard.recv().unwrap_or_else(|_| panic!("no question: {shown:?}"))));
    }
    assert!(shown.starts_with("Password of logger on 127.0.0.1"), "{shown:?}");
    let mut keyboard = child.stdin.take().unwrap();
    keyboard.write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
    shown.extend(heard.iter().map(char::from));
    assert!(child.wait().unwrap().success(), "{shown:?}");
    assert!(shown.ends_with("/\r\n") && !shown.contains(PASSWORD), "{shown:?}");
}
