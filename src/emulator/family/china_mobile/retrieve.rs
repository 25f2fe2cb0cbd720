//! `AT+MFTPRETR` (OneMO FTP AT manual V3.1.0 §3.10).

use std::io::Read;
use std::time::Duration;

use super::code::result;
use super::connection::{Download, Job, Task};
use super::options::SumSize;
use super::verb::Verb;
use super::{ChinaMobile, token};
use crate::emulator::RemoteError;
use crate::emulator::choices::DataEnd;
use crate::emulator::modem::Modem;
use crate::emulator::queue::{PIECE, Stream};

/// How soon a piece is tried again while the line is taken by another connection's data or command.
const RETRY: Duration = Duration::from_millis(5);

/// A part of a file on the server.
pub(super) struct Part {
    pub(super) file: String,
    pub(super) offset: u64,
    pub(super) length: Option<u64>,
}

impl ChinaMobile {
    /// Opens the download, or says why not.
    fn begin(&mut self, id: usize, part: &Part, modem: &mut Modem) -> Result<Download, u8> {
        let wraps = self.options.offset_wraps;
        let stall = self.options.stall_at;
        let connection = self.connections.get_mut(id).ok_or(result::MEMORY)?;
        let size = match connection.remote(modem).size(&part.file) {
            Ok(size) => Some(size),
            // No document has the download depend on SIZE: the reply to RETR decides.
            Err(RemoteError::Reply { code, .. }) if code != 421 => None,
            Err(error) => return Err(connection.failed(&error)),
        };
        if size.is_some_and(|size| part.offset > size) {
            return Err(result::BAD_PARAMETER);
        }
        if size == Some(part.offset) || part.length == Some(0) {
            return Err(result::NO_DATA);
        }
        let offset = if wraps { part.offset % 65_536 } else { part.offset };
        let rest = size.into_iter().chain(stall).min().map_or(u64::MAX, |end| end.saturating_sub(offset));
        let reader =
            connection.remote(modem).retrieve(&part.file, offset).map_err(|error| connection.failed(&error))?;
        Ok(Download {
            reader,
            left: part.length.unwrap_or(u64::MAX).min(rest),
            whole: stall.is_none() && part.length.is_none_or(|length| length >= rest),
            size,
            sum: 0,
            failure: None,
        })
    }

    /// Begins a download to the serial line.
    pub(super) fn download(&mut self, id: usize, part: &Part, in_command: bool, modem: &mut Modem) {
        match self.begin(id, part, modem) {
            Ok(download) => self.next_piece(id, download, in_command, modem),
            Err(code) => self.conclude(id, Verb::Retrieve, in_command, code, "", modem),
        }
    }

    /// Sends the next piece, or ends the download.
    pub(super) fn next_piece(&mut self, id: usize, mut download: Download, in_command: bool, modem: &mut Modem) {
        if modem.in_data || (modem.progress.is_busy() && !in_command) {
            self.resume(id, download, in_command);
            modem.timer(token(id), RETRY);
            return;
        }
        let piece = download.read(self.options.piece_size);
        if piece.is_empty()
            && let Some(error) = &download.failure
        {
            let code = self.failed(id, &RemoteError::from_io(error));
            self.conclude(id, Verb::Retrieve, in_command, code, "", modem);
            return;
        }
        let sum = match self.options.sum_size {
            SumSize::Cumulative => download.sum,
            SumSize::FileSize => download.size.unwrap_or(download.sum),
        };
        if piece.is_empty() {
            if self.options.final_empty_piece || sum == 0 {
                self.say(&format!("+MFTPRETR: {id},0,{sum},0,"), in_command, modem);
            }
            self.release(id, in_command, modem);
            return;
        }
        self.pieces = self.pieces.saturating_add(1);
        let is_lost = self.options.lost_piece == Some(self.pieces);
        let quote = if self.options.quoted_data { "\"" } else { "" };
        let header = format!("+MFTPRETR: {id},0,{sum},{},{quote}", piece.len());
        self.resume(id, download, in_command);
        if is_lost {
            modem.timer(token(id), self.options.piece_gap);
            return;
        }
        self.wake(modem);
        modem.head(&header);
        let stream = Stream::block(piece, u32::try_from(id).unwrap_or_default());
        let own_end = if self.options.data_end == DataEnd::OwnLineEnd { "\r\n" } else { "" };
        let line_end = if self.options.urc_line_end || in_command { "\r\n" } else { "" };
        modem.stream(stream.tail(format!("{quote}{own_end}{line_end}").as_bytes()));
    }

    fn resume(&mut self, id: usize, download: Download, in_command: bool) {
        if let Some(connection) = self.connections.get_mut(id) {
            connection.job = Some(Job { verb: Verb::Retrieve, task: Task::Download(download), in_command });
        }
    }

    /// Downloads to a file in the module.
    pub(super) fn download_file(&mut self, id: usize, part: &Part, local: &str, in_command: bool, modem: &mut Modem) {
        let room = self.files.room_for(local);
        let result = self.begin(id, part, modem).and_then(|mut download| {
            let mut content = Vec::new();
            loop {
                let piece = download.read(PIECE);
                if let Some(error) = download.failure {
                    return Err(self.failed(id, &RemoteError::from_io(&error)));
                }
                content.extend_from_slice(&piece);
                if piece.is_empty() || content.len() > room {
                    return Ok(content);
                }
            }
        });
        let result = result.and_then(|content| {
            let count = content.len();
            self.files.put(local, content).map(|()| count).map_err(|_| result::STORAGE)
        });
        match result {
            Ok(count) => {
                let sizes =
                    if self.options.local_both_sizes { format!(",{count},{count}") } else { format!(",{count}") };
                self.conclude(id, Verb::Retrieve, in_command, result::SUCCESS, &sizes, modem);
            }
            Err(code) => self.conclude(id, Verb::Retrieve, in_command, code, "", modem),
        }
    }
}

impl Download {
    /// Up to `limit` bytes, fewer only at the end; why the source failed is kept.
    fn read(&mut self, limit: usize) -> Vec<u8> {
        if self.failure.is_some() {
            return Vec::new();
        }
        let wanted = self.left.min(limit.max(1) as u64);
        let mut piece = Vec::with_capacity(usize::try_from(wanted).unwrap_or(limit));
        let result = self.reader.by_ref().take(wanted).read_to_end(&mut piece);
        let count = piece.len() as u64;
        self.sum = self.sum.saturating_add(count);
        self.left = self.left.saturating_sub(count);
        self.failure = result.err();
        if self.failure.is_none() && count == 0 && self.whole {
            // The server's word that the file is complete comes only with its end.
            self.failure = self.reader.read(&mut [0]).err();
        }
        piece
    }
}
