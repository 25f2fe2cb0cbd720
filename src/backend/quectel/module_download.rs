//! From the module's own files to the host: QFDWL for whole files, QFOPEN, QFSEEK, QFREAD and QFCLOSE for parts (FILE
//! application note).

use std::io::{self, Write};
use std::time::Duration;

use super::module_files::{Checksum, FILE, check_module_name};
use super::{COMMAND_LIMIT, GUARD, Quectel};
use crate::at::{Command, Flow, Sink};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Retrieve, Transfer};

/// Longest silence within a file.
const SILENCE: Duration = Duration::from_secs(10);
/// How much QFREAD is asked for at a time.
const PIECE: u64 = 16 * 1024;
/// QFREAD at the end of the file, where it does not say `CONNECT 0`.
const AT_END: &str = "402";

/// Sums up what passes.
struct Summing<'a> {
    writer: &'a mut dyn Write,
    checksum: Checksum,
}

impl Write for Summing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.write(bytes)?;
        self.checksum.add(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Quectel {
    /// Reads one of the module's files, or a part of it, into `sink`. A whole file is read by `AT+QFDWL` and compared with the
    /// module's checksum; for parts there is none.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a name that is not one, [`ModuleStorage`](ErrorKind::ModuleStorage) when there
    /// is no such file, it is open, or the offset is beyond its end, [`VerificationFailed`](ErrorKind::VerificationFailed) when
    /// bytes changed on the way; as any exchange with the module.
    pub fn retrieve_from_module(&mut self, name: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        self.operation("retrieve from module", |quectel| {
            check_module_name(&FILE, name)?;
            let bytes = quectel.read_module_file(name, what, sink)?;
            Ok(Transfer::new(bytes, Assurance::ModuleCount))
        })
    }

    pub(super) fn read_module_file(&mut self, name: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<u64> {
        if *what != Retrieve::whole() {
            return self.read_part_of_file(name, what, sink);
        }
        let Some(size) = self.told_module_size(name)? else {
            return Err(self.engine.error(ErrorKind::ModuleStorage, "no such file"));
        };
        let mut summing = Summing { writer: sink, checksum: Checksum::default() };
        let mut sink = Sink::new(&mut summing);
        let outcome = self.read_whole_file(name, size, &mut sink).and_then(|told| sink.check().map(|()| told));
        let written = sink.written();
        let told = outcome.map_err(|error| self.back_to_commands(error).with_transferred(written))?;
        if summing.checksum.is_told_by(&told) {
            return Ok(written);
        }
        let detail = "the module's checksum is another one";
        Err(self.engine.error(ErrorKind::VerificationFailed, detail).with_transferred(written))
    }

    fn read_whole_file(&mut self, name: &str, size: u64, sink: &mut Sink<'_>) -> Result<crate::at::Line> {
        self.connect_file(Command::set("+QFDWL").text(&FILE, name))?;
        self.engine.receive_block(size, sink, SILENCE)?;
        let deadline = self.engine.deadline(Phase::Acknowledgement, COMMAND_LIMIT);
        self.engine.end_of_block(deadline)?;
        let (told, outcome) = self.file_result(COMMAND_LIMIT);
        outcome?;
        match told {
            Some(line) if line.number(0) == Some(size) => {
                sink.release();
                Ok(line)
            }
            _ => Err(self.engine.error(ErrorKind::Incomplete, format!("the module did not send {size} bytes"))),
        }
    }

    fn read_part_of_file(&mut self, name: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<u64> {
        let handle = self.open_module_file(name, 2)?;
        let mut sink = Sink::new(sink);
        let read = self.read_handle(handle, what, &mut sink).and_then(|()| sink.check());
        let read = read.map_err(|error| sink.told(self.back_to_commands(error)));
        // A file that stays open can be neither opened nor removed.
        match (read, self.close_module_file(handle)) {
            (Ok(()), closed) => closed.map(|()| sink.written()),
            (Err(error), Err(failure)) if !failure.module_usable() => Err(error.module_left_unusable()),
            (Err(error), _) => Err(error),
        }
    }

    /// QFOPEN with mode 0 (made if need be) or 2 (only to be read).
    pub(super) fn open_module_file(&mut self, name: &str, mode: u8) -> Result<u64> {
        let answer = self.engine.execute(Command::set("+QFOPEN").text(&FILE, name).number(mode), COMMAND_LIMIT)?;
        let handle = answer.first().and_then(|line| line.number(0));
        handle.ok_or_else(|| self.engine.error(ErrorKind::Protocol, "the handle is not a number"))
    }

    pub(super) fn close_module_file(&mut self, handle: u64) -> Result<()> {
        self.set(Command::set("+QFCLOSE").number(handle))
    }

    fn read_handle(&mut self, handle: u64, what: &Retrieve, sink: &mut Sink<'_>) -> Result<()> {
        if what.offset > 0 {
            self.set(Command::set("+QFSEEK").number(handle).number(what.offset).number(0u8))?;
        }
        let mut left = what.length.unwrap_or(u64::MAX);
        while left > 0 {
            let asked = left.min(PIECE);
            let announced = match self.connect_file(Command::set("+QFREAD").number(handle).number(asked)) {
                Err(error) if error.module_code().is_some_and(|code| code.value == AT_END) => return Ok(()),
                other => other?,
            };
            let count = match announced {
                Some(count) if count <= asked => count,
                _ => return Err(self.engine.protocol(format!("asked for at most {asked} bytes"))),
            };
            if count > 0 {
                self.engine.receive_block(count, sink, SILENCE)?;
                let deadline = self.engine.deadline(Phase::Acknowledgement, COMMAND_LIMIT);
                self.engine.end_of_block(deadline)?;
            }
            let deadline = self.engine.deadline(Phase::Acknowledgement, COMMAND_LIMIT);
            let _ = self.engine.acknowledgement(deadline)?;
            sink.release();
            if count == 0 || sink.has_failed() {
                return Ok(());
            }
            left -= count;
        }
        Ok(())
    }

    /// Brings the module out of data mode after an exchange with its files that broke off.
    fn back_to_commands(&mut self, error: Error) -> Error {
        if !self.engine.is_out_of_step() || error.kind() == ErrorKind::ModuleRestarted {
            return error;
        }
        match self.engine.escape(GUARD, Flow::ToHost) {
            Ok(()) => error,
            Err(failure) if failure.kind() == ErrorKind::ModuleRestarted => failure,
            Err(_) => error.module_left_unusable(),
        }
    }
}
