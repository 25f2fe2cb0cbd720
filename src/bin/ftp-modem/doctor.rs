//! `doctor`: every step from the port to the data connection; the first that fails, with its cause and cure.

mod link;
mod network;
mod report;
mod server;

use crate::args::{Command, Doctor, Options};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::session::Session;
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
        return Err(Failure::usage("--write needs a server: use --server or FTP_MODEM_SERVER"));
    }
    let settings = Settings::new(options, &Command::Doctor(doctor), interrupt);
    let mut settings = match settings {
        Err(failure) if failure.status() == Failure::NO_PORT => return report.fail(Step::Port, failure),
        other => other?,
    };
    let mut session = link::open(report, &mut settings)?;
    let outcome = check(report, &mut session, &mut settings, folder.as_deref());
    if outcome.as_ref().err().is_none_or(Failure::module_usable) {
        session.leave(&settings);
    }
    outcome
}

/// Checks what needs the module.
fn check(
    report: &mut Report,
    session: &mut Session,
    settings: &mut Settings,
    folder: Option<&str>,
) -> Result<(), Failure> {
    for line in &settings.init {
        if let Err(error) = session.modem.command(line) {
            return report.fail(Step::Module, error.into());
        }
    }
    network::check(report, session, settings)?;
    match &settings.server {
        Some(server) => server::check(report, &mut *session.modem, server, folder),
        None => {
            let why = "no server given: use --server";
            Step::OF_SERVER.into_iter().try_for_each(|step| report.skip(step, why))
        }
    }
}
