//! The way back to a known state after an operation that failed.
//!
//! The only command that ends whatever is going on is FTPCLOSE; the next operation opens the session again.

use super::coding::END;
use super::facts::RESULT_LIMIT;
use super::results::close_down;
use crate::at::{Command, Pattern, Upload};
use crate::backend::context::{Context, accounted_as, is_loss};
use crate::error::{Error, ErrorKind, Recovery, Result};

/// Most losses that the module may report while it is brought back: SIM, bearer and session may be lost one after the
/// other.
const MOST_LOSSES: u32 = 5;

/// Ends a coded stream also where an escape was cut in two: a bare 0x03 would be taken for its second half.
const CERTAIN_END: &[u8] = &[0, END];

const CLOSED: Pattern = Pattern::Prefix("+FTPCLOSE");

/// What may be going on in the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activity {
    /// Nothing that would have to be ended.
    Nothing,
    /// A session may be open, with any command under way that takes no data.
    Session,
    /// The module may be waiting for a coded stream: until it ends, every command is taken for data.
    Stream,
    /// The module may be waiting for this number of bytes: until they have come, every command is taken for data.
    Piece(u64),
}

impl Activity {
    /// Ends whatever the failed operation has left going on, and returns the error with what came of that.
    pub fn abandon(&mut self, cx: &mut Context, error: Error) -> Error {
        cx.session.lose();
        if *self == Activity::Nothing || error.kind() == ErrorKind::PortLost {
            return error;
        }
        cx.engine.note_recovery(Recovery::AbortTransfer);
        // A session that was lost need not be closed.
        let is_closed = is_loss(error.kind());
        for _ in 0..MOST_LOSSES {
            let in_command_mode = self.leave_data_mode(cx);
            match in_command_mode.and_then(|()| if is_closed { Ok(()) } else { self.close(cx).map(drop) }) {
                Ok(()) => return error,
                // The module reports now what the operation ran into.
                Err(loss) if is_loss(loss.kind()) => cx.note(&loss),
                Err(_) => break,
            }
        }
        error.module_left_unusable()
    }

    /// Closes the session, and with it whatever is going on in it. Returns whether there was one.
    pub fn close(&mut self, cx: &mut Context) -> Result<bool> {
        let was_open = close_down(cx, Command::run("+FTPCLOSE"), &CLOSED, RESULT_LIMIT)?;
        *self = Activity::Nothing;
        Ok(was_open)
    }

    /// Makes sure that the module waits for no data.
    pub fn leave_data_mode(&mut self, cx: &mut Context) -> Result<()> {
        match *self {
            Activity::Nothing | Activity::Session => return Ok(()),
            Activity::Stream => {
                Upload::without_command(&mut cx.engine).write(CERTAIN_END, RESULT_LIMIT)?;
                cx.engine.sync().lose();
            }
            // In command mode the zeros mean nothing (V.250 §5.2.2).
            Activity::Piece(bytes) => cx.engine.sync().owe_padding(bytes),
        }
        cx.engine.resynchronise()?;
        *self = Activity::Session;
        Ok(())
    }
}

/// The error of an operation that failed without a reason, or that the session was lost: behind the server's reply 421
/// the module reports first the failure, and then the loss.
pub(super) fn find_loss(cx: &mut Context, error: Error) -> Error {
    use ErrorKind::{DataConnection, ServerRefused, SessionLost, Unavailable};
    if !cx.session.is_open() || !matches!(error.kind(), Unavailable | ServerRefused | DataConnection) {
        return error;
    }
    match cx.engine.look() {
        Err(loss) if loss.kind() == SessionLost => {
            error.with_kind(SessionLost).explained_further("the module has reported the end of the session")
        }
        // More than the session is lost.
        Err(loss) if is_loss(loss.kind()) => accounted_as(&error, loss),
        _ => error,
    }
}

/// Whether an error of this kind leaves open what the module is doing now.
pub(super) fn leaves_unknown(kind: ErrorKind) -> bool {
    use ErrorKind::{Cancelled, ModuleBusy, Protocol, Timeout};
    matches!(kind, Timeout | Protocol | Cancelled | ModuleBusy)
}
