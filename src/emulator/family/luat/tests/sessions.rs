//! How sessions fail, end and get in each other's way.

use std::time::Duration;

use super::{ERROR, OK, data, get, opened, options, play, ready, ready_with};
use crate::emulator::{BearerLoss, IdleEnd, LateReport, NetworkCause, Operation, RemoteError, ResultOrder, SecondOpen};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn codes_of_failures() {
    let network = RemoteError::Network;
    for (operation, error, code) in [
        (Operation::Connect, network(NetworkCause::Dns), 62),
        (Operation::Connect, network(NetworkCause::Refused), 63),
        (Operation::Connect, network(NetworkCause::Unreachable), 63),
        (Operation::Connect, network(NetworkCause::Timeout), 64),
        (Operation::Connect, network(NetworkCause::Dropped), 65),
        (Operation::Connect, RemoteError::reply(421, "full"), 65),
        (Operation::Connect, RemoteError::reply(500, "what"), 70),
        (Operation::Login, RemoteError::reply(530, "no"), 72),
        (Operation::Login, RemoteError::reply(421, "bye"), 65),
        (Operation::Retrieve, RemoteError::reply(550, "none"), 77),
        (Operation::Retrieve, RemoteError::reply(425, "data"), 75),
        (Operation::Retrieve, RemoteError::reply(426, "cut"), 79),
        (Operation::Retrieve, network(NetworkCause::DataConnection), 75),
        (Operation::Retrieve, network(NetworkCause::Dropped), 79),
    ] {
        let mut bench = ready(|_| ());
        bench.server.put("/test.txt", "x");
        bench.server.fail_next(operation, error.clone());
        assert_eq!(bench.command("AT+FTPGET=1"), opened(&format!("+FTPGET: 1,{code}")), "{error:?}");
        assert_eq!(bench.server.sessions(), 0);
    }
    let mut bench = ready(|options| options.login_code = 71);
    bench.server.add_user("a", "b");
    play(&mut bench, &[("AT+FTPGET=1", &opened("+FTPGET: 1,71"))]);
}

#[test]
fn idle_ends_can_be_chosen() {
    let after = |time, code| IdleEnd::After { time, code };
    let mut bench = ready(|options| {
        options.list_idle = after(3 * SECOND, 64);
        options.get_idle = IdleEnd::Never;
        options.put_idle = after(SECOND, 64);
        options.repeated_announcement = Some(SECOND);
    });
    bench.server.put("/test.txt", "abc");
    play(&mut bench, &[("AT+FTPLIST=1", &opened("+FTPLIST: 1,1"))]);
    assert_eq!(bench.after(9 * SECOND), b"\r\n+FTPLIST: 1,1\r\n\r\n+FTPLIST: 1,1\r\n\r\n+FTPLIST: 1,64\r\n");
    play(&mut bench, &[("AT+FTPPUT=1", &opened("+FTPPUT: 1,1,1360"))]);
    assert_eq!(bench.after(SECOND), b"\r\n\r\n+FTPPUT: 1,64\r\n");
    bench.server.put("/test.txt", "abc");
    play(&mut bench, &[("AT+FTPGET=1", &opened("+FTPGET: 1,1")), ("AT+FTPGET=2,1", &data("+FTPGET: 2,1", "a"))]);
    let waited = bench.after(1000 * SECOND);
    assert_eq!(waited, "\r\n+FTPGET: 1,1\r\n".repeat(1000).as_bytes());
}

#[test]
fn one_session_at_a_time() {
    for (choice, after) in [
        (SecondOpen::Masks, "\r\n+FTPGET: 2,1\r\na\r\nOK\r\n"),
        (SecondOpen::Ignored, "\r\n+FTPGET: 2,1\r\na\r\nOK\r\n"),
        (SecondOpen::Ends, ERROR),
    ] {
        get(
            |options| options.second_open = choice,
            &[
                ("AT+FTPGET=1", &opened("+FTPGET: 1,1")),
                ("AT+FTPSIZE", &opened("+FTPSIZE: 1,66,0")),
                ("AT+FTPGET=2,1", after),
            ],
        );
    }
    for (choice, end) in [(SecondOpen::Masks, ""), (SecondOpen::Ignored, "\r\n+FTPGET: 1,63\r\n")] {
        let mut bench = ready(|options| options.second_open = choice);
        bench.server.refuse_port(21);
        assert_eq!(
            bench.exchange(b"AT+FTPGET=1\rAT+FTPGET=1\r"),
            (OK.to_owned() + &opened("+FTPGET: 1,66") + end).as_bytes()
        );
    }
}

#[test]
fn a_session_settles() {
    let mut bench = ready(|options| options.settling = 3 * SECOND);
    play(&mut bench, &[("AT+FTPLIST=1", &opened("+FTPLIST: 1,0")), ("AT+FTPPUT=1", &opened("+FTPPUT: 1,66"))]);
    bench.after(3 * SECOND);
    play(&mut bench, &[("AT+FTPPUT=1", &opened("+FTPPUT: 1,1,1360"))]);
}

#[test]
fn late_reports_of_an_earlier_session() {
    let mut bench = ready(|options| {
        options.late_report = Some(LateReport { after: SECOND, code: 1 });
    });
    bench.server.put("/test.txt", "abc");
    play(
        &mut bench,
        &[
            ("AT+FTPGET=1", &opened("+FTPGET: 1,1")),
            ("AT+FTPQUIT", &opened("+FTPGET: 1,86")),
            ("AT+FTPPUT=1", &opened("+FTPPUT: 1,1,1360")),
        ],
    );
    assert_eq!(bench.after(SECOND), b"\r\n+FTPGET: 1,1\r\n");
}

#[test]
fn the_bearer_is_lost() {
    let mut bench = ready(|options| {
        options.bearer_loss = Some(BearerLoss { after: SECOND, line: "+SAPBR 1: DEACT".to_owned() });
    });
    play(&mut bench, &[("AT+FTPPUT=1", &opened("+FTPPUT: 1,1,1360")), ("AT+FTPPUT=2,4", "\r\n+FTPPUT: 2,4\r\n")]);
    assert_eq!(bench.after(SECOND), b"");
    assert_eq!(bench.exchange(b"abcd"), (ERROR.to_owned() + "\r\n+SAPBR 1: DEACT\r\n\r\n+FTPPUT: 1,61\r\n").as_bytes());
    play(
        &mut bench,
        &[
            ("AT+SAPBR=0,1", "\r\n+CME ERROR: 3\r\n"),
            ("AT+FTPPUT=1", &opened("+FTPPUT: 1,61")),
            ("AT+SAPBR=1,1", OK),
            ("AT+FTPPUT=1", &opened("+FTPPUT: 1,1,1360")),
            ("AT+SAPBR=0,1", &opened("+FTPPUT: 1,61")),
        ],
    );
}

#[test]
fn directories_may_fail_at_once() {
    let mut bench = ready(|options| options.directory_failure_at_once = true);
    play(
        &mut bench,
        &[
            ("AT+FTPGETPATH=\"/d\"", OK),
            ("AT+FTPRMD", "\r\n+CME ERROR: 77\r\n"),
            ("AT+FTPMKD", &opened("+FTPMKD: 1,0")),
        ],
    );
}

#[test]
fn the_outcome_may_come_before_ok() {
    let mut bench = ready_with(options(|_| ()).with_result_order(ResultOrder::OkLast));
    play(
        &mut bench,
        &[
            ("AT+FTPLIST=1", "\r\n+FTPLIST: 1,0\r\n\r\nOK\r\n"),
            ("AT+FTPGET=1", "\r\n+FTPGET: 1,77\r\n\r\nOK\r\n"),
            ("AT+FTPPUT=1", "\r\n+FTPPUT: 1,1,1360\r\n\r\nOK\r\n"),
            ("AT+FTPPUT=2,0", "\r\n+FTPPUT: 1,0\r\n\r\nOK\r\n"),
            ("AT+FTPPUT=1", "\r\n+FTPPUT: 1,1,1360\r\n\r\nOK\r\n"),
            ("AT+FTPQUIT", "\r\n+FTPPUT: 1,86\r\n\r\nOK\r\n"),
            ("ATI", "\r\nAirM2M_780E_V1169_LTE_AT\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn stubborn_echo() {
    let mut bench = ready(|options| options.stubborn_echo = true);
    play(&mut bench, &[("ATE1", OK), ("ATE0", "ATE0\r\r\nOK\r\n"), ("ATE0", "ATE0\r\r\nOK\r\n"), ("ATE0", OK)]);
}
