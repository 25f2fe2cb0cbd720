//! Properties: what holds for all arguments of the encoder, however bytes are cut, wherever transfers break.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod encoder;
mod framer;
mod resume;
#[path = "../support/mod.rs"]
mod support;

use proptest::test_runner::{Config, RngSeed};

/// A number of cases, always the same ones; `PROPTEST_RNG_SEED` and `PROPTEST_CASES` in the environment choose others.
fn config(cases: u32) -> Config {
    let chosen = Config { failure_persistence: None, ..Config::default() };
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { chosen.cases } else { cases };
    let rng_seed = if chosen.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { chosen.rng_seed };
    Config { cases, rng_seed, ..chosen }
}
