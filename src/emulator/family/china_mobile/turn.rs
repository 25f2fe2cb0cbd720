//! A connection, and how its commands begin and end.

use super::code::result;
use super::connection::{Connection, Entry, EntryKind, Issued, Job, Task};
use super::lines::{result_line, say};
use super::options::ChinaMobileOptions;
use super::storage::Flash;
use super::verb::{Request, Source, Verb};
use super::{LOSS, token};
use crate::emulator::choices::ResultOrder;
use crate::emulator::modem::Modem;

/// A connection, and what it needs of the module to go on.
pub(super) struct Turn<'a> {
    pub(super) id: usize,
    pub(super) connection: &'a mut Connection,
    /// Whether no connection uses the module's own client.
    pub(super) shared_is_free: bool,
    pub(super) options: &'a mut ChinaMobileOptions,
    pub(super) storage: &'a mut Flash,
    /// Pieces of downloads since power-on.
    pub(super) pieces: &'a mut u32,
    pub(super) modem: &'a mut Modem,
}

impl Turn<'_> {
    /// Occupies the connection with a task; `OK` comes now, or with its result.
    pub(super) fn start(&mut self, verb: Verb, task: Task) {
        let in_command = result_comes_first(&task, self.modem);
        let code = take_code(&mut self.options.results, verb);
        self.occupy(Issued { verb, in_command }, code.map_or(task, Task::Fixed));
        if !in_command {
            self.modem.ok();
            if self.options.progress_line {
                self.say(&result_line(self.id, verb, result::PROGRESS), false);
            }
        }
        let patience = self.connection.config.patience();
        self.modem.timer(token(self.id), self.modem.options.network_latency.min(patience));
    }

    pub(super) fn occupy(&mut self, issued: Issued, task: Task) {
        self.connection.job = Some(Job { issued, task });
    }

    /// The connection breaks while nobody expects it.
    pub(super) fn break_off(&mut self) {
        if !self.connection.is_open {
            return;
        }
        self.connection.lose();
        let job = self.connection.job.take();
        self.modem.timers.cancel(token(self.id));
        let is_transparent = |entry: &mut Entry| matches!(entry.kind, EntryKind::Transparent { .. });
        if let Some(Entry { verb, kind: EntryKind::Transparent { sent, .. } }) =
            self.connection.entry.take_if(is_transparent)
        {
            self.break_through(verb, sent);
        } else if let Some(job) = job {
            self.fail(job.issued, result::NETWORK);
        } else {
            self.report_loss();
        }
    }

    /// Ends transparent mode because the connection has failed.
    pub(super) fn break_through(&mut self, verb: Verb, sent: u64) {
        self.modem.leave_data_mode();
        self.modem.finish();
        self.conclude(Issued { verb, in_command: false }, result::TRANSPARENT, &format!(",{sent}"));
    }

    /// The result line of a command that came to nothing.
    pub(super) fn fail(&mut self, issued: Issued, code: u8) {
        self.conclude(issued, code, if issued.verb.is_upload() { ",0" } else { "" });
    }

    /// The last result line of a command.
    pub(super) fn conclude(&mut self, issued: Issued, code: u8, fields: &str) {
        if take(&mut self.options.lost_results, issued.verb, String::as_str).is_none() {
            let line = format!("{}: {},{code}{fields}", issued.verb.name(), self.id);
            self.say(&line, issued.in_command);
        }
        self.release(issued);
    }

    /// The connection is free again.
    pub(super) fn release(&mut self, issued: Issued) {
        if issued.in_command {
            self.modem.ok();
        }
        self.report_loss();
    }

    /// Reports a connection that broke.
    pub(super) fn report_loss(&mut self) {
        if std::mem::take(&mut self.connection.is_lost) {
            self.modem.timers.cancel(LOSS + token(self.id));
            self.say(&format!("+MFTPURC: {},\"conn\",0", self.id), false);
        }
    }

    pub(super) fn say(&mut self, text: &str, in_command: bool) {
        say(self.options, text, in_command, self.modem);
    }
}

fn result_comes_first(task: &Task, modem: &Modem) -> bool {
    match modem.options.result_order {
        ResultOrder::OkFirst => false,
        ResultOrder::OkLast => true,
        // The sessions of §4.1 show it so for files of the module only.
        ResultOrder::Native => matches!(task, Task::Request(Request::Upload { source: Source::File(_), .. })),
    }
}

/// The first thing planned for `verb`.
fn take<T>(planned: &mut Vec<T>, verb: Verb, name: impl Fn(&T) -> &str) -> Option<T> {
    let index = planned.iter().position(|plan| name(plan).eq_ignore_ascii_case(verb.name()))?;
    Some(planned.remove(index))
}

/// The code planned for the next `verb`.
pub(super) fn take_code<T>(planned: &mut Vec<(String, T)>, verb: Verb) -> Option<T> {
    take(planned, verb, |(name, _)| name).map(|(_, code)| code)
}
