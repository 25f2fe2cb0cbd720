//! Data of local files on the serial line: `AT+QFUPL` and `AT+QFWRITE` in, `AT+QFDWL` and `AT+QFREAD` out.

use std::io::{Cursor, Read};
use std::time::Duration;

use super::super::options::QuectelOptions;
use super::super::token::LOCAL_FILE;
use super::Files;
use super::storage::{checksum, printed};
use crate::emulator::intake::{Intake, IntakeEnd};
use crate::emulator::modem::Modem;
use crate::emulator::queue::Stream;

const TIMEOUT: u16 = 421;
const ESCAPED: u16 = 429;

/// `AT+QFUPL` acknowledges every so many bytes.
const ACKNOWLEDGED: u64 = 1024;

/// Data of a local file on its way; it ends with the final result code of the command that began it.
pub(in super::super) enum Moving {
    In(Incoming),
    Out(Outgoing),
}

/// Data from the host.
pub(in super::super) struct Incoming {
    name: String,
    received: u64,
    goal: Goal,
}

pub(super) enum Goal {
    /// `AT+QFUPL`
    Upload {
        acknowledges: bool,
        /// Blocks acknowledged so far, or lost.
        acknowledged: u64,
    },
    /// `AT+QFWRITE` to this handle.
    Write(u64),
}

impl Incoming {
    /// Takes `size` bytes, and waits for each of them for so many seconds.
    pub(super) fn begin(
        name: String,
        goal: Goal,
        (size, patience): (u64, u64),
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Moving {
        modem.line("CONNECT");
        modem.receive(Intake::counted(size).or_escape(options.escape_guard).or_idle(Duration::from_secs(patience)));
        Moving::In(Self { name, received: 0, goal })
    }

    pub(in super::super) fn take(
        &mut self,
        bytes: &[u8],
        files: &mut Files,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) {
        self.received = self.received.saturating_add(bytes.len() as u64);
        match &mut self.goal {
            Goal::Upload { acknowledges, acknowledged } => {
                files.storage.append(&self.name, bytes);
                let step = if options.paired_acknowledgements { 2 } else { 1 };
                while *acknowledges && self.received / ACKNOWLEDGED >= *acknowledged + step {
                    for _ in 0..step {
                        *acknowledged += 1;
                        if options.lost_acknowledgement != Some(*acknowledged) {
                            modem.bytes(b"A");
                        }
                    }
                }
            }
            Goal::Write(number) => {
                if let Ok(handle) = files.handles.by_number(*number) {
                    let written = files.storage.write(&self.name, handle.position, bytes);
                    handle.position = handle.position.saturating_add(written);
                }
            }
        }
    }

    /// All data have come, or the host has stopped.
    pub(in super::super) fn end(self, end: IntakeEnd, files: &Files, options: &QuectelOptions, modem: &mut Modem) {
        let content = files.storage.content(&self.name).unwrap_or_default();
        match self.goal {
            Goal::Upload { acknowledges, acknowledged } => {
                let owed = self.received / ACKNOWLEDGED;
                if acknowledges && acknowledged < owed && options.lost_acknowledgement != Some(owed) {
                    modem.bytes(b"A");
                }
                let sum = printed(checksum(content), options.checksum);
                let text = format!("+QFUPL: {},{sum}", content.len());
                if options.glued_upload_result {
                    modem.bytes(format!("{text}\r\n").as_bytes());
                } else {
                    modem.line(&text);
                }
            }
            Goal::Write(_) => {
                modem.line(&format!("+QFWRITE: {},{}", self.received, content.len()));
            }
        }
        match end {
            IntakeEnd::Complete => modem.ok(),
            // A time-out is a number even under AT+CMEE=2.
            IntakeEnd::Idle if modem.basic.cmee != 0 => {
                modem.result(&format!("+CME ERROR: {TIMEOUT}"));
            }
            IntakeEnd::Idle => modem.error(),
            _ => modem.cme(ESCAPED),
        }
    }
}

/// Data for the host.
pub(in super::super) struct Outgoing {
    /// The line that follows the data.
    line: Option<String>,
}

impl Outgoing {
    pub(super) fn begin(bytes: Vec<u8>, line: Option<String>, options: &QuectelOptions, modem: &mut Modem) -> Moving {
        let reader: Box<dyn Read + Send> = Box::new(Cursor::new(bytes));
        modem.stream(Stream::new(reader, LOCAL_FILE));
        modem.receive(Intake::open().or_escape(options.escape_guard));
        Moving::Out(Self { line })
    }

    /// The last byte has left.
    pub(in super::super) fn end(self, options: &QuectelOptions, modem: &mut Modem) {
        modem.leave_data_mode();
        options.data_end.say(modem);
        if let Some(line) = self.line {
            modem.line(&line);
        }
        modem.ok();
    }

    /// The host has escaped.
    pub(in super::super) fn escape(self, modem: &mut Modem) {
        drop(modem.queue.stop_stream());
        modem.cme(ESCAPED);
    }
}
