//! The transcript parser, the recorder and the replay: a parsed transcript can be played, and a recording of it is the
//! same session.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftp_modem::transport::Transport;
use ftp_modem::transport::recorder::Recorder;
use ftp_modem::transport::replay::Replay;
use ftp_modem::transport::transcript::{Event, Transcript};

const SECRET: &[u8] = b"s3cret";

/// A time longer than all waits that fit into an input.
const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// Largest size of a session that is played, in bytes. Counted blocks may be long.
const MOST_PLAYED: usize = 1 << 16;

/// Runs the check. The input is a transcript.
pub fn run(text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let Ok(transcript) = Transcript::parse(&text) else { return };
    // A recording cannot contain an event without bytes.
    let is_nothing = |event: &Event| match event {
        Event::Host(bytes) | Event::Module { bytes, .. } => bytes.is_empty(),
        _ => false,
    };
    if transcript.events.iter().any(|(_, event)| is_nothing(event)) {
        return;
    }
    let runs = runs(&transcript);
    if runs.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > MOST_PLAYED {
        return;
    }
    let copy = Transcript::parse(&recorded(&transcript, b"")).unwrap();
    assert!(self::runs(&copy) == runs, "the recording is another session");
    let masked = Transcript::parse(&recorded(&transcript, SECRET)).unwrap();
    for (_, bytes) in self::runs(&masked) {
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET), "the secret was recorded");
    }
}

/// Returns the bytes of each side, in the order in which the sides take turns. `true` is the host.
fn runs(transcript: &Transcript) -> Vec<(bool, Vec<u8>)> {
    let mut runs: Vec<(bool, Vec<u8>)> = Vec::new();
    for (_, event) in &transcript.events {
        let (is_host, bytes) = match event {
            Event::Host(bytes) => (true, bytes),
            Event::Module { bytes, .. } => (false, bytes),
            _ => continue,
        };
        match runs.last_mut() {
            _ if bytes.is_empty() => {}
            Some((same, run)) if *same == is_host => run.extend_from_slice(bytes),
            _ => runs.push((is_host, bytes.clone())),
        }
    }
    runs
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the recording of a host that sends and reads as in the transcript.
fn recorded(transcript: &Transcript, secret: &[u8]) -> String {
    let written = Shared::default();
    let mut recorder = Recorder::new(Replay::new(transcript.clone()), written.clone()).masking(secret);
    let mut buffer = [0; 4096];
    for (_, event) in &transcript.events {
        match event {
            Event::Host(bytes) => {
                let mut rest = bytes.as_slice();
                while !rest.is_empty() {
                    let now = recorder.now();
                    rest = &rest[recorder.write(rest, now).unwrap()..];
                }
            }
            Event::Module { bytes, .. } => {
                let mut left = bytes.len();
                while left > 0 {
                    let far = recorder.now() + FAR;
                    let room = left.min(buffer.len());
                    left -= recorder.read(&mut buffer[..room], far).unwrap();
                }
            }
            _ => {}
        }
    }
    drop(recorder);
    String::from_utf8(std::mem::take(&mut *written.0.lock().unwrap())).unwrap()
}
