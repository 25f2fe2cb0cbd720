//! Plans print as one line and parse back.

use std::time::Duration;

use crate::emulator::{Damage, Direction, Fate, Fault, Number, PayloadChange, Plan, ServerFault};

pub(super) fn every_fault() -> Vec<(&'static str, Fault)> {
    let line = |fate| Fault::Line { prefix: "+QFTPGET: ".into(), nth: 2, fate };
    let head = |fate| Fault::Head { prefix: "+".into(), nth: 1, fate };
    let number = |number| Fault::Head { prefix: String::new(), nth: 0, fate: Fate::Number(number) };
    let bytes: Vec<u8> = vec![0, b'\r', b'\n', b'\t', b'"', b'\\', b'\'', b';', b' ', 0xFF, b'a'];
    vec![
        ("out@17 delete", Damage::Delete.of_output(17)),
        ("in@0 duplicate", Damage::Duplicate.of_input(0)),
        ("in@0 lose 16", Damage::Lose(16).of_input(0)),
        ("out@5 repeat 2", Damage::Repeat(2).of_output(5)),
        ("in@1 exchange", Damage::Exchange.of_input(1)),
        ("in@3 flip 7", Damage::Flip(7).of_input(3)),
        ("out@3 insert \"\\x00\\r\\n\\t\\\"\\\\\\'; \\xffa\"", Damage::Insert(bytes).of_output(3)),
        ("out@3 insert \"\"", Damage::Insert(Vec::new()).of_output(3)),
        ("out@3 stall 1500ms", Damage::Stall(Some(Duration::from_millis(1500))).of_output(3)),
        ("in@3 stall forever", Damage::Stall(None).of_input(3)),
        ("in@3 hold 2s", Damage::Hold(Some(Duration::from_secs(2))).of_input(3)),
        ("in@3 hold forever", Damage::Hold(None).of_input(3)),
        ("out@3 drip 86805ns", Damage::Drip(Duration::from_nanos(86_805)).of_output(3)),
        ("out@3 drip 0s", Damage::Drip(Duration::ZERO).of_output(3)),
        ("out@18446744073709551615 hangup", Damage::HangUp.of_output(u64::MAX)),
        ("in@1 restart", Damage::Restart.of_input(1)),
        ("out@1 die 1500ms", Damage::Die(Duration::from_millis(1500)).of_output(1)),
        ("out@1 datamode", Damage::DataMode.of_output(1)),
        ("line#2 \"+QFTPGET: \" lose", line(Fate::Lose)),
        ("line#2 \"+QFTPGET: \" delay 20us", line(Fate::Delay(Duration::from_micros(20)))),
        ("line#2 \"+QFTPGET: \" delay 18446744073709551615s", line(Fate::Delay(Duration::from_secs(u64::MAX)))),
        ("line#2 \"+QFTPGET: \" repeat 3", line(Fate::Repeat(3))),
        ("line#2 \"+QFTPGET: \" swap", line(Fate::Swap)),
        ("head#0 \"\" number +3", number(Number::More(3))),
        ("head#0 \"\" number -3", number(Number::Fewer(3))),
        ("head#0 \"\" number \"\\xc3\\xa4;\"", number(Number::Text("ä;".into()))),
        ("line#2 \"+QFTPGET: \" number +3", line(Fate::Number(Number::More(3)))),
        ("line#2 \"+QFTPGET: \" number@1 -3", line(Fate::NumberAt { back: 1, number: Number::Fewer(3) })),
        ("line#2 \"+QFTPGET: \" number@0 \"\"", line(Fate::NumberAt { back: 0, number: Number::Text("".into()) })),
        ("head#1 \"+\" lose", head(Fate::Lose)),
        ("head#1 \"+\" delay 1s", head(Fate::Delay(Duration::from_secs(1)))),
        ("head#1 \"+\" repeat 1", head(Fate::Repeat(1))),
        ("head#1 \"+\" swap", head(Fate::Swap)),
        ("head#1 \"+\" number@2 +1", head(Fate::NumberAt { back: 2, number: Number::More(1) })),
        ("payload#0 shorten 3", Fault::Payload { nth: 0, change: PayloadChange::Shorten(3) }),
        ("payload#1 extend \"xx\"", Fault::Payload { nth: 1, change: PayloadChange::Extend(b"xx".into()) }),
        ("slow 2s", Fault::Slow(Duration::from_secs(2))),
        ("memory 100", Fault::Memory(100)),
        ("server drop 3", Fault::Server(ServerFault::Drop { after: 3 })),
        ("server 421 3", Fault::Server(ServerFault::Unavailable { after: 3 })),
        ("server 425 0", Fault::Server(ServerFault::RefuseData { after: 0 })),
        ("server 426 9", Fault::Server(ServerFault::Abort { after: 9 })),
        ("server short 1", Fault::Server(ServerFault::Short { by: 1 })),
        ("server norest", Fault::Server(ServerFault::IgnoreRest)),
        ("server listing 40", Fault::Server(ServerFault::Listing { keep: 40 })),
        ("server part 10", Fault::Server(ServerFault::PartStored { keep: 10 })),
        ("server replace \"a\"", Fault::Server(ServerFault::Replace { content: b"a".into() })),
        ("server full 100 452", Fault::Server(ServerFault::Full { after: 100, code: 452 })),
        ("server break 100", Fault::Server(ServerFault::Break { after: 100 })),
        ("server size 18446744073709551615", Fault::Server(ServerFault::Size { says: u64::MAX })),
        ("server deny 451", Fault::Server(ServerFault::Deny { code: 451 })),
    ]
}

#[test]
fn every_fault_prints_and_parses() {
    for (text, fault) in every_fault() {
        assert_eq!(fault.to_string(), text);
        assert_eq!(text.parse(), Ok(fault));
    }
    let plan: Plan = every_fault().into_iter().map(|(_, fault)| fault).collect();
    let line = plan.to_string();
    assert!(!line.contains('\n'));
    assert_eq!(line.parse(), Ok(plan.clone()));
    assert_eq!(line.replace("; ", "  ;").parse::<Plan>().unwrap().faults.len(), plan.faults.len());
    assert_eq!("".parse(), Ok(Plan::none()));
    assert_eq!(Plan::none().to_string(), "");
    let hang_up = Fault::Byte { direction: Direction::Input, at: 1, damage: Damage::HangUp };
    assert_eq!(" in @ 1 hangup ; ".parse(), Ok(Plan::from(hang_up)));
}

#[test]
fn anything_else_is_refused() {
    for text in [
        "in",
        "in@",
        "in@1",
        "in@x delete",
        "in@1 explode",
        "in@1 delete delete",
        "in@1 lose",
        "in@1 repeat x",
        "in@1 lose 4294967296",
        "in@1 flip 8",
        "in@1 flip 300",
        "in@-1 delete",
        "out@1 insert abc",
        "out@1 insert \"abc",
        "out@1 insert \"\\q\"",
        "out@1 insert \"\\xg0\"",
        "out@1 insert \"\\x\u{e4}\"",
        "out@1 stall 3",
        "out@1 stall 3h",
        "out@1 stall",
        "out@1 drip 99999999999999999999s",
        "line \"OK\" lose",
        "line#0 OK lose",
        "line#0 \"\\xff\" lose",
        "line#0 \"OK\" vanish",
        "line#0 \"OK\" number",
        "payload#0 grow 3",
        "server",
        "server 550",
        "server full 3",
        "server full 3 99999",
        "line#0 \"OK\" number@ +1",
        "line#0 \"OK\" number@1",
        "line#0 \"OK\" number@99999999999 +1",
        "in@1 die",
        "in@1 die forever",
        "memory",
        "memory -1",
        "server size -1",
        "server deny 99999",
        "slow",
        ";",
        "in@1 delete;;",
    ] {
        let refused = text.parse::<Plan>();
        assert!(refused.is_err(), "{text}: {refused:?}");
        assert!(text.parse::<Fault>().is_err(), "{text}");
    }
    let error = "in@1 explode".parse::<Plan>().unwrap_err();
    assert_eq!(error.to_string(), "no plan of faults: expected what happens to a byte at \" explode\"");
}
