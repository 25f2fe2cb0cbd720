//! The files and certificates in the module.

use std::collections::{BTreeMap, BTreeSet};

use super::ssl::Ssl;

/// What is stored in the module.
#[derive(Default)]
pub(super) struct Flash {
    pub(super) files: Files,
    pub(super) ssl: Ssl,
    /// A file for the module that is being received.
    pub(super) incoming: Option<Incoming>,
}

impl Flash {
    pub(super) fn new(capacity: usize) -> Self {
        Self { files: Files { capacity, ..Files::default() }, ..Self::default() }
    }

    /// The settings are not stored.
    pub(super) fn restart(&mut self) {
        self.files.settings = Settings::default();
        self.ssl.restart();
        self.incoming = None;
    }
}

/// The module's file system.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) capacity: usize,
    pub(super) files: BTreeMap<String, Vec<u8>>,
    pub(super) settings: Settings,
}

/// `AT+MFCFG`
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) timeout: u64,
    pub(super) hex_input: bool,
    pub(super) hex_output: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { timeout: 10, hex_input: false, hex_output: false }
    }
}

impl Files {
    /// From now on there is room for so many bytes more.
    pub(super) fn limit(&mut self, free: u64) {
        let taken: usize = self.files.values().map(Vec::len).sum();
        let free = usize::try_from(free).unwrap_or(usize::MAX);
        self.capacity = taken.saturating_add(free).min(self.capacity);
    }

    /// How long a file of this name could be.
    pub(super) fn room_for(&self, name: &str) -> usize {
        let name = absolute(name);
        let others: usize =
            self.files.iter().filter(|(other, _)| **other != name).map(|(_, content)| content.len()).sum();
        self.capacity.saturating_sub(others)
    }

    pub(super) fn put(&mut self, name: &str, content: Vec<u8>) -> Result<(), Full> {
        if content.len() > self.room_for(name) {
            return Err(Full);
        }
        self.files.insert(absolute(name), content);
        Ok(())
    }

    pub(super) fn content(&self, name: &str) -> Option<&[u8]> {
        self.files.get(&absolute(name)).map(Vec::as_slice)
    }

    /// The rows of a directory: subdirectories, then files with their lengths.
    pub(super) fn rows(&self, directory: &str) -> Vec<String> {
        let directory = format!("{}/", absolute(directory).trim_end_matches('/'));
        let mut directories = BTreeSet::new();
        let mut files = Vec::new();
        for (name, content) in &self.files {
            let Some(rest) = name.strip_prefix(&directory) else {
                continue;
            };
            match rest.split_once('/') {
                Some((below, _)) => {
                    directories.insert(format!("+MFLIST: \"{directory}{below}\""));
                }
                None => files.push(format!("+MFLIST: \"{name}\",{}", content.len())),
            }
        }
        directories.into_iter().chain(files).collect()
    }
}

/// A file whose data is being received.
pub(super) struct Incoming {
    pub(super) name: String,
    pub(super) data: Vec<u8>,
    pub(super) place: Place,
}

/// Where a file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Files,
    Certificates,
}

/// The file system is full.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

pub(super) fn absolute(name: &str) -> String {
    format!("/{}", name.trim_start_matches('/'))
}
