//! Offsets beyond 65535, which firmware gets wrong that keeps them in 16 bits.

use std::io;

use super::ending::{abandon, close_amid_data};
use super::pull::{Outcome, Request};
use crate::at::Sink;
use crate::backend::china_mobile::connection::Connection;
use crate::backend::context::Context;
use crate::error::{ErrorKind, Result};

/// The largest offset that firmware gets right that keeps offsets in 16 bits (as fields of `ec_ftpclient_api.h` do).
const SHORT_OFFSET: u64 = u16::MAX as u64;

/// Whether offsets beyond 65535 were found to work with the server.
#[derive(Default)]
pub(in crate::backend::china_mobile) struct LongOffsets {
    are_proven: bool,
}

impl LongOffsets {
    /// Whether a request from `offset` on needs no proof.
    pub fn allow(&self, offset: u64) -> bool {
        offset <= SHORT_OFFSET || self.are_proven
    }

    /// Makes sure, before a request that starts beyond 65535, that such an offset is not taken modulo 65536: requests
    /// the last byte of the file by its offset alone, which brings more than a byte where it is.
    pub fn check(
        &mut self,
        cx: &mut Context,
        connection: &mut Connection,
        path: &str,
        offset: u64,
        size: Option<u64>,
    ) -> Result<()> {
        if self.allow(offset) {
            return Ok(());
        }
        let Some(size) = size else {
            let detail = "offsets beyond 65535 cannot be checked where the size of the file is not known";
            return Err(cx.engine.error(ErrorKind::Unsupported, detail));
        };
        if offset >= size {
            return Ok(());
        }
        let mut nowhere = io::sink();
        let mut sink = Sink::new(&mut nowhere);
        // Two, so that the end is waited for.
        let request = Request { path, offset: size - 1, length: None, expected: None, enough: 2 };
        let outcome = request.send(cx, connection, &mut sink);
        let count = match outcome.map_err(|error| abandon(cx, connection, error, size))? {
            Outcome::Broken(gap) if sink.written() == 0 => gap.largest,
            _ => sink.written(),
        };
        self.are_proven = count == 1;
        if self.are_proven {
            return Ok(());
        }
        let detail = "this firmware gets offsets beyond 65535 wrong; download the file from its beginning";
        let error = cx.engine.error(ErrorKind::Unsupported, detail);
        // The rest of the file is on its way.
        Err(close_amid_data(cx, connection, error, size))
    }
}
