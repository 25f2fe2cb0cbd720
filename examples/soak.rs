//! Thousands of whole-file transfers with random faults, by drivers that run through all of them.
//!
//! ```text
//! cargo run --release --example soak -- [--transfers N] [--rate PERCENT] [--seed N]
//! ```
//!
//! The faults are those of line, module and server, and those of the host: a signal that stops the transfer, a full
//! disk, a port that disappears and returns.
//!
//! Everything runs on emulated modules in memory, in virtual time. The program fails if a file that was reported as
//! complete is wrong, if a call exceeds its deadline, if a driver cannot be used any more, or if the number of open
//! files or the memory grows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../tests/sweep/kit/mod.rs"]
mod kit;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use ftp_modem::emulator::{Extent, Plan};
use ftp_modem::{Controls, FtpModem, Retrieve, Vendor};

use kit::case::{Case, Pace};
use kit::excuse::excuse;
use kit::form::Form;
use kit::operation::{Moved, Operation, Seen, TARGET};
use kit::rig::{self, Rig, SOURCE};
use kit::support::access::emulated;
use kit::support::chance::Chance;
use kit::support::streams::Full;

type Counts = Arc<Mutex<BTreeMap<String, u64>>>;

/// Number of transfers before the memory is measured for the first time.
const WARM: u64 = 1000;
/// Largest permitted growth of the memory after that, in KiB.
const SLACK: u64 = 16 * 1024;

fn main() -> ExitCode {
    env_logger::init();
    let (mut transfers, mut rate, mut seed) = (10_000, 50, 1);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().and_then(|value| value.parse().ok());
        match (word.as_str(), value) {
            ("--transfers", Some(value)) => transfers = value,
            ("--rate", Some(value)) => rate = value,
            ("--seed", Some(value)) => seed = value,
            _ => {
                eprintln!("usage: soak [--transfers N] [--rate PERCENT] [--seed N]");
                return ExitCode::from(2);
            }
        }
    }
    println!("{transfers} transfers, faults in {rate} % of them, seed {seed}");
    std::panic::set_hook(Box::new(|_| {}));
    let counts = Counts::default();
    let (next, warm) = (AtomicU64::new(0), AtomicU64::new(0));
    let files = open_files();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let folder = kit::crew::scratch();
                let mut rigs = BTreeMap::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number == WARM.min(transfers / 2) {
                        warm.store(status("VmRSS"), Ordering::Relaxed);
                    }
                    if number >= transfers {
                        return;
                    }
                    transfer(number, rate, seed, &mut rigs, folder.path(), &counts);
                }
            });
        }
    });
    let growth = status("VmRSS").saturating_sub(warm.into_inner());
    let left_open = open_files().saturating_sub(files);
    let counts = counts.lock().unwrap();
    for (what, count) in counts.iter() {
        println!("{count:>9}  {what}");
    }
    println!(
        "memory: {growth} KiB more after the first {WARM}, at most {} KiB; {left_open} files left open",
        status("VmHWM")
    );
    let failed: u64 = counts.iter().filter(|(what, _)| what.starts_with("FAILED")).map(|(_, count)| count).sum();
    println!("{failed} failed");
    if failed == 0 && growth <= SLACK && left_open == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What goes wrong on the side of the host.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    None,
    /// A signal stops the transfer once so many bytes have passed.
    Signal(usize),
    /// The local disk has room for so many bytes of a download.
    FullDisk(usize),
    /// The port disappears once so many bytes have passed, and returns.
    LostPort(usize, Duration),
}

impl Trouble {
    /// One transfer in five has one.
    fn choose(chance: &mut Chance, operation: Operation) -> Self {
        let after = chance.below(4000);
        match chance.below(15) {
            0 => Trouble::Signal(after),
            1 if operation == Operation::Download => Trouble::FullDisk(after % 2900),
            2 => Trouble::LostPort(after, Duration::from_millis(100 * chance.below(200) as u64)),
            _ => Trouble::None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Trouble::None => "none",
            Trouble::Signal(_) => "signal",
            Trouble::FullDisk(_) => "full disk",
            Trouble::LostPort(..) => "lost port",
        }
    }

    /// Runs the operation in it.
    fn perform(
        self,
        operation: Operation,
        rig: &mut Rig,
        limit: Duration,
        folder: &Path,
    ) -> ftp_modem::Result<Option<Seen>> {
        let controls = rig.modem.controls().clone();
        match self {
            Trouble::None => {}
            Trouble::Signal(after) => {
                let flag = Arc::new(AtomicBool::new(false));
                rig.line.stop_after(after, flag.clone());
                rig.modem.set_controls(controls.clone().with_cancel(flag));
            }
            Trouble::FullDisk(room) => {
                let mut full = Full::after(room);
                rig.modem.set_controls(controls.clone().with_budget(limit));
                let outcome = rig.modem.retrieve(SOURCE, &Retrieve::whole(), &mut full);
                rig.modem.set_controls(controls);
                return outcome.map(|_| None);
            }
            Trouble::LostPort(after, time) => rig.line.unplug_after(after, time),
        }
        let outcome = operation.perform(rig, limit, folder, &mut Moved::default());
        rig.line.calm();
        rig.modem.set_controls(controls);
        outcome.map(Some)
    }
}

/// Runs transfer `number` with its faults, and restores the connection afterwards.
fn transfer(number: u64, rate: u64, seed: u64, rigs: &mut BTreeMap<&str, Rig>, folder: &Path, counts: &Counts) {
    let vendor = Vendor::ALL[(number % 5) as usize];
    let operation = if (number / 5).is_multiple_of(2) { Operation::Download } else { Operation::Upload };
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9).wrapping_add(number));
    let mut plan = Plan::none();
    let mut trouble = Trouble::None;
    let is_disturbed = (chance.below(100) as u64) < rate;
    if is_disturbed {
        trouble = Trouble::choose(&mut chance, operation);
    }
    if is_disturbed && trouble == Trouble::None {
        let mut extent = Extent::new(emulated(vendor));
        (extent.input, extent.output) = (3500, 3500);
        // Two faults may cancel each other: one byte is lost, another one is doubled.
        extent.faults = 1;
        plan = Plan::random(chance.next(), &extent);
    }
    let pace = if chance.below(4) == 0 { Pace::Hurried } else { Pace::Patient };
    let form = Form::default();
    let case = Case { vendor, operation, pace, form, plan };
    let count = |what: String| *counts.lock().unwrap().entry(what).or_default() += 1;

    let content = case.content();
    let rig = rigs.entry(vendor.name()).or_insert_with(|| {
        let mut rig = Rig::open(vendor, operation, form).unwrap();
        rig.connect().unwrap();
        watch(&mut *rig.modem, counts);
        rig
    });
    rig.content = content.clone();
    rig.files.put(SOURCE, content.clone());
    rig.play(&case.plan);
    let begun = rig.line.elapsed();
    let outcome = trouble.perform(operation, rig, pace.limit(), folder);
    let late = rig.line.elapsed() - begun > pace.limit() + pace.limit() / 10;
    let fail = |what: &str, words: String| {
        count(format!("FAILED: {what}"));
        println!("transfer {number}: {case}, {trouble:?}   # {what}: {words}");
    };
    if late {
        fail("deadline exceeded", format!("{outcome:?}"));
    }
    match &outcome {
        Ok(None) => fail("a full disk took the file", String::new()),
        Ok(Some(seen)) => {
            // The server may have replaced the file in the meantime. The new file is then right.
            let wanted =
                if operation == Operation::Download { rig.files.file(SOURCE).unwrap() } else { content.clone() };
            let got = match operation {
                Operation::Download => fs::read(folder.join("file.bin")).unwrap(),
                _ => rig.files.file(TARGET).unwrap_or_default(),
            };
            if got == wanted || got == content {
                count(format!("{vendor}: right"));
            } else if let Some(reason) = excuse(&case, seen, &got, &wanted, rig) {
                count(format!("undetectable: {reason}"));
            } else {
                fail("wrong bytes", format!("{seen:?}"));
            }
        }
        Err(error) if trouble == Trouble::None => count(format!("error: {}", error.kind())),
        Err(error) => count(format!("{}: {}", trouble.name(), error.kind())),
    }
    if let Err(words) = restore(rig, counts, outcome.map(drop)) {
        fail("driver not usable any more", words);
        rigs.remove(vendor.name());
    }
}

/// Ends the fault and checks that the driver works: as it is, after attach and login, or with a new driver.
fn restore(rig: &mut Rig, counts: &Counts, outcome: ftp_modem::Result<()>) -> Result<(), String> {
    let count = |what: &str| *counts.lock().unwrap().entry(format!("afterwards: {what}")).or_default() += 1;
    rig.heal_after(Pace::Patient.limit());
    if outcome.is_ok() && rig.modem.size(rig::PLAIN).is_ok() {
        count("clean");
        return Ok(());
    }
    if rig.connect().is_ok() || rig.connect().is_ok() {
        count("attached and logged in again");
        return Ok(());
    }
    count("new driver");
    rig.replace_driver().map_err(|error| error.to_string())?;
    watch(&mut *rig.modem, counts);
    rig.connect().map_err(|error| error.to_string())
}

/// Counts the recovery steps of the driver.
fn watch(modem: &mut dyn FtpModem, counts: &Counts) {
    let counts = counts.clone();
    let observer = move |step| *counts.lock().unwrap().entry(format!("recovery: {step}")).or_default() += 1;
    modem.set_controls(Controls::new().with_observer(observer));
}

/// Returns a value of `/proc/self/status` in KiB, or 0 on systems without this file.
fn status(name: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or(0)
}

fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}
