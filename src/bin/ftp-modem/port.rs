//! The port of the module, with an optional trace of its traffic.

use std::fs::{File, OpenOptions as FileOptions};
use std::io;
use std::path::{Path, PathBuf};

use ftp_modem::transport::recorder::Recorder;
use ftp_modem::{FtpModem, OpenOptions};

use crate::args::Options;
use crate::failure::{Failure, Stage};

/// The port of the module.
pub struct Port {
    name: String,
    open: OpenOptions,
    trace: Option<PathBuf>,
    secrets: [String; 2],
    /// Whether an earlier attempt of this run has written to the trace.
    traced: bool,
}

impl Port {
    /// Creates the port `name`. The trace masks `secrets`.
    pub fn new(name: String, options: &Options, secrets: [String; 2]) -> Self {
        let mut open = OpenOptions::new().baud(options.baud);
        if let Some(vendor) = options.vendor.0 {
            open = open.vendor(vendor);
        }
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
    pub fn open(&mut self) -> Result<Box<dyn FtpModem>, Failure> {
        let opening = |error| Failure::of(&error, Stage::Opening);
        let Some(trace) = &self.trace else {
            return self.open.open(&self.name).map_err(opening);
        };
        let transport = self.open.transport(&self.name).map_err(opening)?;
        let file = private_file(trace, self.traced).map_err(|error| Failure::local(trace, &error))?;
        self.traced = true;
        let mut recorder = Recorder::new(transport, file);
        for secret in &self.secrets {
            recorder = recorder.masking(secret.as_str());
        }
        self.open.open_on(recorder).map_err(opening)
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
