//! The steps up to the module: port, permissions, ModemManager, identification.

use ftp_modem::ErrorKind;
use ftp_modem::transfer::Needs;

use super::report::{Report, Step};
use crate::connection::Connection;
use crate::failure::Failure;
use crate::port;

/// Opens the module.
///
/// # Errors
/// The failure of the step.
pub fn open(report: &mut Report, connection: &mut Connection, name: &str) -> Result<(), Failure> {
    let opened = connection
        .run(Needs::Module, |modem, _| Ok(format!("{}, dialect {}", modem.identity(), modem.capabilities().dialect)));
    match opened {
        Ok(module) => {
            reached(report, name)?;
            report.ok(Step::Module, module)
        }
        Err(failure) => match failure.kind() {
            Some(ErrorKind::PortDenied) => {
                exists(report, name)?;
                report.fail(Step::Permissions, failure)
            }
            Some(ErrorKind::PortBusy) if failure.remedy().contains("ModemManager") => {
                exists(report, name)?;
                report.ok(Step::Permissions, "this user may open the port")?;
                report.fail(Step::ModemManager, failure)
            }
            // The module answers, or something does: the port is good.
            Some(ErrorKind::Timeout | ErrorKind::Protocol | ErrorKind::UnknownModule) => {
                reached(report, name)?;
                report.fail(Step::Module, failure)
            }
            _ => report.fail(Step::Port, failure),
        },
    }
}

/// Notes that the port could be opened, and whether ModemManager may disturb it.
fn reached(report: &mut Report, name: &str) -> Result<(), Failure> {
    exists(report, name)?;
    if name.starts_with("tcp://") {
        report.skip(Step::Permissions, "the port belongs to another machine")?;
        return report.skip(Step::ModemManager, "the port belongs to another machine");
    }
    report.ok(Step::Permissions, "this user may open the port")?;
    let system = port::system();
    let located = system.locate(name).unwrap_or_else(|_| name.to_owned());
    match system.modem_manager_on(&located) {
        Some(manager) => report.warn(
            Step::ModemManager,
            format!("{manager} runs, and may open the port and send commands"),
            system.without_modem_manager(&located),
        ),
        None => report.ok(Step::ModemManager, "no ModemManager disturbs the port"),
    }
}

/// Notes which port it is.
fn exists(report: &mut Report, name: &str) -> Result<(), Failure> {
    let system = port::system();
    let located = system.locate(name).unwrap_or_else(|_| name.to_owned());
    let seen = system.listed(&located).map_or_else(|| name.to_owned(), |port| port.to_string());
    report.ok(Step::Port, seen)
}
