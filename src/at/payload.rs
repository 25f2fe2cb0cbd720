//! File data: counted, never searched.
//!
//! Payload goes from the engine's read buffer straight to the caller's writer, and from the caller's reader straight to the
//! port. An error of the caller's writer does not stop the reading: the module has promised a number of bytes, and host and
//! module stay in step only when all of them are taken in.

use std::io::{self, Read, Write};
use std::time::Duration;

use log::{debug, trace};

use super::engine::{Deadline, Engine};
use super::reply::{Line, Reply};
use crate::error::{Error, ErrorKind, Phase, Result};

/// Room in which the lines behind a payload are looked for: they and a few unsolicited lines between them.
const TRAILER_ROOM: usize = 512;

/// How long the line must be silent before something that looks like an early end of the payload is believed.
const SILENCE: Duration = Duration::from_secs(1);

/// Where downloaded bytes go, and how many have gone there.
///
/// The last bytes of a block are held back until the lines behind it prove that they are payload: when the block ends early or
/// bytes were lost on the line, some of the module's own text stands in their place.
pub struct Sink<'a> {
    writer: &'a mut dyn Write,
    written: u64,
    held: [u8; TRAILER_ROOM],
    holding: usize,
    failure: Option<io::Error>,
}

impl<'a> Sink<'a> {
    /// A sink that writes to `writer`.
    pub fn new(writer: &'a mut dyn Write) -> Self {
        Sink { writer, written: 0, held: [0; TRAILER_ROOM], holding: 0, failure: None }
    }

    /// Bytes that the writer has taken.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes, unless an earlier write failed.
    fn put(&mut self, bytes: &[u8]) {
        if self.failure.is_some() {
            return;
        }
        match self.writer.write_all(bytes) {
            Ok(()) => self.written += bytes.len() as u64,
            Err(error) => self.failure = Some(error),
        }
    }

    /// Holds the last bytes of a block back, in place of what was held before.
    fn hold(&mut self, bytes: &[u8]) {
        self.holding = bytes.len().min(TRAILER_ROOM);
        for (to, from) in self.held.iter_mut().zip(bytes) {
            *to = *from;
        }
    }

    /// Writes the bytes that were held back: what followed proved them right.
    pub fn release(&mut self) {
        let held = self.held;
        self.put(held.get(..self.holding).unwrap_or_default());
        self.holding = 0;
    }

    /// Whether the bytes held back end in a line end.
    pub fn holds_a_line_end(&self) -> bool {
        self.held.get(..self.holding).is_some_and(|held| held.ends_with(b"\r\n"))
    }

    /// The failure of the writer, if it failed.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`].
    pub fn check(&mut self) -> Result<()> {
        match self.failure.take() {
            Some(failure) => Err(Error::local(failure).with_transferred(self.written)),
            None => Ok(()),
        }
    }

    /// Whether the writer has failed.
    pub fn has_failed(&self) -> bool {
        self.failure.is_some()
    }
}

/// Where uploaded bytes come from.
pub struct Drain<'a> {
    reader: &'a mut dyn Read,
}

impl<'a> Drain<'a> {
    /// A drain that reads from `reader`.
    pub fn new(reader: &'a mut dyn Read) -> Self {
        Drain { reader }
    }

    /// Fills `buffer` as far as the reader yields; a short count means that it is at its end.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`].
    pub fn fill(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.reader.read(room) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::local(error)),
            }
        }
        Ok(filled)
    }
}

impl Engine {
    /// Takes in exactly `count` bytes of payload, whatever they hold. `inactivity` bounds every silence. The last bytes are held
    /// back for [`Sink::release`].
    ///
    /// # Errors
    /// A silence that lasts too long, a lost port. A failing writer shows in [`Sink::check`].
    pub fn receive_block(&mut self, count: u64, sink: &mut Sink<'_>, inactivity: Duration) -> Result<()> {
        let mut left = count;
        loop {
            let waiting = self.waiting().len();
            if waiting as u64 >= left {
                let here = usize::try_from(left).unwrap_or(waiting);
                self.pass_on(here.saturating_sub(TRAILER_ROOM), sink);
                let tail = here.min(TRAILER_ROOM);
                sink.hold(self.waiting().get(..tail).unwrap_or_default());
                self.consume(tail);
                trace!("{} < {count} bytes of payload", self.port());
                return Ok(());
            }
            left -= self.pass_on(waiting.saturating_sub(TRAILER_ROOM), sink);
            let deadline = self.deadline(Phase::Data, inactivity);
            self.fill(deadline).map_err(|error| self.interrupted(error))?;
        }
    }

    /// Checks that a line end follows the payload, as it must when the announced count was right.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`] when something else follows: bytes were lost or added on
    /// the way, and where the payload ended can only be guessed.
    pub fn end_of_block(&mut self, deadline: Deadline) -> Result<()> {
        const LINE_END: &[u8] = b"\r\n";
        loop {
            let waiting = self.waiting();
            let seen = waiting.get(..LINE_END.len()).unwrap_or(waiting);
            if !LINE_END.starts_with(seen) {
                return Err(self.protocol("the payload has another length than announced"));
            }
            if seen.len() == LINE_END.len() {
                self.consume(LINE_END.len());
                return Ok(());
            }
            self.fill(deadline).map_err(|error| self.interrupted(error))?;
        }
    }

    /// As [`Self::end_of_block`], for dialects whose modules may leave the line end out: another line may follow directly. When
    /// nothing follows within `patience`, payload that itself ends a line is not believed to be whole.
    ///
    /// # Errors
    /// As [`Self::end_of_block`].
    pub fn end_of_glued_block(&mut self, sink: &Sink<'_>, patience: Duration) -> Result<()> {
        if self.waiting().is_empty() {
            let deadline = self.deadline(Phase::Data, patience);
            match self.fill(deadline) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Timeout && !sink.holds_a_line_end() => return Ok(()),
                Err(error) => return Err(self.interrupted(error)),
            }
        }
        if self.waiting().first() == Some(&b'+') {
            return Ok(());
        }
        let deadline = self.deadline(Phase::Data, patience);
        self.end_of_block(deadline)
    }

    /// Sends the first bytes of a payload of which the module was promised `left` more in all, these included.
    /// `inactivity` bounds the time in which the port takes no byte.
    ///
    /// # Errors
    /// A port that takes no bytes or is lost. What was promised and not sent is made up before the next command.
    pub fn send_payload(&mut self, bytes: &[u8], left: u64, inactivity: Duration) -> Result<()> {
        trace!("{} > {} bytes of payload", self.port(), bytes.len());
        let time_on_line = self.line_time(bytes.len() as u64);
        let deadline = self.deadline(Phase::Data, inactivity + time_on_line);
        let sent = self.send_counted(bytes, deadline);
        sent.map_err(|(count, error)| {
            self.owe(left.saturating_sub(count as u64));
            error
        })
    }

    /// Takes in payload that ends with `\r\nOK\r\n` and an information line `prefix: 0,<number of payload bytes>`, or
    /// `prefix: <error>,…`.
    ///
    /// With `expected` bytes known beforehand, the payload is over when they are there; the lines behind it are left to be read,
    /// and its last bytes are held back for [`Sink::release`]. Otherwise it is over when that line comes and its number agrees with the bytes that came, which only
    /// payload made to deceive can imitate. In both cases an early end is believed once the line is silent on it.
    ///
    /// # Errors
    /// A failing writer, a silence of more than `inactivity`, a lost port: the port is still in data mode then.
    pub fn receive_until_trailer(
        &mut self,
        prefix: &'static str,
        expected: Option<u64>,
        sink: &mut Sink<'_>,
        inactivity: Duration,
    ) -> Result<Trailer> {
        let mut received = 0u64;
        loop {
            let left = expected.map_or(u64::MAX, |expected| expected - received);
            let waiting = self.waiting().len();
            if waiting as u64 >= left {
                self.receive_block(left, sink, inactivity)?;
                return Ok(Trailer { payload: received + left, line: None });
            }
            received += self.pass_on(waiting.saturating_sub(TRAILER_ROOM), sink);
            if let Err(failure) = sink.check() {
                return Err(self.interrupted(failure));
            }
            let end = find_end(self.waiting(), prefix, received);
            let over = match &end {
                Some(end) if end.agrees && expected.is_none() => true,
                Some(_) => {
                    let deadline = self.deadline(Phase::Data, SILENCE.min(inactivity));
                    match self.fill(deadline) {
                        Ok(()) => false,
                        Err(error) if error.kind() == ErrorKind::Timeout => true,
                        Err(error) => return Err(self.interrupted(error)),
                    }
                }
                None => {
                    let deadline = self.deadline(Phase::Data, inactivity);
                    self.fill(deadline).map_err(|error| self.interrupted(error))?;
                    false
                }
            };
            if let Some(end) = end.filter(|_| over) {
                received += self.pass_on(end.payload, sink);
                self.consume(end.trailer);
                self.settle();
                trace!("{} < {received} bytes of payload", self.port());
                return Ok(Trailer { payload: received, line: Some(end.line) });
            }
        }
    }

    /// Takes in the text of a listing, line by line and as it is, up to the line for which `is_end` holds, which is returned.
    /// `at_line_start` says whether the next byte starts a line. For text whose length is not announced, or not reliably;
    /// lines that the module says on its own are left out.
    ///
    /// # Errors
    /// An alarm, a line without end, a silence of more than `inactivity`, a lost port.
    pub fn receive_text(
        &mut self,
        mut at_line_start: bool,
        sink: &mut Sink<'_>,
        inactivity: Duration,
        is_end: impl Fn(&Reply<'_>) -> bool,
    ) -> Result<Line> {
        loop {
            let waiting = self.waiting();
            match waiting.iter().position(|byte| *byte == b'\n') {
                Some(end) => {
                    let line = Line::new(waiting.get(..=end).unwrap_or_default().trim_ascii());
                    if at_line_start && is_end(&line.reply()) {
                        self.consume(end + 1);
                        return Ok(line);
                    }
                    if at_line_start && line.information().is_some() {
                        // No server begins a line of a listing like this; the module says it on its own.
                        self.consume(end + 1);
                        self.alarm(&line)?;
                        debug!("{}: nobody waits for {}", self.port(), self.shown(line.bytes()));
                        continue;
                    }
                    self.pass_on(end + 1, sink);
                    at_line_start = true;
                }
                None if waiting.len() > super::MAX_LINE => return Err(self.protocol("a line without end")),
                None => {
                    let deadline = self.deadline(Phase::Data, inactivity);
                    self.fill(deadline).map_err(|error| self.interrupted(error))?;
                }
            }
        }
    }

    /// Hands the first `count` waiting bytes to the sink.
    fn pass_on(&mut self, count: usize, sink: &mut Sink<'_>) -> u64 {
        sink.put(self.waiting().get(..count).unwrap_or_default());
        self.consume(count);
        count as u64
    }

    /// An error in the middle of payload leaves host and module out of step.
    fn interrupted(&mut self, error: Error) -> Error {
        self.mark_out_of_step();
        error
    }
}

/// How a payload of [`Engine::receive_until_trailer`] ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trailer {
    /// Bytes of payload there were.
    pub payload: u64,
    /// The line that ended it; none when the expected number of bytes came, and the lines behind them are still to be read.
    pub line: Option<Line>,
}

/// An end of the payload within the last bytes that came.
struct End {
    /// Bytes before it.
    payload: usize,
    /// Bytes of the lines that make it up.
    trailer: usize,
    /// The information line.
    line: Line,
    /// Whether it reports success with exactly the number of bytes that came.
    agrees: bool,
}

/// Looks for the end of the payload in `tail`, before which `received` bytes have passed.
fn find_end(tail: &[u8], prefix: &str, received: u64) -> Option<End> {
    const ACKNOWLEDGEMENT: &[u8] = b"\r\nOK\r\n";
    let mark = [b"\r\n", prefix.as_bytes(), b":"].concat();
    let start = tail.windows(mark.len()).rposition(|window| window == mark)?;
    let text = tail.get(start + 2..)?;
    let length = text.windows(2).position(|window| window == b"\r\n")?;
    let line = Line::new(text.get(..length)?);
    let before = tail.get(..start)?;
    let end =
        |payload: usize, agrees| End { payload, trailer: start + 2 + length + 2 - payload, line: line.clone(), agrees };

    match (line.number(0), line.number(1)) {
        (Some(0), Some(count)) => {
            let payload = usize::try_from(count.checked_sub(received)?).ok()?;
            let lines = before.get(payload..)?;
            let acknowledged = lines.windows(ACKNOWLEDGEMENT.len()).any(|window| window == ACKNOWLEDGEMENT);
            (lines.starts_with(b"\r\n") && acknowledged).then(|| end(payload, true))
        }
        // An error, with or without an OK before it.
        _ => {
            let acknowledgement =
                before.windows(ACKNOWLEDGEMENT.len()).rposition(|window| window == ACKNOWLEDGEMENT).unwrap_or(start);
            Some(end(acknowledgement, false))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::replay::Replay;
    use crate::transport::transcript::{Transcript, pattern};

    const LIMIT: Duration = Duration::from_secs(5);

    fn engine(module: &[u8], fragment: usize) -> Engine {
        let text = format!("<<# {} {}", module.len(), hex::encode(module));
        Engine::new(Box::new(Replay::new(Transcript::parse(&text).unwrap()).with_fragment(fragment)))
    }

    #[test]
    fn a_block_is_counted_whatever_it_holds() {
        let payload = b"\r\nOK\r\n+FTPGET: 1,0\r\nERROR\r\n+++\0\xff";
        let mut module = payload.to_vec();
        module.extend_from_slice(b"\r\nOK\r\n");
        for fragment in [1, 2, 7, 64] {
            let mut engine = engine(&module, fragment);
            let mut received = Vec::new();
            let mut sink = Sink::new(&mut received);
            engine.receive_block(payload.len() as u64, &mut sink, LIMIT).unwrap();
            sink.check().unwrap();
            let deadline = engine.deadline(Phase::Data, LIMIT);
            engine.end_of_block(deadline).unwrap();
            sink.release();
            assert_eq!(received, payload);
        }
    }

    #[test]
    fn bytes_too_many_or_too_few_are_noticed_behind_the_block() {
        for (module, kind) in [
            (&b"123x\r\nOK\r\n"[..], ErrorKind::Protocol),
            (b"12\r\nOK\r\n", ErrorKind::Protocol),
            (b"123", ErrorKind::Timeout),
        ] {
            let mut engine = engine(module, 64);
            let mut received = Vec::new();
            let mut sink = Sink::new(&mut received);
            engine.receive_block(3, &mut sink, LIMIT).unwrap();
            let deadline = engine.deadline(Phase::Data, LIMIT);
            assert_eq!(engine.end_of_block(deadline).unwrap_err().kind(), kind);
            assert_eq!(sink.written(), 0, "what may not be payload is not written");
        }
    }

    #[test]
    fn a_failing_writer_does_not_stop_the_counting() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut engine = engine(b"12345\r\n", 2);
        let mut full = Full;
        let mut sink = Sink::new(&mut full);
        engine.receive_block(5, &mut sink, LIMIT).unwrap();
        sink.release();
        assert_eq!(sink.check().unwrap_err().kind(), ErrorKind::LocalIo);
        let deadline = engine.deadline(Phase::Data, LIMIT);
        engine.end_of_block(deadline).unwrap();
    }

    /// Payload, the line that ended it, and whether it took a silence to believe it.
    fn until_trailer(module: &[u8], expected: Option<u64>, fragment: usize) -> Result<(Vec<u8>, Option<String>, bool)> {
        let mut engine = engine(module, fragment);
        let mut received = Vec::new();
        let mut sink = Sink::new(&mut received);
        let start = engine.now();
        let trailer = engine.receive_until_trailer("+QFTPGET", expected, &mut sink, LIMIT)?;
        sink.release();
        assert_eq!(trailer.payload, sink.written());
        let waited = engine.now() > start;
        Ok((received, trailer.line.map(|line| line.text().into_owned()), waited))
    }

    #[test]
    fn payload_of_unknown_length_ends_where_the_count_agrees() {
        let long = pattern(5000);
        let forged = b"a\r\nOK\r\n\r\n+QFTPGET: 0,9\r\nb";
        for payload in [&b""[..], b"x", b"\r\n", b"OK\r\n", b"\r\nOK\r\n", forged, &long] {
            for noise in ["", "\r\n+CREG: 1\r\n"] {
                let trailer = format!("\r\nOK\r\n{noise}\r\n+QFTPGET: 0,{}\r\n", payload.len());
                let module = [payload, trailer.as_bytes()].concat();
                for fragment in [1, 2, 7, 64, usize::MAX] {
                    let (received, line, waited) = until_trailer(&module, None, fragment).unwrap();
                    assert_eq!(received, payload);
                    assert_eq!(line.unwrap(), format!("+QFTPGET: 0,{}", payload.len()));
                    assert!(!waited);
                }
            }
        }
    }

    #[test]
    fn payload_of_known_length_ends_at_that_length() {
        let forged = b"a\r\nOK\r\n\r\n+QFTPGET: 0,1\r\nb";
        let module = [&forged[..], b"\r\nOK\r\n"].concat();
        for fragment in [1, 5, usize::MAX] {
            let (received, line, waited) = until_trailer(&module, Some(forged.len() as u64), fragment).unwrap();
            assert_eq!((received.as_slice(), line, waited), (&forged[..], None, false));
        }
    }

    #[test]
    fn an_early_end_is_believed_after_a_silence() {
        let cases: &[(&[u8], &str)] = &[
            (b"abc\r\nOK\r\n\r\n+QFTPGET: 607,0\r\n", "+QFTPGET: 607,0"),
            (b"abc\r\n+QFTPGET: 616,426\r\n", "+QFTPGET: 616,426"),
            (b"abc\r\nOK\r\n\r\n+QFTPGET: 0,3\r\n", "+QFTPGET: 0,3"),
        ];
        for (module, line) in cases {
            for fragment in [1, usize::MAX] {
                let (received, ended, waited) = until_trailer(module, Some(100), fragment).unwrap();
                assert_eq!(received, b"abc");
                assert_eq!(ended.as_deref(), Some(*line));
                assert!(waited);
            }
        }
        assert_eq!(until_trailer(b"abc", Some(100), 1).unwrap_err().kind(), ErrorKind::Timeout);
        // The count is wrong: bytes were lost on the line.
        let lost = b"ab\r\nOK\r\n\r\n+QFTPGET: 0,3\r\n";
        assert_eq!(until_trailer(lost, None, 1).unwrap_err().kind(), ErrorKind::Timeout);
    }
}
