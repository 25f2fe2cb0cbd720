//! Lines in the format of DOS and Windows: date, time, size or `<DIR>`, name.

use super::columns::{column, is_blank, is_overflow, name_after, number, skip_blanks, split_once};
use super::meaningful_size;
use super::time::{Clock, modified};
use crate::modem::{Entry, EntryKind, Modified};

/// Width of the column of `<DIR>` and other markers, without the blank that separates it from the name.
const MARKER_WIDTH: usize = 14;

/// Parses a line that begins with date, time and a size or marker. `None` for other lines.
pub(super) fn parse(line: &[u8]) -> Option<Entry> {
    let (date, rest) = column(line)?;
    let date = Date::read(date)?;
    let (clock, rest) = read_clock(rest)?;
    let (attribute, rest) = column(rest)?;
    let kind = kind(attribute)?;
    let (name, target) = match kind {
        EntryKind::File => (name_after(rest)?, None),
        EntryKind::Link => split_target(name_after_marker(attribute, rest)?),
        _ => (name_after_marker(attribute, rest)?, None),
    };
    Some(Entry {
        size: meaningful_size(kind, size(attribute)),
        size_overflows: is_overflow(attribute),
        modified: date.at(clock),
        target: target.map(<[u8]>::to_vec),
        ..Entry::listed(line, name, kind)
    })
}

/// A day as the columns state it, not yet checked: a line with an impossible day is still an entry.
struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Parses `01-31-24`, `01/31/2024`, `31.01.2024` or `2024-01-31`. IIS puts the month before the day in every
    /// country. Dots are used in countries that put the day first.
    fn read(text: &[u8]) -> Option<Self> {
        let separator = *text.iter().find(|byte| !byte.is_ascii_digit())?;
        let mut parts = text.splitn(3, |byte| *byte == separator);
        let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
        let (year, month, day) = match separator {
            b'-' | b'/' if first.len() == 4 => (first, second, third),
            b'-' | b'/' => (third, first, second),
            b'.' => (third, second, first),
            _ => return None,
        };
        let stated = number::<u16>(year)?;
        let year = match (year.len(), stated) {
            (4, _) => stated,
            (2, 70..) => 1900 + stated,
            (2, _) => 2000 + stated,
            _ => return None,
        };
        Some(Self { year, month: number(month)?, day: number(day)? })
    }

    fn at(&self, clock: Clock) -> Option<Modified> {
        modified(Some(self.year), self.month, self.day, clock)
    }
}

/// Parses `15:39`, `03:39PM` or `03:39 PM`. Returns the time and the rest of the line.
fn read_clock(text: &[u8]) -> Option<(Clock, &[u8])> {
    let (time, rest) = column(text)?;
    if let Some((time, half)) = time.split_last_chunk::<2>()
        && let Some(half) = HalfDay::read(half)
    {
        return Some((half.on_24_hours(Clock::read(time)?), rest));
    }
    let clock = Clock::read(time)?;
    let half = column(rest).and_then(|(half, rest)| Some((HalfDay::read(half)?, rest)));
    Some(half.map_or((clock, rest), |(half, rest)| (half.on_24_hours(clock), rest)))
}

#[derive(Clone, Copy)]
enum HalfDay {
    Morning,
    Afternoon,
}

impl HalfDay {
    fn read(text: &[u8]) -> Option<Self> {
        if text.eq_ignore_ascii_case(b"AM") {
            Some(Self::Morning)
        } else if text.eq_ignore_ascii_case(b"PM") {
            Some(Self::Afternoon)
        } else {
            None
        }
    }

    /// Converts to a 24-hour clock. Noon is 12 PM, midnight is 12 AM. Some servers write PM although they count to 24:
    /// hours above 12 remain unchanged.
    fn on_24_hours(self, clock: Clock) -> Clock {
        let hour = match (self, clock.hour) {
            (Self::Morning, 12) => 0,
            (Self::Afternoon, 1..=11) => clock.hour + 12,
            (_, hour) => hour,
        };
        Clock { hour, ..clock }
    }
}

fn kind(attribute: &[u8]) -> Option<EntryKind> {
    match attribute {
        b"<DIR>" => Some(EntryKind::Directory),
        b"<JUNCTION>" | b"<SYMLINK>" | b"<SYMLINKD>" => Some(EntryKind::Link),
        [b'0'..=b'9', more @ ..] => {
            more.iter().all(|byte| byte.is_ascii_digit() || *byte == b',').then_some(EntryKind::File)
        }
        size if is_overflow(size) => Some(EntryKind::File),
        _ => None,
    }
}

/// Parses `1234` or, as `dir` writes it, `1,234`.
fn size(attribute: &[u8]) -> Option<u64> {
    let digits: Vec<u8> = attribute.iter().copied().filter(|byte| *byte != b',').collect();
    number(&digits)
}

/// Returns the name after the marker. The column's width separates its padding from leading blanks of the name. If the
/// server pads less, leading blanks cannot be distinguished and the name begins with its first other character.
fn name_after_marker<'a>(marker: &[u8], marker_end: &'a [u8]) -> Option<&'a [u8]> {
    let padding = MARKER_WIDTH.saturating_sub(marker.len());
    marker_end
        .split_at_checked(padding)
        .filter(|(padding, _)| padding.iter().copied().all(is_blank))
        .and_then(|(_, rest)| name_after(rest))
        .or_else(|| Some(skip_blanks(marker_end)).filter(|name| !name.is_empty()))
}

/// Splits `name [target]`.
fn split_target(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    text.strip_suffix(b"]")
        .and_then(|text| split_once(text, b" ["))
        .filter(|(name, target)| !name.is_empty() && !target.is_empty())
        .map_or((text, None), |(name, target)| (name, Some(target)))
}

#[cfg(test)]
mod tests {
    use crate::modem::listing::tests::check;

    #[test]
    fn lines_of_known_servers_are_parsed() {
        check(&[
            // IIS
            ("01-31-24  03:39PM       <DIR>          inetpub", "dir - 2024-01-31 15:39 'inetpub'"),
            ("04-14-00  03:47AM                  589 readme.htm", "file 589 2000-04-14 03:47 'readme.htm'"),
            (
                "08-22-2018  02:05PM           4294967297 big file.iso",
                "file 4294967297 2018-08-22 14:05 'big file.iso'",
            ),
            ("07-10-13  06:54AM       <DIR>          1400", "dir - 2013-07-10 06:54 '1400'"),
            ("2002-09-02  18:48       <DIR>          docs", "dir - 2002-09-02 18:48 'docs'"),
            ("2002-09-02  19:06                9,730 a.txt", "file 9730 2002-09-02 19:06 'a.txt'"),
            // `dir` of Windows
            ("01/31/2024  03:39 PM    <DIR>          Program Files", "dir - 2024-01-31 15:39 'Program Files'"),
            ("01/31/2024  12:00 AM         1,234,567 pagefile.sys", "file 1234567 2024-01-31 00:00 'pagefile.sys'"),
            (
                "31.01.2024  15:39    <JUNCTION>     Anwendungsdaten [C:\\ProgramData]",
                "link - 2024-01-31 15:39 'Anwendungsdaten' -> 'C:\\ProgramData'",
            ),
            (
                "01-31-24  03:39PM       <SYMLINK>      latest.log [D:\\logs\\1 [a].log]",
                "link - 2024-01-31 15:39 'latest.log' -> 'D:\\logs\\1 [a].log'",
            ),
            ("01-31-24  03:39PM    <SYMLINKD>     logs", "link - 2024-01-31 15:39 'logs'"),
            ("01-31-24  03:39PM    <JUNCTION>     logs []", "link - 2024-01-31 15:39 'logs []'"),
            // Servers that do not align columns
            ("06-29-01 05:38PM <DIR> test4", "dir - 2001-06-29 17:38 'test4'"),
            ("04-05-02 02:18pm 462848 test1.dll", "file 462848 2002-04-05 14:18 'test1.dll'"),
        ]);
    }

    #[test]
    fn two_digit_years_are_1970_to_2069() {
        check(&[
            ("12-31-69  11:59PM  1 a", "file 1 2069-12-31 23:59 'a'"),
            ("01-01-70  12:00AM  1 a", "file 1 1970-01-01 00:00 'a'"),
            ("12-31-99  12:00PM  1 a", "file 1 1999-12-31 12:00 'a'"),
            ("01-01-00  00:00AM  1 a", "file 1 2000-01-01 00:00 'a'"),
            ("01-01-00  13:00PM  1 a", "file 1 2000-01-01 13:00 'a'"),
        ]);
    }

    #[test]
    fn an_impossible_time_or_size_does_not_discard_the_entry() {
        check(&[
            ("31-01-24  03:39PM  1 day first", "file 1 - 'day first'"),
            ("02-30-24  03:39PM  1 a", "file 1 - 'a'"),
            ("01-31-24  03:39PM  18446744073709551616 a", "file - 2024-01-31 15:39 'a'"),
        ]);
    }

    #[test]
    fn blanks_in_names_are_kept() {
        check(&[
            ("01-31-24  03:39PM                  589  a  b ", "file 589 2024-01-31 15:39 ' a  b '"),
            ("01-31-24  03:39PM       <DIR>            a  b ", "dir - 2024-01-31 15:39 '  a  b '"),
            ("01-31-24  03:39PM       <DIR>     a ", "dir - 2024-01-31 15:39 'a '"),
            ("01-31-24  03:39PM                  589 <DIR>", "file 589 2024-01-31 15:39 '<DIR>'"),
            ("01-31-24  03:39PM                  589 a [b]", "file 589 2024-01-31 15:39 'a [b]'"),
        ]);
    }

    #[test]
    fn lines_that_only_resemble_this_format_are_rejected() {
        for line in [
            "01-31-24",
            "01-31-24  03:39PM",
            "01-31-24  03:39PM  589",
            "01-31-24  03:39PM  589 ",
            "01-31-24  03:39PM       <DIR>          ",
            "01-31-24  03:39XM  589 a",
            "01-31-24  25:00  589 a",
            "01-31-024  03:39PM  589 a",
            "01-31  03:39PM  589 a",
            "a-b-c  03:39PM  589 a",
            "01_31_24  03:39PM  589 a",
            "01-31-24  03:39PM  <FILE> a",
            "01-31-24  03:39PM  -1 a",
            "01-31-24  03:39PM  ,589 a",
        ] {
            assert_eq!(super::parse(line.as_bytes()), None, "{line}");
        }
    }
}
