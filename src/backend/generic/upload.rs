//! Uploads: FTPPUTNAME and FTPPUT, whose payload is part of the command line.

use super::Ftpserv;
use super::facts::{NAME, SERVER_LIMIT};
use super::session::{close_upload, quit};
use crate::at::Command;
use crate::backend::context::Context;
use crate::backend::driver::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{BinaryUpload, Store};

impl Ftpserv {
    pub(super) fn upload(&mut self, cx: &mut Context, file: &str, how: &Store, source: &mut Source<'_>) -> Result<()> {
        // The path goes into the name.
        NAME.check_in(cx.engine.charset, file)?;
        let mut block = vec![0; self.upload_block];
        let filled = source.fill(&mut block)?;
        if filled == 0 {
            return Err(Error::new(ErrorKind::Unsupported, "this dialect cannot store an empty file"));
        }
        check_bytes(block.get(..filled).unwrap_or_default(), how.force_binary)?;
        // Whether FTPPATH holds for uploads, too, is not documented; the root is right in either case. A module that
        // refuses it has asked the server, and then the name alone counts.
        match self.point_to(cx, "/") {
            Err(error) if error.kind() != ErrorKind::ModuleRefused => return Err(error),
            _ => cx.set(Command::set("+FTPPUTNAME").text(&NAME, file))?,
        }

        source.travel_inline();
        let outcome = blocks(cx, &mut block, filled, how.force_binary, source);
        // Until it is closed the module stays uploading and refuses everything else: close it in any case.
        // One that will not be closed ends with its session. A module that has restarted knows of none.
        let is_gone = outcome
            .as_ref()
            .is_err_and(|error| matches!(error.kind(), ErrorKind::ModuleRestarted | ErrorKind::PortLost));
        let closed = if is_gone { Ok(()) } else { close_upload(cx) };
        let is_known = closed.is_ok() || {
            cx.session.lose();
            quit(cx).is_ok()
        };
        outcome.and(closed).map_err(|error| if is_known { error } else { error.module_left_unusable() })
    }
}

/// Sends block after block, of which the first `filled` bytes are there already.
fn blocks(
    cx: &mut Context,
    block: &mut [u8],
    mut filled: usize,
    force_binary: bool,
    source: &mut Source<'_>,
) -> Result<()> {
    while filled > 0 {
        let bytes = block.get(..filled).unwrap_or_default();
        check_bytes(bytes, force_binary)?;
        source.announce(&cx.engine, bytes.len() as u64);
        source.begin();
        put(cx, bytes)?;
        source.take(bytes.len() as u64);
        filled = source.fill(block)?;
    }
    Ok(())
}

fn put(cx: &mut Context, bytes: &[u8]) -> Result<()> {
    let command = Command::set("+FTPPUT").number(bytes.len() as u64).payload(bytes);
    cx.engine.execute(command, SERVER_LIMIT).map(drop).map_err(|error| match error.kind() {
        // ERROR has no reason here; that the transfer failed on its way is one that a retry may cure.
        ErrorKind::ModuleRefused => error.with_kind(ErrorKind::DataConnection),
        _ => error,
    })
}

/// Refuses bytes that may end or change the command line that they are part of. The length precedes the data, so that
/// commas, quotes and semicolons are data; CR ends a command line, and BS and ESC edit it (V.250 §5.2).
fn check_bytes(bytes: &[u8], is_forced: bool) -> Result<()> {
    match bytes.iter().find(|byte| !BinaryUpload::OptIn.carries(**byte)) {
        Some(byte) if !is_forced => {
            let detail = format!(
                "the file holds the byte 0x{byte:02x}, and the uploads of this dialect are part of the command line; \
                 they are not proven to carry it (force_binary sends it all the same)"
            );
            Err(Error::new(ErrorKind::InvalidInput, detail))
        }
        _ => Ok(()),
    }
}
