//! The emulator imports nothing of the driver: a misreading shared by both would cancel out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The paths into this crate that a source names, but for those into the emulator itself.
fn foreign_paths(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in source.lines().enumerate() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        for root in ["crate::", "ftp_modem::"] {
            for (position, _) in line.match_indices(root) {
                let rest = &line[position + root.len()..];
                if !rest.starts_with("emulator::") && !rest.starts_with("emulator;") {
                    found.push(format!("line {}: {}", number + 1, line.trim()));
                }
            }
        }
    }
    found
}

#[test]
fn the_emulator_names_nothing_of_the_driver() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![root.join("emulator.rs")];
    sources(&root.join("emulator"), &mut files);
    assert!(files.len() > 30, "only {} files found", files.len());
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        assert_eq!(foreign_paths(&source), Vec::<String>::new(), "{}", file.display());
        // `super` chains must not climb out of the emulator: its root is one module below the crate's.
        let depth = file.strip_prefix(&root).unwrap().components().count() - usize::from(file.ends_with("mod.rs"));
        let climb = "super::".repeat(depth + 1);
        assert!(!source.contains(&climb), "{} climbs out of the emulator", file.display());
    }
}

#[test]
fn the_check_itself_sees_an_import() {
    assert_eq!(foreign_paths("use crate::emulator::Module;\n// use crate::at;\n"), Vec::<String>::new());
    assert_eq!(foreign_paths("use crate::at::Engine;").len(), 1);
    assert_eq!(foreign_paths("    let e = crate::modem::Entry::default();").len(), 1);
}
