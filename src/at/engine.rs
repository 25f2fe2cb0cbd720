//! One exchange after the other.
//!
//! The engine owns the line. It sends one command at a time, which is then a value that borrows the line
//! ([`Exchange`]). When an exchange is abandoned before its end (a time-out, mostly), host and module are *out of
//! step*: before the next command the engine makes sure that no late answer can be taken for the new one
//! ([`Engine::resynchronise`]).

mod escape;
mod recovery;
mod resync;
mod surplus;
#[cfg(test)]
mod tests;

pub(in crate::at) use escape::Escape;
pub use escape::Flow;

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use log::debug;

use super::command::{Answer, Command};
use super::event::{Acknowledgement, ResultLine};
use super::exchange::{Exchange, MAX_ANSWER_LINES};
use super::limits::{Deadline, Limits};
use super::line::Line;
use super::parts::Parts;
use super::repetition::Repetition;
use super::settings::Settings;
use super::sync::Sync;
use super::unexpected::Unexpected;
use super::urc::Pattern;
use super::wire::Wire;
use crate::charset::Charset;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::transport::Transport;
use recovery::RecoveryLog;

/// The AT line engine on one port: a `Wire` that can send commands. It dereferences to its wire.
pub struct Engine {
    wire: Wire,
    /// The first line of the answer to `ATI`, by which an answer is known to be that answer.
    pub signature: Option<Vec<u8>>,
    /// What was unexpected up to the last command, or to the answer to the last probe.
    unexpected: Unexpected,
    /// The steps that bring the module back.
    pub recovery: RecoveryLog,
    /// The charset of names on the server.
    pub charset: Charset,
}

impl Deref for Engine {
    type Target = Wire;

    fn deref(&self) -> &Wire {
        &self.wire
    }
}

impl DerefMut for Engine {
    fn deref_mut(&mut self) -> &mut Wire {
        &mut self.wire
    }
}

impl Engine {
    /// An engine on `transport`.
    pub fn new(transport: Box<dyn Transport>) -> Self {
        Engine {
            wire: Wire { parts: Parts::new(transport) },
            signature: None,
            unexpected: Unexpected::default(),
            recovery: RecoveryLog::default(),
            charset: Charset::UTF_8,
        }
    }

    /// What the program and the dialect set on the line.
    pub fn settings(&mut self) -> Settings<'_> {
        Settings { parts: &mut self.wire.parts }
    }

    /// The caller's time limits.
    pub fn limits(&self) -> &Limits {
        &self.parts.limits
    }

    /// Whether host and module agree on what comes next. Only here, where no command is in flight, it can be changed.
    pub fn sync(&mut self) -> &mut Sync {
        &mut self.wire.parts.sync
    }

    /// Returns the exchange of a command whose final result code may be followed by another one. `answer` tells which
    /// lines belong to it.
    pub fn awaiting(&mut self, answer: Answer, deadline: Deadline) -> Exchange<'_> {
        Exchange::awaiting(&mut self.wire, answer, deadline)
    }

    /// Sends a command, once nothing of an earlier exchange can disturb it. What the module sent in the meantime is
    /// sorted first: a loss among it ends the call before anything is sent. Its answer must come within `limit`;
    /// `phase` names what that is.
    ///
    /// # Errors
    /// A refused argument, a loss, a port that takes no bytes, a module that cannot be brought back into step.
    pub fn send(&mut self, mut command: Command, phase: Phase, limit: Duration) -> Result<Exchange<'_>> {
        command.end(self.charset)?;
        if let Some((phase, limit)) = self.wire.parts.limits.exhausted(self.wire.now()) {
            self.wire.parts.sync.lose();
            return Err(Error::timeout(phase, limit).at_command(command.shown.text()).module_left_unusable());
        }
        if self.wire.parts.sync.is_lost() {
            self.resynchronise()?;
        }
        self.wire.look()?;
        if self.signature.is_some() && self.parts.inbox.unexpected().results > self.unexpected.results {
            // The module has answered more commands than were sent: more answers may follow.
            self.resynchronise()?;
        }
        self.unexpected = self.parts.inbox.unexpected();
        let wire = &mut self.wire;
        wire.parts.inbox.drop_stale();
        wire.parts.report.redactor.learn(command.secrets);
        debug!("{} > {}", wire.parts.link.name(), command.shown.text());
        wire.parts.report.command.clear();
        wire.parts.report.command.push_str(command.shown.text());
        let line = command.line.bytes();
        wire.parts.sync.commands_since_payload += 1;
        wire.parts.write(line)?;
        wire.parts.sync.await_echo(line);
        let line_time = wire.parts.link.line_time(line.len() as u64);
        let sent = wire.now() + line_time;
        // Bytes that were pushed out of payload precede the first command behind it. The only sign of them is that the
        // module does not understand this command.
        let may_repeat = command.is_repeatable && !wire.parts.sync.is_behind_payload();
        wire.parts.sync.allow_repetition(may_repeat.then(|| Repetition::of(command.line, sent)));
        let deadline = wire.deadline(phase, limit + line_time);
        Ok(Exchange::awaiting(wire, command.answer, deadline))
    }

    /// Sends a command and waits for its acknowledgement.
    ///
    /// # Errors
    /// A refused argument, an error result, a loss, a time-out.
    pub fn execute(&mut self, command: Command, limit: Duration) -> Result<Acknowledgement> {
        self.send(command, Phase::Acknowledgement, limit)?.acknowledged()
    }

    /// Sends a command and waits for its final result code. The lines before it are returned also where it is an
    /// error: some dialects give the reason there.
    pub fn answer(&mut self, command: Command, limit: Duration) -> (Vec<Line>, Result<()>) {
        match self.send(command, Phase::Acknowledgement, limit) {
            Ok(exchange) => exchange.answer(MAX_ANSWER_LINES),
            Err(error) => (Vec::new(), Err(error)),
        }
    }

    /// Sends a command and waits for both its acknowledgement, for `limit` at most, and the line that matches
    /// `result`, for `result_limit` at most. They may come in either order. An earlier line that matches belongs to
    /// an earlier operation and is dropped first.
    ///
    /// # Errors
    /// A refused argument, an error result, a loss, a time-out.
    pub fn perform(
        &mut self,
        command: Command,
        limit: Duration,
        result: &Pattern,
        result_limit: Duration,
    ) -> Result<ResultLine> {
        await_overdue(self, result, result_limit)?;
        self.parts.inbox.forget(result);
        let mut exchange = self.send(command, Phase::Acknowledgement, limit)?;
        let deadline = exchange.wire().deadline(Phase::Result, result_limit);
        let _ = exchange.acknowledged()?;
        self.result(result, deadline)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("port", &self.parts.link.name())
            .field("is_out_of_step", &self.parts.sync.is_lost())
            .finish_non_exhaustive()
    }
}

/// Waits for a result that an earlier operation waited for in vain, so that it is not taken for the next one's.
fn await_overdue(engine: &mut Engine, pattern: &Pattern, limit: Duration) -> Result<()> {
    if !engine.parts.inbox.take_overdue(pattern) || engine.parts.inbox.take(pattern).is_some() {
        return Ok(());
    }
    debug!("{}: waiting for the result of an earlier operation", engine.parts.link.name());
    let deadline = engine.deadline(Phase::Result, limit);
    match engine.result(pattern, deadline) {
        Ok(late) => {
            debug!("{}: dropped a late {}", engine.parts.link.name(), engine.parts.report.shown(late.0.bytes()))
        }
        // It will not come any more.
        Err(error) if error.kind() == ErrorKind::Timeout => engine.parts.inbox.not_overdue(pattern),
        Err(error) => return Err(error),
    }
    Ok(())
}
