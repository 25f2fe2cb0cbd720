//! A module in real time, shared by the thread that serves it and its owner.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Faulty, Module, Plan};

/// A module whose time is that of a clock, which runs from the beginning on.
#[derive(Debug)]
pub(super) struct Served {
    module: Mutex<Faulty>,
    start: Instant,
    is_stopped: AtomicBool,
}

impl Served {
    /// Starts the clock of `module`.
    pub(super) fn new(module: Faulty) -> Self {
        Self { module: Mutex::new(module), start: Instant::now(), is_stopped: AtomicBool::new(false) }
    }

    pub(super) fn module(&self) -> MutexGuard<'_, Faulty> {
        self.module.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Asks the threads to end.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::SeqCst)
    }

    pub(super) fn inject(&self, line: &str) {
        self.module().inject(self.now(), line);
    }

    pub(super) fn play(&self, plan: Plan) {
        self.module().play(plan);
    }

    pub(super) fn heal(&self) {
        self.module().line_mut().heal();
    }

    pub(super) fn restart(&self) {
        self.module().restart(self.now());
    }

    pub(super) fn replace(&self, module: Module) {
        self.module().replace(self.now(), module);
    }
}
