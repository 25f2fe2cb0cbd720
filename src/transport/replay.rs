//! A transport that plays a recorded session and fails at the first difference.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::transcript::{Event, Transcript};
use super::{Transport, timed_out};

/// Largest virtual time, to avoid overflow.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Plays a [`Transcript`] in virtual time. The module sends the recorded bytes; the host must send exactly the recorded
/// bytes.
///
/// Clones share the session: the test passes one to the driver and keeps the other for [`Replay::finish`].
///
/// # Examples
/// ```
/// use ftp_modem::transport::replay::Replay;
/// use ftp_modem::transport::transcript::Transcript;
/// use ftp_modem::{AccessPoint, OpenOptions};
///
/// let session = Transcript::parse(concat!(
///     "= provenance: an example\n",
///     ">> ATI\\r\n<< \\r\\nAirM2M_780E_V1169_LTE_AT\\r\\n\\r\\nOK\\r\\n\n",
///     ">> ATE0\\r\n<< \\r\\nOK\\r\\n\n",
///     ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,1,\"10.39.255.61\"\\r\\n\\r\\nOK\\r\\n\n",
/// ))?;
/// let replay = Replay::new(session);
/// let mut modem = OpenOptions::new().open_on(replay.clone())?;
/// assert!(modem.attach(&AccessPoint::default())?.was_up);
/// replay.finish()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Replay(Arc<Mutex<Session>>);

struct Session {
    events: VecDeque<(usize, Event)>,
    /// Number of bytes of the first event, a host event, that the host has already written.
    written: usize,
    arrived: VecDeque<u8>,
    /// Number of bytes at the front of `arrived` that the host must read before its next write.
    unread: usize,
    epoch: Instant,
    now: Duration,
    due: Duration,
    fragment: usize,
    difference: Option<String>,
}

impl Replay {
    /// Creates a replay of `transcript`.
    pub fn new(transcript: Transcript) -> Self {
        Replay(Arc::new(Mutex::new(Session {
            events: transcript.events.into(),
            written: 0,
            arrived: VecDeque::new(),
            unread: 0,
            epoch: Instant::now(),
            now: Duration::ZERO,
            due: Duration::ZERO,
            fragment: usize::MAX,
            difference: None,
        })))
    }

    /// Limits each read to `bytes` bytes. Default: unlimited.
    pub fn with_fragment(self, bytes: usize) -> Self {
        self.session().fragment = bytes.max(1);
        self
    }

    /// Checks that the whole session was played.
    ///
    /// # Errors
    /// The first difference, or the first event that was not played.
    pub fn finish(&self) -> Result<(), String> {
        let session = self.session();
        if let Some(difference) = &session.difference {
            return Err(difference.clone());
        }
        let left = session
            .events
            .iter()
            .find(|(_, event)| !matches!(event, Event::Module { late: true, .. } | Event::Wait(_)));
        match left {
            None => Ok(()),
            Some((line, event)) => Err(format!("transcript line {line} and later not played: {}", shown(event))),
        }
    }

    /// Locks the session. A panic elsewhere does not invalidate it.
    fn session(&self) -> MutexGuard<'_, Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Replay {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        self.session().read(buffer, deadline)
    }

    fn write(&mut self, bytes: &[u8], _deadline: Instant) -> io::Result<usize> {
        self.session().write(bytes)
    }

    fn now(&self) -> Instant {
        let session = self.session();
        session.epoch + session.now.min(LONGEST)
    }

    fn name(&self) -> &str {
        "replay"
    }
}

impl Session {
    /// Sends the module's bytes that are due, up to the next host event.
    fn advance(&mut self) {
        while self.due <= self.now {
            match self.events.front_mut() {
                Some((_, Event::Wait(wait))) => {
                    self.due = self.now.saturating_add(*wait);
                    self.events.pop_front();
                }
                Some((_, Event::Module { bytes, late })) => {
                    self.arrived.extend(bytes.drain(..));
                    if !*late {
                        self.unread = self.arrived.len();
                    }
                    self.events.pop_front();
                }
                _ => return,
            }
        }
    }

    fn differs(&mut self, what: String) -> io::Error {
        let what = self.difference.get_or_insert(what).clone();
        io::Error::new(io::ErrorKind::InvalidData, what)
    }

    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        if let Some(difference) = &self.difference {
            return Err(io::Error::new(io::ErrorKind::InvalidData, difference.clone()));
        }
        let deadline = deadline.saturating_duration_since(self.epoch);
        self.advance();
        while self.arrived.is_empty() && self.now < self.due && self.due <= deadline {
            self.now = self.due;
            self.advance();
        }
        if self.arrived.is_empty() {
            self.now = self.now.max(deadline);
            return Err(timed_out());
        }
        let count = self.arrived.len().min(buffer.len()).min(self.fragment);
        for (to, from) in buffer.iter_mut().zip(self.arrived.drain(..count)) {
            *to = from;
        }
        self.unread = self.unread.saturating_sub(count);
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.advance();
        // Late bytes may arrive while the host writes. A wait before them has then passed, too.
        while let Some((_, Event::Wait(_) | Event::Module { late: true, .. })) = self.events.front() {
            self.now = self.now.max(self.due);
            self.advance();
        }
        let written = String::from_utf8_lossy(bytes).into_owned();
        if self.unread > 0 {
            let unread: Vec<u8> = self.arrived.iter().take(self.unread).copied().collect();
            let unread = String::from_utf8_lossy(&unread).into_owned();
            return Err(self.differs(format!("host wrote {written:?} before it had read {unread:?}")));
        }
        match self.events.front() {
            Some((line, Event::Host(expected))) => {
                let left = expected.get(self.written..).unwrap_or_default();
                let count = left.len().min(bytes.len());
                if left.get(..count) != bytes.get(..count) {
                    let left = String::from_utf8_lossy(left).into_owned();
                    let line = *line;
                    return Err(self.differs(format!("transcript line {line}: expected {left:?}, got {written:?}")));
                }
                self.written += count;
                if self.written == expected.len() {
                    self.events.pop_front();
                    self.written = 0;
                    self.due = self.now;
                }
                Ok(count)
            }
            Some((line, event)) => {
                let what = format!("transcript line {line}: expected {}, got {written:?}", shown(event));
                Err(self.differs(what))
            }
            None => Err(self.differs(format!("expected the end of the transcript, got {written:?}"))),
        }
    }
}

fn shown(event: &Event) -> String {
    match event {
        Event::Host(bytes) => format!("host {:?}", String::from_utf8_lossy(bytes)),
        Event::Module { bytes, .. } => format!("module {:?}", String::from_utf8_lossy(bytes)),
        Event::Wait(wait) => format!("a wait of {wait:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replay(text: &str) -> Replay {
        Replay::new(Transcript::parse(text).unwrap())
    }

    fn read(replay: &mut Replay, limit: Duration) -> io::Result<Vec<u8>> {
        let mut buffer = [0; 64];
        let deadline = replay.now() + limit;
        replay.read(&mut buffer, deadline).map(|count| buffer[..count].to_vec())
    }

    #[test]
    fn a_session_is_played_to_its_end_in_virtual_time() {
        let mut replay = replay(">> AT\\r\n@ 2\n<< \\r\\nOK\\r\\n");
        let now = replay.now();
        replay.write(b"A", now).unwrap();
        replay.write(b"T\r", now).unwrap();
        assert_eq!(read(&mut replay, Duration::from_secs(1)).unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(read(&mut replay, Duration::from_secs(5)).unwrap(), b"\r\nOK\r\n");
        assert_eq!(replay.now() - now, Duration::from_secs(2));
        replay.finish().unwrap();
    }

    #[test]
    fn every_difference_is_an_error() {
        let now = Instant::now();

        let mut other = replay(">> AT\\r");
        other.write(b"ATI\r", now).unwrap_err();
        assert!(other.finish().unwrap_err().contains("line 1"));

        let mut early = replay("<< >\n>> data");
        early.write(b"data", now).unwrap_err();
        assert!(early.finish().unwrap_err().contains("before it had read"));

        let mut more = replay(">> AT\\r");
        more.write(b"AT\r", now).unwrap();
        more.write(b"AT\r", now).unwrap_err();
        assert!(more.finish().unwrap_err().contains("expected the end"));

        let unplayed = replay(">> AT\\r");
        assert!(unplayed.finish().unwrap_err().contains("not played"));
    }

    #[test]
    fn late_bytes_may_remain_unread() {
        let mut replay = replay("<~ \\r\\nRING\\r\\n\n>> AT\\r");
        let now = replay.now();
        replay.write(b"AT\r", now).unwrap();
        replay.finish().unwrap();
    }
}
