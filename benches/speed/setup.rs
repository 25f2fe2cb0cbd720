//! The cost of the start: commands, and the time of the driver.

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ftp_modem::emulator::{MemoryServer, Options, PtyModule};
use ftp_modem::modem::{AccessPoint, Retrieve};
use ftp_modem::{FtpModem, OpenOptions, Vendor};
use log::{LevelFilter, Log, Metadata, Record};

use crate::rig::{FILE, Rig, Table, Way, emulated, payload, server};

/// Argument that starts this program as the client of [`own_time`].
pub const CLIENT: &str = "client";

static SENT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Collects the command lines that the driver logs.
struct Commands;

impl Log for Commands {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "ftp_modem::at::engine"
    }

    fn log(&self, record: &Record<'_>) {
        let text = record.args().to_string();
        if let Some((_, command)) = text.split_once(" > ").filter(|_| self.enabled(record.metadata())) {
            SENT.lock().unwrap_or_else(PoisonError::into_inner).push(command.to_owned());
        }
    }

    fn flush(&self) {}
}

/// Returns the commands that `work` sends.
pub fn sent(work: impl FnOnce()) -> Vec<String> {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| log::set_logger(&Commands).unwrap());
    log::set_max_level(LevelFilter::Debug);
    let take = || std::mem::take(&mut *SENT.lock().unwrap_or_else(PoisonError::into_inner));
    drop(take());
    work();
    log::set_max_level(LevelFilter::Off);
    take()
}

/// Lists the commands of each step. The file has one block, so that further blocks are not counted.
pub fn commands() {
    let mut table = Table::new(
        "Commands sent, file of 100 bytes",
        &["dialect", "open, attach, login", "1st get", "2nd get", "1st put", "2nd put", "put after get"],
    );
    let bytes = payload(100);
    let mut details = Vec::new();
    for vendor in Vendor::ALL {
        let mut rig = None;
        let start = sent(|| rig = Some(Rig::virtual_time(vendor, Options::default())));
        let mut rig = rig.unwrap();
        let mut step = |way| {
            sent(|| {
                rig.transfer(way, &bytes);
            })
        };
        let steps =
            [start, step(Way::Get), step(Way::Get), step(Way::Put), step(Way::Put), step(Way::Get), step(Way::Put)];
        let count = |index: usize| steps[index].len();
        table.row(&[&vendor, &count(0), &count(1), &count(2), &count(3), &count(4), &count(6)]);
        details.push((vendor, steps));
    }
    table.print();
    println!();
    for (vendor, steps) in &details {
        for (name, step) in ["start", "1st get", "2nd get", "1st put", "2nd put"].iter().zip(steps) {
            println!("{vendor} {name}: {}", step.join(" | "));
        }
    }
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

/// Measures the time from the start of a process to the first byte of a file, on a module without latency.
pub fn own_time() {
    let mut table = Table::new(
        "Process start to first payload byte, module latency 0, unpaced pseudo-terminal, best of 10",
        &["dialect", "ms"],
    );
    for vendor in Vendor::ALL {
        let files = MemoryServer::new();
        files.put(FILE, payload(100));
        let best = (0..10).map(|_| {
            let pty = PtyModule::spawn(emulated(vendor), files.remote(), Options::default()).unwrap();
            let mut client = Command::new(std::env::current_exe().unwrap());
            client.args([CLIENT, vendor.name(), pty.path()]).stdout(Stdio::piped());
            let start = now();
            let mut client = client.spawn().unwrap();
            let mut text = String::new();
            client.stdout.take().unwrap().read_to_string(&mut text).unwrap();
            assert!(client.wait().unwrap().success());
            Duration::from_nanos(text.trim().parse().unwrap()).saturating_sub(start)
        });
        let best = best.min().unwrap_or_default();
        table.row(&[&vendor, &format_args!("{:.2}", best.as_secs_f64() * 1e3)]);
    }
    table.print();
}

/// Records the time of the first byte.
struct First(Option<Duration>);

impl Write for First {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.get_or_insert_with(now);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs the client of [`own_time`].
pub fn client(vendor: &str, port: &str) {
    let mut modem: Box<dyn FtpModem> = OpenOptions::new().vendor(vendor.parse().unwrap()).open(port).unwrap();
    modem.attach(&AccessPoint::default()).unwrap();
    modem.login(&server()).unwrap();
    let mut first = First(None);
    modem.retrieve(FILE, &Retrieve::whole(), &mut first).unwrap();
    println!("{}", first.0.unwrap().as_nanos());
}
