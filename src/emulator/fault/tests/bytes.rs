//! Faults at single bytes of the line, in both directions.

use std::time::Duration;

use super::{GENERIC_GET, LONG, OK, QUECTEL_GET, china_mobile, download, generic, get, got, quectel, quectel_with};
use crate::emulator::{Damage, Direction, Family, Fault, Module, Options};

const MILLISECOND: Duration = Duration::from_millis(1);

#[test]
fn nothing_happens_without_a_fault_or_beyond_the_end() {
    for plan in ["", "out@1000 hangup", "in@1000 delete; line#9 \"OK\" lose"] {
        assert_eq!(get(generic(), plan), (GENERIC_GET.into(), "".into()));
        assert_eq!(get(quectel(), plan), (QUECTEL_GET.into(), "".into()));
    }
}

#[test]
fn bytes_of_output_are_damaged_one_at_a_time() {
    for (plan, from_generic, from_quectel) in [
        ("out@13 delete", "\r\n+FTPGET:5,1345\r\nOK\r\n", "\r\nCONNECT\r\n1245\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n"),
        ("out@2 duplicate", "\r\n++FTPGET:5,12345\r\nOK\r\n", "\r\nCCONNECT\r\n12345\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n"),
        (
            "out@12 flip 0; out@3 flip 5",
            "\r\n+fTPGET:5,02345\r\nOK\r\n",
            "\r\nCoNNECT\r\n13345\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n",
        ),
        (
            "out@14 insert \"\\r\\nRING\\r\\n\"",
            "\r\n+FTPGET:5,12\r\nRING\r\n345\r\nOK\r\n",
            "\r\nCONNECT\r\n123\r\nRING\r\n45\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n",
        ),
        (
            "out@0 insert \"\\x00\\x00\"; out@0 insert \"!\"; out@1 delete",
            "\0\0!\r+FTPGET:5,12345\r\nOK\r\n",
            "\0\0!\rCONNECT\r\n12345\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n",
        ),
        (
            "out@0 delete; out@1 delete; out@2 delete",
            "FTPGET:5,12345\r\nOK\r\n",
            "ONNECT\r\n12345\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n",
        ),
    ] {
        assert_eq!(got(generic(), plan), from_generic, "{plan}");
        assert_eq!(got(quectel(), plan), from_quectel, "{plan}");
    }
}

#[test]
fn damage_does_not_depend_on_how_the_bytes_are_cut_up() {
    let plan = "out@3 delete; out@9 flip 1; out@11 duplicate; line#0 \"OK\" repeat 1; payload#0 shorten 2";
    let whole = got(quectel(), plan);
    let fragments = [1, 2, 3, 7].map(|length| Options::default().with_fragment(length));
    let paced = [9600, 115_200].map(|rate| Options::default().with_line_rate(rate));
    for options in fragments.into_iter().chain(paced) {
        let mut bench = quectel_with(options.clone());
        bench.play(plan);
        let mut text = download(&mut bench);
        text.push_str(&String::from_utf8(bench.after(LONG)).unwrap());
        assert_eq!(text, whole, "{:?}", (options.fragment, options.line_rate));
    }
}

#[test]
fn blocks_of_output_are_lost_repeated_or_exchanged() {
    // The line is "\r\n+FTPGET:5,12345\r\nOK\r\n".
    for (plan, expected) in [
        ("out@12 lose 3", "\r\n+FTPGET:5,45\r\nOK\r\n"),
        ("out@12 lose 1", "\r\n+FTPGET:5,2345\r\nOK\r\n"),
        ("out@12 lose 0", GENERIC_GET),
        ("out@12 lose 100", "\r\n+FTPGET:5,"),
        ("out@12 lose 2; out@14 duplicate", "\r\n+FTPGET:5,3345\r\nOK\r\n"),
        ("out@12 repeat 3", "\r\n+FTPGET:5,12312345\r\nOK\r\n"),
        ("out@12 repeat 0", GENERIC_GET),
        // Its end never comes.
        ("out@12 repeat 100", GENERIC_GET),
        ("out@12 exchange", "\r\n+FTPGET:5,21345\r\nOK\r\n"),
        ("out@12 exchange; out@13 flip 0", "\r\n+FTPGET:5,31345\r\nOK\r\n"),
    ] {
        let (at_once, later) = get(generic(), plan);
        assert_eq!(at_once + &later, expected, "{plan}");
    }
}

#[test]
fn blocks_of_input_are_lost_repeated_or_exchanged_however_they_come() {
    for (plan, expected) in [
        ("in@12 lose 2; in@14 insert \"xx\"", &b"xxcde"[..]),
        ("in@12 repeat 2; in@15 lose 2", b"ababc"),
        ("in@12 exchange; in@15 exchange", b"baced"),
    ] {
        for at_once in [true, false] {
            let mut bench = generic();
            bench.play(plan);
            let line = b"AT+FTPPUT=5,abcde\r";
            let answer = if at_once {
                bench.exchange(line)
            } else {
                line.iter().flat_map(|byte| bench.exchange(&[*byte])).collect()
            };
            assert_eq!(answer, OK.as_bytes(), "{plan}");
            assert_eq!(bench.command("AT+FTPPUT=0"), OK);
            assert_eq!(bench.server.file("/g").unwrap(), expected, "{plan}");
        }
    }
}

#[test]
fn what_is_kept_back_is_lost_when_the_line_is_new() {
    for plan in ["in@1 exchange", "in@0 repeat 2"] {
        let mut bench = generic();
        bench.play(plan);
        assert_eq!(bench.exchange(if plan.contains("exchange") { b"AT" } else { b"A" }), b"");
        bench.module.line_mut().heal();
        assert_eq!(bench.command("T"), OK, "{plan}");
    }
}

#[test]
fn stalled_output_comes_in_one_piece_afterwards() {
    for (bench, expected) in [(generic(), GENERIC_GET), (quectel(), QUECTEL_GET)] {
        let (at_once, later) = get(bench, "out@4 stall 3s");
        assert_eq!((at_once + "|" + &later), format!("{}|{}", &expected[..4], &expected[4..]));
    }
    for (bench, expected) in [(generic(), GENERIC_GET), (quectel(), QUECTEL_GET)] {
        let (at_once, later) = get(bench, "out@4 stall forever");
        assert_eq!((at_once.as_str(), later.as_str()), (&expected[..4], ""));
    }
    let mut bench = quectel();
    bench.play("out@4 stall 3s");
    assert_eq!(download(&mut bench), "\r\nCO");
    assert_eq!(bench.module.next_event(), Some(3000 * MILLISECOND));
    assert_eq!(bench.after(2999 * MILLISECOND), b"");
    assert_eq!(bench.after(MILLISECOND), &QUECTEL_GET.as_bytes()[4..]);
}

#[test]
fn a_stalled_line_takes_only_so_much() {
    let mut bench = generic();
    bench.server.put("/f", vec![b'x'; 1_000_000]);
    bench.play("out@16 stall 3s");
    assert_eq!(download(&mut bench), "\r\n+FTPGET:1000000"[..16]);
    // The module is not asked for more meanwhile.
    assert_eq!(bench.module.next_event(), Some(3000 * MILLISECOND));
    assert_eq!(bench.after(LONG).len(), 1_000_000 + 2 + OK.len());
}

#[test]
fn output_drips_from_some_byte_on() {
    for (mut bench, expected) in [(generic(), GENERIC_GET), (quectel(), QUECTEL_GET)] {
        bench.play("out@4 drip 10ms");
        assert_eq!(download(&mut bench), expected[..4]);
        assert_eq!(bench.after(9 * MILLISECOND), b"");
        for byte in expected[4..].bytes() {
            assert_eq!(bench.after(10 * MILLISECOND), [byte]);
        }
        bench.module.line_mut().heal();
        assert_eq!(bench.command("AT"), OK);
    }
}

#[test]
fn bytes_of_input_are_damaged_one_at_a_time() {
    for (plan, answer) in [
        ("in@0 delete", "\r\nERROR\r\n"),
        ("in@2 delete", ""),
        ("in@2 duplicate", OK),
        ("in@1 flip 1", "\r\nERROR\r\n"),
        ("in@2 insert \"E1\"", OK),
        ("in@3 insert \"AT\\r\"", OK),
        ("in@0 insert \"AT\\r\"", "\r\nOK\r\n\r\nOK\r\n"),
    ] {
        for mut bench in [generic(), quectel(), china_mobile()] {
            bench.play(plan);
            assert_eq!(bench.command("AT"), answer, "{plan}");
        }
    }
}

#[test]
fn input_is_damaged_within_an_upload() {
    let mut bench = generic();
    bench.play("in@13 flip 5; in@14 duplicate; in@15 delete");
    assert_eq!(bench.command("AT+FTPPUT=5,abcde"), OK);
    assert_eq!(bench.command("AT+FTPPUT=0"), OK);
    assert_eq!(bench.server.file("/g").unwrap(), b"aBcce");
    let mut bench = quectel();
    bench.play("in@29 flip 5; in@30 stall 2s");
    assert_eq!(bench.command("AT+QFTPPUT=\"g\",\"COM:\",0,3,1"), "\r\nCONNECT\r\n");
    assert_eq!(bench.exchange(b"abc"), b"");
    assert_eq!(bench.server.file("/g").unwrap(), b"aB");
    let done = b"\r\nOK\r\n\r\n+QFTPPUT: 0,3\r\n";
    assert_eq!(bench.after(2000 * MILLISECOND), done);
    assert_eq!(bench.server.file("/g").unwrap(), b"aBc");
}

#[test]
fn a_held_line_takes_nothing_and_says_so() {
    let mut bench = generic();
    bench.play("in@2 hold 3s");
    assert_eq!(bench.module.receive_capacity(bench.now), usize::MAX);
    assert_eq!(bench.exchange(b"AT\r"), b"");
    assert_eq!(bench.module.receive_capacity(bench.now), 0);
    assert_eq!(bench.module.next_event(), Some(3 * 1000 * MILLISECOND));
    assert_eq!(bench.after(3 * 1000 * MILLISECOND), OK.as_bytes());
    assert_eq!(bench.module.receive_capacity(bench.now), usize::MAX);
    assert_eq!(bench.module.next_event(), None);
    let mut endless = generic();
    endless.play("in@0 hold forever");
    assert_eq!(endless.command("AT"), "");
    assert_eq!((endless.module.receive_capacity(LONG), endless.module.next_event()), (0, None));
    endless.module.line_mut().heal();
    assert_eq!(endless.command("AT"), OK);
}

#[test]
fn input_drips_and_stalls() {
    for mut bench in [generic(), quectel()] {
        bench.play("in@1 drip 10ms");
        assert_eq!(bench.command("AT"), "");
        assert_eq!(bench.module.next_event(), Some(10 * MILLISECOND));
        assert_eq!(bench.after(19 * MILLISECOND), b"");
        assert_eq!(bench.after(MILLISECOND), OK.as_bytes());
        bench.play("in@1 stall forever");
        bench.module.line_mut().heal();
        assert_eq!(bench.command("AT"), "");
        assert_eq!(bench.after(LONG), b"");
        assert!(bench.module.receive_capacity(bench.now) < usize::MAX);
        bench.module.line_mut().heal();
        assert_eq!(bench.command("T"), OK);
    }
}

#[test]
fn a_hung_up_line_is_dead_both_ways() {
    for (bench, expected) in [(generic(), GENERIC_GET), (quectel(), QUECTEL_GET)] {
        let mut bench = bench;
        bench.play("out@14 hangup");
        assert_eq!(download(&mut bench), expected[..14]);
        assert!(bench.module.line().is_hung_up());
        assert_eq!(bench.command("AT"), "");
        assert_eq!(bench.after(LONG), b"");
        bench.module.line_mut().heal();
        assert_eq!(bench.command("AT"), OK);
        bench.play("in@5 hangup");
        assert_eq!(bench.command("AT"), OK);
        assert_eq!(bench.command("AT"), "");
    }
}

#[test]
fn the_module_restarts_and_forgets() {
    for plan in ["out@14 restart", "in@3 restart"] {
        let mut bench = generic();
        bench.play(plan);
        let text = download(&mut bench);
        assert!(!text.contains("12345"), "{text:?}");
        assert_eq!(bench.server.sessions(), 0, "{plan}");
        assert!(bench.command("AT+FTPGET").contains("ERROR"));
        let mut bench = quectel();
        bench.play(plan);
        let text = got_until_now(&mut bench);
        assert!(text.contains("\r\nRDY\r\n") && !text.contains("12345"), "{text:?}");
        assert_eq!(bench.server.sessions(), 0, "{plan}");
    }
}

#[test]
fn the_module_dies_and_comes_back() {
    for plan in ["out@14 die 3s", "in@3 die 3s"] {
        let mut bench = quectel();
        bench.play(plan);
        let text = download(&mut bench);
        assert!(!text.contains("12345") && text.len() <= 14, "{plan}: {text:?}");
        // What is sent meanwhile is lost, and nothing happens of its own accord.
        assert_eq!(bench.command("AT"), "");
        let now = bench.now;
        bench.module.inject(now, "RING");
        assert_eq!(bench.module.next_event(), Some(3000 * MILLISECOND));
        assert_eq!(bench.module.receive_capacity(bench.now), usize::MAX);
        assert_eq!(bench.after(2999 * MILLISECOND), b"");
        assert!(bench.after(MILLISECOND).starts_with(b"\r\nRDY\r\n"));
        // Settings are lost, and so is the session.
        assert_eq!(bench.command("AT"), OK);
        assert!(bench.command("AT+QFTPCFG=\"transmode\"").contains("+QFTPCFG: \"transmode\",0"));
        assert_eq!(bench.server.sessions(), 0, "{plan}");
        bench.play("in@0 die 1000s");
        assert_eq!(bench.command("AT"), "");
        bench.module.restart(Duration::from_secs(5));
        assert!(bench.after(LONG).starts_with(b"\r\nRDY\r\n"), "switched on by hand");
    }
}

fn got_until_now(bench: &mut super::Scene) -> String {
    let mut text = download(bench);
    text.push_str(&String::from_utf8_lossy(&bench.after(LONG)));
    text
}

#[test]
fn a_module_fallen_into_data_mode_is_got_out_by_escape() {
    for mut bench in [generic(), quectel(), china_mobile()] {
        bench.play("in@3 datamode");
        assert_eq!(bench.command("AT"), OK);
        assert_eq!(bench.command("AT"), "");
        assert_eq!(bench.command("+++"), "");
        bench.after(1000 * MILLISECOND);
        assert_eq!(bench.exchange(b"+++"), b"");
        assert_eq!(bench.after(999 * MILLISECOND), b"");
        assert_eq!(bench.after(MILLISECOND), OK.as_bytes());
        assert_eq!(bench.command("AT"), OK);
    }
    let mut bench = generic();
    bench.play("out@3 datamode");
    assert_eq!(download(&mut bench), GENERIC_GET);
    assert_eq!(bench.command("AT"), "");
}

#[test]
fn the_count_begins_at_zero() {
    let mut bench = generic();
    bench.play("out@2 delete");
    bench.play("out@8 delete");
    assert_eq!(bench.command("AT"), OK);
    assert_eq!(bench.module.line().position(Direction::Output), 6);
    bench.module.line_mut().rewind();
    assert_eq!(bench.command("AT"), OK);
    assert_eq!(bench.module.line().pending().count(), 1);
    assert_eq!(bench.command("AT"), "\r\nK\r\n");
    assert_eq!(bench.module.line().pending().count(), 0);
    assert_eq!(bench.module.line().position(Direction::Output), 12);
    assert_eq!(bench.module.line().position(Direction::Input), 6);
    let expected: Vec<Fault> = vec![Damage::Delete.of_output(8)];
    assert_eq!(bench.module.line().plan().faults, expected);
}

#[test]
fn another_module_may_appear_under_the_name_of_the_port() {
    let mut bench = generic();
    bench.play("in@1 hangup");
    assert_eq!(bench.command("AT"), "");
    assert!(bench.module.line().is_hung_up());
    bench.now += LONG;
    let options = Options::default().with_echo(false);
    let other = Module::new(Family::Quectel, bench.server.remote(), options);
    let now = bench.now;
    bench.module.replace(now, other);
    assert_eq!(bench.output(), b"\r\nRDY\r\n");
    assert_eq!(bench.command("AT+CGMI"), "\r\nQuectel\r\n\r\nOK\r\n");
}
