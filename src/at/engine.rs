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

use super::command::Command;
use super::event::{Acknowledgement, ResultLine};
use super::exchange::{Exchange, MAX_ANSWER_LINES};
use super::line::Line;
use super::repetition::Repetition;
use super::report::Refusal;
use super::unexpected::Unexpected;
use super::urc::{Pattern, Rule};
use super::wire::Wire;
use crate::charset::Charset;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::transport::Transport;
use recovery::RecoveryLog;

/// The AT line engine on one port: a [`Wire`] that can send commands. It dereferences to its wire.
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
            wire: Wire::new(transport),
            signature: None,
            unexpected: Unexpected::default(),
            recovery: RecoveryLog::default(),
            charset: Charset::UTF_8,
        }
    }

    /// Sets the dialect's unsolicited result codes, and what the codes behind `+CME ERROR` and its relatives mean.
    pub fn speak(&mut self, rules: &'static [Rule], refusal: Refusal) {
        self.wire.inbox.set_rules(rules);
        self.wire.report.refusal = refusal;
    }

    /// Sends a command, once nothing of an earlier exchange can disturb it. What the module sent in the meantime is
    /// sorted first: a loss among it ends the call before anything is sent. Its answer must come within `limit`;
    /// `phase` names what that is.
    ///
    /// # Errors
    /// A refused argument, a loss, a port that takes no bytes, a module that cannot be brought back into step.
    pub fn send(&mut self, mut command: Command, phase: Phase, limit: Duration) -> Result<Exchange<'_>> {
        command.end(self.charset)?;
        if let Some((phase, limit)) = self.wire.limits.exhausted(self.wire.now()) {
            self.wire.sync.lose();
            return Err(Error::timeout(phase, limit).at_command(command.shown.text()).module_left_unusable());
        }
        if self.wire.sync.is_lost() {
            self.resynchronise()?;
        }
        self.wire.look()?;
        if self.signature.is_some() && self.inbox.unexpected().results > self.unexpected.results {
            // The module has answered more commands than were sent: more answers may follow.
            self.resynchronise()?;
        }
        self.unexpected = self.inbox.unexpected();
        let wire = &mut self.wire;
        wire.inbox.drop_stale();
        wire.report.redactor.learn(command.secrets);
        debug!("{} > {}", wire.link.name(), command.shown.text());
        wire.report.command.clear();
        wire.report.command.push_str(command.shown.text());
        let line = command.line.bytes();
        wire.commands_since_payload += 1;
        wire.write(line)?;
        wire.sync.await_echo(line);
        let line_time = wire.link.line_time(line.len() as u64);
        let sent = wire.now() + line_time;
        // Bytes that were pushed out of payload stand before the first command behind it: that it is not understood is
        // the only sign of them.
        let may_repeat = command.is_repeatable && wire.commands_since_payload > 1;
        wire.sync.allow_repetition(may_repeat.then(|| Repetition::of(command.line, sent)));
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
        self.await_overdue(result, result_limit)?;
        self.inbox.forget(result);
        let mut exchange = self.send(command, Phase::Acknowledgement, limit)?;
        let deadline = exchange.wire().deadline(Phase::Result, result_limit);
        let _ = exchange.acknowledged()?;
        self.result(result, deadline)
    }

    /// Waits for a result that an earlier operation waited for in vain, so that it is not taken for the next one's.
    fn await_overdue(&mut self, pattern: &Pattern, limit: Duration) -> Result<()> {
        if !self.inbox.take_overdue(pattern) || self.inbox.take(pattern).is_some() {
            return Ok(());
        }
        debug!("{}: waiting for the result of an earlier operation", self.link.name());
        let deadline = self.deadline(Phase::Result, limit);
        match self.result(pattern, deadline) {
            Ok(late) => debug!("{}: dropped a late {}", self.link.name(), self.report.shown(late.0.bytes())),
            // It will not come any more.
            Err(error) if error.kind() == ErrorKind::Timeout => self.inbox.not_overdue(pattern),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("port", &self.link.name())
            .field("is_out_of_step", &self.sync.is_lost())
            .finish_non_exhaustive()
    }
}
