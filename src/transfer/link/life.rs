//! The life of a link: opening before an operation, retries and recovery after it, and closing at the end.

use std::sync::atomic::Ordering;
use std::time::Duration;

use log::{debug, info, warn};

use super::state::{Attempt, LinkFailure, LinkState, Needs};
use super::{Link, Opened, STOP_CHECK};
use crate::error::{Error, ErrorKind, Phase, RecoveryStep, Result};
use crate::modem::{Controls, FtpModem};
use crate::transfer::Retry;
use crate::transfer::attempts::{SEARCH_PAUSE, is_absent, is_loss};
use crate::transfer::upload::Unfinished;

/// Time for closing session and bearer after the stop flag was set, or after the time for all operations together has
/// passed.
const CLOSING: Duration = Duration::from_secs(5);

/// Why an operation could not be begun.
pub(super) enum Unreached {
    /// The module could not be opened.
    Opening(Error),
    /// A later step failed.
    Later(Error),
}

/// The failed attempts of one operation.
struct Failures {
    retry: Retry,
    begun: Duration,
    /// Number of attempts that the link has made.
    count: u32,
    /// Number of attempts, with those that transfers have made by themselves.
    attempts: u32,
    /// The upload that failed last.
    upload: Option<Unfinished>,
}

impl Failures {
    /// Begins another attempt, which has the time that is left for all of them.
    fn next_attempt(&mut self, now: Duration) -> Attempt {
        let left = self.retry.with_retries(self.retry.retries.saturating_sub(self.attempts));
        let total = self.retry.total.map(|total| total.saturating_sub(now.saturating_sub(self.begun)));
        Attempt::new(self.attempts, Retry { total, ..left }, self.upload.take())
    }

    fn add(&mut self, attempt: &mut Attempt, error: Option<&Error>) {
        self.upload = attempt.upload.take();
        // A transfer that ends in such an error has used its retries up.
        let taken = if error.is_some_and(Error::is_retryable) { attempt.taken } else { 0 };
        self.count = self.count.saturating_add(1);
        self.attempts = self.attempts.saturating_add(1).saturating_add(taken);
    }
}

impl Link<'_> {
    /// Runs `work` on the module, once what it `needs` is there, and repeats it after failures that a retry may help:
    /// the other methods are built from this one. `work` may have been carried out although its result was lost.
    ///
    /// # Errors
    /// The failure of the last attempt; [`Cancelled`](ErrorKind::Cancelled) after the stop flag was set.
    ///
    /// # Examples
    /// A download with settings of its own:
    /// ```no_run
    /// use ftp_modem::transfer::{Download, Link, Needs};
    /// use ftp_modem::{Error, Server};
    ///
    /// let mut link = Link::to("/dev/ttyUSB2", Server::new("ftp.example.com", "logger", "secret"));
    /// link.run::<_, Error>(Needs::Session, |modem, attempt| {
    ///     let download = Download::new("/out/firmware.bin", "firmware.bin").verify_content(true);
    ///     let download = download.resume(attempt.before() > 0).retry(attempt.take_retries());
    ///     Ok(download.run(modem)?.after(attempt))
    /// })?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn run<T, E: LinkFailure>(
        &mut self,
        needs: Needs,
        mut work: impl FnMut(&mut dyn FtpModem, &mut Attempt) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let mut failures = Failures { retry: self.retry, begun: self.clock.now(), count: 0, attempts: 0, upload: None };
        loop {
            let mut attempt = failures.next_attempt(self.clock.now());
            let (is_final, failure) = match self.reach(needs) {
                Ok(modem) => match work(modem, &mut attempt) {
                    Ok(done) => return Ok(done),
                    Err(failure) => (failure.is_final(), failure),
                },
                Err(Unreached::Opening(error)) => (self.is_missed(error.kind()), E::of_opening(error)),
                Err(Unreached::Later(error)) => (false, error.into()),
            };
            failures.add(&mut attempt, failure.error());
            if failure.error().is_some_and(is_loss) {
                self.lose();
            }
            let curable = failure.error().filter(|error| !is_final && self.may_pass(error));
            let Some(error) = curable.filter(|_| failures.attempts <= failures.retry.retries) else {
                return Err(failure);
            };
            let pause = failures.retry.pause_after(failures.attempts);
            if !self.has_time(&failures, pause) {
                return Err(failure.out_of_time());
            }
            let step = self.restore(error.kind(), failures.count, attempt.taken > 0);
            self.wait_to_retry(error, &failures, pause, step)?;
        }
    }

    /// Whether a retry may help after `error`.
    fn may_pass(&self, error: &Error) -> bool {
        let is_waited_for = self.search.is_none() && is_absent(error.kind());
        error.is_retryable() || is_waited_for || self.is_locked_again(error.kind())
    }

    /// Whether a SIM card that was usable is not any more: a module that has restarted waits for the PIN.
    fn is_locked_again(&self, kind: ErrorKind) -> bool {
        let was_usable = self.opened.as_ref().is_some_and(|opened| opened.reached >= Some(Needs::Bearer));
        kind == ErrorKind::SimUnavailable && was_usable && self.prepare.is_some()
    }

    /// Whether an opening that failed like this has missed the module that is expected.
    fn is_missed(&self, kind: ErrorKind) -> bool {
        let is_silent = matches!(kind, ErrorKind::Timeout | ErrorKind::Protocol);
        self.search.is_some() && (is_absent(kind) || (is_silent && !self.was_open))
    }

    fn has_time(&self, failures: &Failures, pause: Duration) -> bool {
        let until = self.clock.now().saturating_add(pause);
        let is_late = failures.retry.total.is_some_and(|total| until > failures.begun.saturating_add(total));
        !is_late && self.time_left().is_none_or(|left| left > pause)
    }

    fn wait_to_retry(
        &mut self,
        error: &Error,
        failures: &Failures,
        pause: Duration,
        step: Option<RecoveryStep>,
    ) -> Result<()> {
        let retry = failures.attempts;
        warn!("{}", failures.retry.announcement(error, retry, pause, step));
        self.show(LinkState::Waiting { error: error.for_user(), retry, pause });
        self.wait(pause)
    }

    /// Opens what `needs` requires and is not open.
    fn reach(&mut self, needs: Needs) -> std::result::Result<&mut dyn FtpModem, Unreached> {
        self.check().map_err(Unreached::Later)?;
        let mut opened = match self.opened.take() {
            Some(opened) => opened,
            None => self.open().map_err(Unreached::Opening)?,
        };
        let outcome = self.advance(&mut opened, needs);
        let opened = self.opened.insert(opened);
        outcome.map_err(Unreached::Later)?;
        Ok(&mut *opened.modem)
    }

    /// Opens the module. One that was open before is searched for, if its port has disappeared.
    fn open(&mut self) -> Result<Opened> {
        self.show(LinkState::Opening);
        let search = self.search.filter(|_| self.was_open).unwrap_or_default();
        let until = self.clock.now().saturating_add(search);
        let mut modem = loop {
            match self.open.open(|| self.check()) {
                Err(error) if is_absent(error.kind()) && self.clock.now().saturating_add(SEARCH_PAUSE) < until => {
                    info!("{}; looking again in {} s", error.symptom(), SEARCH_PAUSE.as_secs());
                    self.wait(SEARCH_PAUSE)?;
                }
                outcome => break outcome?,
            }
        };
        self.was_open = true;
        modem.set_controls(self.controls.clone().with_budget(self.time_left()));
        Ok(Opened { modem, reached: None, bearer: None })
    }

    /// Takes the steps from the reached state to the needed one.
    fn advance(&mut self, opened: &mut Opened, needs: Needs) -> Result<()> {
        let modem = &mut *opened.modem;
        if opened.reached.is_none() {
            if let Some(prepare) = &mut self.prepare {
                prepare(modem)?;
            }
            opened.reached = Some(Needs::Module);
        }
        if needs >= Needs::Bearer && opened.reached < Some(Needs::Bearer) {
            self.show(LinkState::Attaching);
            let bearer = modem.attach(&self.access_point)?;
            // The bearer stays this link's when the port is opened again.
            self.owns_bearer |= !bearer.was_up;
            match bearer.address {
                Some(address) => info!("attached, address {address}"),
                None => info!("attached"),
            }
            opened.bearer = Some(bearer);
            opened.reached = Some(Needs::Bearer);
        }
        if needs == Needs::Session && opened.reached < Some(Needs::Session) {
            let none = || Error::new(ErrorKind::WrongState, "this link has no server").during("login");
            let server = self.server.clone().ok_or_else(none)?;
            self.show(LinkState::LoggingIn);
            modem.login(&server)?;
            info!("logged in as {} on {} port {}", server.user, server.host, server.port);
            opened.reached = Some(Needs::Session);
            self.show(LinkState::Online);
        }
        Ok(())
    }

    /// The module is not in a known state, or its port is gone: the next operation opens it again.
    fn lose(&mut self) {
        if self.opened.take().is_some() {
            warn!("the state of the module is not known; session and bearer are not closed");
        }
    }

    /// Does before a retry what may help it: more, the more failures there were in a row. Returns the step that the
    /// retry follows.
    fn restore(&mut self, kind: ErrorKind, failures: u32, from_port: bool) -> Option<RecoveryStep> {
        use ErrorKind::{BearerFailed, BearerLost, ModuleRestarted, SimUnavailable};
        if matches!(kind, ModuleRestarted | SimUnavailable)
            && let Some(opened) = &mut self.opened
        {
            // The module has forgotten how it was prepared.
            opened.reached = None;
        }
        let step = match (kind, failures) {
            _ if from_port || failures > 3 => Some(RecoveryStep::ReopenPort),
            (BearerLost | BearerFailed, _) | (_, 3) => Some(RecoveryStep::RebuildBearer),
            (_, 2) => Some(RecoveryStep::ReopenSession),
            _ => None,
        };
        let step = step.max(self.mildest);
        if step == Some(RecoveryStep::ReopenPort) {
            // A new look at the port, and at the module on it.
            self.leave();
        }
        let Some(opened) = &mut self.opened else { return self.was_open.then_some(RecoveryStep::ReopenPort) };
        let step = step.filter(|_| opened.reached == Some(Needs::Session))?;
        if let Err(error) = opened.modem.recover(step, &self.access_point) {
            debug!("{error}");
        }
        Some(step)
    }

    /// Closes the session, and the bearer if it is this link's; then the port.
    pub(super) fn leave(&mut self) {
        let Some(mut opened) = self.opened.take() else { return };
        // The stop flag does not stop this but limits its time, and the time for it is not over.
        let budget = match self.time_left() {
            _ if self.is_stopped() => Some(CLOSING),
            left => left.map(|left| left.max(CLOSING)),
        };
        opened.modem.set_controls(Controls { cancel: None, ..self.controls.clone() }.with_budget(budget));
        let is_reachable = log_out(&mut *opened.modem);
        if self.owns_bearer && is_reachable {
            match opened.modem.detach() {
                Ok(()) => self.owns_bearer = false,
                Err(error) => warn!("{}", error.symptom()),
            }
        }
    }

    /// Closes the session and keeps the bearer: the next operation logs in again. For long pauses, in which servers
    /// close sessions without traffic. Failures are logged only.
    pub fn log_out(&mut self) {
        let Some(opened) = self.opened.as_mut().filter(|opened| opened.reached == Some(Needs::Session)) else { return };
        opened.reached = Some(Needs::Bearer);
        if !log_out(&mut *opened.modem) {
            self.opened = None;
        }
    }

    pub(super) fn show(&mut self, state: LinkState) {
        debug!("link: {state:?}");
        if let Some(observer) = &mut self.observer {
            observer(&state);
        }
    }

    /// Returns the rest of the time for all operations together.
    fn time_left(&self) -> Option<Duration> {
        let budget = self.controls.budget?;
        Some(budget.saturating_sub(self.clock.now().saturating_sub(self.begun)))
    }

    /// Returns whether the stop flag is set.
    fn is_stopped(&self) -> bool {
        self.controls.cancel.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Checks that the stop flag is not set, and that there is time left.
    fn check(&self) -> Result<()> {
        if self.is_stopped() {
            return Err(Error::new(ErrorKind::Cancelled, ""));
        }
        match self.controls.budget {
            Some(budget) if self.time_left() == Some(Duration::ZERO) => Err(Error::timeout(Phase::Budget, budget)),
            _ => Ok(()),
        }
    }

    fn wait(&self, time: Duration) -> Result<()> {
        let until = self.clock.now().saturating_add(time);
        loop {
            self.check()?;
            let left = until.saturating_sub(self.clock.now());
            if left.is_zero() {
                return Ok(());
            }
            self.clock.sleep(STOP_CHECK.min(left));
        }
    }
}

/// Closes the session. Returns whether the module can be reached.
fn log_out(modem: &mut dyn FtpModem) -> bool {
    match modem.logout() {
        Ok(()) => true,
        Err(error) => {
            warn!("{}", error.symptom());
            !is_loss(&error)
        }
    }
}
