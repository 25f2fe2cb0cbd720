//! Utilisation of the line, and the share of payload.

use ftp_modem::Vendor;
use ftp_modem::emulator::Options;

use crate::bounds::Exchange;
use crate::rig::{MEBIBYTE, Rig, Table, Way, payload};
use crate::system;

const RATES: [u32; 4] = [115_200, 460_800, 921_600, 3_000_000];

/// Measures in virtual time, in which only driver, module and line can be slow. The results are exact.
pub fn in_virtual_time() {
    let mut table = Table::new(
        "Line utilisation, 1 MiB, module latency 0, virtual time",
        &["dialect", "", "baud", "s", "line used", "payload/line", "bound", "longest gap ms"],
    );
    let bytes = payload(MEBIBYTE);
    for vendor in Vendor::ALL {
        for way in Way::BOTH {
            let bound = Exchange::of(vendor, way).bound();
            for baud in RATES {
                let mut rig = Rig::virtual_time(vendor, Options::default().with_line_rate(baud));
                let reading = rig.transfer(way, &bytes);
                table.row(&[
                    &vendor,
                    &way.name(),
                    &baud,
                    &format_args!("{:.3}", reading.elapsed.as_secs_f64()),
                    &format_args!("{:.4}", reading.utilisation(baud)),
                    &format_args!("{:.4}", MEBIBYTE as f64 / reading.bytes() as f64),
                    &format_args!("{bound:.4}"),
                    &format_args!("{:.2}", reading.longest_gap.as_secs_f64() * 1e3),
                ]);
            }
        }
    }
    table.print();
}

/// Measures on a pseudo-terminal. The timers of the operating system reduce the utilisation, in the module and the
/// driver.
pub fn in_real_time() {
    let mut table = Table::new(
        &format!("Line utilisation, 256 KiB on a pseudo-terminal, real time, best of 3, load {}", system::load()),
        &["dialect", "", "baud", "s", "line used", "longest gap ms"],
    );
    let bytes = payload(256 * 1024);
    for vendor in Vendor::ALL {
        for way in Way::BOTH {
            for baud in [921_600, 3_000_000] {
                let mut rig = Rig::real_time(vendor, Options::default().with_line_rate(baud));
                let readings: Vec<_> = (0..3).map(|_| rig.transfer(way, &bytes)).collect();
                let best = readings.iter().min_by_key(|reading| reading.elapsed).unwrap();
                table.row(&[
                    &vendor,
                    &way.name(),
                    &baud,
                    &format_args!("{:.3}", best.elapsed.as_secs_f64()),
                    &format_args!("{:.4}", best.utilisation(baud)),
                    &format_args!("{:.2}", best.longest_gap.as_secs_f64() * 1e3),
                ]);
            }
        }
    }
    table.print();
}
