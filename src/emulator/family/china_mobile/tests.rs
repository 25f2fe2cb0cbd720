//! Every session of the OneMO FTP AT manual, and every choice it leaves.

mod codes;
mod downloads;
mod lists;
mod network;
mod uploads;

use crate::emulator::testing::Bench;
use crate::emulator::{ChinaMobileModel, ChinaMobileOptions, Family, Options, ResultOrder, UnsupportedModes};

fn bench(choose: impl FnOnce(&mut ChinaMobileOptions)) -> Bench {
    let mut options = Options::default().with_echo(false).with_pdp_active(true);
    choose(&mut options.china_mobile);
    Bench::new(Family::ChinaMobile, options)
}

/// Plays command lines; the answers are given as lines, `|` between them.
fn play(bench: &mut Bench, exchanges: &[(&str, &str)]) {
    for (line, answer) in exchanges {
        assert_eq!(bench.command(line), lines(answer), "{line:?}");
    }
}

fn lines(answer: &str) -> String {
    answer.split('|').filter(|line| !line.is_empty()).map(|line| format!("\r\n{line}\r\n")).collect()
}

#[test]
fn the_manual_s_session_on_directories() {
    let mut bench = bench(|_| ());
    bench.server.add_user("uftp", "12341");
    bench.server.add_directory("/home/uftp/test");
    play(
        &mut bench,
        &[
            ("AT+MFTPCFG=0,\"ssl\",0,0", "OK"),
            ("AT+MFTPCONN=0,\"115.29.109.79\",\"uftp\",\"12341\",21", "OK|+MFTPCONN: 0,0"),
            ("AT+MFTPPWD=0", "OK|+MFTPPWD: 0,0,\"/\""),
            ("AT+MFTPCWD=0,\"/home/uftp/test\"", "OK|+MFTPCWD: 0,0"),
            ("AT+MFTPPWD=0", "OK|+MFTPPWD: 0,0,\"/home/uftp/test\""),
            ("AT+MFTPMKD=0,\"test1\"", "OK|+MFTPMKD: 0,0"),
            ("AT+MFTPSTOR=0,\"1.txt\",1,10,\"1111111111\"", "OK|+MFTPSTOR: 0,0,10"),
            ("AT+MFTPRN=0,\"test1\",\"test2\"", "OK|+MFTPRN: 0,0"),
            ("AT+MFTPRN=0,\"1.txt\",\"2.txt\"", "OK|+MFTPRN: 0,0"),
            ("AT+MFTPLIST=0,\"2.txt\"", "OK|+MFTPLIST: 0,0,\"2.txt\",10,20240722040900,\"rw-\""),
            (
                "AT+MFTPLIST=0,\"/home/uftp/test\"",
                "OK|+MFTPLIST: 0,0,\"2.txt\",10,20240722040900,\"rw-\"|+MFTPLIST: 0,0,\"test2\",\"rwx\"",
            ),
            ("AT+MFTPRETR=0,\"2.txt\"", "OK|+MFTPRETR: 0,0,10,10,1111111111"),
            ("AT+MFTPSTATE=0", "+MFTPSTATE: 0,1|OK"),
            ("AT+MFTPDEL=0,\"2.txt\"", "OK|+MFTPDEL: 0,0"),
            ("AT+MFTPDEL=0,\"test2\"", "OK|+MFTPDEL: 0,0"),
            ("AT+MFTPDISC=0", "OK|+MFTPDISC: 0,0|+MFTPURC: 0,\"conn\",0"),
            ("AT+MFTPSTATE=0", "+MFTPSTATE: 0,0|OK"),
        ],
    );
    assert_eq!(bench.server.sessions(), 0);
}

/// With connection 0 open.
fn connected(choose: impl FnOnce(&mut ChinaMobileOptions)) -> Bench {
    let mut bench = bench(choose);
    play(&mut bench, &[("AT+MFTPCONN=0,\"h\"", "OK|+MFTPCONN: 0,0")]);
    bench
}

#[test]
fn test_forms() {
    let mut bench = bench(|_| ());
    for (command, range) in [
        ("MFTPCONN", "(0-5),,,,(0-65535)"),
        ("MFTPDISC", "(0-5)"),
        ("MFTPCWD", "(0-5),"),
        ("MFTPPWD", "(0-5)"),
        ("MFTPMKD", "(0-5),"),
        ("MFTPLIST", "(0-5),"),
        ("MFTPDEL", "(0-5),"),
        ("MFTPRN", "(0-5),,"),
        ("MFTPRETR", "(0-5),[,[,<offset>[,<length>]]]"),
        ("MFTPAPPE", "(0-5),,,,"),
        ("MFTPSTOR", "(0-5),,,,"),
        ("MFTPSTATE", "(0-5)"),
        ("MIPCALL", "(0-1),(0-16)"),
    ] {
        assert_eq!(bench.command(&format!("AT+{command}=?")), lines(&format!("+{command}: {range}|OK")));
        if command != "MIPCALL" {
            for form in ["", "?"] {
                let answer = bench.command(&format!("AT+{command}{form}"));
                assert_eq!(answer, lines("ERROR"), "{command}{form}");
            }
        }
    }
}

const ALL: &str = "+MFTPCFG: 0,\"data_type\",0|+MFTPCFG: 0,\"transmode\",1|+MFTPCFG: 0,\"rsptimeout\",10|\
                   +MFTPCFG: 0,\"ssl\",0,0|+MFTPCFG: 0,\"local_fs\",0";

#[test]
fn settings() {
    let mut bench = bench(|_| ());
    let all = format!("{ALL}|+MFTPCFG: 0,\"cid\",1|OK");
    play(
        &mut bench,
        &[
            (
                "AT+MFTPCFG=?",
                "+MFTPCFG: (0-5),\"data_type\",(0-1)|+MFTPCFG: (0-5),\"transmode\",(1)|\
                 +MFTPCFG: (0-5),\"rsptimeout\",(2-30)|+MFTPCFG: (0-5),\"ssl\",(0),(0-5)|\
                 +MFTPCFG: (0-5),\"local_fs\",(0-1)|+MFTPCFG: (0-5),\"cid\",(1-15)|OK",
            ),
            ("AT+MFTPCFG=0", &all),
            ("AT+MFTPCFG=1,\"ssl\",0,5", "OK"),
            ("AT+MFTPCFG=1,\"ssl\"", "+MFTPCFG: 1,\"ssl\",0,5|OK"),
            ("AT+MFTPCFG=1,\"data_type\",1", "OK"),
            ("AT+MFTPCFG=1,\"data_type\"", "+MFTPCFG: 1,\"data_type\",1|OK"),
            ("AT+MFTPCFG=1,\"rsptimeout\",30", "OK"),
            ("AT+MFTPCFG=1,\"rsptimeout\"", "+MFTPCFG: 1,\"rsptimeout\",30|OK"),
            ("AT+MFTPCFG=1,\"local_fs\",1", "OK"),
            ("AT+MFTPCFG=1,\"local_fs\"", "+MFTPCFG: 1,\"local_fs\",1|OK"),
            ("AT+MFTPCFG=1,\"cid\",15", "OK"),
            ("AT+MFTPCFG=1,\"cid\"", "+MFTPCFG: 1,\"cid\",15|OK"),
            ("AT+MFTPCFG=1,\"transmode\",1", "OK"),
            ("AT+MFTPCFG=0", &all),
        ],
    );
    for wrong in [
        "6",
        "",
        "0,",
        "0,ssl",
        "0,\"nope\"",
        "0,\"SSL\"",
        "0,\"ssl\",0",
        "0,\"ssl\",0,6",
        "0,\"ssl\",1,0",
        "0,\"ssl\",0,0,0",
        "0,\"data_type\",2",
        "0,\"transmode\",0",
        "0,\"rsptimeout\",1",
        "0,\"rsptimeout\",31",
        "0,\"local_fs\",2",
        "0,\"cid\",0",
        "0,\"cid\",16",
    ] {
        let answer = bench.command(&format!("AT+MFTPCFG={wrong}"));
        assert_eq!(answer, lines("+CME ERROR: 50"), "{wrong}");
    }
    assert_eq!(bench.command("AT+MFTPCFG=0"), lines(&all));
    assert_eq!(bench.command("AT+MFTPCFG?"), lines("ERROR"));
}

#[test]
fn models() {
    for (model, name, least, most) in [
        (ChinaMobileModel::Ml302a, "ML302A-DSLM", "15", "16"),
        (ChinaMobileModel::Ml305a, "ML305A-DS", "15", "16"),
        (ChinaMobileModel::Ml305u, "ML305U-DBLN", "7", "8"),
        (ChinaMobileModel::Ml307a, "ML307A-DSLN", "15", "16"),
        (ChinaMobileModel::Ml307r, "ML307R-DC", "15", "16"),
    ] {
        let mut bench = bench(|options| options.model = model);
        assert_eq!(bench.command("AT+CGMM"), lines(&format!("{name}|OK")));
        for (cid, answer) in [(least, "OK"), (most, "+CME ERROR: 50")] {
            let command = format!("AT+MFTPCFG=0,\"cid\",{cid}");
            assert_eq!(bench.command(&command), lines(answer), "{name} {cid}");
        }
    }
    for model in [ChinaMobileModel::Ml307n, ChinaMobileModel::Mr880a] {
        let mut bench = bench(|options| options.model = model);
        play(
            &mut bench,
            &[
                ("AT+MFTPCFG=0", &format!("{ALL}|OK")),
                ("AT+MFTPCFG=0,\"cid\"", "+CME ERROR: 50"),
                ("AT+MFTPCFG=0,\"cid\",1", "+CME ERROR: 50"),
            ],
        );
    }
}

#[test]
fn modes_no_module_has() {
    for (modes, accepted) in
        [(UnsupportedModes::Refused, false), (UnsupportedModes::Ignored, true), (UnsupportedModes::Supported, true)]
    {
        let mut bench = bench(|options| options.unsupported_modes = modes);
        let answer = if accepted { "OK" } else { "+CME ERROR: 50" };
        for setting in ["\"transmode\",0", "\"ssl\",1,0", "\"ssl\",2,0"] {
            let command = format!("AT+MFTPCFG=0,{setting}");
            assert_eq!(bench.command(&command), lines(answer), "{command}");
        }
    }
}

#[test]
fn six_connections_at_a_time() {
    let mut bench = bench(|_| ());
    for id in 0..6 {
        bench.server.add_directory(&format!("d{id}"));
        play(
            &mut bench,
            &[
                (&format!("AT+MFTPCONN={id},\"h\",,\"p\",21"), &format!("OK|+MFTPCONN: {id},0")),
                (&format!("AT+MFTPCWD={id},\"d{id}\""), &format!("OK|+MFTPCWD: {id},0")),
            ],
        );
    }
    assert_eq!(bench.server.sessions(), 6);
    play(
        &mut bench,
        &[
            ("AT+MFTPPWD=3", "OK|+MFTPPWD: 3,0,\"/d3\""),
            ("AT+MFTPPWD=5", "OK|+MFTPPWD: 5,0,\"/d5\""),
            ("AT+MFTPDISC=3", "OK|+MFTPDISC: 3,0|+MFTPURC: 3,\"conn\",0"),
            ("AT+MFTPPWD=3", "+CME ERROR: 801"),
            ("AT+MFTPPWD=0", "OK|+MFTPPWD: 0,0,\"/d0\""),
        ],
    );
    assert_eq!(bench.server.sessions(), 5);
}

#[test]
fn the_result_may_come_before_ok() {
    let mut bench = bench_in_order(ResultOrder::OkLast);
    bench.server.put("/f", vec![b'x'; 1500]);
    play(
        &mut bench,
        &[
            ("AT+MFTPCONN=0,\"h\"", "+MFTPCONN: 0,0|OK"),
            ("AT+MFTPPWD=0", "+MFTPPWD: 0,0,\"/\"|OK"),
            ("AT+MFTPSTOR=0,\"g\",1,2,\"ab\"", "+MFTPSTOR: 0,0,2|OK"),
            (
                "AT+MFTPLIST=0,\"/\"",
                "+MFTPLIST: 0,0,\"f\",1500,20240722040900,\"rw-\"|\
                 +MFTPLIST: 0,0,\"g\",2,20240722040900,\"rw-\"|OK",
            ),
        ],
    );
    assert_eq!(
        bench.command("AT+MFTPRETR=0,\"f\""),
        lines(&format!("+MFTPRETR: 0,0,1024,1024,{}|+MFTPRETR: 0,0,1500,476,{}|OK", "x".repeat(1024), "x".repeat(476)))
    );
    assert_eq!(bench.command("AT+MFTPDISC=0"), lines("+MFTPDISC: 0,0|OK|+MFTPURC: 0,\"conn\",0"));
}

fn bench_in_order(order: ResultOrder) -> Bench {
    let options = Options::default().with_echo(false).with_pdp_active(true).with_result_order(order);
    Bench::new(Family::ChinaMobile, options)
}

#[test]
fn a_restart_forgets_sessions_and_settings_but_keeps_files() {
    let mut bench = connected(|_| ());
    play(&mut bench, &[("AT+MFPUT=\"/usr/f\",3,\"abc\"", "+MFPUT: 3|OK"), ("AT+MFTPCFG=0,\"local_fs\",1", "OK")]);
    bench.module.restart(bench.now);
    assert_eq!(bench.output(), b"\r\n+MATREADY\r\n");
    assert_eq!(bench.server.sessions(), 0);
    play(
        &mut bench,
        &[
            ("AT+MFTPSTATE=0", "+MFTPSTATE: 0,0|OK"),
            ("AT+MFTPCFG=0,\"local_fs\"", "+MFTPCFG: 0,\"local_fs\",0|OK"),
            ("AT+MFGET=\"/usr/f\"", "+MFGET: 3,abc|OK"),
        ],
    );
}
