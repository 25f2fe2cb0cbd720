//! What only this vendor has.

use super::{COMMAND_LIMIT, DATA, Fibocom, PATH};
use crate::at::{Command, Line, Pattern};
use crate::error::{Error, ErrorKind, Phase, Result};

/// What FTPCACHE takes (MC66x SDK).
const CACHE: std::ops::RangeInclusive<u64> = 1024..=513_024;

impl Fibocom {
    /// Chooses who opens data connections: the server (`true`, active mode) or the module (`false`, passive mode). It holds for this
    /// session and all that follow. Defaults to passive, which works behind the address translation of mobile networks
    /// (L610 guide V1.0.0 §3.2, FTPMODE).
    ///
    /// # Errors
    /// [`ModuleRefused`](ErrorKind::ModuleRefused) where the module has no such mode; nothing is changed then.
    pub fn use_active_mode(&mut self, active: bool) -> Result<()> {
        self.operation("choosing the mode", |fibocom| {
            let command = Command::set("+FTPMODE").number(u8::from(active));
            let _ = fibocom.engine.execute(command, COMMAND_LIMIT)?;
            fibocom.active = active;
            Ok(())
        })
    }

    /// Sends `NOOP` to the server, which keeps an idle session from being closed (G24 manual, +FTPNOOP).
    ///
    /// # Errors
    /// As any exchange with the module and the server.
    pub fn noop(&mut self) -> Result<()> {
        self.at_server("noop", &[], |fibocom| {
            let verdict = fibocom.run(Command::run("+FTPNOOP"), &Pattern::Prefix("+FTPNOOP"))?;
            fibocom.succeeded(&verdict)
        })
    }

    /// What the server says about its operating system (`SYST`), for example `UNIX Type: L8` (G24 manual, +FTPSYST).
    ///
    /// # Errors
    /// As any exchange with the module and the server.
    pub fn system(&mut self) -> Result<String> {
        self.at_server("system", &[], |fibocom| fibocom.told(Command::run("+FTPSYST"), "+FTPSYST"))
    }

    /// What the server says about a file or directory, or with an empty path about itself (`STAT`); several lines are parted by
    /// line feeds. Its form is the server's own (G24 manual, +FTPSTAT).
    ///
    /// # Errors
    /// As any exchange with the module and the server.
    pub fn stat(&mut self, path: &str) -> Result<String> {
        let command =
            if path.is_empty() { Command::run("+FTPSTAT") } else { Command::set("+FTPSTAT").text(&PATH, path) };
        let paths: &[&str] = if path.is_empty() { &[] } else { &[path] };
        self.at_server("stat", paths, |fibocom| fibocom.told(command, "+FTPSTAT"))
    }

    /// Size of the module's download cache in bytes (MC66x SDK, FTPCACHE).
    ///
    /// # Errors
    /// [`ModuleRefused`](ErrorKind::ModuleRefused) where the module does not tell.
    pub fn cache_size(&mut self) -> Result<u64> {
        self.operation("cache size", |fibocom| {
            let answer = fibocom.engine.execute(Command::read("+FTPCACHE"), COMMAND_LIMIT)?;
            let size = answer.first().and_then(|line| line.number(0));
            size.ok_or_else(|| fibocom.engine.protocol("the size is missing"))
        })
    }

    /// Sets the size of the module's download cache to `bytes`, 1024 to 513,024: so much of a file is fetched from the server at a
    /// time. It holds until the module is opened anew, also over its restarts (MC66x SDK, FTPCACHE).
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for another number; [`ModuleRefused`](ErrorKind::ModuleRefused) where the module
    /// cannot change it.
    pub fn resize_cache(&mut self, bytes: u64) -> Result<()> {
        if !CACHE.contains(&bytes) {
            let detail = format!("the cache has {} to {} bytes, not {bytes}", CACHE.start(), CACHE.end());
            return Err(Error::new(ErrorKind::InvalidInput, detail).during("cache size"));
        }
        self.operation("cache size", |fibocom| {
            let _ = fibocom.engine.execute(Command::set("+FTPCACHE").number(bytes), COMMAND_LIMIT)?;
            fibocom.cache = Some(bytes);
            Ok(())
        })
    }

    /// Sends a command whose result is text: `<name>: 2,<text>`, possibly more of these, then `<name>: 1`.
    pub(super) fn told(&mut self, command: Command, name: &'static str) -> Result<String> {
        const MAX_LINES: usize = 1000;
        let result = Pattern::Prefix(name);
        let mut verdict = self.run(command, &result)?;
        let mut lines = Vec::new();
        while verdict.number(0) == Some(DATA) {
            if lines.len() >= MAX_LINES {
                return Err(self.engine.protocol("the text does not end"));
            }
            lines.push(text(&verdict.0));
            let deadline = self.engine.deadline(Phase::Result, super::RESULT_LIMIT);
            verdict = self.engine.verdict(&result, deadline)?;
        }
        self.succeeded(&verdict)?;
        if lines.is_empty() {
            return Err(self.engine.protocol("the text is missing"));
        }
        Ok(lines.join("\n"))
    }
}

/// The text behind the digit, quoted or not; a bare one may hold commas.
fn text(line: &Line) -> String {
    let Some(line) = line.information() else { return String::new() };
    match line.fields.get(1).filter(|_| line.fields.count() == 2) {
        Some(field) => field.text().into_owned(),
        None => {
            let rest = line.body.iter().position(|byte| *byte == b',').and_then(|comma| line.body.get(comma + 1..));
            String::from_utf8_lossy(rest.unwrap_or_default().trim_ascii()).into_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let cases: &[(&[u8], &str)] = &[
            (b"+FTPPWD: 2,\"/home/ftp/update\"", "/home/ftp/update"),
            (b"+FTPPWD:2, \"/a,b\"", "/a,b"),
            (b"+FTPPWD: 2,/a b", "/a b"),
            (b"+FTPSYST: 2,UNIX Type: L8, or so", "UNIX Type: L8, or so"),
            (b"+FTPSTAT: 2", ""),
            (b"+FTPSTAT: 2,", ""),
        ];
        for (line, expected) in cases {
            assert_eq!(text(&Line::new(line)), *expected, "{}", String::from_utf8_lossy(line));
        }
    }
}
