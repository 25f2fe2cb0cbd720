//! The file system inside the module, as far as the FTP commands use it.

use std::collections::BTreeMap;

use super::options::LuatOptions;

/// Where `AT+FTPGETTOFS` and `AT+FTPEXTGET=2` put files (Luat AT manual).
const DIRECTORY: &str = "C:/USER/FTP";

/// No room for a file, or none of that name.
pub(super) struct FileError;

pub(super) struct Files {
    files: BTreeMap<String, Vec<u8>>,
    size: usize,
}

impl Files {
    pub(super) fn new(options: &LuatOptions) -> Self {
        let files = options.files.iter();
        Self { files: files.map(|(path, content)| (key(path), content.clone())).collect(), size: options.flash_size }
    }

    /// From now on there is room for so many bytes more.
    pub(super) fn limit(&mut self, free: u64) {
        let taken: usize = self.files.values().map(Vec::len).sum();
        let free = usize::try_from(free).unwrap_or(usize::MAX);
        self.size = taken.saturating_add(free).min(self.size);
    }

    pub(super) fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        self.files.get(&key(path)).cloned().ok_or(FileError)
    }

    pub(super) fn exists(&self, path: &str) -> bool {
        self.files.contains_key(&key(path))
    }

    /// Replaces a file of that path.
    pub(super) fn write(&mut self, path: &str, content: Vec<u8>) -> Result<(), FileError> {
        let path = key(path);
        let others = self.files.iter().filter(|(other, _)| **other != path);
        let taken: usize = others.map(|(_, content)| content.len()).sum();
        if taken.saturating_add(content.len()) > self.size {
            return Err(FileError);
        }
        self.files.insert(path, content);
        Ok(())
    }
}

/// The path of a file the module itself names.
pub(super) fn downloaded(name: &str) -> String {
    format!("{DIRECTORY}/{name}")
}

/// Paths do not distinguish the two slashes or the case of letters.
fn key(path: &str) -> String {
    path.replace('\\', "/").to_ascii_uppercase()
}
