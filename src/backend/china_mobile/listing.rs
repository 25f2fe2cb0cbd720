//! Listings: rows of MFTPLIST, whose end the manual does not show.

use std::time::Duration;

use super::Mftp;
use super::connection::{Connection, DIRECTORY, acknowledged_amid, is_progress};
use super::facts::{BUSY, EMPTY, PATH, check_result};
use crate::at::{Exchange, Expect, Line, Pattern, ResultLine, Wire};
use crate::backend::codes::unless_refused;
use crate::backend::context::Context;
use crate::backend::listing_buffer::{MAX_ENTRIES, MAX_LISTING};
use crate::backend::path::{self, last_part};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Charset, Entry, EntryKind, Metadata, listing};

const LIST: &str = "+MFTPLIST";
/// Most bytes of the target of a link that is looked for.
const LONGEST_TARGET: u64 = 255;

/// How long the rows must pause before the module is queried whether it has finished.
const PAUSE: Duration = Duration::from_millis(300);

impl Mftp {
    /// What the row of a file or directory tells.
    pub(super) fn listed_metadata(&mut self, cx: &mut Context, path: &str, until: Until) -> Result<Metadata> {
        let Some(entry) = found(cx, &mut self.connection, path, until)? else {
            return Err(cx.engine.error(ErrorKind::Unavailable, "the server lists no such file"));
        };
        let metadata = Metadata::from(&entry);
        match metadata.size {
            // Whether it is a link, or has grown: neither size nor time is that of the file.
            Some(size) if may_be_link(&entry) && !self.ends_at(cx, path, size)? => {
                Ok(Metadata { size: None, modified: None, ..metadata })
            }
            _ => Ok(metadata),
        }
    }
}

/// The size of a file that is to be downloaded, which the end of the download proves. None where the file is not
/// listed, or without bytes: then the download alone shows what the file is.
pub(super) fn listed_size(
    cx: &mut Context,
    connection: &mut Connection,
    path: &str,
    until: Until,
) -> Result<Option<u64>> {
    match found(cx, connection, path, until)? {
        Some(entry) if entry.kind == EntryKind::Directory => {
            Err(cx.engine.error(ErrorKind::Unavailable, "it is not a regular file"))
        }
        entry => Ok(entry.and_then(|entry| entry.size).filter(|size| *size > 0)),
    }
}

/// What the server lists for the path of a file itself.
pub(super) fn own_entry(cx: &mut Context, connection: &mut Connection, path: &str) -> Result<Option<Entry>> {
    let rows = answered(cx, connection, path, Until::ALONE)?.unwrap_or_default();
    Ok(Wanted::of(path).among(&rows))
}

/// Makes sure that a path that is to be deleted is not of the other kind: MFTPDEL deletes both (§3.8). What the server
/// does not list is left to the server.
pub(super) fn check_kind(cx: &mut Context, connection: &mut Connection, path: &str, kind: EntryKind) -> Result<()> {
    let rows = answered(cx, connection, path, Until::ALONE)?;
    // A directory is listed by what is in it.
    let own = rows.as_ref().map(|rows| match Wanted::of(path).among(rows) {
        Some(entry) => entry.kind,
        None => EntryKind::Directory,
    });
    let is_wrong = match (own, kind) {
        (Some(own), _) if own == kind => false,
        // The server does not list files, or the path is not there.
        (None, EntryKind::File) => false,
        (Some(EntryKind::File), _) => true,
        // Some servers list a file as if it were an empty directory, or the current directory.
        _ => match in_directory(cx, connection, path, &[])? {
            Some(entry) => entry.kind != kind,
            None => kind == EntryKind::File,
        },
    };
    if !is_wrong {
        return Ok(());
    }
    let detail = if kind == EntryKind::File { "it is a directory" } else { "it is a file" };
    Err(cx.engine.error(ErrorKind::Unavailable, detail))
}

/// The entry of a file or directory: in its own listing, or else in that of its directory. Some servers do not list
/// files, or take the name for a pattern.
fn found(cx: &mut Context, connection: &mut Connection, path: &str, until: Until) -> Result<Option<Entry>> {
    let rows = answered(cx, connection, path, until)?.unwrap_or_default();
    match Wanted::of(path).among(&rows) {
        Some(entry) => Ok(Some(entry)),
        None => in_directory(cx, connection, path, &rows),
    }
}

/// The entry of a path in the listing of its directory. Where that has the rows `own` of the path's own listing, the
/// server has listed the current directory both times.
fn in_directory(cx: &mut Context, connection: &mut Connection, path: &str, own: &[Entry]) -> Result<Option<Entry>> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let (directory, name) = path::parent(path);
    let directory = if directory.is_empty() { connection.directory(cx)? } else { directory.to_owned() };
    let rows = answered(cx, connection, &directory, Until::End)?.unwrap_or_default();
    if rows == own {
        return Ok(None);
    }
    Ok(rows.into_iter().find(|entry| last_part(&entry.name) == name.as_bytes()))
}

/// The entries of a directory, or the one of a file.
pub(super) fn entries(cx: &mut Context, connection: &mut Connection, path: &str, until: Until) -> Result<Vec<Entry>> {
    let (entries, owes_end) = connection.patiently(cx, |connection, cx| rows(cx, connection, path, until))?;
    connection.owes_list_end = owes_end;
    Ok(entries)
}

/// As [`entries`], if the server lists at all what was asked for.
fn answered(cx: &mut Context, connection: &mut Connection, path: &str, until: Until) -> Result<Option<Vec<Entry>>> {
    match unless_refused(entries(cx, connection, path, until)) {
        Err(error) if matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::ServerRefused) => Ok(None),
        outcome => outcome,
    }
}

/// Requests a listing and takes its rows. Returns also whether the end is still to come.
///
/// The end is what `until` says, a row without a name, a result other than 0, or nothing at all. In the last case
/// another command shows it: it is answered with "blocked" while the listing goes on, and carried out when it is over.
fn rows(cx: &mut Context, connection: &mut Connection, path: &str, until: Until) -> Result<(Vec<Entry>, bool)> {
    let limit = connection.result_limit();
    let wanted = Wanted::of(path);
    let is_end_owed = std::mem::take(&mut connection.owes_list_end);
    let mut rows = Rows {
        results: connection.results_of(LIST),
        entries: Vec::new(),
        text: 0,
        is_end_owed,
        charset: cx.engine.charset,
    };
    cx.engine.inbox().forget(&rows.results);
    cx.engine.inbox().forget(&connection.results_of(DIRECTORY));
    let exchange = cx.engine.send(connection.command(LIST).text(&PATH, path).known(), Phase::Acknowledgement, limit)?;
    let mut is_over = rows.until_acknowledged(exchange, limit)?;
    let mut is_cut = false;
    let mut idle_since = cx.engine.now();
    while !is_over {
        let known = rows.entries.len();
        let alone = until.alone().filter(|_| wanted.is_alone(&rows.entries));
        let deadline = cx.engine.deadline(Phase::Result, alone.unwrap_or(PAUSE));
        is_over = match cx.engine.poll(&rows.results, deadline)? {
            Some(row) => rows.add(&cx.engine, &row)?,
            None if alone.is_some() => {
                is_cut = true;
                break;
            }
            None => has_finished(cx, connection, &mut rows)?,
        };
        if rows.entries.len() > known {
            idle_since = cx.engine.now();
        } else if !is_over && cx.engine.now() > idle_since + limit {
            return Err(cx.engine.deadline(Phase::Result, limit).passed());
        }
    }
    // What looks like the end may be the beginning of a row that a restart has cut off.
    cx.engine.look()?;
    Ok((rows.entries, is_cut))
}

/// Queries whether the listing is over, and takes rows that come meanwhile.
fn has_finished(cx: &mut Context, connection: &Connection, rows: &mut Rows) -> Result<bool> {
    let limit = connection.result_limit();
    let exchange = cx.engine.send(connection.command(DIRECTORY).known(), Phase::Acknowledgement, limit)?;
    match rows.until_acknowledged(exchange, limit) {
        Ok(false) => {}
        Err(error) if error.kind() == ErrorKind::ModuleBusy => return Ok(false),
        outcome => return outcome,
    }
    let directory = connection.results_of(DIRECTORY);
    let deadline = cx.engine.deadline(Phase::Result, limit);
    loop {
        let result = cx.engine.first_of(&[rows.results, directory], deadline)?;
        if !directory.matches(&result.0.reply()) {
            if rows.add(&cx.engine, &result)? {
                return Ok(true);
            }
        } else if !is_progress(&result.0) {
            return Ok(result.number(1) != Some(BUSY));
        }
    }
}

/// Up to where the rows of a listing are waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// The end.
    End,
    /// The row of the file, if no other row comes for so long; else the end.
    Alone(Duration),
}

impl Until {
    /// The row of the file, if no other row comes with it.
    pub(super) const ALONE: Self = Until::Alone(PAUSE);

    /// The row of a file whose download shows whether it is the right one. Rows of one listing follow each other on the
    /// line; what USB adapters hold back comes within 16 ms.
    pub(super) const SOON_ALONE: Self = Until::Alone(Duration::from_millis(20));

    /// How long no other line may follow the row of the file.
    fn alone(self) -> Option<Duration> {
        match self {
            Until::Alone(pause) => Some(pause),
            Until::End => None,
        }
    }
}

/// The file or directory that is looked for.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    path: &'a [u8],
    name: &'a [u8],
}

impl<'a> Wanted<'a> {
    fn of(path: &'a str) -> Self {
        let path = path.strip_suffix('/').unwrap_or(path).as_bytes();
        Wanted { path, name: last_part(path) }
    }

    /// Whether a row has this name, and no other path.
    fn is(&self, entry: &Entry) -> bool {
        let row = entry.name.strip_prefix(b"./").unwrap_or(&entry.name);
        row == self.name || self.has_path(row)
    }

    fn is_file(&self, entry: &Entry) -> bool {
        entry.kind == EntryKind::File && self.is(entry)
    }

    /// Whether the name in a row is the path, or one of them is the end of the other.
    fn has_path(&self, row: &[u8]) -> bool {
        let is_end_of = |end: &[u8], whole: &[u8]| {
            whole
                .strip_suffix(end)
                .is_some_and(|before| before.is_empty() || before.ends_with(b"/") || end.starts_with(b"/"))
        };
        row.contains(&b'/') && (is_end_of(row, self.path) || is_end_of(self.path, row))
    }

    /// Whether the only row is that of the file.
    fn is_alone(&self, entries: &[Entry]) -> bool {
        matches!(entries, [entry] if self.is_file(entry))
    }

    /// The row of the file. Among others a row without the path may be of another directory, unless that is the current
    /// one.
    fn among(&self, rows: &[Entry]) -> Option<Entry> {
        let is_proven = rows.len() == 1 || self.path == self.name;
        rows.iter().find(|entry| self.is_file(entry) && (is_proven || entry.name.contains(&b'/'))).cloned()
    }
}

/// The rows of a listing so far, and the amount of their text.
struct Rows {
    /// The lines that are rows.
    results: Pattern,
    /// The charset of their names.
    charset: Charset,
    entries: Vec<Entry>,
    text: usize,
    /// Whether the end of an earlier listing was not waited for.
    is_end_owed: bool,
}

impl Rows {
    /// Waits for `OK` and takes rows that come before it. Returns whether one of them is the end.
    fn until_acknowledged(&mut self, exchange: Exchange<'_>, limit: Duration) -> Result<bool> {
        let (mut is_over, mut failure) = (false, None);
        acknowledged_amid(exchange, Expect::Line, Phase::Acknowledgement, limit, |wire, _| {
            // A result that comes first is not the end of the exchange.
            match self.add_waiting(wire) {
                Ok(is_end) => is_over |= is_end,
                Err(error) => _ = failure.get_or_insert(error),
            }
            Ok(())
        })?;
        match failure {
            Some(error) => Err(error),
            None => Ok(is_over),
        }
    }

    /// Takes the rows that have come, up to the end; returns whether one of them is the end.
    fn add_waiting(&mut self, wire: &mut Wire) -> Result<bool> {
        while let Some(line) = wire.inbox().take(&self.results) {
            if self.add(wire, &ResultLine(line))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a row that ends a listing ends this one. The first one may be that of an earlier listing.
    fn is_own_end(&mut self) -> bool {
        !(self.entries.is_empty() && std::mem::take(&mut self.is_end_owed))
    }

    /// Takes one row; returns whether it is the end.
    fn add(&mut self, wire: &Wire, row: &ResultLine) -> Result<bool> {
        match row.number(1) {
            Some(0 | 1) => {}
            Some(EMPTY) => return Ok(self.is_own_end()),
            _ => return check_result(wire, row).map(|()| true),
        }
        if row.0.information().is_some_and(|line| line.fields.count() < 3) {
            // Without a name: "in progress", or the end, unless it is the beginning of a row whose rest is late.
            return Ok(row.number(1) == Some(0) && !wire.tokens().is_cut() && self.is_own_end());
        }
        self.push(row.0.bytes().len(), entry(&row.0, self.charset))?;
        Ok(false)
    }

    /// Adds what a row of so many bytes lists.
    fn push(&mut self, bytes: usize, entry: Option<Entry>) -> Result<()> {
        self.text += bytes;
        if self.text > MAX_LISTING || self.entries.len() >= MAX_ENTRIES {
            return Err(Error::new(ErrorKind::Protocol, "the listing does not end"));
        }
        self.entries.extend(entry);
        Ok(())
    }
}

/// Whether a row may be that of a symbolic link, which MFTPLIST prints as a file: with all permissions, and with the
/// length of a path as its size.
fn may_be_link(entry: &Entry) -> bool {
    entry.permissions.as_deref() == Some("rwx") && entry.size.is_some_and(|size| size <= LONGEST_TARGET)
}

/// `<name>,<permission>` of a directory, or `<name>,<size>,<time>,<permission>` of a file (§3.7).
fn entry(line: &Line, charset: Charset) -> Option<Entry> {
    let row = line.information()?;
    let name = row.bytes(2)?;
    if matches!(&*name, b"." | b"..") {
        return None;
    }
    let is_file = row.fields.count() >= 6;
    let kind = if is_file { EntryKind::File } else { EntryKind::Directory };
    let mut entry = Entry::listed(line.bytes(), &charset.convert(&name), kind);
    entry.permissions = row.fields.last().map(|field| field.text().into_owned());
    if is_file {
        entry.size = row.number(3);
        entry.size_overflows = row.bytes(3).is_some_and(|size| listing::is_overflow(&size));
        entry.modified = row.bytes(4).and_then(|time| listing::timestamp(&time));
    }
    Some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, kind, size, year and permissions of a row, as text.
    fn shape(line: &str) -> Option<String> {
        let entry = entry(&Line::new(line.as_bytes()), Charset::UTF_8)?;
        let year = entry.modified.and_then(|modified| modified.year);
        let permissions = entry.permissions.as_deref().unwrap_or_default();
        Some(format!("{} {:?} {:?} {year:?} {permissions}", entry.name_lossy(), entry.kind, entry.size))
    }

    #[test]
    fn rows() {
        let cases = [
            ("+MFTPLIST: 0,0,\"old\",\"rwx\"", Some("old Directory None None rwx")),
            ("+MFTPLIST: 0,0,\"old.txt\",9,20220818074000,\"rw-\"", Some("old.txt File Some(9) Some(2022) rw-")),
            ("+MFTPLIST: 0,0,\"a,b\",9,\"20220818074000\",\"rw-\"", Some("a,b File Some(9) Some(2022) rw-")),
            ("+MFTPLIST: 0,0,\"big\",5000000000,0,\"rw-\"", Some("big File Some(5000000000) None rw-")),
            ("+MFTPLIST: 0,0,\"..\",\"rwx\"", None),
            ("+MFTPLIST: 0,0", None),
        ];
        for (line, expected) in cases {
            assert_eq!(shape(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn a_row_may_have_a_path() {
        for (row, path, expected) in [
            ("f.bin", "/dir/f.bin", true),
            ("dir/f.bin", "/dir/f.bin", true),
            ("./f.bin", "f.bin", true),
            ("/dir/f.bin", "f.bin", true),
            ("-rw-r--r--\t1\t/dir/f.bin", "/dir/f.bin", true),
            ("other/f.bin", "/dir/f.bin", false),
            ("a1.bin", "a[1].bin", false),
            ("xf.bin", "f.bin", false),
        ] {
            let entry = Entry::listed(row.as_bytes(), row.as_bytes(), EntryKind::File);
            assert_eq!(Wanted::of(path).is(&entry), expected, "{row} {path}");
        }
    }

    #[test]
    fn rows_without_end_are_refused() {
        let short = entry(&Line::new(b"+MFTPLIST: 0,0,\"a\",\"rwx\""), Charset::UTF_8);
        let long = crate::at::MAX_LINE;
        for (bytes, entry, most) in [(long, None, MAX_LISTING / long), (20, short, MAX_ENTRIES)] {
            let mut rows = Rows {
                results: Pattern::of(LIST, 0),
                entries: Vec::new(),
                text: 0,
                is_end_owed: false,
                charset: Charset::UTF_8,
            };
            let taken = (0..most * 2).take_while(|_| rows.push(bytes, entry.clone()).is_ok()).count();
            assert_eq!(taken, most);
        }
    }
}
