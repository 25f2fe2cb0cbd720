//! The settings of the terminal, which a prompt for a password changes.

#[cfg(unix)]
pub use unix::{forget, restore, save};

/// Keeps nothing: rpassword restores the console here.
#[cfg(not(unix))]
pub fn save() {}

/// Forgets nothing.
#[cfg(not(unix))]
pub fn forget() {}

/// Restores nothing.
#[cfg(not(unix))]
pub fn restore() {}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::Write;
    use std::os::fd::AsRawFd;
    use std::sync::{Mutex, PoisonError};

    use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

    /// The terminal and its settings before the prompt.
    static SAVED: Mutex<Option<(File, Termios)>> = Mutex::new(None);

    /// Notes the settings of the terminal that controls this process, until [`restore`].
    pub fn save() {
        let Ok(terminal) = File::options().read(true).write(true).open("/dev/tty") else { return };
        let Ok(settings) = tcgetattr(terminal.as_raw_fd()) else { return };
        *SAVED.lock().unwrap_or_else(PoisonError::into_inner) = Some((terminal, settings));
    }

    /// Forgets the settings: the prompt has restored them.
    pub fn forget() {
        *SAVED.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Restores the settings, if any were saved, and begins a new line.
    pub fn restore() {
        if let Some((mut terminal, settings)) = SAVED.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A terminal that has hung up has no settings any more.
            let _ = tcsetattr(terminal.as_raw_fd(), SetArg::TCSANOW, &settings);
            let _ = terminal.write_all(b"\n");
        }
    }
}
