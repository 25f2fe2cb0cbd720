//! The module's memory and file system.

use std::time::Duration;

use super::{ERROR, OK, data, opened, options, play, ready, ready_with};
use crate::emulator::{MemoryServer, NetworkCause, Operation, RemoteError};

const SECOND: Duration = Duration::from_secs(1);

fn served(server: &MemoryServer, name: &str) -> Vec<u8> {
    server.file(name).unwrap_or_default()
}

#[test]
fn extended_upload() {
    let mut bench = ready(|_| ());
    play(
        &mut bench,
        &[
            ("AT+FTPEXTPUT=2,0,5,10000", ERROR),
            ("AT+FTPEXTPUT=1", OK),
            ("AT+FTPEXTPUT=2,0,5,999", ERROR),
            ("AT+FTPEXTPUT=2,0,5", ERROR),
            ("AT+FTPEXTPUT=2,307200,1,10000", ERROR),
            ("AT+FTPEXTPUT=2,0,5,10000", "\r\n+FTPEXTPUT: 0,5\r\n"),
        ],
    );
    assert_eq!(bench.exchange(b"12345"), OK.as_bytes());
    play(&mut bench, &[("AT+FTPEXTPUT=2,5,7,10000", "\r\n+FTPEXTPUT: 5,7\r\n")]);
    assert_eq!(bench.exchange(b"67890AB"), OK.as_bytes());
    play(
        &mut bench,
        &[
            ("AT+FTPEXTGET=1", ERROR),
            ("AT+FTPFILEPUT=1,\"x\"", ERROR),
            ("AT+FTPPUT=1", &opened("+FTPPUT: 1,0")),
            ("AT+FTPPUT=2,5", ERROR),
            ("AT+FTPEXTPUT=0", OK),
            ("AT+FTPPUT=1", &opened("+FTPPUT: 1,1,1360")),
        ],
    );
    assert_eq!(served(&bench.server, "/test.txt"), b"");
    play(&mut bench, &[("AT+FTPQUIT", &opened("+FTPPUT: 1,86"))]);
}

#[test]
fn extended_upload_waits_only_so_long() {
    let mut bench = ready(|options| options.ext_put_on = true);
    play(&mut bench, &[("AT+FTPEXTPUT=2,0,5,1000", "\r\n+FTPEXTPUT: 0,5\r\n")]);
    assert_eq!(bench.exchange(b"123"), b"");
    assert_eq!(bench.after(SECOND), ERROR.as_bytes());
    play(&mut bench, &[("AT+FTPPUT=1", &opened("+FTPPUT: 1,0"))]);
    assert_eq!(served(&bench.server, "/test.txt"), b"123");
}

#[test]
fn extended_download() {
    let mut bench = ready(|options| options.ext_get_limit = 100);
    let file = "0123456789".repeat(6) + "\r\n";
    bench.server.put("/test.txt", file.clone());
    play(
        &mut bench,
        &[
            ("AT+FTPEXTGET=3,0,1", ERROR),
            ("AT+FTPEXTGET=2,hello", ERROR),
            ("AT+FTPEXTGET?", "\r\n+FTPEXTGET: 0\r\n\r\nOK\r\n"),
            ("AT+FTPEXTGET=1", &opened("+FTPEXTGET: 1,0")),
            ("AT+FTPEXTGET=2,hello", "\r\n+FTPEXTGET: 2,62\r\n\r\nOK\r\n"),
            ("AT+FTPEXTGET=3,0,62", &data("+FTPEXTGET: 3,62", &file)),
            ("AT+FTPEXTGET=3,58,62", &data("+FTPEXTGET: 3,4", &file[58..])),
            ("AT+FTPEXTGET=3,63,1", ERROR),
            ("AT+FTPEXTGET=0", OK),
            ("AT+FTPEXTGET=3,0,62", ERROR),
            ("AT+FTPEXTGET=4", &opened("+FTPEXTGET: 4,62")),
            ("AT+FTPEXTGET=4,60", &(data("+FTPEXTGET: 4,60", &file[..60]) + "\r\n+FTPEXTGET: 4,2\r\n")),
            ("AT+FTPEXTGET=4,62", &(data("+FTPEXTGET: 4,2", "\r\n") + "\r\n\r\n+FTPEXTGET: 4,0\r\n")),
            ("AT+FTPPUTFRMFS=\"C:/USER/FTP/hello\"", &opened("+FTPPUTFRMFS: 0,62")),
        ],
    );
    bench.server.put("/test.txt", "x".repeat(101));
    play(&mut bench, &[("AT+FTPEXTGET=1", &opened("+FTPEXTGET: 1,79"))]);
}

#[test]
fn download_to_a_file_and_back() {
    let mut bench = ready_with(options(|_| ()).with_network_latency(SECOND));
    let file: Vec<u8> = (0..245_900_u32).map(|byte| (byte % 253) as u8).collect();
    bench.server.put("/test.txt", file.clone());
    play(
        &mut bench,
        &[
            ("AT+FTPGETTOFS?", "\r\n+FTPGETTOFS: 0\r\n\r\nOK\r\n"),
            ("AT+FTPGETTOFS=1,\"TEST-1.mp3\"", ERROR),
            ("AT+FTPGETTOFS=0,\"TEST-1.mp3\",256,0", ERROR),
            ("AT+FTPGETTOFS=0,\"TEST-1.mp3\"", OK),
        ],
    );
    assert_eq!(bench.after(3 * SECOND), b"");
    play(
        &mut bench,
        &[
            ("AT+FTPGETTOFS?", "\r\n+FTPGETTOFS: 1,65536,65536\r\n\r\nOK\r\n"),
            ("AT+FTPSTATE", "\r\n+FTPSTATE: 1\r\n\r\nOK\r\n"),
        ],
    );
    assert_eq!(bench.after(10 * SECOND), b"\r\n+FTPGETTOFS: 0,245900\r\n");
    play(&mut bench, &[("AT+FTPPUTNAME=\"copy\"", OK), ("AT+FTPPUTFRMFS=\"c:\\user\\ftp\\TEST-1.mp3\"", OK)]);
    assert_eq!(bench.after(3 * SECOND), b"");
    play(&mut bench, &[("AT+FTPPUTFRMFS?", "\r\n+FTPPUTFRMFS: 1,65536\r\n\r\nOK\r\n")]);
    assert_eq!(bench.after(20 * SECOND), b"\r\n+FTPPUTFRMFS: 0,245900\r\n");
    assert_eq!(served(&bench.server, "/copy"), file);
    play(
        &mut bench,
        &[("AT+FTPFILEPUT=1,\"C:/USER/FTP/TEST-1.mp3\"", OK), ("AT+FTPPUTNAME=\"again\"", OK), ("AT+FTPPUT=1", OK)],
    );
    assert_eq!(bench.after(20 * SECOND), b"\r\n+FTPPUT: 1,0\r\n");
    assert_eq!(served(&bench.server, "/again"), file);
    play(&mut bench, &[("AT+FTPFILEPUT=0", OK), ("AT+FTPGETTOFS=0,\"x\"", OK)]);
    bench.after(SECOND);
    play(&mut bench, &[("AT+FTPQUIT", OK)]);
    assert_eq!(bench.after(SECOND), b"\r\n+FTPGETTOFS: 86\r\n");
    assert_eq!(bench.server.sessions(), 0);
}

#[test]
fn broken_downloads_to_a_file_are_taken_up_again() {
    for (command, wait, end) in [
        ("AT+FTPGETTOFS=0,\"a\",1,2", 2, "+FTPGETTOFS: 0,90000"),
        ("AT+FTPGETTOFS=0,\"a\"", 5, "+FTPGETTOFS: 0,90000"),
        ("AT+FTPGETTOFS=0,\"a\",0", 0, "+FTPGETTOFS: 79"),
    ] {
        let mut bench = ready(|_| ());
        bench.server.put("/test.txt", "x".repeat(90_000));
        bench.server.break_download_after(50_000);
        bench.send(format!("{command}\r").as_bytes());
        let answer = bench.after(wait * SECOND);
        assert_eq!(answer, opened(end).as_bytes(), "{command}");
    }
}

#[test]
fn file_errors_have_one_number() {
    let mut bench = ready(|options| {
        options.flash_size = 10;
        options.files = vec![("C:/USER/FTP/a".to_owned(), b"abc".to_vec())];
    });
    bench.server.put("/test.txt", "12345678");
    play(
        &mut bench,
        &[
            ("AT+FTPPUTFRMFS=\"C:/USER/FTP/b\"", &opened("+FTPPUTFRMFS: 85")),
            ("AT+FTPGETTOFS=0,\"b\"", &opened("+FTPGETTOFS: 85")),
            ("AT+FTPGETTOFS=0,\"a\"", &opened("+FTPGETTOFS: 0,8")),
            ("AT+FTPFILEPUT=1", ERROR),
            ("AT+FTPFILEPUT=1,\"C:/USER/FTP/b\"", OK),
            ("AT+FTPPUT=1", &opened("+FTPPUT: 1,85")),
            ("AT+SAPBR=0,1", OK),
            ("AT+FTPGETTOFS=0,\"a\"", &opened("+FTPGETTOFS: 61")),
        ],
    );
    let mut refused = ready(|_| ());
    refused.server.fail_next(Operation::Connect, RemoteError::Network(NetworkCause::Dns));
    play(&mut refused, &[("AT+FTPEXTGET=1", &opened("+FTPEXTGET: 1,62"))]);
}
