//! The date of `ls -l`, in the orders and languages that servers use.

use crate::modem::listing::columns::{column, is_number, name_after, number, split_where};
use crate::modem::listing::time::{Clock, modified};
use crate::modem::{Modified, Precision};

const ENGLISH_MONTHS: [&[u8]; 12] =
    [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];

/// A date and the name after it. Text at the end of the line is not a date: it would be the name.
pub(super) struct DateColumn<'a> {
    /// `None` if the name of the month is in an unknown language.
    pub(super) modified: Option<Modified>,
    /// Whether the month is not an English name. It may then be another word.
    pub(super) is_foreign: bool,
    pub(super) name: &'a [u8],
}

impl<'a> DateColumn<'a> {
    /// Parses the date at the beginning of `text`.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        read_numeric(text).or_else(|| read_with_month_name(text))
    }
}

/// Parses `2024-01-31 12:34`, `2024-01-31 12:34:56.000000000 +0100`, and the two forms of `ls --time-style=iso`:
/// `01-31 12:34` and, for old files, `2023-01-31`.
fn read_numeric(text: &[u8]) -> Option<DateColumn<'_>> {
    let (date, rest) = column(text)?;
    let (year, month, day) = read_numeric_day(date)?;
    let (clock, name) = match column_and_name(rest, Clock::read) {
        Some((clock, name)) if clock.precision == Precision::Second => (clock, without_zone(name)),
        Some(clock_and_name) => clock_and_name,
        None => (Clock::UNKNOWN, year.and(padded_name(rest))?),
    };
    Some(DateColumn { modified: Some(modified(year, month, day, clock)?), is_foreign: false, name })
}

fn read_numeric_day(text: &[u8]) -> Option<(Option<u16>, u8, u8)> {
    let mut parts = text.splitn(3, |byte| matches!(byte, b'-' | b'/'));
    match (parts.next()?, parts.next()?, parts.next()) {
        (year, month, Some(day)) if year.len() == 4 => Some((Some(number(year)?), number(month)?, number(day)?)),
        (month, day, None) if month.len() == 2 => Some((None, number(month)?, number(day)?)),
        _ => None,
    }
}

/// Returns the text after a time zone such as `+0100`, or the whole text if the zone is the name.
fn without_zone(text: &[u8]) -> &[u8] {
    let zone = |text: &[u8]| {
        let digits = text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-"))?;
        (digits.len() == 4 && is_number(digits)).then_some(())
    };
    column_and_name(text, zone).map_or(text, |((), name)| name)
}

/// Returns the name after a date without time. `ls` pads such a date with one blank.
fn padded_name(date_end: &[u8]) -> Option<&[u8]> {
    let name = name_after(date_end)?;
    Some(name_after(name).unwrap_or(name))
}

/// Parses `Jan 31 12:34`, `Jan 31  2023`, `Jan 31 12:34:56 2024`, also with the day first, in any case, and in other
/// languages: `31. Mär 12:34`, `févr. 3 2023`, `1月 31 12:34`.
fn read_with_month_name(text: &[u8]) -> Option<DateColumn<'_>> {
    let (first, rest) = column(text)?;
    let (second, rest) = column(rest)?;
    let (month, day) = match (Month::read(first), read_day(second)) {
        (Some(month), Some(day)) => (month, day),
        _ => (Month::read(second)?, read_day(first)?),
    };
    let (year, clock, name) = match column_and_name(rest, Clock::read) {
        Some((clock, name)) if clock.precision == Precision::Second => match column_and_name(name, read_year) {
            Some((year, name)) => (Some(year), clock, name),
            None => (None, clock, name),
        },
        Some((clock, name)) => (None, clock, name),
        None => {
            let (year, name) = column_and_name(rest, read_year)?;
            (Some(year), Clock::UNKNOWN, name)
        }
    };
    let (modified, is_foreign) = match month {
        Month::English(month) => (Some(modified(year, month, day, clock)?), false),
        Month::Numbered(month) => (Some(modified(year, month, day, clock)?), true),
        Month::Unknown => (None, true),
    };
    Some(DateColumn { modified, is_foreign, name })
}

enum Month {
    English(u8),
    /// A number with a unit, as in East Asian languages.
    Numbered(u8),
    /// A word in another language.
    Unknown,
}

impl Month {
    fn read(text: &[u8]) -> Option<Self> {
        let word = text.strip_suffix(b".").unwrap_or(text);
        let is_word = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
        let english = (1..).zip(ENGLISH_MONTHS).find(|(_, name)| word.eq_ignore_ascii_case(name));
        match (english, split_digits(word)) {
            (Some((month, _)), _) => Some(Self::English(month)),
            (None, (b"", word)) => word.iter().all(is_word).then_some(Self::Unknown),
            (None, (digits, unit)) => {
                number(digits).filter(|month| is_foreign_word(unit) && (1..=12).contains(month)).map(Self::Numbered)
            }
        }
    }
}

/// Parses `5`, `05`, `5.` or `5日`.
fn read_day(text: &[u8]) -> Option<u8> {
    let (digits, unit) = split_digits(text);
    let is_unit = matches!(unit, b"" | b".") || is_foreign_word(unit);
    number(digits).filter(|day| is_unit && (1..=31).contains(day))
}

/// Parses `2024` or `2024年`.
fn read_year(text: &[u8]) -> Option<u16> {
    let (digits, unit) = split_digits(text);
    let is_unit = unit.is_empty() || is_foreign_word(unit);
    number(digits).filter(|_| is_unit && digits.len() == 4)
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    split_where(text, |byte| !byte.is_ascii_digit())
}

/// Returns whether the text may be a word of another language than English. The encoding is unknown, so only the first
/// byte counts: later bytes of a character may be in the range of ASCII.
fn is_foreign_word(text: &[u8]) -> bool {
    text.first().is_some_and(|byte| !byte.is_ascii())
}

/// Parses a column and returns it with the name after it. `None` if no name follows, because the column is then the
/// name.
fn column_and_name<T>(text: &[u8], read: impl Fn(&[u8]) -> Option<T>) -> Option<(T, &[u8])> {
    let (column, rest) = column(text)?;
    Some((read(column)?, name_after(rest)?))
}
