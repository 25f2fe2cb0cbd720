//! The position sweep: one fault at each position of the exchange of each operation, on emulated modules, in virtual
//! time.
//!
//! ```text
//! cargo run --release --example sweep -- [--dialect NAME] [--operation NAME] [--damage DAMAGE] [--seed N]
//!                                        [--runs N | --full]
//! cargo run --example sweep -- --replay "quectel retrieve: out@117 flip 3"
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../tests/sweep/kit/mod.rs"]
mod kit;

use std::fmt::Display;
use std::process::ExitCode;
use std::str::FromStr;

use ftp_modem::Vendor;
use ftp_modem::emulator::{Damage, Fault, Plan};

use kit::case::Case;
use kit::crew;
use kit::operation::Operation;
use kit::run::{rehearse, run};
use kit::sheet::Sheet;

const USAGE: &str =
    "usage: sweep [--dialect NAME] [--operation NAME] [--damage DAMAGE] [--seed N] [--runs N | --full] |
       sweep --replay CASE";

/// The arguments.
struct Arguments {
    vendors: Vec<Vendor>,
    operations: Vec<Operation>,
    /// What happens to bytes. `None` means every fault.
    damage: Option<Damage>,
    seed: u64,
    /// Number of runs. `None` means every case.
    runs: Option<usize>,
    replay: Option<Case>,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Arguments {
            vendors: Vendor::ALL.to_vec(),
            operations: Operation::ALL.to_vec(),
            damage: None,
            seed: 1,
            runs: Some(50_000),
            replay: None,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--dialect" => arguments.vendors = vec![parsed(&value()?)?],
                "--operation" => arguments.operations = vec![parsed(&value()?)?],
                "--damage" => arguments.damage = Some(damage(&value()?)?),
                "--seed" => arguments.seed = parsed(&value()?)?,
                "--runs" => arguments.runs = Some(parsed(&value()?)?),
                "--full" => arguments.runs = None,
                "--replay" => arguments.replay = Some(parsed(&value()?)?),
                other => return Err(format!("unknown argument {other:?}")),
            }
        }
        Ok(arguments)
    }
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error| format!("{text:?}: {error}"))
}

fn damage(text: &str) -> Result<Damage, String> {
    match parsed(&format!("in@0 {text}"))? {
        Fault::Byte { damage, .. } => Ok(damage),
        _ => Err(format!("{text:?} is not what happens to a byte")),
    }
}

fn main() -> ExitCode {
    env_logger::init();
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(words) => {
            eprintln!("{words}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let succeeded = match &arguments.replay {
        Some(case) => replay(case),
        None => sweep(&arguments),
    };
    if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn replay(case: &Case) -> bool {
    let folder = crew::scratch();
    let without_fault = Case { plan: Plan::none(), ..case.clone() };
    let (reference, _) = match rehearse(&without_fault, folder.path()) {
        Ok(rehearsed) => rehearsed,
        Err(error) => {
            eprintln!("{without_fault} {error}");
            return false;
        }
    };
    log::info!("the same run with the fault");
    let outcome = run(case, &reference, folder.path());
    println!("{case}\n{outcome:?}");
    outcome.failure().is_none()
}

fn sweep(arguments: &Arguments) -> bool {
    let folder = crew::scratch();
    let sheets = Sheet::all(&arguments.vendors, &arguments.operations, arguments.damage.as_ref(), folder.path());
    let all = || sheets.iter().enumerate().flat_map(|(sheet, of)| (0..of.count()).map(move |case| (sheet, case)));
    println!("{} sheets, {} cases in all; seed {}", sheets.len(), all().count(), arguments.seed);
    let chosen = match arguments.runs {
        Some(runs) => crew::sample(&sheets, runs, arguments.seed),
        None => all().collect(),
    };
    let tally = crew::sweep(&sheets, &chosen);
    for line in &tally.failures {
        println!("{line}");
    }
    println!("{tally}");
    tally.failures.is_empty()
}
