//! The temporary name of an upload that nobody must see under its own name before it is complete.

use std::time::Duration;

use log::warn;

use super::attempts::Attempts;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Capabilities, Controls, EntryKind, FtpModem, Operation};

/// Suffix of the temporary name.
const SUFFIX: &str = ".part";

/// How long the file of an upload that was stopped may take to be removed.
const CLEAN_UP: Duration = Duration::from_secs(5);

/// `name.part`, in the directory of `name`.
pub(super) struct Temporary {
    pub name: String,
    target: String,
    /// Whether the file that had the target's name may have been removed: then this one is the only copy.
    is_target_removed: bool,
}

impl Temporary {
    /// The temporary name of `target`.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where the module cannot rename; [`ErrorKind::InvalidInput`] for an append, and for a
    /// path that does not end in a name.
    pub fn of(target: &str, append: bool, capabilities: &Capabilities) -> Result<Self> {
        let refused = |kind, detail| Err(Error::new(kind, detail));
        if append {
            return refused(ErrorKind::InvalidInput, "an append changes the file itself and takes no temporary name");
        }
        if matches!(target.rsplit('/').next(), None | Some("" | "." | "..")) {
            return refused(ErrorKind::InvalidInput, "the remote path names no file");
        }
        if !capabilities.supports(Operation::Rename) {
            return refused(ErrorKind::Unsupported, "this module cannot rename files, which a temporary name takes");
        }
        Ok(Temporary { name: format!("{target}{SUFFIX}"), target: target.to_owned(), is_target_removed: false })
    }

    /// Renames the complete file of `size` bytes to the target, with retries.
    pub fn publish(&mut self, modem: &mut dyn FtpModem, attempts: &mut Attempts<'_>, size: u64) -> Result<()> {
        let mut is_repeated = false;
        loop {
            attempts.limit(modem);
            match self.rename(modem, size, is_repeated) {
                Ok(()) => return Ok(()),
                Err(error) => attempts.again(modem, error, size)?,
            }
            is_repeated = true;
        }
    }

    /// Renames the file. Where the server refuses that, the target may be in the way: it is removed then, once both
    /// files are known to be there.
    fn rename(&mut self, modem: &mut dyn FtpModem, size: u64, is_repeated: bool) -> Result<()> {
        let refused = match modem.rename(&self.name, &self.target) {
            Err(error) if is_refusal(&error) => error,
            outcome => return outcome,
        };
        match modem.metadata(&self.name) {
            Ok(_) => {}
            // The rename before this one was carried out, and its result was lost.
            Err(error)
                if error.kind() == ErrorKind::Unavailable
                    && is_repeated
                    && modem.size(&self.target).is_ok_and(|there| there == size) =>
            {
                return Ok(());
            }
            Err(_) => return Err(refused),
        }
        let is_in_the_way = |there: Result<_>| there.is_ok_and(|kind| kind != Some(EntryKind::Directory));
        if !is_in_the_way(modem.metadata(&self.target).map(|target| target.kind)) {
            return Err(refused);
        }
        warn!("{}; removing {} first", refused.symptom(), self.target);
        self.is_target_removed = true;
        match modem.remove(&self.target) {
            Err(error) if is_refusal(&error) => {
                self.is_target_removed = false;
                return Err(refused);
            }
            outcome => outcome?,
        }
        modem.rename(&self.name, &self.target)
    }

    /// Removes the file after the upload failed with `error`. It stays where it is the only copy, and where `is_kept`.
    pub fn discard(&self, modem: &mut dyn FtpModem, attempts: &mut Attempts<'_>, error: Error, is_kept: bool) -> Error {
        if self.is_target_removed {
            return error.explained_further(format!("the complete file is on the server as {}", self.name));
        }
        if is_kept {
            return error;
        }
        if is_in_reach(&error) {
            match self.remove(modem, attempts, error.kind() == ErrorKind::Cancelled) {
                Ok(()) => return error,
                // It was never there.
                Err(failed) if failed.kind() == ErrorKind::Unavailable => return error,
                Err(failed) => warn!("{failed}"),
            }
        }
        error.explained_further(format!("a part of the file may be left on the server as {}", self.name))
    }

    /// Removes the file. The stop flag has ended the upload, and not the command that cleans up after it.
    fn remove(&self, modem: &mut dyn FtpModem, attempts: &mut Attempts<'_>, is_stopped: bool) -> Result<()> {
        attempts.limit(modem);
        if !is_stopped {
            return modem.remove(&self.name);
        }
        let (controls, begun) = (modem.controls().clone(), attempts.elapsed());
        let budget = controls.budget.map_or(CLEAN_UP, |budget| budget.min(CLEAN_UP));
        modem.set_controls(Controls { cancel: None, ..controls.clone() }.with_budget(Some(budget)));
        let outcome = modem.remove(&self.name);
        let taken = attempts.elapsed().saturating_sub(begun);
        let left = controls.budget.map(|budget| budget.saturating_sub(taken));
        modem.set_controls(controls.with_budget(left));
        outcome
    }
}

/// Whether the server has decided, and the same request will not succeed later.
fn is_refusal(error: &Error) -> bool {
    use ErrorKind::{InvalidInput, ModuleRefused, ServerRefused, Unavailable, Unsupported};
    matches!(error.kind(), ServerRefused | ModuleRefused | Unavailable | Unsupported | InvalidInput)
}

/// Whether the server may be reached for one more command after `error`.
fn is_in_reach(error: &Error) -> bool {
    use ErrorKind::{BearerFailed, BearerLost, ConnectFailed, LoginRefused, ModuleRestarted, NameResolution, PortLost};
    let is_gone = matches!(
        error.kind(),
        PortLost | BearerLost | BearerFailed | ModuleRestarted | NameResolution | ConnectFailed | LoginRefused
    );
    error.module_usable() && !is_gone
}
