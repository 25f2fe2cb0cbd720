//! Recorder, replay and TCP line, as programs use them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use ftp_modem::transport::Transport;
use ftp_modem::transport::recorder::Recorder;
use ftp_modem::transport::replay::Replay;
use ftp_modem::transport::serial::{Serial, SerialSettings};
use ftp_modem::transport::tcp::Tcp;
use ftp_modem::transport::transcript::Transcript;
use ftp_modem::{ErrorKind, OpenOptions};

const SECOND: Duration = Duration::from_secs(1);

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);
impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn recorded(session: &str) -> String {
    let replay = Replay::new(Transcript::parse(session).unwrap());
    let written = Written::default();
    let mut recorder = Recorder::new(replay, written.clone()).masking("s3cret");
    let mut buffer = vec![0; 100_000];
    loop {
        let far = recorder.now() + 100 * SECOND;
        if recorder.read(&mut buffer, far).is_err() {
            break;
        }
    }
    drop(recorder);
    String::from_utf8(written.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn a_recording_masks_a_secret_at_the_end_of_a_long_run() {
    let mut payload = vec![b'x'; 16 * 1024];
    payload.extend_from_slice(b"s3cret");
    let text = recorded(&format!("<<# {} {}", payload.len(), hex::encode(&payload)));
    assert!(!text.contains("3cret"), "{}", &text[text.len() - 40..]);
}

#[test]
fn a_recording_masks_a_secret_that_comes_in_two_packets() {
    // An echoed password, cut by a packet border of a terminal server.
    let text = recorded("<< AT+FTPPW=\"s3cr\n@ 0.020\n<< et\"\\r\\r\\nOK\\r\\n");
    assert!(!text.contains("s3cr"), "{text}");
}

#[test]
fn no_transcript_makes_a_replay_panic() {
    for text in ["@ 1e19\n>> AT\\r", "@ 1e19\n@ 1e19\n@ 1e19\n>> AT\\r"] {
        let outcome = catch_unwind(|| {
            let Ok(transcript) = Transcript::parse(text) else { return };
            let mut replay = Replay::new(transcript);
            let now = replay.now();
            let _ = replay.write(b"AT\r", now);
            let _ = replay.now();
        });
        assert!(outcome.is_ok(), "{text:?}");
    }
}

#[test]
fn bytes_sent_over_tcp_have_left_or_are_counted_as_unsent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut tcp = Tcp::connect(&listener.local_addr().unwrap().to_string()).unwrap().with_rate(115_200);
    // A terminal server that passes on 11 kB/s, at the moment nothing.
    let (_peer, _) = listener.accept().unwrap();
    assert_eq!(tcp.unsent(), 0);
    let far = Instant::now() + 60 * SECOND;
    let sent = tcp.write(&[0; 64 * 1024], far).unwrap();
    assert!(sent <= 11_520, "{sent} bytes were taken at once, more than a second of the line behind");
    assert!(tcp.unsent() > sent / 2, "{} of {sent} bytes are said to be on their way", tcp.unsent());
    assert!(tcp.line_rate().is_some());
}

/// What `work` returns. It must not hang.
#[cfg(unix)]
fn guarded<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, outcome) = mpsc::channel();
    thread::spawn(move || done.send(work()));
    outcome.recv_timeout(120 * SECOND).expect("the write does not end")
}

#[cfg(unix)]
#[test]
fn a_port_whose_other_side_does_not_read_takes_what_there_is_room_for_and_then_obeys_the_deadline() {
    use std::io::Read;

    use serialport::{SerialPort, TTYPort};

    let (mut module, slave) = TTYPort::pair().unwrap();
    let path = slave.name().unwrap();
    drop(slave);
    let mut port = Serial::open(&path, &SerialSettings::default()).unwrap();
    let data: Vec<u8> = (0..1 << 20).map(|index: u32| (index % 251) as u8).collect();

    let written = data.clone();
    let (mut port, sent) = guarded(move || {
        let mut sent = 0;
        loop {
            match port.write(&written[sent..], Instant::now() + SECOND / 5) {
                Ok(count) => sent += count,
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{error}");
                    return (port, sent);
                }
            }
        }
    });
    assert!(sent > 0 && sent < data.len(), "{sent} bytes");
    assert!(port.write(&data[sent..], Instant::now()).is_err(), "there is no room");

    // The other side reads again: everything that was written arrives, once.
    let rest = data[sent..].to_vec();
    let writer = thread::spawn(move || {
        let mut rest = &rest[..];
        while !rest.is_empty() {
            let count = port.write(rest, Instant::now() + 60 * SECOND).unwrap();
            rest = &rest[count..];
        }
        port
    });
    let length = data.len();
    let received = guarded(move || {
        module.set_timeout(60 * SECOND).unwrap();
        let mut received = vec![0; length];
        module.read_exact(&mut received).unwrap();
        received
    });
    assert!(received == data);
    drop(writer.join().unwrap());
}

/// A terminal server in Telnet mode sends its negotiation (RFC 854) as soon as a client connects.
#[test]
fn telnet_negotiation_is_named() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = format!("tcp://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut peer, _) = listener.accept().unwrap();
        peer.write_all(b"\xff\xfb\x01\xff\xfd\x00").unwrap();
        // Until the client leaves.
        let _ = io::copy(&mut peer, &mut io::sink());
    });
    let error = OpenOptions::new().open(&port).err().unwrap();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::UnknownModule, false), "{error}");
    assert!(error.to_string().contains("Telnet") && error.advice() == "serve the port in raw mode", "{error}");
    server.join().unwrap();
}
