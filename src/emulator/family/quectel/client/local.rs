//! Transfers between the server and the module's own files. The host sees only their results.

use std::io::Write;

use super::super::failure::{FILE_ERROR, Failure};
use super::super::files::{Files, Incomplete};
use super::super::options::QuectelOptions;
use super::super::transfer::Local;
use super::Client;
use crate::emulator::modem::Modem;
use crate::emulator::remote::RemoteError;

impl Client {
    /// Transfers everything at once: how many bytes there were.
    pub(in super::super) fn transfer_locally(
        &mut self,
        transfer: &Local,
        files: &mut Files,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Result<u64, Failure> {
        let Self { session, connections, config, .. } = self;
        match transfer {
            Local::Download { source, local } => {
                let local = files.to_replace(local)?;
                let mut reader = connections.retrieve(source, session, config, options, modem)?;
                files.replace(&local, &mut reader).map_err(|incomplete| match incomplete {
                    Incomplete::Full => Failure::local(FILE_ERROR),
                    Incomplete::Broken(error) => session.broken(&RemoteError::from_io(&error), options, modem),
                })
            }
            Local::Upload { file, start, local } => {
                let skipped = if options.local_put_skips { *start } else { 0 };
                let content = files.to_send(local, skipped)?;
                let mut upload = connections.store((file, *start), session, config, options, modem)?;
                if let Err(error) = upload.write_all(&content) {
                    return Err(session.broken(&RemoteError::from_io(&error), options, modem));
                }
                match upload.finish() {
                    Ok(()) => Ok(content.len() as u64),
                    Err(error) => Err(session.broken(&error, options, modem)),
                }
            }
        }
    }

    /// A transfer without the serial line is over.
    pub(in super::super) fn end_locally(&mut self, name: &str, result: Result<u64, Failure>, modem: &mut Modem) {
        self.session.end_transfer();
        if let Ok(count) = result {
            self.session.transferred = count;
        }
        self.results.report(name, result.map(|count| count.to_string()), modem);
    }
}
