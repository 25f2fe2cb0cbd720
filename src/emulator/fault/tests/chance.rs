//! Plans by chance: replayable, and nothing they do brings the emulator down.

use std::collections::BTreeSet;

use super::{EVERY, LONG, line};
use crate::emulator::{Extent, Plan, Vendor};

#[test]
fn random_plans_print_and_parse() {
    for vendor in Vendor::ALL {
        let extent = Extent::new(vendor);
        for seed in 0..2000 {
            let plan = Plan::random(seed, &extent);
            assert!((1..=3).contains(&plan.faults.len()));
            assert_eq!(plan.to_string().parse(), Ok(plan.clone()), "{plan}");
            assert_eq!(plan, Plan::random(seed, &extent));
        }
    }
}

#[test]
fn random_plans_come_to_every_kind_of_fault() {
    let extent = Extent::new(Vendor::Quectel);
    let kinds: BTreeSet<String> = (0..5000)
        .flat_map(|seed| Plan::random(seed, &extent).faults)
        .map(|fault| {
            let text = fault.to_string();
            text.split(|sign: char| !sign.is_ascii_alphabetic())
                .filter(|word| word.len() > 1 && word.chars().all(|sign| sign.is_ascii_lowercase()))
                .take(2)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    for kind in [
        "in delete",
        "out duplicate",
        "in flip",
        "out insert",
        "in stall",
        "out drip",
        "in hangup",
        "out restart",
        "in datamode",
        "line lose",
        "line delay",
        "line repeat",
        "line swap",
        "line number",
        "head number",
        "payload shorten",
        "payload extend",
        "slow ms",
        "server drop",
        "server short",
        "server norest",
        "server listing",
        "server part",
        "server replace",
        "server full",
    ] {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
}

#[test]
fn the_extent_is_kept() {
    let mut extent = Extent::new(Vendor::Luat);
    extent.input = 0;
    extent.lines.clear();
    extent.server = false;
    extent.endless = false;
    for seed in 0..2000 {
        let plan = Plan::random(seed, &extent).to_string();
        for never in ["in@", "line#", "head#", "payload#", "server", "hangup", "forever"] {
            assert!(!plan.contains(never), "{plan}");
        }
    }
    extent.output = 0;
    extent.faults = 0;
    assert!(Plan::random(1, &extent).to_string().starts_with("slow"));
}

#[test]
fn no_plan_brings_the_module_down_and_each_is_replayed_alike() {
    for make in EVERY {
        let vendor = make().vendor;
        let extent = Extent::new(vendor);
        for seed in 0..300 {
            let plan = Plan::random(seed, &extent).to_string();
            let run = || {
                let mut bench = make();
                bench.play(&plan);
                bench.send(b"AT\r");
                let mut text = bench.after(LONG);
                for line in line(vendor).split_inclusive('\r') {
                    bench.send(line.as_bytes());
                    text.extend(bench.after(LONG));
                }
                text
            };
            assert_eq!(run(), run(), "{plan}");
        }
    }
}
