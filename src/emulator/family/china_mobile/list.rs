//! `AT+MFTPLIST` (OneMO FTP AT manual V3.1.0 §3.7): a server's listing as rows of names, sizes, times and permissions.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::time::Duration;

use super::code::result;
use super::connection::{Issued, Task};
use super::options::{ChinaMobileOptions, EmptyListing, ListEnd};
use super::token;
use super::turn::Turn;
use crate::emulator::name;
use crate::emulator::{Listing, Remote, RemoteError};

/// How many rows the module keeps. Invented.
const MOST_ROWS: usize = 4096;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

pub(super) fn list(path: &str, issued: Issued, turn: &mut Turn<'_>) {
    match rows(path, turn) {
        // The connection is taken until the server's rows are there.
        Ok(rows) if !turn.modem.clock.waited().is_zero() => {
            turn.occupy(issued, Task::Rows(rows));
            turn.modem.timer(token(turn.id), Duration::ZERO);
        }
        Ok(rows) => print(rows, issued, turn),
        Err(None) => turn.release(issued),
        Err(Some(code)) => turn.conclude(issued, code, ""),
    }
}

/// The rows of a listing; without any, the result code that says so.
fn rows(path: &str, turn: &mut Turn<'_>) -> Result<VecDeque<String>, Option<u8>> {
    let remote = turn.connection.remote(turn.modem);
    let mut listed = read(remote, path, turn.options);
    let leaf = path.rsplit('/').next().unwrap_or(path);
    let may_be_file = match &listed {
        Ok(listing) if listing.rows.is_empty() && !listing.is_unreadable => {
            is_directory(remote, path).map(|answer| answer == Some(false))
        }
        Err(RemoteError::Reply { code, .. }) if *code != 421 => {
            is_directory(remote, path).map(|answer| answer != Some(true))
        }
        _ => Ok(false),
    };
    match may_be_file {
        // Some servers list directories only.
        Ok(true) => {
            if let (Ok(size), Ok(time)) = (remote.size(path), remote.modified(path)) {
                let entry = Entry { name: leaf, permission: "rw-", file: Some((size, time)) };
                listed = Ok(Read { rows: [entry.row(turn.options)].into(), is_unreadable: false });
            }
        }
        Ok(false) => {}
        Err(error) => listed = Err(error),
    }
    let Read { mut rows, is_unreadable } = listed.map_err(|error| Some(turn.connection.failed(&error)))?;
    let is_file = rows.len() == 1 && rows.front().is_some_and(|row| row.starts_with(&format!("\"{leaf}\",")));
    if turn.options.dot_entries && !is_file {
        rows.push_front("\"..\",\"rwx\"".to_owned());
        rows.push_front("\".\",\"rwx\"".to_owned());
    }
    if !rows.is_empty() {
        return Ok(rows);
    }
    Err(match turn.options.empty_list {
        _ if is_unreadable => Some(result::UNREADABLE),
        EmptyListing::EmptyCode => Some(result::EMPTY),
        EmptyListing::BareSuccess => Some(result::SUCCESS),
        EmptyListing::Nothing => None,
    })
}

pub(super) fn print(mut rows: VecDeque<String>, issued: Issued, turn: &mut Turn<'_>) {
    let gap = turn.options.list_row_gap;
    while let Some(row) = rows.pop_front() {
        turn.say(&format!("+MFTPLIST: {},0,{row}", turn.id), issued.in_command);
        if !gap.is_zero() {
            turn.occupy(issued, Task::Rows(rows));
            turn.modem.timer(token(turn.id), gap);
            return;
        }
    }
    let code = match turn.options.list_end {
        ListEnd::Nothing => return turn.release(issued),
        ListEnd::BareSuccess => result::SUCCESS,
        ListEnd::EmptyCode => result::EMPTY,
    };
    let delay = turn.options.list_end_delay;
    if delay.is_zero() {
        turn.conclude(issued, code, "");
    } else {
        turn.occupy(issued, Task::Fixed(code));
        turn.modem.timer(token(turn.id), delay);
    }
}

/// A server's listing.
struct Read {
    rows: VecDeque<String>,
    is_unreadable: bool,
}

fn read(remote: &mut dyn Remote, path: &str, options: &ChinaMobileOptions) -> Result<Read, RemoteError> {
    let mut listing = Read { rows: VecDeque::new(), is_unreadable: false };
    let reader = BufReader::new(remote.list(path, Listing::Long)?);
    for line in reader.split(b'\n').take(MOST_ROWS) {
        let line = line.map_err(|error| RemoteError::from_io(&error))?;
        let line = name::from_bytes(&line);
        match parse(line.trim_end_matches('\r'), options) {
            Line::Row(row) => listing.rows.push_back(row),
            Line::Nothing => {}
            Line::Unreadable => listing.is_unreadable = true,
        }
    }
    Ok(listing)
}

/// Whether `path` is a directory, that is, whether one can change to it; `None` if the server does not tell the way
/// back. `SIZE` and `MDTM` do not decide it: some servers answer them for directories, too. An empty directory has a
/// result code of its own (OneMO FTP AT manual V3.1.0 §5, table 5: 14).
fn is_directory(remote: &mut dyn Remote, path: &str) -> Result<Option<bool>, RemoteError> {
    let is_lost = |error: &RemoteError| error.code().is_none_or(|code| code == 421);
    let here = match remote.pwd() {
        Ok(here) => here,
        Err(error) if is_lost(&error) => return Err(error),
        Err(_) => return Ok(None),
    };
    match remote.cwd(path) {
        // Some servers double the quotes around it.
        Ok(()) => remote.cwd(here.trim_matches('"')).map(|()| Some(true)),
        Err(error) if is_lost(&error) => Err(error),
        Err(_) => Ok(Some(false)),
    }
}

/// A line of a server's listing.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// What follows the result code.
    Row(String),
    /// It names nothing.
    Nothing,
    /// It is in no known form.
    Unreadable,
}

fn parse(line: &str, options: &ChinaMobileOptions) -> Line {
    if line.is_empty() || line.starts_with("total ") {
        return Line::Nothing;
    }
    let Some(entry) = unix(line, options.year).or_else(|| dos(line)) else {
        return Line::Unreadable;
    };
    if matches!(entry.name, "." | "..") {
        return Line::Nothing;
    }
    Line::Row(entry.row(options))
}

struct Entry<'a> {
    name: &'a str,
    permission: &'a str,
    /// Size and time of change; `None` for directories.
    file: Option<(u64, String)>,
}

impl Entry<'_> {
    /// What follows the result code.
    fn row(&self, options: &ChinaMobileOptions) -> String {
        let Self { name, permission, file } = self;
        match file {
            None => format!("\"{name}\",\"{permission}\""),
            Some((size, time)) if options.quoted_time => {
                format!("\"{name}\",{size},\"{time}\",\"{permission}\"")
            }
            Some((size, time)) => format!("\"{name}\",{size},{time},\"{permission}\""),
        }
    }
}

/// `-rw-r--r-- 1 user group 5 Jul 22 04:09 name`
fn unix(line: &str, year: u16) -> Option<Entry<'_>> {
    let (mode, mut rest) = field(line)?;
    let kind = mode.chars().next().filter(|_| mode.len() >= 10)?;
    let permission = mode.get(1..4)?;
    let mut fields = [""; 7];
    for place in &mut fields {
        (*place, rest) = field(rest)?;
    }
    let [_, _, _, size, month, day, clock] = fields;
    let name = rest.strip_prefix(' ').filter(|name| !name.is_empty())?;
    let size = size.parse().ok()?;
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let day: u8 = day.parse().ok()?;
    let time = match clock.split_once(':') {
        Some((hour, minute)) => format!("{year:04}{month:02}{day:02}{hour:0>2}{minute:0>2}00"),
        None => format!("{clock:0>4}{month:02}{day:02}000000"),
    };
    Some(match kind {
        'd' => Entry { name, permission, file: None },
        'l' => Entry { name: name.split(" -> ").next().unwrap_or(name), permission, file: Some((size, time)) },
        _ => Entry { name, permission, file: Some((size, time)) },
    })
}

/// `05-19-23  03:39PM  12345 name`, with `<DIR>` instead of the size for directories.
fn dos(line: &str) -> Option<Entry<'_>> {
    let (date, rest) = field(line)?;
    let (clock, rest) = field(rest)?;
    let (size, rest) = field(rest)?;
    let name = rest.trim_start_matches(' ');
    let mut date = date.split('-').map(str::parse::<u16>);
    let (month, day, year) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    if size == "<DIR>" {
        return Some(Entry { name, permission: "rwx", file: None });
    }
    let (hour, minute) = clock.split_once(':')?;
    let (minute, half) = minute.split_at_checked(2)?;
    let hour = hour.parse::<u16>().ok()? % 12 + if half == "PM" { 12 } else { 0 };
    Some(Entry {
        name,
        permission: "rw-",
        file: Some((size.parse().ok()?, format!("20{year:02}{month:02}{day:02}{hour:02}{minute}00"))),
    })
}

/// The first word, and what follows it.
fn field(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(' ');
    let end = text.find(' ').unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::{Line, parse};
    use crate::emulator::ChinaMobileOptions;

    #[test]
    fn rows_of_common_servers() {
        let options = ChinaMobileOptions::default();
        let row = |text: &str| Line::Row(text.to_owned());
        for (line, expected) in [
            (
                "-rw-r--r--    1 ftp      ftp             9 Aug 18 07:40 old.txt",
                row("\"old.txt\",9,20240818074000,\"rw-\""),
            ),
            ("drwxr-xr-x    2 ftp      ftp          4096 Aug 18 07:40 old", row("\"old\",\"rwx\"")),
            ("-r--r--r-- 1 u g 10 Jan  2  2019 a  b, c", row("\"a  b, c\",10,20190102000000,\"r--\"")),
            ("lrwxrwxrwx 1 u g 3 Jan 02 10:00 link -> target", row("\"link\",3,20240102100000,\"rwx\"")),
            ("05-19-23  03:39PM               12345 name", row("\"name\",12345,20230519153900,\"rw-\"")),
            ("05-19-23  12:09AM       <DIR>          docs", row("\"docs\",\"rwx\"")),
            ("drwxr-xr-x 2 u g 4096 Aug 18 07:40 .", Line::Nothing),
            ("total 12", Line::Nothing),
            ("", Line::Nothing),
            ("what is this?", Line::Unreadable),
        ] {
            assert_eq!(parse(line, &options), expected, "{line}");
        }
    }
}
