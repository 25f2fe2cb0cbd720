//! A module on a pseudo-terminal, in real time.

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serialport::{SerialPort, TTYPort};

use super::{Faulty, Module, Options, Plan, Remote, Vendor};

/// The longest time the thread blocks before it looks whether it shall stop.
const BLOCK: Duration = Duration::from_millis(20);
/// How often a pseudo-terminal that nobody has open is looked at.
const HUNG_UP: Duration = Duration::from_millis(3);
/// How long a thread is waited for that is stuck in the remote side.
const FAREWELL: Duration = Duration::from_millis(500);

/// A module served on a pseudo-terminal until dropped.
#[derive(Debug)]
pub struct PtyModule {
    path: String,
    shared: Arc<Shared>,
    ended: Receiver<()>,
}

#[derive(Debug)]
struct Shared {
    module: Mutex<Faulty>,
    start: Instant,
    stop: AtomicBool,
}

impl Shared {
    fn module(&self) -> MutexGuard<'_, Faulty> {
        self.module.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

impl PtyModule {
    /// Switches a module on and serves it on a new pseudo-terminal.
    ///
    /// # Errors
    /// The system gives no pseudo-terminal or no thread.
    pub fn spawn(vendor: Vendor, remote: Box<dyn Remote>, options: Options) -> io::Result<Self> {
        Self::serve(Module::new(vendor, remote, options).into())
    }

    /// Serves a module to which faults happen on a new pseudo-terminal.
    ///
    /// # Errors
    /// The system gives no pseudo-terminal or no thread.
    pub fn serve(module: Faulty) -> io::Result<Self> {
        let (port, client_end) = TTYPort::pair()?;
        let path = client_end.name().ok_or_else(|| io::Error::other("the pseudo-terminal has no name"))?;
        // The client opens its end for itself alone; the settings made here (raw) outlive this descriptor.
        drop(client_end);
        let shared =
            Arc::new(Shared { module: Mutex::new(module), start: Instant::now(), stop: AtomicBool::new(false) });
        // Never used to send: that it is gone tells that the thread has ended.
        let (ending, ended) = channel::<()>();
        let server = Server { port, shared: Arc::clone(&shared), waiting: Vec::new(), open: false };
        thread::Builder::new().name("emulated module".to_owned()).spawn(move || {
            server.run();
            drop(ending);
        })?;
        Ok(Self { path, shared, ended })
    }

    /// The device a client opens.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// As [`Module::inject`], now.
    pub fn inject(&self, line: &str) {
        self.shared.module().inject(self.shared.now(), line);
    }

    /// As [`Faulty::play`].
    pub fn play(&self, plan: Plan) {
        self.shared.module().play(plan);
    }

    /// As [`Faulty::heal`].
    pub fn heal(&self) {
        self.shared.module().heal();
    }

    /// As [`Module::restart`], now.
    pub fn restart(&self) {
        self.shared.module().restart(self.shared.now());
    }
}

impl Drop for PtyModule {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if self.ended.recv_timeout(FAREWELL) == Err(RecvTimeoutError::Timeout) {
            log::warn!("the module on {} is stuck and left behind", self.path);
        }
    }
}

struct Server {
    port: TTYPort,
    shared: Arc<Shared>,
    /// Bytes that have left the module and not yet gone to the client.
    waiting: Vec<u8>,
    open: bool,
}

impl Server {
    fn run(mut self) {
        while !self.shared.stop.load(Ordering::Relaxed) {
            if let Err(error) = self.turn() {
                log::error!("the pseudo-terminal of an emulated module failed: {error}");
                break;
            }
        }
    }

    /// Brings out what is due, then waits for input, the next event or the next look at the stop flag.
    fn turn(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            let now = self.shared.now();
            self.shared.module().transmit_waiting(now, &mut self.waiting);
            if self.waiting.is_empty() {
                self.shared.module().transmit(self.shared.now(), &mut self.waiting);
            }
        }
        self.write()?;
        let now = self.shared.now();
        let (capacity, next) = {
            let module = self.shared.module();
            (module.receive_capacity(now), module.next_event())
        };
        let until_next = match next {
            _ if !self.waiting.is_empty() => Duration::ZERO,
            Some(next) => next.saturating_sub(now),
            None => BLOCK,
        };
        self.read(capacity, until_next.min(BLOCK))
    }

    fn write(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        if !self.open {
            // Nobody listens: as on a wire without a host the bytes are gone.
            self.waiting.clear();
            return Ok(());
        }
        self.port.set_timeout(BLOCK)?;
        let piece = self.waiting.get(..1024).unwrap_or(&self.waiting);
        match self.port.write(piece) {
            Ok(count) => {
                drop(self.waiting.drain(..count));
                Ok(())
            }
            Err(error) => self.survive(error),
        }
    }

    fn read(&mut self, capacity: usize, time: Duration) -> io::Result<()> {
        let mut space = [0; 4096];
        let Some(space) = space.get_mut(..capacity.min(4096)).filter(|space| !space.is_empty()) else {
            thread::sleep(time.max(Duration::from_micros(100)));
            return Ok(());
        };
        self.port.set_timeout(time)?;
        match self.port.read(space) {
            Ok(count) => {
                self.open = true;
                let bytes = space.get(..count).unwrap_or_default();
                self.shared.module().receive(self.shared.now(), bytes);
                Ok(())
            }
            Err(error) => self.survive(error),
        }
    }

    /// A time-out is no failure; nor is a client that has closed its end.
    fn survive(&mut self, error: io::Error) -> io::Result<()> {
        match error.kind() {
            io::ErrorKind::TimedOut => self.open = true,
            io::ErrorKind::Interrupted => {}
            // EIO has no kind of its own.
            _ if error.kind() == io::ErrorKind::BrokenPipe || error.kind() == io::ErrorKind::Other => {
                self.open = false;
                thread::sleep(HUNG_UP);
            }
            _ => return Err(error),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::PtyModule;
    use crate::emulator::{MemoryServer, Options, Vendor};
    use std::time::{Duration, Instant};

    fn open(path: &str) -> Box<dyn serialport::SerialPort> {
        serialport::new(path, 115_200).timeout(Duration::from_secs(5)).open().unwrap()
    }

    fn expect(port: &mut dyn serialport::SerialPort, expected: &[u8]) {
        let mut answer = vec![0; expected.len()];
        port.read_exact(&mut answer).unwrap();
        assert_eq!(answer.escape_ascii().to_string(), expected.escape_ascii().to_string());
    }

    #[test]
    fn a_client_may_open_close_and_open_again() {
        let server = MemoryServer::new();
        let every_byte: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        server.put("f", every_byte.clone());
        let module =
            PtyModule::spawn(Vendor::Generic, server.remote(), Options::default().with_pdp_active(true)).unwrap();
        for _ in 0..3 {
            let mut port = open(module.path());
            port.write_all(b"AT\r").unwrap();
            expect(port.as_mut(), b"AT\r\r\nOK\r\n");
        }
        let mut port = open(module.path());
        for command in ["ATE0", "AT+FTPSERV=127.0.0.1", "AT+FTPUN=u", "AT+FTPPW=p", "AT+FTPGETNAME=f"] {
            port.write_all(format!("{command}\r").as_bytes()).unwrap();
            match command {
                "ATE0" => expect(port.as_mut(), b"ATE0\r\r\nOK\r\n"),
                "AT+FTPSERV=127.0.0.1" => expect(port.as_mut(), b"\r\n+FTPSERV:0\r\n\r\nOK\r\n"),
                _ => expect(port.as_mut(), b"\r\nOK\r\n"),
            }
        }
        port.write_all(b"AT+FTPGET\r").unwrap();
        expect(port.as_mut(), b"\r\n+FTPGET:100000,");
        expect(port.as_mut(), &every_byte);
        expect(port.as_mut(), b"\r\nOK\r\n");
        module.inject("RING");
        expect(port.as_mut(), b"\r\nRING\r\n");
        let before = Instant::now();
        drop(module);
        assert!(before.elapsed() < Duration::from_millis(300));
    }

    #[test]
    fn faults_happen_in_real_time() {
        let module =
            PtyModule::spawn(Vendor::Quectel, MemoryServer::new().remote(), Options::default().with_echo(false))
                .unwrap();
        let mut port = open(module.path());
        module.play("out@2 stall 50ms; out@4 delete".parse().unwrap());
        let before = Instant::now();
        port.write_all(b"AT\r").unwrap();
        expect(port.as_mut(), b"\r\nOK\n");
        assert!(before.elapsed() >= Duration::from_millis(50));
        module.heal();
        port.write_all(b"AT\r").unwrap();
        expect(port.as_mut(), b"\r\nOK\r\n");
    }

    #[test]
    fn a_line_rate_holds_the_client_back() {
        let options = Options::default().with_echo(false).with_line_rate(115_200);
        let module = PtyModule::spawn(Vendor::Generic, MemoryServer::new().remote(), options).unwrap();
        let mut port = open(module.path());
        let before = Instant::now();
        // 200 lines of 5 characters in, 6 characters out each: about 90 ms in, at 86.8 µs a character.
        for _ in 0..200 {
            port.write_all(b"\n\nAT\r").unwrap();
        }
        for _ in 0..200 {
            expect(port.as_mut(), b"\r\nOK\r\n");
        }
        assert!(before.elapsed() > Duration::from_millis(80), "{:?}", before.elapsed());
    }
}
