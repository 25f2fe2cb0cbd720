//! Directory listings as FTP servers write them.
//!
//! The text is the server's own: Unix `ls -l` in its many shapes, DOS/IIS, MLSD facts (RFC 3659 §7). [`parse`] takes a
//! whole listing, [`parse_line`] one line of it. A line that no format explains becomes an entry of kind
//! [`EntryKind::Other`] with the whole line as its name; one bad line never spoils the rest.

mod columns;
mod dos;
mod mlsd;
#[cfg(test)]
mod tests;
mod time;
mod unix;

pub(crate) use time::timestamp;

use super::{Entry, EntryKind};

/// Reads a whole listing, the text that LIST or MLSD answers with.
///
/// Lines end with CR LF or LF, also mixed; the last one may lack its end. Every line is understood on its own, as
/// [`parse_line`] does it.
///
/// # Examples
/// ```
/// use ftp_modem::modem::{EntryKind, listing};
///
/// let entries = listing::parse(
///     b"total 8\r\n\
///       drwxr-xr-x    2 ftp      ftp          4096 Jan 31 12:34 logs\r\n\
///       -rw-r--r--    1 ftp      ftp           531 Mar 05  2023 read me.txt\r\n",
/// );
///
/// let [logs, read_me] = entries.as_slice() else { panic!("two entries") };
/// assert_eq!((logs.name.as_slice(), logs.kind), (&b"logs"[..], EntryKind::Directory));
/// assert_eq!((read_me.name.as_slice(), read_me.size), (&b"read me.txt"[..], Some(531)));
/// assert_eq!(read_me.modified.and_then(|time| time.year), Some(2023));
/// ```
pub fn parse(text: &[u8]) -> Vec<Entry> {
    lines(text).filter_map(parse_line).collect()
}

/// Reads one line of a listing, with or without its line end.
///
/// `None` means that the line lists nothing: it is blank, the `total 12` that `ls` begins with, or the directory itself
/// or its parent (`.`, `..`, MLSD's `cdir` and `pdir`). Whatever else no format explains is an entry of kind
/// [`EntryKind::Other`] with the whole line as its name.
pub fn parse_line(line: &[u8]) -> Option<Entry> {
    let line = without_line_end(line);
    if line.trim_ascii().is_empty() || is_total(line) {
        return None;
    }
    // Each format is recognised by how its lines begin, and no line begins like two of them.
    let entry = mlsd::parse(line)
        .or_else(|| unix::parse(line))
        .or_else(|| dos::parse(line))
        .unwrap_or_else(|| Entry::new(line, line, EntryKind::Other));
    (!is_dot(&entry.name)).then_some(entry)
}

/// Reads the text that NLST answers with: one name a line, without attributes.
///
/// Names are kept byte for byte, blanks included; empty lines, `.` and `..` are left out. Servers that put the path
/// before the name are not corrected.
pub fn names(text: &[u8]) -> Vec<Vec<u8>> {
    lines(text).filter(|name| !name.is_empty() && !is_dot(name)).map(<[u8]>::to_vec).collect()
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').map(without_line_end)
}

fn without_line_end(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
    line.split_at(end).0
}

fn is_total(line: &[u8]) -> bool {
    line.split_at_checked(b"total".len()).is_some_and(|(word, count)| {
        word.eq_ignore_ascii_case(b"total")
            && count.first().copied().is_some_and(columns::is_blank)
            && columns::is_number(count.trim_ascii())
    })
}

fn is_dot(name: &[u8]) -> bool {
    matches!(name, b"." | b"..")
}

/// The size a listing states, where it says how much data there is to fetch: that of a directory or device does not.
fn meaningful_size(kind: EntryKind, stated: Option<u64>) -> Option<u64> {
    stated.filter(|_| matches!(kind, EntryKind::File | EntryKind::Link))
}
