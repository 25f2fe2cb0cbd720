//! The position sweep: single faults at every place of the exchange of every operation, on emulated modules, in virtual time.
//!
//! ```text
//! cargo run --release --example sweep -- [--dialect NAME] [--operation NAME] [--seed N] [--runs N | --full]
//! cargo run --example sweep -- --replay "quectel retrieve: out@117 flip 3"
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../tests/sweep/kit/mod.rs"]
mod kit;

use std::fmt::Display;
use std::process::ExitCode;
use std::str::FromStr;

use ftp_modem::Vendor;
use ftp_modem::emulator::Plan;

use kit::case::Case;
use kit::crew;
use kit::operation::Operation;
use kit::run::{rehearse, run};
use kit::sheet::Sheet;

const USAGE: &str = "usage: sweep [--dialect NAME] [--operation NAME] [--seed N] [--runs N | --full] | --replay CASE";

/// What was asked for.
struct Wish {
    vendors: Vec<Vendor>,
    operations: Vec<Operation>,
    seed: u64,
    /// How many runs; all, where not told.
    runs: Option<usize>,
    replay: Option<Case>,
}

impl Wish {
    fn of(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut wish = Wish {
            vendors: Vendor::ALL.to_vec(),
            operations: Operation::ALL.to_vec(),
            seed: 1,
            runs: Some(50_000),
            replay: None,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--dialect" => wish.vendors = vec![parsed(&value()?)?],
                "--operation" => wish.operations = vec![parsed(&value()?)?],
                "--seed" => wish.seed = parsed(&value()?)?,
                "--runs" => wish.runs = Some(parsed(&value()?)?),
                "--full" => wish.runs = None,
                "--replay" => wish.replay = Some(parsed(&value()?)?),
                other => return Err(format!("{other:?} is not known")),
            }
        }
        Ok(wish)
    }
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error| format!("{text:?}: {error}"))
}

fn main() -> ExitCode {
    env_logger::init();
    let wish = match Wish::of(std::env::args().skip(1)) {
        Ok(wish) => wish,
        Err(words) => {
            eprintln!("{words}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let is_well = match &wish.replay {
        Some(case) => replay(case),
        None => sweep(&wish),
    };
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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
    log::info!("now with the fault");
    let outcome = run(case, &reference, folder.path());
    println!("{case}\n{outcome:?}");
    outcome.failure().is_none()
}

fn sweep(wish: &Wish) -> bool {
    let folder = crew::scratch();
    let sheets = Sheet::all(&wish.vendors, &wish.operations, folder.path());
    let all = || sheets.iter().enumerate().flat_map(|(sheet, of)| (0..of.count()).map(move |case| (sheet, case)));
    println!("{} sheets, {} cases in all; seed {}", sheets.len(), all().count(), wish.seed);
    let chosen = match wish.runs {
        Some(runs) => crew::sample(&sheets, runs, wish.seed),
        None => all().collect(),
    };
    let tally = crew::sweep(&sheets, &chosen);
    for line in &tally.failures {
        println!("{line}");
    }
    println!("{tally}");
    tally.failures.is_empty()
}
