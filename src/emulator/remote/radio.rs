//! The time that the way to the server takes: a remote that counts the server's replies and the data connections.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Listing, Remote, RemoteError, StoreMode, Tls, Trust, Upload};

/// A data connection takes as long as two replies (its handshake and its end).
const DATA_CONNECTION: u32 = 2;
/// The replies to `PASV`, and to the command that transfers: `150`.
const OPENING: u32 = 2;
/// A transfer up to its first byte.
const TRANSFER: u32 = OPENING + DATA_CONNECTION;
/// The reply behind the last byte: `226`, or `426` when the transfer is aborted.
const CLOSING: u32 = 1;
/// `USER`, `PASS`, `TYPE`.
const LOGIN: u32 = 3;
/// `RNFR`, `RNTO`.
const RENAME: u32 = 2;
/// `AUTH`, `PBSZ`, `PROT`.
const EXPLICIT_TLS: u32 = 3;
/// The handshake of TLS takes as long as two replies.
const HANDSHAKE: u32 = 2;

/// The number of replies waited for; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter(Arc<AtomicU32>);

impl Meter {
    /// Returns the number of replies since [`Meter::set`], each data connection counted as two.
    pub(crate) fn count(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self, count: u32) {
        self.0.store(count, Ordering::Relaxed);
    }

    fn add(&self, replies: u32) {
        self.set(self.count().saturating_add(replies));
    }

    /// Counts `replies` unless the network failed before them.
    fn replied<T>(&self, replies: u32, result: Result<T, RemoteError>) -> Result<T, RemoteError> {
        if !matches!(result, Err(RemoteError::Network(_))) {
            self.add(replies);
        }
        result
    }
}

/// A remote whose replies are counted.
pub(crate) struct Metered {
    remote: Box<dyn Remote>,
    meter: Meter,
}

impl Metered {
    /// Counts the replies of `remote`, or leaves it alone if they take time of their own.
    pub(crate) fn wrap(remote: Box<dyn Remote>, meter: &Meter) -> Box<dyn Remote> {
        if remote.takes_real_time() {
            return remote;
        }
        Box::new(Self { remote, meter: meter.clone() })
    }

    fn incoming(&self, reader: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        Box::new(Incoming { reader, meter: self.meter.clone(), is_over: false })
    }
}

/// Returns the number of replies to `REST`, which is sent only where it is needed.
const fn restart(offset: u64) -> u32 {
    if offset > 0 { 1 } else { 0 }
}

impl Remote for Metered {
    fn trust(&mut self, trust: Trust) {
        self.remote.trust(trust);
    }

    fn connect(&mut self, host: &str, port: u16, tls: Tls) -> Result<(), RemoteError> {
        let replies = match tls {
            Tls::Off => 1,
            Tls::Implicit => 1 + HANDSHAKE,
            Tls::Explicit => 1 + EXPLICIT_TLS + HANDSHAKE,
        };
        self.meter.replied(replies, self.remote.connect(host, port, tls))
    }

    fn login(&mut self, user: &str, password: &str) -> Result<(), RemoteError> {
        self.meter.replied(LOGIN, self.remote.login(user, password))
    }

    fn pwd(&mut self) -> Result<String, RemoteError> {
        self.meter.replied(1, self.remote.pwd())
    }

    fn cwd(&mut self, path: &str) -> Result<(), RemoteError> {
        self.meter.replied(1, self.remote.cwd(path))
    }

    fn list(&mut self, path: &str, listing: Listing) -> Result<Box<dyn Read + Send>, RemoteError> {
        let reader = self.meter.replied(TRANSFER, self.remote.list(path, listing))?;
        Ok(self.incoming(reader))
    }

    fn size(&mut self, path: &str) -> Result<u64, RemoteError> {
        self.meter.replied(1, self.remote.size(path))
    }

    fn size_text(&mut self, path: &str) -> Result<String, RemoteError> {
        self.meter.replied(1, self.remote.size_text(path))
    }

    fn modified(&mut self, path: &str) -> Result<String, RemoteError> {
        self.meter.replied(1, self.remote.modified(path))
    }

    fn make_dir(&mut self, path: &str) -> Result<(), RemoteError> {
        self.meter.replied(1, self.remote.make_dir(path))
    }

    fn remove_dir(&mut self, path: &str) -> Result<(), RemoteError> {
        self.meter.replied(1, self.remote.remove_dir(path))
    }

    fn remove(&mut self, path: &str) -> Result<(), RemoteError> {
        self.meter.replied(1, self.remote.remove(path))
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), RemoteError> {
        self.meter.replied(RENAME, self.remote.rename(from, to))
    }

    fn retrieve(&mut self, path: &str, offset: u64) -> Result<Box<dyn Read + Send>, RemoteError> {
        let reader = self.meter.replied(restart(offset) + TRANSFER, self.remote.retrieve(path, offset))?;
        Ok(self.incoming(reader))
    }

    fn store(&mut self, path: &str, mode: StoreMode) -> Result<Box<dyn Upload>, RemoteError> {
        let restart = match mode {
            StoreMode::At(offset) => restart(offset),
            StoreMode::Create | StoreMode::Append => 0,
        };
        let upload = self.meter.replied(restart + TRANSFER, self.remote.store(path, mode))?;
        Ok(Box::new(Outgoing { upload: Some(upload), meter: self.meter.clone() }))
    }

    fn command(&mut self, line: &str) -> Result<(u16, String), RemoteError> {
        self.meter.replied(1, self.remote.command(line))
    }

    fn quit(&mut self) -> Result<(), RemoteError> {
        self.meter.replied(1, self.remote.quit())
    }

    fn another(&self) -> Option<Box<dyn Remote>> {
        Some(Self::wrap(self.remote.another()?, &self.meter))
    }
}

/// A transfer from the server: its end, or its being dropped, takes one more reply.
struct Incoming {
    reader: Box<dyn Read + Send>,
    meter: Meter,
    is_over: bool,
}

impl Incoming {
    fn close(&mut self) {
        if !std::mem::replace(&mut self.is_over, true) {
            self.meter.add(CLOSING);
        }
    }
}

impl Read for Incoming {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let result = self.reader.read(space);
        if result.is_err() || (matches!(result, Ok(0)) && !space.is_empty()) {
            self.close();
        }
        result
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.close();
    }
}

/// A transfer to the server: however it ends, that takes one more reply.
struct Outgoing {
    upload: Option<Box<dyn Upload>>,
    meter: Meter,
}

impl Outgoing {
    fn upload(&mut self) -> io::Result<&mut (dyn Upload + 'static)> {
        self.upload.as_deref_mut().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.upload()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.upload()?.flush()
    }
}

impl Upload for Outgoing {
    fn finish(mut self: Box<Self>) -> Result<(), RemoteError> {
        self.upload.take().map_or(Ok(()), Upload::finish)
    }

    fn abort(mut self: Box<Self>) {
        if let Some(upload) = self.upload.take() {
            upload.abort();
        }
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        self.meter.add(CLOSING);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::{Meter, Metered};
    use crate::emulator::{MemoryServer, Remote, RemoteError, StoreMode, Tls};

    type Step = fn(&mut dyn Remote) -> Result<(), RemoteError>;

    fn all(reader: Result<Box<dyn Read + Send>, RemoteError>) -> Result<(), RemoteError> {
        reader?.read_to_end(&mut Vec::new()).map(drop).map_err(|error| RemoteError::from_io(&error))
    }

    #[test]
    fn every_operation_counts_the_replies_it_needs() {
        let server = MemoryServer::new();
        server.put("/f", "0123456789");
        let meter = Meter::default();
        let mut remote = Metered::wrap(server.remote(), &meter);
        let cases: [(&str, u32, Step); 19] = [
            ("connection refused", 0, |remote| match remote.connect("nowhere", 9, Tls::Off) {
                Err(_) => Ok(()),
                Ok(()) => Err(RemoteError::reply(220, "")),
            }),
            ("connect", 1, |remote| remote.connect("h", 21, Tls::Off)),
            ("USER, PASS, TYPE", 3, |remote| remote.login("u", "p")),
            ("PWD", 1, |remote| remote.pwd().map(drop)),
            ("CWD", 1, |remote| remote.cwd("/")),
            ("SIZE", 1, |remote| remote.size("/f").map(drop)),
            ("SIZE refused", 1, |remote| match remote.size("/none") {
                Err(_) => Ok(()),
                Ok(_) => Err(RemoteError::reply(213, "")),
            }),
            ("MDTM", 1, |remote| remote.modified("/f").map(drop)),
            ("MKD", 1, |remote| remote.make_dir("/d")),
            ("RMD", 1, |remote| remote.remove_dir("/d")),
            ("PASV, data, LIST, 226", 5, |remote| all(remote.list("/", crate::emulator::Listing::Long))),
            ("PASV, data, RETR, 226", 5, |remote| all(remote.retrieve("/f", 0))),
            ("REST, PASV, data, RETR, 226", 6, |remote| all(remote.retrieve("/f", 4))),
            ("RETR, aborted", 5, |remote| remote.retrieve("/f", 0).map(drop)),
            ("STOR, 226", 5, |remote| remote.store("/g", StoreMode::Create)?.finish()),
            ("REST, STOR, aborted", 6, |remote| remote.store("/f", StoreMode::At(3)).map(|upload| upload.abort())),
            ("RNFR, RNTO", 2, |remote| remote.rename("/g", "/h")),
            ("DELE", 1, |remote| remote.remove("/h")),
            ("QUIT", 1, |remote| remote.quit()),
        ];
        server.refuse_port(9);
        for (name, replies, step) in cases {
            meter.set(0);
            step(remote.as_mut()).unwrap();
            assert_eq!(meter.count(), replies, "{name}");
        }
    }

    #[test]
    fn tls_adds_its_replies_and_its_handshake() {
        let meter = Meter::default();
        let mut remote = Metered::wrap(MemoryServer::new().remote(), &meter);
        for (tls, replies) in [(Tls::Implicit, 3), (Tls::Explicit, 6)] {
            meter.set(0);
            remote.connect("h", 21, tls).unwrap();
            assert_eq!(meter.count(), replies, "{tls:?}");
        }
    }

    #[test]
    fn further_clients_count_too() {
        let meter = Meter::default();
        let mut other = Metered::wrap(MemoryServer::new().remote(), &meter).another().unwrap();
        other.connect("h", 21, Tls::Off).unwrap();
        assert_eq!(meter.count(), 1);
    }
}
