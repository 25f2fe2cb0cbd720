//! Faults of lines, counts and payloads.

use std::time::Duration;

use super::{GENERIC_GET, OK, QUECTEL_GET, china_mobile, download, generic, get, got, quectel, scene};
use crate::emulator::testing::Bench;
use crate::emulator::{Family, Noise, Options};

#[test]
fn lines_are_lost_repeated_and_swapped() {
    for (plan, expected) in [
        ("line#0 \"OK\" lose", "\r\nCONNECT\r\n12345\r\n+QFTPGET: 0,5\r\n"),
        ("line#0 \"CONNECT\" lose", "12345\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n"),
        ("line#0 \"+QFTPGET\" lose", "\r\nCONNECT\r\n12345\r\nOK\r\n"),
        ("line#1 \"+QFTPGET\" lose", QUECTEL_GET),
        (
            "line#0 \"+QFTPGET\" repeat 2",
            "\r\nCONNECT\r\n12345\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n\r\n+QFTPGET: 0,5\r\n\r\n+QFTPGET: 0,5\r\n",
        ),
        ("line#0 \"CONNECT\" swap", "12345\r\nOK\r\n\r\nCONNECT\r\n\r\n+QFTPGET: 0,5\r\n"),
        ("line#0 \"OK\" swap", "\r\nCONNECT\r\n12345\r\n+QFTPGET: 0,5\r\n\r\nOK\r\n"),
        ("line#0 \"\" lose", "12345\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n"),
        ("line#2 \"\" lose", "\r\nCONNECT\r\n12345\r\nOK\r\n"),
    ] {
        assert_eq!(got(quectel(), plan), expected, "{plan}");
    }
    for (plan, expected) in [
        ("line#0 \"OK\" lose", "\r\n+FTPGET:5,12345"),
        ("line#0 \"+FTPGET\" lose", "12345\r\nOK\r\n"),
        ("line#0 \"+FTPGET\" swap", "12345\r\nOK\r\n\r\n+FTPGET:5,"),
    ] {
        assert_eq!(got(generic(), plan), expected, "{plan}");
    }
}

#[test]
fn late_lines_come_between_lines() {
    let (at_once, later) = get(quectel(), "line#0 \"OK\" delay 2s");
    assert_eq!(at_once, "\r\nCONNECT\r\n12345\r\n+QFTPGET: 0,5\r\n");
    assert_eq!(later, OK);
    let mut bench = generic();
    bench.play("line#0 \"OK\" delay 2s");
    assert_eq!(bench.command("AT"), "");
    assert_eq!(bench.module.next_event(), Some(Duration::from_secs(2)));
    bench.now = Duration::from_secs(1);
    assert_eq!(download(&mut bench), GENERIC_GET);
    assert_eq!(bench.after(Duration::from_secs(1)), OK.as_bytes());
}

#[test]
fn payload_is_never_taken_for_a_line() {
    let data = "\r\nOK\r\n+QFTPGET: 7\r\nOK\r\n";
    let mut bench = quectel();
    bench.server.put("/f", data);
    bench.play("line#0 \"OK\" lose; line#0 \"+QFTPGET\" number +1");
    assert_eq!(download(&mut bench), format!("\r\nCONNECT\r\n{data}\r\n+QFTPGET: 0,24\r\n"));
    let mut bench = china_mobile();
    bench.server.put("/f", data);
    bench.play("line#1 \"OK\" lose; head#0 \"\" number -3");
    assert_eq!(download(&mut bench), format!("{OK}\r\n+MFTPRETR: 0,0,23,20,{data}\r\n"));
    assert_eq!(bench.command("AT"), "");
}

#[test]
fn counts_are_wrong() {
    for (number, said) in [
        ("+3", "8"),
        ("-3", "2"),
        ("-9", "0"),
        ("\"99999999999\"", "99999999999"),
        ("\"-5\"", "-5"),
        ("\"18446744073709551615\"", "18446744073709551615"),
        ("\"99999999999999999999\"", "99999999999999999999"),
        ("\"five\"", "five"),
        ("\"\"", ""),
    ] {
        for prefix in ["", "+FTPGET", "+"] {
            assert_eq!(
                got(generic(), &format!("head#0 \"{prefix}\" number {number}")),
                format!("\r\n+FTPGET:{said},12345\r\nOK\r\n")
            );
        }
        assert_eq!(
            got(china_mobile(), &format!("head#0 \"+MFTPRETR\" number {number}")),
            format!("{OK}\r\n+MFTPRETR: 0,0,5,{said},12345\r\n")
        );
        assert_eq!(
            got(quectel(), &format!("line#0 \"+QFTPGET\" number {number}")),
            QUECTEL_GET.replace("0,5", &format!("0,{said}"))
        );
        let mut bench = generic();
        bench.server.set_listing("/", "abcde\r\n");
        bench.play(&format!("head#0 \"+FTPLIST\" number {number}"));
        assert_eq!(bench.command("AT+FTPLIST"), format!("\r\n+FTPLIST:1,{said}\r\nabcde\r\nOK\r\n"));
    }
    // A line without data behind it is no head, and one without a number stays.
    assert_eq!(got(quectel(), "head#0 \"+QFTPGET\" number +1"), QUECTEL_GET);
    assert_eq!(got(quectel(), "head#0 \"\" number +1"), QUECTEL_GET);
}

#[test]
fn a_number_before_the_last_one_is_wrong() {
    let row = "+MFTPLIST: 0,0,\"f\",5,20240722040900,\"rw-\"";
    for (number, said) in [("+3", ",8,"), ("-9", ",0,"), ("\"18446744073709551615\"", ",18446744073709551615,")] {
        let mut bench = china_mobile();
        bench.play(&format!("line#0 \"+MFTPLIST\" number@1 {number}"));
        let expected = row.replace(",5,", said);
        assert_eq!(bench.command("AT+MFTPLIST=0,\"f\""), format!("{OK}\r\n{expected}\r\n"));
    }
    assert_eq!(
        got(china_mobile(), "head#0 \"\" number@1 \"-7\""),
        format!("{OK}\r\n+MFTPRETR: 0,0,-7,5,12345\r\n"),
        "what has been delivered so far"
    );
    assert_eq!(got(quectel(), "line#0 \"+QFTPGET\" number@1 +601"), QUECTEL_GET.replace("0,5", "601,5"));
    // There are not so many numbers in it.
    assert_eq!(got(quectel(), "line#0 \"+QFTPGET\" number@2 +1"), QUECTEL_GET);
    assert_eq!(got(quectel(), "line#0 \"+QFTPGET\" number@4294967295 +1"), QUECTEL_GET);
}

#[test]
fn every_dialect_marks_its_data_and_what_announces_them() {
    for family in Family::ALL {
        let plain = got(scene(family), "");
        let head = family.sample().announcement;
        assert!(plain.contains(&format!("{head}12345")), "{family}: {plain:?}");
        let got = |plan| got(scene(family), plan);
        let wrong =
            head.rfind('5').map_or(head.to_owned(), |place| format!("{}7{}", &head[..place], &head[place + 1..]));
        assert_eq!(got("head#0 \"\" number +2"), plain.replace(head, &wrong), "{family}");
        assert_eq!(got("payload#0 extend \"!\""), plain.replace("12345", "12345!"), "{family}");
        assert_eq!(got("head#0 \"\" lose"), plain.replace(&format!("\r\n{head}"), ""), "{family}");
    }
}

#[test]
fn payloads_have_another_length() {
    for (plan, data) in [
        ("payload#0 shorten 2", "123"),
        ("payload#0 shorten 9", ""),
        ("payload#0 extend \"\\x00OK\"", "12345\0OK"),
        ("payload#1 shorten 2", "12345"),
    ] {
        assert_eq!(got(generic(), plan), format!("\r\n+FTPGET:5,{data}\r\nOK\r\n"));
        assert_eq!(got(quectel(), plan), QUECTEL_GET.replace("12345", data));
        assert_eq!(got(china_mobile(), plan), format!("{OK}\r\n+MFTPRETR: 0,0,5,5,{data}\r\n"));
    }
    let mut bench = generic();
    bench.server.put("/f", vec![b'x'; 300_000]);
    bench.play("payload#0 shorten 100000");
    assert_eq!(download(&mut bench).len(), "\r\n+FTPGET:300000,\r\nOK\r\n".len() + 200_000);
}

#[test]
fn every_piece_of_a_file_is_a_payload() {
    let mut bench = china_mobile();
    bench.server.put("/f", vec![b'x'; 1030]);
    bench.play("payload#1 shorten 2; head#1 \"+MFTPRETR\" number \"x\"; line#0 \"+MFTPRETR\" repeat 1");
    let head = "\r\n+MFTPRETR: 0,0,1024,1024,";
    let text = download(&mut bench) + &String::from_utf8(bench.after(super::LONG)).unwrap();
    assert_eq!(text, format!("{OK}{head}{head}{}\r\n\r\n+MFTPRETR: 0,0,1030,x,xxxx\r\n", "x".repeat(1024)));
}

#[test]
fn echoes_and_prompts_are_lines() {
    let mut bench = Bench::new(Family::Generic, Options::default());
    bench.play("line#0 \"AT\" lose; line#1 \"AT\" repeat 1; line#1 \"OK\" lose");
    assert_eq!(bench.command("AT"), OK);
    assert_eq!(bench.command("AT"), "AT\rAT\r");
    assert_eq!(bench.command("AT"), "AT\r\r\nOK\r\n");
    let mut bench = china_mobile();
    let line = "AT+MFTPSTOR=0,\"g\",1,3";
    assert_eq!(bench.command(line), "\r\n>");
    bench.exchange(b"abc");
    bench.play("line#0 \">\" lose");
    assert_eq!(bench.command(line), "");
    assert_eq!(bench.exchange(b"abc"), b"\r\nOK\r\n\r\n+MFTPSTOR: 0,0,3\r\n");
}

#[test]
fn noise_is_lines_too() {
    let options = Options::default().with_echo(false).with_noise(Noise { one_in: 1, ..Noise::new(1) });
    let mut bench = Bench::new(Family::Luat, options);
    let plain = bench.command("AT");
    bench.play("line#0 \"\" lose");
    assert_eq!(bench.command("AT"), OK, "after {plain:?}");
}

#[test]
fn a_slow_network_takes_its_time() {
    let slow = "slow 7s";
    let (at_once, later) = get(generic(), slow);
    assert_eq!((at_once.as_str(), later.as_str()), ("", GENERIC_GET));
    let mut bench = quectel();
    bench.play(slow);
    let early = download(&mut bench) + &String::from_utf8(bench.after(Duration::from_secs(6))).unwrap();
    assert!(!early.contains("+QFTPGET"), "{early:?}");
    assert!(bench.after(Duration::from_secs(60)).ends_with(b"+QFTPGET: 0,5\r\n"));
}
