//! The temporary name of an upload that nobody must see under its own name before it is complete.

use std::time::Duration;

use log::warn;

use super::attempts::Attempts;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Capabilities, Controls, EntryKind, FtpModem, Operation};

/// Suffix of the temporary name.
const SUFFIX: &str = ".part";

/// Suffix of the old file's name while the new file is renamed, on a server that does not replace files by renaming.
const ASIDE: &str = ".part.old";

/// How long the file of an upload that was stopped may take to be removed.
const CLEAN_UP: Duration = Duration::from_secs(5);

/// `name.part`, in the directory of `name`.
pub(super) struct Temporary {
    pub name: String,
    target: String,
    /// `name.part.old`.
    aside: String,
    /// Whether the file that had the target's name may have the name `aside` now.
    is_set_aside: bool,
}

impl Temporary {
    /// The temporary name of `target`.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] if the module cannot rename; [`ErrorKind::InvalidInput`] for an append, and for a
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
        let [name, aside] = [SUFFIX, ASIDE].map(|suffix| format!("{target}{suffix}"));
        Ok(Temporary { name, target: target.to_owned(), aside, is_set_aside: false })
    }

    /// Renames the complete file of `size` bytes to the target, with retries.
    pub fn publish(&mut self, modem: &mut dyn FtpModem, attempts: &mut Attempts<'_>, size: u64) -> Result<()> {
        let mut is_repeated = false;
        loop {
            attempts.limit(modem);
            match self.rename(modem, size, is_repeated) {
                Ok(()) => break,
                Err(error) => attempts.again(modem, error, size)?,
            }
            is_repeated = true;
        }
        if self.is_set_aside {
            self.is_set_aside = false;
            if let Err(error) = modem.remove(&self.aside) {
                warn!("the old file may be left on the server as {}: {error}", self.aside);
            }
        }
        Ok(())
    }

    /// Renames the file. If the server refuses this, the old file may be in the way. It is then set aside, once both
    /// files are known to be there, and put back if the server refuses the renaming again.
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
        match modem.metadata(&self.target) {
            Ok(target) if target.kind != Some(EntryKind::Directory) => {
                warn!("{}; renaming {} to {} first", refused.symptom(), self.target, self.aside);
                if !self.set_aside(modem)? {
                    return Err(refused);
                }
                match modem.rename(&self.name, &self.target) {
                    Err(error) if is_refusal(&error) => {}
                    outcome => return outcome,
                }
            }
            Err(error) if self.is_set_aside && error.kind() == ErrorKind::Unavailable => {}
            _ => return Err(refused),
        }
        match modem.rename(&self.aside, &self.target) {
            Ok(()) => self.is_set_aside = false,
            Err(error) => warn!("{error}"),
        }
        Err(refused)
    }

    /// Sets the old file aside. Returns `false` if the server refuses this.
    fn set_aside(&mut self, modem: &mut dyn FtpModem) -> Result<bool> {
        let was_set_aside = std::mem::replace(&mut self.is_set_aside, true);
        match modem.rename(&self.target, &self.aside) {
            Err(error) if is_refusal(&error) => self.is_set_aside = was_set_aside,
            outcome => return outcome.map(|()| true),
        }
        // An older file may wait there since a run that was interrupted. One of this run is not removed.
        if was_set_aside || modem.metadata(&self.aside).is_err() || modem.remove(&self.aside).is_err() {
            return Ok(false);
        }
        self.is_set_aside = true;
        match modem.rename(&self.target, &self.aside) {
            Err(error) if is_refusal(&error) => {
                self.is_set_aside = false;
                Ok(false)
            }
            outcome => outcome.map(|()| true),
        }
    }

    /// Puts the old file back after the upload failed with `error`, and removes the new one. The new one stays if
    /// `is_kept` is set. It also stays if the old one cannot be put back: the error then names both.
    pub fn discard(
        &mut self,
        modem: &mut dyn FtpModem,
        attempts: &mut Attempts<'_>,
        error: Error,
        is_kept: bool,
    ) -> Error {
        let (is_in_reach, is_stopped) = (is_in_reach(&error), error.kind() == ErrorKind::Cancelled);
        if self.is_set_aside {
            let Temporary { name, target, aside, .. } = &*self;
            // Another file with the target's name is not replaced: it is the old one, or the new one already.
            let put_back = |modem: &mut dyn FtpModem| match modem.metadata(target) {
                Err(error) if error.kind() == ErrorKind::Unavailable => modem.rename(aside, target),
                there => there.and(Err(Error::new(ErrorKind::Unavailable, format!("{target} is there")))),
            };
            let failed = match is_in_reach.then(|| after_all(modem, attempts, is_stopped, put_back)) {
                Some(Ok(())) => None,
                Some(Err(failed)) => Some(failed.to_string()),
                None => Some("the server is out of reach".to_owned()),
            };
            if let Some(failed) = failed {
                warn!("the old file is not put back: {failed}");
                return error.explained_further(format!(
                    "the old file may be on the server as {aside}, and the complete new one as {name}: if {target} is \
                     missing, rename one of them to it"
                ));
            }
            self.is_set_aside = false;
        }
        if is_kept {
            return error;
        }
        if is_in_reach {
            match after_all(modem, attempts, is_stopped, |modem| modem.remove(&self.name)) {
                Ok(()) => return error,
                // It was never there.
                Err(failed) if failed.kind() == ErrorKind::Unavailable => return error,
                Err(failed) => warn!("{failed}"),
            }
        }
        error.explained_further(format!("a part of the file may be left on the server as {}", self.name))
    }
}

/// Runs the command that cleans up after an upload. The stop flag has ended the upload, and not this command.
fn after_all(
    modem: &mut dyn FtpModem,
    attempts: &mut Attempts<'_>,
    is_stopped: bool,
    command: impl Fn(&mut dyn FtpModem) -> Result<()>,
) -> Result<()> {
    attempts.limit(modem);
    if !is_stopped {
        return command(modem);
    }
    let (controls, begun) = (modem.controls().clone(), attempts.elapsed());
    let budget = controls.budget.map_or(CLEAN_UP, |budget| budget.min(CLEAN_UP));
    modem.set_controls(Controls { cancel: None, ..controls.clone() }.with_budget(Some(budget)));
    let outcome = command(modem);
    let taken = attempts.elapsed().saturating_sub(begun);
    let left = controls.budget.map(|budget| budget.saturating_sub(taken));
    modem.set_controls(controls.with_budget(left));
    outcome
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

#[cfg(test)]
mod tests;
