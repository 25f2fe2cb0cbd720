//! A real FTP server over TCP.

#[cfg(feature = "emulator-tls")]
mod tls;

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use suppaftp::types::FileType;
use suppaftp::{Encoding, FtpError, Mode, Status, TlsStream, TransferStream};

use crate::emulator::name;

use super::{Listing, NetworkCause, Remote, RemoteError, StoreMode, Tls, Trust, Upload};

#[cfg(not(feature = "emulator-tls"))]
use suppaftp::FtpStream;
#[cfg(feature = "emulator-tls")]
use suppaftp::RustlsFtpStream as FtpStream;

/// The time limit of connecting and of each read and write.
const PATIENCE: Duration = Duration::from_secs(30);

/// A real FTP server over TCP, in passive and binary mode; over TLS with feature `emulator-tls`.
#[derive(Debug, Default)]
pub struct FtpRemote {
    hosts: BTreeMap<String, SocketAddr>,
    session: Option<Session>,
    trust: Trust,
}

struct Session {
    ftp: FtpStream,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Session")
    }
}

impl FtpRemote {
    /// Returns a client that connects to the hosts it is given.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Connects to `address` where `host` is asked for, whatever the port.
    #[must_use]
    pub fn with_host(mut self, host: &str, address: SocketAddr) -> Self {
        self.hosts.insert(host.to_owned(), address);
        self
    }

    fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, RemoteError> {
        if let Some(address) = self.hosts.get(host) {
            return Ok(vec![*address]);
        }
        let addresses: Vec<_> =
            (host, port).to_socket_addrs().map_err(|_| RemoteError::Network(NetworkCause::Dns))?.collect();
        Ok(addresses)
    }

    fn ftp(&mut self) -> Result<&mut FtpStream, RemoteError> {
        match &mut self.session {
            Some(session) => Ok(&mut session.ftp),
            None => Err(RemoteError::Network(NetworkCause::Dropped)),
        }
    }

    /// Runs one operation. A connection that breaks in it is forgotten.
    fn run<T>(&mut self, operation: impl FnOnce(&mut FtpStream) -> Result<T, FtpError>) -> Result<T, RemoteError> {
        let result = operation(self.ftp()?).map_err(translate);
        if matches!(result, Err(RemoteError::Network(NetworkCause::Dropped))) {
            self.session = None;
        }
        result
    }
}

/// Sends paths as the module has received them, byte for byte.
#[derive(Debug)]
struct Bytes;

impl Encoding for Bytes {
    fn decode(&self, bytes: &[u8]) -> String {
        name::from_bytes(bytes)
    }

    fn encode(&self, text: &str) -> io::Result<Vec<u8>> {
        Ok(name::to_bytes(text))
    }
}

fn patient(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))
}

fn dial(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    patient(&stream)?;
    Ok(stream)
}

/// Opens a control connection to `address`, the address of `host`.
#[cfg(feature = "emulator-tls")]
fn open(address: SocketAddr, host: &str, tls: Tls, trust: &Trust) -> Result<FtpStream, RemoteError> {
    tls::connect(address, host, tls, trust)
}

#[cfg(not(feature = "emulator-tls"))]
fn open(address: SocketAddr, _host: &str, tls: Tls, _trust: &Trust) -> Result<FtpStream, RemoteError> {
    if tls != Tls::Off {
        return Err(RemoteError::Network(NetworkCause::Tls));
    }
    let stream = dial(address).map_err(|error| RemoteError::from_io(&error))?;
    FtpStream::connect_with_stream(stream).map_err(translate)
}

fn translate(error: FtpError) -> RemoteError {
    match error {
        FtpError::UnexpectedResponse(response) => {
            let text = String::from_utf8_lossy(&response.body);
            // suppaftp knows a part of the codes only, and keeps them all in the text.
            let printed = text.get(..3).and_then(|digits| digits.parse().ok());
            let code = printed.or_else(|| u16::try_from(response.status.code()).ok()).unwrap_or_default();
            RemoteError::reply(code, words(code, &text))
        }
        // The server does not speak TLS.
        FtpError::ConnectionError(error) if error.kind() == io::ErrorKind::InvalidData => {
            RemoteError::Network(NetworkCause::Tls)
        }
        #[cfg(feature = "emulator-tls")]
        FtpError::SecureError(_) => RemoteError::Network(NetworkCause::Tls),
        FtpError::ConnectionError(error) => RemoteError::from_io(&error),
        FtpError::DataConnectionAlreadyOpen => RemoteError::reply(425, "Data connection is busy."),
        _ => RemoteError::Network(NetworkCause::Dropped),
    }
}

/// Returns the text of a reply without its code.
fn words(code: u16, text: &str) -> &str {
    let text = text.trim_end();
    text.strip_prefix(&code.to_string()).map_or(text, |words| words.trim_start_matches([' ', '-']))
}

fn optional(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!(" {path}") }
}

impl Remote for FtpRemote {
    fn trust(&mut self, trust: Trust) {
        self.trust = trust;
    }

    fn connect(&mut self, host: &str, port: u16, tls: Tls) -> Result<(), RemoteError> {
        self.session = None;
        let mut failure = RemoteError::Network(NetworkCause::Dns);
        for address in self.addresses(host, port)? {
            match open(address, host, tls, &self.trust) {
                Ok(stream) => {
                    let mut ftp =
                        stream.passive_stream_builder(|address| dial(address).map_err(FtpError::ConnectionError));
                    let mode = if address.is_ipv6() { Mode::ExtendedPassive } else { Mode::Passive };
                    ftp.set_mode(mode);
                    ftp.set_encoding(Bytes);
                    self.session = Some(Session { ftp });
                    return Ok(());
                }
                // This is the right server, and it refuses this client.
                Err(error @ RemoteError::Reply { .. }) => return Err(error),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    fn login(&mut self, user: &str, password: &str) -> Result<(), RemoteError> {
        self.run(|ftp| {
            ftp.login(user, password)?;
            ftp.transfer_type(FileType::Binary)
        })
    }

    fn pwd(&mut self) -> Result<String, RemoteError> {
        self.run(FtpStream::pwd)
    }

    fn cwd(&mut self, path: &str) -> Result<(), RemoteError> {
        // Not every server resolves `CWD ..`.
        self.run(|ftp| match path {
            ".." => ftp.cdup(),
            _ => ftp.cwd(path),
        })
    }

    fn list(&mut self, path: &str, listing: Listing) -> Result<Box<dyn Read + Send>, RemoteError> {
        let verb = match listing {
            Listing::Long => "LIST",
            Listing::Names => "NLST",
            Listing::Facts => "MLSD",
        };
        let line = format!("{verb}{}", optional(path));
        let (_, stream) = self.run(|ftp| ftp.custom_data_command(line, &[Status::AboutToSend, Status::AlreadyOpen]))?;
        Ok(Box::new(Download { stream: Some(stream) }))
    }

    fn size(&mut self, path: &str) -> Result<u64, RemoteError> {
        self.run(|ftp| ftp.size(path)).map(|size| size as u64)
    }

    fn modified(&mut self, path: &str) -> Result<String, RemoteError> {
        let response = self.run(|ftp| ftp.custom_command(format!("MDTM {path}"), &[Status::File]))?;
        let text = String::from_utf8_lossy(&response.body);
        let time: String =
            text.split_whitespace().last().unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
        Ok(time)
    }

    fn make_dir(&mut self, path: &str) -> Result<(), RemoteError> {
        self.run(|ftp| ftp.mkdir(path))
    }

    fn remove_dir(&mut self, path: &str) -> Result<(), RemoteError> {
        self.run(|ftp| ftp.rmdir(path))
    }

    fn remove(&mut self, path: &str) -> Result<(), RemoteError> {
        self.run(|ftp| ftp.rm(path))
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), RemoteError> {
        self.run(|ftp| ftp.rename(from, to))
    }

    fn retrieve(&mut self, path: &str, offset: u64) -> Result<Box<dyn Read + Send>, RemoteError> {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let stream = self.run(|ftp| {
            ftp.resume_transfer(offset)?;
            ftp.retr_as_stream(path)
        })?;
        Ok(Box::new(Download { stream: Some(stream) }))
    }

    fn store(&mut self, path: &str, mode: StoreMode) -> Result<Box<dyn Upload>, RemoteError> {
        let stream = self.run(|ftp| match mode {
            StoreMode::Create => ftp.put_with_stream(path),
            StoreMode::Append => ftp.append_with_stream(path),
            StoreMode::At(offset) => {
                ftp.resume_transfer(usize::try_from(offset).unwrap_or(usize::MAX))?;
                ftp.put_with_stream(path)
            }
        })?;
        Ok(Box::new(Outgoing { stream }))
    }

    fn command(&mut self, line: &str) -> Result<(u16, String), RemoteError> {
        // Expecting `Status::System` would make suppaftp stop at the first line of a longer 211 reply.
        let expected = [Status::CommandOk, Status::File, Status::Name];
        let result = self.run(|ftp| ftp.custom_command(line, &expected));
        match result {
            Ok(response) => {
                let code = u16::try_from(response.status.code()).unwrap_or_default();
                let text = String::from_utf8_lossy(&response.body);
                Ok((code, words(code, &text).to_owned()))
            }
            Err(RemoteError::Reply { code, text }) if (200..300).contains(&code) => Ok((code, text)),
            Err(error) => Err(error),
        }
    }

    fn quit(&mut self) -> Result<(), RemoteError> {
        let result = self.run(FtpStream::quit);
        self.session = None;
        result
    }

    fn another(&self) -> Option<Box<dyn Remote>> {
        Some(Box::new(Self { hosts: self.hosts.clone(), session: None, trust: self.trust.clone() }))
    }

    fn takes_real_time(&self) -> bool {
        true
    }
}

/// A transfer from the server; its end counts only with the server's closing reply.
struct Download<T: TlsStream> {
    stream: Option<TransferStream<T>>,
}

impl<T: TlsStream> Read for Download<T> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let Some(stream) = &mut self.stream else {
            return Ok(0);
        };
        let count = match stream.read(space) {
            // Some servers end a TLS connection without its closing alert, as libunftp does behind a listing. The reply
            // says whether the data are complete.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
            outcome => outcome?,
        };
        if count == 0
            && !space.is_empty()
            && let Some(stream) = self.stream.take()
        {
            stream.finish().map_err(translate)?;
        }
        Ok(count)
    }
}

struct Outgoing<T: TlsStream> {
    stream: TransferStream<T>,
}

impl<T: TlsStream> Write for Outgoing<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl<T: TlsStream + Send> Upload for Outgoing<T>
where
    TransferStream<T>: Send,
{
    fn finish(self: Box<Self>) -> Result<(), RemoteError> {
        self.stream.finish().map_err(translate)
    }

    fn abort(self: Box<Self>) {}
}

#[cfg(test)]
mod tests;
