//! FTPSCON, and the size of the pieces of an upload.

use super::Generic;
use crate::at::{Answer, Command};
use crate::error::{Error, ErrorKind, Result};

/// The largest piece that can be chosen: what the longest command lines of such modules are known to hold.
const LONGEST_BLOCK: usize = 4096;

impl Generic {
    /// Sets the number of bytes of an upload that go into one command line, 1 to 4096. The manual of FTPPUT names no
    /// limit; less is safer, more is faster. Default: 512.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for another number.
    ///
    /// # Examples
    /// ```
    /// # use ftp_modem::backend::generic::Generic;
    /// # use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
    /// # use ftp_modem::transport::memory::MemoryPipe;
    /// # use ftp_modem::OpenOptions;
    /// # let files = MemoryServer::new();
    /// # let module = Module::new(Family::Generic, files.remote(), Options::default());
    /// let mut modem: Generic = OpenOptions::new().open_as_on(MemoryPipe::new(module))?;
    /// modem.use_upload_block(1024)?;
    /// assert_eq!(ftp_modem::FtpModem::capabilities(&modem).limits.upload_block, 1024);
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn use_upload_block(&mut self, bytes: usize) -> Result<()> {
        if !(1..=LONGEST_BLOCK).contains(&bytes) {
            let detail = format!("a piece of an upload has 1 to {LONGEST_BLOCK} bytes, not {bytes}");
            return Err(Error::new(ErrorKind::InvalidInput, detail).during("use upload block"));
        }
        let (dialect, cx) = self.parts();
        dialect.upload_block = bytes;
        cx.capabilities.limits.upload_block = bytes as u64;
        Ok(())
    }

    /// Queries the module's settings, line by line (UC8088 FTP manual, FTPSCON, which leaves open what the lines are).
    /// The password among them is replaced by `***`.
    ///
    /// # Errors
    /// [`WrongState`](ErrorKind::WrongState) without a login: the module would print the password of another program,
    /// which could not be kept out of logs. Else as any exchange with the module.
    ///
    /// # Examples
    /// ```
    /// # use ftp_modem::backend::generic::Generic;
    /// # use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
    /// # use ftp_modem::transport::memory::MemoryPipe;
    /// # use ftp_modem::{AccessPoint, FtpModem, OpenOptions, Server};
    /// # let files = MemoryServer::new();
    /// # let module = Module::new(Family::Generic, files.remote(), Options::default());
    /// let mut modem: Generic = OpenOptions::new().open_as_on(MemoryPipe::new(module))?;
    /// modem.attach(&AccessPoint::default())?;
    /// modem.login(&Server::new("192.0.2.7", "logger", "secret"))?;
    /// assert!(modem.configuration()?.iter().any(|line| line.contains("logger")));
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn configuration(&mut self) -> Result<Vec<String>> {
        self.operation("configuration", |_, cx| {
            cx.session.recall()?;
            let answer = cx.query(Command::run("+FTPSCON").answered_by(Answer::Any))?;
            Ok(answer.lines.iter().map(|line| masked(cx.engine.report().shown(line.bytes()))).collect())
        })
    }
}

/// A line without the password that it holds.
fn masked(line: String) -> String {
    let name = line.trim_start_matches(['+', ' ']);
    if !name.starts_with("FTPPW") {
        return line;
    }
    match line.split_once([':', '：']) {
        Some((name, _)) => format!("{name}:***"),
        None => "FTPPW:***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn the_password_is_masked() {
        for (line, shown) in [
            ("FTPPW:123", "FTPPW:***"),
            ("+FTPPW: 123", "+FTPPW:***"),
            ("+ FTPPW：123", "+ FTPPW:***"),
            ("FTPPW 123", "FTPPW:***"),
            ("FTPUN:xs", "FTPUN:xs"),
            ("+FTPSCON:", "+FTPSCON:"),
        ] {
            assert_eq!(masked(line.to_owned()), shown);
        }
    }
}
