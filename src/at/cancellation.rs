//! The flag by which another thread ends operations.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, ErrorKind, Result};

/// The flag. It is the caller's: nothing here resets it.
///
/// An operation notices it once, so that the recovery is not ended, too.
#[derive(Default)]
pub struct Cancellation {
    flag: Option<Arc<AtomicBool>>,
    watch: Watch,
}

/// Whether the flag matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Watch {
    /// It ends what goes on.
    #[default]
    On,
    /// It has ended the operation, and what happens now is the recovery, which it must not end, too; or the operation
    /// is one that it never ends.
    Off,
}

impl Cancellation {
    /// Sets the flag that ends operations from now on.
    pub fn set_flag(&mut self, flag: Option<Arc<AtomicBool>>) {
        *self = Cancellation { flag, watch: Watch::On };
    }

    /// A new operation begins, which the flag ends or not.
    ///
    /// # Errors
    /// [`Cancelled`](ErrorKind::Cancelled) where it ends at once.
    pub fn begin_operation(&mut self, watch: Watch) -> Result<()> {
        self.watch = watch;
        match self.ends_operation() {
            true => Err(Error::new(ErrorKind::Cancelled, "")),
            false => Ok(()),
        }
    }

    /// Whether there is a flag that another thread may set.
    pub fn is_possible(&self) -> bool {
        self.flag.is_some()
    }

    /// Whether the program has set the flag: what brings the module back is kept short then.
    pub fn is_requested(&self) -> bool {
        self.flag.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Whether the flag ends the running operation now.
    pub fn ends_operation(&mut self) -> bool {
        let ends = self.watch == Watch::On && self.is_requested();
        if ends {
            self.watch = Watch::Off;
        }
        ends
    }
}
