//! FTPMODE, FTPSCON, and the size of the pieces of an upload.

use super::{COMMAND_LIMIT, Generic};
use crate::at::{Answer, Command};
use crate::error::{Error, ErrorKind, Result};

/// The largest piece that can be chosen: what the longest command lines of such modules are known to hold.
const LONGEST_BLOCK: usize = 4096;

impl Generic {
    /// Says whether the module opens the data connections (passive mode), or the server does (active mode), from the next login on
    /// (UC8088 FTP manual, FTPMODE). Networks with address translation let only the former through. Defaults to passive.
    ///
    /// # Errors
    /// [`WrongState`](ErrorKind::WrongState) while logged in: the mode is said before the connection is made.
    pub fn use_passive_mode(&mut self, passive: bool) -> Result<()> {
        if self.session.recall().is_ok() {
            return Err(Error::new(ErrorKind::WrongState, "log out first").during("use passive mode"));
        }
        self.passive = passive;
        Ok(())
    }

    /// Sets how many bytes of an upload go into one command line, 1 to 4096. The manual of FTPPUT names no limit; less is safer,
    /// more is faster. Defaults to 512.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for another number.
    pub fn use_upload_block(&mut self, bytes: usize) -> Result<()> {
        if !(1..=LONGEST_BLOCK).contains(&bytes) {
            let detail = format!("a piece of an upload has 1 to {LONGEST_BLOCK} bytes, not {bytes}");
            return Err(Error::new(ErrorKind::InvalidInput, detail).during("use upload block"));
        }
        self.upload_block = bytes;
        self.capabilities.limits.upload_block = bytes as u64;
        Ok(())
    }

    /// What the module says of its settings, line by line (UC8088 FTP manual, FTPSCON, which leaves open what the lines are).
    /// The password among them is replaced by `***`.
    ///
    /// # Errors
    /// [`WrongState`](ErrorKind::WrongState) without a login: the module would tell the password of somebody else, which could not
    /// be kept out of logs. Else as any exchange with the module.
    pub fn configuration(&mut self) -> Result<Vec<String>> {
        self.operation("configuration", |generic| {
            generic.session.recall()?;
            let command = Command::run("+FTPSCON").answered_by(Answer::Any);
            let answer = generic.engine.execute(command, COMMAND_LIMIT)?;
            let lines = answer.lines.iter().map(|line| masked(generic.engine.shown(line.bytes())));
            Ok(lines.collect())
        })
    }
}

/// A line without the password that it tells.
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
    fn the_password_is_not_told() {
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
