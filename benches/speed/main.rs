//! Measures the speed of the driver on emulated modules: `cargo bench --bench speed`, or single sections, such as
//! `cargo bench --bench speed -- utilisation blocks`.
//!
//! Results in virtual time are exact and the same on every machine. All others depend on the machine and its load.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod blocks;
mod bounds;
mod comparison;
mod counts;
mod dialect;
mod endless;
mod failures;
mod many;
mod many_files;
mod meter;
mod plain;
mod processor;
mod radio;
mod replay;
mod rig;
mod setup;
mod system;
mod utilisation;

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// Counts allocations.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The sections, by name.
const SECTIONS: &[(&str, fn())] = &[
    ("utilisation", utilisation::in_virtual_time),
    ("blocks", blocks::with_slow_modules),
    ("comparison", comparison::side_by_side),
    ("module-memory", blocks::by_module_memory),
    ("radio", radio::sessions),
    ("failures", failures::time_to_errors),
    ("real-time", utilisation::in_real_time),
    ("commands", setup::commands),
    ("start", setup::own_time),
    ("throughput", processor::throughput),
    ("per-block", processor::per_block),
    ("instructions", counts::per_block),
    ("share", processor::share),
    ("memory", processor::memory),
    ("many", many::at_once),
    ("many-files", many_files::in_one_session),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [name, vendor, port] = arguments.as_slice()
        && name == setup::CLIENT
    {
        return setup::client(vendor, port);
    }
    if let [name, vendor, way] = arguments.as_slice()
        && name == processor::GIBIBYTE_CLIENT
    {
        return processor::move_gibibyte(vendor, way);
    }
    if let [name, vendor, way, blocks] = arguments.as_slice()
        && name == counts::CLIENT
    {
        return counts::move_blocks(vendor, way, blocks.parse().unwrap());
    }
    // Cargo adds `--bench`.
    let wanted: Vec<String> = arguments.into_iter().filter(|argument| !argument.starts_with("--")).collect();
    if let Some(unknown) = wanted.iter().find(|name| !SECTIONS.iter().any(|(section, _)| section == name)) {
        let names: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
        eprintln!("unknown section {unknown:?}; sections: {}", names.join(", "));
        std::process::exit(2);
    }
    for (name, section) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            section();
        }
    }
}
