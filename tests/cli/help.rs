//! `--help` on a terminal.

use crate::manual::commands;
use crate::rig::{run, tool};
use crate::screen::{SIZES, assert_fits, on_screen};

#[test]
fn help_fits_the_terminal() {
    let commands = commands();
    let of_command = commands.iter().flat_map(|command| [vec![command.as_str(), "-h"], vec![command, "--help"]]);
    for arguments in of_command.chain([vec!["-h"], vec!["--help"], vec!["help"], vec!["--version"]]) {
        for size in SIZES {
            let shown = on_screen(tool().args(&arguments).env("NO_COLOR", "1"), size, "");
            assert!(shown.ends_with("status 0\n"), "{arguments:?}: {shown}");
            assert_eq!(shown.contains("Usage: ftp-modem"), arguments != ["--version"], "{arguments:?}: {shown}");
            // clap breaks everything but this line.
            let rest: Vec<&str> = shown.lines().filter(|line| !line.starts_with("Usage: ")).collect();
            assert_fits(&rest.join("\n"), size);
        }
    }
}

/// Other modules state no time, or only that of a listing, to the minute.
#[test]
fn the_help_of_get_names_the_modules_that_continue_a_partial_file() {
    let help = run(tool().args(["get", "--help"])).expect(0).text();
    let (_, from) = help.split_once("--resume").unwrap();
    let (resume, _) = from.split_once("--verify").unwrap();
    for maker in ["Quectel", "SIMCom"] {
        assert!(resume.contains(maker), "{resume}");
    }
}

/// Its columns and its JSON are not broken.
#[test]
fn the_reference_is_as_wide_as_the_smaller_usual_terminal() {
    let reference = |help: &str| help.split_once("\nPaths:\n").unwrap().1.replace("\nstatus 0\n", "\n");
    let whole = reference(&run(tool().arg("--help")).expect(0).text());
    let shown = on_screen(tool().arg("--help").env("NO_COLOR", "1"), SIZES[0], "");
    for (shown, written) in reference(&shown).lines().zip(whole.lines()) {
        assert_eq!(shown, written);
    }
    assert!(whole.lines().all(|line| line.len() <= usize::from(SIZES[0].0)), "{whole}");
}
