//! The tables of README and guide: what they say of the dialects is what the code says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ftp_modem::Vendor;
use ftp_modem::modem::{Capabilities, Operation, Support};
use support::rig::AnyRig;

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];
const GUIDE: &str = "src/guide/dialects.md";

fn read(file: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn capabilities() -> Vec<Capabilities> {
    Vendor::ALL.map(|vendor| AnyRig::open(vendor).modem.capabilities().clone()).to_vec()
}

/// The rows of the table that a marker introduces, without the row of dashes: the cells of each.
fn table(file: &str, marker: &str) -> Vec<Vec<String>> {
    let text = read(file);
    let (_, rest) = text.split_once(&format!("<!-- {marker} -->\n")).unwrap_or_else(|| panic!("no {marker} in {file}"));
    let lines = rest.lines().skip_while(|line| line.is_empty()).take_while(|line| line.starts_with('|'));
    lines.filter(|line| !line.starts_with("|---")).map(cells).collect()
}

fn cells(line: &str) -> Vec<String> {
    line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

fn row(first: &str, rest: impl Iterator<Item = String>) -> Vec<String> {
    std::iter::once(first.to_owned()).chain(rest).collect()
}

/// What the table of operations must be, with the words for the three kinds of support.
fn operations(heading: &str, capabilities: &[Capabilities], words: [&str; 3]) -> Vec<Vec<String>> {
    let support = |support| match support {
        Support::Native => words[0].to_owned(),
        Support::Built => words[1].to_owned(),
        _ => words[2].to_owned(),
    };
    let mut rows = vec![row(heading, capabilities.iter().map(|one| one.dialect.to_owned()))];
    for operation in Operation::ALL {
        rows.push(row(operation.name(), capabilities.iter().map(|one| support(one.support(operation)))));
    }
    rows
}

#[test]
fn the_tables_of_operations_are_true() {
    let capabilities = capabilities();
    for (file, heading, words) in [
        ("README.md", "Operation", ["native", "built", "–"]),
        (GUIDE, "Operation", ["native", "built", "–"]),
        ("README.zh-CN.md", "操作", ["原生", "组合", "–"]),
    ] {
        let expected = operations(heading, &capabilities, words);
        assert_eq!(table(file, "operations"), expected, "{file} should say:\n{expected:?}\n");
    }
}

#[test]
fn the_table_of_assurances_is_true() {
    let capabilities = capabilities();
    let line = |first, value: fn(&Capabilities) -> String| row(first, capabilities.iter().map(value));
    let expected = vec![
        line("Transfer", |one| one.dialect.to_owned()),
        line("download", |one| format!("{:?}", one.download_assurance)),
        line("upload", |one| format!("{:?}", one.upload_assurance)),
        line("every byte value", |one| format!("{:?}", one.binary_upload)),
        line("a wrong password shows", |one| format!("{:?}", one.login_check)),
    ];
    assert_eq!(table(GUIDE, "assurance"), expected, "the guide should say:\n{expected:?}\n");
}

#[test]
fn the_tables_of_modules_name_the_modules_of_the_registry() {
    for file in READMES {
        let rows = table(file, "modules");
        assert_eq!(rows.len(), Vendor::ALL.len() + 1, "{file}");
        for (row, vendor) in rows[1..].iter().zip(Vendor::ALL) {
            assert_eq!(row[0], vendor.name(), "{file}");
            let models = vendor.modules().split([' ', ',', ';']).filter(|word| word.contains(char::is_numeric));
            for model in models {
                assert!(row[1].contains(model), "{file} does not name {model} in the row of {vendor}");
            }
        }
    }
}

#[test]
fn the_readme_is_short() {
    for file in READMES {
        let lines = read(file).lines().count();
        assert!(lines <= 170, "{file} has {lines} lines: the rest belongs to src/guide");
    }
}

/// There is no repository to which a relative link could point: crates.io and docs.rs show README without one.
#[test]
fn links_do_not_need_a_repository() {
    for file in READMES {
        for target in read(file).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(target.starts_with("https://docs.rs/"), "{file} links to {target}");
            if let Some(path) = target.strip_prefix("https://docs.rs/ftp-modem/latest/ftp_modem/guide/") {
                let module = path.trim_end_matches('/');
                let chapter = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/guide/{module}.md"));
                assert!(module.is_empty() || chapter.exists(), "{file} links to {target}");
            } else if let Some(path) = target.strip_prefix("https://docs.rs/crate/ftp-modem/latest/source/") {
                read(path);
            }
        }
    }
}

/// The file of a test that a table of the guide names: `topic::test` within the page of a dialect, else
/// `suite::topic::test`.
fn file_of(page: &str, name: &str) -> (PathBuf, String) {
    let parts: Vec<&str> = name.split("::").collect();
    match parts.as_slice() {
        [topic, test] => (format!("tests/quirks/{page}/{topic}.rs").into(), (*test).to_owned()),
        [suite, topic, test] => (format!("tests/{suite}/{topic}.rs").into(), (*test).to_owned()),
        _ => panic!("{page}: {name} is not the path of a test"),
    }
}

#[test]
fn each_test_that_the_guide_names_exists() {
    let pages = Vendor::ALL.map(|vendor| (vendor.name(), format!("src/guide/dialects/{vendor}.md")));
    let mut count = 0;
    for (page, file) in pages.into_iter().chain([("", GUIDE.to_owned())]) {
        let text = read(&file);
        let rows = text.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |"));
        for line in rows.filter(|line| line.contains("::")) {
            let last = cells(line).pop().unwrap();
            for name in last.split(", ").map(|name| name.trim_matches('`')) {
                let (path, test) = file_of(page, name);
                assert!(read(&path).contains(&format!("fn {test}(")), "{file} names {name}, which is not a test");
                count += 1;
            }
        }
    }
    assert!(count > 200, "{count} tests are named");
}

/// The long options and the commands in the help of the tool, of all commands if `arguments` are empty.
fn words_of_help(arguments: &[&str]) -> Vec<String> {
    let help = Command::new(env!("CARGO_BIN_EXE_ftp-modem")).args(arguments).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let (mut words, mut heading) = (Vec::new(), "");
    for line in help.lines().filter(|line| !line.is_empty()) {
        let first = line.split_whitespace().next().unwrap_or_default();
        if !line.starts_with(' ') {
            heading = line;
        } else if heading == "Commands:" && line.starts_with("  ") && !line.starts_with("   ") {
            words.push(first.to_owned());
        } else if heading.starts_with("Options") && first.starts_with('-') {
            let option = line.split([' ', ',', '=', '[', '.']).find(|word| word.starts_with("--"));
            words.extend(option.map(str::to_owned));
        }
    }
    words
}

#[test]
fn the_guide_names_every_command_and_option_of_the_tool() {
    let guide = read("src/guide/command_line.md");
    let words = words_of_help(&[]);
    let commands: Vec<&String> = words.iter().filter(|word| !word.starts_with('-') && *word != "help").collect();
    assert!(commands.len() >= 16, "{commands:?}");
    let details = commands.iter().flat_map(|command| words_of_help(&[command]));
    for word in words.iter().cloned().chain(details).filter(|word| !["help", "--help", "--version"].contains(&&**word))
    {
        let named = ["`", " ", "/"].iter().any(|end| guide.contains(&format!("`{word}{end}")));
        let beside_others = guide.contains(&format!(" {word}")) || guide.contains(&format!("[{word}"));
        assert!(named || word.starts_with("--") && beside_others, "src/guide/command_line.md does not name {word}");
    }
}
