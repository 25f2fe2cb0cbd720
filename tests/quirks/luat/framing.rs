//! How lines are printed: blanks, echo, line ends, pieces.

use std::time::Duration;

use ftp_modem::emulator::{LuatProfile, Options, Spacing};
use ftp_modem::{ErrorKind, FtpModem};

use super::{PROFILES, Rig, every_operation_works, online, with};

/// The guide prints a blank after the colon, the AT manual none; the SIM7000 and SIM7080 notes and the logs of users
/// mix `+FTPGET: 1,1`, `+FTPGET:1,0` and `+FTPGET: 2, 10`.
#[test]
fn result_codes_parse_with_any_blanks() {
    for spacing in [Spacing::Native, Spacing::AfterColon, Spacing::None, Spacing::AfterCommas] {
        for profile in PROFILES {
            let options = with(|options| options.profile = profile).with_spacing(spacing);
            every_operation_works(Rig::online(options), &format!("{profile:?} {spacing:?}"));
        }
    }
}

/// Echo on prints `AT…\r\r\n`. Some SIM800 firmware echoes on until `ATE0` was sent twice (kosma/attentive,
/// src/modem/sim800.c).
#[test]
fn echo_may_be_on_or_off_or_survive_ate0() {
    every_operation_works(Rig::online(Options::default().with_echo(true)), "echo on");
    every_operation_works(Rig::online(Options::default().with_echo(false)), "echo off");
    // Switched off by the first ATE0 only in name: it echoes on.
    every_operation_works(online(|options| options.stubborn_echo = true), "echo that stays on");
}

/// A serial port delivers what has arrived: single bytes, or a header with its data, `OK` and the next result code.
#[test]
fn an_answer_may_come_in_pieces_of_any_size() {
    for fragment in [1, 2, 3, 10, 100_000] {
        let options = Options::default().with_fragment(fragment).with_fragment_gap(Duration::from_micros(10));
        every_operation_works(Rig::online(options), &format!("in pieces of {fragment}"));
    }
}

/// The guide, §6.2, has a blank line more before `+FTPGET: 1,0`; a Luat SIM guide (openLuat/luatos-doc-pool) shows
/// `RDY` with a junk byte before it.
#[test]
fn blank_lines_and_junk_may_precede_a_line() {
    every_operation_works(Rig::online(Options::default().with_blank_before_urc(true)), "blank lines");
    let options = with(|options| options.profile = LuatProfile::Sim800);
    let mut rig = Rig::online(options);
    rig.line.say("?RDY");
    assert_eq!(rig.modem.size("/x").unwrap_err().kind(), ErrorKind::ModuleRestarted, "junk before RDY");
}
