//! Files in the module: MFPUT and MFGET, and transfers between them and the server.
//!
//! The FTP manual shows MFPUT with the data in the command line only; the form with a prompt, which can carry every byte, and
//! MFDELETE are those of `cm_file_at_cmd.c` in the China Mobile OpenCPU SDK.

use std::io::{Read, Write};
use std::time::Duration;

use super::{COMMAND_LIMIT, ChinaMobile, PATH, RESULT_MARGIN};
use crate::at::{Command, Drain, Event, Expect, Header, Parameter, Sink};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Assurance, Retrieve, StoreMode, Transfer};

/// A transfer between a file in the module and the server says nothing before its end, and no manual limits it. The module's
/// files are a few megabytes at most.
const TRANSFER_LIMIT: Duration = Duration::from_secs(600);
/// The longest silence while a file is written or read: the module waits as long by itself (MFCFG "timeout", 10 s).
const FILE_LIMIT: Duration = Duration::from_secs(10);

/// §3.10, §3.11: 255 bytes.
const FILE: Parameter = Parameter::quoted("name of a file in the module", 255);

/// `+MFGET: <count>,<data>`.
const HEADER: Expect = Expect::Header(Header { prefix: "+MFGET:", commas: 1 });

/// Most bytes written within the command line: well below §3.11 note 5, which allows 1024 for an upload.
const INLINE: u64 = 512;
const BLOCK: usize = 4096;

impl ChinaMobile {
    /// Downloads a file of the server, or the part of it that `what` names, into the file `file` of the module, which it
    /// replaces (§3.10 with `local_fs` 1). Its name is up to 255 bytes, like `/usr/1.txt`.
    ///
    /// # Errors
    /// As [`retrieve`](crate::FtpModem::retrieve); [`ModuleStorage`](ErrorKind::ModuleStorage) when it does not fit.
    pub fn retrieve_to_module(&mut self, path: &str, file: &str, what: &Retrieve) -> Result<Transfer> {
        self.at_server("download into the module", |module| {
            Parameter::check_all(&[(&PATH, path), (&FILE, file)])?;
            let (wanted, _) = module.wanted(path, what)?;
            module.with_files(|module| {
                let number = module.number();
                let command = || {
                    let command = Command::set("+MFTPRETR").number(number).text(&PATH, path).text(&FILE, file);
                    if *what == Retrieve::whole() { command } else { command.number(what.offset).number(wanted) }
                };
                let verdict = module.finish("+MFTPRETR", command, TRANSFER_LIMIT)?;
                // Some print both lengths, some the first only; for a file both are its own.
                let told = verdict.number(3).or(verdict.number(2)).unwrap_or_default();
                if told != wanted && !module.settings.ascii {
                    let detail = format!("the module stored {told} of {wanted} bytes");
                    return Err(module.engine.error(ErrorKind::Incomplete, detail).with_transferred(told));
                }
                let assurance = if told == wanted { Assurance::ServerSize } else { Assurance::Unconfirmed };
                Ok(Transfer::new(told, assurance))
            })
        })
    }

    /// Uploads the file `file` of the module (§3.11 and §3.12 with `local_fs` 1).
    ///
    /// # Errors
    /// As [`store`](crate::FtpModem::store); [`Unavailable`](ErrorKind::Unavailable) when the module has no such file,
    /// [`Unsupported`](ErrorKind::Unsupported) for [`StoreMode::At`] a place that is not 0.
    pub fn store_from_module(&mut self, file: &str, path: &str, mode: StoreMode) -> Result<Transfer> {
        self.at_server("upload from the module", |module| {
            Parameter::check_all(&[(&PATH, path), (&FILE, file)])?;
            let name = match mode {
                StoreMode::Create | StoreMode::At(0) => "+MFTPSTOR",
                StoreMode::Append => "+MFTPAPPE",
                StoreMode::At(_) => {
                    return Err(Error::new(ErrorKind::Unsupported, "a file of the module is stored whole or appended"));
                }
            };
            module.with_files(|module| {
                let number = module.number();
                let command = || Command::set(name).number(number).text(&PATH, path).text(&FILE, file);
                let verdict = module.finish(name, command, TRANSFER_LIMIT)?;
                match verdict.number(2) {
                    Some(sent) => Ok(Transfer::new(sent, Assurance::ModuleCount)),
                    None => Err(module.engine.protocol("the number of bytes is missing")),
                }
            })
        })
    }

    /// Writes a file of the module: `length` bytes, 1 or more, that `source` yields (MFPUT).
    ///
    /// # Errors
    /// [`ModuleStorage`](ErrorKind::ModuleStorage) when it does not fit, [`LocalIo`](ErrorKind::LocalIo) when the source fails
    /// or yields fewer bytes; the module fills up with zeros what it was promised then.
    pub fn write_file(&mut self, file: &str, length: u64, source: &mut dyn Read) -> Result<()> {
        self.operation("write a file of the module", |module| {
            FILE.check(file)?;
            if length == 0 {
                return Err(Error::new(ErrorKind::Unsupported, "a file of the module cannot be written empty"));
            }
            let mut source = Drain::new(source);
            let mut block = [0; BLOCK];
            let room = usize::try_from(length).map_or(BLOCK, |length| length.min(BLOCK));
            let filled = source.fill(block.get_mut(..room).unwrap_or_default())?;
            if filled < room {
                return Err(too_short(filled as u64, length));
            }
            let first = block.get(..filled).unwrap_or_default();
            let command = Command::set("+MFPUT").text(&FILE, file).number(length);
            let deadline = if length <= INLINE && first.iter().all(|byte| matches!(byte, b' '..=b'~') && *byte != b'"')
            {
                let command = command.payload(&[b"\"", first, b"\""].concat());
                module.engine.start(command, Phase::Acknowledgement, FILE_LIMIT)?
            } else {
                let deadline = module.engine.start(command, Phase::Prompt, FILE_LIMIT)?;
                module.await_prompt(deadline, length)?;
                module.send_file(length, filled, &mut block, &mut source)?;
                let time_on_line = module.engine.line_time(length);
                module.engine.deadline(Phase::Acknowledgement, FILE_LIMIT + time_on_line)
            };
            let answer = module.engine.acknowledgement(deadline)?;
            match answer.first().and_then(|line| line.number(0)) {
                Some(count) if count == length => Ok(()),
                Some(count) => {
                    let detail = format!("the module wrote {count} of {length} bytes");
                    Err(module.engine.error(ErrorKind::Incomplete, detail))
                }
                None => Err(module.engine.protocol("the number of bytes is missing")),
            }
        })
    }

    /// Reads a file of the module into `sink` and returns its length (MFGET).
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) when there is no such file; [`LocalIo`](ErrorKind::LocalIo) when the sink fails.
    pub fn read_file(&mut self, file: &str, sink: &mut dyn Write) -> Result<u64> {
        self.operation("read a file of the module", |module| {
            let command = Command::set("+MFGET").text(&FILE, file);
            let deadline = module.engine.start(command, Phase::Acknowledgement, FILE_LIMIT)?;
            let count = loop {
                match module.engine.next_event(HEADER, deadline)? {
                    Event::Header(line) => match line.number(0) {
                        Some(count) => break count,
                        None => return Err(module.engine.protocol("the length of the file is not a number")),
                    },
                    Event::Information(line) if line.number(0) == Some(0) => break 0,
                    Event::Unsolicited => {}
                    _ => return Err(module.engine.protocol("expected the length of the file")),
                }
            };
            let mut sink = Sink::new(sink);
            module.engine.receive_block(count, &mut sink, FILE_LIMIT)?;
            let deadline = module.engine.deadline(Phase::Acknowledgement, COMMAND_LIMIT);
            module.engine.end_of_block(deadline)?;
            let _ = module.engine.acknowledgement(deadline)?;
            sink.release();
            sink.check()?;
            Ok(count)
        })
    }

    /// Removes a file of the module (MFDELETE).
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) when there is no such file.
    pub fn remove_file(&mut self, file: &str) -> Result<()> {
        let command = Command::set("+MFDELETE").text(&FILE, file);
        self.operation("remove a file of the module", |module| {
            module.engine.execute(command, COMMAND_LIMIT + RESULT_MARGIN).map(drop)
        })
    }

    fn send_file(&mut self, length: u64, filled: usize, block: &mut [u8; BLOCK], source: &mut Drain<'_>) -> Result<()> {
        let mut left = length;
        let mut filled = filled;
        loop {
            self.engine.send_payload(block.get(..filled).unwrap_or_default(), left, FILE_LIMIT)?;
            left -= filled as u64;
            if left == 0 {
                return Ok(());
            }
            let room = usize::try_from(left).map_or(BLOCK, |left| left.min(BLOCK));
            let outcome = source.fill(block.get_mut(..room).unwrap_or_default());
            filled = match outcome {
                Ok(count) if count > 0 => count,
                outcome => {
                    self.engine.owe(left);
                    return Err(outcome.err().unwrap_or_else(|| too_short(length - left, length)));
                }
            };
        }
    }

    /// Transfers with files in the module in place of the port.
    fn with_files(&mut self, work: impl FnOnce(&mut Self) -> Result<Transfer>) -> Result<Transfer> {
        let outcome = self.use_files(true).and_then(|()| work(self));
        let outcome = outcome.map_err(|error| self.abandon(error));
        // Where this fails the next transfer says it again; the transfer that was done is done.
        if self.session.is_open()
            && let Err(error) = self.use_files(false)
        {
            self.note(&error);
        }
        outcome
    }

    /// Waits for the prompt of MFPUT, which was promised `length` bytes.
    fn await_prompt(&mut self, deadline: crate::at::Deadline, length: u64) -> Result<()> {
        loop {
            match self.engine.next_event(Expect::Prompt, deadline) {
                Ok(Event::Prompt) => return Ok(()),
                Ok(Event::Unsolicited) => {}
                Ok(_) => return Err(self.engine.protocol("expected the prompt")),
                Err(error) => {
                    if error.kind() == ErrorKind::Timeout {
                        self.engine.owe(length);
                    }
                    return Err(error);
                }
            }
        }
    }
}

fn too_short(count: u64, length: u64) -> Error {
    Error::new(ErrorKind::LocalIo, format!("the source yielded {count} bytes, {length} were announced"))
}
