//! Data mode: the way in, and the way out of a transfer that failed (note §1.4).
//!
//! The way out is the escape sequence. The note has a second one, a drop of DTR where `AT&D1` is set. The driver uses
//! it where the program has chosen it ([`OpenOptions::escape_by_dtr`](crate::OpenOptions::escape_by_dtr)): with `&D2`
//! the same drop hangs up, and USB drivers, terminal servers and three-wire cables do not carry the line.

use std::time::Duration;

use super::facts::GUARD;
use super::results::{self, without_result};
use crate::at::{Command, Exchange, Flow, Opened, Pattern, ResultLine};
use crate::backend::context::{COMMAND_LIMIT, Context};
use crate::error::{Error, ErrorKind, Phase, Result};

/// Most bytes that are sent as padding for what the source did not yield; so many take less time than the escape
/// sequence.
pub(super) const MOST_PADDING: u64 = 16 * 1024;

/// What a command that asks for data mode came to.
pub(super) enum Outcome<T> {
    /// The data have passed.
    Data(T),
    /// The operation ended well by its result, without data.
    Nothing(ResultLine),
}

/// Sends a command that is answered by `CONNECT`, and has the data passed by `work`. The operation may also end by its
/// result, without data.
pub(super) fn pass<T>(
    cx: &mut Context,
    command: Command,
    result: &Pattern,
    limit: Duration,
    work: impl FnOnce(Exchange<'_>) -> Result<T>,
) -> Result<Outcome<T>> {
    cx.engine.inbox().forget(result);
    let exchange = cx.engine.send(command.known(), Phase::Prompt, limit)?;
    let refused = match exchange.connected(Some((result, limit))).map_err(without_result)? {
        (Opened::Data(exchange), _) => return work(exchange).map(Outcome::Data),
        (Opened::Refused(result), _) => result,
    };
    results::check(&cx.engine, &refused)?;
    Ok(Outcome::Nothing(refused))
}

/// Sends a command on one of the module's files that is answered by `CONNECT`, and returns the number behind it.
pub(super) fn enter_file(cx: &mut Context, command: Command) -> Result<(Exchange<'_>, Option<u64>)> {
    match cx.engine.send(command, Phase::Prompt, COMMAND_LIMIT)?.connected(None)? {
        (Opened::Data(exchange), count) => Ok((exchange, count)),
        // There is no result that could come in its place.
        (Opened::Refused(_), _) => Err(Error::new(ErrorKind::Protocol, "expected CONNECT")),
    }
}

/// Leaves data mode by the escape sequence, unless the module is in command mode.
pub(super) fn leave(cx: &mut Context, flow: Flow) -> Result<()> {
    if cx.engine.is_lost() { cx.engine.escape(GUARD, flow) } else { Ok(()) }
}

/// Ends a counted upload whose source has failed while the module expected `left` more bytes: few are sent as padding,
/// many are cut short by the escape sequence. Other errors are not for this.
pub(super) fn end_early(cx: &mut Context, left: u64, error: Error) -> Error {
    if error.kind() != ErrorKind::LocalIo {
        return error;
    }
    let ended = if left > MOST_PADDING {
        cx.engine.escape(GUARD, Flow::ToModule)
    } else {
        cx.engine.sync().owe_padding(left);
        cx.engine.resynchronise()
    };
    match ended {
        Ok(()) => error,
        Err(_) => error.module_left_unusable(),
    }
}
