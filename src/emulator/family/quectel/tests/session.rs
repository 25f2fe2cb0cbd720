//! Login, logout and the commands without data.

use super::*;
use crate::emulator::{NetworkCause, Operation, RemoteError, ResultOrder};

#[test]
fn the_manual_s_login() {
    let mut bench = bench(|_| ());
    play(
        &mut bench,
        &[
            ("AT+QICSGP=1,1,\"UNINET\",\"\",1", OK),
            ("AT+QIACT?", OK),
            ("AT+QIACT=1", OK),
            ("AT+QIACT?", &with_ok("+QIACT: 1,1,1,\"10.225.11.107\"")),
            ("AT+QFTPCFG=\"contextid\",1", OK),
            ("AT+QFTPCFG=\"account\",\"test\",\"test\"", OK),
            ("AT+QFTPCFG=\"filetype\",1", OK),
            ("AT+QFTPCFG=\"transmode\",1", OK),
            ("AT+QFTPCFG=\"rsptimeout\",90", OK),
            ("AT+QFTPOPEN=\"quectel.3322.org\",21", &late("+QFTPOPEN: 0,0")),
            ("AT+QFTPCLOSE", &late("+QFTPCLOSE: 0,0")),
            ("AT+QIDEACT=1", OK),
            ("AT+QIACT?", OK),
        ],
    );
    assert_eq!(bench.server.sessions(), 0);
}

#[test]
fn echo_is_on_after_power_on() {
    let mut bench = Bench::new(Family::Quectel, Options::default());
    assert_eq!(bench.command("AT+QFTPSTAT"), "AT+QFTPSTAT\r\r\nOK\r\n\r\n+QFTPSTAT: 0,4\r\n");
    assert_eq!(bench.command("AT+QIACT?"), "AT+QIACT?\r\r\nOK\r\n");
    assert_eq!(bench.command("ATE0"), "ATE0\r\r\nOK\r\n");
    assert_eq!(bench.command("ATE1"), OK);
}

#[test]
fn directories_and_names() {
    let mut bench = opened(|_| ());
    bench.server.put("/test_my1.txt", vec![0; 1000]);
    play(
        &mut bench,
        &[
            ("AT+QFTPCWD=\"/\"", &late("+QFTPCWD: 0,0")),
            ("AT+QFTPPWD", &late("+QFTPPWD: 0,/")),
            ("AT+QFTPMKDIR=\"TEST\"", &late("+QFTPMKDIR: 0,0")),
            ("AT+QFTPMKDIR=\"TEST\"", &late("+QFTPMKDIR: 627,550")),
            ("AT+QFTPRENAME=\"TEST\",\"TEST_NEW\"", &late("+QFTPRENAME: 0,0")),
            ("AT+QFTPCWD=\"TEST\"", &late("+QFTPCWD: 627,550")),
            ("AT+QFTPRMDIR=\"TEST_NEW\"", &late("+QFTPRMDIR: 0,0")),
            ("AT+QFTPSIZE=\"test_my1.txt\"", &late("+QFTPSIZE: 0,1000")),
            ("AT+QFTPMDTM=\"test_my1.txt\"", &late("+QFTPMDTM: 0,\"20240722040900\"")),
            ("AT+QFTPDEL=\"test_my1.txt\"", &late("+QFTPDEL: 0,0")),
            ("AT+QFTPSIZE=\"test_my1.txt\"", &late("+QFTPSIZE: 627,550")),
            ("AT+QFTPDEL=\"test_my1.txt\"", &late("+QFTPDEL: 627,550")),
            ("AT+QFTPLEN", &late("+QFTPLEN: 0,0")),
        ],
    );
}

#[test]
fn the_forms_of_results_follow_the_options() {
    let mut bench = opened(|options| {
        options.quoted_directory = true;
        options.odd_size_blanks = true;
        options.words_in_results = true;
        options.forced_results =
            vec![("+QFTPCWD".to_owned(), "999,-1".to_owned()), ("+QFTPCWD".to_owned(), "627,150".to_owned())];
    });
    bench.server.put("/a \"b\"/f", "12345");
    play(
        &mut bench,
        &[
            ("AT+QFTPPWD", &late("+QFTPPWD: 0,\"/\"")),
            ("AT+QFTPSIZE=\"f\"", &late("+QFTPSIZE: 627,550")),
            ("AT+CMEE=2", OK),
            ("AT+QFTPSIZE=\"f\"", &late("+QFTPSIZE: Requested action not taken")),
            ("AT+QFTPCWD=\"x\"", &late("+QFTPCWD: 999,-1")),
            ("AT+QFTPCWD=\"/\"", &late("+QFTPCWD: 627,150")),
            ("AT+QFTPCWD=\"/\"", &late("+QFTPCWD: 0,0")),
            ("AT+QFTPOPEN=\"h\"", "\r\n+CME ERROR: FTP(S) server busy\r\n"),
        ],
    );
    bench.server.put("/f", "12345");
    assert_eq!(bench.command("AT+QFTPSIZE=\"f\""), late("+QFTPSIZE:0, 5"));
    for (order, answer) in [
        (ResultOrder::Native, late("+QFTPSTAT: 0,4")),
        (ResultOrder::OkFirst, late("+QFTPSTAT: 0,4")),
        (ResultOrder::OkLast, with_ok("+QFTPSTAT: 0,4")),
    ] {
        let mut bench = with(Options::default().with_result_order(order), |_| ());
        assert_eq!(bench.command("AT+QFTPSTAT"), answer);
    }
}

#[test]
fn commands_out_of_order_are_refused() {
    let mut bench = bench(|_| ());
    for line in [
        "AT+QFTPCWD=\"/\"",
        "AT+QFTPPWD",
        "AT+QFTPLEN",
        "AT+QFTPLIST=\".\"",
        "AT+QFTPPUT=\"f\",\"COM:\",0,1,1",
        "AT+QFTPCLOSE",
    ] {
        assert_eq!(bench.command(line), cme(606), "{line}");
    }
    log_in(&mut bench);
    assert_eq!(bench.command("AT+QFTPOPEN=\"host\""), cme(603));
    let mut bench = super::bench(|options| options.close_when_closed = true);
    assert_eq!(bench.command("AT+QFTPCLOSE"), late("+QFTPCLOSE: 0,0"));
    assert_eq!(bench.command("AT+CMEE=0"), OK);
    assert_eq!(bench.command("AT+QFTPPWD"), ERROR);
    let mut bench = with(Options::default().with_sim_ready(false), |_| ());
    assert_eq!(bench.command("AT+QFTPOPEN=\"host\""), ERROR);
    assert_eq!(bench.command("AT+QIACT=1"), ERROR);
}

#[test]
fn login_fails_as_the_tables_say() {
    let network = RemoteError::Network;
    for (operation, error, result) in [
        (Operation::Connect, network(NetworkCause::Dns), "604,0"),
        (Operation::Connect, network(NetworkCause::Refused), "606,0"),
        (Operation::Connect, network(NetworkCause::Unreachable), "605,0"),
        (Operation::Connect, network(NetworkCause::Timeout), "609,0"),
        (Operation::Connect, network(NetworkCause::Tls), "631,0"),
        (Operation::Connect, RemoteError::reply(421, ""), "614,421"),
        (Operation::Login, RemoteError::reply(530, ""), "625,530"),
        (Operation::Login, RemoteError::reply(532, ""), "626,532"),
        (Operation::Login, network(NetworkCause::Dropped), "608,0"),
    ] {
        let mut bench = bench(|_| ());
        bench.server.fail_next(operation, error);
        play(
            &mut bench,
            &[
                ("AT+QIACT=1", OK),
                ("AT+QFTPOPEN=\"host\"", &late(&format!("+QFTPOPEN: {result}"))),
                ("AT+QFTPSTAT", &late("+QFTPSTAT: 0,4")),
                ("AT+QFTPOPEN=\"host\"", &late("+QFTPOPEN: 0,0")),
            ],
        );
    }
    // Without an active context nothing is found, or reached.
    let mut bench = bench(|_| ());
    assert_eq!(bench.command("AT+QFTPOPEN=\"host\""), late("+QFTPOPEN: 604,0"));
    assert_eq!(bench.command("AT+QFTPOPEN=\"10.0.0.1\""), late("+QFTPOPEN: 605,0"));
}

#[test]
fn replies_map_to_errors() {
    let mut bench = opened(|_| ());
    for (reply, code) in [
        (450, 617),
        (451, 618),
        (452, 619),
        (500, 620),
        (501, 621),
        (502, 622),
        (503, 623),
        (504, 624),
        (551, 628),
        (552, 629),
        (553, 630),
        (599, 601),
    ] {
        bench.server.fail_next(Operation::Size, RemoteError::reply(reply, ""));
        assert_eq!(bench.command("AT+QFTPSIZE=\"f\""), late(&format!("+QFTPSIZE: {code},{reply}")));
    }
    bench.server.fail_next(Operation::Cwd, RemoteError::Network(NetworkCause::Dropped));
    play(&mut bench, &[("AT+QFTPCWD=\"/\"", &late("+QFTPCWD: 606,0")), ("AT+QFTPSTAT", &late("+QFTPSTAT: 0,4"))]);
}

#[test]
fn ok_is_not_done() {
    let slow = |options: &mut QuectelOptions| {
        *options = std::mem::take(options)
            .with_result_delay("+QFTPCWD", Some(60 * SECOND))
            .with_result_delay("+QFTPPWD", Some(91 * SECOND))
            .with_result_delay("+QFTPOPEN", Some(124 * SECOND))
            .with_result_delay("+QFTPDEL", None);
    };
    let mut bench = bench(slow);
    play(
        &mut bench,
        &[
            ("AT+QIACT=1", OK),
            ("AT+QFTPOPEN=\"h\"", OK),
            ("AT+QFTPSTAT", &late("+QFTPSTAT: 0,0")),
            ("AT+QFTPPWD", &cme(603)),
        ],
    );
    assert_eq!(text(&bench.after(124 * SECOND)), "\r\n+QFTPOPEN: 0,0\r\n");
    play(&mut bench, &[("AT+QFTPCWD=\"/\"", OK), ("AT+QFTPPWD", &cme(603)), ("AT+QFTPSTAT", &late("+QFTPSTAT: 0,1"))]);
    assert_eq!(bench.after(60 * SECOND - MILLISECOND), b"");
    assert_eq!(text(&bench.after(MILLISECOND)), "\r\n+QFTPCWD: 0,0\r\n");
    assert_eq!(bench.command("AT+QFTPPWD"), OK);
    assert_eq!(bench.after(90 * SECOND - MILLISECOND), b"");
    assert_eq!(text(&bench.after(MILLISECOND)), "\r\n+QFTPPWD: 609,0\r\n");
    assert_eq!(bench.command("AT+QFTPDEL=\"f\""), OK);
    assert_eq!(bench.after(1000 * SECOND), b"");
    play(&mut bench, &[("AT+QFTPPWD", &cme(603)), ("AT+QFTPCLOSE", &late("+QFTPCLOSE: 0,0"))]);
}

#[test]
fn overlapping_commands_are_done_in_order() {
    let mut bench = opened(|options| {
        options.overlapping_commands = true;
        *options = std::mem::take(options).with_result_delay("+QFTPCWD", Some(SECOND));
    });
    play(&mut bench, &[("AT+QFTPCWD=\"nowhere\"", OK), ("AT+QFTPCWD=\"/\"", OK)]);
    assert_eq!(text(&bench.after(SECOND)), "\r\n+QFTPCWD: 627,550\r\n");
    assert_eq!(text(&bench.after(SECOND)), "\r\n+QFTPCWD: 0,0\r\n");
}

#[test]
fn closing_takes_its_time() {
    let mut bench = opened(|options| {
        *options = std::mem::take(options).with_result_delay("+QFTPCLOSE", Some(2 * SECOND));
    });
    play(
        &mut bench,
        &[
            ("AT+QFTPCLOSE", OK),
            ("AT+QFTPSTAT", &late("+QFTPSTAT: 0,3")),
            ("AT+QFTPOPEN=\"h\"", &cme(603)),
            ("AT+QFTPCLOSE", &cme(603)),
        ],
    );
    assert_eq!(text(&bench.after(2 * SECOND)), "\r\n+QFTPCLOSE: 0,0\r\n");
    assert_eq!(bench.command("AT+QFTPOPEN=\"h\""), late("+QFTPOPEN: 0,0"));
}

#[test]
fn a_restart_loses_settings_and_session() {
    let mut bench = opened(|_| ());
    assert_eq!(bench.command("AT+QFTPCFG=\"rsptimeout\",20"), OK);
    assert_eq!(bench.command("AT+CMEE=2"), OK);
    assert_eq!(bench.command("AT+CFUN=1,1"), "\r\nOK\r\n\r\nRDY\r\n");
    assert_eq!(bench.server.sessions(), 0);
    assert_eq!(bench.command("ATE0"), OK);
    play(
        &mut bench,
        &[
            ("AT+QFTPCFG=\"rsptimeout\"", &with_ok("+QFTPCFG: \"rsptimeout\",90")),
            ("AT+QFTPCFG=\"account\"", &with_ok("+QFTPCFG: \"account\",\"\",\"\"")),
            ("AT+QIACT?", OK),
            ("AT+QFTPPWD", &cme(606)),
        ],
    );
}
