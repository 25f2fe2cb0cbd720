//! The tables of README and guide: what they say of the dialects is what the code says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ftp_modem::modem::{Capabilities, Operation, Support};
use ftp_modem::{ErrorKind, Vendor};
use support::rig::AnyRig;

const README: &str = "README.md";
const READMES: [&str; 2] = [README, "README.zh-CN.md"];
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

/// The lines of a table, as Markdown.
fn lines(rows: &[Vec<String>]) -> String {
    rows.iter().map(|cells| format!("| {} |\n", cells.join(" | "))).collect()
}

/// The chapter of the guide about a dialect.
fn chapter(dialect: &str) -> String {
    format!("src/guide/dialects/{dialect}.md")
}

fn row(first: &str, rest: impl Iterator<Item = String>) -> Vec<String> {
    std::iter::once(first.to_owned()).chain(rest).collect()
}

#[test]
fn the_table_of_operations_is_true() {
    let capabilities = capabilities();
    let mut expected = vec![row("Operation", capabilities.iter().map(|one| one.dialect.to_owned()))];
    for operation in Operation::ALL {
        let words = capabilities.iter().map(|one| match one.support(operation) {
            Support::Native => "native".to_owned(),
            Support::Built => "built".to_owned(),
            _ => "–".to_owned(),
        });
        expected.push(row(operation.name(), words));
    }
    assert_eq!(table(README, "operations"), expected, "{README} should say:\n{}", lines(&expected));
}

#[test]
fn the_chapter_of_each_dialect_has_its_capabilities() {
    for one in capabilities() {
        let operations = |support| {
            let of = Operation::ALL.into_iter().filter(|operation| one.support(*operation) == support);
            let names: Vec<_> = of.map(Operation::name).collect();
            if names.is_empty() { "–".to_owned() } else { names.join(", ") }
        };
        let expected: Vec<_> = [
            ("Capability", "Value".to_owned()),
            ("native", operations(Support::Native)),
            ("built", operations(Support::Built)),
            ("not supported", operations(Support::Unsupported)),
            ("download", format!("{:?}", one.download_assurance)),
            ("upload", format!("{:?}", one.upload_assurance)),
            ("every byte value", format!("{:?}", one.binary_upload)),
            ("a wrong password shows", format!("{:?}", one.login_check)),
        ]
        .map(|(first, value)| row(first, [value].into_iter()))
        .to_vec();
        let file = chapter(one.dialect);
        assert_eq!(table(&file, "capabilities"), expected, "{file} should say:\n{}", lines(&expected));
    }
}

/// The rows of the table, one for each kind: its name, and whether a retry may help.
fn rows_of_errors() -> Vec<(String, String)> {
    let rows = table("src/guide/errors.md", "kinds");
    let of_row = |row: Vec<String>| {
        let (names, retry) = (row[0].clone(), row[1].clone());
        names.split(", ").map(|name| (name.trim_matches('`').to_owned(), retry.clone())).collect::<Vec<_>>()
    };
    rows.into_iter().skip(1).flat_map(of_row).collect()
}

/// Makes each kind of error with its name.
macro_rules! kinds {
    ($($kind:ident)*) => { [$((stringify!($kind), ErrorKind::$kind)),*] };
}

#[test]
fn the_table_of_errors_has_every_kind_and_whether_a_retry_may_help() {
    let kinds = kinds![
        InvalidInput Unsupported WrongState LocalIo Cancelled PortNotFound PortDenied PortBusy PortLost Timeout
        Protocol UnknownModule ModuleRefused ModuleBusy ModuleRestarted ModuleStorage SimUnavailable BearerFailed
        BearerLost NameResolution ConnectFailed NetworkTimeout Tls LoginRefused Unavailable ServerRefused ServerBusy
        DataConnection SessionLost ServerStorage Incomplete VerificationFailed
    ];
    let code = read("src/error/kind.rs");
    let (_, rest) = code.split_once("pub enum ErrorKind {\n").unwrap();
    let (variants, _) = rest.split_once("\n}\n").unwrap();
    let declared: Vec<&str> = variants.lines().filter_map(|line| line.trim().strip_suffix(',')).collect();
    assert_eq!(kinds.map(|(name, _)| name).to_vec(), declared, "the kinds of src/error/kind.rs");
    let expected =
        kinds.map(|(name, kind)| (name.to_owned(), if kind.is_retryable() { "yes" } else { "no" }.to_owned()));
    assert_eq!(rows_of_errors(), expected.to_vec(), "src/guide/errors.md");
}

#[test]
fn the_table_of_modules_names_the_modules_of_the_registry() {
    let rows = table(README, "modules");
    assert_eq!(rows.len(), Vendor::ALL.len() + 1);
    for (row, vendor) in rows[1..].iter().zip(Vendor::ALL) {
        let chapter = format!("[{vendor}](https://docs.rs/ftp-modem/latest/ftp_modem/guide/dialects/{vendor}/)");
        assert_eq!(row[0], chapter, "{README}");
        let models = vendor.modules().split([' ', ',', ';']).filter(|word| word.contains(char::is_numeric));
        for model in models {
            assert!(row[1].contains(model), "{README} does not name {model} in the row of {vendor}");
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
    let pages = Vendor::ALL.map(|vendor| (vendor.name(), chapter(vendor.name())));
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

/// Files that name most dialects within a few lines, and need no row for each.
const EXAMPLES: [&str; 3] = [
    // The plans of some seeds.
    "src/emulator/fault/tests/chance.rs",
    // Measurements, which a program prints.
    "src/guide/speed.md",
    // Faults that were found.
    "tests/sweep/once.rs",
];

/// The text files of the project below a folder, without what fuzzers and modules have said.
fn files_below(folder: &str, found: &mut Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in fs::read_dir(root.join(folder)).unwrap().map(Result::unwrap) {
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() && !["fuzz/corpus", "fuzz/target", "tests/transcripts"].contains(&path.as_str()) {
            files_below(&path, found);
        } else if [".rs", ".md", ".txt", ".toml"].iter().any(|end| path.ends_with(end)) {
            found.push(path);
        }
    }
}

/// How files name a dialect: as a variant, a module, a text, or a cell of a table.
fn forms(vendor: Vendor) -> [String; 5] {
    let (name, variant) = (vendor.name(), format!("{vendor:?}"));
    [format!("::{variant}"), format!("{variant}:"), format!("mod {name};"), format!("\"{name}"), format!("| {name} |")]
}

/// A further dialect needs its own files and the few that the checklist names.
#[test]
fn nothing_but_the_files_of_the_checklist_has_a_row_for_each_dialect() {
    const ROWS: usize = 12;
    let contributing = read("CONTRIBUTING.md");
    let (_, list) = contributing.split_once("One row or line in each of these files:").unwrap();
    let list: Vec<&str> = list.lines().skip(2).take_while(|line| !line.is_empty()).collect();
    let listed: Vec<&str> = list.iter().filter_map(|line| line.split('`').nth(1)).collect();
    assert!(listed.len() == list.len() && listed.len() <= 7, "six files and CHANGELOG.md: {listed:?}");
    let mut files = vec!["README.zh-CN.md".to_owned(), "Cargo.toml".to_owned()];
    for folder in ["src", "tests", "benches", "examples", "fuzz"] {
        files_below(folder, &mut files);
    }
    let own: Vec<String> = Vendor::ALL.iter().flat_map(|vendor| [vendor.name().to_owned(), snake(*vendor)]).collect();
    let forms = Vendor::ALL.map(forms);
    let mut wrong = Vec::new();
    for file in files {
        let is_own = file.split(['/', '.']).any(|part| own.iter().any(|name| name == part));
        if is_own || listed.contains(&file.as_str()) || EXAMPLES.contains(&file.as_str()) {
            continue;
        }
        let text = read(&file);
        let named: Vec<Vec<bool>> = text
            .lines()
            .map(|line| forms.iter().map(|forms| forms.iter().any(|form| line.contains(form))).collect())
            .collect();
        let in_rows =
            |rows: &[Vec<bool>]| (0..forms.len()).filter(|vendor| rows.iter().any(|row| row[*vendor])).count();
        if named.chunks(ROWS).chain(named.windows(ROWS)).any(|rows| in_rows(rows) + 1 >= forms.len()) {
            wrong.push(file);
        }
    }
    assert!(wrong.is_empty(), "rows for each dialect, which the checklist does not name: {wrong:#?}");
}

/// The name of a dialect's modules, where it is not the name of the dialect.
fn snake(vendor: Vendor) -> String {
    let mut name = String::new();
    for character in format!("{vendor:?}").chars() {
        if character.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(character.to_lowercase());
    }
    name
}
