//! Signals: the exit status, and a module that the next program can use.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::time::Duration;

use ftp_modem::emulator::Options;
use ftp_modem::{AccessPoint, Vendor};

use crate::expected::expected;
use crate::ftp_server::{PASSWORD, USER};
use crate::rig::{
    Ran, Rig, for_each_dialect, interrupt, length, pattern, run, signal, spawn, text, tool, wait_for, wait_for_handler,
    wait_while_running,
};

for_each_dialect! {
    fn a_slow_download_ends_cleanly(vendor: Vendor) {
        // A file that takes five seconds.
        let rig = Rig::with(vendor, Options::default().with_line_rate(57_600));
        rig.serve("big.bin", pattern(28_800));
        rig.write("mine.bin", "mine");
        let mut child = spawn(&mut rig.tool(&["get", "--resume", "/big.bin", "mine.bin"]));
        wait_while_running(&mut child, "the first bytes", || length(&rig.here("mine.bin.part")) > 5000);

        let seen = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
        assert!(!String::from_utf8_lossy(&seen).contains(PASSWORD), "what ps shows");
        let busy = rig.run(&["size", "/big.bin"]).expect(3);
        assert!(busy.stderr.contains("in use by another program"), "{}", busy.stderr);
        assert!(busy.stderr.ends_with("; retrying helps when the port is free\n"), "{}", busy.stderr);

        interrupt(&child);
        let ran = Ran::of(child.wait_with_output().unwrap()).expect(130);
        assert!(ran.stderr.contains("interrupted"), "{}", ran.stderr);
        assert_eq!(rig.read("mine.bin"), b"mine");
        assert!(length(&rig.here("mine.bin.part")) < 28_800);

        let was_up = |rig: &Rig| {
            let mut modem = ftp_modem::open(rig.module.path()).unwrap();
            modem.attach(&AccessPoint::default()).unwrap().was_up
        };
        // Some modules send the rest of the file in any case, and take no command meanwhile.
        let sends_on = expected(vendor).sends_on;
        let is_left = sends_on && ran.stderr.contains("session and bearer are not closed");
        assert!(is_left || !was_up(&rig), "the bearer is down, as before: {}", ran.stderr);
        assert_eq!(rig.ok(&["--retries", "3", "size", "/big.bin"]), "28800\n", "the module goes on");
        if expected(vendor).has_exact_times {
            let resumed = rig.run(&["--json", "get", "--resume", "/big.bin", "mine.bin"]).expect(0).json();
            assert!(resumed["moved"].as_u64().unwrap() < 28_800, "{resumed}");
            assert!(rig.read("mine.bin") == pattern(28_800));
        }
    }

    fn while_the_bearer_comes_up(vendor: Vendor) {
        let mut options = Options::default();
        for command in ["+SAPBR", "+MIPCALL", "+QIACT", "+CGACT"] {
            options = options.with_command_latency(command, Duration::from_millis(250));
        }
        let rig = Rig::with(vendor, options);
        rig.serve("there.txt", text(20));
        let mut child = spawn(&mut rig.tool(&["-vv", "size", "/there.txt"]));
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !["+SAPBR=1", "+MIPCALL=1", "+QIACT=1", "+CGACT=1"].iter().any(|command| said.contains(command)) {
            assert_ne!(log.read_line(&mut said).unwrap(), 0, "{said}");
        }
        interrupt(&child);
        log.read_to_string(&mut said).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
        let mut modem = ftp_modem::open(rig.module.path()).unwrap();
        assert!(!modem.attach(&AccessPoint::default()).unwrap().was_up, "{said}");
        drop(modem);
        assert_eq!(rig.ok(&["size", "/there.txt"]), "20\n", "the module goes on");
    }

    fn an_upload_from_a_silent_pipe_ends_cleanly(vendor: Vendor) {
        let rig = Rig::new(vendor);
        let mut child = spawn(&mut rig.tool(&["-v", "put", "-", "/up.txt"]));
        // Logged in, as the log shows: from here on the tool waits for more than this one line.
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(b"a line").unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains(" port ") {
            assert_ne!(log.read_line(&mut said).unwrap(), 0, "{said}");
        }
        interrupt(&child);
        let status = child.wait().unwrap();
        log.read_to_string(&mut said).unwrap();
        assert_eq!(status.code(), Some(130), "{said}");
        drop(pipe);
        rig.serve("there.txt", text(20));
        assert_eq!(rig.ok(&["size", "/there.txt"]), "20\n", "the module goes on");
    }
}

#[test]
fn other_signals_that_end_programs_end_a_download_cleanly_too() {
    for vendor in [Vendor::Quectel, Vendor::Fibocom] {
        for (name, status) in [("TERM", 143), ("HUP", 129)] {
            let rig = Rig::with(vendor, Options::default().with_line_rate(57_600));
            rig.serve("big.bin", pattern(28_800));
            // The tests may have been started by a program that ignores a hangup.
            let mut command = rig.tool_through(&["env", "--default-signal=HUP"], &["get", "/big.bin", "mine.bin"]);
            let mut child = spawn(&mut command);
            wait_while_running(&mut child, "the first bytes", || length(&rig.here("mine.bin.part")) > 2000);
            signal(child.id(), name);
            let ran = Ran::of(child.wait_with_output().unwrap()).expect(status);
            assert!(ran.stderr.contains("interrupted"), "{name}: {}", ran.stderr);
            let mut modem = ftp_modem::open(rig.module.path()).unwrap();
            assert!(!modem.attach(&AccessPoint::default()).unwrap().was_up, "{name}: the bearer is down, as before");
            drop(modem);
            assert_eq!(rig.ok(&["size", "/big.bin"]), "28800\n", "{name}: the module goes on");
        }
    }
}

#[test]
fn a_hangup_is_ignored_where_the_program_that_starts_it_says_so() {
    let rig = Rig::with(Vendor::Luat, Options::default().with_line_rate(57_600));
    rig.serve("big.bin", pattern(10_000));
    let mut child = spawn(&mut rig.tool_through(&["nohup"], &["get", "/big.bin", "big.bin"]));
    wait_while_running(&mut child, "the first bytes", || length(&rig.here("big.bin.part")) > 0);
    signal(child.id(), "HUP");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(rig.read("big.bin") == pattern(10_000));
}

#[test]
fn a_signal_ends_the_pause_before_a_retry() {
    let rig = Rig::new(Vendor::Quectel);
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let mut command = tool();
    command.args(["-p", rig.module.path(), "-s", &format!("ftp://{USER}@{closed}"), "ls", "/"]);
    let mut child = spawn(command.env("FTP_MODEM_PASSWORD", PASSWORD));
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("; retry 1 of 3 in 2.0 s") {
        assert_ne!(log.read_line(&mut said).unwrap(), 0, "{said}");
    }
    said.clear();
    interrupt(&child);
    log.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert_eq!(said, "ftp-modem: ls /: cancelled; start the command again when ready\n");
}

#[test]
fn opening_a_pipe_without_another_end_can_be_interrupted() {
    let rig = Rig::new(Vendor::Luat);
    let made = Command::new("mkfifo").arg(rig.here("pipe")).status().unwrap();
    assert!(made.success());
    for arguments in
        [&["get", "/there.txt", "pipe"][..], &["put", "pipe", "/there.txt"], &["--password-file", "pipe", "pwd"]]
    {
        let mut child = spawn(&mut rig.tool(arguments));
        wait_for_handler(&mut child);
        signal(child.id(), "TERM");
        let ran = Ran::of(child.wait_with_output().unwrap()).expect(143);
        assert!(ran.stderr.contains("cancelled"), "{}", ran.stderr);
    }
}

#[test]
fn a_reader_that_takes_nothing_does_not_keep_the_tool() {
    let rig = Rig::new(Vendor::Quectel);
    rig.serve("big.bin", pattern(300_000));
    let mut child = spawn(&mut rig.tool(&["get", "/big.bin", "-"]));
    let threads = format!("/proc/{}/task", child.id());
    // More than a pipe takes is there, and a thread waits in the kernel for the reader of the pipe.
    wait_while_running(&mut child, "a full pipe", || {
        let waits = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("wchan")).unwrap_or_default();
        fs::read_dir(&threads).unwrap().any(|thread| waits(thread.unwrap()).contains("pipe"))
    });
    signal(child.id(), "TERM");
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143), "{said}");
    assert_eq!(rig.ok(&["size", "/big.bin"]), "300000\n", "the module goes on");
}

#[test]
fn a_second_interrupt_ends_at_once() {
    let rig = Rig::with(Vendor::Luat, Options::default().with_line_rate(9_600));
    rig.serve("big.bin", pattern(100_000));
    let mut child = spawn(&mut rig.tool(&["get", "/big.bin", "big.bin"]));
    wait_while_running(&mut child, "the first bytes", || length(&rig.here("big.bin.part")) > 0);
    interrupt(&child);
    interrupt(&child);
    // Signals of one kind do not queue up: the second may have met the first.
    wait_for("the end", || match child.try_wait().unwrap() {
        Some(status) => {
            assert_eq!(status.code(), Some(130));
            true
        }
        None => {
            interrupt(&child);
            false
        }
    });
}

#[test]
fn emulate_serves_until_interrupted() {
    let options = [&[][..], &["--no-echo"], &["--line-rate", "921600"], &["--json"]];
    for (vendor, options) in Vendor::ALL.into_iter().zip(options.into_iter().cycle()) {
        let mut child = spawn(tool().args(["emulate", "--vendor", vendor.name()]).args(options));
        let mut path = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut path).unwrap();
        let path = match serde_json::from_str::<serde_json::Value>(&path) {
            Ok(info) => info["port"].as_str().unwrap().to_owned(),
            Err(_) => path.trim_end().to_owned(),
        };
        let info = run(tool().args(["-p", &path, "--json", "info"])).expect(0).json();
        assert_eq!(info["dialect"], vendor.name());
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(130));
    }
}
