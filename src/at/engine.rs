//! One exchange after the other.
//!
//! The engine owns the port. It sends one command at a time, sorts what comes back into the answer of that command, lines the
//! module sends on its own, and noise, and holds every exchange to one deadline. When an exchange ends without its final
//! result (a time-out, mostly), the engine is *out of step*: before the next command it makes sure that no late answer can be
//! taken for the new one ([`Engine::resynchronise`]).

mod budget;
mod evidence;
mod input;
mod ladder;
mod lines;
mod recovery;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use log::debug;

use budget::Budget;
pub use evidence::Unheard;
use ladder::Ladder;

use super::command::{Answer, Command};
use super::exchange::{Acknowledgement, Deadline, Dialect, Event, Verdict};
use super::framer::Expect;
use super::line::Line;
use super::urc::{Pattern, Queue};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::transport::{Transport, mask};

/// Room for what was read and not yet used: large enough that payload passes in few system calls.
const BUFFER: usize = 64 * 1024;

/// Most lines taken in as the answer to one command. The longest answers in the manuals have about 20.
const MAX_ANSWER_LINES: usize = 256;

/// How long the port may refuse to take a command line. The time on the line itself is added.
const SEND_LIMIT: Duration = Duration::from_secs(5);

/// Longest limit of anything, so that no time overflows.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

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
    /// The command line whose echo may still come; empty where none may.
    echo: Vec<u8>,
    /// The command line last sent, as it may be shown.
    last_command: String,
    out_of_step: bool,
    /// What was sent so far that a module in data mode takes for payload.
    unheard: Unheard,
    /// How many commands have left since payload did.
    behind_payload: u64,
    /// How many bytes have come.
    heard: u64,
    /// How many final results have come that answer nothing.
    strays: u64,
    /// How many lines have come that nobody waits for and that are none of those that modules say on their own.
    unclaimed: u64,
    /// The first line of the answer to `ATI`, by which an answer is known to be that answer.
    signature: Option<Vec<u8>>,
    /// Probes that were sent and not seen answered: a busy module may answer them all at once later.
    unanswered: u32,
    secrets: Vec<Vec<u8>>,
    /// Payload bytes that the module was promised and has not got: it takes whatever comes next for them.
    owed: u64,
    cancel: Option<Arc<AtomicBool>>,
    /// The flag was noticed; what goes on now is the recovery.
    cancelled: bool,
    /// Bytes of a block that were announced and have not come: they are dropped before anything is believed.
    incoming: u64,
    /// Results that were waited for in vain; they may still come.
    overdue: Vec<Pattern>,
    /// What belongs to an earlier operation if it comes before the next command has left.
    stale: Vec<Pattern>,
    /// The caller's own limits for answers and for silences within payload.
    command_limit: Option<Duration>,
    stall_limit: Option<Duration>,
    /// By when everything must be over.
    budget: Option<Budget>,
    /// How lines begin that may lack their line end.
    endless: Option<&'static str>,
    /// How many bytes of line ends stood before the token that came last, and how many have come since.
    blank_before: usize,
    blank: usize,
    /// Whether silence ended the line that came last.
    ended_by_silence: bool,
    ladder: Ladder,
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
            echo: Vec::new(),
            last_command: String::new(),
            out_of_step: false,
            unheard: Unheard::default(),
            behind_payload: 0,
            heard: 0,
            strays: 0,
            unclaimed: 0,
            signature: None,
            unanswered: 0,
            secrets: Vec::new(),
            owed: 0,
            cancel: None,
            cancelled: false,
            incoming: 0,
            overdue: Vec::new(),
            stale: Vec::new(),
            command_limit: None,
            stall_limit: None,
            budget: None,
            endless: None,
            blank_before: 0,
            blank: 0,
            ended_by_silence: false,
            ladder: Ladder::default(),
        }
    }

    /// Sets the flag by which another thread ends what is going on. It is noticed once, so that the recovery is not ended, too,
    /// and taken back when the next operation begins, or another flag takes its place.
    pub fn cancel_with(&mut self, flag: impl Into<Option<Arc<AtomicBool>>>) {
        self.take_back_cancellation();
        self.cancel = flag.into();
    }

    /// Sets what is known about the module's dialect.
    pub fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    /// Sets the line by which the answer to `ATI` is recognised.
    pub fn set_signature(&mut self, line: &[u8]) {
        self.signature = Some(line.to_vec());
    }

    /// Says that lines that begin with `start` may lack their line end: silence or the next such line ends them, too.
    pub fn set_endless(&mut self, start: &'static str) {
        self.endless = Some(start);
    }

    /// The time now, on the transport's clock.
    pub fn now(&self) -> Instant {
        self.transport.now()
    }

    /// Says that everything from now on must be over within `limit`, or lifts that. Bringing the module back to a known state may
    /// take a little longer.
    pub fn set_budget(&mut self, limit: Option<Duration>) {
        self.budget = limit.map(|limit| Budget::new(self.now(), limit));
    }

    /// What is left of the time for everything, if that is limited.
    pub fn budget_left(&self) -> Option<Duration> {
        self.budget.map(|budget| budget.rest(self.now()))
    }

    /// Whether the time for everything is over. A silence that it has cut short teaches nothing about the module.
    pub fn is_out_of_time(&self) -> bool {
        self.budget.is_some_and(|budget| budget.is_spent(self.now()))
    }

    /// Replaces longer limits: `command` for answers and results, `stall` for silences within payload.
    pub fn set_time_limits(&mut self, command: Option<Duration>, stall: Option<Duration>) {
        self.command_limit = command;
        self.stall_limit = stall;
    }

    /// A deadline `limit` from now, or sooner where the caller has set a shorter limit.
    pub fn deadline(&self, phase: Phase, limit: Duration) -> Deadline {
        let own = match phase {
            Phase::Acknowledgement | Phase::Prompt | Phase::Result => self.command_limit,
            Phase::Data => self.stall_limit,
            Phase::Send | Phase::Resynchronisation => None,
        };
        let limit = own.map_or(limit, |own| own.min(limit)).min(LONGEST);
        let limit = match self.budget {
            Some(budget) => limit.min(budget.left(self.now())),
            None => limit,
        };
        Deadline { at: self.now() + limit, limit, phase }
    }

    /// How long `bytes` bytes take on the line at 10 bits a byte; zero where the line's rate does not matter.
    pub fn line_time(&self, bytes: u64) -> Duration {
        match self.transport.line_rate() {
            Some(rate) if rate > 0 => {
                Duration::try_from_secs_f64(bytes as f64 * 10.0 / f64::from(rate)).unwrap_or(LONGEST).min(LONGEST)
            }
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
        self.echo.clear();
    }

    /// Whether an exchange was left in the middle.
    pub fn is_out_of_step(&self) -> bool {
        self.out_of_step
    }

    /// Says that whatever is still to come of the last exchange does not matter.
    pub fn forget_exchange(&mut self) {
        self.out_of_step = false;
        self.pending = None;
        self.echo.clear();
    }

    /// Says that `count` more bytes of payload were promised to the module than it will get: before the next command they are
    /// made up with zeros, because until then the module takes every command for payload.
    pub fn owe(&mut self, count: u64) {
        self.owed = count;
        self.mark_out_of_step();
    }

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
        self.await_overdue(verdict, verdict_limit)?;
        self.forget(verdict);
        let deadline = self.start(command, Phase::Acknowledgement, limit)?;
        let verdict_deadline = self.deadline(Phase::Result, verdict_limit);
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
            match self.next_event(Expect::Line, deadline) {
                Ok(Event::Unsolicited) => {}
                Ok(event) => return Err(self.protocol(format!("expected the result, got {event:?}"))),
                Err(error) => {
                    if matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Cancelled) {
                        self.overdue.retain(|waited| waited != pattern);
                        self.overdue.push(*pattern);
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Waits for a result that an earlier operation gave up waiting for, so that it is not taken for the next one's.
    fn await_overdue(&mut self, pattern: &Pattern, limit: Duration) -> Result<()> {
        let Some(index) = self.overdue.iter().position(|waited| waited == pattern) else { return Ok(()) };
        self.overdue.remove(index);
        if self.kept.take(pattern).is_some() {
            return Ok(());
        }
        debug!("{}: waiting for the result of an earlier operation", self.port());
        let deadline = self.deadline(Phase::Result, limit);
        match self.verdict(pattern, deadline) {
            Ok(late) => debug!("{}: dropped a late {}", self.port(), self.shown(late.0.bytes())),
            // It will not come any more.
            Err(error) if error.kind() == ErrorKind::Timeout => self.not_overdue(pattern),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Says that a result which was waited for in vain is not late: this firmware does not send it.
    pub fn not_overdue(&mut self, pattern: &Pattern) {
        self.overdue.retain(|waited| waited != pattern);
    }

    /// Takes a kept line that matches, if there is one.
    pub fn take(&mut self, pattern: &Pattern) -> Option<Line> {
        self.kept.take(pattern)
    }

    /// Drops every line that matches and comes before the next command has left: it belongs to an earlier operation.
    pub fn forget(&mut self, pattern: &Pattern) {
        self.drop_kept(pattern);
        if !self.stale.contains(pattern) {
            self.stale.push(*pattern);
        }
    }

    fn drop_kept(&mut self, pattern: &Pattern) {
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
        if let Some(budget) = self.budget.filter(|budget| budget.is_over(self.now())) {
            self.mark_out_of_step();
            return Err(Error::timeout(phase, budget.limit).at_command(parts.shown.text()).module_left_unusable());
        }
        if self.out_of_step {
            self.resynchronise()?;
        }
        self.look()?;
        while let Some(pattern) = self.stale.pop() {
            self.drop_kept(&pattern);
        }
        for secret in parts.secrets {
            if !self.secrets.contains(&secret) {
                self.secrets.push(secret);
                // The longest first, in case one begins like another.
                self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
            }
        }
        debug!("{} > {}", self.port(), parts.shown.text());
        self.last_command.clear();
        self.last_command.push_str(parts.shown.text());
        let line = parts.line.bytes();
        self.behind_payload += 1;
        self.send_line(line)?;
        let time_on_line = self.line_time(line.len() as u64);
        self.pending = Some(Pending { answer: parts.answer });
        self.await_echo(line);
        Ok(self.deadline(phase, limit + time_on_line))
    }

    /// Says that the echo of `line` may come.
    fn await_echo(&mut self, line: &[u8]) {
        self.echo.clear();
        self.echo.extend_from_slice(line);
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
            let until = self.until_next_check(deadline).map_err(|error| (sent, error))?;
            match self.transport.write(rest, until) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == io::ErrorKind::TimedOut && until < deadline.at => {}
                Err(error) => return Err((sent, self.transport_error(error, deadline))),
            }
        }
        Ok(())
    }

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
        let error = if error.kind() == io::ErrorKind::TimedOut {
            deadline.passed()
        } else {
            // A transport's words may quote what was written (a replay's do).
            let words = self.shown(error.to_string().as_bytes());
            Error::port_lost(io::Error::new(error.kind(), words))
        };
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
