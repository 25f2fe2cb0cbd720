//! The module's own files: RAM disk, flash disk and SD card (Quectel LTE Standard FILE application note).

use std::collections::BTreeMap;

use super::super::failure::INVALID_INPUT;
use super::super::options::{ChecksumForm, QuectelOptions};

pub(super) const DRIVE_FULL: u16 = 403;
pub(super) const NOT_FOUND: u16 = 405;
const BAD_NAME: u16 = 406;
pub(super) const EXISTS: u16 = 407;

/// The longest name, storage included.
const NAME: usize = 80;
/// Files take whole blocks.
const BLOCK: u64 = 4096;
const RAM_SIZE: u64 = 16 * 1024 * 1024;
const SD_SIZE: u64 = 1024 * 1024 * 1024;

/// All files, by their names with the storage before them.
#[derive(Clone, Debug, Default)]
pub(super) struct Storage {
    files: BTreeMap<String, Vec<u8>>,
    drives: Vec<(&'static str, u64)>,
}

impl Storage {
    pub(super) fn new(options: &QuectelOptions) -> Self {
        let mut drives = vec![("UFS", options.ufs_size)];
        if options.ram {
            drives.push(("RAM", RAM_SIZE));
        }
        if options.sd {
            drives.push(("SD", SD_SIZE));
        }
        Self { files: BTreeMap::new(), drives }
    }

    /// From now on every drive has room for so many bytes more, in whole blocks.
    pub(super) fn limit(&mut self, free: u64) {
        let free = free / BLOCK * BLOCK;
        let mut drives = std::mem::take(&mut self.drives);
        for (name, size) in &mut drives {
            *size = self.taken(name).saturating_add(free).min(*size);
        }
        self.drives = drives;
    }

    /// The module restarts: what is in memory only is lost.
    pub(super) fn restart(&mut self) {
        self.files.retain(|name, _| !name.starts_with("RAM:"));
    }

    /// The full name of a file; one without storage lies on the flash disk.
    pub(super) fn full_name(&self, name: &str) -> Result<String, u16> {
        let (drive, leaf) = name.split_once(':').unwrap_or(("UFS", name));
        if self.size_of(drive).is_none() {
            return Err(INVALID_INPUT);
        }
        if leaf.is_empty() || name.len() > NAME || leaf.contains([':', '*', '?', '"']) {
            return Err(BAD_NAME);
        }
        Ok(format!("{drive}:{leaf}"))
    }

    /// The drive that a pattern such as `*` or `RAM:*` means.
    pub(super) fn whole_drive(&self, pattern: &str) -> Option<String> {
        let drive = match pattern {
            "*" => "UFS",
            _ => pattern.strip_suffix(":*")?,
        };
        self.space(drive).map(|_| drive.to_owned())
    }

    fn size_of(&self, drive: &str) -> Option<u64> {
        self.drives.iter().find(|(name, _)| *name == drive).map(|(_, size)| *size)
    }

    /// Free and total bytes of a drive.
    pub(super) fn space(&self, drive: &str) -> Option<(u64, u64)> {
        let size = self.size_of(drive)?;
        Some((size.saturating_sub(self.taken(drive)), size))
    }

    fn taken(&self, drive: &str) -> u64 {
        self.on(drive).map(|(_, content)| (content.len() as u64).div_ceil(BLOCK) * BLOCK).sum()
    }

    /// How much room there is beside the file of this full name.
    pub(super) fn free_on_drive_of(&self, name: &str) -> u64 {
        let drive = name.split_once(':').map_or("UFS", |(drive, _)| drive);
        self.space(drive).map_or(0, |(free, _)| free)
    }

    /// The files of a drive with their full names.
    pub(super) fn on(&self, drive: &str) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .filter(move |(name, _)| name.split_once(':').is_some_and(|(on, _)| on == drive))
            .map(|(name, content)| (name.as_str(), content.as_slice()))
    }

    /// The content of a file by its full name.
    pub(super) fn content(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// Makes an empty file, or empties it.
    pub(super) fn create(&mut self, name: &str) {
        self.files.insert(name.to_owned(), Vec::new());
    }

    /// Writes at `position`, and says how much found room.
    pub(super) fn write(&mut self, name: &str, position: usize, bytes: &[u8]) -> usize {
        let free = self.free_on_drive_of(name);
        let Some(content) = self.files.get_mut(name) else {
            return 0;
        };
        let overlap = bytes.len().min(content.len().saturating_sub(position));
        let (over, beyond) = bytes.split_at(overlap);
        if let Some(space) = content.get_mut(position..position.saturating_add(overlap)) {
            space.copy_from_slice(over);
        }
        let slack = (BLOCK - content.len() as u64 % BLOCK) % BLOCK;
        let room = usize::try_from(free.saturating_add(slack)).unwrap_or(usize::MAX);
        let beyond = beyond.get(..room).unwrap_or(beyond);
        content.extend_from_slice(beyond);
        overlap.saturating_add(beyond.len())
    }

    /// Writes at the end, and says how much found room.
    pub(super) fn append(&mut self, name: &str, bytes: &[u8]) -> usize {
        let end = self.content(name).map_or(0, <[u8]>::len);
        self.write(name, end, bytes)
    }

    /// Whether the file was there to be removed.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        self.files.remove(name).is_some()
    }

    /// Empties a drive.
    pub(super) fn clear(&mut self, drive: &str) {
        self.files.retain(|name, _| name.split_once(':').is_none_or(|(on, _)| on != drive));
    }
}

/// Exclusive or of all pairs of bytes, the first of a pair being the high one; a missing last one counts as zero.
pub(in super::super) fn checksum(bytes: &[u8]) -> u16 {
    bytes.chunks(2).fold(0, |sum, pair| {
        let byte = |index| u16::from(pair.get(index).copied().unwrap_or_default());
        sum ^ (byte(0) << 8 | byte(1))
    })
}

pub(super) fn printed(checksum: u16, form: ChecksumForm) -> String {
    match form {
        ChecksumForm::Bare => format!("{checksum:x}"),
        ChecksumForm::Padded => format!("{checksum:04x}"),
        ChecksumForm::Upper => format!("{checksum:04X}"),
    }
}
