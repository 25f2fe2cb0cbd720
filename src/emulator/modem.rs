//! The module's inside as a dialect sees it: the serial line, the clock, the timers and the remote side.

use std::collections::BTreeMap;
use std::time::Duration;

use super::basic::error;
use super::basic::state::Basic;
use super::choices::DataEnd;
use super::clock::Clock;
use super::intake::Intake;
use super::name;
use super::noise::Gaps;
use super::options::Options;
use super::queue::{Queue, Stream};
use super::remote::Remote;
use super::remote::radio::{Meter, Metered};
use super::timers::{Event, Timers};

/// The state of the command line being executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// No command is in progress, and nothing of the line is left to do.
    Idle,
    /// A command is in progress.
    Busy,
    /// The last command succeeded, and the next one of its line is to follow.
    Next,
}

impl Progress {
    pub(crate) fn is_busy(self) -> bool {
        self == Self::Busy
    }
}

/// What a dialect speaks through.
///
/// [`Progress`] and data mode say who may speak: unsolicited lines wait until no command is in progress and no data is
/// transferred.
pub(crate) struct Modem {
    pub(crate) options: Options,
    pub(crate) remote: Box<dyn Remote>,
    pub(crate) basic: Basic,
    /// What commands without an effect have set, by their names.
    pub(crate) remembered: BTreeMap<&'static str, String>,
    pub(crate) error_text: fn(u16) -> Option<&'static str>,
    pub(crate) queue: Queue,
    pub(crate) intake: Option<Intake>,
    /// Whether the module is in data mode: as long as there is an intake.
    pub(crate) in_data: bool,
    pub(crate) progress: Progress,
    /// Whether nothing follows the command in progress on its line.
    pub(crate) last_on_line: bool,
    pub(crate) restart_requested: bool,
    pub(crate) clock: Clock,
    pub(crate) timers: Timers,
    /// Unsolicited lines that wait.
    deferred: Vec<String>,
    /// When the last final result code was printed.
    answered: Option<Duration>,
    gaps: Gaps,
}

impl Modem {
    pub(crate) fn new(
        remote: Box<dyn Remote>,
        options: Options,
        basic: Basic,
        error_text: fn(u16) -> Option<&'static str>,
    ) -> Self {
        let replies = Meter::default();
        Self {
            clock: Clock::new(options.reply_time, &replies),
            gaps: Gaps::new(options.noise.clone()),
            options,
            remote: Metered::wrap(remote, &replies),
            basic,
            remembered: BTreeMap::new(),
            error_text,
            queue: Queue::default(),
            intake: None,
            in_data: false,
            progress: Progress::Idle,
            last_on_line: true,
            restart_requested: false,
            timers: Timers::default(),
            deferred: Vec::new(),
            answered: None,
        }
    }

    /// Prints a line of its own: `\r\n<text>\r\n`.
    pub(crate) fn line(&mut self, text: &str) {
        self.interject();
        let text = self.options.spacing.apply(text);
        self.bytes(&name::to_bytes(&format!("\r\n{text}\r\n")));
    }

    /// Prints several lines of one answer, without empty lines between them. Without lines it prints nothing.
    pub(crate) fn lines(&mut self, lines: &[impl AsRef<str>]) {
        let lines: Vec<_> = lines.iter().map(AsRef::as_ref).collect();
        if !lines.is_empty() {
            self.line(&lines.join("\r\n"));
        }
    }

    /// Prints the beginning of a line that goes on with data: `\r\n<text>`.
    pub(crate) fn head(&mut self, text: &str) {
        self.interject();
        let text = self.options.spacing.apply(text);
        // The data follow the last comma directly (OneMO FTP AT manual V3.1.0 §3.10, UC8088 FTP manual "AT+FTPGET").
        let text = text.trim_end_matches(' ');
        self.bytes(&name::to_bytes(&format!("\r\n{text}")));
    }

    /// Prints a line of [noise](Options::noise), if one comes here.
    fn interject(&mut self) {
        if let Some(line) = self.gaps.next() {
            let line = format!("\r\n{line}\r\n");
            self.bytes(line.as_bytes());
        }
    }

    /// Prints bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.queue.bytes(self.clock.now(), bytes);
    }

    /// Prints an unsolicited line, which waits while a command is in progress or the module is in data mode.
    pub(crate) fn urc(&mut self, text: &str) {
        if self.progress != Progress::Idle || self.in_data {
            self.deferred.push(text.to_owned());
            return;
        }
        let apart = self.answered.map_or(Duration::ZERO, |answered| answered.saturating_add(self.options.result_gap));
        let wait = apart.saturating_sub(self.clock.now());
        if !self.clock.waited().is_zero() || !wait.is_zero() {
            // The module takes commands until the line is due.
            self.urc_after(wait, text);
            return;
        }
        if self.options.blank_before_urc {
            self.bytes(b"\r\n");
        }
        self.line(text);
    }

    /// Prints an unsolicited line after `time`.
    pub(crate) fn urc_after(&mut self, time: Duration, text: &str) {
        let due = self.clock.now().saturating_add(time);
        self.timers.set(due, Event::Line(text.to_owned()));
    }

    /// Prints the unsolicited lines that have waited, if they may come now.
    pub(crate) fn release_deferred(&mut self) {
        if self.progress == Progress::Idle && !self.in_data {
            for text in std::mem::take(&mut self.deferred) {
                self.urc(&text);
            }
        }
    }

    /// Ends the command with `OK`, printed when the whole line is done.
    pub(crate) fn ok(&mut self) {
        if self.last_on_line {
            self.result("OK");
        } else {
            self.progress = Progress::Next;
        }
    }

    /// Ends the command and its line with `ERROR`.
    pub(crate) fn error(&mut self) {
        self.result("ERROR");
    }

    /// Ends the command and its line with an error in the form `AT+CMEE` asks for.
    pub(crate) fn cme(&mut self, code: u16) {
        let words = (self.error_text)(code).or_else(|| error::text(code));
        match (self.basic.cmee, words) {
            (0, _) => self.error(),
            (2, Some(words)) => self.result(&format!("+CME ERROR: {words}")),
            _ => self.result(&format!("+CME ERROR: {code}")),
        }
    }

    /// Ends the command and its line with any other final line.
    pub(crate) fn result(&mut self, text: &str) {
        self.line(text);
        self.answered = Some(self.clock.now());
        self.finish();
    }

    /// Ends the command and its line without printing anything.
    pub(crate) const fn finish(&mut self) {
        self.progress = Progress::Idle;
    }

    /// Calls the dialect back after `time`; replaces an earlier timer of the same token.
    pub(crate) fn timer(&mut self, token: u32, time: Duration) {
        self.timers.cancel(token);
        self.timers.set(self.clock.now().saturating_add(time), Event::Token(token));
    }

    /// Calls the dialect back when the network has done one operation.
    pub(crate) fn network_timer(&mut self, token: u32) {
        self.timer(token, self.options.network_latency);
    }

    /// Enters data mode: input is payload until `intake` ends it.
    pub(crate) fn receive(&mut self, mut intake: Intake) {
        intake.begin(self.clock.now());
        self.intake = Some(intake);
        self.in_data = true;
    }

    /// Returns to command mode. The dialect is not called.
    pub(crate) fn leave_data_mode(&mut self) {
        self.intake = None;
        self.in_data = false;
    }

    /// Sends bytes that are produced as they leave. The dialect is called when the last one has left.
    pub(crate) fn stream(&mut self, stream: Stream) {
        self.queue.stream(self.clock.now(), stream);
        self.gaps.after_payload = true;
    }

    /// Returns to the state after power-on. What was waiting is lost.
    pub(crate) fn reset(&mut self, basic: Basic) {
        self.basic = basic;
        self.remembered.clear();
        self.queue.clear();
        self.timers.clear();
        self.deferred.clear();
        self.leave_data_mode();
        self.progress = Progress::Idle;
        self.restart_requested = false;
        self.answered = None;
        self.gaps.after_payload = false;
        // A session that cannot be closed any more is as good as closed.
        drop(self.remote.quit());
        self.clock.forget();
    }
}

impl DataEnd {
    /// Prints what comes between the data and the final result code.
    pub(crate) fn say(self, modem: &mut Modem) {
        if self == Self::OwnLineEnd {
            modem.bytes(b"\r\n");
        }
    }
}
