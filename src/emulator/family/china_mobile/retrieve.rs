//! `AT+MFTPRETR` (OneMO FTP AT manual V3.1.0 §3.10).

use std::io::Read;
use std::time::Duration;

use super::code::result;
use super::connection::{Download, Issued, Task};
use super::lines::wake;
use super::options::SumSize;
use super::token;
use super::turn::Turn;
use crate::emulator::RemoteError;
use crate::emulator::choices::DataEnd;
use crate::emulator::queue::{PIECE, Stream};

/// How soon a piece is tried again while the line is taken by another connection's data or command.
const RETRY: Duration = Duration::from_millis(5);

/// A part of a file on the server.
pub(super) struct Part {
    pub(super) file: String,
    pub(super) offset: u64,
    pub(super) length: Option<u64>,
}

/// Downloads to the serial line.
pub(super) fn download(part: &Part, issued: Issued, turn: &mut Turn<'_>) {
    match Download::begin(part, turn) {
        Ok(download) => download.next_piece(issued, turn),
        Err(code) => turn.conclude(issued, code, ""),
    }
}

/// Downloads to a file in the module.
pub(super) fn download_file(part: &Part, local: &str, issued: Issued, turn: &mut Turn<'_>) {
    let room = turn.storage.files.room_for(local);
    let content = Download::begin(part, turn).and_then(|mut download| {
        let mut content = Vec::new();
        loop {
            let piece = download.read(PIECE);
            if let Some(error) = download.failure {
                return Err(turn.connection.failed(&RemoteError::from_io(&error)));
            }
            content.extend_from_slice(&piece);
            if piece.is_empty() || content.len() > room {
                return Ok(content);
            }
        }
    });
    let stored = content.and_then(|content| {
        let count = content.len();
        turn.storage.files.put(local, content).map(|()| count).map_err(|_| result::STORAGE)
    });
    match stored {
        Ok(count) => {
            let both = turn.options.local_both_sizes;
            let sizes = if both { format!(",{count},{count}") } else { format!(",{count}") };
            turn.conclude(issued, result::SUCCESS, &sizes);
        }
        Err(code) => turn.conclude(issued, code, ""),
    }
}

impl Download {
    /// Opens the download, or says why not.
    fn begin(part: &Part, turn: &mut Turn<'_>) -> Result<Self, u8> {
        let Turn { connection, options, modem, .. } = turn;
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
        let stall = options.stall_at;
        let offset = if options.offset_wraps { part.offset % 65_536 } else { part.offset };
        let rest = size.into_iter().chain(stall).min().map_or(u64::MAX, |end| end.saturating_sub(offset));
        let reader =
            connection.remote(modem).retrieve(&part.file, offset).map_err(|error| connection.failed(&error))?;
        Ok(Self {
            reader,
            left: part.length.unwrap_or(u64::MAX).min(rest),
            whole: stall.is_none() && part.length.is_none_or(|length| length >= rest),
            size,
            sum: 0,
            failure: None,
        })
    }

    /// Sends the next piece, or ends the download.
    pub(super) fn next_piece(mut self, issued: Issued, turn: &mut Turn<'_>) {
        let Issued { in_command, .. } = issued;
        let (id, token) = (turn.id, token(turn.id));
        if turn.modem.in_data || (turn.modem.progress.is_busy() && !in_command) {
            turn.occupy(issued, Task::Download(self));
            turn.modem.timer(token, RETRY);
            return;
        }
        let piece = self.read(turn.options.piece_size);
        if piece.is_empty()
            && let Some(error) = &self.failure
        {
            let code = turn.connection.failed(&RemoteError::from_io(error));
            turn.conclude(issued, code, "");
            return;
        }
        let sum = match turn.options.sum_size {
            SumSize::Cumulative => self.sum,
            SumSize::FileSize => self.size.unwrap_or(self.sum),
        };
        if piece.is_empty() {
            if turn.options.final_empty_piece || sum == 0 {
                turn.say(&format!("+MFTPRETR: {id},0,{sum},0,"), in_command);
            }
            turn.release(issued);
            return;
        }
        *turn.pieces = turn.pieces.saturating_add(1);
        turn.occupy(issued, Task::Download(self));
        let Turn { options, modem, .. } = turn;
        if options.lost_piece == Some(*turn.pieces) {
            modem.timer(token, options.piece_gap);
            return;
        }
        let quote = if options.quoted_data { "\"" } else { "" };
        wake(options, modem);
        modem.head(&format!("+MFTPRETR: {id},0,{sum},{},{quote}", piece.len()));
        let own_end = if options.data_end == DataEnd::OwnLineEnd { "\r\n" } else { "" };
        let line_end = if options.urc_line_end || in_command { "\r\n" } else { "" };
        modem.stream(Stream::block(piece, token).tail(format!("{quote}{own_end}{line_end}").as_bytes()));
    }

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
