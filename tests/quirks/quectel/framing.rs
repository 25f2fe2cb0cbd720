//! How lines are printed: pieces, order, blanks, echo.

use std::time::Duration;

use ftp_modem::emulator::{Options, ResultOrder, Spacing};
use ftp_modem::modem::{Retrieve, SessionState};
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, play_online, with};
use crate::support::payload::pattern;

/// Drivers for the EC200 wait for `OK` and the result in one read, others in two; a serial library cut lines at any
/// byte.
#[test]
fn answers_may_come_in_pieces_of_any_size() {
    for fragment in (1..=40).chain([usize::MAX]) {
        let mut rig = Rig::online(Options::default().with_fragment(fragment));
        rig.files.put("/a.bin", pattern(700));
        rig.modem.cwd("/").unwrap();
        assert_eq!(rig.modem.pwd().unwrap(), "/");
        assert_eq!(rig.modem.list("").unwrap().len(), 1);
        assert!(rig.download("/a.bin").unwrap() == pattern(700));
        rig.works_both_ways();
        rig.modem.logout().unwrap();
    }
}

/// The note prints STAT with `OK` first in §2.17 and last in §3.6.
#[test]
fn ok_and_result_may_come_in_either_order() {
    for order in [ResultOrder::OkFirst, ResultOrder::OkLast] {
        let mut rig = Rig::online(Options::default().with_result_order(order));
        assert_eq!(rig.modem.status().unwrap(), SessionState::Idle);
        rig.upload("/a", b"12345").unwrap();
        assert_eq!(rig.modem.transfer_length().unwrap(), 5);
        rig.works_both_ways();
    }
    let session = r#"
>> AT+QFTPCWD="a"\r
<< \r\n+QFTPCWD: 0,0\r\n\r\nOK\r\n
>> AT+QFTPSIZE="a"\r
<< \r\n+QFTPSIZE: 0,7\r\n
@ 3
<< \r\nOK\r\n
>> AT+QFTPCLOSE\r
<< \r\n+QFTPCLOSE: 0,0\r\n\r\nOK\r\n
"#;
    play_online(session, |modem| {
        modem.cwd("a").unwrap();
        assert_eq!(modem.size("a").unwrap(), 7);
        modem.logout().unwrap();
    });
}

/// The note, §2.17 and §3.6. Modules were seen with `OK` first.
#[test]
fn the_state_may_come_before_or_behind_ok() {
    for order in [ResultOrder::OkFirst, ResultOrder::OkLast] {
        let mut rig = Rig::open(Options::default().with_result_order(order));
        assert_eq!(rig.modem.status().unwrap(), SessionState::Closed);
        rig.go_online();
        assert_eq!(rig.modem.status().unwrap(), SessionState::Idle);
    }
}

/// The note prints `+QFTPSIZE:0, 1000` beside `+QFTPSIZE: 0,1000`.
#[test]
fn blanks_may_stand_anywhere_around_numbers() {
    for odd in [false, true] {
        let mut rig = Rig::online(with(|o| o.odd_size_blanks = odd));
        rig.files.put("/a", vec![b'x'; 1000]);
        assert_eq!(rig.modem.size("/a").unwrap(), 1000);
        assert_eq!(rig.download("/a").unwrap().len(), 1000);
    }
    for spacing in [Spacing::None, Spacing::AfterColon, Spacing::AfterCommas] {
        Rig::online(Options::default().with_spacing(spacing)).works_both_ways();
    }
}

/// The note, §2.7 and §3.5.
#[test]
fn a_size_parses_with_any_blanks() {
    for printed in ["+QFTPSIZE:0, 1000", "+QFTPSIZE: 0,1000", "+QFTPSIZE:0,1000", "+QFTPSIZE: 0, 1000"] {
        play_online(&format!(">> AT+QFTPSIZE=\"a\"\\r\n<< \\r\\nOK\\r\\n\\r\\n{printed}\\r\\n"), |modem| {
            assert_eq!(modem.size("a").unwrap(), 1000);
        });
    }
}

/// At power-up the echo is on (BG77). Here it cannot be switched off, and names look like answers.
#[test]
fn an_echo_is_never_taken_for_an_answer() {
    // A module whose echo cannot be switched off.
    let session = r#"
>> AT+QFTPCWD="OK"\r
<< AT+QFTPCWD="OK"\r\r\nOK\r\n\r\n+QFTPCWD: 0,0\r\n
>> AT+QFTPSIZE="ERROR"\r
<< AT+QFTPSIZE="ERROR"\r\r\nOK\r\n
@ 2
<< \r\n+QFTPSIZE: 0,12\r\n
>> AT+QFTPSIZE="+QFTPSIZE: 0,1"\r
<< AT+QFTPSIZE="+QFTPSIZE: 0,1"\r\r\nOK\r\n
@ 2
<< \r\n+QFTPSIZE: 0,3\r\n
>> AT+QFTPGET="+QFTPSIZE: 0,1","COM:",0,4\r
<< AT+QFTPGET="+QFTPSIZE: 0,1","COM:",0,4\r\r\nCONNECT\r\n
<< abc
<< \r\nOK\r\n\r\n+QFTPGET: 0,3\r\n
>> AT+QFTPDEL="+QFTPGET: 0,1"\r
<< AT+QFTPDEL="+QFTPGET: 0,1"\r\r\nOK\r\n\r\n+QFTPDEL: 627,550\r\n
"#;
    play_online(session, |modem| {
        modem.cwd("OK").unwrap();
        assert_eq!(modem.size("ERROR").unwrap(), 12);
        let mut bytes = Vec::new();
        modem.retrieve("+QFTPSIZE: 0,1", &Retrieve::whole(), &mut bytes).unwrap();
        assert_eq!(bytes, b"abc");
        assert_eq!(modem.remove("+QFTPGET: 0,1").unwrap_err().kind(), ErrorKind::Unavailable);
    });
    for echo in [false, true] {
        Rig::online(Options::default().with_echo(echo)).works_both_ways();
    }
}

/// A second command during a transfer is answered with 603 (log of a prober at 115200 baud).
#[test]
fn one_command_is_sent_at_a_time() {
    let mut rig = Rig::online(Options::default().with_network_latency(Duration::from_secs(3)));
    rig.line.clear();
    rig.modem.cwd("/").unwrap();
    rig.modem.mkdir("/a").unwrap();
    rig.modem.retrieve_to_module("/none", "UFS:a", 0).unwrap_err();
    let writes = rig.line.writes();
    for (_, bytes) in &writes {
        let text = String::from_utf8_lossy(bytes);
        assert!(text.starts_with("AT+") && text.ends_with('\r') && text.matches('\r').count() == 1, "{text:?}");
    }
    let gap = writes[1].0 - writes[0].0;
    assert!(gap >= Duration::from_secs(3), "the second waited for the first: {gap:?}");
}

/// Sizes above 2^31 and 2^32, and numbers with zeros or blanks in front.
#[test]
fn sizes_and_offsets_may_exceed_32_bits() {
    for (printed, size) in [
        ("0,2147483648", 1 << 31),
        ("0,57897070000", 57_897_070_000),
        ("0, 0001000", 1000),
        ("0,18446744073709551615", u64::MAX),
    ] {
        let mut rig = Rig::online(with(|o| *o = o.clone().with_forced_result("+QFTPSIZE", printed)));
        assert_eq!(rig.modem.size("/a").unwrap(), size, "{printed}");
    }
    let mut rig = Rig::online(with(|o| *o = o.clone().with_forced_result("+QFTPSIZE", "0,18446744073709551616")));
    assert_eq!(rig.modem.size("/a").unwrap_err().kind(), ErrorKind::Protocol);
    // A position beyond 4 GB, and a count with zeros in front.
    let session = r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,5000000005\r\n
>> AT+QFTPGET="a","COM:",5000000000,6\r
<< \r\nCONNECT\r\n12345\r\nOK\r\n\r\n+QFTPGET: 0,0005\r\n
"#;
    play_online(session, |modem| {
        let mut bytes = Vec::new();
        modem.retrieve("a", &Retrieve::from(5_000_000_000), &mut bytes).unwrap();
        assert_eq!(bytes, b"12345");
    });
}
