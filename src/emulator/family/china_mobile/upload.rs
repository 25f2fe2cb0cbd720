//! `AT+MFTPAPPE` and `AT+MFTPSTOR` (OneMO FTP AT manual V3.1.0 §3.11, §3.12).

use super::code::{BAD_PARAMETER, Refused, result, result_of};
use super::connection::{Entry, EntryKind, Issued, Put, Task};
use super::lines::prompt;
use super::options::{ChinaMobileOptions, SentLength};
use super::turn::Turn;
use super::verb::{LONGEST_PIECE, Request, Source, Verb};
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::{RemoteError, StoreMode, Upload};

const ESC: u8 = 0x1B;

const fn mode(verb: Verb) -> StoreMode {
    match verb {
        Verb::Append => StoreMode::Append,
        _ => StoreMode::Create,
    }
}

/// Begins an upload whose data comes from the serial line or a file.
pub(super) fn begin(file: String, source: Source, verb: Verb, turn: &mut Turn<'_>) -> Result<(), Refused> {
    match source {
        Source::Transparent => return connect_through(&file, verb, turn),
        Source::Prompt { last, length } => {
            prompt(turn.options, turn.modem);
            turn.modem.receive(prompt_intake(length, turn.options));
            turn.connection.entry = Some(Entry { verb, kind: EntryKind::Piece { file, data: Vec::new(), last } });
        }
        Source::Inline { last, data } => turn.start(verb, Task::Piece { file, data, last }),
        source @ Source::File(_) => turn.start(verb, Task::Request(Request::Upload { file, source })),
    }
    Ok(())
}

fn prompt_intake(length: Option<u64>, options: &ChinaMobileOptions) -> Intake {
    let intake = length.map_or_else(Intake::until_ctrl_z, Intake::counted);
    match options.prompt_timeout {
        Some(limit) => intake.or_idle(limit),
        None => intake,
    }
}

/// Transparent mode: the port is connected through to the server.
fn connect_through(file: &str, verb: Verb, turn: &mut Turn<'_>) -> Result<(), Refused> {
    let Turn { connection, options, modem, .. } = turn;
    modem.clock.delay(modem.options.network_latency);
    match connection.remote(modem).store(file, mode(verb)) {
        Ok(upload) => {
            modem.line("CONNECT");
            modem.receive(Intake::open().or_escape(options.escape_guard));
            connection.entry = Some(Entry { verb, kind: EntryKind::Transparent { upload, sent: 0 } });
            Ok(())
        }
        Err(error) => {
            connection.failed(&error);
            turn.report_loss();
            Err(Refused(verb.error()))
        }
    }
}

/// Data for the upload in progress.
pub(super) fn take_data(bytes: &[u8], turn: &mut Turn<'_>) {
    let Some(Entry { verb, kind }) = &mut turn.connection.entry else { return };
    match kind {
        EntryKind::Piece { data, .. } => {
            // One byte more than allowed shows that there were too many.
            let room = (LONGEST_PIECE + 1).saturating_sub(data.len());
            data.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        }
        EntryKind::Transparent { upload, sent } => {
            let Err(error) = upload.write_all(bytes) else {
                *sent = sent.saturating_add(bytes.len() as u64);
                return;
            };
            let (verb, sent) = (*verb, *sent);
            turn.connection.entry = None;
            turn.connection.failed(&RemoteError::from_io(&error));
            turn.break_through(verb, sent);
        }
    }
}

/// The host has given all the data it wants to give.
pub(super) fn end_data(end: IntakeEnd, turn: &mut Turn<'_>) {
    let Some(Entry { verb, kind }) = turn.connection.entry.take() else {
        return;
    };
    match kind {
        EntryKind::Transparent { upload, sent } => {
            turn.modem.clock.delay(turn.modem.options.network_latency);
            let finished = upload.finish();
            turn.modem.ok();
            let code = match finished {
                Ok(()) if !turn.options.transparent_result => return,
                Ok(()) => result::SUCCESS,
                Err(error) => turn.connection.failed(&error),
            };
            turn.conclude(Issued { verb, in_command: false }, code, &format!(",{sent}"));
        }
        EntryKind::Piece { file, data, last } => match end {
            IntakeEnd::Cancel if turn.options.escape_cancels => turn.modem.ok(),
            IntakeEnd::Cancel => {
                turn.connection.entry = Some(Entry { verb, kind: EntryKind::Piece { file, data, last } });
                turn.modem.receive(prompt_intake(None, turn.options));
                take_data(&[ESC], turn);
            }
            IntakeEnd::Complete | IntakeEnd::Terminator if (1..=LONGEST_PIECE).contains(&data.len()) => {
                turn.start(verb, Task::Piece { file, data, last });
            }
            IntakeEnd::Complete | IntakeEnd::Terminator => turn.modem.cme(BAD_PARAMETER),
            _ => turn.modem.cme(verb.error()),
        },
    }
}

/// Sends one piece to the server, the first one opening the file and the last one closing it.
pub(super) fn send_piece(file: String, data: &[u8], last: bool, issued: Issued, turn: &mut Turn<'_>) {
    let Turn { connection, options, modem, .. } = turn;
    let verb = issued.verb;
    let before = connection.put.as_ref().map_or(0, |put| put.sent);
    let put = match connection.put.take() {
        Some(put) => Ok(put),
        None => connection
            .remote(modem)
            .store(&file, mode(verb))
            .map(|upload| Put { verb, file, upload, sent: 0 })
            .map_err(|error| connection.failed(&error)),
    };
    let sent = put.and_then(|mut put| {
        send(put.upload.as_mut(), data).map_err(|error| {
            connection.failed(&error);
            match error {
                RemoteError::Reply { .. } => result_of(&error),
                RemoteError::Network(_) => result::SENDING,
            }
        })?;
        put.sent = put.sent.saturating_add(data.len() as u64);
        let total = put.sent;
        if last {
            put.upload.finish().map_err(|error| connection.failed(&error))?;
        } else {
            connection.put = Some(put);
        }
        Ok(match options.sent_length {
            SentLength::Piece => data.len() as u64,
            SentLength::Total => total,
        })
    });
    let (code, sent) = match sent {
        Ok(sent) => (result::SUCCESS, sent),
        Err(code) if options.sent_length == SentLength::Total => (code, before),
        Err(code) => (code, 0),
    };
    turn.conclude(issued, code, &format!(",{sent}"));
}

/// Sends a file of the module.
pub(super) fn send_file(file: String, local: &str, issued: Issued, turn: &mut Turn<'_>) {
    match turn.storage.files.content(local).map(<[u8]>::to_vec) {
        Some(data) => send_piece(file, &data, true, issued, turn),
        None => turn.conclude(issued, result::FILE, ",0"),
    }
}

fn send(upload: &mut dyn Upload, data: &[u8]) -> Result<(), RemoteError> {
    upload.write_all(data).map_err(|error| RemoteError::from_io(&error))
}
