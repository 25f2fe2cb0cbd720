//! `AT+FTPLIST`: the server's own text between `+FTPLIST: 2` and `+FTPLIST: 1`.

use std::io::{self, Cursor, Read};

use super::limits::NAME;
use super::options::{EmptyList, ListCoding};
use super::refused::Refused;
use super::state::Fibocom;
use super::tag;
use super::task::Task;
use super::transfer::Transfer;
use crate::emulator::command::{Command, Form};
use crate::emulator::intake::Intake;
use crate::emulator::modem::Modem;
use crate::emulator::queue::Stream;
use crate::emulator::remote::{Listing, RemoteError};

/// The bare 0x03 that ends a coded stream.
pub(super) const END: &[u8] = b"\x03";

impl Fibocom {
    /// `AT+FTPLIST[="<path>"]`
    pub(super) fn list(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let path = if command.form == Form::Execute {
            String::new()
        } else {
            let mut list = command.parameters()?;
            let path = list.quoted(1..=NAME)?;
            list.end()?;
            path
        };
        self.begin(Task::List(path), modem)
    }

    pub(super) fn listing(&mut self, path: &str, modem: &mut Modem) {
        let path = self.effective_path(path, modem);
        self.lines.inform(format!("LIST {path}").trim_end(), modem);
        let opened =
            self.data_connection().and_then(|()| modem.remote.list(&path, Listing::Long)).and_then(|mut reader| {
                let mut first = [0];
                let count = reader.read(&mut first).map_err(|error| RemoteError::from_io(&error))?;
                let first = first.get(..count).unwrap_or_default().to_vec();
                Ok((count == 0, Cursor::new(first).chain(reader)))
            });
        let (empty, reader) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.fail("FTPLIST", &error, modem),
        };
        if empty && self.options.empty_list == EmptyList::ResultAlone {
            self.lines.report("FTPLIST", 1, modem);
            return;
        }
        self.lines.inform("150 Here comes the directory listing.", modem);
        // The text follows it at once.
        modem.clock.settle();
        self.lines.report("FTPLIST", 2, modem);
        let stream = Stream::new(Box::new(reader), tag::LIST);
        modem.stream(match self.options.list_coding {
            ListCoding::Plain => stream,
            ListCoding::Terminated => stream.tail(END),
            ListCoding::Escaped => stream.escaped().tail(END),
        });
        self.transfer = Transfer::List;
        // Motorola G24, "FTP Connection": the line is in data mode as for file transfers.
        modem.receive(Intake::open());
    }

    /// Without a path the last list may be repeated wherever the working directory is now (Motorola G24 AT commands
    /// reference manual, `+FTPLIST`).
    fn effective_path(&mut self, path: &str, modem: &mut Modem) -> String {
        if !self.options.list_repeats {
            return path.to_owned();
        }
        if !path.is_empty() || self.last_list.is_empty() {
            self.last_list = if path.starts_with('/') {
                path.to_owned()
            } else {
                let directory = modem.remote.pwd().unwrap_or_default();
                format!("{}/{path}", directory.trim_end_matches('/'))
            };
        }
        self.last_list.clone()
    }

    pub(super) fn list_end(&mut self, error: Option<io::Error>, modem: &mut Modem) {
        self.transfer = Transfer::None;
        modem.leave_data_mode();
        match error {
            None => {
                self.lines.inform("226 Directory send OK.", modem);
                self.lines.report("FTPLIST", 1, modem);
            }
            Some(error) => self.fail("FTPLIST", &RemoteError::from_io(&error), modem),
        }
    }
}
