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

/// The paths that climb by `super` out of the emulator, in a source whose module is `depth` modules below the crate's root.
fn climbing_paths(source: &str, depth: usize) -> Vec<String> {
    // Where the modules begin that are written out within the file: each is one deeper, to the brace below its first letter.
    let mut inner: Vec<usize> = Vec::new();
    let mut found = Vec::new();
    for (number, line) in source.lines().enumerate() {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if inner.last() == Some(&indent) && text.starts_with('}') {
            inner.pop();
        }
        let is_module = text.split_whitespace().take(3).any(|word| word == "mod") && text.ends_with('{');
        let climb = "super::".repeat(depth + inner.len());
        if !text.starts_with("//") && line.contains(&climb) {
            found.push(format!("line {}: {}", number + 1, line.trim()));
        }
        if is_module {
            inner.push(indent);
        }
    }
    found
}

/// How many modules a source's module is below the crate's root.
fn depth(root: &Path, file: &Path) -> usize {
    file.strip_prefix(root).unwrap().components().count() - usize::from(file.ends_with("mod.rs"))
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
        assert_eq!(climbing_paths(&source, depth(&root, &file)), Vec::<String>::new(), "{}", file.display());
    }
}

#[test]
fn the_check_itself_sees_an_import() {
    assert_eq!(foreign_paths("use crate::emulator::Module;\n// use crate::at;\n"), Vec::<String>::new());
    assert_eq!(foreign_paths("use crate::at::Engine;").len(), 1);
    assert_eq!(foreign_paths("    let e = crate::modem::Entry::default();").len(), 1);
}

#[test]
fn the_check_itself_sees_a_path_that_climbs() {
    let root = Path::new("src");
    let within = "mod tests {\n    use super::super::Module;\n}\n";
    let cases = [
        ("src/emulator.rs", "use super::at::Engine;", true),
        ("src/emulator.rs", "mod tests {\n    use super::Module;\n}\n", false),
        ("src/emulator.rs", within, true),
        ("src/emulator/luat.rs", "use super::Module;", false),
        ("src/emulator/luat.rs", "use super::super::at::Engine;", true),
        ("src/emulator/luat.rs", "// super::super::at\n", false),
        ("src/emulator/luat.rs", within, false),
        ("src/emulator/luat.rs", "mod tests {\n    use super::super::super::at::Engine;\n}\n", true),
        ("src/emulator/luat.rs", "mod tests {\n}\nuse super::super::at::Engine;", true),
        ("src/emulator/luat/upload.rs", "use super::super::Module;", false),
        ("src/emulator/luat/upload.rs", "use super::super::super::at::Engine;", true),
        ("src/emulator/luat/mod.rs", "use super::super::at::Engine;", true),
    ];
    for (file, source, climbs) in cases {
        let found = climbing_paths(source, depth(root, Path::new(file)));
        assert_eq!(!found.is_empty(), climbs, "{file}: {source}");
    }
}
