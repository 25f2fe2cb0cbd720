//! The settings that downloads and uploads have in common.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::attempts::{Reconnect, Retry};
use super::progress::Observer;
use crate::clock::{Clock, SystemClock};

/// The settings of a transfer.
pub(super) struct Settings<'a> {
    pub(super) retry: Retry,
    pub(super) reconnect: Option<Reconnect>,
    pub(super) cancel: Option<Arc<AtomicBool>>,
    pub(super) observer: Option<Observer<'a>>,
    pub(super) clock: Box<dyn Clock + 'a>,
}

impl Default for Settings<'_> {
    fn default() -> Self {
        Settings {
            retry: Retry::default(),
            reconnect: None,
            cancel: None,
            observer: None,
            clock: Box::new(SystemClock::default()),
        }
    }
}

/// The methods that set them, for a type with a field `settings`.
macro_rules! settings {
    () => {
        /// Sets the number of retries and their pauses. Default: [`Retry::default`].
        pub fn retry(mut self, retry: Retry) -> Self {
            self.settings.retry = retry;
            self
        }

        /// Lets the transfer take the stronger recovery steps ([`RecoveryStep`]) after the bearer was lost, the module
        /// restarted or the port disappeared. Default: the transfer fails then; it reopens the session at most.
        ///
        /// [`RecoveryStep`]: crate::RecoveryStep
        pub fn reconnect_with(mut self, reconnect: Reconnect) -> Self {
            self.settings.reconnect = Some(reconnect);
            self
        }

        /// Sets the stop flag by which another thread ends the transfer. During the transfer it replaces the flag of
        /// the modem ([`Controls::cancel`](crate::Controls::cancel)). Default: the flag of the modem.
        ///
        /// # Examples
        /// ```
        /// use std::sync::Arc;
        /// use std::sync::atomic::{AtomicBool, Ordering};
        /// use ftp_modem::transfer::Download;
        ///
        /// let stop = Arc::new(AtomicBool::new(false));
        /// let download = Download::new("/out/firmware.bin", "firmware.bin").cancel_with(stop.clone());
        /// // In another thread:
        /// stop.store(true, Ordering::Relaxed);
        /// ```
        pub fn cancel_with(mut self, flag: Arc<AtomicBool>) -> Self {
            self.settings.cancel = Some(flag);
            self
        }

        /// Registers a callback that receives the progress after every block on the line.
        ///
        /// # Examples
        /// ```
        /// use ftp_modem::transfer::{Download, Progress};
        ///
        /// fn show(progress: &Progress) {
        ///     eprintln!("{} of {:?} bytes, attempt {}", progress.bytes, progress.total, progress.attempt);
        /// }
        ///
        /// let download = Download::new("/out/firmware.bin", "firmware.bin").on_progress(show);
        /// ```
        pub fn on_progress(mut self, observer: impl FnMut(&Progress) + 'a) -> Self {
            self.settings.observer = Some(Box::new(observer));
            self
        }

        /// Sets the clock on which pauses and time limits pass, for tests. Default: the system clock.
        pub fn on_clock(mut self, clock: impl Clock + 'a) -> Self {
            self.settings.clock = Box::new(clock);
            self
        }
    };
}

pub(super) use settings;
