//! Plans as text.

mod parse;
mod print;
mod reader;

/// The text is no [`Plan`](super::Plan).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPlan(String);

impl std::fmt::Display for InvalidPlan {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "no plan of faults: {}", self.0)
    }
}

impl std::error::Error for InvalidPlan {}

/// The units of times, the greatest first: nanoseconds and name.
const UNITS: [(u128, &str); 4] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1000, "us"), (1, "ns")];
