//! Many modules in one process.

use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use ftp_modem::Vendor;
use ftp_modem::emulator::Options;

use crate::rig::{Rig, Table, Way, payload};
use crate::system;

const MODULES: usize = 64;
const BAUD: u32 = 115_200;
const SIZE: usize = 128 * 1024;

/// Measures all lines at the same time, one thread per line. The emulated modules run in the same process; their
/// processor time is listed separately.
pub fn at_once() {
    let mut table = Table::new(
        &format!(
            "{MODULES} modules at {BAUD} baud from one process, {SIZE} bytes each, load before {}",
            system::load()
        ),
        &["", "s", "line used: least", "median", "drivers, cores", "with the emulated modules, cores"],
    );
    let bytes = payload(SIZE);
    for way in Way::BOTH {
        let barrier = Barrier::new(MODULES + 1);
        let (mut lines, drivers, all, taken) = thread::scope(|scope| {
            let threads: Vec<_> = (0..MODULES)
                .map(|index| {
                    let (barrier, bytes) = (&barrier, &bytes);
                    scope.spawn(move || {
                        let vendor = Vendor::ALL[index % Vendor::ALL.len()];
                        let mut rig = Rig::real_time(vendor, Options::default().with_line_rate(BAUD));
                        barrier.wait();
                        let before = system::thread_time();
                        let reading = rig.transfer(way, bytes);
                        let used = system::thread_time() - before;
                        barrier.wait();
                        // No thread may end before the process time is read.
                        barrier.wait();
                        (reading.utilisation(BAUD), used.as_secs_f64())
                    })
                })
                .collect();
            barrier.wait();
            let (start, before) = (Instant::now(), system::process_time());
            barrier.wait();
            let (taken, used) = (start.elapsed(), system::process_time() - before);
            barrier.wait();
            let results: Vec<(f64, f64)> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
            let lines: Vec<f64> = results.iter().map(|result| result.0).collect();
            let drivers: f64 = results.iter().map(|result| result.1).sum();
            (lines, drivers, used.as_secs_f64(), taken.as_secs_f64())
        });
        lines.sort_by(f64::total_cmp);
        table.row(&[
            &way.name(),
            &format_args!("{taken:.2}"),
            &format_args!("{:.4}", lines[0]),
            &format_args!("{:.4}", lines[MODULES / 2]),
            &format_args!("{:.2}", drivers / taken),
            &format_args!("{:.2}", all / taken),
        ]);
    }
    table.print();
}
