//! Faults of the server in memory.

use crate::emulator::{NetworkCause, RemoteError, ServerFault};

/// Faults that have not struck yet, and those that last.
#[derive(Default)]
pub(super) struct Trouble {
    faults: Vec<ServerFault>,
    /// Whether `REST` is ignored.
    pub(super) no_rest: bool,
    /// The number of bytes that the disk can still take, and the reply when it is full.
    pub(super) disk: Option<(u64, u16)>,
    /// The content that a file gets before the next download of it begins.
    replacing: Option<(String, Vec<u8>)>,
}

/// What happens to one transfer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mishap {
    /// The number of bytes after which it is aborted.
    pub(super) breaks_at: Option<u64>,
    /// The number of bytes that pass. The rest is left out silently.
    pub(super) keep: Option<u64>,
    /// The number of bytes after which both connections break.
    pub(super) drops_at: Option<u64>,
    /// The reply at its end.
    denied: Option<u16>,
}

impl Mishap {
    /// Returns the number of `wanted` bytes that are moved now, before it breaks or is complete.
    pub(super) fn room(&self, wanted: usize) -> usize {
        let limit = self.breaks_at.into_iter().chain(self.keep).chain(self.drops_at).min();
        limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX).min(wanted)
    }

    /// Counts bytes that have been moved.
    pub(super) fn moved(&mut self, count: usize) {
        for limit in [&mut self.breaks_at, &mut self.keep, &mut self.drops_at].into_iter().flatten() {
            *limit = limit.saturating_sub(count as u64);
        }
    }

    /// Fails if the transfer is aborted here.
    pub(super) fn check(&self) -> Result<(), RemoteError> {
        match (self.drops_at, self.breaks_at) {
            (Some(0), _) => Err(RemoteError::Network(NetworkCause::Dropped)),
            (_, Some(0)) => Err(RemoteError::reply(426, "Connection closed; transfer aborted.")),
            _ => Ok(()),
        }
    }

    /// Returns the server's closing reply, as an error if it is a refusal.
    pub(super) fn end(&self) -> Result<(), RemoteError> {
        self.denied.map_or(Ok(()), |code| Err(RemoteError::reply(code, "Transfer failed.")))
    }
}

impl Trouble {
    pub(super) fn add(&mut self, fault: ServerFault) {
        match fault {
            ServerFault::IgnoreRest => self.no_rest = true,
            ServerFault::Full { after, code } => self.disk = Some((after, code)),
            other => self.faults.push(other),
        }
    }

    /// Strikes with the first fault in which `choose` finds an effect, and returns the effect.
    fn strike<T>(&mut self, choose: impl Fn(&mut ServerFault) -> Option<T>) -> Option<T> {
        let mut faults = self.faults.iter_mut().enumerate();
        let (index, effect) = faults.find_map(|(index, fault)| choose(fault).map(|effect| (index, effect)))?;
        self.faults.remove(index);
        Some(effect)
    }

    /// Begins an operation. An error here costs the control connection.
    pub(super) fn operation(&mut self) -> Result<(), RemoteError> {
        let failed = self.strike(|fault| match fault {
            ServerFault::Drop { after } => count_down(after).then_some(RemoteError::Network(NetworkCause::Dropped)),
            ServerFault::Unavailable { after } => {
                count_down(after).then(|| RemoteError::reply(421, "Service not available, closing connection."))
            }
            _ => None,
        });
        failed.map_or(Ok(()), Err)
    }

    /// Opens a data connection.
    pub(super) fn data_connection(&mut self) -> Result<(), RemoteError> {
        let failed = self.strike(|fault| match fault {
            ServerFault::RefuseData { after } => {
                count_down(after).then(|| RemoteError::reply(425, "Failed to establish connection."))
            }
            _ => None,
        });
        failed.map_or(Ok(()), Err)
    }

    /// Returns what happens to the next transfer of any kind; `keep` bytes of it pass.
    fn mishap(&mut self, keep: Option<u64>) -> Mishap {
        let breaks_at = self.strike(|fault| match fault {
            ServerFault::Abort { after } => Some(*after),
            _ => None,
        });
        let drops_at = self.strike(|fault| match fault {
            ServerFault::Break { after } => Some(*after),
            _ => None,
        });
        let denied = self.strike(|fault| match fault {
            ServerFault::Deny { code } => Some(*code),
            _ => None,
        });
        Mishap { breaks_at, keep, drops_at, denied }
    }

    /// Returns the wrong size that the next query of a size is answered with.
    pub(super) fn size(&mut self) -> Option<u64> {
        self.strike(|fault| match fault {
            ServerFault::Size { says } => Some(*says),
            _ => None,
        })
    }

    /// Begins a download of `length` bytes.
    pub(super) fn download(&mut self, length: u64) -> Mishap {
        let missing = self.strike(|fault| match fault {
            ServerFault::Short { by } => Some(*by),
            _ => None,
        });
        self.mishap(missing.map(|missing| length.saturating_sub(missing)))
    }

    /// Begins an upload.
    pub(super) fn upload(&mut self) -> Mishap {
        let keep = self.strike(|fault| match fault {
            ServerFault::PartStored { keep } => Some(*keep),
            _ => None,
        });
        self.mishap(keep)
    }

    /// Begins a listing.
    pub(super) fn listing(&mut self) -> Mishap {
        let keep = self.strike(|fault| match fault {
            ServerFault::Listing { keep } => Some(*keep),
            _ => None,
        });
        self.mishap(keep)
    }

    /// Returns the content that the file has got since an earlier download, if it was replaced. Called when a download
    /// begins.
    pub(super) fn replaced(&mut self, path: &str) -> Option<Vec<u8>> {
        if let Some((_, content)) = self.replacing.take_if(|(replaced, _)| replaced == path) {
            return Some(content);
        }
        let content = self.strike(|fault| match fault {
            ServerFault::Replace { content } => Some(std::mem::take(content)),
            _ => None,
        });
        if let Some(content) = content {
            self.replacing = Some((path.to_owned(), content));
        }
        None
    }

    /// Returns the number of bytes, of the `count` that are to be stored, that there is room for.
    pub(super) fn store(&mut self, count: usize) -> Result<usize, RemoteError> {
        let Some((left, code)) = &mut self.disk else {
            return Ok(count);
        };
        if *left == 0 && count > 0 {
            return Err(RemoteError::reply(*code, "Insufficient storage space."));
        }
        let stored = usize::try_from(*left).unwrap_or(usize::MAX).min(count);
        *left = left.saturating_sub(stored as u64);
        Ok(stored)
    }
}

/// Counts down, and returns whether `after` had run out already.
const fn count_down(after: &mut u32) -> bool {
    if let Some(rest) = after.checked_sub(1) {
        *after = rest;
        return false;
    }
    true
}
