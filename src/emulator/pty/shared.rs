//! What the module's thread shares with its owner.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::emulator::Faulty;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) module: Mutex<Faulty>,
    pub(super) start: Instant,
    pub(super) stop: AtomicBool,
    /// Whether the bell has been rung and not been heard yet.
    pub(super) rung: AtomicBool,
    pub(super) bell: io::PipeWriter,
}

impl Shared {
    pub(super) fn module(&self) -> MutexGuard<'_, Faulty> {
        self.module.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Duration {
        self.start.elapsed()
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
