//! Limits, read and test forms.

use super::{ERROR, OK, bench, play, ready};
use crate::emulator::testing::Bench;
use crate::emulator::{Family, LuatProfile, Options};

#[test]
fn limits_of_each_profile() {
    let luat = LuatProfile::Air780e;
    let sim = LuatProfile::Sim7000;
    let new = LuatProfile::Sim7080;
    let texts = [
        (luat, "FTPSERV", 49),
        (luat, "FTPUN", 49),
        (luat, "FTPPW", 49),
        (luat, "FTPGETNAME", 99),
        (luat, "FTPPUTNAME", 99),
        (luat, "FTPGETPATH", 255),
        (luat, "FTPPUTPATH", 99),
        (sim, "FTPPUTPATH", 255),
        (sim, "FTPGETNAME", 99),
        (new, "FTPGETNAME", 64),
        (new, "FTPPUTNAME", 64),
    ];
    for (profile, name, limit) in texts {
        let mut bench = bench(|options| options.profile = profile);
        let text = "x".repeat(limit);
        for (line, answer) in [
            (format!("AT+{name}=\"{text}\""), OK),
            (format!("AT+{name}={text}"), OK),
            (format!("AT+{name}=\"{text}x\""), ERROR),
            (format!("AT+{name}=\"a\"b\""), ERROR),
            (format!("AT+{name}=\"a\",\"b\""), ERROR),
        ] {
            assert_eq!(bench.command(&line), answer, "{profile:?} {line}");
        }
    }
    let others = [
        (luat, "FTPCID=0", ERROR),
        (luat, "FTPCID=1", OK),
        (luat, "FTPCID=3", OK),
        (luat, "FTPCID=4", ERROR),
        (new, "FTPCID=0", OK),
        (luat, "FTPPORT=0", ERROR),
        (luat, "FTPPORT=65535", OK),
        (luat, "FTPPORT=65536", ERROR),
        (luat, "FTPPORT=\"21\"", ERROR),
        (luat, "FTPPORT=", ERROR),
        (luat, "FTPPORT", ERROR),
        (luat, "FTPMODE=0", ERROR),
        (luat, "FTPMODE=1", OK),
        (sim, "FTPMODE=0", OK),
        (luat, "FTPTYPE=\"A\"", OK),
        (luat, "FTPTYPE=I", OK),
        (luat, "FTPTYPE=i", ERROR),
        (luat, "FTPTYPE=\"E\"", ERROR),
        (luat, "FTPPUTOPT=\"APPE\"", OK),
        (luat, "FTPPUTOPT=\"STOU\"", OK),
        (luat, "FTPPUTOPT=\"STOR\"", OK),
        (luat, "FTPPUTOPT=\"REST\"", ERROR),
        (luat, "FTPREST=4294967295", OK),
        (luat, "FTPREST=-1", ERROR),
        (luat, "FTPGET=3", ERROR),
        (luat, "FTPGET=1,1", ERROR),
        (luat, "FTPGET=2", ERROR),
        (luat, "FTPGET=2,0", ERROR),
        (luat, "FTPGET=2,1461", ERROR),
        (luat, "FTPGET?", ERROR),
        (luat, "FTPGET", ERROR),
        (luat, "FTPSIZE=1", ERROR),
        (luat, "FTPQUIT=1", ERROR),
        (luat, "FTPSTATE?", ERROR),
        (luat, "FTPSTOP", ERROR),
        (luat, "FTPRENAME", ERROR),
        (luat, "FTPMDTM", ERROR),
        (luat, "FTPETPUT=1", ERROR),
        (luat, "FTPETGET=1", ERROR),
        (luat, "FTPSSL=1", ERROR),
        (sim, "FTPSSL=1", ERROR),
        (LuatProfile::Sim800, "FTPSSL=2", OK),
        (LuatProfile::Sim800, "FTPSSL=3", ERROR),
        (new, "FTPSSL=1,2,\"ca.crt\",\"my.crt\"", OK),
        (sim, "FTPSCONT", ERROR),
        (sim, "FTPGETTOFS=0,\"x\"", ERROR),
        (sim, "FTPPUTFRMFS=\"x\"", ERROR),
        (sim, "FTPFILEPUT=0", ERROR),
        (new, "SAPBR=1,1", ERROR),
        (luat, "CNACT=0,1", ERROR),
        (luat, "SAPBR=5,1", ERROR),
        (luat, "SAPBR=1,0", ERROR),
        (luat, "SAPBR=1,4", ERROR),
        (luat, "SAPBR=1,1,2", ERROR),
        (luat, "SAPBR=3,1", ERROR),
        (luat, "SAPBR=3,1,\"CONTYPE\",\"LTE\"", ERROR),
        (luat, "SAPBR=3,1,\"NAME\",\"x\"", ERROR),
        (luat, "SAPBR=3,1,\"RATE\",3", OK),
        (luat, "SAPBR=3,1,APN,\"internet\"", OK),
        (luat, "SAPBR=3,1,Contype,GPRS", OK),
        (luat, "SAPBR=3,1,NAME,x", ERROR),
    ];
    for (profile, command, answer) in others {
        let mut options = Options::default().with_echo(false).with_cmee(0);
        options.luat.profile = profile;
        let mut bench = Bench::new(Family::Luat, options);
        assert_eq!(bench.command(&format!("AT+{command}")), answer, "{profile:?} {command}");
    }
}

#[test]
fn read_forms() {
    let mut bench = ready(|_| ());
    for (name, value) in [
        ("FTPCID", "1"),
        ("FTPSERV", "\"airtest.openluat.com\""),
        ("FTPPORT", "21"),
        ("FTPUN", "\"luat\""),
        ("FTPPW", "\"123456\""),
        ("FTPMODE", "1"),
        ("FTPTYPE", "\"I\""),
        ("FTPPUTOPT", "\"STOR\""),
        ("FTPREST", "0"),
        ("FTPGETNAME", "\"test.txt\""),
        ("FTPGETPATH", "\"/\""),
        ("FTPPUTNAME", "\"test.txt\""),
        ("FTPPUTPATH", "\"/\""),
    ] {
        assert_eq!(bench.command(&format!("AT+{name}?")), format!("\r\n+{name}:{value}\r\n\r\nOK\r\n"));
    }
    let mut bare = ready(|options| {
        options.quoted_values = false;
        options.profile = LuatProfile::Sim800;
    });
    play(&mut bare, &[("AT+FTPUN?", "\r\n+FTPUN: luat\r\n\r\nOK\r\n")]);
}

#[test]
fn test_forms_tell_existence_only() {
    let mut bench = bench(|_| ());
    for name in [
        "FTPCID",
        "FTPSERV",
        "FTPPORT",
        "FTPUN",
        "FTPPW",
        "FTPMODE",
        "FTPTYPE",
        "FTPPUTOPT",
        "FTPREST",
        "FTPGETNAME",
        "FTPGETPATH",
        "FTPPUTNAME",
        "FTPPUTPATH",
        "FTPGET",
        "FTPPUT",
        "FTPLIST",
        "FTPSIZE",
        "FTPDELE",
        "FTPMKD",
        "FTPRMD",
        "FTPSTATE",
        "FTPQUIT",
        "FTPSCONT",
        "FTPEXTPUT",
        "FTPEXTGET",
        "FTPGETTOFS",
        "FTPPUTFRMFS",
        "FTPFILEPUT",
    ] {
        assert_eq!(bench.command(&format!("AT+{name}=?")), OK, "{name}");
    }
    play(&mut bench, &[("AT+SAPBR=?", "\r\n+SAPBR: (0-4),(1-3),\"ConParamTag\",\"ConParamValue\"\r\n\r\nOK\r\n")]);
}

#[test]
fn ftpscont_keeps_the_settings_over_a_restart() {
    let mut bench = ready(|_| ());
    let report = |first: &str| {
        [
            first,
            "+FTPSERV: \"airtest.openluat.com\"",
            "+FTPPORT: 21",
            "+FTPUN: \"luat\"",
            "+FTPPW: \"123456\"",
            "+FTPCID: 1",
            "+FTPMODE: 1",
            "+FTPTYPE: \"I\"",
            "+FTPPUTOPT: \"STOR\"",
            "+FTPREST: 0",
            "+FTPGETNAME: \"test.txt\"",
            "+FTPGETPATH: \"/\"",
            "+FTPPUTNAME: \"test.txt\"",
            "+FTPPUTPATH: \"/\"",
            "+FTPTIMEOUT: 75",
        ]
        .join("\r\n")
    };
    let answer = |first: &str| format!("\r\n{}\r\n\r\nOK\r\n", report(first));
    play(&mut bench, &[("AT+FTPSCONT?", &answer("+FTPSCONT: 1")), ("AT+FTPSCONT", OK), ("AT+FTPPORT=2121", OK)]);
    bench.module.restart(bench.now);
    let boot = String::from_utf8(bench.output()).unwrap();
    assert!(boot.starts_with("\r\n^MODE: 17,17\r\n"), "{boot}");
    play(&mut bench, &[("ATE0", OK), ("AT+FTPSCONT?", &answer("+FTPSCONT: 0"))]);
    let mut forgetful = ready(|_| ());
    forgetful.command("AT+CFUN=1,1");
    play(&mut forgetful, &[("ATE0", OK), ("AT+FTPUN?", "\r\n+FTPUN:\"\"\r\n\r\nOK\r\n")]);
}

#[test]
fn bearers() {
    let mut bench = bench(|_| ());
    play(
        &mut bench,
        &[
            ("AT+SAPBR=2,1", "\r\n+SAPBR: 1,3,\"0.0.0.0\"\r\n\r\nOK\r\n"),
            ("AT+SAPBR=0,1", "\r\n+CME ERROR: 3\r\n"),
            ("AT+SAPBR=1,1", OK),
            ("AT+SAPBR=1,1", "\r\n+CME ERROR: 3\r\n"),
            ("AT+SAPBR=1,2", OK),
            ("AT+SAPBR=0,1", OK),
            ("AT+CMEE=0", OK),
            ("AT+SAPBR=0,1", ERROR),
            ("AT+SAPBR=3,1,\"APN\",\"cmnet\"", OK),
            ("AT+CFUN=4", OK),
            ("AT+SAPBR=2,2", "\r\n+SAPBR: 2,3,\"0.0.0.0\"\r\n\r\nOK\r\n"),
            ("AT+CIPSHUT", "\r\nSHUT OK\r\n"),
            ("AT+CIFSR", "\r\n10.225.11.107\r\n"),
        ],
    );
    assert!(bench.command("AT+SAPBR=4,1").contains("\r\n+SAPBR:APN,cmnet\r\n"));
    let mut offline = Bench::new(Family::Luat, Options::default().with_echo(false).with_registered(false));
    play(&mut offline, &[("AT+SAPBR=1,1", "\r\n+CME ERROR: 3\r\n")]);
}

#[test]
fn private_network() {
    let mut bench = bench(|options| options.bearer_open = true);
    let kept = "\r\nMODE:2\r\nAPN:jscmiot\r\nUSR:u9682\r\nPWD:iot98765\r\nAUTHMODE:2\r\n\r\nOK\r\n";
    play(
        &mut bench,
        &[
            ("AT+CPNETAPN=2,,\"\",\"\",0", ERROR),
            ("AT+CPNETAPN=2,jscmiot,u9682,iot98765,3", ERROR),
            ("AT+CPNETAPN=2,jscmiot,u9682,iot98765,2", OK),
            ("AT+CPNETAPN?", kept),
            ("AT+SAPBR=2,1", "\r\n+SAPBR: 1,3,\"0.0.0.0\"\r\n\r\nOK\r\n"),
        ],
    );
    bench.module.restart(bench.now);
    bench.output();
    play(
        &mut bench,
        &[
            ("ATE0", OK),
            ("AT+CPNETAPN?", kept),
            ("AT+CPNETAPN=3", OK),
            ("AT+CPNETAPN?", "\r\nMODE:0\r\nAPN:\r\nUSR:\r\nPWD:\r\nAUTHMODE:0\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn commands_can_be_missing() {
    let mut bench = ready(|options| {
        options.missing_commands = vec!["+FTPSIZE".to_owned(), "+FTPEXT*".to_owned()];
    });
    for command in ["AT+FTPSIZE", "AT+FTPSIZE=?", "AT+FTPEXTPUT=?", "AT+FTPEXTGET=1"] {
        assert_eq!(bench.command(command), ERROR, "{command}");
    }
    play(&mut bench, &[("AT+FTPQUIT=?", OK)]);
}
