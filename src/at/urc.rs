//! Which lines a module sends on its own, and what each kind of them means.
//!
//! A dialect states its rules as a table. The engine matches every line that is not a final result against it, before it
//! considers the line an answer, so that `+FTPGET: 1,1` is never the answer to `AT+FTPGET=2,…`.

use std::collections::VecDeque;

use super::line::Line;
use super::reply::Reply;
use crate::error::ErrorKind;

/// Which lines a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// The whole line. Up to two junk bytes in front are overlooked, as modules send them while they start.
    Line(&'static str),
    /// An information line with this prefix.
    Prefix(&'static str),
    /// An information line with this prefix whose first fields are these.
    Fields(&'static str, &'static [&'static str]),
}

impl Pattern {
    /// Whether `reply` is such a line.
    pub fn matches(&self, reply: &Reply<'_>) -> bool {
        match (self, reply) {
            (Pattern::Line(text), Reply::Text(line)) => {
                // A letter or digit in front makes it another word.
                let junk = line.strip_suffix(text.as_bytes());
                junk.is_some_and(|junk| junk.len() <= 2 && !junk.iter().any(u8::is_ascii_alphanumeric))
            }
            (Pattern::Prefix(prefix), Reply::Information(line)) => line.prefix == *prefix,
            (Pattern::Fields(prefix, fields), Reply::Information(line)) => {
                line.prefix == *prefix
                    && fields.iter().enumerate().all(|(index, expected)| {
                        line.fields.get(index).is_some_and(|field| field.bytes() == expected.as_bytes())
                    })
            }
            // `+X: DEACT` patterns may also be stated whole.
            (Pattern::Line(_), Reply::Information(_))
            | (Pattern::Prefix(_) | Pattern::Fields(..), Reply::Text(_))
            | (_, Reply::Final(_)) => false,
        }
    }
}

/// What a line means for whatever is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It is kept until the operation it belongs to asks for it.
    Keep,
    /// It ends the running operation at once, with this kind of error.
    Alarm(ErrorKind),
}

/// One row of a dialect's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Which lines.
    pub pattern: Pattern,
    /// What they mean.
    pub effect: Effect,
}

impl Rule {
    /// Lines that are kept for the operation they belong to.
    pub const fn keep(pattern: Pattern) -> Self {
        Rule { pattern, effect: Effect::Keep }
    }

    /// Lines that end the running operation.
    pub const fn alarm(pattern: Pattern, kind: ErrorKind) -> Self {
        Rule { pattern, effect: Effect::Alarm(kind) }
    }
}

/// Most lines kept. A module that floods the line loses the oldest.
const MAX_KEPT: usize = 64;

/// Lines kept until the operation they belong to asks for them.
#[derive(Debug, Default)]
pub(super) struct Queue(VecDeque<Line>);

impl Queue {
    /// Keeps `line`; returns the one that had to go for it, if one had to.
    pub fn push(&mut self, line: Line) -> Option<Line> {
        let lost = if self.0.len() >= MAX_KEPT { self.0.pop_front() } else { None };
        self.0.push_back(line);
        lost
    }

    /// Takes the oldest line that matches.
    pub fn take(&mut self, pattern: &Pattern) -> Option<Line> {
        let index = self.0.iter().position(|line| pattern.matches(&line.reply()))?;
        self.0.remove(index)
    }
}

#[cfg(test)]
mod tests {
    use super::super::reply::parse;
    use super::*;

    #[test]
    fn patterns() {
        let cases: &[(Pattern, &[u8], bool)] = &[
            (Pattern::Line("RDY"), b"RDY", true),
            (Pattern::Line("RDY"), b"?RDY", true),
            (Pattern::Line("RDY"), b"NOT RDY", false),
            (Pattern::Line("RDY"), b"RDY 2", false),
            (Pattern::Prefix("+FTPGET"), b"+FTPGET:1,1", true),
            (Pattern::Prefix("+FTPGET"), b"+FTPGETTOFS: 0,5", false),
            (Pattern::Fields("+FTPGET", &["1"]), b"+FTPGET: 1,0", true),
            (Pattern::Fields("+FTPGET", &["1"]), b"+FTPGET: 2,10", false),
            (Pattern::Fields("+FTPGET", &["1"]), b"+FTPGET: 10", false),
            (Pattern::Fields("+QIURC", &["pdpdeact", "1"]), b"+QIURC: \"pdpdeact\",1", true),
            (Pattern::Fields("+QIURC", &["pdpdeact", "1"]), b"+QIURC: \"pdpdeact\",2", false),
            (Pattern::Fields("+QIURC", &["pdpdeact", "1"]), b"+QIURC: \"pdpdeact\"", false),
            (Pattern::Fields("+SAPBR 1", &["DEACT"]), b"+SAPBR 1:DEACT", true),
            (Pattern::Line("OK"), b"OK", false),
        ];
        for (pattern, line, expected) in cases {
            assert_eq!(pattern.matches(&parse(line)), *expected, "{pattern:?} {}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn a_flood_loses_the_oldest_and_no_memory() {
        let mut queue = Queue::default();
        for number in 0..1000 {
            queue.push(Line::new(format!("+X: {number}").as_bytes()));
        }
        assert_eq!(queue.0.len(), MAX_KEPT);
        assert_eq!(queue.take(&Pattern::Prefix("+X")).unwrap().bytes(), b"+X: 936");
        assert_eq!(queue.take(&Pattern::Prefix("+Y")), None);
    }
}
