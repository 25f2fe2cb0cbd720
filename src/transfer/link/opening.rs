//! Opening the module in a thread of its own: a port may keep its opener waiting for longer than the program wants.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::STOP_CHECK;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::FtpModem;

type Modem = Box<dyn FtpModem>;

/// The function that opens the module.
pub(super) struct Opener(Arc<Mutex<dyn FnMut() -> Result<Modem> + Send>>);

impl Opener {
    pub fn new(open: impl FnMut() -> Result<Modem> + Send + 'static) -> Self {
        Opener(Arc::new(Mutex::new(open)))
    }

    /// Opens the module. An opening that `check` has ended goes on in its thread; its module is closed at once, and the
    /// next opening waits for it.
    ///
    /// # Errors
    /// Those of the function, and those of `check`.
    pub fn open(&self, check: impl Fn() -> Result<()>) -> Result<Modem> {
        check()?;
        let outcome = self.begin().map_err(Error::local)?;
        loop {
            match outcome.recv_timeout(STOP_CHECK) {
                Ok(opened) => return opened,
                Err(RecvTimeoutError::Timeout) => check()?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Error::new(ErrorKind::WrongState, "the function that opens the module panicked"));
                }
            }
        }
    }

    fn begin(&self) -> std::io::Result<Receiver<Result<Modem>>> {
        let (sender, outcome) = channel();
        let open = Arc::clone(&self.0);
        let work = move || {
            let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
            // Without a receiver the module is closed at once.
            drop(sender.send(open()));
        };
        thread::Builder::new().name("opening".to_owned()).spawn(work)?;
        Ok(outcome)
    }
}
