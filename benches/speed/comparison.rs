//! Compares the driver with a plain script and with the bare line.

use ftp_modem::Vendor;
use ftp_modem::emulator::{MemoryServer, Module, Options};
use ftp_modem::transport::memory::MemoryPipe;
use std::time::Duration;

use crate::meter::Metered;
use crate::plain::Plain;
use crate::rig::{FILE, MEBIBYTE, Rig, Table, Way, emulated, payload};

const BAUD: u32 = 460_800;

pub fn side_by_side() {
    let bytes = payload(MEBIBYTE);
    let line = MEBIBYTE as f64 * 10.0 / f64::from(BAUD);
    let mut table = Table::new(
        &format!("1 MiB at {BAUD} baud, in seconds, virtual time; the payload alone takes {line:.2}"),
        &["dialect", "", "latency ms", "this driver", "plain script (comparison only)", "script / driver"],
    );
    for vendor in Vendor::ALL {
        for way in Way::BOTH {
            for latency in [0, 20, 100] {
                let options = || Options::default().with_line_rate(BAUD).with_latency(Duration::from_millis(latency));
                let driver = Rig::virtual_time(vendor, options()).transfer(way, &bytes).elapsed.as_secs_f64();
                let plain = plain(vendor, way, options(), &bytes);
                table.row(&[
                    &vendor,
                    &way.name(),
                    &latency,
                    &format_args!("{driver:.2}"),
                    &format_args!("{plain:.2}"),
                    &format_args!("{:.2}", plain / driver),
                ]);
            }
        }
    }
    table.print();
}

fn plain(vendor: Vendor, way: Way, options: Options, bytes: &[u8]) -> f64 {
    let files = MemoryServer::new();
    if way == Way::Get {
        files.put(FILE, bytes);
    }
    let module = Module::new(emulated(vendor), files.remote(), options);
    let (line, meter) = Metered::new(MemoryPipe::new(module), Some(BAUD));
    let mut script = Plain::new(line);
    script.log_in(vendor);
    meter.reset();
    let received = script.transfer(vendor, way, bytes);
    let taken = meter.reading().elapsed;
    match way {
        Way::Get => assert!(received == bytes, "the received file differs"),
        Way::Put => assert!(files.file(FILE).unwrap() == bytes, "the received file differs"),
    }
    taken.as_secs_f64()
}
