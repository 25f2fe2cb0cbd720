//! What the module's thread shares with its owner.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::emulator::served::Served;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) served: Served,
    /// Whether the bell has been rung and not been heard yet.
    rung: AtomicBool,
    bell: io::PipeWriter,
}

impl Shared {
    pub(super) const fn new(served: Served, bell: io::PipeWriter) -> Self {
        Self { served, rung: AtomicBool::new(false), bell }
    }

    /// Notes that the bell has been heard.
    pub(super) fn heard(&self) {
        self.rung.store(false, Ordering::SeqCst);
    }

    /// Wakes the thread that serves the module, which may be waiting for nothing in particular.
    pub(super) fn ring(&self) {
        if !self.rung.swap(true, Ordering::SeqCst)
            && let Err(error) = (&self.bell).write_all(b"!")
        {
            // It has ended by itself, and said why.
            log::debug!("the thread of an emulated module is gone: {error}");
        }
    }
}
