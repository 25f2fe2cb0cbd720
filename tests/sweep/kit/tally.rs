//! What came of many runs, counted.

use std::collections::BTreeMap;
use std::fmt;

use super::case::Case;
use super::run::Outcome;
use super::verdict::Verdict;

/// Counts by outcome, and the line of every run that failed.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub runs: u64,
    counts: BTreeMap<String, u64>,
    pub failures: Vec<String>,
}

impl Tally {
    pub fn note(&mut self, case: &Case, outcome: &Outcome) {
        self.runs += 1;
        let ended = match &outcome.verdict {
            Verdict::Right => "right".to_owned(),
            Verdict::Refused(kind) => format!("error: {kind}"),
            Verdict::Undetectable(reason) => format!("undetectable: {reason}"),
            Verdict::Wrong(_) => "WRONG".to_owned(),
        };
        let afterwards = match &outcome.after {
            Ok(after) => format!("then: {after:?}"),
            Err(_) => "then: NOT RECOVERED".to_owned(),
        };
        *self.counts.entry(ended).or_default() += 1;
        *self.counts.entry(afterwards).or_default() += 1;
        if let Some(words) = outcome.failure() {
            self.failures.push(format!("cargo run --example sweep -- --replay '{case}'   # {words}"));
        }
    }

    pub fn add(&mut self, other: Tally) {
        self.runs += other.runs;
        for (what, count) in other.counts {
            *self.counts.entry(what).or_default() += count;
        }
        self.failures.extend(other.failures);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} runs", self.runs)?;
        for (what, count) in &self.counts {
            writeln!(f, "{count:>9}  {what}")?;
        }
        write!(f, "{:>9}  failed", self.failures.len())
    }
}
