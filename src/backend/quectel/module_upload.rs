//! From the host to the module's own files: QFUPL (FILE application note; FTP(S) application note §3.6).

use std::io::Read;
use std::time::Duration;

use super::module_files::{Checksum, FILE, check_module_name};
use super::{COMMAND_LIMIT, GUARD, Quectel};
use crate::at::{Command, Drain, Event, Expect, Flow, Line};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Transfer};

/// The longest silence that the module is to tolerate, in seconds (default 5, up to 65535).
const PATIENCE_SECONDS: u8 = 60;
/// As long, with room for the module to say so first.
const PATIENCE: Duration = Duration::from_secs(PATIENCE_SECONDS as u64 + 5);
/// How much is sent at a time without acknowledgements.
const CHUNK: usize = 16 * 1024;
/// In ACK mode the module sends one `A` for so many bytes; for the rest behind the last full block it sends none.
const BLOCK: usize = 1024;
const ACKNOWLEDGEMENT: u8 = b'A';
/// So many blocks may be without acknowledgement: some firmware acknowledges two at a time (seen on EC2x).
const WINDOW: u64 = 2;

/// How the host is kept from sending faster than the module can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Pacing {
    /// By the port's flow control, if it has one.
    #[default]
    Flow,
    /// By acknowledgements of every 1024 bytes (ACK mode), for ports without flow control.
    Acknowledged,
}

impl Quectel {
    /// Writes `length` bytes of `source` into a new file of the module's own (`AT+QFUPL`), such as `UFS:a.txt`. The module's count
    /// and its checksum are compared with what was sent. An upload that fails leaves no file behind.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a name that is not one, [`ModuleStorage`](ErrorKind::ModuleStorage) when a file
    /// of this name exists (code 407) or there is no room, [`LocalIo`](ErrorKind::LocalIo) when the source fails or yields fewer
    /// bytes, [`Incomplete`](ErrorKind::Incomplete) and [`VerificationFailed`](ErrorKind::VerificationFailed) when bytes were lost or
    /// changed on the way.
    pub fn store_to_module(
        &mut self,
        name: &str,
        length: u64,
        pacing: Pacing,
        source: &mut dyn Read,
    ) -> Result<Transfer> {
        self.operation("store to module", |quectel| {
            check_module_name(&FILE, name)?;
            let mut sent = 0;
            let acknowledged = pacing == Pacing::Acknowledged;
            let outcome = quectel.write_module_file(name, length, acknowledged, source, &mut sent);
            outcome.map_err(|error| error.with_transferred(sent))?;
            Ok(Transfer::new(length, Assurance::ModuleCount))
        })
    }

    pub(super) fn write_module_file(
        &mut self,
        name: &str,
        length: u64,
        acknowledged: bool,
        source: &mut dyn Read,
        sent: &mut u64,
    ) -> Result<()> {
        self.check_room(name, length)?;
        if length == 0 {
            return self.write_empty_file(name);
        }
        let command = Command::set("+QFUPL").text(&FILE, name).number(length).number(PATIENCE_SECONDS);
        self.connect_file(command.number(u8::from(acknowledged)))?;
        let mut checksum = Checksum::default();
        let mut source = Drain::new(source);
        let outcome = if acknowledged {
            self.send_blocks(length, &mut source, &mut checksum, sent)
        } else {
            self.send_chunks(length, &mut source, &mut checksum, sent)
        };
        let outcome = outcome.and_then(|()| self.confirm(length, checksum));
        outcome.map_err(|error| {
            if error.kind() == ErrorKind::ModuleRestarted || !error.module_usable() {
                return error;
            }
            // A part of a file is of no use, and would be in the way of the next attempt (code 407).
            match self.set(Command::set("+QFDEL").text(&FILE, name)) {
                Err(failure) if self.engine.is_out_of_step() || !failure.module_usable() => {
                    error.module_left_unusable()
                }
                _ => error,
            }
        })
    }

    /// QFUPL takes no length of 0; opening for writing makes the file (FILE application note, QFOPEN).
    fn write_empty_file(&mut self, name: &str) -> Result<()> {
        if self.told_module_size(name)?.is_some() {
            return Err(self.engine.error(ErrorKind::ModuleStorage, "a file of this name exists"));
        }
        let handle = self.open_module_file(name, 0)?;
        self.close_module_file(handle)
    }

    /// Sends a command that begins a counted block, up to its `CONNECT`.
    pub(super) fn connect_file(&mut self, command: Command) -> Result<Option<u64>> {
        let deadline = self.engine.start(command, Phase::Prompt, COMMAND_LIMIT)?;
        loop {
            match self.engine.next_event(Expect::Line, deadline)? {
                Event::Connected(announced) => return Ok(announced),
                Event::Unsolicited => {}
                _ => return Err(self.engine.protocol("expected CONNECT")),
            }
        }
    }

    fn send_chunks(
        &mut self,
        length: u64,
        source: &mut Drain<'_>,
        checksum: &mut Checksum,
        sent: &mut u64,
    ) -> Result<()> {
        let mut chunk = vec![0; CHUNK];
        while *sent < length {
            let bytes = self.read_part(source, &mut chunk, length, *sent)?;
            match self.engine.glance() {
                Ok(None | Some(Event::Unsolicited)) => {}
                // The module has ended it: what is sent now would be taken for commands.
                Ok(Some(_)) => return Ok(()),
                Err(error) => return Err(error),
            }
            self.engine.send_payload(bytes, length - *sent, PATIENCE)?;
            checksum.add(bytes);
            *sent += bytes.len() as u64;
        }
        Ok(())
    }

    fn send_blocks(
        &mut self,
        length: u64,
        source: &mut Drain<'_>,
        checksum: &mut Checksum,
        sent: &mut u64,
    ) -> Result<()> {
        let mut block = [0; BLOCK];
        let mut open = 0;
        while *sent < length {
            let bytes = self.read_part(source, &mut block, length, *sent)?;
            let least = u64::from(open == WINDOW);
            let acknowledged = self.engine.receive_marks(ACKNOWLEDGEMENT, least, open, PATIENCE);
            let (acknowledged, is_over) = acknowledged.inspect_err(|_| self.engine.owe(length - *sent))?;
            if is_over {
                // The module has ended it: what is sent now would be taken for commands.
                return Ok(());
            }
            open -= acknowledged;
            self.engine.send_payload(bytes, length - *sent, PATIENCE)?;
            checksum.add(bytes);
            *sent += bytes.len() as u64;
            open += u64::from(bytes.len() == BLOCK);
        }
        // One that is lost does no harm any more: count and checksum follow.
        self.engine.receive_marks(ACKNOWLEDGEMENT, open, open, PATIENCE).map(drop)
    }

    /// The next part of the source. When there is none, the module is relieved of the rest.
    fn read_part<'a>(
        &mut self,
        source: &mut Drain<'_>,
        room: &'a mut [u8],
        length: u64,
        sent: u64,
    ) -> Result<&'a [u8]> {
        let left = length - sent;
        let size = usize::try_from(left).unwrap_or(usize::MAX).min(room.len());
        let room = room.get_mut(..size).unwrap_or_default();
        let short = match source.fill(room) {
            Ok(filled) if filled == size => return Ok(room),
            Ok(filled) => {
                let detail = format!("the source yielded {} bytes, {length} were announced", sent + filled as u64);
                Error::new(ErrorKind::LocalIo, detail)
            }
            Err(failure) => failure,
        };
        Err(self.break_promise(left, short))
    }

    /// Reads `+QFUPL: <bytes>,<checksum>` and `OK`, and compares.
    fn confirm(&mut self, length: u64, checksum: Checksum) -> Result<()> {
        let limit = PATIENCE + self.engine.line_time(CHUNK as u64);
        let (told, outcome) = self.file_result(limit);
        let taken = told.as_ref().and_then(|line| line.number(0));
        if let Err(error) = outcome {
            if error.kind() == ErrorKind::Timeout && self.engine.escape(GUARD, Flow::ToModule).is_err() {
                return Err(error.module_left_unusable());
            }
            return Err(error);
        }
        match (taken, told) {
            (Some(taken), Some(line)) if taken == length && checksum.is_told_by(&line) => Ok(()),
            (Some(taken), Some(_)) if taken == length => {
                Err(self.engine.error(ErrorKind::VerificationFailed, "the module's checksum is another one"))
            }
            (Some(taken), _) => {
                let detail = format!("sent {length} bytes, the module says it took {taken}");
                Err(self.engine.error(ErrorKind::Incomplete, detail))
            }
            (None, _) => Err(self.engine.error(ErrorKind::Protocol, "the module does not say how much it took")),
        }
    }

    /// The line that tells count and checksum of a file, and the final result behind it, which may be an error all the same: when
    /// data did not come in time, QFUPL tells what came and then `+CME ERROR: 421` (seen on EG800K).
    pub(super) fn file_result(&mut self, limit: Duration) -> (Option<Line>, Result<()>) {
        let deadline = self.engine.deadline(Phase::Acknowledgement, limit);
        let mut told = None;
        loop {
            match self.engine.next_event(Expect::Line, deadline) {
                Ok(Event::Information(line)) => told = Some(line),
                Ok(Event::Acknowledged) => return (told, Ok(())),
                Ok(Event::Unsolicited) => {}
                Ok(_) => return (told, Err(self.engine.protocol("expected OK"))),
                Err(error) => return (told, Err(error)),
            }
        }
    }
}
