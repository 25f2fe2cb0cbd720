//! Whether host and module agree on what comes next.

use std::time::Instant;

use super::command::Answer;
use super::repetition::Repetition;
use super::reply::FinalResult;

/// The command in flight, and what was left of those before it.
///
/// Invariant: echo and repetition are those of the command that is awaited. Without one there is neither.
#[derive(Default)]
pub struct Sync {
    state: State,
    /// The command line whose echo may still come; empty where none may.
    echo: Vec<u8>,
    /// The command line, until the module has said anything about it.
    repetition: Option<Repetition>,
    /// Whether it was sent once more.
    was_repeated: bool,
    /// Number of commands that have left since payload did.
    pub(super) commands_since_payload: u64,
}

/// The three states of host and module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// No command is in flight: the next answer is that of the next command.
    #[default]
    InStep,
    /// One command is in flight; its final result code has not come.
    Awaiting(Answer),
    /// A command was abandoned before its end. Before the next command the module must be probed.
    Lost(Debt),
}

/// What is still outstanding of a command that was abandoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Debt {
    /// Number of payload bytes that the module was promised and did not get: it takes whatever comes next for them.
    pub to_module: u64,
    /// Number of announced bytes that have not come: they are dropped before anything is believed.
    pub from_module: u64,
    /// Number of probes that were not seen answered: a busy module may answer them all at once later.
    pub probes: u32,
}

impl Sync {
    /// Whether a command was abandoned before its end: the next one is preceded by a probe.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self.state, State::Lost(_))
    }

    /// Abandons whatever is in flight: the next command is preceded by a probe. What was outstanding already stays so.
    pub fn lose(&mut self) {
        self.record_debt(self.debt());
    }

    /// As [`Self::lose`], if a command is in flight.
    pub(super) fn lose_in_flight(&mut self) {
        if self.awaiting().is_some() {
            self.lose();
        }
    }

    /// As [`Self::lose`], with what is outstanding.
    pub(super) fn record_debt(&mut self, debt: Debt) {
        self.end(State::Lost(debt));
    }

    /// Notes that the module expects `count` bytes of payload that it will not get: they are sent as padding before the
    /// next command.
    pub fn owe_padding(&mut self, count: u64) {
        self.record_debt(Debt { to_module: count, ..self.debt() });
    }

    /// Ends the command in flight, whose final result code is `result`.
    pub(super) fn finish(&mut self, result: &FinalResult) {
        match result {
            // The payload follows, and only then the end of the exchange.
            FinalResult::Connect(_) => self.forget_echo(),
            // Fibocom L610 FTP guide V1.0.0 §3.2 note 4: the real result may still come later.
            FinalResult::Aborted => {
                self.settle();
                self.lose();
            }
            _ => self.settle(),
        }
    }

    /// Declares host and module in step: whatever is still to come of the last exchange does not matter.
    pub fn settle(&mut self) {
        self.end(State::InStep);
    }

    fn end(&mut self, state: State) {
        self.state = state;
        self.repetition = None;
        self.echo.clear();
    }

    /// What is outstanding; nothing while host and module are in step.
    pub(super) fn debt(&self) -> Debt {
        match self.state {
            State::Lost(debt) => debt,
            State::InStep | State::Awaiting(_) => Debt::default(),
        }
    }

    /// Whether no command is in flight, and nothing is outstanding.
    pub(super) fn is_idle(&self) -> bool {
        self.state == State::InStep
    }

    /// The lines that belong to the command in flight.
    pub(super) fn awaiting(&self) -> Option<Answer> {
        match self.state {
            State::Awaiting(answer) => Some(answer),
            State::InStep | State::Lost(_) => None,
        }
    }

    /// Notes that a command is in flight, and which lines belong to its answer.
    pub(super) fn await_answer(&mut self, answer: Answer) {
        self.state = State::Awaiting(answer);
    }

    /// Notes that the echo of `line` may come.
    pub(super) fn await_echo(&mut self, line: &[u8]) {
        self.echo.clear();
        self.echo.extend_from_slice(line);
    }

    /// The command line whose echo may still come.
    pub(super) fn echo(&self) -> Option<&[u8]> {
        Some(self.echo.as_slice()).filter(|echo| !echo.is_empty())
    }

    /// Notes that the echo has come, or will not.
    pub(super) fn forget_echo(&mut self) {
        self.echo.clear();
    }

    /// Whether the last command was the first one behind payload.
    pub fn is_behind_payload(&self) -> bool {
        self.commands_since_payload == 1
    }

    /// Sets whether the command may be sent once more.
    pub(super) fn allow_repetition(&mut self, repetition: Option<Repetition>) {
        self.repetition = repetition;
        self.was_repeated = false;
    }

    /// Notes that the module has said something about the command, which is not sent once more from now on.
    pub(super) fn forbid_repetition(&mut self) {
        self.repetition = None;
    }

    /// The command in flight, if `result` is a reason to send it once more.
    pub(super) fn take_repetition(&mut self, result: &FinalResult, now: Instant) -> Option<Repetition> {
        let repetition = self.repetition.take().filter(|repetition| repetition.is_due(result, now));
        self.was_repeated |= repetition.is_some();
        repetition
    }

    /// Whether the command was sent once more.
    pub(super) fn was_repeated(&self) -> bool {
        self.was_repeated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_debt_outlives_further_losses_but_not_the_recovery() {
        let debt = Debt { to_module: 5, from_module: 7, probes: 1 };
        let mut sync = Sync::default();
        sync.record_debt(debt);
        sync.lose();
        assert_eq!(sync.debt(), debt);
        for state in [State::InStep, State::Awaiting(Answer::Any)] {
            let mut sync = Sync { state, ..Sync::default() };
            sync.lose();
            assert_eq!(sync.state, State::Lost(Debt::default()), "{state:?}");
        }
    }

    #[test]
    fn nothing_is_left_of_a_command_that_has_ended() {
        for end in [Sync::lose, Sync::settle] {
            let mut sync = Sync::default();
            sync.await_answer(Answer::Any);
            sync.await_echo(b"AT\r");
            end(&mut sync);
            assert_eq!((sync.awaiting(), sync.echo()), (None, None));
        }
    }
}
