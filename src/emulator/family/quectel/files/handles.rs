//! The local files that are open.

use super::super::failure::Refused;

const BAD_HANDLE: u16 = 416;

/// An open file.
pub(super) struct Handle {
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) mode: u64,
    pub(super) position: usize,
}

/// All open files.
#[derive(Default)]
pub(super) struct Handles {
    pub(super) handles: Vec<Handle>,
}

impl Handles {
    pub(super) fn by_number(&mut self, number: u64) -> Result<&mut Handle, Refused> {
        self.handles.iter_mut().find(|handle| handle.number == number).ok_or(Refused::Code(BAD_HANDLE))
    }

    /// Whether the file of this full name is open.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.handles.iter().any(|handle| handle.name == name)
    }

    /// Whether any file of a drive is open.
    pub(super) fn any_on(&self, drive: &str) -> bool {
        self.handles.iter().any(|handle| handle.name.split_once(':').is_some_and(|(on, _)| on == drive))
    }

    /// The lines of `AT+QFOPEN?`.
    pub(super) fn shown(&self) -> Vec<String> {
        self.handles
            .iter()
            .map(|handle| format!("+QFOPEN: \"{}\",{},{}", handle.name, handle.number, handle.mode))
            .collect()
    }

    /// The lowest number that is free.
    pub(super) fn free_number(&self) -> u64 {
        (1..).find(|number| self.handles.iter().all(|handle| handle.number != *number)).unwrap_or_default()
    }
}
