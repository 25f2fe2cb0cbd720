//! The conversation with the server, one request and one answer at a time.

use super::options::SizeAnswer;
use super::state::Fibocom;
use super::step::Step;
use super::transfer::Transfer;
use crate::emulator::modem::Modem;
use crate::emulator::remote::RemoteError;

impl Fibocom {
    pub(super) fn step(&mut self, step: &Step, modem: &mut Modem) {
        let (request, reply) = step.conversation();
        let answer = step.perform(modem.remote.as_mut());
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.lines.inform(&request, modem);
                self.fail(step.name(), &error, modem);
                return;
            }
        };
        if let Step::Restart(offset) = step {
            self.settings.restart_at = Some(*offset);
        }
        self.lines.inform(&request, modem);
        self.lines.inform(&format!("{reply} {}", answer.as_deref().unwrap_or_default()), modem);
        let name = step.name();
        match (answer, self.options.size_answer) {
            (None, _) => self.lines.report(name, 1, modem),
            (Some(size), SizeAnswer::InResult) if name == "FTPSIZE" => {
                self.lines.say(name, &format!("1,{size}"), modem);
            }
            (Some(size), SizeAnswer::Alone) if name == "FTPSIZE" => self.lines.say(name, &size, modem),
            (Some(text), _) => {
                self.lines.say(name, &format!("2,{text}"), modem);
                self.lines.report(name, 1, modem);
            }
        }
    }

    /// An operation failed.
    pub(super) fn fail(&mut self, name: &'static str, error: &RemoteError, modem: &mut Modem) {
        self.transfer = Transfer::None;
        if let RemoteError::Reply { code, text } = error {
            self.lines.inform(&format!("{code} {text}"), modem);
        }
        self.notice(Some(name), error, modem);
    }
}
