//! `emulate`: a module on a pty, for programs and tests without hardware.

use crate::args::{Emulate, Options};
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// Serves an emulated module until interrupted.
///
/// # Errors
/// No dialect was named, there is no pty to be had, or the emulator is not built in.
#[cfg(all(unix, feature = "emulator"))]
pub fn run(options: &Options, emulate: &Emulate, interrupt: &Interrupt) -> Result<(), Failure> {
    use std::time::Duration;

    use ftp_modem::emulator::{FtpRemote, Options as Behaviour, PtyModule};
    use serde_json::json;

    use crate::output;

    let Some(vendor) = emulated(options.vendor) else {
        return Err(Failure::usage("emulate needs --vendor luat, fibocom, quectel, cmcc or generic"));
    };
    let mut behaviour = Behaviour::default().with_echo(!emulate.no_echo);
    behaviour.line_rate = emulate.line_rate;
    interrupt.install()?;
    let module = PtyModule::spawn(vendor, Box::new(FtpRemote::new()), behaviour)
        .map_err(|error| Failure::other(format!("no module on a pty: {error}")))?;
    if options.json {
        let dialect = options.vendor.vendor().map(ftp_modem::Vendor::name);
        output::json(&json!({ "port": module.path(), "dialect": dialect }))?;
    } else {
        output::line(module.path())?;
    }
    while interrupt.pause(Duration::from_secs(60)).is_ok() {}
    Ok(())
}

/// Serves nothing: the emulator is not built in.
///
/// # Errors
/// Always.
#[cfg(not(all(unix, feature = "emulator")))]
pub fn run(_: &Options, _: &Emulate, _: &Interrupt) -> Result<(), Failure> {
    Err(Failure::usage("emulate is not built in: it needs --features cli,emulator, and a Unix for its pty"))
}

#[cfg(all(unix, feature = "emulator"))]
fn emulated(name: crate::values::VendorName) -> Option<ftp_modem::emulator::Vendor> {
    use ftp_modem::emulator::Vendor;

    use crate::values::VendorName;

    match name {
        VendorName::Auto => None,
        VendorName::Luat => Some(Vendor::Luat),
        VendorName::Fibocom => Some(Vendor::Fibocom),
        VendorName::Quectel => Some(Vendor::Quectel),
        VendorName::Cmcc => Some(Vendor::ChinaMobile),
        VendorName::Generic => Some(Vendor::Generic),
    }
}
