//! The settings of a run, from the command line and the environment.

use ftp_modem::backend::secrets_in;
use ftp_modem::modem::TimeLimits;
use ftp_modem::transfer::{Reconnect, Retry};
use ftp_modem::{AccessPoint, Server};

use crate::args::{Command, Options};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::port::Port;
use crate::values::ProgressMode;
use crate::{account, choice, password, pin};

/// The settings of a run.
pub struct Settings {
    /// Port of the module.
    pub port: Port,
    /// Access point.
    pub access_point: AccessPoint,
    /// PIN of the SIM card. It is entered once.
    pub pin: Option<String>,
    /// Whether the server opens the data connections.
    pub active: bool,
    /// Raw commands before each session.
    pub init: Vec<String>,
    /// FTP server. `None` for commands that need no server.
    pub server: Option<Server>,
    /// Time limits that replace those of the dialect.
    pub limits: TimeLimits,
    /// Number of retries and back-off.
    pub retry: Retry,
    /// Whether to print JSON instead of text.
    pub json: bool,
    /// How to show the progress of transfers.
    pub progress: ProgressMode,
    /// Signals that were received.
    pub interrupt: Interrupt,
}

impl Settings {
    /// Converts `options` to the settings for `command`. Prompts for the password if necessary.
    ///
    /// # Errors
    /// Options that are missing, invalid or contradict each other, and files that cannot be read.
    pub fn new(options: Options, command: &Command, interrupt: Interrupt) -> Result<Self, Failure> {
        let limits = options.timeout.map_or(TimeLimits::default(), |limit| TimeLimits::default().with_command(limit));
        if let Some(limit) = options.max_time {
            interrupt.limit(limit);
        }
        let has_server = command.needs_server() || (matches!(command, Command::Doctor(_)) && options.server.is_some());
        let server = if has_server { Some(account::server(&options, &interrupt)?) } else { None };
        let pin = pin::find(options.pin_file.as_deref())?;
        let asking = options.clone();
        let name = interrupt.wait_for(move || choice::port(&asking))??;
        let init: Vec<String> = options.init.iter().map(|line| line.0.clone()).collect();
        let secret = server.as_ref().filter(|server| !password::is_anonymous(server));
        let mut secrets = vec![options.apn_password.0.clone()];
        secrets.extend(secret.map(|server| server.password.clone()));
        secrets.extend(pin.clone());
        let raw = init.iter().chain(command.raw().iter().map(|line| &line.0));
        secrets.extend(raw.flat_map(|line| secrets_in(line)).map(str::to_owned));
        Ok(Settings {
            port: Port::new(name, &options, limits, secrets),
            access_point: account::access_point(&options),
            pin,
            active: options.active,
            init,
            server,
            limits,
            retry: Retry::default().with_retries(options.retries),
            json: options.json,
            progress: if options.quiet { ProgressMode::Never } else { options.progress },
            interrupt,
        })
    }

    /// Returns the settings for recovery after the bearer is lost.
    pub fn reconnect(&self) -> Reconnect {
        Reconnect::new(self.access_point.clone())
    }
}
