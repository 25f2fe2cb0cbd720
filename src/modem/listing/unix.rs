//! Lines in the format of `ls -l`: permissions, links, owner, group, size, date, name.
//!
//! Only two things are common to all servers: the permissions come first, and the size comes directly before the date.
//! Columns between them may be missing, and names of owners and groups may contain blanks. The parser therefore
//! searches for the date. The column before the date is the size, and the text after the date is the name.

mod date;
#[cfg(test)]
mod tests;

use std::iter::successors;

use self::date::DateColumn;
use super::columns::{column, is_blank, is_number, is_overflow, number, skip_blanks, split_once};
use super::meaningful_size;
use crate::modem::{Entry, EntryKind};

/// Number of columns after the permissions among which the size is searched. Owners and groups of several words fit in.
/// A date far inside a long name is not found.
const COLUMNS_SEARCHED: usize = 16;

/// Parses a line that begins with permissions and has a date and a name. `None` for other lines.
pub(super) fn parse(line: &[u8]) -> Option<Entry> {
    let mode = find_mode(line)?;
    let attributes = find_attributes(mode.rest)?;
    let stated_size = number(attributes.size);
    let (name, target) = match mode.kind {
        EntryKind::Link => split_target(attributes.date.name, stated_size),
        _ => (attributes.date.name, None),
    };
    Some(Entry {
        size: meaningful_size(mode.kind, stated_size),
        size_overflows: mode.kind == EntryKind::File && is_overflow(attributes.size),
        modified: attributes.date.modified,
        permissions: Some(mode.permissions),
        target: target.map(<[u8]>::to_vec),
        ..Entry::listed(line, name, mode.kind)
    })
}

/// The first column, `drwxr-xr-x`.
struct Mode<'a> {
    kind: EntryKind,
    permissions: String,
    rest: &'a [u8],
}

/// Finds the permissions. `ls -i` puts the inode before them, and `ls -s` the number of blocks.
fn find_mode<'a>(line: &'a [u8]) -> Option<Mode<'a>> {
    let after_number = |&text: &&'a [u8]| {
        let (field, rest) = column(text)?;
        is_number(field).then_some(skip_blanks(rest))
    };
    successors(Some(skip_blanks(line)), after_number).take(3).find_map(read_mode)
}

fn read_mode(text: &[u8]) -> Option<Mode<'_>> {
    let (letters, rest) = text.split_at_checked(10)?;
    let (kind, permissions) = letters.split_first()?;
    let kind = match kind {
        b'-' => EntryKind::File,
        b'd' => EntryKind::Directory,
        b'l' => EntryKind::Link,
        // Devices, pipes, sockets, Solaris doors and event ports.
        b'b' | b'c' | b'p' | b's' | b'D' | b'P' => EntryKind::Other,
        _ => return None,
    };
    if !permissions.iter().all(|letter| b"-rwxsStTlL".contains(letter)) {
        return None;
    }
    // A mark for a SELinux context, an access control list or extended attributes.
    let rest = match rest {
        [b'.' | b'+' | b'@', rest @ ..] => rest,
        _ => rest,
    };
    // A long link count leaves no room for a blank.
    let next = rest.first()?;
    (is_blank(*next) || next.is_ascii_digit()).then(|| Mode {
        kind,
        permissions: permissions.iter().copied().map(char::from).collect(),
        rest,
    })
}

/// The size column, and the date and name after it.
struct Attributes<'a> {
    size: &'a [u8],
    date: DateColumn<'a>,
}

/// The reason why two columns may not be size and date, although they look like them. The order is from the weakest
/// reason to the strongest.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Doubt {
    Nothing,
    /// No column precedes the size: it may be the link count, followed by an owner named Jan or May.
    SizeIsFirstColumn,
    /// The month is not an English one: a month of another language, or another word.
    ForeignMonth,
    /// The column before the date is not a number: group and size without a blank, a size like `1.5K`, or the `8,0` of
    /// a device.
    SizeIsNotANumber,
}

/// Finds the date with the least doubt. Among equals the first one counts, because a name may look like a date.
fn find_attributes(text: &[u8]) -> Option<Attributes<'_>> {
    successors(column(text), |(_, rest)| column(rest))
        .take(COLUMNS_SEARCHED)
        .enumerate()
        .filter_map(|(position, (size, rest))| {
            let date = DateColumn::read(rest)?;
            let doubt = match (is_number(size), date.is_foreign) {
                (true, false) if position > 0 => Doubt::Nothing,
                (true, false) => Doubt::SizeIsFirstColumn,
                (true, true) if position > 0 => Doubt::ForeignMonth,
                (false, false) => Doubt::SizeIsNotANumber,
                _ => return None,
            };
            Some((doubt, Attributes { size, date }))
        })
        .min_by(|(one, _), (other, _)| one.cmp(other))
        .map(|(_, attributes)| attributes)
}

/// Splits `name -> target`. The size of a link is the length of its target, which decides where name or target contain
/// arrows.
fn split_target(text: &[u8], size: Option<u64>) -> (&[u8], Option<&[u8]>) {
    const ARROW: &[u8] = b" -> ";
    let by_size = || {
        let target_length = usize::try_from(size?).ok()?;
        let (before, target) = text.split_at(text.len().checked_sub(target_length)?);
        Some((before.strip_suffix(ARROW)?, target))
    };
    by_size()
        .or_else(|| split_once(text, ARROW))
        .filter(|(name, target)| !name.is_empty() && !target.is_empty())
        .map_or((text, None), |(name, target)| (name, Some(target)))
}
