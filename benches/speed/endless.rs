//! An FTP server with a file of any size, and space for uploads of any size, without memory for either.

use std::io::{self, Read, Write};

use ftp_modem::emulator::{Listing, MemoryServer, Remote, RemoteError, StoreMode, Tls, Upload};

/// A server that replaces the content of the files of another server.
pub struct Endless {
    server: Box<dyn Remote>,
    size: u64,
}

impl Endless {
    /// Creates a server whose files have `size` bytes each. Its root directory lists `path`.
    pub fn new(path: &str, size: u64) -> Self {
        let server = MemoryServer::new();
        let name = path.trim_start_matches('/');
        let line = format!("-rw-r--r--    1 ftp      ftp      {size:>8} Jul 22 04:09 {name}\r\n");
        for listed in ["/", path] {
            server.set_listing(listed, line.clone());
        }
        Endless { server: server.remote(), size }
    }
}

/// An upload that discards its data.
struct Nowhere;

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Upload for Nowhere {
    fn finish(self: Box<Self>) -> Result<(), RemoteError> {
        Ok(())
    }

    fn abort(self: Box<Self>) {}
}

type Outcome<T> = Result<T, RemoteError>;

impl Remote for Endless {
    fn connect(&mut self, host: &str, port: u16, tls: Tls) -> Outcome<()> {
        self.server.connect(host, port, tls)
    }

    fn login(&mut self, user: &str, password: &str) -> Outcome<()> {
        self.server.login(user, password)
    }

    fn pwd(&mut self) -> Outcome<String> {
        self.server.pwd()
    }

    fn cwd(&mut self, path: &str) -> Outcome<()> {
        self.server.cwd(path)
    }

    fn list(&mut self, path: &str, listing: Listing) -> Outcome<Box<dyn Read + Send>> {
        self.server.list(path, listing)
    }

    fn size(&mut self, _: &str) -> Outcome<u64> {
        Ok(self.size)
    }

    fn modified(&mut self, path: &str) -> Outcome<String> {
        self.server.modified(path)
    }

    fn make_dir(&mut self, path: &str) -> Outcome<()> {
        self.server.make_dir(path)
    }

    fn remove_dir(&mut self, path: &str) -> Outcome<()> {
        self.server.remove_dir(path)
    }

    fn remove(&mut self, path: &str) -> Outcome<()> {
        self.server.remove(path)
    }

    fn rename(&mut self, from: &str, to: &str) -> Outcome<()> {
        self.server.rename(from, to)
    }

    fn retrieve(&mut self, _: &str, offset: u64) -> Outcome<Box<dyn Read + Send>> {
        Ok(Box::new(io::repeat(b'x').take(self.size.saturating_sub(offset))))
    }

    fn store(&mut self, _: &str, _: StoreMode) -> Outcome<Box<dyn Upload>> {
        Ok(Box::new(Nowhere))
    }

    fn command(&mut self, line: &str) -> Outcome<(u16, String)> {
        self.server.command(line)
    }

    fn quit(&mut self) -> Outcome<()> {
        self.server.quit()
    }

    fn another(&self) -> Option<Box<dyn Remote>> {
        let server = self.server.another()?;
        Some(Box::new(Endless { server, size: self.size }))
    }
}
