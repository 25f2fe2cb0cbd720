//! Ctrl-C: exit status 130, and a module that the next program can use.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::time::Duration;

use ftp_modem::emulator::Options;
use ftp_modem::{AccessPoint, Vendor};

use crate::ftp_server::PASSWORD;
use crate::rig::{
    Ran, Rig, for_each_dialect, interrupt, length, pattern, run, spawn, text, tool, wait_for, wait_while_running,
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

        interrupt(&child);
        let ran = Ran::of(child.wait_with_output().unwrap()).expect(130);
        assert!(ran.stderr.contains("interrupted"), "{}", ran.stderr);
        assert_eq!(rig.read("mine.bin"), b"mine");
        assert!(length(&rig.here("mine.bin.part")) < 28_800);

        let was_up = |rig: &Rig| {
            let mut modem = ftp_modem::open(rig.module.path()).unwrap();
            modem.attach(&AccessPoint::default()).unwrap().was_up
        };
        assert!(!was_up(&rig), "the bearer is down, as before");
        assert_eq!(rig.ok(&["--retries", "3", "size", "/big.bin"]), "28800\n", "the module goes on");
        if vendor == Vendor::Quectel {
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
    for (vendor, options) in [
        ("luat", &[][..]),
        ("fibocom", &["--no-echo"]),
        ("cmcc", &["--line-rate", "921600"]),
        ("quectel", &["--json"]),
        ("generic", &[]),
    ] {
        let mut child = spawn(tool().args(["emulate", "--vendor", vendor]).args(options));
        let mut path = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut path).unwrap();
        let path = match serde_json::from_str::<serde_json::Value>(&path) {
            Ok(info) => info["port"].as_str().unwrap().to_owned(),
            Err(_) => path.trim_end().to_owned(),
        };
        let info = run(tool().args(["-p", &path, "--json", "info"])).expect(0).json();
        assert_eq!(info["dialect"], vendor);
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(130));
    }
}
