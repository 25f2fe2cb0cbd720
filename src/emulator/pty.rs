//! A module on a pseudo-terminal, in real time.

mod server;
mod shared;
#[cfg(test)]
mod tests;
mod wait;

use std::io;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use serialport::{SerialPort, TTYPort};

use super::served::Served;
use super::{Family, Faulty, Module, Options, Plan, Remote};
use server::Server;
use shared::Shared;
use wait::never_inherit;

/// The longest wait for a thread that is stuck in the remote side.
const FAREWELL: Duration = Duration::from_millis(500);

/// A module served on a pseudo-terminal until dropped.
///
/// Under [`Options::line_rate`] the line keeps its rate in both directions, in lumps of some milliseconds as a USB
/// adapter's. A client that does not read holds the module back as flow control does.
#[derive(Debug)]
pub struct PtyModule {
    path: String,
    shared: Arc<Shared>,
    ended: Receiver<()>,
}

impl PtyModule {
    /// Switches a module on and serves it on a new pseudo-terminal.
    ///
    /// # Errors
    /// The system gives no pseudo-terminal or no thread.
    pub fn spawn(family: Family, remote: Box<dyn Remote>, options: Options) -> io::Result<Self> {
        Self::serve(Module::new(family, remote, options))
    }

    /// Serves a module, or one to which faults happen, on a new pseudo-terminal.
    ///
    /// # Errors
    /// The system gives no pseudo-terminal or no thread.
    pub fn serve(module: impl Into<Faulty>) -> io::Result<Self> {
        let (port, client_end) = TTYPort::pair()?;
        never_inherit(port.as_raw_fd())?;
        let path = client_end.name().ok_or_else(|| io::Error::other("the pseudo-terminal has no name"))?;
        // The client opens its end for itself alone; the settings made here (raw) outlive this descriptor.
        drop(client_end);
        let (heard, bell) = io::pipe()?;
        let shared = Arc::new(Shared::new(Served::new(module.into()), bell));
        // Never used to send: the thread has ended when this is gone.
        let (ending, ended) = channel::<()>();
        let server = Server::new(port, &path, heard, Arc::clone(&shared))?;
        thread::Builder::new().name("emulated module".to_owned()).spawn(move || {
            server.run();
            drop(ending);
        })?;
        Ok(Self { path, shared, ended })
    }

    /// Returns the path of the device that a client opens.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// As [`Module::inject`], now.
    pub fn inject(&self, line: &str) {
        self.shared.served.inject(line);
        self.shared.ring();
    }

    /// As [`Faulty::play`].
    pub fn play(&self, plan: Plan) {
        self.shared.served.play(plan);
        self.shared.ring();
    }

    /// As [`FaultyLine::heal`](super::FaultyLine::heal).
    pub fn heal(&self) {
        self.shared.served.heal();
        self.shared.ring();
    }

    /// As [`Module::restart`], now.
    pub fn restart(&self) {
        self.shared.served.restart();
        self.shared.ring();
    }

    /// As [`Faulty::replace`], now.
    pub fn replace(&self, module: Module) {
        self.shared.served.replace(module);
        self.shared.ring();
    }
}

impl Drop for PtyModule {
    fn drop(&mut self) {
        self.shared.served.stop();
        self.shared.ring();
        if self.ended.recv_timeout(FAREWELL) == Err(RecvTimeoutError::Timeout) {
            log::warn!("the module on {} is stuck and left behind", self.path);
        }
    }
}
