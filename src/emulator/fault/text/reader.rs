//! The words, numbers and strings that plans consist of.

use std::str::FromStr;
use std::time::Duration;

use super::{InvalidPlan, UNITS};

/// The part of a plan that has not been read. Blanks between words are skipped.
pub(super) struct Reader<'a> {
    rest: &'a str,
}

pub(super) type Read<T> = Result<T, InvalidPlan>;

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// Returns the error that the text is not what is `wanted` here.
    pub(super) fn wrong(&self, wanted: &str) -> InvalidPlan {
        InvalidPlan(format!("expected {wanted} at {:?}", self.rest))
    }

    pub(super) fn is_over(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.is_empty()
    }

    /// Skips `sign` if it comes next, and returns whether it does.
    pub(super) fn take(&mut self, sign: &str) -> bool {
        self.rest = self.rest.trim_start();
        let behind = self.rest.strip_prefix(sign);
        self.rest = behind.unwrap_or(self.rest);
        behind.is_some()
    }

    pub(super) fn expect(&mut self, sign: &str) -> Read<()> {
        if self.take(sign) { Ok(()) } else { Err(self.wrong(&format!("{sign:?}"))) }
    }

    /// Reads as many characters as belong together.
    pub(super) fn run(&mut self, belongs: fn(&char) -> bool) -> &'a str {
        self.rest = self.rest.trim_start();
        let length: usize = self.rest.chars().take_while(belongs).map(char::len_utf8).sum();
        let (run, rest) = self.rest.split_at(length);
        self.rest = rest;
        run
    }

    pub(super) fn word(&mut self) -> &'a str {
        self.run(char::is_ascii_alphabetic)
    }

    pub(super) fn number<T: FromStr>(&mut self) -> Read<T> {
        let before = self.rest;
        let number = self.run(char::is_ascii_digit).parse();
        number.map_err(|_| Reader { rest: before }.wrong("a number"))
    }

    /// Reads a number with a unit.
    pub(super) fn time(&mut self) -> Read<Duration> {
        let before = self.rest;
        let number: u64 = self.number()?;
        let name = self.word();
        let unit = UNITS.into_iter().find(|(_, unit)| *unit == name);
        let time = unit.and_then(|(unit, _)| {
            let nanoseconds = u128::from(number).checked_mul(unit)?;
            let seconds = u64::try_from(nanoseconds / 1_000_000_000).ok()?;
            let fraction = u32::try_from(nanoseconds % 1_000_000_000).ok()?;
            Some(Duration::new(seconds, fraction))
        });
        time.ok_or_else(|| Reader { rest: before }.wrong("a time"))
    }

    /// Reads a string in quotes, escaped as in Rust.
    pub(super) fn bytes(&mut self) -> Read<Vec<u8>> {
        let wrong = self.wrong("a string in quotes");
        if !self.take("\"") {
            return Err(wrong);
        }
        let mut bytes = Vec::new();
        let mut characters = self.rest.chars();
        loop {
            match characters.next() {
                Some('"') => break,
                Some('\\') => bytes.push(match characters.next() {
                    Some('r') => b'\r',
                    Some('n') => b'\n',
                    Some('t') => b'\t',
                    Some('0') => 0,
                    Some('x') => {
                        let digits: String = characters.by_ref().take(2).collect();
                        u8::from_str_radix(&digits, 16).map_err(|_| wrong.clone())?
                    }
                    Some(sign @ ('"' | '\'' | '\\')) => sign as u8,
                    _ => return Err(wrong),
                }),
                Some(other) => {
                    let mut space = [0; 4];
                    bytes.extend_from_slice(other.encode_utf8(&mut space).as_bytes());
                }
                None => return Err(wrong),
            }
        }
        self.rest = characters.as_str();
        Ok(bytes)
    }

    /// As [`Reader::bytes`], for a string that is UTF-8.
    pub(super) fn text(&mut self) -> Read<String> {
        let wrong = self.wrong("text");
        String::from_utf8(self.bytes()?).map_err(|_| wrong)
    }
}
