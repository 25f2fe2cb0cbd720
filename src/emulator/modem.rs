//! The module's inside as a dialect sees it: the serial line, the clock, the timers and the remote side.

use std::collections::BTreeMap;
use std::time::Duration;

use super::basic::state::Basic;
use super::choices::{DataEnd, Spacing};
use super::intake::Intake;
use super::name;
use super::options::Options;
use super::queue::{Queue, Stream, StreamEnd};
use super::remote::Remote;
use super::remote::radio::{Meter, Metered};

pub(crate) enum Event {
    Token(u32),
    Line(String),
}

/// The state of the command line being executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// No command is in progress, and nothing of the line is left to do.
    Idle,
    /// A command is in progress.
    Busy,
    /// It succeeded and the rest of the line is to follow.
    Next,
}

/// What a dialect speaks through.
pub(crate) struct Modem {
    pub(crate) options: Options,
    pub(crate) remote: Box<dyn Remote>,
    pub(crate) basic: Basic,
    /// What commands without an effect have set.
    pub(crate) remembered: BTreeMap<&'static str, String>,
    pub(crate) error_text: fn(u16) -> Option<&'static str>,
    pub(crate) queue: Queue,
    pub(crate) intake: Option<Intake>,
    /// Data mode; stays true while the intake is taken out to be fed.
    pub(crate) in_data: bool,
    pub(crate) progress: Progress,
    /// Whether nothing follows the command in progress on its line.
    pub(crate) last_on_line: bool,
    pub(crate) restart_requested: bool,
    timers: Vec<(Duration, Event)>,
    deferred: Vec<String>,
    now: Duration,
    /// The replies of the server that what is being done has waited for.
    replies: Meter,
    /// When the last final result code was said.
    answered: Option<Duration>,
    after_payload: bool,
    random: u64,
}

impl Modem {
    pub(crate) fn new(
        remote: Box<dyn Remote>,
        options: Options,
        basic: Basic,
        error_text: fn(u16) -> Option<&'static str>,
    ) -> Self {
        let replies = Meter::default();
        let random = options.noise.as_ref().map_or(0, |noise| noise.seed) | 1;
        Self {
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
            timers: Vec::new(),
            deferred: Vec::new(),
            now: Duration::ZERO,
            replies,
            answered: None,
            after_payload: false,
            random,
        }
    }

    /// The time of what is being done now, since power-on.
    pub(crate) fn now(&self) -> Duration {
        self.now.saturating_add(self.waited())
    }

    pub(crate) fn set_now(&mut self, now: Duration) {
        self.now = now;
        self.replies.set(0);
    }

    /// How long what is being done has waited for the server.
    pub(crate) fn waited(&self) -> Duration {
        self.options.reply_time.saturating_mul(self.replies.count())
    }

    /// Does with the remote side what a real module would not have to ask the server for.
    pub(crate) fn unasked<T>(&mut self, ask: impl FnOnce(&mut dyn Remote) -> T) -> T {
        self.unwaited(ask).0
    }

    /// Does something with the remote side without waiting for the replies, and returns their number.
    pub(crate) fn unwaited<T>(&mut self, ask: impl FnOnce(&mut dyn Remote) -> T) -> (T, u32) {
        let before = self.replies.count();
        let answer = ask(self.remote.as_mut());
        let replies = self.replies.count().saturating_sub(before);
        self.replies.set(before);
        (answer, replies)
    }

    /// Waits for so many replies of the server.
    pub(crate) fn wait_for(&self, replies: u32) {
        self.replies.set(self.replies.count().saturating_add(replies));
    }

    /// Blocks the module: what it says from here on comes `time` later, and input waits until then.
    pub(crate) const fn delay(&mut self, time: Duration) {
        self.now = self.now.saturating_add(time);
    }

    /// A line of its own: `\r\n<text>\r\n`.
    pub(crate) fn line(&mut self, text: &str) {
        self.gap();
        let text = self.spaced(text);
        self.bytes(&name::to_bytes(&format!("\r\n{text}\r\n")));
    }

    /// Several lines of one answer, without empty lines between them; none at all says nothing.
    pub(crate) fn lines(&mut self, lines: &[impl AsRef<str>]) {
        let lines: Vec<_> = lines.iter().map(AsRef::as_ref).collect();
        if !lines.is_empty() {
            self.line(&lines.join("\r\n"));
        }
    }

    /// The beginning of a line that goes on with data: `\r\n<text>`.
    pub(crate) fn head(&mut self, text: &str) {
        self.gap();
        let text = self.spaced(text);
        // The data follow the last comma directly (OneMO FTP AT manual V3.1.0 §3.10, UC8088 FTP manual "AT+FTPGET").
        let text = text.trim_end_matches(' ');
        self.bytes(&name::to_bytes(&format!("\r\n{text}")));
    }

    /// The last byte of data has been said, and a final result code follows.
    pub(crate) fn end_data(&mut self, end: DataEnd) {
        if end == DataEnd::OwnLineEnd {
            self.bytes(b"\r\n");
        }
    }

    /// Bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.queue.bytes(self.now(), bytes);
    }

    /// An unsolicited line: waits while a command is in progress or the line is in data mode.
    pub(crate) fn urc(&mut self, text: &str) {
        if self.progress != Progress::Idle || self.in_data {
            self.deferred.push(text.to_owned());
            return;
        }
        let apart = self.answered.map_or(Duration::ZERO, |answered| answered.saturating_add(self.options.result_gap));
        let wait = apart.saturating_sub(self.now());
        if !self.waited().is_zero() || !wait.is_zero() {
            // The module takes commands until the line is due.
            self.urc_after(wait, text);
            return;
        }
        if self.options.blank_before_urc {
            self.bytes(b"\r\n");
        }
        self.line(text);
    }

    /// An unsolicited line after `time`.
    pub(crate) fn urc_after(&mut self, time: Duration, text: &str) {
        let due = self.now().saturating_add(time);
        self.timers.push((due, Event::Line(text.to_owned())));
    }

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
        let words = (self.error_text)(code).or_else(|| Basic::error_text(code));
        match (self.basic.cmee, words) {
            (0, _) => self.error(),
            (2, Some(words)) => self.result(&format!("+CME ERROR: {words}")),
            _ => self.result(&format!("+CME ERROR: {code}")),
        }
    }

    /// Ends the command and its line with any other final line.
    pub(crate) fn result(&mut self, text: &str) {
        self.line(text);
        self.answered = Some(self.now());
        self.finish();
    }

    /// Ends the command and its line without printing anything.
    pub(crate) const fn finish(&mut self) {
        self.progress = Progress::Idle;
    }

    /// Whether a command is in progress.
    pub(crate) fn is_busy(&self) -> bool {
        self.progress == Progress::Busy
    }

    /// Calls the dialect back after `time`; replaces an earlier timer of the same token.
    pub(crate) fn timer(&mut self, token: u32, time: Duration) {
        self.cancel(token);
        self.timers.push((self.now().saturating_add(time), Event::Token(token)));
    }

    /// Calls the dialect back when the network has done one operation.
    pub(crate) fn network_timer(&mut self, token: u32) {
        self.timer(token, self.options.network_latency);
    }

    /// Forgets a timer.
    pub(crate) fn cancel(&mut self, token: u32) {
        self.timers.retain(|(_, event)| !matches!(event, Event::Token(other) if *other == token));
    }

    pub(crate) fn next_timer(&self) -> Option<Duration> {
        self.timers.iter().map(|(due, _)| *due).min()
    }

    /// The earliest timer, the first set of equal ones.
    pub(crate) fn take_timer(&mut self) -> Option<Event> {
        let due = self.next_timer()?;
        let index = self.timers.iter().position(|(time, _)| *time == due)?;
        Some(self.timers.remove(index).1)
    }

    /// Enters data mode: input is payload until `intake` ends it.
    pub(crate) fn receive(&mut self, mut intake: Intake) {
        intake.begin(self.now());
        self.intake = Some(intake);
        self.in_data = true;
    }

    /// Returns to command mode without an end of its own.
    pub(crate) fn leave_data_mode(&mut self) {
        self.intake = None;
        self.in_data = false;
    }

    /// Sends bytes produced as the line drains; the dialect is called when the last one has left.
    pub(crate) fn stream(&mut self, stream: Stream) {
        self.queue.stream(self.now(), stream);
        self.after_payload = true;
    }

    /// Breaks off the stream that is being sent.
    pub(crate) fn stop_stream(&mut self) -> Option<StreamEnd> {
        self.queue.stop_stream()
    }

    /// Power-on state; what was waiting is lost.
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
        self.after_payload = false;
        // A session that cannot be closed any more is as good as closed.
        drop(self.remote.quit());
        self.replies.set(0);
    }

    /// A gap between lines, where an unrelated line may come.
    fn gap(&mut self) {
        let after_payload = std::mem::take(&mut self.after_payload);
        let Some(noise) = &self.options.noise else {
            return;
        };
        if noise.one_in == 0 || (after_payload && !noise.before_result) {
            return;
        }
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        if !self.random.is_multiple_of(noise.one_in.into()) {
            return;
        }
        let choice = (self.random >> 32).checked_rem(noise.lines.len() as u64).unwrap_or(0);
        let line = usize::try_from(choice).ok().and_then(|choice| noise.lines.get(choice));
        if let Some(line) = line {
            let line = format!("\r\n{line}\r\n");
            self.bytes(line.as_bytes());
        }
    }

    fn spaced(&self, text: &str) -> String {
        let Some((name, values)) = text.split_once(':').filter(|(name, _)| is_name(name)) else {
            return text.to_owned();
        };
        let values_bare = values.trim_start_matches(' ');
        match self.options.spacing {
            Spacing::Native => text.to_owned(),
            Spacing::AfterColon => format!("{name}: {values_bare}"),
            Spacing::None => format!("{name}:{values_bare}"),
            Spacing::AfterCommas => {
                let mut quoted = false;
                let mut spaced = format!("{name}: ");
                let mut characters = values_bare.chars().peekable();
                while let Some(character) = characters.next() {
                    quoted ^= character == '"';
                    spaced.push(character);
                    // What follows the last comma of a head is data.
                    if character == ',' && !quoted && characters.peek().is_some() {
                        spaced.push(' ');
                    }
                }
                spaced
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
