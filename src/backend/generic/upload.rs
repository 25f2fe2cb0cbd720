//! Uploads: FTPPUTNAME and FTPPUT, whose payload is part of the command line.

use super::facts::{NAME, SERVER_LIMIT};
use super::session::{after_refusal, close_upload, quit};
use super::{Ftpserv, is_bare_refusal};
use crate::at::Command;
use crate::backend::context::Context;
use crate::backend::dialect::Uploads;
use crate::backend::driver::Source;
use crate::backend::path;
use crate::error::ErrorKind::{self, Incomplete, ServerRefused, Unavailable};
use crate::error::{Error, Result};
use crate::modem::{Assurance, BinaryUpload};

/// What to do about an upload that broke off.
const BROKEN_OFF: &str = "check the free space and the log of the server";

impl Uploads for Ftpserv {
    fn store(&mut self, cx: &mut Context, file: &str, source: &mut Source<'_>) -> Result<Assurance> {
        // The path goes into the name.
        NAME.check_in(cx.engine.charset, file)?;
        let mut block = vec![0; self.upload_block];
        let filled = source.fill(&mut block)?;
        if filled == 0 {
            return Err(Error::new(ErrorKind::Unsupported, "this dialect cannot store an empty file"));
        }
        check_bytes(block.get(..filled).unwrap_or_default(), source)?;
        // Whether FTPPATH holds for uploads, too, is not documented; the root is right in either case. A module that
        // refuses it has asked the server, and then the name alone counts.
        match self.point_to(cx, "/") {
            Err(error) if error.kind() != ErrorKind::ModuleRefused => return Err(error),
            _ => cx.set(Command::set("+FTPPUTNAME").text(&NAME, file))?,
        }

        source.travel_inline();
        let outcome = blocks(cx, &mut block, filled, source);
        // Until it is closed the module stays uploading and refuses everything else: close it in any case.
        // One that will not be closed ends with its session. A module that has restarted knows of none.
        let is_gone = outcome
            .as_ref()
            .is_err_and(|error| matches!(error.kind(), ErrorKind::ModuleRestarted | ErrorKind::PortLost));
        let closed = if is_gone { Ok(()) } else { close_upload(cx) };
        let outcome = match outcome {
            Err(error) if is_bare_refusal(&error) => return Err(self.explain_refusal(cx, file, source, error)),
            outcome => outcome,
        };
        let is_known = closed.is_ok() || {
            cx.session.lose();
            quit(cx).is_ok()
        };
        let closed = closed.map_err(|error| match is_bare_refusal(&error) {
            // The server did not store all, and ERROR has no reason.
            true => error.with_kind(Incomplete).advising(BROKEN_OFF),
            false => error,
        });
        outcome.and(closed).map_err(|error| if is_known { error } else { error.module_left_unusable() })?;
        Ok(Assurance::Unconfirmed)
    }
}

impl Ftpserv {
    /// The error of a piece that the module answered with `ERROR`, which has no reason. The first piece opens the file
    /// on the server: whether its directory can be entered shows what was refused.
    fn explain_refusal(&mut self, cx: &mut Context, file: &str, source: &Source<'_>, error: Error) -> Error {
        if source.taken() > 0 {
            let error = error.explained_further("the upload broke off, and the module gives no reason");
            return after_refusal(cx, error.advising(BROKEN_OFF), Incomplete);
        }
        self.path_set = None;
        match self.point_to(cx, path::split(file).0) {
            Ok(()) => {
                let error = error.explained_further("server or module refuses the file or its first bytes");
                let advice = "check the permissions and the free space on the server, and the bytes of the file";
                after_refusal(cx, error.advising(advice), ServerRefused)
            }
            Err(refused) if is_bare_refusal(&refused) => {
                after_refusal(cx, error.explained_further("its directory cannot be entered"), Unavailable)
            }
            Err(_) => error.module_left_unusable(),
        }
    }
}

/// Sends block after block. The first `filled` bytes are in `block` already.
fn blocks(cx: &mut Context, block: &mut [u8], mut filled: usize, source: &mut Source<'_>) -> Result<()> {
    while filled > 0 {
        let bytes = block.get(..filled).unwrap_or_default();
        check_bytes(bytes, source)?;
        source.announce(&cx.engine, bytes.len() as u64);
        source.begin();
        match put(cx, bytes) {
            // The command may have been damaged on its way, or the data connection: nothing is stored yet.
            Err(error) if source.taken() == 0 && is_bare_refusal(&error) => match close_upload(cx) {
                Err(error) if !is_bare_refusal(&error) => return Err(error),
                _ => put(cx, bytes)?,
            },
            outcome => outcome?,
        }
        source.take(bytes.len() as u64);
        filled = source.fill(block)?;
    }
    Ok(())
}

fn put(cx: &mut Context, bytes: &[u8]) -> Result<()> {
    let command = Command::set("+FTPPUT").number(bytes.len() as u64).payload(bytes);
    cx.engine.execute(command, SERVER_LIMIT).map(drop)
}

/// Refuses bytes that may end or change the command line that they are part of. The length precedes the data, so that
/// commas, quotes and semicolons are data; CR ends a command line, and BS and ESC edit it (V.250 §5.2).
fn check_bytes(bytes: &[u8], source: &Source<'_>) -> Result<()> {
    match bytes.iter().find(|byte| !BinaryUpload::OptIn.carries(**byte)) {
        Some(byte) if !source.is_forced() => {
            let detail = format!(
                "the file holds the byte 0x{byte:02x}, and the uploads of this dialect are part of the command line; \
                 they are not proven to carry it"
            );
            let error = Error::new(ErrorKind::InvalidInput, detail);
            Err(error.advising("force_binary (--force-binary) sends it all the same"))
        }
        _ => Ok(()),
    }
}
