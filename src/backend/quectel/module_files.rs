//! The module's own files: their list, room for them, and their removal (FILE application note; FTP(S) application
//! note §3.6 and §3.7).

use std::fmt;

use super::Quectel;
use crate::at::{Command, Line, Parameter};
use crate::backend::codes::is_refusal;
use crate::backend::context::{COMMAND_LIMIT, Context};
use crate::error::{Error, ErrorKind, Phase, Result};

/// A file's name as the file commands take it (80 bytes in the FILE application note of BG96).
pub(super) const FILE: Parameter = Parameter::quoted("name of the module's file", 80).ascii();
/// A file's name as the FTP commands take it (FTP(S) application note §2.5).
pub(super) const LOCAL: Parameter = Parameter::quoted("name of the module's file", 60).ascii();

/// Most lines of a listing taken in.
const MOST_FILES: usize = 10_000;

/// One of the module's own file systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Storage {
    /// `RAM:`, lost with a restart. Newer platforms have none.
    Ram,
    /// `UFS:`, flash memory: from 280 KB (EG800K) to tens of megabytes.
    Ufs,
    /// `SD:`, a memory card.
    Sd,
}

impl Storage {
    /// Returns the name as commands have it, without colon.
    pub fn name(self) -> &'static str {
        match self {
            Storage::Ram => "RAM",
            Storage::Ufs => "UFS",
            Storage::Sd => "SD",
        }
    }

    /// The storage in the name of a file; without one it is the flash memory.
    fn of(name: &str) -> Option<Storage> {
        match name.split_once(':') {
            None => Some(Storage::Ufs),
            Some((prefix, _)) => [Storage::Ram, Storage::Ufs, Storage::Sd].into_iter().find(|one| one.name() == prefix),
        }
    }
}

impl fmt::Display for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Room in one of the module's file systems, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Space {
    /// Bytes that are free; files take whole blocks, of 4 KB on EG800K.
    pub free: u64,
    /// Bytes there are.
    pub total: u64,
}

/// One of the module's own files.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModuleFile {
    /// Its name with the storage in front (`UFS:a.txt`), whether or not the module prints it.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Whether it is a directory, which only some modules show.
    pub is_directory: bool,
}

/// Checks that `name` can be one of the module's files: one of the storages in upper case (lower case ends in error
/// 613 or "Invalid input value", seen on EC25), and no pattern, by which QFDEL would remove everything.
pub(super) fn check_module_name(parameter: &Parameter, name: &str) -> Result<()> {
    parameter.check(name)?;
    let refuse = |why: &'static str| {
        Err(Error::new(ErrorKind::InvalidInput, format!("the name of the module's file {name:?} {why}")))
    };
    let leaf = name.split_once(':').map_or(name, |(_, leaf)| leaf);
    if Storage::of(name).is_none() {
        return refuse("begins with none of RAM:, UFS: and SD:");
    }
    if leaf.is_empty() || leaf.contains([':', '*', '?']) {
        return refuse("is empty or holds one of : * ?");
    }
    Ok(())
}

impl Quectel {
    /// Queries the room in one of the module's file systems (`AT+QFLDS`).
    ///
    /// # Errors
    /// [`ModuleRefused`](ErrorKind::ModuleRefused) where the module has no such storage; as any exchange with the
    /// module.
    pub fn module_space(&mut self, storage: Storage) -> Result<Space> {
        self.operation("module space", |_, cx| space(cx, storage))
    }

    /// Lists the files in one of the module's file systems (`AT+QFLST`), in the module's order. At most 10,000.
    ///
    /// # Errors
    /// As [`Self::module_space`].
    pub fn list_module(&mut self, storage: Storage) -> Result<Vec<ModuleFile>> {
        const PATTERN: Parameter = Parameter::quoted("storage", 5);
        self.operation("list module", |_, cx| {
            listing(cx, storage, Command::set("+QFLST").text(&PATTERN, &format!("{storage}:*")))
        })
    }

    /// Queries the size of one of the module's files in bytes (`AT+QFLST`); `None` where there is no such file.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a name that is not one; as any exchange with the module.
    pub fn module_file_size(&mut self, name: &str) -> Result<Option<u64>> {
        self.checked_operation("module file size", check_module_name(&FILE, name), |_, cx| size(cx, name))
    }

    /// Removes one of the module's files (`AT+QFDEL`).
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a name that is not one,
    /// [`ModuleStorage`](ErrorKind::ModuleStorage) when there is no such file or it is open; as any exchange with the
    /// module.
    pub fn remove_from_module(&mut self, name: &str) -> Result<()> {
        self.checked_operation("remove from module", check_module_name(&FILE, name), |_, cx| remove(cx, name))
    }
}

/// The size of a file; `None` where there is no such file.
pub(super) fn size(cx: &mut Context, name: &str) -> Result<Option<u64>> {
    let storage = Storage::of(name).unwrap_or(Storage::Ufs);
    let files = listing(cx, storage, Command::set("+QFLST").text(&FILE, name))?;
    Ok(files.first().map(|file| file.size))
}

/// As [`size`], where it is an error that there is no such file.
pub(super) fn size_of_existing(cx: &mut Context, name: &str) -> Result<u64> {
    size(cx, name)?.ok_or_else(|| cx.engine.error(ErrorKind::ModuleStorage, "no such file"))
}

/// Checks that there is no file of this name: some platforms would overwrite it, others refuse; neither is documented.
pub(super) fn check_new(cx: &mut Context, name: &str) -> Result<()> {
    match size(cx, name)? {
        None => Ok(()),
        Some(_) => Err(cx.engine.error(ErrorKind::ModuleStorage, "a file of this name exists on the module")),
    }
}

pub(super) fn remove(cx: &mut Context, name: &str) -> Result<()> {
    cx.set(Command::set("+QFDEL").text(&FILE, name))
}

/// Checks that a file of `size` bytes has room, as far as the module states it.
pub(super) fn check_room(cx: &mut Context, name: &str, size: u64) -> Result<()> {
    let Some(storage) = Storage::of(name) else { return Ok(()) };
    match space(cx, storage) {
        Ok(space) if space.free < size => {
            let detail = format!("{storage} has {} bytes free, the file has {size}", space.free);
            Err(cx.engine.error(ErrorKind::ModuleStorage, detail))
        }
        // The transfer itself will show it.
        Err(error) if is_refusal(error.kind()) || error.kind() == ErrorKind::ModuleStorage => Ok(()),
        other => other.map(drop),
    }
}

fn space(cx: &mut Context, storage: Storage) -> Result<Space> {
    const STORAGE: Parameter = Parameter::quoted("storage", 3);
    let answer = cx.query(Command::set("+QFLDS").text(&STORAGE, storage.name()))?;
    let line = answer.first();
    match (line.and_then(|line| line.number(0)), line.and_then(|line| line.number(1))) {
        (Some(free), Some(total)) => Ok(Space { free, total }),
        _ => Err(cx.engine.error(ErrorKind::Protocol, "the room is not two numbers")),
    }
}

/// The files in the answer to QFLST. Where nothing matches, some modules answer only `OK`, others an error.
fn listing(cx: &mut Context, storage: Storage, command: Command) -> Result<Vec<ModuleFile>> {
    let exchange = cx.engine.send(command, Phase::Acknowledgement, COMMAND_LIMIT)?;
    let (lines, outcome) = exchange.answer(MOST_FILES);
    match outcome {
        Err(error) if !is_missing(&error) => Err(error),
        _ => Ok(lines.iter().filter_map(|line| file_of(storage, line)).collect()),
    }
}

/// Whether an error means that there is no such file: 405; 4013 was seen on M26 and its relatives.
fn is_missing(error: &Error) -> bool {
    let code = error.module_code().map(|code| code.value.as_str());
    matches!(code, Some("405" | "4013"))
        || error.module_code().is_some_and(|code| code.meaning == Some("file not found"))
}

/// The file of a QFLST line. Names are in quotation marks or bare (note §3.7), with their storage or without it, and
/// may hold commas and quotation marks: the size is behind the last comma.
fn file_of(storage: Storage, line: &Line) -> Option<ModuleFile> {
    let line = line.information()?;
    let text = String::from_utf8_lossy(line.body);
    let (name, size) = text.rsplit_once(',')?;
    let name = name.trim();
    let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
    let whole = format!("{storage}:");
    let leaf = name.strip_prefix(&whole).unwrap_or(name);
    let (leaf, is_directory) = match leaf.strip_suffix('/') {
        Some(leaf) => (leaf, true),
        None => (leaf, false),
    };
    Some(ModuleFile { name: whole + leaf, size: size.trim().parse().ok()?, is_directory })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_modules_files() {
        for name in ["a.txt", "UFS:a.txt", "RAM:a", "SD:dir/a b,c"] {
            assert!(check_module_name(&FILE, name).is_ok(), "{name}");
        }
        for name in ["", "*", "UFS:*", "ufs:a", "COM:", "COM:a", "UFS:", "UFS:a:b", "X:a", "a\"b", "a\rb", "UFS:ä"] {
            assert_eq!(check_module_name(&FILE, name).unwrap_err().kind(), ErrorKind::InvalidInput, "{name}");
        }
        assert!(check_module_name(&FILE, &"x".repeat(80)).is_ok());
        assert!(check_module_name(&FILE, &"x".repeat(81)).is_err());
        assert!(check_module_name(&LOCAL, &"x".repeat(61)).is_err());
    }

    #[test]
    fn lines_of_a_listing() {
        let shape = |line: &str| {
            file_of(Storage::Ufs, &Line::new(line.as_bytes())).map(|file| (file.name, file.size, file.is_directory))
        };
        for (line, name, size, is_directory) in [
            ("+QFLST: \"UFS:a.txt\",1939", "UFS:a.txt", 1939, false),
            ("+QFLST: UFS:a.txt,1939", "UFS:a.txt", 1939, false),
            ("+QFLST:\"a.txt\", 7", "UFS:a.txt", 7, false),
            ("+QFLST: \"security/\",0", "UFS:security", 0, true),
            ("+QFLST: \"UFS:a,b\",7", "UFS:a,b", 7, false),
            ("+QFLST: UFS:a,b,7", "UFS:a,b", 7, false),
            ("+QFLST: \"UFS:a\"b\",7", "UFS:a\"b", 7, false),
            ("+QFLST: \"UFS:big\",57897070000", "UFS:big", 57_897_070_000, false),
        ] {
            assert_eq!(shape(line), Some((name.to_owned(), size, is_directory)), "{line}");
        }
        for line in ["+QFLST:", "+QFLST: \"UFS:a\"", "+QFLST: \"UFS:a\",x"] {
            assert_eq!(shape(line), None, "{line}");
        }
    }
}
