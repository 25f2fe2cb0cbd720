//! `doctor`: every step from the port to the data connection; the first that fails, with its cause and cure.

mod link;
mod network;
mod report;
mod server;

use ftp_modem::transfer::{Needs, Retry};

use crate::account;
use crate::args::{Command, Doctor, Options};
use crate::connection::Connection;
use crate::failure::{Failure, NO_PORT};
use crate::interrupt::Interrupt;
use crate::settings::Settings;
use report::{Report, Step};

/// Checks every step, and prints what it saw.
///
/// # Errors
/// The failure of the first step that fails.
pub fn run(options: Options, doctor: Doctor, interrupt: Interrupt) -> Result<(), Failure> {
    let mut report = Report::new(options.json);
    let outcome = examine(&mut report, options, doctor, interrupt);
    report.finish()?;
    outcome
}

fn examine(report: &mut Report, options: Options, doctor: Doctor, interrupt: Interrupt) -> Result<(), Failure> {
    let folder = doctor.write.clone();
    if folder.is_some() && options.server.is_none() {
        return Err(Failure::usage("--write needs a server", account::NAME_SERVER));
    }
    let settings = Settings::new(options, &Command::Doctor(doctor), interrupt);
    let mut settings = match settings {
        Err(failure) if failure.status() == NO_PORT => return report.fail(Step::Port, failure),
        other => other?,
    };
    // The doctor takes each step once, and reports it.
    settings.retry = Retry::never();
    let (init, pin) = (std::mem::take(&mut settings.init), settings.pin.take());
    let mut connection = Connection::new(&settings);
    link::open(report, &mut connection, settings.port.name())?;
    for line in &init {
        if let Err(failure) = connection.run(Needs::Module, |modem, _| Ok(modem.command(line)?)) {
            return report.fail(Step::Module, failure);
        }
    }
    network::check(report, &mut connection, pin)?;
    match &settings.server {
        Some(server) => {
            connection.run(Needs::Bearer, |modem, _| server::check(report, modem, server, folder.as_deref()))
        }
        None => {
            let why = "no server given: use --server";
            Step::OF_SERVER.into_iter().try_for_each(|step| report.skip(step, why))
        }
    }
}
