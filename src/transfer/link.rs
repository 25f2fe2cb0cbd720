//! Links: port, bearer and session that are kept working for as long as a program runs.

mod life;
mod opening;
mod state;

pub use state::{Attempt, LinkFailure, LinkState, Needs};

use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use super::attempts::{Reconnect, Retry};
use super::{Download, Report, Upload};
use crate::clock::{Clock, SystemClock};
use crate::error::{RecoveryStep, Result};
use crate::modem::{AccessPoint, Bearer, Controls, FtpModem, Server};
use opening::Opener;

type StateObserver<'a> = Box<dyn FnMut(&LinkState) + 'a>;

type Prepare<'a> = Box<dyn FnMut(&mut dyn FtpModem) -> Result<()> + 'a>;

/// Port, bearer and session of a module, for a program that runs for a long time.
///
/// They are opened when they are needed, and again after they were lost: the module restarted, the network dropped the
/// bearer, the port disappeared, the server was down. An operation is repeated until it succeeds, until it fails for a
/// reason that no retry cures, until the stop flag is set, or until the retries are used up. Default: no limit, with
/// pauses of 2 seconds at first and 5 minutes at last.
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
/// let behind = ftp.clone();
/// let open = move || {
///     let module = Module::new(Family::Luat, behind.remote(), Options::default());
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
    open: Opener,
    prepare: Option<Prepare<'a>>,
    server: Option<Server>,
    access_point: AccessPoint,
    controls: Controls,
    retry: Retry,
    /// The mildest step before a retry.
    mildest: Option<RecoveryStep>,
    /// How long a port that was open before is searched for; `None` if the module is waited for.
    search: Option<Duration>,
    observer: Option<StateObserver<'a>>,
    clock: Rc<dyn Clock + 'a>,
    /// When the time for all operations together began.
    begun: Duration,
    opened: Option<Opened>,
    was_open: bool,
    /// Whether this link has brought the bearer up, and has not closed it since.
    owns_bearer: bool,
}

/// A module that is open.
struct Opened {
    modem: Box<dyn FtpModem>,
    /// `None` until it is prepared.
    reached: Option<Needs>,
    /// What the last activation reported.
    bearer: Option<Bearer>,
}

/// Interval at which a wait checks the stop flag.
const STOP_CHECK: Duration = Duration::from_millis(50);

impl<'a> Link<'a> {
    /// Creates a link to the module on `port`, which is opened with the default [`OpenOptions`](crate::OpenOptions).
    /// `port` is as in [`open`](crate::open).
    pub fn to(port: impl Into<String>, server: impl Into<Option<Server>>) -> Self {
        let port = port.into();
        Link::opening(move || crate::open(&port), server)
    }

    /// Creates a link to the module that `open` opens, with other options or on another transport.
    ///
    /// `open` runs in a thread of its own, so that the stop flag ends the wait for a port that does not open. Without a
    /// server no operation may need a [session](Needs::Session).
    pub fn opening(
        open: impl FnMut() -> Result<Box<dyn FtpModem>> + Send + 'static,
        server: impl Into<Option<Server>>,
    ) -> Self {
        Link {
            open: Opener::new(open),
            prepare: None,
            server: server.into(),
            access_point: AccessPoint::default(),
            controls: Controls::default(),
            retry: Retry::default().with_retries(u32::MAX).with_longest_pause(Duration::from_secs(300)),
            mildest: None,
            search: None,
            observer: None,
            clock: Rc::new(SystemClock::default()),
            begun: Duration::ZERO,
            opened: None,
            was_open: false,
            owns_bearer: false,
        }
    }

    /// Registers a function that is called each time after the module was opened or has restarted, before the bearer is
    /// brought up: to enter the PIN of the SIM card, or to send commands of its own. Default: none.
    ///
    /// # Examples
    /// ```no_run
    /// use ftp_modem::Server;
    /// use ftp_modem::transfer::Link;
    ///
    /// let server = Server::new("ftp.example.com", "logger", "secret");
    /// let link = Link::to("/dev/ttyUSB2", server).prepare(|modem| modem.unlock("1234").map(drop));
    /// ```
    pub fn prepare(mut self, prepare: impl FnMut(&mut dyn FtpModem) -> Result<()> + 'a) -> Self {
        self.prepare = Some(Box::new(prepare));
        self
    }

    /// Sets the access point. Default: that of the network.
    pub fn access_point(mut self, access_point: AccessPoint) -> Self {
        self.access_point = access_point;
        self
    }

    /// Sets the controls. Default: none of them.
    ///
    /// The stop flag ([`Controls::cancel`]) lets another thread end the present operation and all later ones. The time
    /// for all operations together ([`Controls::budget`]) includes pauses, and is counted from now.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use ftp_modem::transfer::Link;
    /// use ftp_modem::{Controls, Server};
    ///
    /// let controls = Controls::new().with_budget(Duration::from_secs(3600));
    /// let server = Server::new("ftp.example.com", "logger", "secret");
    /// let link = Link::to("/dev/ttyUSB2", server).controls(controls);
    /// ```
    pub fn controls(mut self, controls: Controls) -> Self {
        self.controls = controls;
        self.begun = self.clock.now();
        self
    }

    /// Sets the number of retries of an operation and their pauses; [`Retry::total`] limits when the last one may
    /// begin. Default: no limit.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Sets the mildest step before a retry: [`ReopenSession`](RecoveryStep::ReopenSession),
    /// [`RebuildBearer`](RecoveryStep::RebuildBearer) or [`ReopenPort`](RecoveryStep::ReopenPort). Default: the first
    /// retry uses the same session, and each later one takes a stronger step.
    pub fn mildest_step(mut self, step: RecoveryStep) -> Self {
        self.mildest = Some(step);
        self
    }

    /// Expects the module to be present: if the port is missing or silent at the first opening, the operation fails at
    /// once. A port that disappears later is searched for once a second for the time `search`; then the operation
    /// fails. Default: the link waits for the module as long as the retries last.
    pub fn expect_module(mut self, search: Duration) -> Self {
        self.search = Some(search);
        self
    }

    /// Registers a callback that receives each new state. The retries that a transfer makes itself are in the log only.
    pub fn on_state(mut self, observer: impl FnMut(&LinkState) + 'a) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Sets the clock on which pauses and time limits pass, for tests. Default: the system clock.
    pub fn on_clock(mut self, clock: impl Clock + 'a) -> Self {
        self.begun = clock.now();
        self.clock = Rc::new(clock);
        self
    }

    /// Uploads the local file `local` to the server's file `remote`, as [`Upload`] does by default. [`run`](Self::run)
    /// is for uploads with other settings.
    ///
    /// # Errors
    /// As [`with`](Self::with); the kinds are those of [`Upload::run`].
    pub fn upload(&mut self, local: impl AsRef<Path>, remote: &str) -> Result<Report> {
        let (local, reconnect, clock) = (local.as_ref(), self.reconnect(), Rc::clone(&self.clock));
        self.run(Needs::Session, |modem, attempt| {
            let upload = Upload::new(local, remote).retry(attempt.take_retries());
            upload.reconnect_with(reconnect.clone()).on_clock(Rc::clone(&clock)).run_in(modem, attempt)
        })
    }

    /// Downloads the server's file `remote` to the local file `local`, as [`Download`] does with
    /// [`resume`](Download::resume). [`run`](Self::run) is for downloads with other settings.
    ///
    /// # Errors
    /// As [`with`](Self::with); the kinds are those of [`Download::run`].
    pub fn download(&mut self, remote: &str, local: impl AsRef<Path>) -> Result<Report> {
        let (local, reconnect, clock) = (local.as_ref(), self.reconnect(), Rc::clone(&self.clock));
        self.run(Needs::Session, |modem, attempt| {
            let download = Download::new(remote, local).resume(true).retry(attempt.take_retries());
            let download = download.reconnect_with(reconnect.clone()).on_clock(Rc::clone(&clock));
            download.run(modem).map(|report| report.after(attempt))
        })
    }

    /// Runs `work` on a module with an open session, and repeats it after failures that a retry may cure.
    ///
    /// `work` may have been carried out although its result was lost: an append, for example, must not be repeated
    /// blindly.
    ///
    /// # Errors
    /// The error of the last attempt; [`Cancelled`](crate::ErrorKind::Cancelled) after the stop flag was set. Without a
    /// limit of the retries it is an error that no retry cures ([`Error::is_retryable`](crate::Error::is_retryable)).
    ///
    /// # Examples
    /// ```no_run
    /// use ftp_modem::Server;
    /// use ftp_modem::transfer::Link;
    ///
    /// let mut link = Link::to("/dev/ttyUSB2", Server::new("ftp.example.com", "logger", "secret"));
    /// let names = link.with(|modem| modem.names("/out"))?;
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn with<T>(&mut self, mut work: impl FnMut(&mut dyn FtpModem) -> Result<T>) -> Result<T> {
        self.run(Needs::Session, |modem, _| work(modem))
    }

    /// Closes the session, brings the bearer down if this link has brought it up, and closes the port. The next
    /// operation opens them again. Failures are only logged.
    pub fn close(&mut self) {
        if self.opened.is_some() {
            self.leave();
            self.show(LinkState::Closed);
        }
    }

    /// Returns the bearer, as its activation reported it. `None` if no operation has needed a bearer yet.
    pub fn bearer(&self) -> Option<&Bearer> {
        self.opened.as_ref()?.bearer.as_ref()
    }

    fn reconnect(&self) -> Reconnect {
        let reconnect = Reconnect::new(self.access_point.clone());
        self.search.map_or(reconnect.clone(), |time| reconnect.with_search(time))
    }
}
