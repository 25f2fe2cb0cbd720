//! The position sweep: every operation, with every single fault at every place of its exchange.
//!
//! A [`Case`](case::Case) is one run: a dialect, an operation and a plan of faults. It runs on an emulated module in
//! memory, in virtual time. Then the result is right, or an error reports the fault in time, and the next call works.

// No program uses all of it.
#![allow(dead_code)]

pub mod case;
pub mod crew;
pub mod excuse;
pub mod form;
pub mod operation;
pub mod plans;
pub mod rig;
pub mod run;
pub mod sheet;
#[path = "../../support/mod.rs"]
pub mod support;
pub mod tally;
pub mod verdict;
