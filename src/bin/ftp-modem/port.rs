//! The port of the module, with an optional trace of its traffic.

use std::fs::{File, OpenOptions as FileOptions};
use std::io;
use std::path::{Path, PathBuf};

use ftp_modem::modem::TimeLimits;
use ftp_modem::ports::System;
use ftp_modem::transport::recorder::Recorder;
use ftp_modem::transport::serial::FlowControl;
use ftp_modem::{Error, ErrorKind, FtpModem, OpenOptions};
use log::info;

use crate::args::Options;
use crate::values::{Baud, Dtr, Flow};

/// The environment variable with the folder that holds `/sys`, `/proc`, `/dev` and `/etc` of the machine.
const ROOT: &str = "FTP_MODEM_ROOT";

/// Returns the machine whose ports are listed.
pub fn system() -> System {
    std::env::var_os(ROOT).map_or_else(System::new, System::with_root)
}

/// Returns how `options` open a port.
pub fn opening(options: &Options) -> OpenOptions {
    let mut open = OpenOptions::new().system(system()).patient(options.patient);
    open = match options.baud {
        Baud::Rate(rate) => open.baud(rate),
        Baud::Auto => open.baud_auto(),
    };
    open = match options.flow {
        Flow::None => open.flow(FlowControl::None),
        Flow::RtsCts => open.flow(FlowControl::RtsCts),
    };
    open = match options.dtr {
        None => open,
        Some(Dtr::Escape) => open.escape_by_dtr(true),
        Some(level) => open.dtr(level == Dtr::On),
    };
    match options.vendor.0 {
        Some(vendor) => open.vendor(vendor),
        None => open,
    }
}

/// The port of the module.
#[derive(Clone)]
pub struct Port {
    name: String,
    open: OpenOptions,
    trace: Option<PathBuf>,
    secrets: Vec<String>,
    /// Whether an earlier attempt of this run has written to the trace.
    traced: bool,
}

impl Port {
    /// Creates the port `name` of a module with these `limits`. The trace masks `secrets`.
    pub fn new(name: String, options: &Options, limits: TimeLimits, secrets: Vec<String>) -> Self {
        let open = opening(options).command_limit(limits.command);
        Port { name, open, trace: options.trace.clone(), secrets, traced: false }
    }

    /// Returns the name of the port.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Opens the module.
    ///
    /// # Errors
    /// The errors of [`OpenOptions::open`], and a trace file that cannot be opened.
    pub fn open(&mut self) -> ftp_modem::Result<Box<dyn FtpModem>> {
        let modem = self.opened()?;
        info!("{}: {}, dialect {}", self.name, modem.identity(), modem.capabilities().dialect);
        Ok(modem)
    }

    fn opened(&mut self) -> ftp_modem::Result<Box<dyn FtpModem>> {
        let Some(trace) = &self.trace else {
            return self.open.open(&self.name);
        };
        let transport = self.open.transport(&self.name)?;
        let unwritable = |error| Error::new(ErrorKind::LocalIo, format!("{}: {error}", trace.display()));
        let file = private_file(trace, self.traced).map_err(unwritable)?;
        self.traced = true;
        let mut recorder = Recorder::new(transport, file);
        for secret in &self.secrets {
            recorder = recorder.masking(secret.as_str());
        }
        self.open.open_on(recorder).map_err(|error| system().explain(&self.name, error))
    }
}

/// Opens a file that only its owner can read: a trace contains everything except the passwords.
fn private_file(path: &Path, append: bool) -> io::Result<File> {
    let mut options = FileOptions::new();
    options.create(true).write(true);
    // The file is truncated below, after its permissions are restricted.
    options.append(append);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    if file.metadata()?.is_file() {
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    if !append && file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    Ok(file)
}
