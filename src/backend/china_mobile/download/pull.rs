//! One MFTPRETR, whose data are inside the result lines: piece after piece, before and behind the acknowledgement,
//! without an end mark.

use std::io;
use std::mem;
use std::time::Duration;

use super::spacing::Spacing;
use super::tail::receive;
use crate::at::{Deadline, Engine, Event, Expect, Header, Line, Pattern, ResultLine, Sink, Wire};
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

/// What is known of the end of a request.
#[derive(Default)]
enum End {
    /// Nothing so far.
    #[default]
    Unknown,
    /// The result is an error: the last word.
    Failed(Error),
    /// The module has said that nothing follows.
    Said,
    /// It could not be seen behind all that was expected.
    Unseen(Error),
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
    end: End,
    spacing: Spacing,
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
            end: End::default(),
            spacing: Spacing::default(),
        };
        let exchange = cx.engine.send(command.known(), Phase::Acknowledgement, limit)?;
        acknowledged_amid(exchange, HEADER, Phase::Data, limit, |wire, event| pull.take(wire, event))?;
        pull.spacing.acknowledge(&mut cx.engine);
        pull.finish(&mut cx.engine)?;
        let left = pull.still_coming(&cx.engine);
        if left.is_none()
            && pull.spacing.ends_in_a_loss(&mut cx.engine)?
            && state(cx, connection.number)? == SessionState::Closed
        {
            // A restart would have reset the settings, too.
            cx.has_forgotten = true;
            return Err(cx.engine.error(ErrorKind::SessionLost, "the data end in the module's own words"));
        }
        match (pull.stage, pull.end) {
            (Stage::Broken(gap), _) => Ok(Outcome::Broken(Gap { left, ..gap })),
            (_, End::Unseen(error)) => {
                cx.note(&error);
                Ok(Outcome::Unseen)
            }
            _ if pull.received >= self.enough => Ok(Outcome::Full),
            (_, End::Said) => Ok(Outcome::NothingThere),
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
                    self.spacing.see_nothing(engine.tokens());
                    let goes_on = match self.goes_on(engine) {
                        Err(error) if is_at_known_end && is_blindness(&error) => {
                            match mem::replace(&mut self.end, End::Unseen(error)) {
                                End::Failed(failure) => return self.check_is_end(failure),
                                _ => break,
                            }
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
        match mem::take(&mut self.end) {
            End::Failed(error) => {
                self.end = End::Said;
                return self.check_is_end(error);
            }
            end => self.end = end,
        }
        if self.is_counted() { self.spacing.check_lines(engine) } else { Ok(()) }
    }

    fn expects_more(&self) -> bool {
        let has_failed = matches!(self.end, End::Failed(_));
        !has_failed && (matches!(self.stage, Stage::Broken(_)) || self.received < self.request.enough)
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
                self.spacing.see_line(wire.tokens());
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

    /// Checks that a result that is an error means the end of the file.
    ///
    /// # Errors
    /// That error, where it does not.
    fn check_is_end(&self, error: Error) -> Result<()> {
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
        if is_at_end { Ok(()) } else { Err(error) }
    }

    /// Takes what has come: a piece, or a result without data.
    fn take(&mut self, wire: &mut Wire, event: Event) -> Result<()> {
        match event {
            Event::Header(head) => self.take_piece(wire, &head),
            Event::Unsolicited => {
                self.spacing.see_line(wire.tokens());
                self.take_result(wire);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn take_result(&mut self, wire: &mut Wire) {
        let Some(line) = wire.inbox().take(&self.results) else { return };
        match line.number(1) {
            // A summary without data.
            Some(0) => self.may_be_over(),
            Some(IN_PROGRESS) => {}
            _ => self.end = check_result(wire, &ResultLine(line)).map_or_else(End::Failed, |()| End::Unknown),
        }
    }

    fn may_be_over(&mut self) {
        if matches!(self.stage, Stage::Coming) {
            self.stage = Stage::PerhapsOver;
        }
    }

    /// Takes a piece in, or drops it if one is missing before it.
    fn take_piece(&mut self, wire: &mut Wire, head: &Line) -> Result<()> {
        self.spacing.check_before_piece(wire)?;
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
        let lead = wire.tokens().blank_before();
        let tail = match is_wanted {
            true => receive(wire, count, self.connection.result_limit(), self.sink)?,
            false => receive(wire, count, self.connection.result_limit(), &mut Sink::new(&mut io::sink()))?,
        };
        self.spacing.add_piece(wire, lead, (count > 0).then_some(tail));
        Ok(())
    }
}

/// Whether a query of the state failed without a doubt about what has come: the module does not have it, or the session
/// is closed behind the last byte.
fn is_blindness(error: &Error) -> bool {
    is_refusal(error.kind()) || error.kind() == ErrorKind::SessionLost
}
