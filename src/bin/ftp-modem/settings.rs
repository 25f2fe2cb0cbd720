//! What a run works with, once the command line is understood.

use std::time::Duration;

use ftp_modem::modem::TimeLimits;
use ftp_modem::transfer::{Reconnect, Retry};
use ftp_modem::{AccessPoint, Server};

use crate::args::{Command, Options};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::port::Port;
use crate::{account, password};

/// What a run works with.
pub struct Settings {
    /// The way to the module.
    pub port: Port,
    /// The access point to attach to.
    pub access_point: AccessPoint,
    /// The server to log in to; none for commands that need none.
    pub server: Option<Server>,
    /// Limits in place of the dialect's own.
    pub limits: TimeLimits,
    /// How often and after how long to try again.
    pub retry: Retry,
    /// JSON in place of text.
    pub json: bool,
    /// Neither warnings nor progress.
    pub quiet: bool,
    /// Ctrl-C.
    pub interrupt: Interrupt,
}

impl Settings {
    /// What `options` say, for `command`; asks for the password where it must.
    ///
    /// # Errors
    /// The options do not fit together, or a file they name cannot be read.
    pub fn new(options: Options, command: &Command, interrupt: Interrupt) -> Result<Self, Failure> {
        let limits = limits(options.timeout)?;
        let Some(name) = options.port.clone() else {
            return Err(Failure::usage("no port: give --port or FTP_MODEM_PORT"));
        };
        let server = if command.needs_server() { Some(account::server(&options)?) } else { None };
        let secret = server.as_ref().filter(|server| !password::is_anonymous(server));
        let secrets =
            [secret.map(|server| server.password.clone()).unwrap_or_default(), options.apn_password.0.clone()];
        Ok(Settings {
            port: Port::new(name, &options, secrets),
            access_point: account::access_point(&options),
            server,
            limits,
            retry: Retry::default().with_retries(options.retries),
            json: options.json,
            quiet: options.quiet,
            interrupt,
        })
    }

    /// What is needed to go on after the bearer was lost.
    pub fn reconnect(&self) -> Reconnect {
        Reconnect::new(self.access_point.clone())
    }
}

fn limits(timeout: Option<f64>) -> Result<TimeLimits, Failure> {
    let Some(seconds) = timeout else { return Ok(TimeLimits::default()) };
    match Duration::try_from_secs_f64(seconds) {
        Ok(limit) if !limit.is_zero() => Ok(TimeLimits::default().with_command(limit)),
        _ => Err(Failure::usage(format!("--timeout {seconds} is not a number of seconds above 0"))),
    }
}
