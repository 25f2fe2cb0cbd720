//! What the commands about the module's memory keep between each other.

use super::options::LuatOptions;
use super::transfer::Reconnection;

/// What the commands of this file keep between each other.
#[derive(Default)]
pub(super) struct Memory {
    /// `AT+FTPEXTPUT=1` is in force, and this is what has been collected.
    pub(super) upload: Option<Vec<u8>>,
    /// `AT+FTPFILEPUT=1` is in force, for this file.
    pub(super) file: Option<String>,
    /// What `AT+FTPEXTGET=1` has downloaded.
    pub(super) received: Option<Vec<u8>>,
    /// The local file of the transfer being opened.
    pub(super) path: String,
    pub(super) reconnection: Reconnection,
}

impl Memory {
    pub(super) fn new(options: &LuatOptions) -> Self {
        Self { upload: options.ext_put_on.then(Vec::new), ..Self::default() }
    }

    /// Writes at `position`; what lies before it and was never written is zero.
    pub(super) fn write(&mut self, position: usize, bytes: &[u8]) {
        let Some(upload) = &mut self.upload else {
            return;
        };
        let end = position.saturating_add(bytes.len());
        if upload.len() < end {
            upload.resize(end, 0);
        }
        if let Some(space) = upload.get_mut(position..end) {
            space.copy_from_slice(bytes);
        }
    }
}
