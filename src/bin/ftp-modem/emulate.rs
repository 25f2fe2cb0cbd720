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

    use ftp_modem::emulator::{Family, FtpRemote, Options as Behaviour, PtyModule};
    use serde_json::json;

    use crate::output;

    let Some(family) = options.vendor.vendor().and_then(|vendor| vendor.name().parse::<Family>().ok()) else {
        return Err(Failure::usage("emulate needs --vendor luat, fibocom, quectel, cmcc or generic"));
    };
    let mut behaviour = Behaviour::default().with_echo(!emulate.no_echo);
    behaviour.line_rate = emulate.line_rate;
    interrupt.install()?;
    let module = PtyModule::spawn(family, Box::new(FtpRemote::new()), behaviour)
        .map_err(|error| Failure::other(format!("no module on a pty: {error}")))?;
    if options.json {
        output::json(&json!({ "port": module.path(), "dialect": family.name() }))?;
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
