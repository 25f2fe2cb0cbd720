//! The module's cache, which FTPGET fills and FTPRECV empties.

use super::facts::{BLOCK_LIMITS, READ_BLOCK};
use crate::at::{Answer, Command, Sink};
use crate::backend::blocks;
use crate::backend::codes::is_refusal;
use crate::backend::context::Context;
use crate::error::Result;

/// What every FTPRECV was seen to take (the guide requests 100, drivers 1024).
const SMALL_BLOCK: u64 = 1024;

/// How this firmware's cache is read, as far as it was seen to work.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cache {
    command: &'static str,
    block: u64,
    is_proven: bool,
}

impl Default for Cache {
    fn default() -> Self {
        Cache { command: "+FTPRECV", block: READ_BLOCK, is_proven: false }
    }
}

impl Cache {
    /// Reads at most `left` bytes; 0 when there are none, which some firmware says by a refusal.
    pub fn read(&mut self, cx: &mut Context, left: u64, sink: &mut Sink<'_>) -> Result<u64> {
        let mut form = *self;
        loop {
            let wanted = form.block.min(left);
            // The guide's table prints FTP_RECV, its log FTPRECV: a module may answer with the name of either.
            let answer = Answer::Either("+FTPRECV", "+FTP_RECV");
            let command = Command::set(form.command).number(wanted).answered_by(answer);
            match blocks::read(&mut cx.engine, command, 0, wanted, sink, BLOCK_LIMITS) {
                Ok(count) => {
                    if count > 0 {
                        *self = Cache { is_proven: true, ..form };
                    }
                    return Ok(count);
                }
                Err(error) if !is_refusal(error.kind()) => return Err(error),
                Err(_) if form.is_proven => return Ok(0),
                Err(_) if form.command == "+FTPRECV" => form.command = "+FTP_RECV",
                Err(_) if wanted > SMALL_BLOCK => form = Cache { block: SMALL_BLOCK, ..Cache::default() },
                Err(_) => return Ok(0),
            }
        }
    }
}
