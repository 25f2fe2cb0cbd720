//! The driver allocates nothing per block: a long transfer allocates as often as a short one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::alloc::System;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use ftp_modem::Vendor;
use ftp_modem::emulator::Options;
use ftp_modem::modem::{Retrieve, Store};
use ftp_modem::transport::Transport;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use support::expected::expected;
use support::rig::{AnyRig, module};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Returns what `work` returns, and how often it allocated.
fn counted<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let region = Region::new(ALLOCATOR);
    let outcome = work();
    let change = region.change();
    (outcome, change.allocations + change.reallocations)
}

/// A line that counts the allocations of the emulated module at its other end.
struct Line<T> {
    host: T,
    allocations: Arc<AtomicUsize>,
}

impl<T> Line<T> {
    fn pass<O>(&mut self, work: impl FnOnce(&mut T) -> O) -> O {
        let (outcome, allocations) = counted(|| work(&mut self.host));
        self.allocations.fetch_add(allocations, Ordering::Relaxed);
        outcome
    }
}

impl<T: Transport> Transport for Line<T> {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        self.pass(|host| host.read(buffer, deadline))
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        self.pass(|host| host.write(bytes, deadline))
    }

    fn now(&self) -> Instant {
        self.host.now()
    }

    fn name(&self) -> &str {
        "line"
    }
}

/// Downloads or uploads `size` bytes. Returns the number of the driver's allocations.
fn allocations(vendor: Vendor, is_upload: bool, size: u64) -> usize {
    let mut options = Options::default();
    (expected(vendor).carry)(&mut options);
    let (line, files) = module(vendor, options);
    // Every record of the log is a text of its own.
    log::set_max_level(log::LevelFilter::Off);
    let of_module = Arc::new(AtomicUsize::new(0));
    let host = Line { host: line.host(), allocations: Arc::clone(&of_module) };
    let mut rig = AnyRig::through(host, line, files);
    rig.go_online();
    rig.files.put("/a", vec![b'x'; usize::try_from(size).unwrap()]);
    let before = of_module.load(Ordering::Relaxed);
    let (transfer, all) = counted(|| match is_upload {
        true => rig.modem.store("/b", &Store::create().with_length(size), &mut io::repeat(b'x').take(size)),
        false => rig.modem.retrieve("/a", &Retrieve::whole().with_size(size), &mut io::sink()),
    });
    assert_eq!(transfer.unwrap().bytes, size);
    all - (of_module.load(Ordering::Relaxed) - before)
}

/// One test, because the allocator counts the allocations of all threads.
#[test]
fn a_long_transfer_allocates_as_often_as_a_short_one() {
    for vendor in Vendor::ALL {
        for is_upload in [false, true] {
            let [short, long] = [300_000, 900_000].map(|size| allocations(vendor, is_upload, size));
            assert_eq!(short, long, "{vendor}, {}", if is_upload { "upload" } else { "download" });
        }
    }
}
