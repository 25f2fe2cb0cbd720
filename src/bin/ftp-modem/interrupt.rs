//! Ctrl-C. The first one ends the operation cleanly, the second one ends the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::failure::{Failure, INTERRUPTED};

/// Interval of the checks for Ctrl-C during a pause.
const CHECK: Duration = Duration::from_millis(50);

/// The state of Ctrl-C.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    seen: Arc<AtomicBool>,
    /// The flag that the driver checks, and resets when it cancels the operation.
    cancel: Arc<AtomicBool>,
}

impl Interrupt {
    /// Installs the handler: Ctrl-C sets the flags, a second one ends the process.
    ///
    /// # Errors
    /// A handler that cannot be installed.
    pub fn install(&self) -> Result<(), Failure> {
        let Interrupt { seen, cancel } = self.clone();
        ctrlc::set_handler(move || {
            if seen.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(INTERRUPTED));
            }
            cancel.store(true, Ordering::Relaxed);
        })
        .map_err(|error| Failure::other(format!("the handler for Ctrl-C cannot be installed: {error}")))
    }

    /// Returns whether Ctrl-C was pressed.
    pub fn seen(&self) -> bool {
        self.seen.load(Ordering::Relaxed)
    }

    /// Returns the flag for the driver.
    pub fn flag(&self) -> Arc<AtomicBool> {
        self.cancel.clone()
    }

    /// Resets the driver's flag, if this program ends the operation itself.
    pub fn reset_flag(&self) {
        self.cancel.store(false, Ordering::Relaxed);
    }

    /// Checks that Ctrl-C was not pressed.
    ///
    /// # Errors
    /// Ctrl-C was pressed.
    pub fn check(&self) -> Result<(), Failure> {
        if self.seen() { Err(Failure::interrupted()) } else { Ok(()) }
    }

    /// Waits for `time`.
    ///
    /// # Errors
    /// Ctrl-C was pressed before the end.
    pub fn pause(&self, time: Duration) -> Result<(), Failure> {
        let until = Instant::now() + time;
        loop {
            self.check()?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(CHECK.min(left));
        }
    }
}
