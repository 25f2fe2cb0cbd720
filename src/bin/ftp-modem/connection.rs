//! The link of a run to module and server, as the options describe it.

use ftp_modem::modem::{Controls, DataConnection};
use ftp_modem::transfer::{Attempt, Link, LinkFailure, Needs};
use ftp_modem::{Error, ErrorKind, FtpModem, RecoveryStep};
use log::info;

use crate::account;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::settings::Settings;

/// The link of a run. Dropping it restores the previous state of the module.
pub struct Connection {
    /// The link itself.
    pub link: Link<'static>,
    interrupt: Interrupt,
    /// Whether the login is anonymous, as without a user in the URL.
    is_anonymous: bool,
}

impl Connection {
    /// Creates the link, which enters the PIN once.
    pub fn new(settings: &Settings) -> Self {
        let mut port = settings.port.clone();
        let (active, init, mut pin) = (settings.active, settings.init.clone(), settings.pin.clone());
        let controls = Controls::new().with_time_limits(settings.limits).with_cancel(settings.interrupt.flag());
        let link = Link::opening(move || port.open(), settings.server.clone())
            .access_point(settings.access_point.clone())
            .controls(controls.with_budget(settings.interrupt.left()))
            .retry(settings.retry)
            .mildest_step(RecoveryStep::ReopenPort)
            .expect_module(settings.reconnect().search)
            .prepare(move |modem| prepare(modem, active, &init, &mut pin));
        let is_anonymous = settings.server.as_ref().is_some_and(|server| server.user == "anonymous");
        Connection { link, interrupt: settings.interrupt.clone(), is_anonymous }
    }

    /// Runs `work` once what it `needs` is there, and retries it after each temporary failure while retries are left.
    ///
    /// # Errors
    /// The last failure.
    pub fn run<T>(
        &mut self,
        needs: Needs,
        mut work: impl FnMut(&mut dyn FtpModem, &mut Attempt) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut begun = 0;
        let outcome = self.link.run(needs, |modem, attempt| {
            begun += 1;
            work(modem, attempt)
        });
        outcome.map_err(|failure| match (failure.kind(), self.interrupt.check()) {
            // The link ends without an operation when a signal comes or the time is over.
            (_, Err(ended)) if failure.error().is_some_and(|error| error.operation().is_none()) => ended,
            (Some(ErrorKind::Unavailable | ErrorKind::ServerRefused), _) if begun > 1 => {
                failure.with_note("an earlier attempt may have succeeded although its result was lost")
            }
            (Some(ErrorKind::LoginRefused), _) if self.is_anonymous => failure.with_remedy(account::NAME_USER),
            _ => self.interrupt.explain(failure),
        })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.link.close();
    }
}

/// Prepares a module that was just opened: active data connections, the commands of `--init`, the PIN.
fn prepare(modem: &mut dyn FtpModem, active: bool, init: &[String], pin: &mut Option<String>) -> Result<(), Error> {
    if active {
        modem.use_data_connection(DataConnection::Active)?;
    }
    for line in init {
        for answer in modem.command(line)? {
            info!("{answer}");
        }
    }
    pin.take().map_or(Ok(()), |pin| modem.unlock(&pin).map(drop))
}

/// Runs `work` on the link of a command that consists of this work alone.
///
/// # Errors
/// The last failure.
pub fn run<T>(
    settings: &Settings,
    needs: Needs,
    work: impl FnMut(&mut dyn FtpModem, &mut Attempt) -> Result<T, Failure>,
) -> Result<T, Failure> {
    Connection::new(settings).run(needs, work)
}
