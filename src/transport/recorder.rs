//! A transport that records the traffic of another one, in the format of [`transcript`](super::transcript).
//!
//! [`Replay`](super::replay::Replay) plays the recording, so a user's trace of a real module can serve as a regression
//! test unchanged.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use super::Transport;
use super::mask::masked;
use super::transcript::escape;

/// Shortest silence that is recorded.
const SHORTEST_WAIT: Duration = Duration::from_millis(10);

/// Largest number of bytes on one line of a recording. A longer run of bytes takes several lines.
const LONGEST_LINE: usize = 16 * 1024;

/// A transport that passes bytes on to another transport and records them.
///
/// # Examples
/// ```no_run
/// use ftp_modem::OpenOptions;
/// use ftp_modem::transport::recorder::Recorder;
///
/// let options = OpenOptions::new();
/// let file = std::fs::File::create("module.transcript")?;
/// let recorder = Recorder::new(options.transport("/dev/ttyUSB0")?, file).masking("the password");
/// let modem = options.open_on(recorder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Recorder<T, W: Write> {
    transport: T,
    recording: Recording<W>,
}

impl<T: Transport, W: Write> Recorder<T, W> {
    /// Records the traffic of `transport` to `writer`. A buffered writer must flush when it is dropped. If writing
    /// fails, the recording ends and the traffic continues.
    pub fn new(transport: T, writer: W) -> Self {
        let mut recording = Recording {
            writer: Some(writer),
            secrets: Vec::new(),
            direction: Direction::ToModule,
            run: Vec::new(),
            last: transport.now(),
        };
        recording.write(format!("= provenance: recorded on {}\n", transport.name()).as_bytes());
        Recorder { transport, recording }
    }

    /// Records `***` for every occurrence of `secret`, in both directions. A replay of the recording needs `***` as the
    /// secret.
    pub fn masking(mut self, secret: impl Into<Vec<u8>>) -> Self {
        let secret = secret.into();
        if !secret.is_empty() {
            self.recording.secrets.push(secret);
            // The longest first, because one secret may be a part of another.
            self.recording.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
        self
    }
}

impl<T: Transport, W: Write + Send> Transport for Recorder<T, W> {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        let count = self.transport.read(buffer, deadline)?;
        self.recording.add(self.transport.now(), Direction::ToHost, buffer.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        let count = self.transport.write(bytes, deadline)?;
        self.recording.add(self.transport.now(), Direction::ToModule, bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn unsent(&mut self) -> usize {
        self.transport.unsent()
    }

    fn now(&self) -> Instant {
        self.transport.now()
    }

    fn line_rate(&self) -> Option<u32> {
        self.transport.line_rate()
    }

    fn reopen(&mut self) -> crate::Result<()> {
        self.transport.reopen()
    }

    fn set_dtr(&mut self, level: bool) -> io::Result<()> {
        self.transport.set_dtr(level)
    }

    fn name(&self) -> &str {
        self.transport.name()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    ToModule,
    ToHost,
}

/// The state of the recording.
struct Recording<W: Write> {
    /// `None` after a failed write: a full disk must not end a transfer.
    writer: Option<W>,
    secrets: Vec<Vec<u8>>,
    direction: Direction,
    /// Bytes in one direction that are not yet written.
    run: Vec<u8>,
    last: Instant,
}

impl<W: Write> Recording<W> {
    /// Adds to the run of bytes in one direction. A change of direction or a silence ends the previous run.
    fn add(&mut self, now: Instant, direction: Direction, bytes: &[u8]) {
        let silence = now.saturating_duration_since(self.last);
        self.last = now;
        let is_answer_late = direction == Direction::ToHost && silence >= SHORTEST_WAIT;
        if direction != self.direction {
            self.end_run();
        } else if is_answer_late {
            self.end_run_but_secrets();
        }
        if is_answer_late {
            self.write(format!("@ {:.3}\n", silence.as_secs_f64()).as_bytes());
        }
        self.direction = direction;
        self.run.extend_from_slice(bytes);
        if self.run.len() >= LONGEST_LINE {
            self.end_run_but_secrets();
        }
    }

    /// Writes the run, except for a tail that may be the beginning of a secret.
    fn end_run_but_secrets(&mut self) {
        let run = masked(&std::mem::take(&mut self.run), &self.secrets);
        let may_begin = |count: &usize| {
            let tail = run.get(run.len() - count..).unwrap_or_default();
            self.secrets.iter().any(|secret| secret.starts_with(tail))
        };
        let longest = self.secrets.first().map_or(0, Vec::len).min(run.len());
        let kept = (1..=longest).rev().find(may_begin).unwrap_or(0);
        self.run = run;
        let rest = self.run.split_off(self.run.len() - kept);
        self.end_run();
        self.run = rest;
    }

    fn end_run(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let bytes = masked(&std::mem::take(&mut self.run), &self.secrets);
        let mark = if self.direction == Direction::ToModule { ">>" } else { "<<" };
        let line = match escape(&bytes) {
            Some(text) => format!("{mark} {text}\n"),
            None => format!("{mark}# {} {}\n", bytes.len(), hex::encode(&bytes)),
        };
        self.write(line.as_bytes());
    }

    fn write(&mut self, line: &[u8]) {
        if self.writer.as_mut().is_some_and(|writer| writer.write_all(line).is_err()) {
            self.writer = None;
        }
    }
}

impl<W: Write> Drop for Recording<W> {
    fn drop(&mut self) {
        self.end_run();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::super::replay::Replay;
    use super::super::transcript::Transcript;
    use super::*;

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

    /// Plays `session` through a recorder, in fragments of `fragment` bytes. Returns the recording.
    fn recorded(session: &str, fragment: usize, secret: &str) -> String {
        let replay = Replay::new(Transcript::parse(session).unwrap()).with_fragment(fragment);
        let written = Shared::default();
        let mut recorder = Recorder::new(replay.clone(), written.clone()).masking(secret);
        for (_, event) in Transcript::parse(session).unwrap().events {
            let far = recorder.now() + Duration::from_secs(100);
            match event {
                super::super::transcript::Event::Host(bytes) => {
                    let mut rest = bytes.as_slice();
                    while !rest.is_empty() {
                        rest = &rest[recorder.write(rest, far).unwrap()..];
                    }
                }
                super::super::transcript::Event::Module { bytes, .. } => {
                    let mut left = bytes.len();
                    while left > 0 {
                        let mut buffer = [0; 64];
                        left -= recorder.read(&mut buffer[..left.min(64)], far).unwrap();
                    }
                }
                super::super::transcript::Event::Wait(_) => {}
            }
        }
        replay.finish().unwrap();
        drop(recorder);
        String::from_utf8(written.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_recording_has_the_events_of_the_session() {
        let session = "= provenance: recorded on replay\n\
                       >> AT+FTPPW=\"***\"\\r\n@ 0.500\n<< AT+FTPPW=\"***\"\\r\\r\\nOK\\r\\n\n\
                       >>* 300\n<< \\r\\nOK\\r\\n\n";
        let secret = session.replace("***", "s3cret");
        for fragment in [1, 3, usize::MAX] {
            let text = recorded(&secret, fragment, "s3cret");
            assert!(!text.contains("s3cret"), "{text}");
            let (recorded, played) = (Transcript::parse(&text).unwrap(), Transcript::parse(session).unwrap());
            let events =
                |transcript: Transcript| transcript.events.into_iter().map(|(_, event)| event).collect::<Vec<_>>();
            assert_eq!(events(recorded), events(played), "in fragments of {fragment}");
        }
    }

    #[test]
    fn a_secret_across_two_lines_of_a_long_run_is_masked() {
        let mut payload = vec![b'x'; LONGEST_LINE - 3];
        payload.extend_from_slice(b"s3cret and more");
        let session = format!("<<# {} {}", payload.len(), hex::encode(&payload));
        let text = recorded(&session, usize::MAX, "s3cret");
        assert!(!text.contains("s3cret") && !text.contains(&hex::encode("s3cret")), "{}", text.len());
    }
}
