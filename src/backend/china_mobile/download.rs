//! Downloads: MFTPRETR, whose data stand inside the result lines.

use std::io::{self, Write};
use std::time::Duration;

use super::dialect::AT_END;
use super::{COMMAND_LIMIT, ChinaMobile, PATH};
use crate::at::{Command, Deadline, Event, Expect, Header, Line, Sink, Verdict};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Retrieve, SessionState, Transfer};

/// `+MFTPRETR: <connection>,<result>,<sum_size>,<recv_size>,<data>`.
const HEADER: Expect = Expect::Header(Header { prefix: "+MFTPRETR:", commas: 4 });

/// How long the line end behind a piece may take; a sibling service of the same firmware leaves it out.
const LINE_END: Duration = Duration::from_secs(1);
/// What a line end takes.
const LINE_END_BYTES: usize = 2;
/// After how long a silence the module is asked whether it goes on, where it may not.
const SILENCE: Duration = Duration::from_secs(1);
/// The largest offset that firmware which keeps offsets in 16 bits (seen in one vendor header) gets right.
const SHORT_OFFSET: u64 = u16::MAX as u64;

/// What one piece of a download says of itself.
struct Piece {
    /// Whether it is of our connection.
    is_ours: bool,
    /// `<sum_size>`: bytes delivered so far, this piece included. The manual's text calls it the file's length, its examples
    /// do not (23 bytes from offset 5: `18,18`).
    sum: u64,
    /// `<recv_size>`: bytes in this piece.
    count: u64,
}

/// A pull under way.
#[derive(Default)]
struct Pull {
    acknowledged: bool,
    /// Bytes that were right.
    received: u64,
    /// Whether a piece was lost; what follows it must not be taken for its place.
    lost: bool,
    /// Whether the module has said something that may be its last word.
    may_be_over: bool,
    /// The result, where it is not 0.
    failure: Option<Error>,
    /// The largest piece behind a lost one.
    largest: u64,
    /// [`Engine::strays`](crate::at::Engine::strays) when the pull was acknowledged.
    strays: u64,
    /// How many bytes of line ends stand before the first piece, as before every line of this firmware.
    lead: Option<usize>,
    /// Whether the data of the piece before end in a line end, and whether another one follows.
    ended: Option<(bool, bool)>,
    /// Whether the data end in what the module says when it starts anew, or loses the session: it may have.
    ends_in_alarm: bool,
    /// Whether data that end in a line end have none behind them: it may be their own that stands in the place of two lost bytes.
    in_doubt: bool,
}

impl ChinaMobile {
    pub(super) fn download(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        PATH.check(path)?;
        let (mut wanted, size) = self.wanted(path, what)?;
        if self.settings.ascii {
            // Converted text has another length than the file: only silence tells its end.
            wanted = what.length.unwrap_or(u64::MAX);
        }
        self.use_files(false)?;
        let mut sink = Sink::new(sink);
        let outcome = self.pulls(path, what.offset, wanted, size, &mut sink);
        outcome.map_err(|error| {
            if error.kind() == ErrorKind::Protocol {
                // Lines between the pieces show only when some of these were released.
                sink.doubt();
            }
            // It is known to be over when it was too short.
            let is_over = error.kind() == ErrorKind::Incomplete;
            let error =
                if is_over { error } else { self.abandon_download(error, wanted.saturating_sub(sink.written())) };
            sink.told(error)
        })?;
        let assurance = if self.settings.ascii { Assurance::Unconfirmed } else { Assurance::ServerSize };
        Ok(Transfer::new(sink.written(), assurance))
    }

    /// How many bytes `what` is of the file at `path`, and how many the file has. Without its size nothing tells when all pieces have come: there is no end
    /// mark.
    pub(super) fn wanted(&mut self, path: &str, what: &Retrieve) -> Result<(u64, u64)> {
        let size = if what.size.is_some() { what.size } else { self.entry(path)?.size };
        let size = size.ok_or_else(|| self.engine.error(ErrorKind::Unavailable, "it is not a file"))?;
        if what.offset > size {
            let detail = format!("offset {} is beyond the file's {size} bytes", what.offset);
            return Err(Error::new(ErrorKind::InvalidInput, detail));
        }
        if what.offset > SHORT_OFFSET && what.offset < size && !self.long_offsets {
            self.check_long_offsets(path, size)?;
        }
        Ok(((size - what.offset).min(what.length.unwrap_or(u64::MAX)), size))
    }

    /// Fetches `wanted` bytes: in one pull, as each opens a data connection of its own, unless pieces get lost on the way.
    fn pulls(&mut self, path: &str, offset: u64, wanted: u64, size: u64, sink: &mut Sink<'_>) -> Result<()> {
        let mut most = u64::MAX;
        while sink.written() < wanted {
            let before = sink.written();
            let start = offset + before;
            if before > 0 && start > SHORT_OFFSET && !self.long_offsets {
                self.check_long_offsets(path, size).map_err(|error| match error.kind() {
                    ErrorKind::Unsupported => error.with_kind(ErrorKind::Incomplete),
                    _ => error,
                })?;
            }
            // Converted text has no offsets.
            let overlap = if self.settings.ascii { 0 } else { sink.rewind() };
            let left = (wanted - before).saturating_add(overlap).min(most);
            let asked = if wanted == u64::MAX { None } else { Some(left) };
            let pulled = self.patiently(|module| module.pull(path, start - overlap, asked, left, sink));
            sink.check()?;
            // The file is there, it was listed: what failed is its transfer.
            let pull = pulled.map_err(|error| match error.kind() {
                ErrorKind::Unavailable => error.with_kind(ErrorKind::DataConnection),
                _ => error,
            })?;
            if asked.is_none() && !pull.lost {
                return Ok(());
            }
            if sink.written() == before && overlap == 0 {
                if pull.largest == 0 || pull.largest >= most {
                    let detail = format!("the module delivered {before} of {wanted} bytes");
                    return Err(self.engine.error(ErrorKind::Incomplete, detail));
                }
                // Nothing can be lost before a piece that holds all that was asked for, whatever its sum says: there is a
                // manual's sentence by which it is the file's length.
                most = pull.largest;
            }
        }
        Ok(())
    }

    /// Makes sure that an offset beyond 65535 is not taken modulo 65536: asks for the last byte of the file by its offset alone,
    /// which brings more than a byte when it is.
    fn check_long_offsets(&mut self, path: &str, size: u64) -> Result<()> {
        let mut nowhere = io::sink();
        let mut sink = Sink::new(&mut nowhere);
        // Two, so that the end is waited for.
        let probe = self.pull(path, size - 1, None, 2, &mut sink);
        let probe = probe.map_err(|error| self.abandon_download(error, size))?;
        if sink.written() == 1 || (sink.written() == 0 && probe.largest == 1) {
            self.long_offsets = true;
            return Ok(());
        }
        let detail = "this firmware gets offsets beyond 65535 wrong; download the file from its beginning";
        let error = self.engine.error(ErrorKind::Unsupported, detail);
        // The rest of the file is on its way.
        let stopped = self.abandon_download(self.engine.error(ErrorKind::Protocol, ""), size);
        Err(if stopped.module_usable() { error } else { error.module_left_unusable() })
    }

    /// One MFTPRETR of `asked` bytes, or of all from `offset` on, until `expected` bytes have come or no more are to come. What
    /// follows a lost piece is dropped.
    fn pull(
        &mut self,
        path: &str,
        offset: u64,
        asked: Option<u64>,
        expected: u64,
        sink: &mut Sink<'_>,
    ) -> Result<Pull> {
        let mut pull = self.pieces_of(path, offset, asked, expected, sink)?;
        self.judge_end(&mut pull, None)?;
        if pull.ends_in_alarm && self.state(self.number())? == SessionState::Closed {
            // What it was told before may be gone, too.
            self.restarted = true;
            return Err(self.engine.error(ErrorKind::SessionLost, "the data end in the module's own words"));
        }
        Ok(pull)
    }

    fn pieces_of(
        &mut self,
        path: &str,
        offset: u64,
        asked: Option<u64>,
        expected: u64,
        sink: &mut Sink<'_>,
    ) -> Result<Pull> {
        let result = self.ours("+MFTPRETR");
        self.engine.forget(&result);
        let command = Command::set("+MFTPRETR").number(self.number()).text(&PATH, path).omitted().number(offset);
        let command = match asked {
            Some(asked) => command.number(asked),
            None => command,
        };
        let mut pull = Pull::default();
        let mut unclaimed = None;
        let mut deadline = self.engine.start(command, Phase::Acknowledgement, self.result_limit())?;
        let mut heard = self.engine.now();
        while !pull.acknowledged || pull.failure.is_none() && (pull.lost || pull.received < expected) {
            match self.engine.next_event(HEADER, deadline) {
                Ok(Event::Acknowledged) => {
                    pull.acknowledged = true;
                    pull.strays = self.engine.strays();
                }
                Ok(Event::Header(line)) => {
                    self.take_piece(&line, asked, expected, &mut pull, sink)?;
                    unclaimed.get_or_insert(self.engine.unclaimed());
                }
                Ok(Event::Unsolicited) => {
                    if let Some(line) = self.engine.take(&result) {
                        match line.number(1) {
                            // A summary without data, or "in progress".
                            Some(0) => pull.may_be_over = true,
                            Some(1) => {}
                            _ => pull.failure = self.succeeded(&Verdict(line)).err(),
                        }
                    }
                }
                Ok(_) => continue,
                Err(error) if error.kind() == ErrorKind::Timeout && pull.acknowledged => {
                    if self.is_pulling(asked, expected, &mut pull, sink)? {
                        if self.engine.now() >= heard + self.result_limit() {
                            return Err(error);
                        }
                    } else {
                        return Ok(pull);
                    }
                    deadline = self.silence(&pull, asked);
                    continue;
                }
                Err(error) => return Err(error),
            }
            heard = self.engine.now();
            deadline = self.silence(&pull, asked);
        }
        match pull.failure.take() {
            // Not blocked but broken off: what has come must not come again.
            Some(error) if error.kind() == ErrorKind::ModuleBusy && pull.received > 0 => {
                Err(error.with_kind(ErrorKind::DataConnection))
            }
            Some(error) => {
                let code = error.module_code().and_then(|code| code.value.parse().ok());
                // The file has become shorter than it was listed.
                if code.is_some_and(|code: u64| AT_END.contains(&code)) && offset > 0 { Ok(pull) } else { Err(error) }
            }
            // Lines between the pieces are the end of one in which something else stands in their place.
            None => match unclaimed.filter(|_| asked.is_some()) {
                Some(before) => self.engine.nothing_unclaimed_since(before).map(|()| pull),
                None => Ok(pull),
            },
        }
    }

    /// By when the next must come.
    fn silence(&self, pull: &Pull, asked: Option<u64>) -> Deadline {
        let is_short = pull.acknowledged && (pull.lost || pull.may_be_over || asked.is_none());
        self.engine.deadline(Phase::Data, if is_short { SILENCE } else { self.result_limit() })
    }

    /// Asks whether the download goes on, taking pieces that come meanwhile.
    fn is_pulling(&mut self, asked: Option<u64>, expected: u64, pull: &mut Pull, sink: &mut Sink<'_>) -> Result<bool> {
        let command = Command::set("+MFTPSTATE").number(self.number());
        let deadline = self.engine.start(command, Phase::Acknowledgement, COMMAND_LIMIT)?;
        let mut state = None;
        loop {
            match self.engine.next_event(HEADER, deadline)? {
                Event::Acknowledged => break,
                Event::Information(line) => state = line.number(1),
                Event::Header(line) => self.take_piece(&line, asked, expected, pull, sink)?,
                _ => {}
            }
        }
        match state {
            Some(0) => Err(self.engine.error(ErrorKind::SessionLost, "the connection is closed")),
            state => Ok(state != Some(1)),
        }
    }

    /// Takes a piece in, or drops it if one is missing before it.
    fn take_piece(
        &mut self,
        line: &Line,
        asked: Option<u64>,
        expected: u64,
        pull: &mut Pull,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        if pull.acknowledged {
            self.engine.nothing_stray_since(pull.strays)?;
        }
        let blank = self.engine.blank_before();
        pull.lead.get_or_insert(blank);
        self.judge_end(pull, Some(blank))?;
        let piece = self.piece(line, asked)?;
        if !piece.is_ours {
            return self.block(piece.count, pull, &mut Sink::new(&mut io::sink()));
        }
        pull.may_be_over |= piece.count == 0;
        let is_all = pull.received == 0 && piece.count == expected;
        pull.lost |= !is_all && piece.count > 0 && piece.sum != pull.received.saturating_add(piece.count);
        if pull.lost {
            pull.largest = pull.largest.max(piece.count);
            return self.block(piece.count, pull, &mut Sink::new(&mut io::sink()));
        }
        pull.received += piece.count;
        self.block(piece.count, pull, sink)
    }

    fn piece(&mut self, line: &Line, asked: Option<u64>) -> Result<Piece> {
        let mut numbers = [None; 4];
        if let Some(line) = line.information() {
            for (number, field) in numbers.iter_mut().zip(line.fields.iter()) {
                *number = field.number();
            }
        }
        let [connection, result, sum, count] = numbers;
        let is_ours = connection == Some(u64::from(self.number()));
        let is_data = matches!(result, Some(0 | 1));
        match (sum, count) {
            (Some(sum), Some(count)) if is_data && (!is_ours || asked.is_none_or(|asked| count <= asked)) => {
                Ok(Piece { is_ours, sum, count })
            }
            _ => {
                let said = self.engine.shown(line.bytes());
                Err(self.engine.protocol(format!("unexpected data: {said}")))
            }
        }
    }

    /// Takes the data of one piece in, and the line end behind them.
    fn block(&mut self, count: u64, pull: &mut Pull, sink: &mut Sink<'_>) -> Result<()> {
        let limit = self.result_limit();
        self.engine.receive_block(count, sink, limit)?;
        let is_line = self.engine.end_of_glued_block(sink, LINE_END)?;
        let holds_one = sink.holds_a_line_end();
        pull.ended = (count > 0).then_some((holds_one, is_line));
        pull.ends_in_alarm = self.engine.holds_alarm(sink);
        if holds_one || pull.in_doubt || pull.ends_in_alarm {
            sink.release_in_doubt();
        } else {
            sink.release();
        }
        Ok(())
    }

    /// Judges the line end behind the piece before, now that it is known what follows: the head of a piece with `blank` bytes of line
    /// ends before it, or nothing. Data that end in a line end with none behind it are believed only of a firmware that writes none.
    fn judge_end(&mut self, pull: &mut Pull, blank: Option<usize>) -> Result<()> {
        let Some((holds_one, is_line)) = pull.ended.take() else { return Ok(()) };
        let own = if is_line { LINE_END_BYTES } else { 0 };
        let ends = blank.map_or(is_line, |blank| own + blank >= pull.lead.unwrap_or(0) + LINE_END_BYTES);
        if holds_one {
            pull.in_doubt |= !ends;
        } else {
            self.ends_data |= ends;
        }
        if pull.in_doubt && self.ends_data {
            return Err(self.engine.protocol("two bytes are missing, and the line end stands in their place"));
        }
        Ok(())
    }
}
