use super::{ERROR, OK, SECOND, done, opened, opened_with, play, text};
use crate::emulator::{Loss, LossKind, LossTime, Operation, RemoteError};

#[test]
fn losses_are_unsolicited() {
    let after_open = LossTime::AfterOpen(SECOND);
    for (kind, lines, open) in [
        (LossKind::Session, "\r\n+FTPCLOSE: 1\r\n", true),
        (LossKind::Call, "\r\n+MIPCALL: 0\r\n", false),
        (LossKind::Sim, "\r\n+SIM DROP\r\n\r\n+MIPCALL: 0\r\n", false),
        (LossKind::Restart, "\r\nAT command ready\r\n\r\n+SIM READY\r\n", false),
    ] {
        let loss = Loss { kind, time: after_open, reported: true };
        let mut bench = opened(|options| options.loss = Some(loss));
        assert_eq!(text(bench.after(SECOND)), lines);
        if kind == LossKind::Restart {
            bench.command("ATE0");
        }
        let call = if open { "1,10.225.11.107" } else { "0" };
        play(&mut bench, &[("AT+FTPPWD", ERROR), ("AT+MIPCALL?", &format!("\r\n+MIPCALL: {call}\r\n\r\nOK\r\n"))]);
        assert_eq!(bench.server.sessions(), 0);
    }
}

#[test]
fn losses_inside_transfers() {
    let lossy = |kind, reported| {
        let loss = Loss { kind, time: LossTime::AfterBytes(3), reported };
        let bench = opened(|options| options.loss = Some(loss));
        bench.server.put("f", "abcdef");
        bench
    };
    play(
        &mut lossy(LossKind::Call, true),
        &[("AT+FTPGET=\"f\"", &done(&["+FTPGET: 2", "+FTPGET: 0", "+MIPCALL: 0"])), ("AT+FTPRECV=9", ERROR)],
    );
    play(
        &mut lossy(LossKind::Session, false),
        &[("AT+FTPRETR=\"f\"", "\r\nOK\r\n\r\n+FTPRETR: 2\r\nabc\x03\r\n+FTPCLOSE: 1\r\n")],
    );
    let mut put = lossy(LossKind::Session, true);
    put.command("AT+FTPPUT=\"g\",2,0");
    assert_eq!(put.exchange(b"ab"), OK.as_bytes());
    put.command("AT+FTPPUT=\"g\",2,1");
    assert_eq!(text(put.exchange(b"cd")), done(&["+FTPPUT: 0", "+FTPCLOSE: 1"]));
    let mut restarted = lossy(LossKind::Restart, true);
    restarted.command("AT+FTPSTOR=\"g\"");
    assert_eq!(restarted.exchange(b"abcdef"), b"");
    assert_eq!(text(restarted.exchange(b"\x03")), "\r\n+FTPSTOR: 0\r\n\r\nAT command ready\r\n\r\n+SIM READY\r\n");
}

#[test]
fn losses_while_the_host_is_sending() {
    for (reported, end) in [(true, done(&["+FTPPUT: 0"])), (false, OK.to_owned())] {
        let mut bench = opened(|options| {
            options.loss = Some(Loss { kind: LossKind::Call, time: LossTime::AfterOpen(SECOND), reported });
        });
        bench.command("AT+FTPPUT=\"f\",4,1");
        assert_eq!(bench.exchange(b"ab"), b"");
        assert_eq!(bench.after(SECOND), b"\r\n+MIPCALL: 0\r\n");
        assert_eq!(text(bench.exchange(b"cd")), end);
        assert_eq!(bench.command("AT+FTPPWD"), ERROR);
    }
}

#[test]
fn the_server_closes_an_idle_session() {
    let mut bench = opened(|options| {
        options.idle_close = Some(SECOND * 10);
        options.lost_digit = 0;
    });
    bench.after(SECOND * 9);
    bench.command("AT+FTPNOOP");
    assert_eq!(bench.after(SECOND * 9), b"");
    assert_eq!(bench.after(SECOND), b"\r\n+FTPCLOSE: 0\r\n");
}

#[test]
fn ok_is_not_success() {
    let mut bench = opened_with(|options| options.network_latency = SECOND * 30);
    bench.server.fail_next(Operation::Cwd, RemoteError::reply(550, "no"));
    assert_eq!(bench.command("AT+FTPCWD=\"d\""), OK);
    assert_eq!(bench.command("AT+FTPPWD"), ERROR);
    assert_eq!(bench.after(SECOND * 30), b"\r\n+FTPCWD: 0\r\n");
}
