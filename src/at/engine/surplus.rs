//! Payload that is wanted no longer, and still comes.

use std::time::Duration;

use super::Engine;
use super::escape::QUIET;
use crate::at::command::Command;
use crate::at::parts::Parts;
use crate::at::sync::Debt;
use crate::error::{Error, Phase, Result};

/// How long an operation that was cancelled waits for the end of what still comes.
const SOON: Duration = Duration::from_secs(1);

/// How long the next operation waits for it, at most, beyond its time on the line, and that time itself.
const LONGEST_PAUSES: Duration = Duration::from_secs(60);
const LONGEST_LINE_TIME: Duration = Duration::from_secs(600);

impl Engine {
    /// Drops what still comes of a transfer, at most `left` bytes, as `abandon_payload` does. `end` is sent first: the
    /// command that ends the transfer, where there is one.
    pub fn break_off(&mut self, end: Option<Command>, error: Error, left: u64) -> Error {
        if let Some(mut end) = end {
            self.parts.sync.settle();
            if end.end(self.charset).and_then(|()| self.parts.write(end.line.bytes())).is_err() {
                return error.module_left_unusable();
            }
        }
        self.parts.sync.record_debt(Debt { from_module: left, ..Debt::default() });
        abandon_payload(self, error)
    }
}

/// Drops what still comes of payload that is wanted no longer, for a moment. What takes longer is dropped before
/// the next command, and the error says that the module is busy with it.
pub(super) fn abandon_payload(engine: &mut Engine, error: Error) -> Error {
    let mut debt = engine.parts.sync.debt();
    let dropped = drop_until(&mut engine.wire.parts, &mut debt, QUIET, SOON);
    engine.parts.sync.record_debt(debt);
    match dropped {
        Ok(()) if debt.from_module == 0 => error,
        Ok(()) => {
            let time = engine.parts.link.line_time(debt.from_module).min(LONGEST_LINE_TIME).as_secs_f64().ceil();
            let busy = "the module is still sending the rest of the file";
            let detail = if time > 0.0 { format!("{busy}, for up to {time} s") } else { busy.to_owned() };
            error.explained_further(detail).module_left_unusable()
        }
        Err(_) => error.module_left_unusable(),
    }
}

/// Drops the payload that is still to come: it must be neither believed nor shown.
pub(super) fn drop_payload(parts: &mut Parts, debt: &mut Debt) -> Result<()> {
    let limit = LONGEST_PAUSES + parts.link.line_time(debt.from_module).min(LONGEST_LINE_TIME);
    drop_until(parts, debt, SOON, limit)?;
    // It will not end in time that anybody would wait.
    debt.from_module = 0;
    Ok(())
}

/// Drops announced payload until all of it has come or nothing more comes for `silence`, for `limit` at most.
fn drop_until(parts: &mut Parts, debt: &mut Debt, silence: Duration, limit: Duration) -> Result<()> {
    let end = parts.now() + limit;
    while debt.from_module > 0 {
        let here = usize::try_from(debt.from_module).unwrap_or(usize::MAX).min(parts.link.waiting().len());
        parts.link.consume(here);
        debt.from_module -= here as u64;
        if debt.from_module == 0 || parts.now() >= end {
            break;
        }
        let deadline = parts.deadline(Phase::Resynchronisation, silence);
        if !parts.fill_until(deadline)? {
            debt.from_module = 0;
        }
    }
    Ok(())
}
