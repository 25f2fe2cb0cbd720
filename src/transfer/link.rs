//! A module that is kept working: port, bearer and session, for as long as a program runs.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use log::{debug, warn};

use super::attempts::{Clock, Reconnect, Retry, SystemClock, is_absent};
use super::{Download, Report, Upload};
use crate::error::{Error, ErrorKind, Recovery, Result};
use crate::modem::{AccessPoint, Controls, FtpModem, Server, TimeLimits};

/// What a [`Link`] does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkState {
    /// It opens the port and identifies the module.
    Opening,
    /// It brings the bearer up.
    Attaching,
    /// It logs in.
    LoggingIn,
    /// The session is open.
    Online,
    /// An operation has failed; it is repeated after a pause.
    Waiting {
        /// What failed, and where.
        error: String,
        /// The pause.
        pause: Duration,
    },
    /// Session and bearer are closed.
    Closed,
}

type StateObserver<'a> = Box<dyn FnMut(&LinkState) + 'a>;

type Opener<'a> = Box<dyn FnMut() -> Result<Box<dyn FtpModem>> + 'a>;

/// A module, its bearer and its session on a server, which are opened when they are needed and again after they were
/// lost: the module restarted, the network dropped the bearer, the port disappeared, the server was down. An operation
/// is repeated until it succeeds, until it fails for a reason that no retry cures, until the stop flag is set, or until
/// the retries are used up. Default: it never gives up, with pauses of 2 seconds at first and 5 minutes at last.
///
/// # Examples
/// A logger, against an emulated module:
/// ```
/// use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
/// use ftp_modem::transfer::Link;
/// use ftp_modem::transport::memory::MemoryPipe;
/// use ftp_modem::{OpenOptions, Server};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let report = folder.path().join("report.csv");
/// # std::fs::write(&report, "1;2;3").unwrap();
/// let ftp = MemoryServer::new();
/// ftp.put("/out/settings.json", "{}");
/// // With hardware: let mut link = Link::to("/dev/serial/by-id/…", server);
/// let server = Server::new("ftp.example.com", "logger", "secret");
/// let open = || {
///     let module = Module::new(Family::Luat, ftp.remote(), Options::default());
///     OpenOptions::new().open_on(MemoryPipe::new(module))
/// };
/// let mut link = Link::opening(open, server).on_state(|state| println!("{state:?}"));
/// link.upload(&report, "/report.csv")?;
/// let settings = link.with(|modem| modem.size("/out/settings.json"))?;
/// link.close();
/// assert_eq!((settings, ftp.file("/report.csv").as_deref()), (2, Some(&b"1;2;3"[..])));
/// # Ok::<(), ftp_modem::Error>(())
/// ```
pub struct Link<'a> {
    open: Opener<'a>,
    server: Server,
    access_point: AccessPoint,
    limits: TimeLimits,
    retry: Retry,
    stop: Option<Arc<AtomicBool>>,
    observer: Option<StateObserver<'a>>,
    clock: Box<dyn Clock + 'a>,
    modem: Option<Opened>,
}

/// A module that is open.
struct Opened {
    modem: Box<dyn FtpModem>,
    /// Whether this link has brought the bearer up; `None` before it was asked for.
    attached: Option<bool>,
    is_online: bool,
}

/// Interval at which a pause checks the stop flag.
const STOP_CHECK: Duration = Duration::from_millis(50);

impl<'a> Link<'a> {
    /// The module on `port`, opened with the default [`OpenOptions`](crate::OpenOptions).
    pub fn to(port: impl Into<String>, server: Server) -> Self {
        let port = port.into();
        Link::opening(move || crate::open(&port), server)
    }

    /// A module that `open` opens: with other options, or on another transport.
    pub fn opening(open: impl FnMut() -> Result<Box<dyn FtpModem>> + 'a, server: Server) -> Self {
        Link {
            open: Box::new(open),
            server,
            access_point: AccessPoint::default(),
            limits: TimeLimits::default(),
            retry: Retry::default().with_retries(u32::MAX).with_longest_pause(Duration::from_secs(300)),
            stop: None,
            observer: None,
            clock: Box::new(SystemClock::default()),
            modem: None,
        }
    }

    /// Sets the access point. Default: that of the network.
    pub fn access_point(mut self, access_point: AccessPoint) -> Self {
        self.access_point = access_point;
        self
    }

    /// Sets time limits that replace those of the dialect. Default: none.
    pub fn time_limits(mut self, limits: TimeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the number of retries of an operation and their pauses; [`Retry::total`] limits when the last one may
    /// begin. Default: no limit.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Sets the flag by which another thread ends the present operation and all later ones. Default: none.
    pub fn stop_with(mut self, flag: Arc<AtomicBool>) -> Self {
        self.stop = Some(flag);
        self
    }

    /// Calls `observer` with each new state.
    pub fn on_state(mut self, observer: impl FnMut(&LinkState) + 'a) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Another time than the operating system's, for tests.
    pub fn on_clock(mut self, clock: impl Clock + 'a) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Uploads the local file `local` to the server's file `remote`, as [`Upload`] does by default. Other uploads go by
    /// [`with`](Self::with).
    ///
    /// # Errors
    /// Those of [`with`](Self::with).
    pub fn upload(&mut self, local: impl AsRef<Path>, remote: &str) -> Result<Report> {
        let (local, reconnect) = (local.as_ref(), Reconnect::new(self.access_point.clone()));
        let mut is_first = true;
        self.with(|modem| {
            let upload = Upload::new(local, remote).resume(!std::mem::take(&mut is_first));
            upload.retry(Retry::never()).reconnect_with(reconnect.clone()).run(modem)
        })
    }

    /// Downloads the server's file `remote` to the local file `local`, as [`Download`] does by default. Other downloads
    /// go by [`with`](Self::with).
    ///
    /// # Errors
    /// Those of [`with`](Self::with).
    pub fn download(&mut self, remote: &str, local: impl AsRef<Path>) -> Result<Report> {
        let (local, reconnect) = (local.as_ref(), Reconnect::new(self.access_point.clone()));
        self.with(|modem| {
            let download = Download::new(remote, local).resume(true);
            download.retry(Retry::never()).reconnect_with(reconnect.clone()).run(modem)
        })
    }

    /// Runs `work` on the module, which is online then, and repeats it after failures that a retry may cure. `work` may
    /// have been carried out although its result was lost: an append, for example, must not be repeated blindly.
    ///
    /// # Errors
    /// The error of the last attempt; [`Cancelled`](ErrorKind::Cancelled) after the stop flag was set.
    pub fn with<T>(&mut self, mut work: impl FnMut(&mut dyn FtpModem) -> Result<T>) -> Result<T> {
        let begun = self.clock.now();
        let mut failures = 0u32;
        loop {
            self.check_stop()?;
            let outcome = self.online().and_then(&mut work);
            let error = match outcome {
                Err(error) if error.is_retryable() || is_absent(error.kind()) => error,
                outcome => return outcome,
            };
            failures = failures.saturating_add(1);
            let doublings = (failures - 1).min(16);
            let pause = self.retry.pause.saturating_mul(2u32.pow(doublings)).min(self.retry.longest_pause);
            let until = self.clock.now().saturating_add(pause);
            let is_late = self.retry.total.is_some_and(|total| until > begun.saturating_add(total));
            self.restore(&error, failures);
            if failures > self.retry.retries || is_late {
                return Err(error);
            }
            warn!("{error}; retry in {:.1} s", pause.as_secs_f64());
            self.show(LinkState::Waiting { error: error.to_string(), pause });
            self.wait(until)?;
        }
    }

    /// Closes the session, and brings the bearer down if this link has brought it up. The next operation opens both
    /// again. Failures are logged only.
    pub fn close(&mut self) {
        let Some(Opened { mut modem, attached, .. }) = self.modem.take() else { return };
        modem.set_controls(Controls::new().with_time_limits(self.limits));
        let logged_out = modem.logout();
        let is_reachable =
            logged_out.as_ref().err().is_none_or(|error| error.module_usable() && error.kind() != ErrorKind::PortLost);
        let detached = if attached == Some(true) && is_reachable { modem.detach() } else { Ok(()) };
        for error in [logged_out, detached].into_iter().filter_map(Result::err) {
            warn!("{error}");
        }
        self.show(LinkState::Closed);
    }

    /// Opens what is not open.
    fn online(&mut self) -> Result<&mut dyn FtpModem> {
        if self.modem.is_none() {
            self.show(LinkState::Opening);
            let mut modem = (self.open)()?;
            let controls = Controls::new().with_time_limits(self.limits);
            modem.set_controls(match &self.stop {
                Some(flag) => controls.with_cancel(flag.clone()),
                None => controls,
            });
            self.modem = Some(Opened { modem, attached: None, is_online: false });
        }
        let is = |opened: &Option<Opened>, done: fn(&Opened) -> bool| opened.as_ref().is_some_and(done);
        if !is(&self.modem, |opened| opened.is_online) {
            self.show(LinkState::Attaching);
            if let Some(opened) = &mut self.modem {
                let bearer = opened.modem.attach(&self.access_point)?;
                opened.attached = opened.attached.or(Some(!bearer.was_up));
            }
            self.show(LinkState::LoggingIn);
            if let Some(opened) = &mut self.modem {
                opened.modem.login(&self.server)?;
                opened.is_online = true;
            }
            self.show(LinkState::Online);
        }
        let closed = || Error::new(ErrorKind::WrongState, "the module is not open");
        self.modem.as_mut().map(|opened| &mut *opened.modem as &mut dyn FtpModem).ok_or_else(closed)
    }

    /// Does after a failure what may cure it: more, the more failures there were in a row.
    fn restore(&mut self, error: &Error, failures: u32) {
        let is_gone = !error.module_usable() || error.kind() == ErrorKind::PortLost || is_absent(error.kind());
        let Some(opened) = &mut self.modem else { return };
        if is_gone || failures > 3 {
            // A new look at the port, and at the module on it.
            self.modem = None;
            return;
        }
        let step = match (error.kind(), failures) {
            (ErrorKind::BearerLost | ErrorKind::BearerFailed | ErrorKind::ModuleRestarted, _) | (_, 3) => {
                Recovery::RebuildBearer
            }
            (_, 2) => Recovery::ReopenSession,
            _ => return,
        };
        if opened.is_online
            && let Err(error) = opened.modem.recover(step, &self.access_point)
        {
            debug!("{error}");
        }
    }

    fn show(&mut self, state: LinkState) {
        debug!("link: {state:?}");
        if let Some(observer) = &mut self.observer {
            observer(&state);
        }
    }

    fn check_stop(&self) -> Result<()> {
        match self.stop.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            true => Err(Error::new(ErrorKind::Cancelled, "the link was stopped").during("link")),
            false => Ok(()),
        }
    }

    fn wait(&self, until: Duration) -> Result<()> {
        loop {
            self.check_stop()?;
            let left = until.saturating_sub(self.clock.now());
            if left.is_zero() {
                return Ok(());
            }
            self.clock.sleep(STOP_CHECK.min(left));
        }
    }
}
