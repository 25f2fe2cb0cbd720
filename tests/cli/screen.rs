//! The tool on a terminal of a given size. `script` (util-linux) is the terminal.

use std::io::Write;
use std::process::{Command, Stdio};

/// The sizes that every text output is tested on: columns and rows.
pub const SIZES: [(u16, u16); 2] = [(80, 24), (40, 10)];

/// Runs `tool` on a terminal of `size`, with `keys` typed. Returns what the terminal shows, stdout and stderr.
pub fn on_screen(tool: &Command, (columns, rows): (u16, u16), keys: &str) -> String {
    let words: Vec<String> = std::iter::once(tool.get_program())
        .chain(tool.get_args())
        .map(|word| format!("'{}'", word.to_str().unwrap()))
        .collect();
    let line = format!("stty cols {columns} rows {rows}; {}; echo status $?", words.join(" "));
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).env("SHELL", "/bin/sh").env("TERM", "xterm");
    for (name, value) in tool.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    if let Some(folder) = tool.get_current_dir() {
        command.current_dir(folder);
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    keyboard.write_all(keys.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    drop(keyboard);
    String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n")
}

/// Checks that no line is wider than the terminal, but for words that cannot be broken: paths, commands and rules.
#[track_caller]
pub fn assert_fits(shown: &str, (columns, _): (u16, u16)) {
    for line in shown.lines().filter(|line| line.chars().count() > usize::from(columns)) {
        let words = line.split_whitespace().count();
        assert!(words <= 2, "wider than {columns} columns: {line:?}");
    }
}
