//! Listings: rows of MFTPLIST, whose end the manual does not show.

use std::time::Duration;

use super::Mftp;
use super::facts::{BUSY, EMPTY, PATH, check_result};
use super::session::{DIRECTORY, acknowledged_amid, is_progress};
use crate::at::{Exchange, Expect, Line, Pattern, ResultLine, Wire};
use crate::backend::context::Context;
use crate::backend::listing_buffer::{MAX_ENTRIES, MAX_LISTING};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Entry, EntryKind, listing};

const LIST: &str = "+MFTPLIST";

/// How long the rows must pause before the module is queried whether it has finished.
const PAUSE: Duration = Duration::from_millis(300);

impl Mftp {
    /// The entries of a directory, or the one of a file.
    pub(super) fn listing(&mut self, cx: &mut Context, path: &str) -> Result<Vec<Entry>> {
        self.patiently(cx, |dialect, cx| dialect.rows(cx, path, |_| false))
    }

    /// The entry of one file, which is listed alone: its row is the end.
    pub(super) fn entry(&mut self, cx: &mut Context, path: &str) -> Result<Entry> {
        let name = path.rsplit('/').next().unwrap_or(path).as_bytes();
        let is_it = |entry: &Entry| entry.name == name || entry.name == path.as_bytes();
        let is_last = |entries: &[Entry]| entries.iter().any(|entry| is_it(entry) && entry.kind == EntryKind::File);
        let found = self.patiently(cx, |dialect, cx| dialect.rows(cx, path, is_last))?.into_iter().find(is_it);
        found.ok_or_else(|| cx.engine.report.error(ErrorKind::Unavailable, "the server lists no such file"))
    }

    /// The size of a file. Without it nothing shows when a download is complete: the data have no end mark.
    pub(super) fn file_size(&mut self, cx: &mut Context, path: &str) -> Result<u64> {
        let size = self.entry(cx, path)?.size;
        size.ok_or_else(|| cx.engine.report.error(ErrorKind::Unavailable, "it is not a regular file"))
    }

    /// Requests a listing and takes its rows.
    ///
    /// The end is what `is_last` says, a row without a name, a result other than 0, or nothing at all. In the last case
    /// another command shows it: it is answered with "blocked" while the listing goes on, and carried out when it is
    /// over.
    fn rows(&self, cx: &mut Context, path: &str, is_last: impl Fn(&[Entry]) -> bool) -> Result<Vec<Entry>> {
        let limit = self.result_limit();
        let mut rows = Rows { results: self.results_of(LIST), entries: Vec::new(), text: 0 };
        cx.engine.inbox.forget(&rows.results);
        cx.engine.inbox.forget(&self.results_of(DIRECTORY));
        let exchange = cx.engine.send(self.command(LIST).text(&PATH, path), Phase::Acknowledgement, limit)?;
        let mut is_over = rows.until_acknowledged(exchange, limit)?;
        let mut idle_since = cx.engine.now();
        while !is_over && !is_last(&rows.entries) {
            let known = rows.entries.len();
            let deadline = cx.engine.deadline(Phase::Result, PAUSE);
            is_over = match cx.engine.poll(&rows.results, deadline)? {
                Some(row) => rows.add(&cx.engine, &row)?,
                None => self.has_finished(cx, &mut rows)?,
            };
            if rows.entries.len() > known {
                idle_since = cx.engine.now();
            } else if !is_over && cx.engine.now() > idle_since + limit {
                return Err(cx.engine.deadline(Phase::Result, limit).passed());
            }
        }
        // What looks like the end may be the beginning of a row that a restart has cut off.
        cx.engine.look()?;
        Ok(rows.entries)
    }

    /// Queries whether the listing is over, and takes rows that come meanwhile.
    fn has_finished(&self, cx: &mut Context, rows: &mut Rows) -> Result<bool> {
        let limit = self.result_limit();
        let exchange = cx.engine.send(self.command(DIRECTORY), Phase::Acknowledgement, limit)?;
        match rows.until_acknowledged(exchange, limit) {
            Ok(false) => {}
            Err(error) if error.kind() == ErrorKind::ModuleBusy => return Ok(false),
            outcome => return outcome,
        }
        let directory = self.results_of(DIRECTORY);
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
}

/// The rows of a listing so far, and the amount of their text.
struct Rows {
    /// The lines that are rows.
    results: Pattern,
    entries: Vec<Entry>,
    text: usize,
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
        while let Some(line) = wire.inbox.take(&self.results) {
            if self.add(wire, &ResultLine(line))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes one row; returns whether it is the end.
    fn add(&mut self, wire: &Wire, row: &ResultLine) -> Result<bool> {
        match row.number(1) {
            Some(0 | 1) => {}
            Some(EMPTY) => return Ok(true),
            _ => return check_result(wire, row).map(|()| true),
        }
        if row.0.information().is_some_and(|line| line.fields.count() < 3) {
            // Without a name: "in progress", or the end, unless it is the beginning of a row whose rest is late.
            return Ok(row.number(1) == Some(0) && !wire.tokens.is_cut());
        }
        self.push(row.0.bytes().len(), entry(&row.0))?;
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

/// `<name>,<permission>` of a directory, or `<name>,<size>,<time>,<permission>` of a file (§3.7).
fn entry(line: &Line) -> Option<Entry> {
    let row = line.information()?;
    let name = row.bytes(2)?;
    if matches!(&*name, b"." | b"..") {
        return None;
    }
    let is_file = row.fields.count() >= 6;
    let kind = if is_file { EntryKind::File } else { EntryKind::Directory };
    let mut entry = Entry::listed(line.bytes(), &name, kind);
    entry.permissions = row.fields.last().map(|field| field.text().into_owned());
    if is_file {
        entry.size = row.number(3);
        entry.modified = row.bytes(4).and_then(|time| listing::timestamp(&time));
    }
    Some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, kind, size, year and permissions of a row, as text.
    fn shape(line: &str) -> Option<String> {
        let entry = entry(&Line::new(line.as_bytes()))?;
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
    fn rows_without_end_are_refused() {
        let short = entry(&Line::new(b"+MFTPLIST: 0,0,\"a\",\"rwx\""));
        let long = crate::at::MAX_LINE;
        for (bytes, entry, most) in [(long, None, MAX_LISTING / long), (20, short, MAX_ENTRIES)] {
            let mut rows = Rows { results: Pattern::of(LIST, 0), entries: Vec::new(), text: 0 };
            let taken = (0..most * 2).take_while(|_| rows.push(bytes, entry.clone()).is_ok()).count();
            assert_eq!(taken, most);
        }
    }
}
