//! Downloads, listings and uploads.

use super::*;
use crate::emulator::{NetworkCause, Operation, RemoteError, TransferRefusal};

#[test]
fn the_manual_s_downloads() {
    let mut bench = opened(|_| ());
    bench.server.put("/test.txt", vec![b'x'; 1000]);
    let whole = sent(&"x".repeat(1000), "+QFTPGET: 0,1000");
    let half = sent(&"x".repeat(500), "+QFTPGET: 0,500");
    play(
        &mut bench,
        &[
            ("AT+QFTPGET=\"test.txt\",\"COM:\"", &whole),
            ("AT+QFTPGET=\"test.txt\",\"COM:\",0", &whole),
            ("AT+QFTPGET=\"test.txt\",\"COM:\",0,500", &half),
            ("AT+QFTPGET=\"test.txt\",\"COM:\",500,500", &half),
            ("AT+QFTPLEN", &late("+QFTPLEN: 0,500")),
            ("AT+QFTPGET=\"test.txt\",\"COM:\",500,600", &half),
            ("AT+QFTPGET=\"test.txt\",\"COM:\",1000,500", &sent("", "+QFTPGET: 0,0")),
            ("AT+QFTPSTAT", &late("+QFTPSTAT: 0,1")),
        ],
    );
}

#[test]
fn listings_come_as_the_server_sends_them() {
    let mut bench = opened(|_| ());
    bench.server.put("/TEST_2/OK", "12345");
    play(
        &mut bench,
        &[
            (
                "AT+QFTPLIST=\".\"",
                &sent("drwxr-xr-x    2 ftp      ftp          4096 Jul 22 04:09 TEST_2\r\n", "+QFTPLIST: 0,64"),
            ),
            ("AT+QFTPNLST=\"TEST_2\",\"COM:\"", &sent("OK\r\n", "+QFTPNLST: 0,4")),
            ("AT+QFTPMLSD=\"TEST_2\"", &sent("type=file;size=5;modify=20240722040900; OK\r\n", "+QFTPMLSD: 0,44")),
            ("AT+QFTPLIST=\"nowhere\"", &sent("", "+QFTPLIST: 627,550")),
        ],
    );
}

#[test]
fn transfers_are_refused_in_four_ways() {
    let urc = "\r\n+QFTPGET: 627,550\r\n";
    let nothing = sent("", "+QFTPGET: 627,550");
    for (refusal, ok, answer) in [
        (TransferRefusal::Connect, true, nothing.as_str()),
        (TransferRefusal::Connect, false, "\r\nCONNECT\r\n\r\n+QFTPGET: 627,550\r\n"),
        (TransferRefusal::OkThenResult, true, "\r\nOK\r\n\r\n+QFTPGET: 627,550\r\n"),
        (TransferRefusal::ResultOnly, true, urc),
        (TransferRefusal::CmeError, true, "\r\n+CME ERROR: 627\r\n"),
    ] {
        let mut bench = opened(|options| {
            options.refusal = refusal;
            options.ok_before_failure = ok;
            options.past_end_refused = true;
        });
        bench.server.put("/f", "12");
        assert_eq!(bench.command("AT+QFTPGET=\"g\",\"COM:\""), answer);
        assert_eq!(bench.command("AT+QFTPGET=\"f\",\"COM:\",2,2"), answer);
        assert_eq!(bench.command("AT+QFTPSTAT"), late("+QFTPSTAT: 0,1"));
        bench.server.add_directory("/d");
        let first = bench.command("AT+QFTPPUT=\"d\",\"COM:\",0,2,1");
        let put = answer.replace("GET", "PUT").replace("627", "630").replace("550", "553");
        if refusal == TransferRefusal::Connect {
            assert_eq!(first, CONNECT);
            assert_eq!(format!("{CONNECT}{}", text(&bench.exchange(b"12"))), put);
        } else {
            assert_eq!(first, put);
        }
        assert_eq!(bench.command("AT+QFTPSTAT"), late("+QFTPSTAT: 0,1"));
    }
}

#[test]
fn the_data_connection_fails_before_connect() {
    for line in ["AT+QFTPGET=\"f\",\"COM:\"", "AT+QFTPLIST=\".\"", "AT+QFTPPUT=\"f\",\"COM:\",0,1,1"] {
        for error in [
            RemoteError::Network(NetworkCause::DataConnection),
            RemoteError::Network(NetworkCause::Refused),
            RemoteError::reply(425, ""),
        ] {
            let mut bench = opened(|_| ());
            for operation in [Operation::Retrieve, Operation::List, Operation::Store] {
                bench.server.fail_next(operation, error.clone());
            }
            bench.server.put("/f", "1");
            play(
                &mut bench,
                &[
                    (line, &cme(615)),
                    ("AT+QFTPSIZE=\"f\"", &cme(603)),
                    (line, &cme(603)),
                    ("AT+QFTPCLOSE", &late("+QFTPCLOSE: 0,0")),
                    ("AT+QFTPOPEN=\"h\"", &late("+QFTPOPEN: 0,0")),
                    ("AT+QFTPSIZE=\"f\"", &late("+QFTPSIZE: 0,1")),
                ],
            );
        }
    }
    let mut bench = opened(|options| {
        options.failing_data_connections = 1;
        options.busy_after_data_failure = false;
    });
    play(&mut bench, &[("AT+QFTPNLST=\".\"", &cme(615)), ("AT+QFTPNLST=\".\"", &sent("", "+QFTPNLST: 0,0"))]);
    let mut bench = opened(|options| {
        options.data_failure_in_result = true;
        options.failing_data_connections = 1;
    });
    assert_eq!(bench.command("AT+QFTPNLST=\".\""), sent("", "+QFTPNLST: 615,0"));
    let mut bench = opened(|options| {
        options.private_passive_address = true;
        options.active_mode_fails = true;
        options.busy_after_data_failure = false;
    });
    play(
        &mut bench,
        &[
            ("AT+QFTPNLST=\".\"", &cme(615)),
            ("AT+QFTPCFG=\"data_address\",1", OK),
            ("AT+QFTPNLST=\".\"", &sent("", "+QFTPNLST: 0,0")),
            ("AT+QFTPCFG=\"transmode\",0", OK),
            ("AT+QFTPNLST=\".\"", &cme(615)),
        ],
    );
}

#[test]
fn only_a_restart_helps_in_the_end() {
    let mut bench = opened(|options| {
        options.failing_data_connections = 2;
        options.stuck_after = Some(2);
    });
    play(
        &mut bench,
        &[
            ("AT+QFTPNLST=\".\"", &cme(615)),
            ("AT+QFTPCLOSE", &late("+QFTPCLOSE: 0,0")),
            ("AT+QFTPOPEN=\"h\"", &late("+QFTPOPEN: 0,0")),
            ("AT+QFTPNLST=\".\"", &cme(615)),
            ("AT+QFTPCLOSE", &late("+QFTPCLOSE: 0,0")),
            ("AT+QFTPOPEN=\"h\"", &late("+QFTPOPEN: 605,0")),
            ("AT+QIDEACT=1", OK),
            ("AT+QIACT=1", ERROR),
        ],
    );
    bench.module.restart(bench.now);
    bench.output();
    bench.command("ATE0");
    log_in(&mut bench);
}

#[test]
fn a_download_breaks() {
    for (error, result) in [(false, "+QFTPGET: 616,426"), (true, "+QFTPGET: 627,150")] {
        let mut bench = opened(|options| options.stale_reply = error);
        bench.server.put("/f", "12345");
        bench.server.break_download_after(3);
        play(
            &mut bench,
            &[
                ("AT+QFTPGET=\"f\",\"COM:\"", &sent("123", result)),
                ("AT+QFTPSTAT", &late("+QFTPSTAT: 0,1")),
                ("AT+QFTPLEN", &late("+QFTPLEN: 0,3")),
                ("AT+QFTPGET=\"f\",\"COM:\"", &sent("12345", "+QFTPGET: 0,5")),
            ],
        );
    }
}

#[test]
fn a_download_stalls_once() {
    let mut bench = opened(|options| options.stall_download_at = Some(3));
    bench.server.put("/f", "12345");
    assert_eq!(bench.command("AT+QFTPGET=\"f\",\"COM:\",0,5"), "\r\nCONNECT\r\n123");
    assert_eq!(bench.after(90 * SECOND - MILLISECOND), b"");
    assert_eq!(text(&bench.after(MILLISECOND)), late("+QFTPGET: 609,0"));
    assert_eq!(bench.command("AT+QFTPGET=\"f\",\"COM:\",0,5"), sent("12345", "+QFTPGET: 0,5"));
}

#[test]
fn pieces_may_be_short_and_results_late() {
    let mut bench = opened(|options| {
        options.longest_get = Some(3);
        options.connect_delay = 5 * SECOND;
        *options = std::mem::take(options).with_result_delay("+QFTPGET", Some(SECOND));
    });
    bench.server.put("/f", "12345");
    assert_eq!(bench.command("AT+QFTPGET=\"f\",\"COM:\",0,5"), "");
    assert_eq!(text(&bench.after(5 * SECOND)), "\r\nCONNECT\r\n123\r\nOK\r\n");
    assert_eq!(bench.command("AT+QFTPCWD=\"/\""), cme(603));
    assert_eq!(text(&bench.after(SECOND)), "\r\n+QFTPGET: 0,3\r\n");
    let mut bench = opened(|options| options.connect_delay = 91 * SECOND);
    bench.command("AT+QFTPGET=\"f\",\"COM:\"");
    assert_eq!(text(&bench.after(90 * SECOND)), cme(609));
}

#[test]
fn data_that_looks_like_protocol_passes() {
    for data in [
        "",
        "\r\n",
        "\r",
        "OK",
        "\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n",
        "\r\n+CME ERROR: 603\r\n",
        "+++",
        "\r\nNO CARRIER\r\n",
    ] {
        let mut bench = opened(|_| ());
        bench.server.put("/f", data);
        let length = data.len();
        assert_eq!(bench.command("AT+QFTPGET=\"f\",\"COM:\""), sent(data, &format!("+QFTPGET: 0,{length}")));
        if length > 0 {
            let line = format!("AT+QFTPPUT=\"g\",\"COM:\",0,{length},1");
            assert_eq!(bench.command(&line), CONNECT);
            assert_eq!(text(&bench.exchange(data.as_bytes())), late(&format!("+QFTPPUT: 0,{length}")));
            assert_eq!(bench.server.file("/g").unwrap(), data.as_bytes());
        }
    }
}

/// A bench whose line is slow enough to interrupt a download of ten bytes a second.
fn interrupted(choose: impl FnOnce(&mut QuectelOptions)) -> Bench {
    let mut bench = with(Options::default().with_line_rate(100_000), choose);
    for line in ["AT+QIACT=1", "AT+QFTPCFG=\"transmode\",1", "AT+QFTPOPEN=\"h\""] {
        bench.send(format!("{line}\r").as_bytes());
        bench.after(SECOND);
    }
    bench.server.put("/f", vec![b'x'; 100_000]);
    bench.send(b"AT+QFTPGET=\"f\",\"COM:\"\r");
    let begun = bench.after(2 * SECOND);
    assert!(begun.starts_with(b"\r\nCONNECT\r\nxxx"));
    bench
}

#[test]
fn an_escape_breaks_a_download_off() {
    let mut bench = interrupted(|options| options.late_bytes = 10);
    bench.send(b"+++");
    let rest = text(&bench.after(2 * SECOND));
    assert!(rest.ends_with("xxxxxxxxxx\r\nOK\r\n"), "{rest}");
    assert!(rest.len() < 15_000);
    bench.send(b"AT+QFTPSTAT\r");
    assert_eq!(text(&bench.after(SECOND)), late("+QFTPSTAT: 0,1"));
    bench.send(b"ATO\r");
    assert_eq!(text(&bench.after(SECOND)), "\r\nNO CARRIER\r\n");
}

#[test]
fn a_download_may_be_resumed_as_the_manual_has_it() {
    let mut bench = interrupted(|options| options.resume = true);
    bench.module.drop_dtr(bench.now);
    assert!(bench.after(MILLISECOND).iter().all(|byte| *byte == b'x'), "DTR means nothing yet");
    bench.send(b"+++");
    let rest = text(&bench.after(2 * SECOND));
    assert!(rest.ends_with("xxx\r\nOK\r\n"), "{rest}");
    bench.send(b"AT+QFTPSTAT\r");
    assert_eq!(text(&bench.after(SECOND)), late("+QFTPSTAT: 0,2"));
    bench.send(b"ATO\r");
    let rest = text(&bench.after(20 * SECOND));
    assert!(rest.starts_with("\r\nCONNECT\r\nxxx"), "{rest}");
    assert!(rest.ends_with(&late("+QFTPGET: 0,100000")), "{rest}");
}

#[test]
fn the_loss_of_the_context_ends_a_download() {
    let mut bench = interrupted(|options| options.context_lifetimes = vec![6 * SECOND]);
    let rest = text(&bench.after(4 * SECOND));
    assert!(rest.ends_with("x\r\nOK\r\n\r\n+QFTPGET: 607,0\r\n\r\n+QIURC: \"pdpdeact\",1\r\n"), "{rest}");
}

#[test]
fn ascii_changes_line_ends() {
    for (converts, down, up) in [
        (true, sent("a\r\nb\r\nc\r", "+QFTPGET: 0,8"), "a\nb\r"),
        (false, sent("a\nb\r\nc\r", "+QFTPGET: 0,7"), "a\r\nb\r"),
    ] {
        let mut bench = opened(|options| options.ascii_converts = converts);
        bench.server.put("/f", "a\nb\r\nc\r");
        bench.command("AT+QFTPCFG=\"filetype\",1");
        assert_eq!(bench.command("AT+QFTPGET=\"f\",\"COM:\""), down);
        bench.command("AT+QFTPPUT=\"g\",\"COM:\",0,5,1");
        bench.send(b"a\r");
        assert_eq!(text(&bench.exchange(b"\nb\r")), late("+QFTPPUT: 0,5"));
        assert_eq!(text(&bench.server.file("/g").unwrap()), up);
    }
}

#[test]
fn transfers_of_any_size_pass_in_pieces() {
    let mut bench = opened(|_| ());
    bench.server.put("/f", vec![b'x'; 300_000]);
    bench.send(b"AT+QFTPGET=\"f\",\"COM:\",100000\r");
    let mut total = 0;
    loop {
        let mut out = Vec::new();
        bench.module.transmit(bench.now, &mut out);
        if out.is_empty() {
            break;
        }
        assert!(out.len() <= 64 * 1024);
        total += out.len();
    }
    assert_eq!(total, sent("", "+QFTPGET: 0,200000").len() + 200_000);
    bench.command("AT+QFTPPUT=\"g\",\"COM:\",0,300000,1");
    for _ in 0..3 {
        bench.send(&[b'y'; 100_000]);
    }
    assert_eq!(text(&bench.output()), late("+QFTPPUT: 0,300000"));
}
