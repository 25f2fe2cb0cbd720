//! What the lines that come in mean for the exchange under way.

use log::{debug, trace, warn};

use super::{Engine, Pending};
use crate::at::command::Answer;
use crate::at::exchange::{Deadline, Event};
use crate::at::framer::{self, Expect, Step, Token};
use crate::at::line::Line;
use crate::at::reply::{ErrorCode, FinalResult, Reply};
use crate::at::urc::{Effect, Rule};
use crate::error::{Error, ErrorKind, ModuleCode, Phase, Result};
use std::io;
use std::time::Duration;

/// How long the line end of a line may take that is known to come without one now and then.
const MISSING_LINE_END: Duration = Duration::from_secs(1);

impl Engine {
    /// Waits for the next thing that matters.
    ///
    /// # Errors
    /// An error result, an alarm, a time-out.
    pub fn next_event(&mut self, expect: Expect, deadline: Deadline) -> Result<Event> {
        loop {
            if let Some(event) = self.next_waiting_event(expect)? {
                return Ok(event);
            }
            // Only lines that do not matter have come, but so many of them that the time is over.
            if self.now() > deadline.at {
                if self.pending.is_some() {
                    self.mark_out_of_step();
                }
                return Err(self.transport_error(io::ErrorKind::TimedOut.into(), deadline));
            }
            let is_endless = self.has_endless_line(expect);
            let until = if is_endless { self.deadline(Phase::Data, MISSING_LINE_END) } else { deadline };
            if let Err(error) = self.fill(until) {
                if is_endless && error.kind() == ErrorKind::Timeout {
                    let line = self.waiting().trim_ascii_start();
                    let blank = self.waiting().len() - line.len();
                    let end = self.endless.and_then(|start| glued(line, start.as_bytes())).unwrap_or(line.len());
                    let line = Line::new(line.get(..end).unwrap_or(line));
                    self.consume(blank + end);
                    self.ended_by_silence = true;
                    match self.sort(line)? {
                        Some(event) => return Ok(event),
                        None => continue,
                    }
                }
                if self.pending.is_some() {
                    self.mark_out_of_step();
                }
                return Err(error);
            }
        }
    }

    /// Whether a line has begun that may lack its line end.
    pub(in crate::at) fn has_endless_line(&self, expect: Expect) -> bool {
        let line = self.waiting().trim_ascii_start();
        let may_be_head = match expect {
            Expect::Header(header) => line.starts_with(header.prefix.as_bytes()),
            Expect::Line | Expect::Prompt => false,
        };
        let has_begun = self.endless.is_some_and(|start| line.starts_with(start.as_bytes())) && line.contains(&b':');
        // What begins with a quotation mark does not end with it.
        let is_quoted = line.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
        has_begun
            && !may_be_head
            && !is_quoted
            && line.last().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'"')
    }

    /// What the module has said by now, without waiting; for a look while payload is being sent.
    ///
    /// # Errors
    /// An error result, an alarm, a lost port.
    pub fn glance(&mut self) -> Result<Option<Event>> {
        /// A line may arrive in so many pieces; a module that floods the line is not read for ever.
        const MOST_READS: usize = 64;
        let now = self.deadline(Phase::Data, Duration::ZERO);
        for _ in 0..MOST_READS {
            if let Some(event) = self.next_waiting_event(Expect::Line)? {
                return Ok(Some(event));
            }
            if !self.fill_until(now)? {
                return Ok(None);
            }
        }
        self.next_waiting_event(Expect::Line)
    }

    /// Handles complete tokens that are already in the buffer, up to the first that matters.
    pub(in crate::at) fn next_waiting_event(&mut self, expect: Expect) -> Result<Option<Event>> {
        if let Some(byte) = self.waiting().first().copied().filter(|_| self.ended_by_silence) {
            self.ended_by_silence = false;
            if !matches!(byte, b'\r' | b'\n' | b'+') {
                return Err(self.protocol("a line went on after a silence that seemed to end it"));
            }
        }
        loop {
            let waiting = self.buffer.get(self.start..self.end).unwrap_or_default();
            let echo = Some(self.echo.as_slice()).filter(|echo| !echo.is_empty());
            let blank = waiting.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let step = framer::next(waiting, expect, echo);
            if let Step::Token { .. } = step {
                self.blank_before = std::mem::take(&mut self.blank) + blank;
            }
            let (event, used) = match step {
                Step::More { used } => {
                    self.start += used;
                    self.blank += used;
                    return Ok(None);
                }
                Step::Overlong => {
                    self.start = self.end;
                    return Err(self.protocol("a line without end"));
                }
                Step::Token { token: Token::Echo, used } => {
                    self.echo.clear();
                    (None, used)
                }
                Step::Token { token: Token::Prompt, used } => (Some(Event::Prompt), used),
                Step::Token { token: Token::Header(head), used } => {
                    let head = Line::new(head);
                    trace!("{} < {}…", self.port(), self.shown(head.bytes()));
                    (Some(Event::Header(head)), used)
                }
                Step::Token { token: Token::Line(line), used } => {
                    let end = self.endless.and_then(|start| glued(line, start.as_bytes()));
                    // A line that is glued to this one comes next, with the line end that this one lacks.
                    let used = end.map_or(used, |end| blank + end);
                    let line = Line::new(end.and_then(|end| line.get(..end)).unwrap_or(line));
                    self.start += used;
                    match self.pending {
                        Some(Pending { answer: Answer::Hidden }) => trace!("{} < ***", self.port()),
                        _ => trace!("{} < {}", self.port(), self.shown(line.bytes())),
                    }
                    match self.sort(line)? {
                        Some(event) => return Ok(Some(event)),
                        None => continue,
                    }
                }
            };
            self.start += used;
            if event.is_some() {
                return Ok(event);
            }
        }
    }

    /// Decides what a line is: a final result, something the module says on its own, part of the answer, or noise.
    pub(in crate::at) fn sort(&mut self, line: Line) -> Result<Option<Event>> {
        let reply = line.reply();
        if let Reply::Final(result) = &reply {
            if self.pending.is_none() {
                // It answers a command that was given up: it belongs to nobody.
                self.strays += 1;
                debug!("{}: ignored a late {}", self.port(), self.shown(line.bytes()));
                return Ok(None);
            }
            self.echo.clear();
            // Behind CONNECT the payload follows, and only then the end of the exchange.
            if !matches!(result, FinalResult::Connect(_)) {
                self.pending = None;
            }
            return self.finished(result).map(Some);
        }
        let is_answer = match (self.pending.as_ref().map(|pending| pending.answer), &reply) {
            (Some(Answer::Any | Answer::Hidden), _) => true,
            (Some(Answer::Prefix(prefix) | Answer::Read(prefix)), Reply::Information(line)) => line.prefix == prefix,
            (Some(Answer::Either(one, other)), Reply::Information(line)) => line.prefix == one || line.prefix == other,
            _ => false,
        };
        // What a module says on its own may look just like the value that was asked for (`+MIPCALL: 0`).
        let is_value = is_answer && matches!(self.pending, Some(Pending { answer: Answer::Read(_) }));
        if !is_value {
            let rule = self.rule(&reply);
            self.obey(rule, &line)?;
            if rule.is_some() {
                if let Some(lost) = self.kept.push(line) {
                    warn!("{}: too many unsolicited lines, lost {}", self.port(), self.shown(lost.bytes()));
                }
                return Ok(Some(Event::Unsolicited));
            }
        }
        if is_answer {
            return Ok(Some(Event::Information(line)));
        }
        self.unclaimed += u64::from(!looks_unsolicited(&line));
        debug!("{}: nobody waits for {}", self.port(), self.shown(line.bytes()));
        Ok(None)
    }

    /// The rule for a line.
    pub(super) fn rule(&self, reply: &Reply<'_>) -> Option<&'static Rule> {
        self.dialect.rules.iter().find(|rule| rule.pattern.matches(reply))
    }

    /// Ends the running operation if `line` says that it is over.
    pub(in crate::at) fn alarm(&mut self, line: &Line) -> Result<()> {
        let rule = self.rule(&line.reply());
        self.obey(rule, line)
    }

    fn obey(&mut self, rule: Option<&'static Rule>, line: &Line) -> Result<()> {
        let Some(Rule { effect: Effect::Alarm(kind), .. }) = rule else { return Ok(()) };
        // Whatever was under way will not be answered any more, or not as if nothing had happened.
        self.mark_out_of_step();
        let said = self.shown(line.bytes());
        warn!("{}: {said}", self.port());
        Err(self.error(*kind, format!("the module said {said}")))
    }

    pub(in crate::at) fn finished(&mut self, result: &FinalResult) -> Result<Event> {
        match result {
            FinalResult::Ok => Ok(Event::Acknowledged),
            FinalResult::Connect(number) => Ok(Event::Connected(*number)),
            FinalResult::Error(code) => Err(self.refused(code)),
            FinalResult::Aborted => {
                // Fibocom L610 FTP guide V1.0.0 §3.2 note 4: the real result may still come later.
                self.mark_out_of_step();
                Err(self.error(ErrorKind::ModuleBusy, "the module gave the command up (ABORT)"))
            }
            FinalResult::NoCarrier => Err(self.error(ErrorKind::ModuleRefused, "NO CARRIER")),
            FinalResult::Call(words) => Err(self.error(ErrorKind::ModuleRefused, *words)),
        }
    }

    pub(in crate::at) fn refused(&self, code: &ErrorCode) -> Error {
        let (kind, meaning) = match (self.dialect.refusal)(code) {
            Some((kind, meaning)) => (kind, Some(meaning)),
            None => (ErrorKind::ModuleRefused, None),
        };
        let coded = |table, value: &String| {
            let value = self.shown(value.as_bytes());
            self.error(kind, "").with_code(ModuleCode { table, value, meaning })
        };
        match code {
            ErrorCode::None => self.error(kind, "the module answered ERROR"),
            ErrorCode::Numbered(value) => coded("ERROR", value),
            ErrorCode::Cme(value) => coded("CME", value),
            ErrorCode::Cms(value) => coded("CMS", value),
            ErrorCode::Cis(value) => coded("CIS", value),
        }
    }
}

/// Whether a line has the form of what modules say on their own (3GPP TS 27.007 §5: `+NAME`; V.250 §6.3.3: `RING`; vendors'
/// own begin with another mark).
fn looks_unsolicited(line: &Line) -> bool {
    match line.bytes() {
        [b'+' | b'^' | b'*' | b'%' | b'#' | b'$', name, ..] => name.is_ascii_uppercase(),
        // Noise when a module wakes (seen on ML307).
        [byte] => !byte.is_ascii_graphic(),
        words => matches!(words, b"RING" | b"RDY" | b"Call Ready" | b"SMS Ready" | b"PB DONE"),
    }
}

/// Where in `line` another line begins that starts with `start`, outside quotation marks.
fn glued(line: &[u8], start: &[u8]) -> Option<usize> {
    let mut quoted = false;
    let begins = |index: usize| line.get(index..).is_some_and(|rest| rest.starts_with(start));
    line.iter().enumerate().skip(1).find_map(|(index, byte)| {
        quoted ^= *byte == b'"';
        (!quoted && line.starts_with(start) && begins(index)).then_some(index)
    })
}
