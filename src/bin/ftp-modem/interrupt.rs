//! What ends a run early: a signal, or the limit for the whole run. The first signal (Ctrl-C, SIGTERM or SIGHUP) ends
//! the operation cleanly, the second one ends the process.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use ftp_modem::error::Phase;
use ftp_modem::transfer::LinkFailure;
use ftp_modem::{Error, ErrorKind};

use crate::failure::{Failure, INTERRUPTED, TEMPORARY};
use crate::{output, terminal};

/// Interval of the checks for a signal during a pause.
const CHECK: Duration = Duration::from_millis(50);

/// What to do where the system refuses a thread or a handler.
const TOO_FEW_RESOURCES: &str = "check the limits of the system (ulimit -a), then start the command again";

/// Number of the signal that stands for Ctrl-C.
#[cfg(not(unix))]
const SIGINT: u8 = 2;

/// The limit for the whole run.
#[derive(Debug)]
struct Limit {
    time: Duration,
    until: Instant,
}

impl Limit {
    /// Returns the failure of a run that was longer.
    fn over(&self) -> Failure {
        let seconds = self.time.as_secs_f64();
        let text = format!("the time for the whole run, --max-time {seconds}, is over");
        Failure::new(TEMPORARY, text, "raise this limit")
    }

    /// Returns the failure of a run whose limit leaves no time for the next attempt.
    fn short(&self) -> Failure {
        let seconds = self.time.as_secs_f64();
        let what = "does not suffice for the next attempt";
        let text = format!("the time left for the whole run, --max-time {seconds}, {what}");
        Failure::new(TEMPORARY, text, "raise this limit")
    }
}

/// Returns the failure of a run that a signal ended between two operations.
pub fn interrupted() -> Failure {
    Failure::new(INTERRUPTED, "cancelled", "start the command again when ready")
}

/// The signals that this run has received, and the limit of its time.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    /// Number of the first signal; 0 before it.
    first: Arc<AtomicU8>,
    /// The flag that the driver checks.
    cancel: Arc<AtomicBool>,
    limit: Arc<OnceLock<Limit>>,
}

impl Interrupt {
    /// Installs the handler: the first signal sets the flags, a second one ends the process. A program started by
    /// `nohup` ignores SIGHUP.
    ///
    /// # Errors
    /// A handler that cannot be installed.
    #[cfg(unix)]
    pub fn install(&self) -> Result<(), Failure> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        use signal_hook::iterator::Signals;

        let ignored = ignored();
        let handled = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !(*signal == SIGHUP && ignored(SIGHUP)));
        let failed =
            |error| Failure::other(format!("the handler for signals cannot be installed: {error}"), TOO_FEW_RESOURCES);
        let mut signals = Signals::new(handled).map_err(failed)?;
        let state = self.clone();
        let serve = move || {
            for signal in &mut signals {
                state.receive(u8::try_from(signal).unwrap_or_default());
            }
        };
        thread::Builder::new().name("signals".to_owned()).spawn(serve).map_err(failed)?;
        Ok(())
    }

    /// Installs the handler: the first Ctrl-C sets the flags, a second one ends the process.
    ///
    /// # Errors
    /// A handler that cannot be installed.
    #[cfg(not(unix))]
    pub fn install(&self) -> Result<(), Failure> {
        let state = self.clone();
        ctrlc::set_handler(move || state.receive(SIGINT)).map_err(|error| {
            Failure::other(format!("the handler for Ctrl-C cannot be installed: {error}"), TOO_FEW_RESOURCES)
        })
    }

    fn receive(&self, signal: u8) {
        if self.first.compare_exchange(0, signal, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            terminal::restore();
            std::process::exit(i32::from(status_of(signal)));
        }
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// Returns whether a signal was received.
    pub fn seen(&self) -> bool {
        self.status().is_some()
    }

    /// Returns the exit status for the first signal, if one was received.
    pub fn status(&self) -> Option<u8> {
        Some(self.first.load(Ordering::Relaxed)).filter(|signal| *signal > 0).map(status_of)
    }

    /// Returns the flag for the driver.
    pub fn flag(&self) -> Arc<AtomicBool> {
        self.cancel.clone()
    }

    /// Resets the driver's flag, if this program ends the operation itself.
    pub fn reset_flag(&self) {
        self.cancel.store(false, Ordering::Relaxed);
    }

    /// Limits the whole run to `time` from now on. Later calls change nothing.
    pub fn limit(&self, time: Duration) {
        if let Some(until) = Instant::now().checked_add(time) {
            self.limit.get_or_init(|| Limit { time, until });
        }
    }

    /// Returns what is left of the time for the whole run; `None` if it is not limited.
    pub fn left(&self) -> Option<Duration> {
        self.limit.get().map(|limit| limit.until.saturating_duration_since(Instant::now()))
    }

    /// Names the limit of the whole run in a failure that it has caused.
    pub fn explain(&self, failure: Failure) -> Failure {
        match self.limit.get().filter(|_| failure.is_out_of_time()) {
            // The library notices the end of its budget, which may be a moment before that of the limit.
            Some(limit) => {
                let is_of_budget = failure.error().is_some_and(|error| error.phase() == Some(Phase::Budget));
                let is_over = is_of_budget || Instant::now() >= limit.until;
                failure.ended_by(&if is_over { limit.over() } else { limit.short() })
            }
            None => failure,
        }
    }

    /// Checks that no signal was received and that time is left.
    ///
    /// # Errors
    /// A signal was received, or the time for the whole run is over.
    pub fn check(&self) -> Result<(), Failure> {
        match self.limit.get() {
            _ if self.seen() => Err(interrupted()),
            Some(limit) if Instant::now() >= limit.until => Err(limit.over()),
            _ => Ok(()),
        }
    }

    /// Converts the error of a streamed transfer, which the stream ends with an I/O error when [`check`](Self::check)
    /// fails.
    pub fn failure(&self, error: Error) -> Failure {
        let ended = self.check().err().filter(|_| error.kind() == ErrorKind::LocalIo);
        ended.unwrap_or_else(|| error.into())
    }

    /// Converts the error of a file that is opened in a thread: the wait for the thread ends when
    /// [`check`](Self::check) fails.
    pub fn local(&self, path: &Path, error: &io::Error) -> Failure {
        self.check().err().unwrap_or_else(|| Failure::local(path, error))
    }

    /// Waits for `time`.
    ///
    /// # Errors
    /// A signal was received before the end, or the time for the whole run is over.
    pub fn pause(&self, time: Duration) -> Result<(), Failure> {
        let until = Instant::now() + time;
        loop {
            self.check()?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(CHECK.min(left));
        }
    }

    /// Runs `work`, which may wait without a limit, in a thread of its own, and waits for its end.
    ///
    /// # Errors
    /// A signal was received before the end, or the time for the whole run is over; the thread ends with the process
    /// then.
    pub fn wait_for<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
        let (sender, outcome) = channel();
        let failed = |error| Failure::other(format!("no thread can be started: {error}"), TOO_FEW_RESOURCES);
        // Nobody listens after a signal.
        let run = move || drop(sender.send(work()));
        thread::Builder::new().name("waiting".to_owned()).spawn(run).map_err(failed)?;
        loop {
            match outcome.recv_timeout(CHECK) {
                Ok(outcome) => return Ok(outcome),
                Err(RecvTimeoutError::Timeout) => self.check()?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::other("a thread of this program ended early", output::REPORT));
                }
            }
        }
    }
}

/// The exit status of a program that a signal ended, as shells report it.
fn status_of(signal: u8) -> u8 {
    128 + signal
}

/// Returns whether this process was started with a signal ignored. Known on Linux only.
#[cfg(unix)]
fn ignored() -> impl Fn(i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    move |signal| signal > 0 && mask & (1 << (signal - 1)) != 0
}
