//! A program that ended in the middle of something leaves a module that the next one can use.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ftp_modem::emulator::Faulty;
use ftp_modem::modem::{AccessPoint, Retrieve, Store};
use ftp_modem::transfer::Clock;
use ftp_modem::transport::Transport;
use ftp_modem::{ErrorKind, FtpModem, OpenOptions, Vendor};

use crate::for_each_dialect;
use crate::support::access::server;
use crate::support::host::Host;
use crate::support::rig::{AnyRig, carrying, module};

/// A line that is cut after a number of bytes in either direction: the program behind it loses its port, the module
/// receives nothing more.
struct Cut {
    host: Host<Faulty>,
    left: Arc<Mutex<usize>>,
}

impl Cut {
    fn spend(&self, count: usize) -> io::Result<usize> {
        let mut left = self.left.lock().unwrap();
        let allowed = count.min(*left);
        *left -= allowed;
        if allowed == 0 { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(allowed) }
    }
}

impl Transport for Cut {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        let room = self.spend(buffer.len().min(64))?;
        let outcome = self.host.read(&mut buffer[..room], deadline);
        // What was not read is not spent.
        *self.left.lock().unwrap() += room - outcome.as_ref().map_or(0, |count| *count);
        outcome
    }
    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        let room = self.spend(bytes.len().min(64))?;
        self.host.write(&bytes[..room], deadline)
    }
    fn now(&self) -> Instant {
        self.host.now()
    }
    fn name(&self) -> &str {
        "cut"
    }
}

/// What a program does until it ends.
type Job = fn(&mut dyn FtpModem) -> ftp_modem::Result<()>;

const JOBS: &[(&str, Job)] = &[
    ("upload", |modem| {
        let how = Store::create().with_length(9_000).with_force_binary();
        modem.store("/up.bin", &how, &mut &[0x55; 9_000][..]).map(drop)
    }),
    ("upload of unknown length", |modem| {
        modem.store("/up.bin", &Store::create().with_force_binary(), &mut &[0x55; 9_000][..]).map(drop)
    }),
    ("download", |modem| modem.retrieve("/down.bin", &Retrieve::whole(), &mut Vec::new()).map(drop)),
    ("list", |modem| modem.list("/").map(drop)),
];

for_each_dialect! {
    fn a_module_left_in_the_middle_of_anything_serves_the_next_program(vendor: Vendor) {
        for (name, job) in JOBS {
            for cut in [1, 5, 40, 150, 400, 700, 900, 1500, 2500, 5000] {
                let (line, files) = module(vendor, carrying(vendor));
                files.put("/down.bin", vec![0xaa; 9_000]);

                // The first program gets as far as it gets.
                let left = Arc::new(Mutex::new(usize::MAX));
                let port = Cut { host: line.host(), left: left.clone() };
                let mut first = AnyRig::through(port, line.clone(), files);
                first.go_online();
                *left.lock().unwrap() = cut;
                if let Err(error) = job(&mut *first.modem) {
                    assert_eq!(error.kind(), ErrorKind::PortLost, "{name} cut after {cut}: {error}");
                }
                drop(first);

                // The second finds the module as it was left, an hour later.
                line.sleep(Duration::from_secs(3600));
                let second = OpenOptions::new().open_on(line.host());
                let mut second = second.unwrap_or_else(|error| panic!("{name} cut after {cut}: {error}"));
                let whole = (|| {
                    second.attach(&AccessPoint::default())?;
                    second.login(&server())?;
                    let mut bytes = Vec::new();
                    second.retrieve("/down.bin", &Retrieve::whole(), &mut bytes)?;
                    second.logout()?;
                    Ok::<_, ftp_modem::Error>(bytes)
                })();
                let bytes = whole.unwrap_or_else(|error| panic!("{name} cut after {cut}: {error}"));
                assert!(bytes == [0xaa; 9_000], "{name} cut after {cut}");
            }
        }
    }
}
