//! How downloads may misbehave.

use std::time::Duration;

use super::{ERROR, OK, data, get, opened, options, play, ready};
use crate::emulator::testing::Bench;
use crate::emulator::{Family, Noise, RestBeyondEnd};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn announcements_come_once_twice_or_not_at_all() {
    let one = "\r\n+FTPGET: 1,1\r\n";
    let end = "\r\n+FTPGET: 1,0\r\n";
    for (opening, after) in [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 2)] {
        get(
            |options| {
                options.opening_announcements = opening;
                options.announcements_after_read = after;
            },
            &[
                ("AT+FTPGET=1", &(OK.to_owned() + &one.repeat(opening as usize))),
                ("AT+FTPGET=2,4", &(data("+FTPGET: 2,4", "abcd") + &one.repeat(after as usize))),
                ("AT+FTPGET=2,4", &(data("+FTPGET: 2,2", "ef") + end)),
            ],
        );
    }
    get(
        |options| options.announcement_before_read = true,
        &[
            ("AT+FTPGET=1", &opened("+FTPGET: 1,1")),
            ("AT+FTPGET=2,4", &(one.to_owned() + &data("+FTPGET: 2,4", "abcd"))),
        ],
    );
}

#[test]
fn short_and_empty_reads() {
    get(
        |options| options.read_limit = Some(1),
        &[
            ("AT+FTPGET=1", &opened("+FTPGET: 1,1")),
            ("AT+FTPGET=2,4", &data("+FTPGET: 2,1", "a")),
            ("AT+FTPGET=2,4", &data("+FTPGET: 2,1", "b")),
        ],
    );
    let empty = "\r\n+FTPGET: 2,0\r\n\r\nOK\r\n\r\n+FTPGET: 1,1\r\n";
    get(
        |options| options.first_reads_empty = 2,
        &[
            ("AT+FTPGET=1", &opened("+FTPGET: 1,1")),
            ("AT+FTPGET=2,4", empty),
            ("AT+FTPGET=2,4", empty),
            ("AT+FTPGET=2,4", &data("+FTPGET: 2,4", "abcd")),
        ],
    );
    get(
        |options| options.every_read_empty = 2,
        &[
            ("AT+FTPGET=1", &opened("+FTPGET: 1,1")),
            ("AT+FTPGET=2,4", &data("+FTPGET: 2,4", "abcd")),
            ("AT+FTPGET=2,4", empty),
            ("AT+FTPGET=2,4", &(data("+FTPGET: 2,2", "ef") + "\r\n+FTPGET: 1,0\r\n")),
        ],
    );
}

#[test]
fn false_counts() {
    for text in ["2000", "x", "-1"] {
        get(
            |options| options.count_text = Some(text.to_owned()),
            &[
                ("AT+FTPGET=1", &opened("+FTPGET: 1,1")),
                ("AT+FTPGET=2,4", &data(&format!("+FTPGET: 2,{text}"), "abcd")),
            ],
        );
    }
}

#[test]
fn ends_while_data_is_unread() {
    let end = "\r\n+FTPGET: 1,0\r\n";
    for (readable, second) in [(false, ERROR.to_owned()), (true, data("+FTPGET: 2,2", "ef"))] {
        get(
            |options| {
                options.early_end_after = Some(4);
                options.read_after_end = readable;
            },
            &[
                ("AT+FTPGET=1", &opened("+FTPGET: 1,1")),
                ("AT+FTPGET=2,4", &(data("+FTPGET: 2,4", "abcd") + end)),
                ("AT+FTPQUIT", ERROR),
                ("AT+FTPSTATE", "\r\n+FTPSTATE: 0\r\n\r\nOK\r\n"),
                ("AT+FTPGET=2,4", &second),
                ("AT+FTPGET=2,4", ERROR),
            ],
        );
    }
}

#[test]
fn empty_files() {
    for (announced, exchanges) in [
        (false, vec![("AT+FTPGET=1", opened("+FTPGET: 1,0"))]),
        (
            true,
            vec![
                ("AT+FTPGET=1", opened("+FTPGET: 1,1")),
                ("AT+FTPGET=2,9", "\r\n+FTPGET: 2,0\r\n\r\nOK\r\n\r\n\r\n+FTPGET: 1,0\r\n".to_owned()),
            ],
        ),
    ] {
        let mut bench = ready(|options| options.empty_announced = announced);
        bench.server.put("/test.txt", "");
        for (line, answer) in exchanges {
            assert_eq!(bench.command(line), answer);
        }
        assert_eq!(bench.server.sessions(), 0);
    }
}

#[test]
fn the_end_may_come_late() {
    let mut bench = ready(|options| options.end_delay = 5 * SECOND);
    bench.server.put("/test.txt", "ab");
    play(
        &mut bench,
        &[
            ("AT+FTPGET=1", &opened("+FTPGET: 1,1")),
            ("AT+FTPGET=2,9", &data("+FTPGET: 2,2", "ab")),
            ("AT+FTPGET=2,9", "\r\n+FTPGET: 2,0\r\n\r\nOK\r\n"),
        ],
    );
    assert_eq!(bench.after(5 * SECOND), b"\r\n\r\n+FTPGET: 1,0\r\n".as_slice());
}

#[test]
fn broken_downloads() {
    for (first, answer) in [
        (false, "\r\n+FTPGET: 2,3\r\nabc\r\nOK\r\n\r\n+FTPGET: 1,79\r\n"),
        (true, "\r\n+FTPGET: 1,79\r\n\r\n+FTPGET: 2,3\r\nabc\r\nOK\r\n"),
    ] {
        let mut bench = ready(|options| options.failure_first = first);
        bench.server.put("/test.txt", "abcdef");
        bench.server.break_download_after(3);
        play(
            &mut bench,
            &[("AT+FTPGET=1", &opened("+FTPGET: 1,1")), ("AT+FTPGET=2,6", answer), ("AT+FTPGET=2,6", ERROR)],
        );
        assert_eq!(bench.server.sessions(), 0);
    }
}

#[test]
fn rest_beyond_the_end() {
    for (choice, answer) in [(RestBeyondEnd::Finished, "+FTPGET: 1,0"), (RestBeyondEnd::RestError, "+FTPGET: 1,74")] {
        for rest in [6, 7] {
            get(
                |options| options.rest_beyond_end = choice,
                &[(&format!("AT+FTPREST={rest}"), OK), ("AT+FTPGET=1", &opened(answer))],
            );
        }
    }
    get(
        |options| options.rest_persists = false,
        &[
            ("AT+FTPREST=5", OK),
            ("AT+FTPGET=1", &opened("+FTPGET: 1,1")),
            ("AT+FTPGET=2,9", &(data("+FTPGET: 2,1", "f") + "\r\n+FTPGET: 1,0\r\n")),
            ("AT+FTPREST?", "\r\n+FTPREST:0\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn noise_stays_out_of_counted_data() {
    let mut noise = Noise::new(7);
    noise.one_in = 1;
    noise.lines = vec!["RING".to_owned()];
    let mut noisy = Bench::new(Family::Luat, options(|options| options.bearer_open = true).with_noise(noise));
    noisy.server.put("/test.txt", "abcdef");
    for line in ["AT+FTPSERV=h", "AT+FTPGETNAME=test.txt", "AT+FTPGET=1"] {
        noisy.command(line);
    }
    assert_eq!(noisy.command("AT+FTPGET=2,3"), "\r\nRING\r\n\r\n+FTPGET: 2,3\r\nabc\r\nOK\r\n");
}
