//! What only a terminal shows: progress, and the question for the password. `script` (util-linux) is the terminal.

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;

use ftp_modem::Vendor;
use ftp_modem::emulator::Options;

use crate::ftp_server::PASSWORD;
use crate::rig::{Rig, pattern, signal, wait_for};

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
fn progress_is_printed_as_json_lines_when_asked_for() {
    let rig = Rig::new(Vendor::Quectel);
    rig.serve("big.bin", pattern(40_000));
    let output = rig.tool(&["--progress", "json", "get", "/big.bin", "big.bin"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let last: serde_json::Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!((&last["file"], &last["bytes"], &last["total"]), (&"/big.bin".into(), &40_000.into(), &40_000.into()));
    assert_eq!((&last["attempt"], last["signal_dbm"].is_i64()), (&1.into(), true), "{last}");
    let output = on_a_terminal(&rig, &["--progress", "never", "get", "/big.bin", "big.bin"]).output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn progress_counts_every_attempt_of_the_run() {
    for command in ["get", "put"] {
        let mut options = Options::default();
        options.quectel.failing_data_connections = 1;
        let rig = Rig::with(Vendor::Quectel, options);
        rig.serve("a.bin", pattern(100));
        rig.write("b.bin", pattern(100));
        let paths = if command == "get" { ["/a.bin", "a.bin"] } else { ["b.bin", "/b.bin"] };
        let arguments = ["--retries", "1", "--progress", "json", command, paths[0], paths[1]];
        let output = rig.tool(&arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && said.contains("\"attempt\":2"), "{command}: {said}");
    }
}

#[test]
fn the_signal_is_queried_once_per_file_and_only_for_json_lines() {
    let rig = Rig::new(Vendor::Quectel);
    rig.serve("big.bin", pattern(40_000));
    for (mode, queries) in [("json", 1), ("auto", 0), ("never", 0)] {
        let output = rig.tool(&["-vv", "--progress", mode, "get", "/big.bin", "big.bin"]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        assert_eq!(said.matches("> AT+CSQ").count(), queries, "{mode}: {said}");
    }
}

/// Whether `shown` selects a colour or another rendition: `ESC [ … m`.
fn is_coloured(shown: &str) -> bool {
    let sequences = shown.split("\x1b[").skip(1);
    sequences.filter_map(|rest| rest.chars().find(char::is_ascii_alphabetic)).any(|last| last == 'm')
}

#[test]
fn no_color_is_obeyed() {
    assert!(is_coloured("a \x1b[1;31mred\x1b[0m word") && !is_coloured("a moved \x1b[2K cursor, m"));
    let rig = Rig::with(Vendor::Quectel, Options::default().with_line_rate(230_400));
    rig.serve("big.bin", pattern(40_000));
    let runs: [(&[&str], &str); 4] = [
        (&["get", "/big.bin", "big.bin"], "ETA"),
        (&["-vv", "size", "/none"], "[debug]"),
        (&["--bogus"], "unexpected argument"),
        (&["--help"], "Usage"),
    ];
    for (arguments, word) in runs {
        let output = on_a_terminal(&rig, arguments).env("NO_COLOR", "1").output().unwrap();
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(shown.contains(word) && !is_coloured(&shown), "{shown:?}");
    }
}

/// What ends the prompt for a password.
enum Act {
    /// Typing.
    Keys(String),
    /// A signal to the tool.
    Signal(&'static str),
}

/// The process of the tool that uses this module.
fn process_of(rig: &Rig) -> u32 {
    let words = |process: u32| fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let is_it = |process: &u32| {
        let words = words(*process);
        let words: Vec<&[u8]> = words.split(|byte| *byte == 0).collect();
        words.first() == Some(&env!("CARGO_BIN_EXE_ftp-modem").as_bytes())
            && words.contains(&rig.module.path().as_bytes())
    };
    let mut processes =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    processes.find(is_it).unwrap()
}

/// Runs `pwd` without a password, and does `act` at the prompt for it. Returns the output of the terminal: its name
/// in the first line, the state of its echo in the last.
fn at_the_prompt(act: Act) -> String {
    let rig = Rig::new(Vendor::Luat);
    let tool = on_a_terminal(&rig, &["pwd"]);
    let words = tool.get_args().nth(1).unwrap().to_str().unwrap();
    let words = format!("tty; {words}; echo status $?; stty -a | tr ' ' '\\n' | grep -x -e echo -e -echo");
    let mut command = Command::new("script");
    command.args(["-qec", &words, "/dev/null"]).env("SHELL", "/bin/sh").env_remove("FTP_MODEM_PASSWORD");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();

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
    let name = shown.lines().next().unwrap().to_owned();
    assert!(shown.contains("Password of logger on 127.0.0.1"), "{shown:?}");
    // The question comes a moment before the echo goes.
    wait_for("the end of the echo", || {
        let state = Command::new("stty").args(["-F", &name, "-a"]).output().unwrap();
        String::from_utf8(state.stdout).unwrap().contains("-echo ")
    });
    let mut keyboard = child.stdin.take().unwrap();
    match act {
        Act::Keys(keys) => keyboard.write_all(keys.as_bytes()).unwrap(),
        Act::Signal(name) => signal(process_of(&rig), name),
    }
    shown.extend(heard.iter().map(char::from));
    assert!(child.wait().unwrap().success(), "{shown:?}");
    shown
}

#[test]
fn the_password_is_asked_for_without_echo() {
    let shown = at_the_prompt(Act::Keys(format!("{PASSWORD}\n")));
    assert!(shown.ends_with("\n/\r\nstatus 0\r\necho\r\n") && !shown.contains(PASSWORD), "{shown:?}");
}

#[test]
fn an_interrupt_in_place_of_a_password_leaves_the_terminal_as_it_was() {
    let shown = at_the_prompt(Act::Keys("\x03".to_owned()));
    assert!(shown.ends_with("status 130\r\necho\r\n"), "{shown:?}");
    assert!(shown.contains("ftp-modem: pwd: cancelled"), "{shown:?}");
}

#[test]
fn a_signal_in_place_of_a_password_leaves_the_terminal_as_it_was() {
    for (name, status) in [("TERM", 143), ("INT", 130)] {
        let shown = at_the_prompt(Act::Signal(name));
        assert!(shown.ends_with(&format!("status {status}\r\necho\r\n")), "{shown:?}");
        assert!(shown.contains("ftp-modem: pwd: cancelled"), "{shown:?}");
    }
}
