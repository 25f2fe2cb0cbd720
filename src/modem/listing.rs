//! Parsers for the directory listings of FTP servers.
//!
//! The supported formats are Unix `ls -l` in its variants, DOS/IIS, and the facts of MLSD (RFC 3659 §7). [`parse`]
//! takes a whole listing, [`parse_line`] takes one line. A line in an unknown format becomes an entry of kind
//! [`EntryKind::Other`] with the whole line as its name, so that the other lines remain usable.

mod columns;
mod dos;
mod mlsd;
#[cfg(test)]
mod tests;
mod time;
mod unix;

pub(crate) use columns::is_overflow;
pub(crate) use time::timestamp;

use super::{Entry, EntryKind};

/// Parses a whole listing: the data of LIST or MLSD.
///
/// Lines end with CR LF or LF, also mixed. The last line may lack its line end. Each line is parsed as by
/// [`parse_line`], independently of the others.
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

/// Parses one line of a listing, with or without its line end.
///
/// Returns `None` for a line that lists no entry: a blank line, the first line `total 12` of `ls`, the directory itself
/// and its parent (`.`, `..`, `cdir` and `pdir` of MLSD). A line in an unknown format becomes an entry of kind
/// [`EntryKind::Other`] with the whole line as its name.
///
/// # Examples
/// ```
/// use ftp_modem::modem::{EntryKind, listing};
///
/// let entry = listing::parse_line(b"01-31-24  03:39PM       <DIR>          logs").expect("an entry");
/// assert_eq!((entry.name_lossy().as_ref(), entry.kind), ("logs", EntryKind::Directory));
/// assert_eq!(listing::parse_line(b"total 12"), None);
/// ```
pub fn parse_line(line: &[u8]) -> Option<Entry> {
    let line = without_line_end(line);
    if line.trim_ascii().is_empty() || is_total(line) {
        return None;
    }
    // The beginning of a line identifies its format. The formats exclude each other.
    let entry = mlsd::parse(line)
        .or_else(|| unix::parse(line))
        .or_else(|| dos::parse(line))
        .unwrap_or_else(|| Entry::listed(line, line, EntryKind::Other));
    (!is_dot(&entry.name)).then_some(entry)
}

/// Parses the data of NLST: one name per line, without attributes.
///
/// Names are kept byte for byte, including blanks. Empty lines, `.` and `..` are omitted. A path that the server puts
/// before the name remains part of the name.
///
/// # Examples
/// ```
/// use ftp_modem::modem::listing;
///
/// assert_eq!(listing::names(b".\r\na.txt\r\nb c.txt\r\n"), [b"a.txt".to_vec(), b"b c.txt".to_vec()]);
/// ```
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

/// Returns `stated` for kinds that have data to transfer. The size of a directory or device is not such a number.
fn meaningful_size(kind: EntryKind, stated: Option<u64>) -> Option<u64> {
    stated.filter(|_| matches!(kind, EntryKind::File | EntryKind::Link))
}
