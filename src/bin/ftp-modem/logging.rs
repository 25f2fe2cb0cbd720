//! Output on stderr: the log, and the line that reports a failure.

use std::io::{self, Write};

use env_logger::{Builder, Target};
use log::LevelFilter;

use crate::failure::Failure;
use crate::progress;
use crate::text::shown;

/// Starts the log of the library and this tool. Default: warnings; none if `quiet`.
pub fn start(quiet: bool, verbose: u8) {
    let level = match verbose {
        _ if quiet => LevelFilter::Off,
        0 => LevelFilter::Warn,
        1 => LevelFilter::Info,
        2 => LevelFilter::Debug,
        _ => LevelFilter::Trace,
    };
    let started = Builder::new()
        .filter_module("ftp_modem", level)
        .format(|line, record| {
            let level = record.level().as_str().to_ascii_lowercase();
            writeln!(line, "[{level}] {}", shown(&record.args().to_string()))
        })
        .target(Target::Pipe(Box::new(BesideProgress)))
        .try_init();
    // The only error is a second call.
    debug_assert!(started.is_ok());
}

/// Prints what the user should know even without `-v`, in the form of the log.
pub fn notice(text: &str) {
    // Without stderr nobody reads it.
    let _ = io::stderr().write_all(format!("[info] {}\n", shown(text)).as_bytes());
}

/// Prints why `what` failed, on one line.
pub fn error(what: &str, failure: &Failure, interrupted: bool) {
    let cause = if interrupted && failure.kind().is_some() { "interrupted: " } else { "" };
    let line = format!("ftp-modem: {}: {cause}{}\n", shown(what), shown(&failure.to_string()));
    // If stderr is closed, the exit status still reports the failure.
    let _ = io::stderr().write_all(line.as_bytes());
}

/// stderr. Hides the progress line while it writes.
struct BesideProgress;

impl Write for BesideProgress {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        progress::hidden_during(|| io::stderr().write_all(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
