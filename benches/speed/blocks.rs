//! Whether transfers wait for the module as rarely as its dialect allows.

use std::time::Duration;

use ftp_modem::Vendor;
use ftp_modem::emulator::Options;

use crate::bounds::Exchange;
use crate::rig::{MEBIBYTE, Rig, Table, Way, payload};

const BAUD: u32 = 921_600;

pub fn with_slow_modules() {
    let mut table = Table::new(
        &format!("1 MiB at {BAUD} baud from a module that takes its time for each command, virtual time"),
        &["dialect", "", "latency ms", "s", "blocks forced", "blocks x latency + line s", "ratio", "with set-up"],
    );
    let bytes = payload(MEBIBYTE);
    for vendor in Vendor::ALL {
        for way in Way::BOTH {
            let exchange = Exchange::of(vendor, way);
            for latency in [20, 100] {
                let latency = Duration::from_millis(latency);
                let options = Options::default().with_line_rate(BAUD).with_latency(latency);
                let mut rig = Rig::virtual_time(vendor, options);
                let reading = rig.transfer(way, &bytes);
                let line = reading.bytes() as f64 * 10.0 / f64::from(BAUD);
                let blocks = exchange.blocks(MEBIBYTE);
                let seconds = |commands: usize| commands as f64 * latency.as_secs_f64() + line;
                let taken = reading.elapsed.as_secs_f64();
                table.row(&[
                    &vendor,
                    &way.name(),
                    &latency.as_millis(),
                    &format_args!("{taken:.3}"),
                    &blocks,
                    &format_args!("{:.3}", seconds(blocks)),
                    &format_args!("{:.3}", taken / seconds(blocks)),
                    &format_args!("{:.3}", taken / seconds(blocks + exchange.set_up)),
                ]);
            }
        }
    }
    table.print();
}
