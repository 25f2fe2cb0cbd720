//! Traps 1 to 8: blanks, echo, data that looks like the protocol, lines in between.

use std::time::Duration;

use ftp_modem::emulator::{LuatProfile, Noise, Options, Spacing};
use ftp_modem::modem::Retrieve;
use ftp_modem::{ErrorKind, Vendor};

use super::{Wire, online, pattern, with};
use crate::support::bench::Bench;

/// Every operation once, with files of three blocks.
fn works(mut bench: Bench, what: &str) {
    let bytes = pattern(3000);
    bench.upload("/up.bin", &bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(bench.files.file("/up.bin").unwrap() == bytes, "{what}");
    let arrived = bench.download("/up.bin", &Retrieve::whole()).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(arrived == bytes, "{what}");
    assert_eq!(bench.modem.size("/up.bin").unwrap(), 3000, "{what}");
    assert_eq!(bench.modem.list("/").unwrap().len(), 1, "{what}");
    bench.modem.mkdir("/new").unwrap();
    bench.modem.rmdir("/new").unwrap();
    bench.modem.remove("/up.bin").unwrap();
    assert!(bench.files.files().is_empty(), "{what}");
}

#[test]
fn luat_trap_01_blanks_in_result_codes() {
    for spacing in [Spacing::Native, Spacing::AfterColon, Spacing::None, Spacing::AfterCommas] {
        for profile in super::PROFILES {
            let options = with(|options| options.profile = profile).with_spacing(spacing);
            works(Bench::online_with(Vendor::Luat, options), &format!("{profile:?} {spacing:?}"));
        }
    }
}

#[test]
fn luat_trap_02_echo_on_off_and_stubborn() {
    works(Bench::online_with(Vendor::Luat, Options::default().with_echo(true)), "echo on");
    works(Bench::online_with(Vendor::Luat, Options::default().with_echo(false)), "echo off");
    // Switched off by the first ATE0 only in name: it echoes on.
    works(online(|options| options.stubborn_echo = true), "echo that stays on");
}

/// Payload that could be taken for something else.
const DECEPTIVE: &[&[u8]] = &[
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"+FTPGET: 1,0",
    b"\r\n+FTPGET: 1,0\r\n",
    b"\r\n+CME ERROR: 3\r\n",
    b">",
    b"\0",
    b"\xff",
    b"\r\n",
    b"\r\n\r\n\r\nOK\r\n",
];

#[test]
fn luat_trap_03_data_that_looks_like_an_answer() {
    let mut bench = online(|_| {});
    for payload in DECEPTIVE {
        for bytes in [payload.to_vec(), payload.repeat(500)] {
            bench.files.put("/down.bin", bytes.clone());
            assert!(bench.download("/down.bin", &Retrieve::whole()).unwrap() == bytes, "{payload:?}");
            bench.upload("/up.bin", &bytes).unwrap();
            assert!(bench.files.file("/up.bin").unwrap() == bytes, "{payload:?}");
        }
    }
}

#[test]
fn luat_trap_04_data_that_ends_in_a_line_end() {
    let mut bench = online(|_| {});
    for bytes in [&b"line\r\n"[..], b"line", b"line\r", b"line\n", b"line\r\n\r\n", &b"x\r\n".repeat(1000)] {
        bench.files.put("/end.txt", bytes);
        assert!(bench.download("/end.txt", &Retrieve::whole()).unwrap() == bytes);
    }
}

#[test]
fn luat_trap_05_bytes_one_at_a_time_or_all_at_once() {
    for fragment in [1, 2, 3, 10, 100_000] {
        let options = Options::default().with_fragment(fragment).with_fragment_gap(Duration::from_micros(10));
        works(Bench::online_with(Vendor::Luat, options), &format!("in pieces of {fragment}"));
    }
}

#[test]
fn luat_trap_06_blank_lines_and_junk_before_a_line() {
    works(Bench::online_with(Vendor::Luat, Options::default().with_blank_before_urc(true)), "blank lines");
    let options = with(|options| options.profile = LuatProfile::Sim800);
    let (mut bench, wire) = Wire::online(options);
    wire.says("?RDY");
    assert_eq!(bench.modem.size("/x").unwrap_err().kind(), ErrorKind::ModuleRestarted, "junk before RDY");
}

#[test]
fn luat_trap_07_unknown_lines_in_the_middle() {
    for seed in 0..4 {
        let mut noise = Noise::new(seed);
        noise.one_in = 1;
        let lines = [
            "+CGEV: ME PDN ACT 1",
            "+NITZ: 24/08/09,01:34:58+32,0",
            "*PSUTTZ: 2024,8,9,1",
            "DST: 0",
            "+CIEV: 10,\"46000\"",
        ];
        noise.lines = lines.map(str::to_owned).into();
        works(Bench::online_with(Vendor::Luat, Options::default().with_noise(noise)), &format!("noise {seed}"));
    }
}

#[test]
fn luat_trap_08_a_count_above_what_was_asked_or_no_number() {
    for count in ["2000", "18446744073709551615", "99999999999999999999999", "-1", "x", ""] {
        let mut bench = online(|options| options.count_text = Some(count.to_owned()));
        bench.files.put("/a.bin", pattern(1460));
        let mut received = Vec::new();
        let error = bench.modem.retrieve("/a.bin", &Retrieve::whole(), &mut received).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{count}: {error}");
        assert!(received.is_empty(), "{count}");
        assert!(error.module_usable(), "{count}: {error}");
        bench.upload("/b.bin", b"works").unwrap();
    }
}
