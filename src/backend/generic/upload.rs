//! Uploads: FTPPUT, whose payload stands in the command line.

use std::io::Read;

use super::{COMMAND_LIMIT, Generic, NAME, SERVER_LIMIT};
use crate::at::{Command, Drain};
use crate::backend::path;
use crate::backend::sent::Sent;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Assurance, Store, StoreMode, Transfer};

impl Generic {
    pub(super) fn upload(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        if !matches!(how.mode, StoreMode::Create | StoreMode::At(0)) {
            return Err(Error::new(ErrorKind::Unsupported, "this dialect can neither append nor continue an upload"));
        }
        // The path goes into the name: whether FTPPATH holds for uploads is not documented.
        let file = path::file(&self.directory, path)?;
        NAME.check(&file)?;

        let mut source = Drain::new(source);
        let mut block = vec![0; self.upload_block];
        let mut filled = source.fill(&mut block)?;
        if filled == 0 {
            return Err(Error::new(ErrorKind::Unsupported, "this dialect cannot store an empty file"));
        }
        check_bytes(block.get(..filled).unwrap_or_default(), how.force_binary)?;
        self.set(Command::set("+FTPPUTNAME").text(&NAME, &file))?;

        let mut sent = Sent::in_commands();
        let outcome = loop {
            if filled == 0 {
                break Ok(());
            }
            let bytes = block.get(..filled).unwrap_or_default();
            if let Err(error) = check_bytes(bytes, how.force_binary) {
                break Err(error);
            }
            // The payload stands in the command line itself.
            sent.announce(&self.engine, bytes.len() as u64);
            sent.begin();
            if let Err(error) = self.put(bytes) {
                break Err(error);
            }
            sent.take(bytes.len() as u64);
            match source.fill(&mut block) {
                Ok(count) => filled = count,
                Err(error) => break Err(error),
            }
        };
        // Until it is closed the module stays uploading and refuses everything else: close it in any case.
        // One that will not be closed ends with its session. A module that has started anew knows of none.
        let is_gone = outcome
            .as_ref()
            .is_err_and(|error: &Error| matches!(error.kind(), ErrorKind::ModuleRestarted | ErrorKind::PortLost));
        let closed = if is_gone { Ok(()) } else { self.close_upload() };
        let is_known = closed.is_ok() || {
            self.session.lost();
            self.quit().is_ok()
        };
        let taken = sent.taken();
        let announced = how.length.filter(|length| *length != taken);
        match (outcome, closed, announced) {
            (Ok(()), Ok(()), None) => Ok(Transfer::new(taken, Assurance::Unconfirmed)),
            (Ok(()), Ok(()), Some(length)) => {
                let detail = format!("the source yielded {taken} bytes, {length} were announced");
                Err(Error::new(ErrorKind::LocalIo, detail).with_transferred(taken))
            }
            (Ok(()), Err(error), _) | (Err(error), _, _) => {
                let error = sent.told(&self.engine, error);
                Err(if is_known { error } else { error.module_left_unusable() })
            }
        }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let command = Command::set("+FTPPUT").number(bytes.len() as u64).payload(bytes);
        self.engine.execute(command, SERVER_LIMIT).map(drop).map_err(|error| match error.kind() {
            // ERROR has no reason here; that the transfer failed on its way is one that a retry may cure.
            ErrorKind::ModuleRefused => error.with_kind(ErrorKind::DataConnection),
            _ => error,
        })
    }

    /// Ends the upload: `FTPPUT=0` as the manual's example has it, or `FTPPUT=0,` as its text does.
    pub(super) fn close_upload(&mut self) -> Result<()> {
        match self.engine.execute(Command::set("+FTPPUT").number(0u8), SERVER_LIMIT) {
            Err(error) if error.kind() == ErrorKind::ModuleRefused => {
                let with_comma = Command::set("+FTPPUT").number(0u8).omitted();
                self.engine.execute(with_comma, COMMAND_LIMIT).map(drop).map_err(|_| error)
            }
            other => other.map(drop),
        }
    }
}

/// Refuses bytes that may end or change the command line they stand in.
fn check_bytes(bytes: &[u8], forced: bool) -> Result<()> {
    let may_pass = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b',' | b';');
    match bytes.iter().find(|byte| !may_pass(byte)) {
        Some(byte) if !forced => {
            let detail = format!(
                "the file holds the byte 0x{byte:02x}, and this dialect's uploads stand in the command line; \
                 they are not proven to carry it (force_binary sends it all the same)"
            );
            Err(Error::new(ErrorKind::InvalidInput, detail))
        }
        _ => Ok(()),
    }
}
