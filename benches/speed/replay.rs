//! A recorded module. It takes almost no processor time, so that only the driver is measured.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use ftp_modem::transport::Transport;

/// One call of the host.
enum Step {
    /// The host wrote this number of bytes.
    Wrote(usize),
    /// The host read this number of bytes, the next ones of [`Tape::bytes`].
    Read(usize),
    /// The host waited until this time and read nothing.
    Silence(Instant),
}

/// A recorded session.
#[derive(Default)]
pub struct Tape {
    steps: Vec<Step>,
    bytes: Vec<u8>,
}

/// A line that records its traffic.
pub struct Recorder<T> {
    line: T,
    tape: Arc<Mutex<Tape>>,
}

impl<T: Transport> Recorder<T> {
    pub fn new(line: T) -> (Self, Arc<Mutex<Tape>>) {
        let tape = Arc::new(Mutex::new(Tape::default()));
        (Recorder { line, tape: Arc::clone(&tape) }, tape)
    }
}

impl<T: Transport> Transport for Recorder<T> {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        let outcome = self.line.read(buffer, deadline);
        let mut tape = self.tape.lock().unwrap();
        match &outcome {
            Ok(count) => {
                tape.steps.push(Step::Read(*count));
                tape.bytes.extend_from_slice(&buffer[..*count]);
            }
            Err(_) => tape.steps.push(Step::Silence(self.line.now())),
        }
        outcome
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        let count = self.line.write(bytes, deadline)?;
        self.tape.lock().unwrap().steps.push(Step::Wrote(count));
        Ok(count)
    }

    fn now(&self) -> Instant {
        self.line.now()
    }

    fn name(&self) -> &str {
        self.line.name()
    }
}

/// Plays a tape to a host that makes the same calls.
pub struct Player {
    tape: Tape,
    next: usize,
    position: usize,
    now: Instant,
}

impl Player {
    pub fn new(tape: Tape) -> Self {
        Player { tape, next: 0, position: 0, now: Instant::now() }
    }
}

impl Transport for Player {
    fn read(&mut self, buffer: &mut [u8], _: Instant) -> io::Result<usize> {
        match self.tape.steps.get(self.next) {
            Some(Step::Read(count)) => {
                let bytes = &self.tape.bytes[self.position..self.position + count];
                buffer[..*count].copy_from_slice(bytes);
                self.position += count;
                self.next += 1;
                Ok(*count)
            }
            Some(Step::Silence(until)) => {
                self.now = *until;
                self.next += 1;
                Err(io::ErrorKind::TimedOut.into())
            }
            _ => panic!("the driver reads where it wrote in the recording"),
        }
    }

    fn write(&mut self, bytes: &[u8], _: Instant) -> io::Result<usize> {
        match self.tape.steps.get(self.next) {
            Some(Step::Wrote(count)) if *count <= bytes.len() => {
                self.next += 1;
                Ok(*count)
            }
            _ => panic!("the driver writes what it did not write in the recording"),
        }
    }

    fn now(&self) -> Instant {
        self.now
    }

    fn name(&self) -> &str {
        "tape"
    }
}
