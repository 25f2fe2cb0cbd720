//! One exchange after the other.
//!
//! The engine owns the port. It sends one command at a time, sorts what comes back into the answer of that command, lines the
//! module sends on its own, and noise, and holds every exchange to one deadline. When an exchange ends without its final
//! result (a time-out, mostly), the engine is *out of step*: before the next command it makes sure that no late answer can be
//! taken for the new one ([`Engine::resynchronise`]).

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use log::{debug, trace, warn};

use super::command::{Answer, Command};
use super::framer::{self, Expect, Step, Token};
use super::reply::{ErrorCode, FinalResult, Line, Reply};
use super::urc::{Effect, Pattern, Queue, Rule};
use crate::error::{Error, ErrorKind, ModuleCode, Phase, Result};
use crate::transport::{Transport, mask};

/// Room for what was read and not yet used: large enough that payload passes in few system calls.
const BUFFER: usize = 64 * 1024;

/// Most lines taken in as the answer to one command. The longest answers in the manuals have about 20.
const MAX_ANSWER_LINES: usize = 256;

/// How long the port may refuse to take a command line. The time on the line itself is added.
const SEND_LIMIT: Duration = Duration::from_secs(5);

/// How long a resynchronisation waits for the answer to its probe, and how often it asks.
const PROBE_LIMIT: Duration = Duration::from_secs(3);
const PROBES: u32 = 3;

/// How long the line must be quiet before an answer whose identity cannot be checked is believed.
const QUIET: Duration = Duration::from_millis(300);

/// How soon a cancellation is noticed while the line is silent.
const CANCEL_CHECK: Duration = Duration::from_millis(50);

/// An instant by which an exchange must be over, and what it is that takes so long.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    at: Instant,
    limit: Duration,
    phase: Phase,
}

impl Deadline {
    /// The instant.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The error of having passed it.
    pub fn passed(&self) -> Error {
        Error::timeout(self.phase, self.limit)
    }
}

/// Something that happened while a command was under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A line of the command's answer.
    Information(Line),
    /// `OK`.
    Acknowledged,
    /// `CONNECT`: the port is in data mode.
    Connected(Option<u64>),
    /// The prompt `>`.
    Prompt,
    /// The head of a line whose payload follows.
    Header(Line),
    /// A line that belongs to no command was kept; it may be what the caller waits for.
    Unsolicited,
}

/// The module took the command: its information lines, then `OK`. For most FTP commands this says nothing yet about how
/// the operation ends; that is the [`Verdict`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Acknowledgement {
    /// The information lines.
    pub lines: Vec<Line>,
}

impl Acknowledgement {
    /// The first information line.
    pub fn first(&self) -> Option<&Line> {
        self.lines.first()
    }
}

/// The line that says how an operation really ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Verdict(pub Line);

impl Verdict {
    /// Field `index` as a number.
    pub fn number(&self, index: usize) -> Option<u64> {
        self.0.number(index)
    }
}

/// What a dialect tells the engine about itself.
#[derive(Clone, Copy)]
pub struct Dialect {
    /// Lines that the module sends on its own.
    pub rules: &'static [Rule],
    /// Kind and meaning of the codes behind `+CME ERROR` and its relatives, where the manual lists them.
    pub refusal: fn(&ErrorCode) -> Option<(ErrorKind, &'static str)>,
}

impl Dialect {
    /// Nothing is known yet.
    pub const UNKNOWN: Dialect = Dialect { rules: &[], refusal: |_| None };
}

/// Which way payload flows in data mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// A download.
    ToHost,
    /// An upload.
    ToModule,
}

/// The command whose answer is outstanding.
struct Pending {
    answer: Answer,
}

/// The AT line engine on one port.
pub struct Engine {
    transport: Box<dyn Transport>,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    dialect: Dialect,
    kept: Queue,
    pending: Option<Pending>,
    echo: Option<Vec<u8>>,
    /// The command line last sent, as it may be shown.
    last_command: String,
    out_of_step: bool,
    /// The first line of the answer to `ATI`, by which an answer is known to be that answer.
    signature: Option<Vec<u8>>,
    secrets: Vec<Vec<u8>>,
    /// Payload bytes that the module was promised and has not got: it takes whatever comes next for them.
    owed: u64,
    cancel: Option<Arc<AtomicBool>>,
    /// The caller's own limits for answers and for silences within payload.
    command_limit: Option<Duration>,
    stall_limit: Option<Duration>,
}

impl Engine {
    /// An engine on `transport`.
    pub fn new(transport: Box<dyn Transport>) -> Self {
        Engine {
            transport,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            start: 0,
            end: 0,
            dialect: Dialect::UNKNOWN,
            kept: Queue::default(),
            pending: None,
            echo: None,
            last_command: String::new(),
            out_of_step: false,
            signature: None,
            secrets: Vec::new(),
            owed: 0,
            cancel: None,
            command_limit: None,
            stall_limit: None,
        }
    }

    /// Sets the flag by which another thread ends what is going on. The engine takes it back when it notices it, so that the
    /// recovery is not ended, too.
    pub fn cancel_with(&mut self, flag: Arc<AtomicBool>) {
        self.cancel = Some(flag);
    }

    /// Sets what is known about the module's dialect.
    pub fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    /// Sets the line by which the answer to `ATI` is recognised.
    pub fn set_signature(&mut self, line: &[u8]) {
        self.signature = Some(line.to_vec());
    }

    /// The time now, on the transport's clock.
    pub fn now(&self) -> Instant {
        self.transport.now()
    }

    /// Replaces longer limits: `command` for answers and results, `stall` for silences within payload.
    pub fn set_time_limits(&mut self, command: Option<Duration>, stall: Option<Duration>) {
        self.command_limit = command;
        self.stall_limit = stall;
    }

    /// A deadline `limit` from now, or sooner where the caller has set a shorter limit.
    pub fn deadline(&self, phase: Phase, limit: Duration) -> Deadline {
        let own = match phase {
            Phase::Acknowledgement | Phase::Prompt | Phase::Verdict => self.command_limit,
            Phase::Data => self.stall_limit,
            Phase::Send | Phase::Resynchronisation => None,
        };
        let limit = own.map_or(limit, |own| own.min(limit));
        Deadline { at: self.now() + limit, limit, phase }
    }

    /// How long `bytes` bytes take on the line at 10 bits a byte; zero where the line's rate does not matter.
    pub fn line_time(&self, bytes: u64) -> Duration {
        match self.transport.line_rate() {
            Some(rate) if rate > 0 => Duration::from_secs_f64(bytes as f64 * 10.0 / f64::from(rate)),
            _ => Duration::ZERO,
        }
    }

    /// The name of the port.
    pub fn port(&self) -> &str {
        self.transport.name()
    }

    /// Says that an exchange was left in the middle: the next command resynchronises first.
    pub fn mark_out_of_step(&mut self) {
        self.out_of_step = true;
        self.pending = None;
        self.echo = None;
    }

    /// Whether an exchange was left in the middle.
    pub fn is_out_of_step(&self) -> bool {
        self.out_of_step
    }

    /// Says that whatever is still to come of the last exchange does not matter.
    pub fn forget_exchange(&mut self) {
        self.out_of_step = false;
        self.pending = None;
        self.echo = None;
    }

    /// Says that `count` more bytes of payload were promised to the module than it will get: before the next command they are
    /// made up with zeros, because until then the module takes every command for payload.
    pub fn owe(&mut self, count: u64) {
        self.owed = count;
        self.mark_out_of_step();
    }

    // ---- exchanges ----

    /// Sends a command and waits for its acknowledgement.
    ///
    /// # Errors
    /// A refused argument, an error result, an alarm, a time-out.
    pub fn execute(&mut self, command: Command, limit: Duration) -> Result<Acknowledgement> {
        let deadline = self.start(command, Phase::Acknowledgement, limit)?;
        self.acknowledgement(deadline)
    }

    /// Sends a command and waits for its final result. The lines before it are returned also where it is an error: some dialects
    /// give the reason there.
    pub fn answer(&mut self, command: Command, limit: Duration) -> (Vec<Line>, Result<()>) {
        let mut lines = Vec::new();
        let started = self.start(command, Phase::Acknowledgement, limit);
        let outcome = started.and_then(|deadline| self.collect(deadline, &mut lines));
        (lines, outcome)
    }

    /// Waits for the rest of the answer to the command under way.
    ///
    /// # Errors
    /// An error result, an alarm, a time-out.
    pub fn acknowledgement(&mut self, deadline: Deadline) -> Result<Acknowledgement> {
        let mut lines = Vec::new();
        self.collect(deadline, &mut lines)?;
        Ok(Acknowledgement { lines })
    }

    fn collect(&mut self, deadline: Deadline, lines: &mut Vec<Line>) -> Result<()> {
        loop {
            match self.next_event(Expect::Line, deadline)? {
                Event::Information(_) if lines.len() >= MAX_ANSWER_LINES => {
                    return Err(self.protocol("the answer does not end"));
                }
                Event::Information(line) => lines.push(line),
                Event::Acknowledged => return Ok(()),
                Event::Unsolicited => {}
                Event::Connected(_) | Event::Prompt | Event::Header(_) => {
                    return Err(self.protocol("asked for data, expected OK"));
                }
            }
        }
    }

    /// Sends a command and waits for both its acknowledgement, for `limit` at most, and the line that matches `verdict`, for
    /// `verdict_limit` at most. They may come in either order. An earlier line that matches belongs to an earlier operation
    /// and is dropped first.
    ///
    /// # Errors
    /// A refused argument, an error result, an alarm, a time-out.
    pub fn perform(
        &mut self,
        command: Command,
        limit: Duration,
        verdict: &Pattern,
        verdict_limit: Duration,
    ) -> Result<Verdict> {
        self.forget(verdict);
        let verdict_deadline = self.deadline(Phase::Verdict, verdict_limit);
        let deadline = self.start(command, Phase::Acknowledgement, limit)?;
        let _ = self.acknowledgement(deadline)?;
        self.verdict(verdict, verdict_deadline)
    }

    /// Waits for the line that matches `pattern`, or takes it if it is there.
    ///
    /// # Errors
    /// An alarm, a time-out.
    pub fn verdict(&mut self, pattern: &Pattern, deadline: Deadline) -> Result<Verdict> {
        loop {
            if let Some(line) = self.kept.take(pattern) {
                return Ok(Verdict(line));
            }
            match self.next_event(Expect::Line, deadline)? {
                Event::Unsolicited => {}
                event => return Err(self.protocol(format!("expected the result, got {event:?}"))),
            }
        }
    }

    /// Takes a kept line that matches, if there is one.
    pub fn take(&mut self, pattern: &Pattern) -> Option<Line> {
        self.kept.take(pattern)
    }

    /// Drops every kept line that matches: it belongs to an earlier operation.
    pub fn forget(&mut self, pattern: &Pattern) {
        while let Some(line) = self.kept.take(pattern) {
            debug!("{}: dropped a late {}", self.port(), self.shown(line.bytes()));
        }
    }

    /// Sends a command, once nothing of an earlier exchange can disturb it, and says by when its answer must be there.
    /// What the module sent in the meantime is sorted first: an alarm among it ends the call before anything is sent.
    ///
    /// # Errors
    /// A refused argument, an alarm, a port that takes no bytes, a module that cannot be brought back into step.
    pub fn start(&mut self, command: Command, phase: Phase, limit: Duration) -> Result<Deadline> {
        let parts = command.into_parts()?;
        if self.out_of_step {
            self.resynchronise()?;
        }
        self.look()?;
        for secret in parts.secrets {
            if !self.secrets.contains(&secret) {
                self.secrets.push(secret);
            }
        }
        debug!("{} > {}", self.port(), parts.shown);
        self.last_command = parts.shown;
        self.send_line(&parts.line)?;
        let time_on_line = self.line_time(parts.line.len() as u64);
        self.pending = Some(Pending { answer: parts.answer });
        self.echo = Some(parts.line);
        Ok(self.deadline(phase, limit + time_on_line))
    }

    fn send_line(&mut self, line: &[u8]) -> Result<()> {
        let limit = SEND_LIMIT + self.line_time(line.len() as u64);
        let deadline = self.deadline(Phase::Send, limit);
        self.send(line, deadline)
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// A port that takes no bytes or is lost.
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<()> {
        self.send_counted(bytes, deadline).map_err(|(_, error)| {
            self.mark_out_of_step();
            error
        })
    }

    /// Writes bytes as they are; an error says how many of them were written.
    pub(super) fn send_counted(&mut self, bytes: &[u8], deadline: Deadline) -> Result<(), (usize, Error)> {
        let mut sent = 0;
        while let Some(rest) = bytes.get(sent..).filter(|rest| !rest.is_empty()) {
            match self.transport.write(rest, deadline.at) {
                Ok(count) => sent += count,
                Err(error) => return Err((sent, self.transport_error(error, deadline))),
            }
        }
        Ok(())
    }

    /// Waits for the next thing that matters.
    ///
    /// # Errors
    /// An error result, an alarm, a time-out.
    pub fn next_event(&mut self, expect: Expect, deadline: Deadline) -> Result<Event> {
        loop {
            if let Some(event) = self.next_waiting_event(expect)? {
                return Ok(event);
            }
            if let Err(error) = self.fill(deadline) {
                if self.pending.is_some() {
                    self.mark_out_of_step();
                }
                return Err(error);
            }
        }
    }

    /// What the module has said by now, without waiting; for a look while payload is being sent.
    ///
    /// # Errors
    /// An error result, an alarm, a lost port.
    pub fn glance(&mut self) -> Result<Option<Event>> {
        if let Some(event) = self.next_waiting_event(Expect::Line)? {
            return Ok(Some(event));
        }
        let now = self.deadline(Phase::Data, Duration::ZERO);
        match self.fill(now) {
            Ok(()) => self.next_waiting_event(Expect::Line),
            Err(error) if error.kind() == ErrorKind::Timeout => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Handles complete tokens that are already in the buffer, up to the first that matters.
    fn next_waiting_event(&mut self, expect: Expect) -> Result<Option<Event>> {
        loop {
            let waiting = self.buffer.get(self.start..self.end).unwrap_or_default();
            let (event, used) = match framer::next(waiting, expect, self.echo.as_deref()) {
                Step::More { used } => {
                    self.start += used;
                    return Ok(None);
                }
                Step::Overlong => {
                    self.start = self.end;
                    return Err(self.protocol("a line without end"));
                }
                Step::Token { token: Token::Echo, used } => {
                    self.echo = None;
                    (None, used)
                }
                Step::Token { token: Token::Prompt, used } => (Some(Event::Prompt), used),
                Step::Token { token: Token::Header(head), used } => {
                    let head = Line::new(head);
                    trace!("{} < {}…", self.port(), self.shown(head.bytes()));
                    (Some(Event::Header(head)), used)
                }
                Step::Token { token: Token::Line(line), used } => {
                    let line = Line::new(line);
                    self.start += used;
                    trace!("{} < {}", self.port(), self.shown(line.bytes()));
                    match self.sort(line)? {
                        Some(event) => return Ok(Some(event)),
                        None => continue,
                    }
                }
            };
            self.start += used;
            if event.is_some() {
                return Ok(event);
            }
        }
    }

    /// Decides what a line is: a final result, something the module says on its own, part of the answer, or noise.
    fn sort(&mut self, line: Line) -> Result<Option<Event>> {
        let reply = line.reply();
        if let Reply::Final(result) = &reply {
            if self.pending.is_none() {
                // It answers a command that was given up: it belongs to nobody.
                debug!("{}: ignored a late {}", self.port(), self.shown(line.bytes()));
                return Ok(None);
            }
            self.echo = None;
            // Behind CONNECT the payload follows, and only then the end of the exchange.
            if !matches!(result, FinalResult::Connect(_)) {
                self.pending = None;
            }
            return self.finished(result).map(Some);
        }
        let is_answer = match (self.pending.as_ref().map(|pending| pending.answer), &reply) {
            (Some(Answer::Any), _) => true,
            (Some(Answer::Prefix(prefix) | Answer::Read(prefix)), Reply::Information(line)) => line.prefix == prefix,
            (Some(Answer::Either(one, other)), Reply::Information(line)) => line.prefix == one || line.prefix == other,
            _ => false,
        };
        // What a module says on its own may look just like the value that was asked for (`+MIPCALL: 0`).
        let is_value = is_answer && matches!(self.pending, Some(Pending { answer: Answer::Read(_) }));
        if !is_value {
            self.alarm(&line)?;
            if self.rule(&line).is_some() {
                if let Some(lost) = self.kept.push(line) {
                    warn!("{}: too many unsolicited lines, lost {}", self.port(), self.shown(lost.bytes()));
                }
                return Ok(Some(Event::Unsolicited));
            }
        }
        if is_answer {
            return Ok(Some(Event::Information(line)));
        }
        debug!("{}: nobody waits for {}", self.port(), self.shown(line.bytes()));
        Ok(None)
    }

    /// The rule for a line.
    fn rule(&self, line: &Line) -> Option<&'static Rule> {
        let reply = line.reply();
        self.dialect.rules.iter().find(|rule| rule.pattern.matches(&reply))
    }

    /// Ends the running operation if `line` says that it is over.
    pub(super) fn alarm(&mut self, line: &Line) -> Result<()> {
        let Some(Rule { effect: Effect::Alarm(kind), .. }) = self.rule(line) else { return Ok(()) };
        // Whatever was under way will not be answered any more, or not as if nothing had happened.
        self.mark_out_of_step();
        let said = self.shown(line.bytes());
        warn!("{}: {said}", self.port());
        Err(self.error(*kind, format!("the module said {said}")))
    }

    fn finished(&mut self, result: &FinalResult) -> Result<Event> {
        match result {
            FinalResult::Ok => Ok(Event::Acknowledged),
            FinalResult::Connect(number) => Ok(Event::Connected(*number)),
            FinalResult::Error(code) => Err(self.refused(code)),
            FinalResult::Aborted => {
                // Fibocom L610 FTP guide V1.0.0 §3.2 note 4: the real result may still come later.
                self.mark_out_of_step();
                Err(self.error(ErrorKind::ModuleBusy, "the module gave the command up (ABORT)"))
            }
            FinalResult::NoCarrier => Err(self.error(ErrorKind::ModuleRefused, "NO CARRIER")),
            FinalResult::Call(words) => Err(self.error(ErrorKind::ModuleRefused, *words)),
        }
    }

    fn refused(&self, code: &ErrorCode) -> Error {
        let (kind, meaning) = match (self.dialect.refusal)(code) {
            Some((kind, meaning)) => (kind, Some(meaning)),
            None => (ErrorKind::ModuleRefused, None),
        };
        let coded = |table, value: &String| {
            let value = self.shown(value.as_bytes());
            self.error(kind, "").with_code(ModuleCode { table, value, meaning })
        };
        match code {
            ErrorCode::None => self.error(kind, "the module answered ERROR"),
            ErrorCode::Numbered(value) => coded("ERROR", value),
            ErrorCode::Cme(value) => coded("CME", value),
            ErrorCode::Cms(value) => coded("CMS", value),
            ErrorCode::Cis(value) => coded("CIS", value),
        }
    }

    // ---- input ----

    /// Reads more into the buffer.
    pub(super) fn fill(&mut self, deadline: Deadline) -> Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        loop {
            if self.cancel.as_ref().is_some_and(|flag| flag.swap(false, Ordering::Relaxed)) {
                return Err(self.error(ErrorKind::Cancelled, ""));
            }
            let now = self.now();
            // With somebody who may cancel, a long wait is made of short ones.
            let until = if self.cancel.is_some() { deadline.at.min(now + CANCEL_CHECK) } else { deadline.at };
            let room = self.buffer.get_mut(self.end..).unwrap_or_default();
            if room.is_empty() {
                return Err(self.protocol("more than fits came without being asked for"));
            }
            match self.transport.read(room, until) {
                Ok(count) => {
                    self.end = (self.end + count).min(self.buffer.len());
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::TimedOut && until < deadline.at => {}
                Err(error) => return Err(self.transport_error(error, deadline)),
            }
        }
    }

    /// The answer to the command under way is complete, read in another way than by [`Self::next_event`].
    pub fn settle(&mut self) {
        self.pending = None;
        self.echo = None;
    }

    /// What was read and not yet used.
    pub(super) fn waiting(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Marks the first `count` waiting bytes as used.
    pub(super) fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }

    /// Sorts what has arrived since the last exchange, without waiting for more.
    ///
    /// # Errors
    /// An alarm, a lost port.
    pub fn look(&mut self) -> Result<()> {
        if self.out_of_step {
            // The next command brings host and module back into step first.
            return Ok(());
        }
        let deadline = self.deadline(Phase::Acknowledgement, Duration::ZERO);
        loop {
            while self.next_waiting_event(Expect::Line)?.is_some() {}
            match self.fill(deadline) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Timeout => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads and drops everything until `until`.
    pub(super) fn drop_input(&mut self, until: Instant) -> Result<()> {
        let deadline = Deadline { at: until, limit: Duration::ZERO, phase: Phase::Resynchronisation };
        loop {
            let dropped = self.end - self.start;
            if dropped > 0 {
                trace!("{} < {dropped} bytes dropped", self.port());
            }
            self.start = self.end;
            match self.fill(deadline) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Timeout => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    // ---- recovery ----

    /// Makes sure that the next answer is the answer to the next command.
    ///
    /// It asks `ATI`, whose answer cannot be mistaken for that of any other command once its first line is known. Before that
    /// it asks `AT` and believes the answer when the line stays quiet after it.
    ///
    /// # Errors
    /// A time-out of [`Phase::Resynchronisation`] when the module does not answer as it should.
    pub fn resynchronise(&mut self) -> Result<()> {
        debug!("{}: resynchronising", self.port());
        let interrupted = std::mem::take(&mut self.last_command);
        self.pay().map_err(|error| error.at_command(&interrupted).module_left_unusable())?;
        for _ in 0..PROBES {
            // Sent directly: `start` would come back here.
            self.out_of_step = false;
            let (line, answer) =
                if self.signature.is_some() { (&b"ATI\r"[..], Answer::Any) } else { (&b"AT\r"[..], Answer::Any) };
            self.send_line(line)?;
            self.pending = Some(Pending { answer });
            self.echo = Some(line.to_vec());
            let outcome = if self.signature.is_some() { self.await_signature() } else { self.await_quiet() };
            match outcome {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) if error.kind() == ErrorKind::Timeout => {}
                Err(error) => return Err(error),
            }
        }
        self.mark_out_of_step();
        Err(Error::timeout(Phase::Resynchronisation, PROBE_LIMIT * PROBES)
            .at_command(&interrupted)
            .module_left_unusable())
    }

    /// Makes up payload that was promised and not sent.
    fn pay(&mut self) -> Result<()> {
        const FILLER: [u8; 4096] = [0; 4096];
        while self.owed > 0 {
            let count = usize::try_from(self.owed).map_or(FILLER.len(), |owed| owed.min(FILLER.len()));
            let limit = SEND_LIMIT + self.line_time(count as u64);
            let deadline = self.deadline(Phase::Resynchronisation, limit);
            self.send(FILLER.get(..count).unwrap_or_default(), deadline)?;
            self.owed -= count as u64;
        }
        Ok(())
    }

    /// Waits for the known answer to `ATI`, through whatever late lines come before it.
    fn await_signature(&mut self) -> Result<bool> {
        let deadline = self.deadline(Phase::Resynchronisation, PROBE_LIMIT);
        let mut recognised = false;
        loop {
            match self.next_event(Expect::Line, deadline) {
                Ok(Event::Information(line)) => {
                    recognised |= self.signature.as_deref().is_some_and(|known| line.bytes().ends_with(known));
                }
                Ok(Event::Acknowledged) if recognised => return Ok(true),
                // A final result of the exchange that was given up: the probe's own is still to come.
                Ok(Event::Acknowledged | Event::Connected(_)) => self.pending = Some(Pending { answer: Answer::Any }),
                Ok(Event::Unsolicited | Event::Prompt | Event::Header(_)) => {}
                Err(error) if self.out_of_step || error.kind() == ErrorKind::Timeout => return Err(error),
                Err(_) => self.pending = Some(Pending { answer: Answer::Any }),
            }
        }
    }

    /// Waits for `OK` and a quiet line after it.
    fn await_quiet(&mut self) -> Result<bool> {
        let deadline = self.deadline(Phase::Resynchronisation, PROBE_LIMIT);
        let answered = loop {
            match self.next_event(Expect::Line, deadline) {
                Ok(Event::Acknowledged) => break true,
                Ok(Event::Connected(_)) => break false,
                Ok(_) => {}
                Err(error) if self.out_of_step || error.kind() == ErrorKind::Timeout => return Err(error),
                Err(_) => break false,
            }
        };
        let mut quiet = true;
        let until = self.now() + QUIET;
        loop {
            let deadline = Deadline { at: until, limit: QUIET, phase: Phase::Resynchronisation };
            match self.next_event(Expect::Line, deadline) {
                Err(error) if error.kind() == ErrorKind::Timeout => return Ok(answered && quiet),
                Err(error) => return Err(error),
                Ok(_) => quiet = false,
            }
        }
    }

    /// Asks the module to leave data mode, and makes sure that it did. What the interrupted command has still to say is lost.
    ///
    /// # Errors
    /// A module that does not come back to command mode.
    pub fn escape(&mut self, guard: Duration, flow: Flow) -> Result<()> {
        self.send_escape(guard, flow)?;
        self.mark_out_of_step();
        self.resynchronise()
    }

    /// Ends an upload of unannounced length by `+++` and waits for its acknowledgement, for `limit` at most.
    ///
    /// # Errors
    /// An error result, an alarm, a time-out.
    pub fn escape_to_end(&mut self, guard: Duration, limit: Duration) -> Result<()> {
        self.send_escape(guard, Flow::ToModule)?;
        if self.pending.is_none() {
            return Ok(());
        }
        let deadline = self.deadline(Phase::Acknowledgement, limit);
        self.acknowledgement(deadline).map(drop)
    }

    /// Brings a module that takes everything for data back to command mode, without knowing what it was left in: `+++` with
    /// its guard times, then the bytes that end uncounted data and prompts, then carriage returns enough to make up the longest
    /// block that any dialect counts. In command mode these are empty lines. Nothing is waited for but the guard times.
    ///
    /// # Errors
    /// A port that takes no bytes or is lost.
    pub fn knock(&mut self, guard: Duration) -> Result<()> {
        /// ESC cancels a prompt (3GPP TS 27.005 §3.5), ETX ends Motorola's coded data.
        const ENDS: &[u8] = b"\x1b\x03\r";
        /// China Mobile's blocks are the longest: 4096 bytes.
        const FILLER: [u8; 4096 + 2] = [b'\r'; 4098];
        self.forget_exchange();
        self.send_escape(guard, Flow::ToHost)?;
        self.send_line(ENDS)?;
        self.send_line(&FILLER)?;
        let soon = self.now() + QUIET;
        self.drop_input(soon)
    }

    /// Silence for `guard`, `+++`, silence for `guard`. `flow` says whether payload may still be coming in: it is dropped
    /// then, because nothing in it can be told from the module's own lines.
    fn send_escape(&mut self, guard: Duration, flow: Flow) -> Result<()> {
        debug!("{} > +++", self.port());
        // The guard time runs from when the last payload byte has left, not from when it was written.
        while self.transport.unsent() > 0 {
            let soon = self.now() + Duration::from_millis(10);
            self.listen(soon, flow)?;
        }
        let silence = self.now() + guard;
        self.listen(silence, flow)?;
        self.send_line(b"+++")?;
        let silence = self.now() + guard;
        self.listen(silence, flow)
    }

    /// Sends nothing until `until`, and sorts or drops what comes meanwhile.
    fn listen(&mut self, until: Instant, flow: Flow) -> Result<()> {
        if flow == Flow::ToHost {
            return self.drop_input(until);
        }
        let deadline = Deadline { at: until, limit: Duration::ZERO, phase: Phase::Resynchronisation };
        loop {
            while let Some(event) = self.next_waiting_event(Expect::Line)? {
                debug!("{}: {event:?} while leaving data mode", self.port());
            }
            match self.fill(deadline) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Timeout => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    // ---- messages ----

    /// An error of the command under way.
    pub fn error(&self, kind: ErrorKind, detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
        let error = Error::new(kind, detail);
        if self.last_command.is_empty() { error } else { error.at_command(&self.last_command) }
    }

    /// The error of an answer that the manual does not allow. The exchange is given up with it.
    pub fn protocol(&mut self, detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
        let error = self.error(ErrorKind::Protocol, detail);
        self.mark_out_of_step();
        error
    }

    fn transport_error(&self, error: io::Error, deadline: Deadline) -> Error {
        let error = if error.kind() == io::ErrorKind::TimedOut { deadline.passed() } else { Error::port_lost(error) };
        if self.last_command.is_empty() { error } else { error.at_command(&self.last_command) }
    }

    /// Bytes as text for logs and errors: control characters escaped, secrets masked, length bounded.
    pub fn shown(&self, bytes: &[u8]) -> String {
        const SHOWN: usize = 200;
        let mut masked = mask::masked(bytes, &self.secrets);
        let cut = masked.len() > SHOWN;
        masked.truncate(SHOWN);
        let text: String = String::from_utf8_lossy(&masked).chars().flat_map(escaped).collect();
        if cut { text + "…" } else { text }
    }
}

/// Control characters as their escapes, so that no log or terminal acts on them.
fn escaped(character: char) -> Vec<char> {
    if character.is_control() { character.escape_default().collect() } else { vec![character] }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("port", &self.port())
            .field("out_of_step", &self.out_of_step)
            .finish_non_exhaustive()
    }
}
