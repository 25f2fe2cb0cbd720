//! Files in the module, and `AT+MFPUT` and `AT+MFGET`.

use std::collections::BTreeMap;

/// The module's file system.
#[derive(Debug, Default)]
pub(super) struct Files {
    capacity: usize,
    files: BTreeMap<String, Vec<u8>>,
}

/// The file system is full.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl Files {
    pub(super) const fn new(capacity: usize) -> Self {
        Self {
            capacity,
            files: BTreeMap::new(),
        }
    }

    /// How long a file of this name could be.
    pub(super) fn room_for(&self, name: &str) -> usize {
        let others: usize = self
            .files
            .iter()
            .filter(|(other, _)| other.as_str() != name)
            .map(|(_, content)| content.len())
            .sum();
        self.capacity.saturating_sub(others)
    }

    pub(super) fn put(&mut self, name: &str, content: Vec<u8>) -> Result<(), Full> {
        if content.len() > self.room_for(name) {
            return Err(Full);
        }
        self.files.insert(name.to_owned(), content);
        Ok(())
    }

    pub(super) fn content(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }
}
