//! Ctrl-C: the first ends what goes on cleanly, the second ends the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::failure::{Failure, INTERRUPTED};

/// How often a pause looks for Ctrl-C.
const CHECK: Duration = Duration::from_millis(50);

/// Whether Ctrl-C was pressed.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    seen: Arc<AtomicBool>,
    /// The flag that the driver looks at, and takes back when it notices it.
    cancel: Arc<AtomicBool>,
}

impl Interrupt {
    /// From now on Ctrl-C sets the flags; a second one ends the process at once.
    pub fn install(&self) -> Result<(), Failure> {
        let Interrupt { seen, cancel } = self.clone();
        ctrlc::set_handler(move || {
            if seen.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(INTERRUPTED));
            }
            cancel.store(true, Ordering::Relaxed);
        })
        .map_err(|error| Failure::other(format!("the handler for Ctrl-C cannot be set: {error}")))
    }

    /// Whether Ctrl-C was pressed.
    pub fn seen(&self) -> bool {
        self.seen.load(Ordering::Relaxed)
    }

    /// The flag for the driver.
    pub fn flag(&self) -> Arc<AtomicBool> {
        self.cancel.clone()
    }

    /// Takes the driver's flag back, where this program ends the operation itself.
    pub fn take(&self) {
        self.cancel.store(false, Ordering::Relaxed);
    }

    /// # Errors
    /// Ctrl-C was pressed.
    pub fn check(&self) -> Result<(), Failure> {
        if self.seen() { Err(Failure::interrupted()) } else { Ok(()) }
    }

    /// Waits for `time`.
    ///
    /// # Errors
    /// Ctrl-C was pressed meanwhile.
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
