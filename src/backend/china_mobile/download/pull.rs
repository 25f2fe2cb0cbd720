//! One MFTPRETR, whose data are inside the result lines: piece after piece, before and behind the acknowledgement,
//! without an end mark.

use std::io;
use std::time::Duration;

use super::tail::{Tail, excess, receive};
use crate::at::{Deadline, Engine, Event, Expect, Header, Line, Pattern, ResultLine, Sink, Unexpected, Wire};
use crate::backend::china_mobile::connection::{Connection, STATE, acknowledged_amid, state};
use crate::backend::china_mobile::facts::{BEYOND_END, IN_PROGRESS, NOTHING_THERE, PATH, check_result, result_of};
use crate::backend::codes::is_refusal;
use crate::backend::context::{COMMAND_LIMIT, Context};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::SessionState;

pub(in crate::backend::china_mobile) const RETRIEVE: &str = "+MFTPRETR";

/// `+MFTPRETR: <connection>,<result>,<sum_size>,<recv_size>,<data>`.
const HEADER: Expect = Expect::Header(Header { prefix: "+MFTPRETR:", commas: 4 });

/// Silence after which the module is queried whether the download goes on, where it may not.
const SILENCE: Duration = Duration::from_secs(1);
/// As [`SILENCE`], where more must be to come by the size of the file: a piece may have been lost behind which none
/// comes.
const SURE_SILENCE: Duration = Duration::from_secs(3);
/// How long the module may take to notice, behind the last byte, that the server has closed, before it is queried once
/// more. The pause doubles up to [`SILENCE`].
const CLOSING: Duration = Duration::from_millis(100);

/// Behind a lost piece, the longest time that the rest is dropped for, and most bytes where the line's rate does not
/// matter: ending the download and opening the session again takes about as long.
const LONGEST_DROP: Duration = Duration::from_secs(5);
const MOST_TO_DROP: u64 = 256 * 1024;

/// What is requested.
#[derive(Clone, Copy)]
pub(super) struct Request<'p> {
    pub path: &'p str,
    pub offset: u64,
    /// Number of bytes; `None` means up to the end of the file.
    pub length: Option<u64>,
    /// Number of bytes that are there by the size of the file, where that is known. It may be wrong: behind these the
    /// module is queried whether more are to come.
    pub expected: Option<u64>,
    /// Number of bytes behind which nothing more is waited for.
    pub enough: u64,
}

/// How a request ended.
#[derive(Clone, Copy)]
pub(super) enum Outcome {
    /// All that was requested has come.
    Full,
    /// The module has no more: this is the end of the file.
    End,
    /// As [`Outcome::End`], and the module says so: nothing is behind the offset.
    NothingThere,
    /// All that was expected has come, and whether this is the end of the file cannot be seen.
    Unseen,
    /// A piece was lost.
    Broken(Gap),
}

/// A piece was lost: what follows it is dropped.
#[derive(Clone, Copy)]
pub(super) struct Gap {
    /// Number of bytes in the largest piece behind the one that was lost.
    pub largest: u64,
    /// Whether the sum may be the size of the file, as the manual's text has it: then nothing is known to be lost.
    pub sum_is_size: bool,
    /// Number of bytes that are still to come, where these are so many that the download is better ended.
    pub left: Option<u64>,
}

/// How far the pieces of a request have come.
enum Stage {
    /// More are to come.
    Coming,
    /// The module may have sent its last word about the request.
    PerhapsOver,
    /// One was lost; those behind it are dropped.
    Broken(Gap),
}

/// What the head of a piece says.
struct Piece {
    /// Whether the piece is of the connection in use.
    is_ours: bool,
    /// `<sum_size>`: bytes delivered so far, this piece included. The manual's text calls it the file's length, its
    /// examples do not (23 bytes from offset 5: `18,18`).
    sum: u64,
    /// `<recv_size>`: bytes in this piece.
    count: u64,
}

/// One request under way.
struct Pull<'a, 's> {
    request: Request<'a>,
    connection: &'a Connection,
    /// The lines that are results of the request.
    results: Pattern,
    sink: &'a mut Sink<'s>,
    /// Number of bytes that came in their order.
    received: u64,
    /// Number of bytes that have come or were lost.
    passed: u64,
    stage: Stage,
    /// The result, where it is an error: the last word.
    failure: Option<Error>,
    /// Whether the module has said that nothing follows.
    has_said_end: bool,
    /// Why the end of the file could not be seen behind all that was expected.
    blindness: Option<Error>,
    /// How the last piece ends, unless it is empty.
    tail: Option<Tail>,
    /// Number of line-end bytes before the first piece, as before every line of this firmware.
    lead: Option<usize>,
    /// What was unexpected up to the acknowledgement. Further final result codes are bytes that were added or lost.
    at_acknowledgement: Option<Unexpected>,
    /// What was unexpected up to the end of the first piece. Further lines are such bytes.
    behind_first_piece: Option<Unexpected>,
}

impl Request<'_> {
    /// Sends one MFTPRETR and takes its pieces until there are enough of them or no more are to come.
    pub fn send(self, cx: &mut Context, connection: &Connection, sink: &mut Sink<'_>) -> Result<Outcome> {
        let (results, limit) = (connection.results_of(RETRIEVE), connection.result_limit());
        cx.engine.inbox().forget(&results);
        let mut command = connection.command(RETRIEVE).text(&PATH, self.path).omitted().number(self.offset);
        if let Some(length) = self.length {
            command = command.number(length);
        }
        let mut pull = Pull {
            request: self,
            connection,
            results,
            sink,
            received: 0,
            passed: 0,
            stage: Stage::Coming,
            failure: None,
            has_said_end: false,
            blindness: None,
            tail: None,
            lead: None,
            at_acknowledgement: None,
            behind_first_piece: None,
        };
        let exchange = cx.engine.send(command.known(), Phase::Acknowledgement, limit)?;
        acknowledged_amid(exchange, HEADER, Phase::Data, limit, |wire, event| pull.take(wire, event))?;
        pull.at_acknowledgement = Some(cx.engine.inbox().unexpected());
        pull.finish(&mut cx.engine)?;
        let left = pull.still_coming(&cx.engine);
        if left.is_none()
            && pull.ends_in_a_loss(&mut cx.engine)?
            && state(cx, connection.number)? == SessionState::Closed
        {
            // A restart would have reset the settings, too.
            cx.has_forgotten = true;
            return Err(cx.engine.error(ErrorKind::SessionLost, "the data end in the module's own words"));
        }
        match (pull.stage, pull.blindness) {
            (Stage::Broken(gap), _) => Ok(Outcome::Broken(Gap { left, ..gap })),
            (_, Some(error)) => {
                cx.note(&error);
                Ok(Outcome::Unseen)
            }
            _ if pull.received >= self.enough => Ok(Outcome::Full),
            _ if pull.has_said_end => Ok(Outcome::NothingThere),
            _ => Ok(Outcome::End),
        }
    }
}

impl Pull<'_, '_> {
    /// Takes pieces behind the acknowledgement until there are enough or no more are to come.
    fn finish(&mut self, engine: &mut Engine) -> Result<()> {
        let mut last = engine.now();
        let mut closing = Duration::ZERO;
        while self.expects_more() {
            if self.still_coming(engine).is_some() {
                return Ok(());
            }
            let is_at_known_end = self.is_at_known_end();
            let silence = if is_at_known_end { engine.deadline(Phase::Data, closing) } else { self.silence(engine) };
            match engine.next(HEADER, silence) {
                Err(error) if error.kind() == ErrorKind::Timeout => {
                    if let Some(tail) = &mut self.tail {
                        tail.see_nothing(engine.tokens());
                    }
                    let goes_on = match self.goes_on(engine) {
                        Err(error) if is_at_known_end && is_blindness(&error) => {
                            self.blindness = Some(error);
                            break;
                        }
                        goes_on => goes_on?,
                    };
                    if !goes_on {
                        break;
                    }
                    if engine.now() >= last + self.connection.result_limit() {
                        return Err(error);
                    }
                    closing = (closing * 2).clamp(CLOSING, SILENCE);
                }
                event => {
                    self.take(engine, event?)?;
                    last = engine.now();
                }
            }
        }
        match (self.failure.take(), self.behind_first_piece) {
            (Some(error), _) => self.fail(error),
            // Lines between the pieces are the end of one whose place something else has taken.
            (None, Some(before)) if self.is_counted() => engine.no_more_lines(before),
            (None, _) => Ok(()),
        }
    }

    fn expects_more(&self) -> bool {
        self.failure.is_none() && (matches!(self.stage, Stage::Broken(_)) || self.received < self.request.enough)
    }

    /// Number of bytes that are still to come behind a gap, where they take longer than ending the download.
    fn still_coming(&self, wire: &Wire) -> Option<u64> {
        let Stage::Broken(_) = self.stage else { return None };
        let left = self.request.expected?.min(self.request.enough).checked_sub(self.passed)?;
        let is_long = match wire.link().line_time(left) {
            Duration::ZERO => left > MOST_TO_DROP,
            time => time > LONGEST_DROP,
        };
        is_long.then_some(left)
    }

    /// Whether the number of bytes to come is known, as far as sizes are right.
    fn is_counted(&self) -> bool {
        self.request.length.or(self.request.expected).is_some()
    }

    /// Whether exactly the bytes have come that are there by the size of the file.
    fn is_at_known_end(&self) -> bool {
        !matches!(self.stage, Stage::Broken(_)) && self.request.expected == Some(self.received)
    }

    /// By when the next piece must come.
    fn silence(&self, wire: &Wire) -> Deadline {
        let wanted = self.request.expected.unwrap_or(u64::MAX).min(self.request.enough);
        let is_sure = matches!(self.stage, Stage::Coming) && self.is_counted() && self.received < wanted;
        wire.deadline(Phase::Data, if is_sure { self.connection.result_limit().min(SURE_SILENCE) } else { SILENCE })
    }

    /// Queries whether the download goes on, and takes pieces that come meanwhile.
    fn goes_on(&mut self, engine: &mut Engine) -> Result<bool> {
        let mut state = None;
        let command = self.connection.command(STATE);
        let exchange = engine.send(command, Phase::Acknowledgement, COMMAND_LIMIT)?;
        acknowledged_amid(exchange, HEADER, Phase::Acknowledgement, COMMAND_LIMIT, |wire, event| match event {
            Event::Information(line) => {
                self.see_line(wire);
                state = line.number(1);
                Ok(())
            }
            event => self.take(wire, event),
        })?;
        match state {
            Some(0) => Err(engine.error(ErrorKind::SessionLost, "the connection is closed")),
            state => Ok(state != Some(1)),
        }
    }

    /// What a result that is an error means for what has come.
    fn fail(&mut self, error: Error) -> Result<()> {
        if error.kind() == ErrorKind::ModuleBusy && self.received > 0 {
            // Not blocked but broken off: what has come must not come twice.
            return Err(error.with_kind(ErrorKind::DataConnection));
        }
        let is_at_end = match result_of(&error) {
            // The file has become shorter than it was listed. Of an offset that no size proves it is the refusal.
            Some(BEYOND_END) => self.request.offset > 0 && self.request.expected.is_some(),
            // An empty file, or nothing behind the offset.
            Some(NOTHING_THERE) => {
                self.request.offset > 0 || self.request.expected.is_none_or(|expected| expected == 0)
            }
            _ => false,
        };
        self.has_said_end = is_at_end;
        if is_at_end { Ok(()) } else { Err(error) }
    }

    /// Judges the end of the last piece; returns whether it reads as if the module had lost something.
    fn ends_in_a_loss(&mut self, wire: &mut Wire) -> Result<bool> {
        match self.tail.take() {
            Some(tail) => tail.judge(wire, None).map(|()| tail.reads_as_loss),
            None => Ok(false),
        }
    }

    /// A line that is no piece has come.
    fn see_line(&mut self, wire: &Wire) {
        if let Some(tail) = &mut self.tail {
            tail.see_line(wire.tokens());
        }
    }

    /// Takes what has come: a piece, or a result without data.
    fn take(&mut self, wire: &mut Wire, event: Event) -> Result<()> {
        match event {
            Event::Header(head) => {
                self.take_piece(wire, &head)?;
                self.behind_first_piece.get_or_insert(wire.inbox().unexpected());
            }
            Event::Unsolicited => {
                self.see_line(wire);
                self.take_result(wire);
            }
            _ => {}
        }
        Ok(())
    }

    fn take_result(&mut self, wire: &mut Wire) {
        let Some(line) = wire.inbox().take(&self.results) else { return };
        match line.number(1) {
            // A summary without data.
            Some(0) => self.may_be_over(),
            Some(IN_PROGRESS) => {}
            _ => self.failure = check_result(wire, &ResultLine(line)).err(),
        }
    }

    fn may_be_over(&mut self) {
        if matches!(self.stage, Stage::Coming) {
            self.stage = Stage::PerhapsOver;
        }
    }

    /// Takes a piece in, or drops it if one is missing before it.
    fn take_piece(&mut self, wire: &mut Wire, head: &Line) -> Result<()> {
        if let Some(before) = self.at_acknowledgement {
            wire.no_more_results(before)?;
        }
        let blank = wire.tokens().blank_before();
        self.lead.get_or_insert(blank);
        if let Some(tail) = self.tail.take() {
            tail.judge(wire, Some(excess(self.lead.unwrap_or(blank), blank)))?;
        }
        let piece = self.piece(wire, head)?;
        if !piece.is_ours {
            return self.take_data(wire, piece.count, false);
        }
        if piece.count == 0 {
            self.may_be_over();
        }
        let is_behind_a_gap = self.is_behind_a_gap(&piece);
        let size = self.request.expected.map(|rest| rest.saturating_add(self.request.offset));
        let sum_is_size = [self.request.expected, size].contains(&Some(piece.sum));
        self.passed = if sum_is_size { self.passed.saturating_add(piece.count) } else { piece.sum };
        match &mut self.stage {
            Stage::Broken(gap) => gap.largest = gap.largest.max(piece.count),
            stage if is_behind_a_gap => *stage = Stage::Broken(Gap { largest: piece.count, sum_is_size, left: None }),
            Stage::Coming | Stage::PerhapsOver => self.received += piece.count,
        }
        let is_wanted = !matches!(self.stage, Stage::Broken(_));
        self.take_data(wire, piece.count, is_wanted)
    }

    /// Whether a piece before this one was lost.
    fn is_behind_a_gap(&self, piece: &Piece) -> bool {
        let all = [Some(self.request.enough), self.request.expected];
        let is_all = self.received == 0 && all.contains(&Some(piece.count));
        !is_all && piece.count > 0 && piece.sum != self.received.saturating_add(piece.count)
    }

    fn piece(&self, wire: &mut Wire, head: &Line) -> Result<Piece> {
        // Parsed once: every piece has a head.
        let mut numbers = [None; 4];
        if let Some(line) = head.information() {
            for (number, field) in numbers.iter_mut().zip(line.fields.iter()) {
                *number = field.number();
            }
        }
        let [connection, result, sum, count] = numbers;
        let is_ours = connection == Some(self.connection.number.into());
        let is_data = matches!(result, Some(0 | IN_PROGRESS));
        // What goes beyond the size of the file must be proven by the sum.
        let fits = |sum: u64, count: u64| {
            let received = self.received.saturating_add(count);
            let is_expected = self.request.expected.is_none_or(|expected| count <= expected) || sum == received;
            !is_ours || (self.request.length.is_none_or(|length| count <= length) && is_expected)
        };
        match (sum, count) {
            (Some(sum), Some(count)) if is_data && fits(sum, count) => Ok(Piece { is_ours, sum, count }),
            _ => {
                let said = wire.report().outline(head.bytes());
                Err(wire.protocol(format!("unexpected data: {said}")))
            }
        }
    }

    /// Takes in the data of one piece, and the line end behind them. Data that are not wanted are dropped.
    fn take_data(&mut self, wire: &mut Wire, count: u64, is_wanted: bool) -> Result<()> {
        let tail = match is_wanted {
            true => receive(wire, count, self.connection.result_limit(), self.sink)?,
            false => receive(wire, count, self.connection.result_limit(), &mut Sink::new(&mut io::sink()))?,
        };
        self.tail = (count > 0).then_some(tail);
        Ok(())
    }
}

/// Whether a query of the state failed without a doubt about what has come: the module does not have it, or the session
/// is closed behind the last byte.
fn is_blindness(error: &Error) -> bool {
    is_refusal(error.kind()) || error.kind() == ErrorKind::SessionLost
}
