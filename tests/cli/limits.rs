//! The limit for the whole run.

use std::net::{Ipv4Addr, TcpListener};

use ftp_modem::Vendor;
use ftp_modem::emulator::Options;
use serialport::{SerialPort, TTYPort};

use crate::ftp_server::{PASSWORD, USER};
use crate::rig::{Ran, Rig, for_each_dialect, pattern, run, spawn, tool};

for_each_dialect! {
    fn a_slow_download_ends_when_the_time_for_the_run_is_over(vendor: Vendor) {
        // A file that takes five minutes.
        let rig = Rig::with(vendor, Options::default().with_line_rate(9_600));
        rig.serve("big.bin", pattern(300_000));
        let late = rig.run(&["--max-time", "3", "--retries", "5", "get", "/big.bin", "big.bin"]).expect(5);
        assert!(late.stderr.contains("--max-time 3"), "{}", late.stderr);
        assert!(!late.stderr.contains("raise this time limit; the time"), "named once: {}", late.stderr);
        assert!(!rig.here("big.bin").exists());
    }
}

#[test]
fn a_silent_port_is_given_the_time_of_the_run() {
    let (_module, host) = TTYPort::pair().unwrap();
    let name = host.name().unwrap();
    drop(host);
    let late = run(tool().args(["-p", &name, "--max-time", "0.5", "info"])).expect(5);
    assert_eq!(late.stderr, "ftp-modem: info: the time for the whole run, --max-time 0.5, is over; raise this limit\n");
}

#[test]
fn a_producer_that_is_silent_does_not_keep_the_tool() {
    let rig = Rig::new(Vendor::Quectel);
    let child = spawn(&mut rig.tool(&["--max-time", "3", "put", "-", "/up.txt"]));
    let late = Ran::of({
        let mut child = child;
        let pipe = child.stdin.take();
        let output = child.wait_with_output().unwrap();
        drop(pipe);
        output
    });
    assert!(late.expect(5).stderr.contains("--max-time 3"));
    assert_eq!(rig.ok(&["pwd"]), "/\n", "the module goes on");
}

#[test]
fn no_retry_begins_when_its_pause_takes_all_the_time() {
    let rig = Rig::new(Vendor::Luat);
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let mut command = tool();
    command.args(["-p", rig.module.path(), "-s", &format!("ftp://{USER}@{closed}"), "--retries", "9"]);
    let late = run(command.args(["--max-time", "8", "ls", "/"]).env("FTP_MODEM_PASSWORD", PASSWORD)).expect(5);
    assert!(late.stderr.contains("--max-time 8"), "{}", late.stderr);
    assert!(late.stderr.contains("does not suffice for the next attempt"), "{}", late.stderr);
    assert!(!late.stderr.contains("is over"), "{}", late.stderr);
    assert!(late.stderr.contains("retry 1 of 9"), "{}", late.stderr);
    // The error still says what failed.
    assert!(late.stderr.lines().last().unwrap().contains("listing failed"), "{}", late.stderr);
}

#[test]
fn a_limit_is_a_positive_number() {
    for limit in ["0", "-1", "x", "nan"] {
        run(tool().args([&format!("--max-time={limit}"), "-p", "/dev/no-such-port", "info"])).expect(2);
    }
}
