//! `completions` and `man`.

use std::process::{Command, Stdio};

use crate::rig::{run, tool};
use crate::screen::{SIZES, on_screen};

/// Every command of the tool, from its help.
pub fn commands() -> Vec<String> {
    let help = run(tool().arg("-h")).expect(0).text();
    let (_, from) = help.split_once("Commands:\n").unwrap();
    let (list, _) = from.split_once("\n\n").unwrap();
    let named = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    named.map(|line| line.split_whitespace().next().unwrap().to_owned()).filter(|name| name != "help").collect()
}

/// The long options of a command, from its help: its own, and those of every command.
pub fn options_of(command: &str) -> Vec<String> {
    let help = run(tool().args([command, "-h"])).expect(0).text();
    let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let long = lines.filter_map(|line| line.split([' ', '=', '[', '.']).find(|word| word.starts_with("--")));
    long.map(str::to_owned).collect()
}

#[test]
fn completions_know_every_command_in_every_shell() {
    let commands = commands();
    assert!(commands.len() > 15, "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(tool().args(["completions", shell])).expect(0).text();
        for command in &commands {
            assert!(script.contains(command.as_str()), "{command} in {shell}");
        }
        for size in SIZES {
            let shown = on_screen(tool().args(["completions", shell]), size, "");
            assert_eq!(shown.strip_suffix("status 0\n"), Some(script.as_str()), "{shell}");
        }
    }
    let refused = run(tool().args(["completions", "cmd.exe"])).expect(2);
    assert!(refused.stderr.contains("bash"), "{}", refused.stderr);
}

#[test]
fn bash_accepts_the_completions() {
    let script = run(tool().args(["completions", "bash"])).expect(0).text();
    let words = "COMP_WORDS=(ftp-modem po); COMP_CWORD=1; _ftp__modem ftp-modem po ftp-modem; echo \"${COMPREPLY[@]}\"";
    let output = Command::new("bash").args(["-c", &format!("{script}\n{words}")]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.split_whitespace().any(|word| word == "ports"), "{text} {output:?}");
}

#[test]
fn the_manual_page_has_every_command_option_and_exit_status() {
    let page = run(tool().arg("man")).expect(0).text();
    assert!(page.contains(".TH ftp-modem 1"), "{page}");
    for part in
        [".SH COMMANDS", "\\-\\-port", "\\-\\-pin\\-file", "\\-\\-probe", ".SH EXIT STATUS", "FTP_MODEM_PASSWORD"]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    for command in commands() {
        assert!(page.contains(&format!("\\fB{command}\\fR")), "{command} in {page}");
    }
    // A line that begins with a full stop is a request to troff.
    let known = [".TH", ".SH", ".TP", ".IP", ".RS", ".RE", ".nf", ".fi", ".ie", ".el", ".PP", ".br"];
    for line in page.lines().filter(|line| line.starts_with(['.', '\''])) {
        assert!(known.iter().any(|request| line.starts_with(request)), "{line}");
    }
    for size in SIZES {
        let shown = on_screen(tool().arg("man"), size, "");
        assert_eq!(shown.strip_suffix("status 0\n"), Some(page.as_str()));
    }
}

/// The description of a command, from its help.
fn description_of(command: &str) -> String {
    run(tool().args([command, "-h"])).expect(0).text().lines().next().unwrap().to_owned()
}

/// Bash shows no descriptions.
#[test]
fn help_manual_and_completions_list_every_command_and_option_in_the_same_words() {
    let page = run(tool().arg("man")).expect(0).text().replace("\\-", "-");
    let scripts = ["bash", "elvish", "fish", "powershell", "zsh"]
        .map(|shell| (shell, run(tool().args(["completions", shell])).expect(0).text().replace("'\\''", "'")));
    for command in commands() {
        let about = description_of(&command);
        assert!(page.contains(&format!("\\fB{command}\\fR")) && page.contains(&about), "{command}: {about}");
        for (shell, script) in &scripts {
            let script = script.replace("''", "'").replace("\\'", "'");
            assert!(*shell == "bash" || script.contains(&about), "{command}: {about} in {shell}");
            for option in options_of(&command) {
                let word = if *shell == "fish" { format!("-l {}", &option[2..]) } else { option.clone() };
                assert!(script.contains(&word), "{option} of {command} in {shell}");
                assert!(page.contains(&option), "{option} of {command}");
            }
        }
    }
    for (alias, command) in [("dir", "ls"), ("del", "rm")] {
        assert!(page.contains(&format!(" [alias: {alias}]")), "{alias} of {command}");
        assert!(run(tool().arg("-h")).expect(0).text().contains(&format!(" [alias: {alias}]")));
    }
    for words in ["\\fBget\\fR <REMOTE>... [LOCAL|-]", "\\fBput\\fR <LOCAL|->... <REMOTE>", "\\fBhelp\\fR"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(page.contains("[possible values: keep, per-batch] [default: keep]"));
    assert!(page.contains("Shell [possible values: bash, elvish, fish, powershell, zsh]"));
}

#[test]
fn both_end_cleanly_where_nobody_reads() {
    for arguments in [&["man"][..], &["completions", "bash"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = tool();
        let output = command.args(arguments).stdout(Stdio::from(full)).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(9), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
