//! Where the lines go that the module sends.
//!
//! Invariant: every line that is complete ends in exactly one place ([`Sorted`]): it answers the command in flight,
//! is kept for the operation that it belongs to, reports a loss, is late and dropped, or is unexpected and counted.
//! The inbox does no I/O.

use std::collections::VecDeque;

use super::command::Answer;
use super::line::Line;
use super::reply::{self, FinalResult, Reply};
use super::sink::Sink;
use super::unexpected::Unexpected;
use super::urc::{Effect, Pattern, Rule, STARTING};
use crate::error::ErrorKind;

/// Most lines kept. Of a module that floods the line the oldest are dropped.
const MAX_KEPT: usize = 64;

/// No report of a loss is longer.
const LONGEST_LOSS: usize = 64;

/// What a line is for the command in flight.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sorted {
    /// An information response of the command in flight.
    Answer(Line),
    /// The final result code of the command in flight.
    Final(FinalResult),
    /// An unsolicited result code, kept until its operation takes it.
    Kept,
    /// The report that something is lost: bearer, session, or all of the module's state.
    Lost(ErrorKind, Line),
    /// A final result code of a command that was abandoned: dropped.
    Late(Line),
    /// Neither an answer nor a known unsolicited result code: counted.
    Unexpected(Line),
}

/// Unsolicited result codes, and how much was unexpected.
#[derive(Debug, Default)]
pub struct Inbox {
    rules: &'static [Rule],
    /// Losses that are listened for at present. They come before the rules.
    losses: Vec<(Pattern, ErrorKind)>,
    kept: VecDeque<Line>,
    /// Results that were waited for in vain; they may still come.
    overdue: Vec<Pattern>,
    /// Results of earlier operations, dropped when the next command is sent.
    stale: Vec<Pattern>,
    unexpected: Unexpected,
    /// Number of kept lines that were dropped because too many came.
    dropped: u64,
}

impl Inbox {
    pub(super) fn set_rules(&mut self, rules: &'static [Rule]) {
        self.rules = rules;
    }

    /// Listens for a loss from now on.
    pub fn arm(&mut self, pattern: Pattern, kind: ErrorKind) {
        if !self.losses.contains(&(pattern, kind)) {
            self.losses.push((pattern, kind));
        }
    }

    /// Listens for losses of this kind no longer.
    pub fn disarm(&mut self, kind: ErrorKind) {
        self.losses.retain(|(_, armed)| *armed != kind);
    }

    /// What was unexpected so far.
    pub fn unexpected(&self) -> Unexpected {
        self.unexpected
    }

    /// Decides what `line` is while a command that is answered by `awaiting` is in flight.
    pub(super) fn sort(&mut self, line: Line, awaiting: Option<Answer>) -> Sorted {
        let reply = line.reply();
        if let Reply::Final(result) = reply {
            if awaiting.is_some() {
                return Sorted::Final(result);
            }
            self.unexpected.results += 1;
            return Sorted::Late(line);
        }
        let is_answer = match (awaiting, &reply) {
            (Some(Answer::Any | Answer::Hidden), _) => true,
            (Some(Answer::Prefix(prefix) | Answer::Read(prefix)), Reply::Information(line)) => line.prefix == prefix,
            (Some(Answer::Either(one, other)), Reply::Information(line)) => line.prefix == one || line.prefix == other,
            _ => false,
        };
        // An unsolicited result code may look just like the value that was queried (`+MIPCALL: 0`).
        let is_value = is_answer && matches!(awaiting, Some(Answer::Read(_)));
        match self.effect(&reply).filter(|_| !is_value) {
            Some(Effect::Lose(kind)) => Sorted::Lost(kind, line),
            Some(Effect::Keep) => {
                self.keep(line);
                Sorted::Kept
            }
            None if is_answer => Sorted::Answer(line),
            None => {
                self.unexpected.lines += u64::from(!looks_unsolicited(line.bytes()));
                Sorted::Unexpected(line)
            }
        }
    }

    /// What an unsolicited result code means, if `reply` is one.
    pub(super) fn effect(&self, reply: &Reply<'_>) -> Option<Effect> {
        let lost = self.losses.iter().find(|(pattern, _)| pattern.matches(reply)).map(|(_, kind)| Effect::Lose(*kind));
        lost.or_else(|| self.rules.iter().find(|rule| rule.pattern.matches(reply)).map(|rule| rule.effect))
    }

    /// Whether one of the last lines of a block would report a loss outside the block: then the module may have said it
    /// instead of the payload.
    pub fn would_report_loss(&self, sink: &Sink<'_>) -> bool {
        let mut lines = sink.lines().filter(|line| line.len() <= LONGEST_LOSS);
        lines.any(|line| matches!(self.effect(&reply::parse(line)), Some(Effect::Lose(_))))
    }

    /// Whether `last`, behind which nothing more has come, ends in a final result code or a known unsolicited one.
    pub(super) fn ends_an_exchange(&self, last: &[u8]) -> bool {
        let Some(lines) = last.strip_suffix(b"\r\n") else { return false };
        let Some(start) = lines.windows(2).rposition(|window| window == b"\r\n") else { return false };
        let reply = reply::parse(lines.get(start + 2..).unwrap_or_default());
        matches!(reply, Reply::Final(_)) || self.effect(&reply).is_some()
    }

    fn keep(&mut self, line: Line) {
        if self.kept.len() >= MAX_KEPT {
            self.kept.pop_front();
            self.dropped += 1;
        }
        self.kept.push_back(line);
    }

    /// Takes the number of kept lines that were dropped because too many came.
    pub fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }

    /// Takes the oldest kept line that matches.
    pub fn take(&mut self, pattern: &Pattern) -> Option<Line> {
        let index = self.kept.iter().position(|line| pattern.matches(&line.reply()))?;
        self.kept.remove(index)
    }

    /// Drops every line that matches and comes before the next command has left: it belongs to an earlier operation.
    pub fn forget(&mut self, pattern: &Pattern) {
        while self.take(pattern).is_some() {}
        if !self.stale.contains(pattern) {
            self.stale.push(*pattern);
        }
    }

    /// Drops the results of earlier operations: the next command leaves now.
    pub(super) fn drop_stale(&mut self) {
        while let Some(pattern) = self.stale.pop() {
            while self.take(&pattern).is_some() {}
        }
    }

    /// Notes that the result that `pattern` matches was waited for in vain, and may still come.
    pub(super) fn set_overdue(&mut self, pattern: &Pattern) {
        if !self.overdue.contains(pattern) {
            self.overdue.push(*pattern);
        }
    }

    /// Takes the note that a result is overdue.
    pub(super) fn take_overdue(&mut self, pattern: &Pattern) -> bool {
        let index = self.overdue.iter().position(|waited| waited == pattern);
        index.map(|index| self.overdue.swap_remove(index)).is_some()
    }

    /// Notes that a result that was waited for in vain will not come: this firmware does not send it.
    pub fn not_overdue(&mut self, pattern: &Pattern) {
        self.take_overdue(pattern);
    }

    /// Drops everything: the port was opened again.
    pub(super) fn clear(&mut self) {
        self.kept.clear();
        self.overdue.clear();
    }
}

/// Whether a line has the form of an unsolicited result code (3GPP TS 27.007 §5: `+NAME`; V.250 §6.3.3: `RING`;
/// vendors' own begin with another mark).
pub(super) fn looks_unsolicited(line: &[u8]) -> bool {
    match line {
        [b'+' | b'^' | b'*' | b'%' | b'#' | b'$', name, ..] => name.is_ascii_uppercase(),
        // Noise when a module wakes (seen on ML307).
        [byte] => !byte.is_ascii_graphic(),
        words => words == b"RING" || STARTING.contains(&words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESULT: Pattern = Pattern::Fields("+X", &["1"]);
    const RULES: &[Rule] = &[
        Rule::keep(RESULT),
        Rule::keep(Pattern::Prefix("+CALL")),
        Rule::lose(Pattern::Line("RDY"), ErrorKind::ModuleRestarted),
    ];

    fn inbox() -> Inbox {
        let mut inbox = Inbox::default();
        inbox.set_rules(RULES);
        inbox.arm(Pattern::Fields("+CALL", &["0"]), ErrorKind::BearerLost);
        inbox
    }

    #[test]
    fn every_line_ends_in_exactly_one_place() {
        use ErrorKind::{BearerLost, ModuleRestarted};
        let line = |text: &str| Line::new(text.as_bytes());
        let kept = || Sorted::Kept;
        let answer = |text| Sorted::Answer(line(text));
        let unexpected = |text| Sorted::Unexpected(line(text));
        let cases = [
            ("OK", Some(Answer::Prefix("+X")), Sorted::Final(FinalResult::Ok)),
            ("OK", None, Sorted::Late(line("OK"))),
            ("+X: 2,5", Some(Answer::Prefix("+X")), answer("+X: 2,5")),
            ("+X: 2,5", Some(Answer::Either("+Y", "+X")), answer("+X: 2,5")),
            ("+X: 2,5", Some(Answer::Prefix("+Y")), unexpected("+X: 2,5")),
            ("+X: 2,5", None, unexpected("+X: 2,5")),
            ("+X: 1,0", Some(Answer::Prefix("+X")), kept()),
            ("+X: 1,0", Some(Answer::Any), kept()),
            ("+X: 1,0", Some(Answer::Read("+X")), answer("+X: 1,0")),
            ("+CALL: 1", None, kept()),
            ("+CALL: 0", None, Sorted::Lost(BearerLost, line("+CALL: 0"))),
            ("+CALL: 0", Some(Answer::Read("+CALL")), answer("+CALL: 0")),
            ("RDY", Some(Answer::Any), Sorted::Lost(ModuleRestarted, line("RDY"))),
            ("words", Some(Answer::Any), answer("words")),
            ("words", Some(Answer::Prefix("+X")), unexpected("words")),
        ];
        for (text, awaiting, expected) in cases {
            assert_eq!(inbox().sort(line(text), awaiting), expected, "{text} {awaiting:?}");
        }
    }

    #[test]
    fn what_is_unexpected_is_counted_unless_modules_say_it_on_their_own() {
        for (text, results, lines) in
            [("OK", 1, 0), ("words", 0, 1), ("+CREG: 1", 0, 0), ("^MODE: 17", 0, 0), ("RING", 0, 0), ("\u{1}", 0, 0)]
        {
            let mut inbox = inbox();
            inbox.sort(Line::new(text.as_bytes()), None);
            assert_eq!(inbox.unexpected(), Unexpected { results, lines }, "{text}");
        }
    }

    #[test]
    fn a_loss_that_is_not_armed_is_what_the_rules_say() {
        let mut inbox = inbox();
        inbox.disarm(ErrorKind::BearerLost);
        assert_eq!(inbox.sort(Line::new(b"+CALL: 0"), None), Sorted::Kept);
        assert_eq!(inbox.take(&Pattern::Prefix("+CALL")).unwrap().bytes(), b"+CALL: 0");
    }

    #[test]
    fn a_flood_loses_the_oldest_and_no_memory() {
        let mut inbox = inbox();
        for number in 0..1000 {
            inbox.sort(Line::new(format!("+CALL: 1,{number}").as_bytes()), None);
        }
        assert_eq!(inbox.kept.len(), MAX_KEPT);
        assert_eq!((inbox.take_dropped(), inbox.take_dropped()), (1000 - MAX_KEPT as u64, 0));
        assert_eq!(inbox.take(&Pattern::Prefix("+CALL")).unwrap().bytes(), b"+CALL: 1,936");
        assert_eq!(inbox.take(&Pattern::Prefix("+Y")), None);
    }

    #[test]
    fn what_is_stale_is_dropped_until_the_next_command_leaves() {
        let mut inbox = inbox();
        let result = |inbox: &mut Inbox| inbox.sort(Line::new(b"+X: 1,0"), None);
        result(&mut inbox);
        inbox.forget(&RESULT);
        assert_eq!(inbox.take(&RESULT), None);
        result(&mut inbox);
        inbox.drop_stale();
        assert_eq!(inbox.take(&RESULT), None);
        result(&mut inbox);
        inbox.drop_stale();
        assert!(inbox.take(&RESULT).is_some());
    }
}
