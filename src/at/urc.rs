//! Unsolicited result codes: how a dialect recognises the lines that its modules send on their own, and what each
//! means.
//!
//! The inbox matches every line that is not a final result code against the dialect's table before it takes the line
//! for an answer, so that `+FTPGET: 1,1` is never the answer to `AT+FTPGET=2,…`.

use super::reply::{Information, Reply};
use crate::error::ErrorKind;

/// What modules say while they start, in the words of several vendors.
pub const STARTING: &[&[u8]] = &[b"RDY", b"Call Ready", b"SMS Ready", b"PB DONE", b"AT command ready"];

/// Which lines a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// The whole line. Up to two junk bytes before it are overlooked, as modules send them while they start.
    Line(&'static str),
    /// A line with this prefix.
    Prefix(&'static str),
    /// A line whose prefix is the first of these, followed by one of the others.
    Family(&'static str, &'static [&'static str]),
    /// As [`Pattern::Family`], and the first field is this.
    Reports(&'static str, &'static [&'static str], &'static str),
    /// A line with this prefix whose first fields are these.
    Fields(&'static str, &'static [&'static str]),
    /// A line with this prefix whose first fields are `before`, a number, and `after`. The number is a setting: of a
    /// PDP context, a bearer, a connection.
    Numbered {
        /// The prefix.
        prefix: &'static str,
        /// The fields before the number.
        before: &'static [&'static str],
        /// The number.
        number: u64,
        /// The fields behind the number.
        after: &'static [&'static str],
    },
}

impl Pattern {
    /// Lines with this prefix whose first field is `number`.
    pub const fn of(prefix: &'static str, number: u64) -> Self {
        Pattern::Numbered { prefix, before: &[], number, after: &[] }
    }

    /// Whether `reply` is such a line.
    pub fn matches(&self, reply: &Reply<'_>) -> bool {
        match (self, reply) {
            (Pattern::Line(text), Reply::Text(line)) => {
                // A letter or digit before it makes it another word.
                let junk = line.strip_suffix(text.as_bytes());
                junk.is_some_and(|junk| junk.len() <= 2 && !junk.iter().any(u8::is_ascii_alphanumeric))
            }
            (Pattern::Prefix(prefix), Reply::Information(line)) => line.prefix == *prefix,
            (Pattern::Family(stem, endings), Reply::Information(line)) => {
                line.prefix.strip_prefix(stem).is_some_and(|ending| endings.contains(&ending))
            }
            (Pattern::Reports(stem, endings, first), Reply::Information(line)) => {
                Pattern::Family(stem, endings).matches(reply) && has_fields(line, 0, &[first])
            }
            (Pattern::Fields(prefix, fields), Reply::Information(line)) => {
                line.prefix == *prefix && has_fields(line, 0, fields)
            }
            (Pattern::Numbered { prefix, before, number, after }, Reply::Information(line)) => {
                line.prefix == *prefix
                    && line.number(before.len()) == Some(*number)
                    && has_fields(line, 0, before)
                    && has_fields(line, before.len() + 1, after)
            }
            (_, Reply::Final(_) | Reply::Text(_)) | (Pattern::Line(_), Reply::Information(_)) => false,
        }
    }
}

/// Whether the fields of `line` from `first` on are `expected`.
fn has_fields(line: &Information<'_>, first: usize, expected: &[&str]) -> bool {
    expected.iter().enumerate().all(|(index, expected)| {
        line.fields.get(first + index).is_some_and(|field| field.bytes() == expected.as_bytes())
    })
}

/// What an unsolicited result code means for whatever is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It is kept until the operation that it belongs to takes it.
    Keep,
    /// It ends the running operation at once: something is lost, as this kind of error says.
    Lose(ErrorKind),
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
    /// Lines that are kept for the operation that they belong to.
    pub const fn keep(pattern: Pattern) -> Self {
        Rule { pattern, effect: Effect::Keep }
    }

    /// Lines that end the running operation.
    pub const fn lose(pattern: Pattern, kind: ErrorKind) -> Self {
        Rule { pattern, effect: Effect::Lose(kind) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::reply::parse;
    use super::*;

    #[test]
    fn patterns() {
        const DROPPED: Pattern = Pattern::Numbered { prefix: "+QIURC", before: &["pdpdeact"], number: 1, after: &[] };
        const HUNG_UP: Pattern =
            Pattern::Numbered { prefix: "+MFTPURC", before: &[], number: 2, after: &["conn", "0"] };
        let cases: &[(Pattern, &[u8], bool)] = &[
            (Pattern::Line("RDY"), b"RDY", true),
            (Pattern::Line("RDY"), b"?RDY", true),
            (Pattern::Line("RDY"), b"NOT RDY", false),
            (Pattern::Line("RDY"), b"RDY 2", false),
            (Pattern::Prefix("+FTPGET"), b"+FTPGET:1,1", true),
            (Pattern::Prefix("+FTPGET"), b"+FTPGETTOFS: 0,5", false),
            (Pattern::Family("+FTP", &["GET", "PUT"]), b"+FTPPUT: 1", true),
            (Pattern::Family("+FTP", &["GET", "PUT"]), b"+FTPGETTOFS: 0,5", false),
            (Pattern::Family("+FTP", &["GET", "PUT"]), b"+FTP: 1", false),
            (Pattern::Fields("+FTPGET", &["1"]), b"+FTPGET: 1,0", true),
            (Pattern::Fields("+FTPGET", &["1"]), b"+FTPGET: 2,10", false),
            (Pattern::Fields("+FTPGET", &["1"]), b"+FTPGET: 10", false),
            (DROPPED, b"+QIURC: \"pdpdeact\",1", true),
            (DROPPED, b"+QIURC: \"pdpdeact\",2", false),
            (DROPPED, b"+QIURC: \"pdpdeact\"", false),
            (DROPPED, b"+QIURC: \"recv\",1", false),
            (HUNG_UP, b"+MFTPURC: 2,\"conn\",0", true),
            (HUNG_UP, b"+MFTPURC: 1,\"conn\",0", false),
            (HUNG_UP, b"+MFTPURC: 2,\"conn\",1", false),
            (Pattern::of("+MFTPPWD", 0), b"+MFTPPWD: 0,0,/", true),
            (Pattern::of("+MFTPPWD", 0), b"+MFTPPWD: 1,0,/", false),
            (Pattern::Fields("+SAPBR 1", &["DEACT"]), b"+SAPBR 1:DEACT", true),
            (Pattern::Line("OK"), b"OK", false),
        ];
        for (pattern, line, expected) in cases {
            assert_eq!(pattern.matches(&parse(line)), *expected, "{pattern:?} {}", String::from_utf8_lossy(line));
        }
    }
}
