//! Retries of the bearer, the login and operations without file data (guide §3.2, "retry suggestion after time-out or
//! ERROR": three times each).

use std::time::Duration;

use log::debug;

use crate::backend::context::Context;
use crate::error::{Error, ErrorKind, Phase, Result};

/// Retries after the first attempt.
const RETRIES: u32 = 3;
/// Pause before a retry.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs `work`, and retries it after a failure that may pass. All attempts share `limit`, the guide's limit for one
/// attempt, and what the caller allows: an attempt that has used it up is the last. They are one attempt for the
/// retries of transfers and links.
pub(super) fn persistently<T>(
    cx: &mut Context,
    limit: Duration,
    mut work: impl FnMut(&mut Context) -> Result<T>,
) -> Result<T> {
    let end = cx.engine.deadline(Phase::Result, limit);
    for _ in 0..RETRIES {
        match work(cx) {
            Err(error) if may_pass(&error) && cx.engine.now() + PAUSE < end.at() => {
                debug!("{}: {error}; the command is repeated in {} s", cx.engine.link().name(), PAUSE.as_secs());
                cx.engine.wait(Phase::Result, PAUSE)?;
            }
            outcome => return outcome,
        }
    }
    work(cx)
}

/// Whether the same commands may succeed soon. A code of the module is a reason that stays, and a result without a
/// reason is most likely due to the path. A time-out has used the limit up.
fn may_pass(error: &Error) -> bool {
    use ErrorKind::{BearerFailed, ConnectFailed, ModuleBusy, ModuleRefused, NetworkTimeout, ServerBusy};
    let is_temporary = match error.kind() {
        ModuleRefused | BearerFailed => error.module_code().is_none(),
        ModuleBusy | ConnectFailed | NetworkTimeout | ServerBusy => true,
        _ => false,
    };
    is_temporary && error.module_usable()
}
