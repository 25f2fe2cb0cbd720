//! `completions` and `man`: what a packager installs beside the tool.

use std::io;

use clap::builder::PossibleValue;
use clap::{Arg, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::args::Args;
use crate::failure::Failure;
use crate::{help, output};

/// Prints the script that completes command lines in `shell`.
///
/// # Errors
/// stdout that cannot be written.
pub fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "ftp-modem", &mut script);
    output::bytes(&script)
}

/// Prints the manual page, in the format of `man`.
///
/// # Errors
/// stdout that cannot be written.
pub fn page() -> Result<(), Failure> {
    output::bytes(&rendered().map_err(|error| output::failed(&error))?)
}

fn rendered() -> io::Result<Vec<u8>> {
    let mut command = Args::command();
    command.build();
    let page = Man::new(command.clone());
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    // The commands have no pages of their own.
    text.extend(b".SH COMMANDS\n");
    for subcommand in command.get_subcommands() {
        text.extend(described(subcommand).into_bytes());
    }
    page.render_options_section(&mut text)?;
    text.extend(reference().into_bytes());
    page.render_version_section(&mut text)?;
    Ok(text)
}

/// A command with its arguments.
fn described(command: &Command) -> String {
    let mut about = command.get_about().map(ToString::to_string).unwrap_or_default();
    for alias in command.get_visible_aliases() {
        about.push_str(&format!(" [alias: {alias}]"));
    }
    let name = command.get_name();
    let usage = command.clone().render_usage().to_string();
    let (_, arguments) = usage.split_once("[OPTIONS]").or(usage.split_once(name)).unwrap_or_default();
    let mut text = format!(".TP\n\\fB{name}\\fR{}\n{}\n", escaped(arguments.trim_end()), escaped(&about));
    let is_own = |argument: &&Arg| !argument.is_global_set() && argument.get_id() != "help";
    let arguments: Vec<_> = command.get_arguments().filter(is_own).collect();
    if !arguments.is_empty() {
        text.push_str(".RS\n");
        for argument in arguments {
            let mut help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            let values = argument.get_possible_values();
            let names: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
            if argument.get_action().takes_values() && !names.is_empty() {
                help.push_str(&format!(" [possible values: {}]", names.join(", ")));
            }
            if let [default] = argument.get_default_values()
                && !argument.is_hide_default_value_set()
            {
                help.push_str(&format!(" [default: {}]", default.to_string_lossy()));
            }
            text.push_str(&format!(".TP\n{}\n{}\n", escaped(&argument.to_string()), escaped(&help)));
        }
        text.push_str(".RE\n");
    }
    text
}

/// The text after the options in `--help`, line by line as it is there; its headings are those of sections.
fn reference() -> String {
    let mut text = String::new();
    for line in help::REFERENCE.lines() {
        match line.strip_suffix(':').filter(|_| !line.starts_with(' ')) {
            Some(heading) => text.push_str(&format!(".fi\n.SH {}\n.nf\n", heading.to_uppercase())),
            None => text.push_str(&format!("{}\n", escaped(line))),
        }
    }
    text + ".fi\n"
}

/// Text without meaning to `troff`.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    // A control line begins with a full stop or an apostrophe.
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}
