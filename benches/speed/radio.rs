//! What a whole session costs over the radio, where the server's replies are the slowest part.

use std::fs;
use std::time::Duration;

use ftp_modem::emulator::{MemoryServer, Module, Options};
use ftp_modem::modem::AccessPoint;
use ftp_modem::transfer::{Download, Report, Upload};
use ftp_modem::transport::memory::MemoryPipe;
use ftp_modem::{OpenOptions, Vendor};

use crate::meter::{Meter, Metered};
use crate::plain::Plain;
use crate::rig::{FILE, Table, Way, emulated, payload, server};

/// A short report, as loggers send it.
const SIZE: usize = 1024;

/// Every reply of the server.
const REPLY: Duration = Duration::from_millis(200);
/// Every answer of the module to a command.
const COMMAND: Duration = Duration::from_millis(10);

type Line = Metered<MemoryPipe<Module>>;

/// A module whose server has the file, and the line to it.
fn module(vendor: Vendor, files: &MemoryServer) -> (Line, Meter) {
    let options = Options::default().with_reply_time(REPLY).with_latency(COMMAND);
    Metered::new(MemoryPipe::new(Module::new(emulated(vendor), files.remote(), options)), None)
}

/// One file down and up, with everything around it, by the driver and by a script that verifies nothing.
pub fn sessions() {
    let mut table = Table::new(
        "1 KiB down and up, whole session (open, attach, login, get, put, logout), in seconds, virtual time",
        &["dialect", "size of the download", "driver", "plain script", "driver / script", "download", "upload"],
    );
    let bytes = payload(SIZE);
    for is_known in [false, true] {
        for vendor in Vendor::ALL {
            let script = by_script(vendor, &bytes).as_secs_f64();
            let (taken, [down, up]) = by_driver(vendor, &bytes, is_known);
            let taken = taken.as_secs_f64();
            table.row(&[
                &vendor,
                &if is_known { "known" } else { "queried" },
                &format_args!("{taken:.2}"),
                &format_args!("{script:.2}"),
                &format_args!("{:.2}", taken / script),
                &format_args!("{:?}", down.assurance),
                &format_args!("{:?}", up.assurance),
            ]);
        }
    }
    table.print();
}

fn by_driver(vendor: Vendor, bytes: &[u8], is_known: bool) -> (Duration, [Report; 2]) {
    let files = MemoryServer::new();
    files.put(FILE, bytes);
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("file.bin");
    let (line, meter) = module(vendor, &files);
    let mut modem = OpenOptions::new().open_on(line).unwrap();
    modem.attach(&AccessPoint::default()).unwrap();
    modem.login(&server()).unwrap();
    let download = Download::new(FILE, &local);
    let download = if is_known { download.size(bytes.len() as u64) } else { download };
    let down = download.run(&mut *modem).unwrap();
    assert!(fs::read(&local).unwrap() == bytes, "another file arrived");
    files.put(FILE, "");
    let up = Upload::new(&local, FILE).run(&mut *modem).unwrap();
    assert!(files.file(FILE).unwrap() == bytes, "another file arrived");
    modem.logout().unwrap();
    (meter.since_start(), [down, up])
}

fn by_script(vendor: Vendor, bytes: &[u8]) -> Duration {
    let files = MemoryServer::new();
    files.put(FILE, bytes);
    let (line, meter) = module(vendor, &files);
    let mut script = Plain::new(line);
    script.log_in(vendor);
    assert!(script.transfer(vendor, Way::Get, bytes) == bytes, "another file arrived");
    files.put(FILE, "");
    script.transfer(vendor, Way::Put, bytes);
    script.log_out(vendor);
    assert!(files.file(FILE).unwrap() == bytes, "another file arrived");
    meter.since_start()
}
