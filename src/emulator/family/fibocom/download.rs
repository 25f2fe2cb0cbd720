//! Downloads: through the module's cache (`AT+FTPGET`, `AT+FTPRECV`), and as a coded stream (`AT+FTPRETR`).

use std::collections::VecDeque;
use std::io::{self, Read};

use super::cache::Fill;
use super::data::{Breaking, Text};
use super::limits::NAME;
use super::list::END;
use super::options::{EmptyRead, FullCache, GetCompletion};
use super::refused::Refused;
use super::session::{is_ascii, optional_size};
use super::state::Fibocom;
use super::task::{Request, Task};
use super::transfer::Transfer;
use super::{due, tag};
use crate::emulator::command::Command;
use crate::emulator::intake::Intake;
use crate::emulator::modem::Modem;
use crate::emulator::queue::{PIECE, Stream};
use crate::emulator::remote::{NetworkCause, RemoteError};

impl Fibocom {
    /// `AT+FTPGET="<name>"[,<type>[,<offset>[,<size>]]]`
    pub(super) fn fetch(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let mut request = request(command)?;
        if self.options.get_offset_ignored {
            request.offset = Some(0);
        }
        self.begin(Task::Get(request), modem)
    }

    /// `AT+FTPRETR="<name>"[,<type>[,<offset>[,<size>]]]`
    pub(super) fn stream_out(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let request = request(command)?;
        self.begin(Task::Retrieve(request), modem)
    }

    /// Transfers need a data connection.
    pub(super) fn data_connection(&self) -> Result<(), RemoteError> {
        if self.settings.active && !self.options.active_mode_works {
            return Err(RemoteError::Network(NetworkCause::DataConnection));
        }
        Ok(())
    }

    fn retrieve(&mut self, request: &Request, modem: &mut Modem) -> Result<Box<dyn Read + Send>, RemoteError> {
        let restart = self.settings.restart_at.take().unwrap_or(0);
        let offset = request.offset.unwrap_or(restart);
        self.lines.inform(&format!("RETR {}", request.name), modem);
        self.data_connection()?;
        let reader = modem.remote.retrieve(&request.name, offset)?;
        self.lines.inform("150 Opening data connection.", modem);
        let reader: Box<dyn Read + Send> = match self.troubles.bytes_to_loss() {
            Some(left) => Box::new(Breaking::new(reader, left)),
            None => reader,
        };
        if request.ascii && self.options.ascii_converts {
            return Ok(Box::new(Text::new(reader)));
        }
        Ok(reader)
    }

    pub(super) fn begin_fill(&mut self, request: &Request, modem: &mut Modem) {
        self.cache.clear();
        let reader = match self.retrieve(request, modem) {
            Ok(reader) => reader,
            Err(error) => return self.fail("FTPGET", &error, modem),
        };
        self.lines.report("FTPGET", 2, modem);
        self.transfer = Transfer::Fill(Fill {
            reader: Some(reader),
            left: request.size.unwrap_or(u64::MAX),
            failure: None,
            paused: false,
            reads: 0,
        });
        modem.network_timer(due::FILL);
    }

    /// More of the file has come.
    pub(super) fn fill(&mut self, modem: &mut Modem) {
        let Transfer::Fill(fill) = &mut self.transfer else {
            return;
        };
        let Some(reader) = &mut fill.reader else {
            return;
        };
        let wanted = usize::try_from(fill.left)
            .unwrap_or(usize::MAX)
            .min(self.cache.room())
            .min(self.options.fill_piece.unwrap_or(usize::MAX));
        let received = receive(reader, wanted, &mut self.cache.bytes);
        let count = *received.as_ref().unwrap_or_else(|(count, _)| count);
        fill.left = fill.left.saturating_sub(count as u64);
        self.troubles.count(count as u64);
        let full = self.cache.room() == 0;
        let result = match received {
            Err((_, error)) => Some(Err(error)),
            Ok(count) if count < wanted => Some(Ok(())),
            // Whether the end has been reached shows only when one asks for more.
            Ok(_) if fill.left == 0 || full && self.options.full_cache == FullCache::EndsRound => Some(at_end(reader)),
            Ok(_) => None,
        };
        match result {
            Some(result) => {
                fill.reader = None;
                fill.failure = result.err();
                self.received(modem);
            }
            None if full => {
                fill.paused = true;
                if let FullCache::Pauses(Some(limit)) = self.options.full_cache {
                    modem.timer(due::DRAIN, limit);
                }
            }
            None => modem.network_timer(due::FILL),
        }
    }

    /// Nothing more is to be received.
    fn received(&mut self, modem: &mut Modem) {
        let Transfer::Fill(fill) = &self.transfer else {
            return;
        };
        if fill.failure.is_some() {
            self.complete(modem);
            return;
        }
        match self.options.get_completion {
            GetCompletion::Immediate => self.complete(modem),
            GetCompletion::Delayed(time) => modem.timer(due::COMPLETION, time),
            GetCompletion::AfterReads(reads, _) if fill.reads >= reads => self.complete(modem),
            GetCompletion::AfterReads(_, limit) => modem.timer(due::COMPLETION, limit),
        }
    }

    /// Says how `AT+FTPGET` ended.
    pub(super) fn complete(&mut self, modem: &mut Modem) {
        modem.timers.cancel(due::COMPLETION);
        let Transfer::Fill(fill) = std::mem::replace(&mut self.transfer, Transfer::None) else {
            return;
        };
        match fill.failure {
            None => {
                self.lines.inform("226 Transfer complete.", modem);
                self.lines.report("FTPGET", 1, modem);
            }
            Some(error) => {
                if !self.options.failed_get_readable {
                    self.cache.clear();
                }
                self.fail("FTPGET", &error, modem);
            }
        }
    }

    /// The host has left the cache full for too long.
    pub(super) fn overrun(&mut self, modem: &mut Modem) {
        if let Transfer::Fill(fill) = &mut self.transfer {
            fill.reader = None;
            fill.failure = Some(RemoteError::Network(NetworkCause::Timeout));
            self.complete(modem);
        }
    }

    /// `AT+FTPRECV=<length>`
    pub(super) fn read_cache(&mut self, name: &str, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let asked = list.number(1..=self.options.recv_max as u64)?;
        list.end()?;
        let filling = match &mut self.transfer {
            Transfer::None => false,
            Transfer::Fill(fill) => {
                fill.reads = fill.reads.saturating_add(1);
                true
            }
            _ => return Err(Refused::State),
        };
        if !self.open || self.task.is_some() {
            return Err(Refused::State);
        }
        let withheld = filling && self.reads_before_data();
        let count = usize::try_from(asked)
            .unwrap_or(usize::MAX)
            .min(self.options.recv_limit.unwrap_or(usize::MAX))
            .min(if withheld { 0 } else { self.cache.bytes.len() });
        if count == 0 && self.options.empty_read == EmptyRead::Error {
            return Err(Refused::State);
        }
        modem.line(&format!("+{name}: {count}"));
        let piece: Vec<u8> = self.cache.bytes.drain(..count).collect();
        if piece.is_empty() {
            modem.ok();
            self.after_cache_read(modem);
        } else {
            modem.stream(Stream::block(piece, tag::CACHE));
        }
        Ok(())
    }

    /// Whether this read is one of those that get nothing although data are on their way.
    fn reads_before_data(&self) -> bool {
        match &self.transfer {
            Transfer::Fill(fill) => fill.reads <= self.options.zero_reads,
            _ => false,
        }
    }

    /// The host has its piece; there is room for more.
    pub(super) fn cache_read(&mut self, modem: &mut Modem) {
        self.options.data_end.say(modem);
        modem.ok();
        self.after_cache_read(modem);
    }

    fn after_cache_read(&mut self, modem: &mut Modem) {
        let Transfer::Fill(fill) = &mut self.transfer else {
            return;
        };
        if fill.reader.is_none() {
            if let GetCompletion::AfterReads(reads, _) = self.options.get_completion
                && fill.reads >= reads
            {
                self.complete(modem);
            }
            return;
        }
        if self.cache.room() > 0 && std::mem::take(&mut fill.paused) {
            modem.timers.cancel(due::DRAIN);
            modem.network_timer(due::FILL);
        }
    }

    pub(super) fn resize_cache(&mut self, size: u64) -> Result<(), Refused> {
        if matches!(self.transfer, Transfer::Fill(_)) {
            return Err(Refused::State);
        }
        let size = usize::try_from(size).map_err(|_| Refused::Parameters)?;
        self.cache.resize(size);
        Ok(())
    }

    pub(super) fn begin_stream_out(&mut self, request: &Request, modem: &mut Modem) {
        let reader = match self.retrieve(request, modem) {
            Ok(reader) => reader,
            Err(error) => return self.fail("FTPRETR", &error, modem),
        };
        self.lines.report("FTPRETR", 2, modem);
        let stream = Stream::new(reader, tag::RETRIEVE).escaped().tail(END);
        modem.stream(match request.size {
            Some(size) => stream.limit(size),
            None => stream,
        });
        self.transfer = Transfer::Retrieve;
        // The line is in data mode: what the host sends meanwhile is no command.
        modem.receive(Intake::open());
    }

    pub(super) fn stream_out_end(&mut self, count: u64, error: Option<io::Error>, modem: &mut Modem) {
        self.troubles.count(count);
        self.transfer = Transfer::None;
        modem.leave_data_mode();
        match error {
            None => {
                self.lines.inform("226 Transfer complete.", modem);
                self.lines.report("FTPRETR", 1, modem);
            }
            Some(error) => self.fail("FTPRETR", &RemoteError::from_io(&error), modem),
        }
    }
}

fn request(command: &Command<'_>) -> Result<Request, Refused> {
    let mut list = command.parameters()?;
    let name = list.quoted(1..=NAME)?;
    let ascii = is_ascii(list.optional_number(0..=1)?);
    let offset = list.optional_number(0..=u64::MAX)?;
    let size = optional_size(list.value())?;
    list.end()?;
    Ok(Request { name, ascii, offset, size })
}

/// Appends up to `wanted` bytes to `cache`; fewer mean the end. A failure has the number that came before it.
fn receive(
    reader: &mut Box<dyn Read + Send>,
    wanted: usize,
    cache: &mut VecDeque<u8>,
) -> Result<usize, (usize, RemoteError)> {
    let mut space = vec![0; wanted.min(PIECE)];
    let mut count = 0;
    while count < wanted {
        let limit = space.len().min(wanted.saturating_sub(count));
        let space = space.get_mut(..limit).unwrap_or_default();
        match reader.read(space) {
            Ok(0) => break,
            Ok(read) => {
                cache.extend(space.get(..read).unwrap_or_default());
                count = count.saturating_add(read);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((count, RemoteError::from_io(&error))),
        }
    }
    Ok(count)
}

/// Reads one byte more, so that a transfer that is over is known to be; any other one is aborted.
fn at_end(reader: &mut Box<dyn Read + Send>) -> Result<(), RemoteError> {
    let mut more = VecDeque::new();
    receive(reader, 1, &mut more).map_or_else(|(_, error)| Err(error), |_| Ok(()))
}
