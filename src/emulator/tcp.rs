//! A module on a TCP port, in real time, as a serial device server offers it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::served::Served;
use super::{Faulty, Plan};

/// The number of bytes that are read from the client at once.
const PIECE: usize = 4096;
/// The number of pieces that may wait for the module.
const WAITING: usize = 4;
/// The longest wait without looking whether the module is to stop.
const NAP: Duration = Duration::from_millis(100);

/// A module served on a TCP port until dropped: raw bytes, one client at a time. A further client waits until the one
/// before has gone.
///
/// Under [`Options::line_rate`](super::Options::line_rate) the line behind the port keeps its rate in both directions.
/// A client that does not read holds the module back.
#[derive(Debug)]
pub struct TcpModule {
    address: SocketAddr,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    served: Served,
    client: Mutex<Option<TcpStream>>,
    greeting: Vec<u8>,
}

/// A message of the reading thread to the serving one.
enum News {
    Bytes(Vec<u8>),
    /// A client has come: the serving thread looks for output at once.
    Bell,
}

impl Shared {
    fn client(&self) -> MutexGuard<'_, Option<TcpStream>> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TcpModule {
    /// Serves `module` on `listener`.
    ///
    /// # Errors
    /// The system gives no address or no thread.
    pub fn serve(listener: TcpListener, module: impl Into<Faulty>) -> io::Result<Self> {
        Self::serve_greeting(listener, module, b"")
    }

    /// Serves `module` on `listener`; every client first gets `greeting`, such as the option negotiation of a Telnet
    /// server (RFC 854).
    ///
    /// # Errors
    /// The system gives no address or no thread.
    pub fn serve_greeting(listener: TcpListener, module: impl Into<Faulty>, greeting: &[u8]) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            served: Served::new(module.into()),
            client: Mutex::new(None),
            greeting: greeting.to_vec(),
        });
        let (sender, news) = sync_channel(WAITING);
        let reader = Arc::clone(&shared);
        let reading = thread::Builder::new()
            .name("emulated module's port".to_owned())
            .spawn(move || read_clients(&listener, &reader, &sender))?;
        let server = Arc::clone(&shared);
        let serving =
            thread::Builder::new().name("emulated module".to_owned()).spawn(move || serve_module(&server, &news))?;
        Ok(Self { address, shared, threads: vec![reading, serving] })
    }

    /// Returns the address that clients connect to.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// As [`Module::inject`](super::Module::inject), now.
    pub fn inject(&self, line: &str) {
        self.shared.served.inject(line);
    }

    /// As [`Faulty::play`].
    pub fn play(&self, plan: Plan) {
        self.shared.served.play(plan);
    }

    /// As [`FaultyLine::heal`](super::FaultyLine::heal).
    pub fn heal(&self) {
        self.shared.served.heal();
    }

    /// As [`Module::restart`](super::Module::restart), now.
    pub fn restart(&self) {
        self.shared.served.restart();
    }

    /// As [`Faulty::replace`], now.
    pub fn replace(&self, module: super::Module) {
        self.shared.served.replace(module);
    }
}

impl Drop for TcpModule {
    fn drop(&mut self) {
        self.shared.served.stop();
        if let Some(client) = self.shared.client().take() {
            // A client that has gone already needs no shutdown.
            drop(client.shutdown(Shutdown::Both));
        }
        // The listener waits for clients: this one ends the wait.
        drop(TcpStream::connect_timeout(&self.address, NAP));
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                log::error!("a thread of the module on {} has panicked", self.address);
            }
        }
    }
}

/// Lets one client after the other in and passes on what it sends.
fn read_clients(listener: &TcpListener, shared: &Shared, sender: &SyncSender<News>) {
    for client in listener.incoming() {
        if shared.served.is_stopped() {
            return;
        }
        if let Err(error) = client.and_then(|client| read_client(client, shared, sender)) {
            log::debug!("the client of an emulated module is gone: {error}");
        }
        shared.client().take();
    }
}

fn read_client(mut client: TcpStream, shared: &Shared, sender: &SyncSender<News>) -> io::Result<()> {
    client.set_nodelay(true)?;
    client.write_all(&shared.greeting)?;
    *shared.client() = Some(client.try_clone()?);
    let gone = |_| io::Error::from(ErrorKind::BrokenPipe);
    sender.send(News::Bell).map_err(gone)?;
    let mut space = [0; PIECE];
    loop {
        match client.read(&mut space) {
            Ok(0) => return Ok(()),
            Ok(count) => {
                let bytes = space.get(..count).unwrap_or_default().to_vec();
                sender.send(News::Bytes(bytes)).map_err(gone)?;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Lets time pass for the module, and brings its output to whoever is there.
fn serve_module(shared: &Shared, news: &Receiver<News>) {
    let mut waiting = Vec::new();
    while !shared.served.is_stopped() {
        let mut output = Vec::new();
        let now = shared.served.now();
        let mut module = shared.served.module();
        module.transmit(now, &mut output);
        let capacity = module.receive_capacity(now).min(waiting.len());
        if capacity > 0 {
            let rest = waiting.split_off(capacity);
            module.receive(now, &waiting);
            waiting = rest;
        }
        let next = module.next_event();
        drop(module);
        send(shared, &output);
        if capacity > 0 || !output.is_empty() {
            continue;
        }
        let mut wait = next.map_or(NAP, |next| next.saturating_sub(now)).min(NAP);
        if !waiting.is_empty() {
            // The line is slow: the rest is taken when there is room for it.
            wait = wait.max(Duration::from_millis(1));
            thread::sleep(wait);
            continue;
        }
        match news.recv_timeout(wait) {
            Ok(News::Bytes(bytes)) => waiting = bytes,
            Ok(News::Bell) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Sends to the client; without one the bytes are gone, as on a wire that nobody listens to.
fn send(shared: &Shared, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let client = shared.client().as_ref().and_then(|client| client.try_clone().ok());
    if let Some(mut client) = client
        && let Err(error) = client.write_all(bytes)
    {
        log::debug!("the client of an emulated module does not take its output: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use super::TcpModule;
    use crate::emulator::{Family, MemoryServer, Module, Options};

    fn module() -> Module {
        Module::new(Family::Generic, MemoryServer::new().remote(), Options::default())
    }

    fn listener() -> TcpListener {
        TcpListener::bind("127.0.0.1:0").unwrap()
    }

    fn exchange(client: &mut TcpStream, line: &str, answer: &[u8]) {
        client.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        client.write_all(line.as_bytes()).unwrap();
        let mut got = vec![0; answer.len()];
        client.read_exact(&mut got).unwrap();
        assert_eq!(got, answer);
    }

    #[test]
    fn one_client_after_the_other_is_served() {
        let served = TcpModule::serve(listener(), module()).unwrap();
        let mut first = TcpStream::connect(served.address()).unwrap();
        exchange(&mut first, "ATE0\r", b"ATE0\r\r\nOK\r\n");
        served.inject("RING");
        exchange(&mut first, "", b"\r\nRING\r\n");
        let mut second = TcpStream::connect(served.address()).unwrap();
        second.write_all(b"AT\r").unwrap();
        exchange(&mut first, "AT\r", b"\r\nOK\r\n");
        drop(first);
        exchange(&mut second, "", b"\r\nOK\r\n");
        served.restart();
        exchange(&mut second, "AT\r", b"AT\r\r\nOK\r\n");
    }

    #[test]
    fn a_greeting_comes_first() {
        const WILL_ECHO: &[u8] = b"\xff\xfb\x01\xff\xfb\x03";
        let served = TcpModule::serve_greeting(listener(), module(), WILL_ECHO).unwrap();
        let mut client = TcpStream::connect(served.address()).unwrap();
        exchange(&mut client, "", WILL_ECHO);
        exchange(&mut client, "AT\r", b"AT\r\r\nOK\r\n");
    }

    #[test]
    fn a_slow_line_is_slow_behind_the_port_too() {
        let options = Options::default().with_echo(false).with_line_rate(9600);
        let module = Module::new(Family::Generic, MemoryServer::new().remote(), options);
        let served = TcpModule::serve(listener(), module).unwrap();
        let mut client = TcpStream::connect(served.address()).unwrap();
        let begun = std::time::Instant::now();
        exchange(&mut client, &format!("AT{}\r", " ".repeat(94)), b"\r\nERROR\r\n");
        assert!(begun.elapsed() > Duration::from_millis(90), "{:?}", begun.elapsed());
    }
}
