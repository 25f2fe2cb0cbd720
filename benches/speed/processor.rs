//! Processor time and memory of the driver.

use std::io::{self, Read, Write};
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use ftp_modem::emulator::{Module, Options};
use ftp_modem::internals::{Engine, Sink};
use ftp_modem::modem::AccessPoint;
use ftp_modem::transport::Transport;
use ftp_modem::transport::memory::MemoryPipe;
use ftp_modem::transport::serial::{Serial, SerialSettings};
use ftp_modem::{FtpModem, OpenOptions, Vendor};
use serialport::{SerialPort, TTYPort};
use stats_alloc::Region;

use crate::endless::Endless;
use crate::replay::{Player, Recorder};
use crate::rig::{FILE, MEBIBYTE, Rig, Table, Way, emulated, payload, server, transfer};
use crate::system;

const LIMIT: Duration = Duration::from_secs(60);
const GIBIBYTE: u64 = 1 << 30;

/// A transport that provides bytes as fast as they can be copied.
struct Firehose(Vec<u8>);

impl Transport for Firehose {
    fn read(&mut self, buffer: &mut [u8], _: Instant) -> io::Result<usize> {
        let count = buffer.len().min(self.0.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8], _: Instant) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn name(&self) -> &str {
        "firehose"
    }
}

/// A writer that copies its data, as every real consumer does at least once.
struct Copying {
    to: Vec<u8>,
    total: u64,
}

impl Copying {
    fn new() -> Self {
        Copying { to: vec![0; 64 * 1024], total: 0 }
    }
}

impl Write for Copying {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(self.to.len());
        self.to[..count].copy_from_slice(&bytes[..count]);
        self.total += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the rate of the best of several runs in bytes per second.
fn best_rate(bytes: u64, runs: usize, mut run: impl FnMut() -> Duration) -> f64 {
    let best = (0..runs).map(|_| run()).min().unwrap_or_default();
    bytes as f64 / best.as_secs_f64()
}

pub fn throughput() {
    let mut table = Table::new(
        &format!("Unpaced throughput, best of 10, load {}", system::load()),
        &["path", "MB/s", "of the limit"],
    );
    let mega = |rate: f64| format!("{:.0}", rate / 1e6);

    let rate = best_rate(4 * GIBIBYTE, 10, || {
        let mut engine = Engine::new(Box::new(Firehose(vec![b'x'; 64 * 1024])));
        let mut copying = Copying::new();
        let mut sink = Sink::new(&mut copying);
        let start = Instant::now();
        engine.payload().block(4 * GIBIBYTE, LIMIT).copy_to(&mut sink).unwrap();
        sink.release();
        let taken = start.elapsed();
        assert_eq!(copying.total, 4 * GIBIBYTE);
        taken
    });
    table.row(&[&"counted payload through framer and sink, in memory", &mega(rate), &"-"]);

    // The two kinds of runs alternate, so that the load of the machine affects both equally.
    const PTY_BYTES: u64 = 64 << 20;
    let runs: Vec<[(Duration, Duration); 2]> =
        (0..10).map(|_| [on_pty(PTY_BYTES, bare_read), on_pty(PTY_BYTES, counted_read)]).collect();
    let limit = |pick: fn(&(Duration, Duration)) -> Duration| {
        [0, 1].map(|index| {
            let best = runs.iter().map(|run| pick(&run[index])).min().unwrap_or_default();
            PTY_BYTES as f64 / best.as_secs_f64()
        })
    };
    let ([bare, driver], [bare_work, driver_work]) = (limit(|run| run.0), limit(|run| run.1));
    table.row(&[&"pseudo-terminal, bare read loop (the limit)", &mega(bare), &"1.00"]);
    table.row(&[&"pseudo-terminal, counted payload", &mega(driver), &format_args!("{:.2}", driver / bare)]);
    table.row(&[&"per second of the reader's processor time, bare read loop", &mega(bare_work), &"1.00"]);
    let share = driver_work / bare_work;
    let name = "per second of the reader's processor time, counted payload";
    table.row(&[&name, &mega(driver_work), &format_args!("{share:.2}")]);
    table.print();
}

/// Runs `reader` on a pseudo-terminal that another thread keeps full. Returns the time and the reader's processor time.
fn on_pty(bytes: u64, reader: fn(&str, u64)) -> (Duration, Duration) {
    let (mut module, client) = TTYPort::pair().unwrap();
    let path = client.name().unwrap();
    drop(client);
    module.set_timeout(LIMIT).unwrap();
    let writer = thread::spawn(move || {
        let piece = [b'x'; 4096];
        let mut left = bytes;
        // Writing fails until the reader has opened its end, so wait for its first byte.
        let mut started = [0];
        while module.read(&mut started).is_err() {
            thread::yield_now();
        }
        while left > 0 {
            let count = usize::try_from(left).unwrap_or(piece.len()).min(piece.len());
            left -= module.write(&piece[..count]).unwrap() as u64;
        }
        module
    });
    let (start, before) = (Instant::now(), system::thread_time());
    reader(&path, bytes);
    let taken = (start.elapsed(), system::thread_time() - before);
    drop(writer.join().unwrap());
    taken
}

fn bare_read(path: &str, bytes: u64) {
    let mut port = serialport::new(path, 115_200).timeout(LIMIT).open().unwrap();
    port.write_all(b"x").unwrap();
    let mut buffer = vec![0; 64 * 1024];
    let mut left = bytes;
    while left > 0 {
        left -= port.read(&mut buffer).unwrap() as u64;
    }
}

fn counted_read(path: &str, bytes: u64) {
    let mut serial = Serial::open(path, &SerialSettings::default()).unwrap();
    serial.write(b"x", Instant::now() + LIMIT).unwrap();
    let mut engine = Engine::new(Box::new(serial));
    let mut copying = Copying::new();
    let mut sink = Sink::new(&mut copying);
    engine.payload().block(bytes, LIMIT).copy_to(&mut sink).unwrap();
}

/// Measures the driver's share of one processor core on a paced pseudo-terminal.
pub fn share() {
    const BAUD: u32 = 921_600;
    let mut table = Table::new(
        &format!("Thread of the driver, 1 MiB at {BAUD} baud on a pseudo-terminal, load {}", system::load()),
        &["dialect", "", "s", "processor ms", "share of one core"],
    );
    let bytes = payload(MEBIBYTE);
    for vendor in Vendor::ALL {
        for way in Way::BOTH {
            let mut rig = Rig::real_time(vendor, Options::default().with_line_rate(BAUD));
            let before = system::thread_time();
            let reading = rig.transfer(way, &bytes);
            let used = system::thread_time() - before;
            table.row(&[
                &vendor,
                &way.name(),
                &format_args!("{:.2}", reading.elapsed.as_secs_f64()),
                &format_args!("{:.0}", used.as_secs_f64() * 1e3),
                &format_args!("{:.2} %", used.as_secs_f64() / reading.elapsed.as_secs_f64() * 100.0),
            ]);
        }
    }
    table.print();
}

/// Argument that starts this program as the process that [`memory`] measures.
pub const GIBIBYTE_CLIENT: &str = "gibibyte";

/// Measures the growth of peak memory by a transfer of 1 GiB, emulated module included. Each transfer runs in its own
/// process, because memory of earlier transfers would count.
pub fn memory() {
    let mut table = Table::new(
        "Growth of peak memory by a transfer of 1 GiB in memory, emulated module included",
        &["dialect", "", "s", "KiB more than idle"],
    );
    for vendor in Vendor::ALL {
        for way in Way::BOTH {
            let program = std::env::current_exe().unwrap();
            let output = Command::new(program).args([GIBIBYTE_CLIENT, vendor.name(), way.name()]).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let (seconds, more) = text.trim().split_once(' ').unwrap();
            table.row(&[&vendor, &way.name(), &seconds, &more]);
        }
    }
    table.print();
}

/// Runs the process that [`memory`] measures.
pub fn move_gibibyte(vendor: &str, way: &str) {
    let vendor: Vendor = vendor.parse().unwrap();
    let way = Way::BOTH.into_iter().find(|known| known.name() == way).unwrap();
    let module = Module::new(emulated(vendor), Box::new(Endless::new(FILE, GIBIBYTE)), Options::default());
    let mut modem = online(MemoryPipe::new(module));
    system::reset_peak();
    let idle = system::peak_memory();
    let start = Instant::now();
    run(&mut *modem, way, GIBIBYTE);
    println!("{:.1} {}", start.elapsed().as_secs_f64(), system::peak_memory().saturating_sub(idle));
}

fn online(line: impl Transport + 'static) -> Box<dyn FtpModem> {
    let mut modem = OpenOptions::new().open_on(line).unwrap();
    modem.attach(&AccessPoint::default()).unwrap();
    modem.login(&server()).unwrap();
    modem
}

/// Returns a driver that is logged in on a tape. It can repeat the recorded transfer.
pub fn on_tape(vendor: Vendor, way: Way, size: u64) -> Box<dyn FtpModem> {
    let module = Module::new(emulated(vendor), Box::new(Endless::new(FILE, size)), Options::default());
    let (line, tape) = Recorder::new(MemoryPipe::new(module));
    let mut modem = online(line);
    run(&mut *modem, way, size);
    drop(modem);
    let tape = Arc::into_inner(tape).unwrap().into_inner().unwrap();
    online(Player::new(tape))
}

/// Runs the transfer.
pub fn run(modem: &mut dyn FtpModem, way: Way, size: u64) {
    match way {
        Way::Get => transfer::get(modem, &mut Copying::new()),
        Way::Put => transfer::put(modem, &mut io::repeat(b'x').take(size), size),
    }
}

/// Measures allocations and time per block from the difference of two transfers.
pub fn per_block() {
    let mut table = Table::new(
        &format!("The driver alone on a recorded module, per block, load {}", system::load()),
        &["dialect", "", "block", "allocations", "allocated bytes", "ns", "MB/s"],
    );
    for vendor in Vendor::ALL {
        for way in Way::BOTH {
            // A transfer that is not split into commands is split into reads.
            let block = crate::bounds::Exchange::of(vendor, way).command_block.unwrap_or(64 * 1024) as u64;
            let (few, many) = (block * 100, block * 1100);
            let cost = |size: u64| {
                let mut best: Option<(usize, usize, Duration)> = None;
                for _ in 0..5 {
                    let mut modem = on_tape(vendor, way, size);
                    let region = Region::new(crate::ALLOCATOR);
                    let start = Instant::now();
                    run(&mut *modem, way, size);
                    let taken = start.elapsed();
                    let change = region.change();
                    let calls = change.allocations + change.reallocations;
                    let least = best.map_or(taken, |(_, _, best)| best.min(taken));
                    best = Some((calls, change.bytes_allocated, least));
                }
                best.unwrap_or_default()
            };
            let (few, many) = (cost(few), cost(many));
            let per_block = |few: f64, many: f64| (many - few) / 1000.0;
            let nanoseconds = per_block(few.2.as_nanos() as f64, many.2.as_nanos() as f64);
            table.row(&[
                &vendor,
                &way.name(),
                &block,
                &format_args!("{:.2}", per_block(few.0 as f64, many.0 as f64)),
                &format_args!("{:.1}", per_block(few.1 as f64, many.1 as f64)),
                &format_args!("{nanoseconds:.0}"),
                &format_args!("{:.0}", block as f64 / nanoseconds * 1e3),
            ]);
        }
    }
    table.print();
}
