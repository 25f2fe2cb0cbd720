//! The flag by which another thread ends operations.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, ErrorKind, Result};

/// The flag, which belongs to the caller: nothing here resets it.
///
/// The flag ends an operation once; the recovery behind it is not ended.
#[derive(Default)]
pub struct Cancellation {
    flag: Option<Arc<AtomicBool>>,
    watch: Watch,
}

/// Whether the flag ends what goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Watch {
    /// The flag ends what goes on.
    #[default]
    On,
    /// The flag is ignored: during recovery, and in logout and detach.
    Off,
}

impl Cancellation {
    /// Sets the flag that ends operations from now on.
    pub fn set_flag(&mut self, flag: Option<Arc<AtomicBool>>) {
        *self = Cancellation { flag, watch: Watch::On };
    }

    /// Begins a new operation; `watch` tells whether the flag ends it.
    ///
    /// # Errors
    /// [`Cancelled`](ErrorKind::Cancelled) where the flag is set already.
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

    /// Whether the program has set the flag. The recovery is kept short then.
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
