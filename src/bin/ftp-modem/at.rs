//! `at`: raw AT commands and their answers.

use ftp_modem::backend::without_secrets;
use ftp_modem::transfer::Needs;
use serde::Serialize;

use crate::args::At;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::text::shown;
use crate::{connection, output};

/// JSON of one command.
#[derive(Serialize)]
struct Answered<'a> {
    command: &'a str,
    lines: &'a [String],
}

/// Sends the commands in order, and prints the lines of their answers. The first command that fails ends the run.
///
/// # Errors
/// The errors of opening the module and of the commands.
pub fn run(settings: &Settings, at: &At) -> Result<(), Failure> {
    // No retries: a command may have been carried out although its answer was lost.
    connection::run(settings, Needs::Module, |modem, _| {
        for command in &at.commands {
            let lines = modem.command(&command.0).map_err(|error| Failure::from(error).without_retry())?;
            if settings.json {
                output::json(&Answered { command: &without_secrets(&command.0), lines: &lines })?;
            } else {
                lines.iter().try_for_each(|line| output::line(&shown(line)))?;
            }
        }
        Ok(())
    })
}
