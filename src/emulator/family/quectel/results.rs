//! Result lines, and the port that they leave on: Quectel EC2x FTP(S) application note V1.0 §2.17, §3.6 and §5.

use super::failure::{self, Answer, Failure, Refused};
use super::options::{QuectelOptions, TransferRefusal, UrcPort};
use crate::emulator::ResultOrder;
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;

/// What the client reports of its own accord.
///
/// All of it leaves on one port of the module, so that the host sees everything or nothing. A text that was chosen for
/// the result of a command is used once, whatever restarts in between.
pub(super) struct Results {
    port: UrcPort,
    /// The port the host is connected to.
    host: UrcPort,
    /// What of [`QuectelOptions::forced_results`] is not used up.
    forced: Vec<(String, String)>,
    /// [`QuectelOptions::words_in_results`]
    words: bool,
    /// [`QuectelOptions::odd_size_blanks`]
    odd_size_blanks: bool,
}

impl Results {
    pub(super) fn new(options: &QuectelOptions) -> Self {
        Self {
            port: options.initial_urc_port,
            host: options.port,
            forced: options.forced_results.clone(),
            words: options.words_in_results,
            odd_size_blanks: options.odd_size_blanks,
        }
    }

    /// `AT+QURCCFG`; `None` if there is no such form.
    pub(super) fn execute(&mut self, command: &Command<'_>, modem: &mut Modem) -> Option<Answer> {
        match command.form {
            Form::Test => {
                let names = UrcPort::ALL.map(|port| format!("\"{}\"", port.name()));
                modem.line(&format!("+QURCCFG: \"urcport\",({})", names.join(",")));
                modem.ok();
                Some(Ok(()))
            }
            Form::Set => Some(self.choose(command, modem)),
            _ => None,
        }
    }

    fn choose(&mut self, command: &Command<'_>, modem: &mut Modem) -> Answer {
        let mut list = command.parameters()?;
        if list.quoted(1..=20)? != "urcport" {
            return Err(Refused::Malformed);
        }
        if list.len() == 0 {
            modem.line(&format!("+QURCCFG: \"urcport\",\"{}\"", self.port.name()));
        } else {
            let name = list.quoted(1..=20)?;
            list.end()?;
            self.port = UrcPort::ALL.into_iter().find(|port| port.name() == name).ok_or(Refused::Malformed)?;
        }
        modem.ok();
        Ok(())
    }

    /// An unsolicited line.
    pub(super) fn say(&self, text: &str, modem: &mut Modem) {
        if self.port == self.host {
            modem.urc(text);
        }
    }

    /// The result line of a command.
    pub(super) fn report(&mut self, name: &str, result: Result<String, Failure>, modem: &mut Modem) {
        let forced = self.forced.iter().position(|(forced, _)| forced == name);
        if let Some((_, text)) = forced.map(|index| self.forced.remove(index)) {
            self.say(&format!("{name}: {text}"), modem);
            return;
        }
        let words = self.words && modem.basic.cmee == 2;
        let text = match result {
            Ok(value) if name == "+QFTPSIZE" && self.odd_size_blanks => {
                format!("{name}:0, {value}")
            }
            Ok(value) => format!("{name}: 0,{value}"),
            Err(Failure { code, reply }) => match failure::words(code) {
                Some(words_of_code) if words => format!("{name}: {words_of_code}"),
                _ => format!("{name}: {code},{reply}"),
            },
        };
        self.say(&text, modem);
    }

    /// `OK` and a result that is known at once; which of them comes first differs (§2.17 and §3.6).
    pub(super) fn answer(&self, name: &str, value: u64, modem: &mut Modem) {
        let text = format!("{name}: 0,{value}");
        if modem.options.result_order == ResultOrder::OkLast {
            if self.port == self.host {
                modem.line(&text);
            }
            modem.ok();
        } else {
            modem.ok();
            self.say(&text, modem);
        }
    }

    /// A transfer over the serial line that the server, or the network, does not let begin.
    pub(super) fn refuse(&mut self, name: &str, failure: Failure, options: &QuectelOptions, modem: &mut Modem) {
        if failure.is_reported_by_error(options) {
            modem.cme(failure.code);
            return;
        }
        match options.refusal {
            TransferRefusal::Connect => {
                modem.line("CONNECT");
                end_failed(options, modem);
            }
            TransferRefusal::OkThenResult | TransferRefusal::CmeError => modem.ok(),
            TransferRefusal::ResultOnly => modem.finish(),
        }
        self.report(name, Err(failure), modem);
    }
}

/// The end of a command whose result line reports the failure.
pub(super) fn end_failed(options: &QuectelOptions, modem: &mut Modem) {
    if options.ok_before_failure {
        modem.ok();
    } else {
        modem.finish();
    }
}
