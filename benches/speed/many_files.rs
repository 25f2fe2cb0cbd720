//! Many small files in one session, as `ftp-modem get 'out/*'` downloads them and `ftp-modem put *.csv in/` uploads
//! them.

use std::time::Duration;

use ftp_modem::Vendor;
use ftp_modem::emulator::Options;
use ftp_modem::modem::Assurance;
use ftp_modem::transfer::{Download, Upload};

use crate::rig::{Rig, Table, payload};
use crate::setup::sent;

const FILES: usize = 100;
const SIZE: usize = 1024;
const FOLDER: &str = "/out";

/// Every reply of the server.
const REPLY: Duration = Duration::from_millis(200);
/// Every answer of the module to a command.
const COMMAND: Duration = Duration::from_millis(10);

/// Downloads all files of a directory, with the sizes from its listing, or with a query for each file.
pub fn in_one_session() {
    let mut table = Table::new(
        &format!("{FILES} files of {SIZE} bytes, one listing, one session, virtual time"),
        &["dialect", "size of each file", "commands for the listing", "s", "commands per file", "s per file"],
    );
    for vendor in Vendor::ALL {
        for is_listed in [true, false] {
            let run = run(vendor, is_listed);
            table.row(&[
                &vendor,
                &if is_listed { "from the listing" } else { "queried" },
                &run.listing.0,
                &format_args!("{:.2}", run.listing.1.as_secs_f64()),
                &format_args!("{:.2}", run.files.0 as f64 / FILES as f64),
                &format_args!("{:.2}", run.files.1.as_secs_f64() / FILES as f64),
            ]);
        }
    }
    table.print();

    let mut table = Table::new(
        &format!("upload of {FILES} files of {SIZE} bytes, one session, virtual time"),
        &["dialect", "assurance", "commands per file", "s per file"],
    );
    for vendor in Vendor::ALL {
        let (assurance, files) = uploaded(vendor);
        table.row(&[
            &vendor,
            &format_args!("{assurance:?}"),
            &format_args!("{:.2}", files.0 as f64 / FILES as f64),
            &format_args!("{:.2}", files.1.as_secs_f64() / FILES as f64),
        ]);
    }
    table.print();
}

/// Number of commands, and time.
type Cost = (usize, Duration);

struct Run {
    listing: Cost,
    files: Cost,
}

fn rig(vendor: Vendor) -> Rig {
    Rig::virtual_time(vendor, Options::default().with_reply_time(REPLY).with_latency(COMMAND))
}

fn uploaded(vendor: Vendor) -> (Assurance, Cost) {
    let mut rig = rig(vendor);
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("file");
    std::fs::write(&local, payload(SIZE)).unwrap();
    let mut assurance = Assurance::ContentCompared;
    let files = measured(&mut rig, |rig| {
        for number in 0..FILES {
            let report = Upload::new(&local, format!("{number:03}.csv")).run(&mut *rig.modem).unwrap();
            assert_eq!((report.size, report.attempts), (SIZE as u64, 1));
            assurance = assurance.min(report.assurance);
        }
    });
    (assurance, files)
}

fn run(vendor: Vendor, is_listed: bool) -> Run {
    let mut rig = rig(vendor);
    let bytes = payload(SIZE);
    for number in 0..FILES {
        rig.files.put(format!("{FOLDER}/{number:03}.csv"), bytes.clone());
    }
    let mut entries = Vec::new();
    let listing = measured(&mut rig, |rig| entries = rig.modem.list(FOLDER).unwrap());
    assert_eq!(entries.len(), FILES);
    let folder = tempfile::tempdir().unwrap();
    let files = measured(&mut rig, |rig| {
        for entry in &entries {
            let name = std::str::from_utf8(&entry.name).unwrap();
            let mut download = Download::new(format!("{FOLDER}/{name}"), folder.path().join(name));
            if is_listed {
                download = download.size(entry.size.unwrap());
            }
            let report = download.run(&mut *rig.modem).unwrap();
            assert_eq!((report.size, report.attempts), (SIZE as u64, 1));
        }
    });
    Run { listing, files }
}

fn measured(rig: &mut Rig, work: impl FnOnce(&mut Rig)) -> Cost {
    rig.meter.reset();
    let commands = sent(|| work(rig)).len();
    (commands, rig.meter.reading().elapsed)
}
