//! Opens a session, and restores the previous state of the module afterwards.

use std::time::{Duration, Instant};

use ftp_modem::modem::{Controls, DataConnection};
use ftp_modem::{ErrorKind, FtpModem};
use log::{info, warn};

use crate::failure::Failure;
use crate::settings::Settings;

/// Time for closing session and bearer when the time for the whole run is over.
const CLEANUP: Duration = Duration::from_secs(5);

/// Interval at which a port that has disappeared is looked for.
const SEARCH_PAUSE: Duration = Duration::from_secs(1);

/// An open module.
pub struct Session {
    /// The module.
    pub modem: Box<dyn FtpModem>,
    /// Whether this run activated the bearer.
    pub attached: bool,
}

/// Opens the module, for which `search` looks if it was there before; attaches and logs in if a server is set; runs
/// `work`, and restores the previous state of the module.
///
/// # Errors
/// The first failure. Failures while closing the session are only warnings.
pub fn with<T>(
    settings: &mut Settings,
    search: bool,
    work: impl FnOnce(&mut Session, &Settings) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut session = if search { Session::search(settings)? } else { Session::open(settings)? };
    let pin = settings.pin.take();
    let prepared = session.prepare(settings, pin.as_deref()).and_then(|()| session.connect(settings));
    let outcome = prepared.and_then(|()| work(&mut session, settings));
    let usable = outcome.as_ref().err().is_none_or(Failure::module_usable);
    if usable {
        session.leave(settings);
    } else {
        warn!("{}: the state of the module is not known; session and bearer are not closed", settings.port.name());
    }
    outcome
}

fn is_absent(failure: &Failure) -> bool {
    matches!(failure.kind(), Some(ErrorKind::PortNotFound | ErrorKind::PortDenied | ErrorKind::PortBusy))
}

impl Session {
    /// Opens the module that was there before. If its port has disappeared, waits until it comes back.
    fn search(settings: &mut Settings) -> Result<Self, Failure> {
        let until = Instant::now() + settings.reconnect().search;
        loop {
            match Session::open(settings) {
                Err(failure) if is_absent(&failure) && Instant::now() < until => {
                    info!("{}; looking again in {} s", failure.cause(), SEARCH_PAUSE.as_secs());
                    settings.interrupt.pause(SEARCH_PAUSE)?;
                }
                outcome => return outcome,
            }
        }
    }

    /// Opens the module, with the limits of this run. A signal ends the wait for a port that does not open.
    ///
    /// # Errors
    /// The errors of opening it.
    pub fn open(settings: &mut Settings) -> Result<Self, Failure> {
        settings.interrupt.check()?;
        let mut port = settings.port.clone();
        let opening = move || {
            let opened = port.open();
            (port, opened)
        };
        let (port, opened) = settings.interrupt.wait_for(opening)?;
        settings.port = port;
        let mut modem = opened?;
        settings.interrupt.check()?;
        info!("{}: {}, dialect {}", settings.port.name(), modem.identity(), modem.capabilities().dialect);
        let controls = Controls::new().with_time_limits(settings.limits).with_cancel(settings.interrupt.flag());
        modem.set_controls(controls.with_budget(settings.interrupt.left()));
        if settings.active {
            modem.use_data_connection(DataConnection::Active)?;
        }
        Ok(Session { modem, attached: false })
    }

    /// Sends the commands of `--init`, and enters the PIN if the SIM card waits for it.
    fn prepare(&mut self, settings: &Settings, pin: Option<&str>) -> Result<(), Failure> {
        for line in &settings.init {
            for answer in self.modem.command(line)? {
                info!("{answer}");
            }
        }
        if let Some(pin) = pin {
            self.modem.unlock(pin)?;
        }
        Ok(())
    }

    fn connect(&mut self, settings: &Settings) -> Result<(), Failure> {
        let Some(server) = &settings.server else { return Ok(()) };
        let bearer = self.modem.attach(&settings.access_point)?;
        self.attached = !bearer.was_up;
        match bearer.address {
            Some(address) => info!("attached, address {address}"),
            None => info!("attached"),
        }
        self.modem.login(server)?;
        info!("logged in as {} on {} port {}", server.user, server.host, server.port);
        Ok(())
    }

    /// Closes the session, and deactivates the bearer if this run activated it.
    pub fn leave(&mut self, settings: &Settings) {
        // A new flag: a signal ends the current operation, but not the cleanup after it. Nor does the limit for the
        // whole run.
        let controls = self.modem.controls().clone().with_cancel(std::sync::Arc::default());
        self.modem.set_controls(controls.with_budget(settings.interrupt.left().map(|left| left.max(CLEANUP))));
        if settings.server.is_some()
            && let Err(error) = self.modem.logout()
        {
            warn!("{error}");
            if !error.module_usable() || error.kind() == ErrorKind::PortLost {
                // The bearer cannot be deactivated either, for the same reason.
                return;
            }
        }
        if self.attached
            && let Err(error) = self.modem.detach()
        {
            warn!("{error}");
        }
    }
}
