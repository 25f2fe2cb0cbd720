//! One machine, by the root of its file system.

use std::fs;
use std::path::{Path, PathBuf};

use super::access::{self, Denied};
use super::programs::{self, Program};
use super::{Port, Selector, ignore_line, sysfs, udev};
use crate::error::{Error, ErrorKind, Result};

/// The program that manages modems on most Linux desktops.
const MODEM_MANAGER: &str = "ModemManager";

/// The machine whose `/sys`, `/proc`, `/dev` and `/etc` are read. Only Linux has
/// them; elsewhere only the ports of this machine are known.
///
/// # Examples
/// A container that sees the host's folders below `/host`:
/// ```
/// use ftp_modem::ports::System;
///
/// let host = System::with_root("/host");
/// assert!(host.ports()?.is_empty(), "there is no such folder here");
/// # Ok::<(), ftp_modem::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    root: PathBuf,
}

impl Default for System {
    fn default() -> Self {
        System::new()
    }
}

impl System {
    /// Returns this machine.
    pub fn new() -> Self {
        System { root: PathBuf::from("/") }
    }

    /// Returns the machine whose folders are below `root`.
    pub fn with_root(root: impl Into<PathBuf>) -> Self {
        System { root: root.into() }
    }

    /// Lists the serial ports ([`ports`](super::ports())).
    ///
    /// # Errors
    /// [`PortDenied`](ErrorKind::PortDenied) if the list cannot be read.
    pub fn ports(&self) -> Result<Vec<Port>> {
        #[cfg(not(target_os = "linux"))]
        if self.root == Path::new("/") {
            return super::others::ports();
        }
        sysfs::ports(&self.root).map_err(|error| {
            let detail = format!("the list of ports in {} cannot be read: {error}", self.root.join("sys").display());
            Error::new(ErrorKind::PortDenied, detail).during("ports").with_source(error)
        })
    }

    /// Returns the name under which `port` is opened: that of the port which a [`Selector`] names, under its stable
    /// path; any other name unchanged.
    ///
    /// # Errors
    /// Those of [`Selector::select`] and of [`Self::ports`].
    pub fn locate(&self, port: &str) -> Result<String> {
        if !Selector::is_meant_by(port) {
            return Ok(port.to_owned());
        }
        let selector: Selector = port.parse().map_err(|error: Error| error.during("open"))?;
        Ok(selector.select(&self.ports()?)?.stable_path().to_owned())
    }

    /// Returns `error`, which occurred while `port` was being opened, with a cure for its cause: the program that holds
    /// the port, the group that may open it, the rule that keeps ModemManager away.
    pub fn explain(&self, port: &str, error: Error) -> Error {
        let located = self.locate(port);
        let port = located.as_deref().unwrap_or(port);
        match error.kind() {
            ErrorKind::PortBusy => match self.holders(port).as_slice() {
                // Programs of other users are not shown.
                [] => match self.modem_manager_on(port) {
                    Some(manager) => {
                        error.advising(format!("it may be {manager}: {}", self.without_modem_manager(port)))
                    }
                    None => error.advising(format!("close the other program; sudo fuser -v {port} names it")),
                },
                [manager, ..] if manager.name == MODEM_MANAGER => error.advising(self.without_modem_manager(port)),
                holders => {
                    let names: Vec<String> = holders.iter().map(Program::to_string).collect();
                    error.advising(format!("close {}", names.join(" and ")))
                }
            },
            ErrorKind::PortDenied => match self.denied(port) {
                Some(denied) => error.advising(denied.to_string()),
                None => error,
            },
            ErrorKind::Timeout | ErrorKind::Protocol if self.modem_manager_on(port).is_some() => {
                let advice = format!("{}, or {}", error.advice(), self.without_modem_manager(port));
                error.advising(advice)
            }
            _ => error,
        }
    }

    /// Returns how ModemManager is kept away from `port`, as a part of a sentence: the line of a rules file for udev.
    pub fn without_modem_manager(&self, port: &str) -> String {
        let listed = self.listed(port).unwrap_or_else(|| Port::new(port));
        format!(
            "keep ModemManager away from the module by this line in /etc/udev/rules.d/78-ftp-modem.rules: {}",
            ignore_line(&listed)
        )
    }

    /// Returns the entry of `port` in the list of ports. `port` may be a link.
    pub fn listed(&self, port: &str) -> Option<Port> {
        let device = fs::canonicalize(port).ok();
        let is_meant = |listed: &Port| match (&device, fs::canonicalize(&listed.path)) {
            (Some(device), Ok(other)) => *device == other,
            _ => listed.path == port,
        };
        self.ports().ok()?.into_iter().find(is_meant)
    }

    /// Returns the other programs that have the port `path` open, as far as `/proc` shows them: those of other users
    /// only to root.
    pub fn holders(&self, path: &str) -> Vec<Program> {
        programs::holders(&self.root, Path::new(path))
    }

    /// Returns the running ModemManager, unless a rule keeps it away from `port`. It opens the ports of every module
    /// that it finds, and sends AT commands.
    pub fn modem_manager_on(&self, port: &str) -> Option<Program> {
        if port.starts_with("tcp://") {
            return None;
        }
        let manager = programs::named(&self.root, MODEM_MANAGER)?;
        let name = self.listed(port).and_then(|port| port.path.rsplit('/').next().map(str::to_owned));
        if name.is_some_and(|name| udev::is_ignored(&self.root, &name)) { None } else { Some(manager) }
    }

    /// Returns why this user may not open the port `path`, and what helps.
    pub fn denied(&self, path: &str) -> Option<Denied> {
        access::denied(&self.root, Path::new(path))
    }
}
