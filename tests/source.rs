//! What holds for the source as a whole.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Widest line of source and prose.
const COLUMNS: usize = 120;

/// Longest file of the library and the tool.
const LINES: usize = 450;

/// The text files below the folders of the project that are written by hand, by path.
fn files(folders: &[&str], ends: &[&str]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for folder in folders {
        collect(folder, ends, &mut found);
    }
    found
}

fn collect(folder: &str, ends: &[&str], found: &mut BTreeMap<String, String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in fs::read_dir(root.join(folder)).unwrap().map(Result::unwrap) {
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() && path != "fuzz/target" {
            collect(&path, ends, found);
        } else if ends.iter().any(|end| path.ends_with(end)) {
            found.insert(path, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// Tables, and what programs print, are as wide as they must be.
#[test]
fn lines_have_at_most_120_columns() {
    let mut wide = Vec::new();
    for (path, text) in files(&["src", "tests", "benches", "examples", "fuzz"], &[".rs", ".md"]) {
        let mut is_output = false;
        for (number, line) in text.lines().enumerate() {
            is_output ^= line.trim_start().starts_with("```");
            let is_free = path.ends_with(".md") && (is_output || line.starts_with('|'));
            if !is_free && line.chars().count() > COLUMNS {
                wide.push(format!("{path}:{}", number + 1));
            }
        }
    }
    assert!(wide.is_empty(), "{wide:#?}");
}

#[test]
fn files_have_at_most_450_lines() {
    let long: Vec<String> = files(&["src"], &[".rs"])
        .into_iter()
        .filter(|(_, text)| text.lines().count() > LINES)
        .map(|(path, _)| path)
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

/// The modules of the library, each with the modules whose items it imports by name. Parents and children may name each
/// other; tests may name everything.
struct Imports(BTreeMap<String, BTreeSet<String>>);

impl Imports {
    fn of_library() -> Self {
        let texts: BTreeMap<String, String> = files(&["src"], &[".rs"])
            .into_iter()
            .filter(|(path, _)| !path.starts_with("src/bin/") && !path.contains("/tests"))
            .map(|(path, text)| {
                let module = path["src/".len()..path.len() - ".rs".len()].replace('/', "::");
                (module, text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned())
            })
            .collect();
        let mut imports = BTreeMap::new();
        for (module, text) in &texts {
            let mut named = BTreeSet::new();
            for statement in text.split("\nuse ").skip(1).map(|rest| rest.split(';').next().unwrap()) {
                for path in leaves(statement) {
                    named.extend(target(module, &path, &texts));
                }
            }
            named.retain(|other| {
                !other.starts_with(&format!("{module}::")) && !module.starts_with(&format!("{other}::"))
            });
            named.remove(module);
            imports.insert(module.clone(), named);
        }
        Imports(imports)
    }

    /// The modules that `module` reaches.
    fn reached<'a>(&'a self, module: &'a str) -> BTreeSet<&'a str> {
        let mut reached = BTreeSet::new();
        let mut next = vec![module];
        while let Some(module) = next.pop() {
            next.extend(self.0[module].iter().map(String::as_str).filter(|other| reached.insert(*other)));
        }
        reached
    }
}

/// The paths of a `use` declaration: `a::{b, c::{d, e}}` has three.
fn leaves(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let inner = &rest[..rest.rfind('}').unwrap()];
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, character) in inner.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(leaves).map(|leaf| format!("{}{leaf}", prefix.trim())).collect()
}

/// The module in which an imported path ends, if it is one of the library.
fn target(module: &str, path: &str, modules: &BTreeMap<String, String>) -> Option<String> {
    let mut base: Vec<&str> = module.split("::").collect();
    let mut names = path.split("::").peekable();
    match *names.peek()? {
        "crate" => {
            base.clear();
            names.next();
        }
        "super" => {
            while names.next_if_eq(&"super").is_some() {
                base.pop();
            }
        }
        "self" => drop(names.next()),
        _ => {}
    }
    for name in names {
        let deeper = [base.as_slice(), &[name]].concat();
        if !modules.contains_key(&deeper.join("::")) {
            break;
        }
        base = deeper;
    }
    let found = base.join("::");
    (modules.contains_key(&found) && found != "lib").then_some(found)
}

#[test]
fn no_module_imports_from_one_that_imports_from_it() {
    let imports = Imports::of_library();
    let circles: Vec<&String> =
        imports.0.keys().filter(|module| imports.reached(module).contains(module.as_str())).collect();
    let listed: Vec<String> = circles
        .iter()
        .map(|module| {
            let within = imports.0[*module].iter().filter(|other| imports.reached(other).contains(module.as_str()));
            format!("{module} -> {}", within.cloned().collect::<Vec<_>>().join(", "))
        })
        .collect();
    assert!(listed.is_empty(), "{listed:#?}");
}
