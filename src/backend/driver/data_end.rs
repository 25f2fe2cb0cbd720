//! The end of a download a second time, where the first one leaves open whether bytes were added or lost on the way.
//!
//! What follows the data of this module is learnt from data that do not end a line, or from two that agree
//! ([`DataEnd`](crate::at::DataEnd)). A download that brings neither is compared with another one of its last byte:
//! what follows it must be the same.

use std::io;

use log::debug;

use super::{Part, note, reopen_session};
use crate::at::{DataEnd, Sink};
use crate::backend::context::Context;
use crate::backend::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};

/// The last of the `received` bytes of `part`.
pub(super) fn part_to_compare(part: Part, received: u64) -> Part {
    let offset = part.offset + received.saturating_sub(1);
    Part {
        offset,
        length: part.length.map(|_| 1),
        // A size that has turned out to be wrong is of no use.
        size: part.size.filter(|size| *size > offset),
    }
}

/// Lists by `list`, and once more where what follows the listing contradicts what is known of this module: a line end
/// that is added to a listing pushes out the one at its end, and every count agrees.
///
/// # Errors
/// Those of `list`.
pub(super) fn listed<D: Dialect, T>(
    dialect: &mut D,
    cx: &mut Context,
    list: impl Fn(&mut D, &mut Context) -> Result<T>,
) -> Result<T> {
    let known = *cx.engine.payload().data_end();
    let listing = list(dialect, cx)?;
    if known == DataEnd::Unknown || !cx.engine.payload().data_end().is_in_doubt() {
        return Ok(listing);
    }
    debug!("{}: the listing is not followed by what follows data of this module", cx.engine.link().name());
    *cx.engine.payload().data_end() = known;
    list(dialect, cx)
}

/// Downloads `part` once more, to nowhere, and makes sure that what follows it is what followed it before.
///
/// # Errors
/// [`ErrorKind::Protocol`] where it is not: one of the two was changed on the way. Those of the download.
pub(super) fn compare<D: Dialect>(dialect: &mut D, cx: &mut Context, path: &str, part: Part) -> Result<()> {
    reopen_session(dialect, cx)?;
    let mut nowhere = io::sink();
    let mut outcome = dialect.retrieve(cx, path, part, &mut Sink::new(&mut nowhere));
    let refuses_offset = |error: &Error| {
        matches!(error.kind(), ErrorKind::ServerRefused | ErrorKind::Unavailable | ErrorKind::Unsupported)
    };
    if part.offset > 0 && cx.engine.payload().data_end().is_in_doubt() && outcome.as_ref().is_err_and(refuses_offset) {
        let whole = Part { offset: 0, length: part.length.map(|length| part.offset + length), ..part };
        outcome = dialect.retrieve(cx, path, whole, &mut Sink::new(&mut nowhere));
    }
    match outcome {
        Ok(_) if cx.engine.payload().data_end().is_in_doubt() => {
            let detail =
                "what follows the last byte of the file differs each time: bytes were added or lost on the way";
            Err(cx.engine.error(ErrorKind::Protocol, detail))
        }
        // The end was observed, whatever went wrong behind it.
        Err(error) if !cx.engine.payload().data_end().is_in_doubt() => {
            let error = dialect.explain(cx, error);
            note(dialect, cx, &error);
            let error = dialect.recover(cx, error);
            debug!("{error}");
            Ok(())
        }
        outcome => outcome.map(drop),
    }
}
