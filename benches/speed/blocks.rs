//! The cost of the module's answer times: transfers should wait for the module as rarely as the dialect allows.

use std::time::Duration;

use ftp_modem::backend::luat::Luat;
use ftp_modem::emulator::{MemoryServer, Module, Options};
use ftp_modem::modem::AccessPoint;
use ftp_modem::transport::memory::MemoryPipe;
use ftp_modem::{FtpModem, OpenOptions, Vendor};

use crate::bounds::Exchange;
use crate::meter::Metered;
use crate::rig::{FILE, MEBIBYTE, Rig, Table, Way, emulated, payload, server, transfer};

const BAUD: u32 = 921_600;

pub fn with_slow_modules() {
    let mut table = Table::new(
        &format!("1 MiB at {BAUD} baud, module with a latency for each command, virtual time"),
        &["dialect", "", "latency ms", "s", "blocks needed", "blocks x latency + line s", "ratio", "with set-up"],
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

/// Measures transfers through the memory of a Luat module, which a program can request.
pub fn by_module_memory() {
    const SIZE: usize = 300_000;
    let mut table = Table::new(
        &format!(
            "{SIZE} bytes at {BAUD} baud through the memory of a Luat module (FTPEXTGET, FTPEXTPUT), virtual time"
        ),
        &["", "latency ms", "small blocks s", "memory s"],
    );
    let bytes = payload(SIZE);
    for way in Way::BOTH {
        for latency in [0, 20, 100] {
            let latency = Duration::from_millis(latency);
            let taken = [false, true].map(|by_memory| {
                let options = Options::default().with_line_rate(BAUD).with_latency(latency);
                let files = MemoryServer::new();
                files.put(FILE, bytes.clone());
                let module = Module::new(emulated(Vendor::Luat), files.remote(), options);
                let (line, meter) = Metered::new(MemoryPipe::new(module), Some(BAUD));
                let mut modem: Luat = OpenOptions::new().open_as_on(line).unwrap();
                modem.attach(&AccessPoint::default()).unwrap();
                modem.login(&server()).unwrap();
                modem.use_memory(by_memory).unwrap();
                meter.reset();
                match way {
                    Way::Get => transfer::get(&mut modem, &mut Vec::new()),
                    Way::Put => transfer::put(&mut modem, &mut bytes.as_slice(), SIZE as u64),
                }
                format!("{:.3}", meter.reading().elapsed.as_secs_f64())
            });
            table.row(&[&way.name(), &latency.as_millis(), &taken[0], &taken[1]]);
        }
    }
    table.print();
}
