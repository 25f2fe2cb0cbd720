//! A clock that moves only by being slept on, so that pauses take no time.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use ftp_modem::transfer::Clock;

#[derive(Clone, Default)]
pub struct Sleepless(Rc<Cell<Duration>>);

impl Sleepless {
    /// A clock that shows `now`.
    pub fn at(now: Duration) -> Self {
        Sleepless(Rc::new(Cell::new(now)))
    }
}

impl Clock for Sleepless {
    fn now(&self) -> Duration {
        self.0.get()
    }

    fn sleep(&self, time: Duration) {
        self.0.set(self.0.get() + time);
    }
}
