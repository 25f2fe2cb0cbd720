//! What only this vendor has: the cache, NOOP, SYST and STAT.

use std::ops::RangeInclusive;

use super::Fibocom;
use super::facts::PATH;
use super::results::{self, done};
use crate::at::Command;
use crate::backend::path::Resolution;
use crate::error::{Error, ErrorKind, Result};

/// The sizes that FTPCACHE takes (MC66x SDK).
const CACHE: RangeInclusive<u64> = 1024..=513_024;

impl Fibocom {
    /// Sends `NOOP` to the server, which keeps an idle session from being closed (G24 manual, +FTPNOOP).
    ///
    /// # Errors
    /// As any exchange with the module and the server.
    ///
    /// # Examples
    /// ```
    /// # use ftp_modem::backend::fibocom::Fibocom;
    /// # use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
    /// # use ftp_modem::transport::memory::MemoryPipe;
    /// # use ftp_modem::{AccessPoint, FtpModem, OpenOptions, Server};
    /// # let files = MemoryServer::new();
    /// # let module = Module::new(Family::Fibocom, files.remote(), Options::default());
    /// let mut modem: Fibocom = OpenOptions::new().open_as_on(MemoryPipe::new(module))?;
    /// modem.attach(&AccessPoint::default())?;
    /// modem.login(&Server::new("ftp.example.com", "logger", "secret"))?;
    /// modem.noop()?;
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn noop(&mut self) -> Result<()> {
        self.at_server("noop", |_, cx| done(cx, "+FTPNOOP", Command::run("+FTPNOOP")))
    }

    /// Queries the operating system of the server (`SYST`), for example `UNIX Type: L8` (G24 manual, +FTPSYST).
    ///
    /// # Errors
    /// As any exchange with the module and the server.
    ///
    /// # Examples
    /// ```
    /// # use ftp_modem::backend::fibocom::Fibocom;
    /// # use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
    /// # use ftp_modem::transport::memory::MemoryPipe;
    /// # use ftp_modem::{AccessPoint, FtpModem, OpenOptions, Server};
    /// # let files = MemoryServer::new();
    /// # let module = Module::new(Family::Fibocom, files.remote(), Options::default());
    /// let mut modem: Fibocom = OpenOptions::new().open_as_on(MemoryPipe::new(module))?;
    /// modem.attach(&AccessPoint::default())?;
    /// modem.login(&Server::new("ftp.example.com", "logger", "secret"))?;
    /// assert_eq!(modem.system()?, "UNIX Type: L8");
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn system(&mut self) -> Result<String> {
        self.at_server("system", |_, cx| results::text(cx, "+FTPSYST", Command::run("+FTPSYST")))
    }

    /// Queries the status of a file or directory, or with an empty path of the server (`STAT`); several lines are
    /// separated by line feeds. The form is the server's own (G24 manual, +FTPSTAT).
    ///
    /// # Errors
    /// As any exchange with the module and the server.
    ///
    /// # Examples
    /// ```
    /// # use ftp_modem::backend::fibocom::Fibocom;
    /// # use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
    /// # use ftp_modem::transport::memory::MemoryPipe;
    /// # use ftp_modem::{AccessPoint, FtpModem, OpenOptions, Server};
    /// # let files = MemoryServer::new();
    /// # let module = Module::new(Family::Fibocom, files.remote(), Options::default());
    /// let mut modem: Fibocom = OpenOptions::new().open_as_on(MemoryPipe::new(module))?;
    /// modem.attach(&AccessPoint::default())?;
    /// modem.login(&Server::new("ftp.example.com", "logger", "secret"))?;
    /// assert_eq!(modem.stat("")?, "End of status");
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn stat(&mut self, path: &str) -> Result<String> {
        self.on_path("stat", path, Resolution::ExistingDirectory, |_, cx, path| {
            let command = match path.is_empty() {
                true => Command::run("+FTPSTAT"),
                false => Command::set("+FTPSTAT").text(&PATH, path),
            };
            results::text(cx, "+FTPSTAT", command)
        })
    }

    /// Queries the size of the module's download cache in bytes (MC66x SDK, FTPCACHE).
    ///
    /// # Errors
    /// [`ModuleRefused`](ErrorKind::ModuleRefused) where the module does not report it.
    pub fn cache_size(&mut self) -> Result<u64> {
        self.operation("cache size", |_, cx| {
            let answer = cx.query(Command::read("+FTPCACHE"))?;
            let size = answer.first().and_then(|line| line.number(0));
            size.ok_or_else(|| cx.engine.protocol("the size is missing"))
        })
    }

    /// Sets the size of the module's download cache to `bytes`, 1024 to 513,024: so much of a file is fetched from the
    /// server at a time. The driver sends it with every login, so that it outlives restarts of the module (MC66x SDK,
    /// FTPCACHE).
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for another number; [`ModuleRefused`](ErrorKind::ModuleRefused) where
    /// the module cannot change it.
    ///
    /// # Examples
    /// ```
    /// # use ftp_modem::backend::fibocom::Fibocom;
    /// # use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
    /// # use ftp_modem::transport::memory::MemoryPipe;
    /// # use ftp_modem::OpenOptions;
    /// # let files = MemoryServer::new();
    /// # let module = Module::new(Family::Fibocom, files.remote(), Options::default());
    /// let mut modem: Fibocom = OpenOptions::new().open_as_on(MemoryPipe::new(module))?;
    /// modem.resize_cache(4096)?;
    /// assert_eq!(modem.cache_size()?, 4096);
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn resize_cache(&mut self, bytes: u64) -> Result<()> {
        const NAME: &str = "resize cache";
        if !CACHE.contains(&bytes) {
            let detail = format!("the cache has {} to {} bytes, not {bytes}", CACHE.start(), CACHE.end());
            return Err(Error::new(ErrorKind::InvalidInput, detail).during(NAME));
        }
        self.operation(NAME, |dialect, cx| {
            cx.set(Command::set("+FTPCACHE").number(bytes))?;
            dialect.cache_size = Some(bytes);
            Ok(())
        })
    }
}
