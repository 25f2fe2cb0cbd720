//! The conversation with the server, one request and one answer at a time.

use super::lines::Lines;
use super::options::SizeAnswer;
use super::step::Step;
use crate::emulator::modem::Modem;
use crate::emulator::remote::RemoteError;

impl Step {
    /// Asks the server, and says what it answers.
    pub(super) fn converse(
        &self,
        size_answer: SizeAnswer,
        lines: &Lines,
        modem: &mut Modem,
    ) -> Result<(), RemoteError> {
        let (request, reply) = self.conversation();
        let answer = self.perform(modem.remote.as_mut());
        lines.inform(&request, modem);
        let answer = answer?;
        lines.inform(&format!("{reply} {}", answer.as_deref().unwrap_or_default()), modem);
        let name = self.name();
        match (answer, size_answer) {
            (None, _) => lines.report(name, 1, modem),
            (Some(size), SizeAnswer::InResult) if name == "FTPSIZE" => lines.say(name, &format!("1,{size}"), modem),
            (Some(size), SizeAnswer::Alone) if name == "FTPSIZE" => lines.say(name, &size, modem),
            (Some(text), _) => {
                lines.say(name, &format!("2,{text}"), modem);
                lines.report(name, 1, modem);
            }
        }
        Ok(())
    }
}
