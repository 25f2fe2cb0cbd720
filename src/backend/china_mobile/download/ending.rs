//! The end of a download that failed: the session is closed while data may still be coming between the module's lines.

use std::time::Duration;

use crate::backend::china_mobile::connection::{Connection, DISCONNECT, give_up, is_under_way, state};
use crate::backend::context::Context;
use crate::error::{Error, ErrorKind, Phase};
use crate::modem::SessionState;

/// How long the data of a download that was abandoned are dropped beyond their time on the line, how long before the
/// module is requested once more to close the session, and how long a silence ends them.
const DISCARD_LIMIT: Duration = Duration::from_secs(60);
const DISCARD_STEP: Duration = Duration::from_secs(5);
const DISCARD_SILENCE: Duration = Duration::from_secs(1);

/// As [`Connection::abandon`], for a download whose last `left` bytes may not have come.
pub(super) fn abandon(cx: &mut Context, connection: &Connection, error: Error, left: u64) -> Error {
    match error.kind() {
        _ if !is_under_way(cx, &error) => error,
        ErrorKind::Cancelled => break_off(cx, connection, error, left),
        _ => close_amid_data(cx, connection, error, left),
    }
}

/// Closes the session as [`close_amid_data`] does, but waits no longer than a moment: a module that does not close it
/// before the end of the file is left to that, and the next operation closes it.
pub(super) fn break_off(cx: &mut Context, connection: &Connection, error: Error, left: u64) -> Error {
    give_up(cx);
    cx.has_forgotten = true;
    // The heads of the pieces come on top.
    let error = cx.engine.break_off(Some(connection.command(DISCONNECT)), error, left.saturating_add(left / 4));
    match error.module_usable() && !is_closed(cx, connection) {
        true => close_amid_data(cx, connection, error, left),
        false => error,
    }
}

/// Closes the session while `left` bytes may be coming: they come between the module's lines until the download is
/// over. A module may close the session in the middle of it or not before its end, and what looks like a refusal or a
/// loss may be data: the state decides.
pub(super) fn close_amid_data(cx: &mut Context, connection: &Connection, error: Error, left: u64) -> Error {
    give_up(cx);
    let limit = DISCARD_LIMIT + cx.engine.link().line_time(left.min(u32::MAX.into()));
    let end = cx.engine.deadline(Phase::Resynchronisation, limit);
    let is_closed = loop {
        let dropped = cx.engine.discard(DISCARD_SILENCE, DISCARD_STEP);
        match dropped.and_then(|()| connection.attempt(cx, DISCONNECT, |command| command, connection.result_limit())) {
            Ok(_) => break true,
            Err(lost) if lost.kind() == ErrorKind::PortLost => break false,
            Err(_) if is_closed(cx, connection) => break true,
            Err(_) if cx.engine.now() >= end.at() => break false,
            Err(_) => {}
        }
    };
    // An answer that came between the data may still be followed by the real one, and a restart of the module may have
    // been dropped with them.
    cx.engine.sync().lose();
    cx.has_forgotten = true;
    if is_closed { error } else { error.module_left_unusable() }
}

/// Whether the module says that the session is closed.
fn is_closed(cx: &mut Context, connection: &Connection) -> bool {
    matches!(state(cx, connection.number), Ok(SessionState::Closed))
}
