//! `ftp-modem`: a command-line FTP client that uses the FTP client inside a cellular module.
//!
//! Data goes to stdout, everything else to stderr. An error is one line. [`failure`] defines the exit statuses,
//! [`args`] the options.

#![forbid(unsafe_code)]

mod account;
mod args;
mod at;
mod batch;
mod cause;
mod choice;
mod commands;
mod connection;
mod doctor;
mod emulate;
mod failure;
mod get;
mod help;
mod info;
mod interrupt;
mod item;
mod listing;
mod logging;
mod manual;
mod output;
mod password;
mod pattern;
mod pin;
mod port;
mod ports;
mod progress;
mod put;
mod settings;
mod spool;
mod stream;
mod terminal;
mod text;
mod times;
mod values;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command, Options};
use failure::Failure;
use interrupt::Interrupt;
use settings::Settings;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return help::answer(&error),
    };
    logging::start(args.options.quiet, args.options.verbose);
    let interrupt = Interrupt::default();
    let what = args.command.words();
    let outcome = run(args.options, args.command, &interrupt);
    match outcome {
        Err(failure) => {
            if !failure.is_reported() {
                logging::error(&what, &failure, interrupt.seen());
            }
            ExitCode::from(interrupt.status().unwrap_or(failure.status()))
        }
        Ok(()) => interrupt.status().map_or(ExitCode::SUCCESS, ExitCode::from),
    }
}

fn run(options: Options, command: Command, interrupt: &Interrupt) -> Result<(), Failure> {
    match command {
        Command::Emulate(emulate) => emulate::run(&options, &emulate, interrupt),
        Command::Ports(listing) => ports::run(&options, &listing),
        Command::Udev => ports::udev(),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man => manual::page(),
        Command::Doctor(doctor) => {
            interrupt.install()?;
            doctor::run(options, doctor, interrupt.clone())
        }
        command => {
            interrupt.install()?;
            let settings = Settings::new(options, &command, interrupt.clone())?;
            commands::run(&settings, &command)
        }
    }
}
