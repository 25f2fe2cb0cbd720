//! Lines as `ls -l` writes them: permissions, links, owner, group, size, date, name.
//!
//! Only the permissions (first) and the size before the date (in the middle) are dependable. Between them columns are
//! missing, and owners and groups have blanks in their names. So the date is looked for, the size is what stands before
//! it, and the name all that follows it.

mod date;
#[cfg(test)]
mod tests;

use std::iter::successors;

use self::date::DateColumn;
use super::columns::{column, is_blank, is_number, number, skip_blanks, split_once};
use super::meaningful_size;
use crate::modem::{Entry, EntryKind};

/// How many columns after the permissions may be the size. Owners and groups of several words fit in; a date deep in a
/// long name is not looked for.
const COLUMNS_SEARCHED: usize = 16;

/// Understands a line, if it begins with permissions and has a date and a name.
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
        modified: attributes.date.modified,
        permissions: Some(mode.permissions),
        target: target.map(<[u8]>::to_vec),
        ..Entry::new(line, name, mode.kind)
    })
}

/// The first column, `drwxr-xr-x`.
struct Mode<'a> {
    kind: EntryKind,
    permissions: String,
    rest: &'a [u8],
}

/// Finds the permissions, before which `ls -i` puts the inode and `ls -s` the blocks.
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
    // SELinux context, access control list, extended attributes.
    let rest = match rest {
        [b'.' | b'+' | b'@', rest @ ..] => rest,
        _ => rest,
    };
    // A link count of many digits leaves no blank.
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

/// Why what looks like size and date may be something else, the weakest reason first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Doubt {
    Nothing,
    /// No column before the size: this may be the link count, and an owner called Jan or May.
    SizeIsFirstColumn,
    /// The month is a word of another language, or no month at all.
    ForeignMonth,
    /// No number before the date: group and size in one, a size like `1.5K`, a device's `8,0`.
    SizeIsNoNumber,
}

/// Finds the date that is one with the least doubt; of equals the first, because names may look like dates.
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
                (false, false) => Doubt::SizeIsNoNumber,
                _ => return None,
            };
            Some((doubt, Attributes { size, date }))
        })
        .min_by(|(one, _), (other, _)| one.cmp(other))
        .map(|(_, attributes)| attributes)
}

/// Parts `name -> target`. Where both hold arrows the size decides, which for a link is the length of its target.
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
