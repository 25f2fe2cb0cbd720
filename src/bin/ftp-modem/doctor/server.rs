//! The steps at the server: name, login, data connection, listing, upload.

use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use ftp_modem::modem::{LoginCheck, Operation, Support};
use ftp_modem::{ErrorKind, FtpModem, Retrieve, Server, Store};
use log::warn;

use super::report::{Report, Step};
use crate::account;
use crate::cause::{self, Aim};
use crate::failure::Failure;

/// Checks the steps, with an upload to `folder` if there is one.
///
/// # Errors
/// The failure of the step.
pub fn check(
    report: &mut Report,
    modem: &mut dyn FtpModem,
    server: &Server,
    folder: Option<&str>,
) -> Result<(), Failure> {
    if let Err(error) = modem.login(server) {
        return failed(report, server, Step::Login, error.into());
    }
    let is_known = modem.capabilities().login_check == LoginCheck::AtLogin;
    if is_known {
        logged_in(report, server)?;
    }
    let entries = match modem.list("") {
        Ok(entries) => entries,
        Err(error) => return failed(report, server, if is_known { Step::Listing } else { Step::Login }, error.into()),
    };
    if !is_known {
        logged_in(report, server)?;
    }
    report.ok(Step::DataConnection, "opened for the listing")?;
    report.ok(Step::Listing, format!("{} entries", entries.len()))?;
    match folder {
        Some(folder) => upload(report, modem, folder),
        None => Ok(()),
    }
}

fn logged_in(report: &mut Report, server: &Server) -> Result<(), Failure> {
    resolved(report, server)?;
    report.ok(Step::Login, format!("as {} on {} port {}", server.user, server.host, server.port))
}

fn resolved(report: &mut Report, server: &Server) -> Result<(), Failure> {
    match server.host.parse::<IpAddr>() {
        Ok(address) => report.skip(Step::NameResolution, format!("{address} is an address")),
        Err(_) => report.ok(Step::NameResolution, server.host.clone()),
    }
}

/// Notes which step a failure belongs to. `earliest` is the first step that is not known to have succeeded: dialects
/// without sessions log in with every operation. Many modules report failures without a cause; then nothing is said of
/// the steps before.
fn failed<T>(report: &mut Report, server: &Server, earliest: Step, failure: Failure) -> Result<T, Failure> {
    use ErrorKind::*;
    const UNKNOWN: &str = "not known: the module reports no cause";
    let (step, has_answered) = match failure.kind() {
        Some(NameResolution) if earliest == Step::Login => (Step::NameResolution, false),
        Some(DataConnection) => (Step::DataConnection, true),
        Some(Unavailable | ServerRefused | Incomplete) => (Step::Listing, true),
        Some(LoginRefused | ServerBusy | Tls) => (earliest, true),
        _ => (earliest, false),
    };
    if earliest == Step::Login && step != Step::NameResolution {
        match has_answered {
            true => resolved(report, server)?,
            false if server.host.parse::<IpAddr>().is_ok() => resolved(report, server)?,
            false => report.skip(Step::NameResolution, UNKNOWN)?,
        }
    }
    if earliest == Step::Login && matches!(step, Step::DataConnection | Step::Listing) {
        report.ok(Step::Login, format!("as {} on {} port {}", server.user, server.host, server.port))?;
    }
    if step == Step::Listing {
        report.skip(Step::DataConnection, UNKNOWN)?;
    }
    match failure.kind() {
        Some(LoginRefused) if server.user == "anonymous" => report.fail(step, failure.with_remedy(account::NAME_USER)),
        _ => report.fail(step, failure),
    }
}

/// Uploads a small file to `folder`, downloads it, compares, and removes it.
fn upload(report: &mut Report, modem: &mut dyn FtpModem, folder: &str) -> Result<(), Failure> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let path = format!("{}/doctor-{seconds:x}.txt", folder.strip_suffix('/').unwrap_or(folder));
    // Bytes that every dialect carries.
    let content = "ftp-modem doctor 0123456789 ABCDEFGHIJKLMNOPQRSTUVWXYZ ".repeat(4).into_bytes();
    let how = Store::create().with_length(content.len() as u64);
    if let Err(error) = modem.store(&path, &how, &mut content.as_slice()) {
        return report.fail(Step::Upload, cause::explained(modem, Aim::Write(&path), error).into());
    }
    report.ok(Step::Upload, format!("{} bytes to {path}", content.len()))?;
    let mut copy = Vec::new();
    let read = modem.retrieve(&path, &Retrieve::whole(), &mut copy);
    let is_removable = modem.capabilities().support(Operation::Remove) != Support::Unsupported;
    let removed = is_removable.then(|| modem.remove(&path));
    match read {
        Err(error) => return report.fail(Step::ReadBack, error.into()),
        Ok(_) if copy != content => {
            return report.fail(Step::ReadBack, Failure::verification(format!("{path} is not what was uploaded")));
        }
        Ok(_) => {}
    }
    match removed {
        Some(Ok(())) => report.ok(Step::ReadBack, "the same bytes; the file is removed"),
        other => {
            if let Some(Err(error)) = other {
                warn!("{error}");
            }
            let remedy = format!("remove {path} on the server");
            report.warn(Step::ReadBack, "the same bytes; the file cannot be removed", remedy)
        }
    }
}
