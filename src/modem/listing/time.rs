//! Dates and times of day, checked against the calendar and the clock.

use super::columns::{is_number, number};
use crate::modem::{Modified, Precision};

/// A time of day, with the precision of the listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    pub(super) precision: Precision,
}

impl Clock {
    /// The listing states only the day.
    pub(super) const UNKNOWN: Self = Self { hour: 0, minute: 0, second: 0, precision: Precision::Day };

    /// Parses `1:23`, `12:34`, `12:34:56` or `12:34:56.789`. The fraction is discarded.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let mut parts = text.splitn(3, |byte| *byte == b':');
        let hour = parts.next().filter(|hour| hour.len() <= 2)?;
        let minute = parts.next().and_then(two_digits)?;
        let second = match parts.next() {
            Some(seconds) => Some(whole_seconds(seconds)?),
            None => None,
        };
        Self::checked(number(hour)?, minute, second)
    }

    fn checked(hour: u8, minute: u8, second: Option<u8>) -> Option<Self> {
        let clock = Self {
            hour,
            minute,
            second: second.unwrap_or(0),
            precision: second.map_or(Precision::Minute, |_| Precision::Second),
        };
        // 60 is a leap second.
        (hour <= 23 && minute <= 59 && clock.second <= 60).then_some(clock)
    }
}

fn whole_seconds(text: &[u8]) -> Option<u8> {
    let (seconds, fraction) = text.split_at_checked(2)?;
    is_fraction(fraction).then(|| number(seconds))?
}

fn is_fraction(text: &[u8]) -> bool {
    text.is_empty() || text.strip_prefix(b".").is_some_and(is_number)
}

fn two_digits(text: &[u8]) -> Option<u8> {
    number(text).filter(|_| text.len() == 2)
}

/// Returns the time, or `None` if the day does not exist. Without a year, 29 February is accepted.
pub(super) fn modified(year: Option<u16>, month: u8, day: u8, clock: Clock) -> Option<Modified> {
    let days_of_month = match month {
        2 if year.is_none_or(is_leap) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days_of_month).contains(&day).then_some(Modified {
        year,
        month,
        day,
        hour: clock.hour,
        minute: clock.minute,
        second: clock.second,
        precision: clock.precision,
    })
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Parses `YYYYMMDDHHMMSS[.sss]`, the time value of MDTM and MLSD (RFC 3659 §2.3). The fraction is discarded.
pub(crate) fn timestamp(digits: &[u8]) -> Option<Modified> {
    let (stamp, fraction) = digits.split_at_checked(14)?;
    let ([century, year, month, day, hour, minute, second], []) = stamp.as_chunks::<2>() else {
        return None;
    };
    if !is_fraction(fraction) {
        return None;
    }
    let year = number::<u16>(century)? * 100 + number::<u16>(year)?;
    let clock = Clock::checked(number(hour)?, number(minute)?, Some(number(second)?))?;
    modified(Some(year), number(month)?, number(day)?, clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_has_two_or_three_fields_in_range() {
        let read = |text: &str| {
            let clock = Clock::read(text.as_bytes())?;
            Some((clock.hour, clock.minute, clock.second, clock.precision))
        };
        assert_eq!(read("1:23"), Some((1, 23, 0, Precision::Minute)));
        assert_eq!(read("00:00"), Some((0, 0, 0, Precision::Minute)));
        assert_eq!(read("23:59:60"), Some((23, 59, 60, Precision::Second)));
        assert_eq!(read("12:34:56.789"), Some((12, 34, 56, Precision::Second)));
        for wrong in [
            "",
            ":",
            "12",
            "12:",
            ":34",
            "12:3",
            "12:345",
            "123:45",
            "24:00",
            "12:60",
            "12:34:",
            "12:34:5",
            "12:34:61",
            "12:34:56.",
            "12:34:56.x",
            "12:34:56:78",
            "-1:23",
            "ab:cd",
            "12.34",
            "1２:34",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_timestamp_has_14_digits_and_names_an_existing_time() {
        let expected = Modified {
            year: Some(2024),
            month: 2,
            day: 29,
            hour: 23,
            minute: 59,
            second: 60,
            precision: Precision::Second,
        };
        assert_eq!(timestamp(b"20240229235960"), Some(expected));
        assert_eq!(timestamp(b"20240229235960.123456789"), Some(expected));
        for wrong in [
            "",
            "2024",
            "2024022923596",
            "202402292359600",
            "20240229235960.",
            "20240229235960,5",
            "20240229235960.5Z",
            " 20240229235960",
            "20240229 35960",
            "2024-2-2923596",
        ] {
            assert_eq!(timestamp(wrong.as_bytes()), None, "form: {wrong}");
        }
        for wrong in [
            "20230229000000",
            "19000229000000",
            "20240001000000",
            "20241301000000",
            "20240100000000",
            "20240132000000",
            "20240431000000",
            "20240131240000",
            "20240131006000",
            "20240131000061",
        ] {
            assert_eq!(timestamp(wrong.as_bytes()), None, "range: {wrong}");
        }
        assert!(timestamp(b"20000229000000").is_some());
    }
}
