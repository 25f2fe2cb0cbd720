use std::time::Duration;

use super::{bench, connected, lines, play};
use crate::emulator::testing::Bench;
use crate::emulator::{ChinaMobileModel, Family, Options};

const CALLED: &str = "+MIPCALL: 1,1,\"10.225.11.107\"";
const LOST: &str = "+MFTPURC: 0,\"conn\",0";

fn offline(options: Options) -> Bench {
    Bench::new(Family::ChinaMobile, options.with_echo(false))
}

#[test]
fn the_data_connection() {
    let network = Duration::from_secs(2);
    let mut bench = offline(Options::default().with_network_latency(network));
    play(
        &mut bench,
        &[("AT+MIPCALL?", "+MIPCALL: 1,0|OK"), ("AT+MIPCALL=1,1", "OK"), ("AT+MIPCALL?", "+MIPCALL: 1,0|OK")],
    );
    assert_eq!(bench.after(network), lines(CALLED).as_bytes());
    play(
        &mut bench,
        &[
            ("AT+MIPCALL?", &format!("{CALLED}|OK")),
            ("AT+CGACT?", "+CGACT: 1,1|OK"),
            // What is up is answered with OK alone.
            ("AT+MIPCALL=1,1", "OK"),
        ],
    );
    assert_eq!(bench.after(network), b"");
    for wrong in ["2,1", "1", "1,17", "1,0", "1,2", "1,1,1", "x"] {
        let answer = bench.command(&format!("AT+MIPCALL={wrong}"));
        assert_eq!(answer, lines("+CME ERROR: 50"), "{wrong}");
    }
}

#[test]
fn hanging_up() {
    for (keeps, active, lost) in [(true, 1, ""), (false, 0, "|+MFTPURC: 0,\"conn\",0")] {
        let mut bench = connected(|options| options.call_keeps_context = keeps);
        play(
            &mut bench,
            &[
                ("AT+MIPCALL=0,1", &format!("OK|+MIPCALL: 1,0{lost}")),
                ("AT+MIPCALL?", "+MIPCALL: 1,0|OK"),
                ("AT+CGACT?", &format!("+CGACT: 1,{active}|OK")),
                ("AT+MIPCALL=1,1", &format!("OK|{CALLED}")),
            ],
        );
    }
}

#[test]
fn models_that_call_differently() {
    let mut bench = bench(|options| {
        options.model = ChinaMobileModel::Ml305a;
        options.quoted_address = false;
    });
    play(
        &mut bench,
        &[
            ("AT+CGDCONT=2,\"IP\",\"cmnet\"", "OK"),
            ("AT+MIPCALL=1", "OK|+MIPCALL: 2,1,10.225.11.107"),
            ("AT+MIPCALL?", "+MIPCALL: 1,1,10.225.11.107|+MIPCALL: 2,1,10.225.11.107|OK"),
        ],
    );
    let mut bench = super::bench(|options| options.model = ChinaMobileModel::Ml307n);
    play(&mut bench, &[("AT+MIPCALL=0,1", "+CME ERROR: 3")]);
    let mut bench = offline(Options::default().with_registered(false));
    play(&mut bench, &[("AT+MIPCALL=1,1", "+CME ERROR: 3")]);
}

#[test]
fn a_context_takes_its_connections_with_it() {
    for command in ["AT+CGACT=0,1", "AT+CFUN=4"] {
        let mut bench = connected(|_| ());
        play(
            &mut bench,
            &[
                (command, &format!("OK|{LOST}")),
                ("AT+MFTPSTATE=0", "+MFTPSTATE: 0,0|OK"),
                ("AT+MFTPCONN=0,\"h\"", "OK|+MFTPCONN: 0,20"),
            ],
        );
        assert_eq!(bench.server.sessions(), 0);
    }
}

#[test]
fn connections_break_by_themselves() {
    let time = Duration::from_secs(10);
    let dropping = || {
        connected(|options| {
            options.drop_after = Some(time);
            options.piece_gap = Duration::from_secs(9);
        })
    };
    let mut bench = dropping();
    assert_eq!(bench.after(time), lines(LOST).as_bytes());
    assert_eq!(bench.server.sessions(), 0);
    assert_eq!(bench.command("AT+MFTPDISC=0"), lines("+CME ERROR: 801"));

    let mut bench = dropping();
    bench.server.put("f", vec![b'x'; 9000]);
    bench.command("AT+MFTPRETR=0,\"f\"");
    let out = String::from_utf8(bench.after(time)).unwrap();
    assert!(out.ends_with(&lines(&format!("+MFTPRETR: 0,11|{LOST}"))), "{out}");

    let mut bench = dropping();
    bench.command("AT+MFTPSTOR=0,\"f\"");
    bench.send(b"abc");
    assert_eq!(bench.after(time), lines(&format!("+MFTPSTOR: 0,17,3|{LOST}")).as_bytes());
    assert_eq!(bench.command("AT"), lines("OK"));

    let mut bench = dropping();
    bench.command("AT+MFTPSTOR=0,\"f\",1,4");
    assert_eq!(bench.after(time), b"");
    let answer = bench.exchange(b"abcd");
    assert_eq!(answer, lines(&format!("OK|{LOST}|+MFTPSTOR: 0,11,0")).as_bytes());
}

#[test]
fn a_connection_that_is_closed_does_not_break_later() {
    let mut bench = connected(|options| {
        options.drop_after = Some(Duration::from_secs(1));
        options.disconnect_urc = false;
    });
    play(&mut bench, &[("AT+MFTPDISC=0", "OK|+MFTPDISC: 0,0")]);
    assert_eq!(bench.after(Duration::from_secs(2)), b"");
}
