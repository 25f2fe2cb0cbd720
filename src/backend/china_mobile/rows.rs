//! Listings: rows of MFTPLIST, whose end the manual does not show.

use std::time::Duration;

use super::{BUSY, ChinaMobile, EMPTY, PATH};
use crate::at::{Command, Deadline, Event, Expect, Line, Verdict};
use crate::backend::listing_buffer::{MAX_ENTRIES, MAX_LISTING};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Entry, EntryKind, listing};

const ROW: &str = "+MFTPLIST";
const DIRECTORY: &str = "+MFTPPWD";

/// How long the rows must pause before the module is asked whether it has finished.
const PAUSE: Duration = Duration::from_millis(300);

/// The rows of a listing so far, and how much text they are.
#[derive(Default)]
struct Rows {
    entries: Vec<Entry>,
    text: usize,
}

impl Rows {
    /// Adds what a row of so many bytes lists.
    fn add(&mut self, bytes: usize, entry: Option<Entry>) -> Result<()> {
        self.text += bytes;
        if self.text > MAX_LISTING || self.entries.len() >= MAX_ENTRIES {
            return Err(Error::new(ErrorKind::Protocol, "the listing does not end"));
        }
        self.entries.extend(entry);
        Ok(())
    }
}

impl ChinaMobile {
    /// The entries of a directory, or the one of a file.
    pub(super) fn listing(&mut self, path: &str) -> Result<Vec<Entry>> {
        self.patiently(|module| module.rows(path, |_| false))
    }

    /// The entry of one file, which is listed alone: its row is the end.
    pub(super) fn entry(&mut self, path: &str) -> Result<Entry> {
        let name = path.rsplit('/').next().unwrap_or(path).as_bytes();
        let is_it = |entry: &Entry| entry.name == name || entry.name == path.as_bytes();
        let is_last = |entries: &[Entry]| entries.iter().any(|entry| is_it(entry) && entry.kind == EntryKind::File);
        let found = self.patiently(|module| module.rows(path, is_last))?.into_iter().find(is_it);
        found.ok_or_else(|| self.engine.error(ErrorKind::Unavailable, "the server lists no such file"))
    }

    /// Asks for a listing and takes its rows.
    ///
    /// The end is what `is_last` says, a row without a name, a result other than 0, or nothing at all. In the last case another
    /// command tells: it is answered with "blocked" while the listing goes on, and done when it is over.
    fn rows(&mut self, path: &str, is_last: impl Fn(&[Entry]) -> bool) -> Result<Vec<Entry>> {
        let mut rows = Rows::default();
        self.engine.forget(&self.ours(ROW));
        self.engine.forget(&self.ours(DIRECTORY));
        let command = Command::set("+MFTPLIST").number(self.number()).text(&PATH, path);
        let deadline = self.engine.start(command, Phase::Acknowledgement, self.result_limit())?;
        let mut over = self.await_acknowledgement(deadline, &mut rows)?;
        let mut idle_since = self.engine.now();
        while !over && !is_last(&rows.entries) {
            let known = rows.entries.len();
            let deadline = self.engine.deadline(Phase::Result, PAUSE);
            over = match self.engine.verdict(&self.ours(ROW), deadline) {
                Ok(row) => self.add(row, &mut rows)?,
                Err(error) if error.kind() == ErrorKind::Timeout => self.has_finished(&mut rows)?,
                Err(error) => return Err(error),
            };
            if rows.entries.len() > known {
                idle_since = self.engine.now();
            } else if !over && self.engine.now() > idle_since + self.result_limit() {
                return Err(self.engine.deadline(Phase::Result, self.result_limit()).passed());
            }
        }
        // What looks like the end may be the beginning of a row that a restart has cut off.
        self.engine.look()?;
        Ok(rows.entries)
    }

    /// Waits for `OK`, taking rows that come before it.
    fn await_acknowledgement(&mut self, deadline: Deadline, rows: &mut Rows) -> Result<bool> {
        let mut deadline = deadline;
        let mut outcome = Ok(false);
        loop {
            match self.engine.next_event(Expect::Line, deadline)? {
                Event::Acknowledged => return outcome,
                Event::Unsolicited => {
                    let added = self.add_waiting(rows);
                    // A result that comes first is not the end of the exchange.
                    outcome = outcome.and_then(|over| added.map(|end| over | end));
                    deadline = self.engine.deadline(Phase::Acknowledgement, self.result_limit());
                }
                _ => {}
            }
        }
    }

    /// Asks whether the listing is over, taking rows that come meanwhile.
    fn has_finished(&mut self, rows: &mut Rows) -> Result<bool> {
        let command = Command::set("+MFTPPWD").number(self.number());
        let deadline = self.engine.start(command, Phase::Acknowledgement, self.result_limit())?;
        match self.await_acknowledgement(deadline, rows) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(error) if error.kind() == ErrorKind::ModuleBusy => return Ok(false),
            Err(error) => return Err(error),
        }
        let deadline = self.engine.deadline(Phase::Result, self.result_limit());
        loop {
            if let Some(line) = self.engine.take(&self.ours(DIRECTORY)).filter(|line| line.number(1) != Some(1)) {
                self.add_waiting(rows)?;
                return Ok(line.number(1) != Some(BUSY));
            }
            match self.engine.next_event(Expect::Line, deadline)? {
                Event::Unsolicited if self.add_waiting(rows)? => return Ok(true),
                _ => {}
            }
        }
    }

    /// Takes the rows that have come.
    fn add_waiting(&mut self, rows: &mut Rows) -> Result<bool> {
        while let Some(line) = self.engine.take(&self.ours(ROW)) {
            if self.add(Verdict(line), rows)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes one row; returns whether it is the end.
    fn add(&mut self, row: Verdict, rows: &mut Rows) -> Result<bool> {
        match row.number(1) {
            Some(0 | 1) => {}
            Some(EMPTY) => return Ok(true),
            _ => return self.succeeded(&row).map(|()| true),
        }
        if row.0.information().is_some_and(|line| line.fields.count() < 3) {
            // Without a name: "in progress", or the end, unless it is the beginning of a row whose rest is late.
            return Ok(row.number(1) == Some(0) && !self.engine.is_cut());
        }
        rows.add(row.0.bytes().len(), entry(&row.0))?;
        Ok(false)
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
            let mut rows = Rows::default();
            let taken = (0..most * 2).take_while(|_| rows.add(bytes, entry.clone()).is_ok()).count();
            assert_eq!(taken, most);
        }
    }
}
