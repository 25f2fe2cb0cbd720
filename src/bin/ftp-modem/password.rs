//! The source of the FTP password. It is never an argument, because every user of the machine can see arguments.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;

use ftp_modem::Server;

use crate::failure::Failure;
use crate::interrupt::{self, Interrupt};
use crate::terminal;

/// The environment variable with the password.
const VARIABLE: &str = "FTP_MODEM_PASSWORD";

/// The password of anonymous accounts (RFC 1635).
const GUEST: &str = "guest";

/// Returns the password of the account on `server`: from `file`, from the environment, or from a prompt on the
/// terminal, in this order.
///
/// # Errors
/// No password, a password that is not UTF-8, or a file that is empty or cannot be read.
pub fn find(server: &Server, file: Option<&Path>, interrupt: &Interrupt) -> Result<String, Failure> {
    if let Some(file) = file {
        let path = file.to_owned();
        let password = interrupt.wait_for(move || from_file(&path))??;
        if password.is_empty() {
            let text = format!("{}: the file holds no password", file.display());
            return Err(Failure::usage(text, "write the password into it, on one line"));
        }
        return Ok(password);
    }
    match std::env::var(VARIABLE) {
        Ok(password) => return Ok(password),
        Err(std::env::VarError::NotUnicode(_)) => {
            return Err(Failure::usage(format!("{VARIABLE} is not UTF-8"), "give the password in UTF-8"));
        }
        Err(std::env::VarError::NotPresent) => {}
    }
    if is_anonymous(server) {
        return Ok(GUEST.to_owned());
    }
    ask(server, interrupt)
}

/// Returns whether the account needs no password.
pub fn is_anonymous(server: &Server) -> bool {
    server.user == "anonymous" || server.user == "ftp"
}

/// Returns the content of a file, without the end of its last line.
///
/// # Errors
/// A file that cannot be read, or is not UTF-8.
pub fn from_file(path: &Path) -> Result<String, Failure> {
    let mut password = fs::read_to_string(path).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => {
            Failure::usage(format!("{}: the content is not UTF-8", path.display()), "write it in UTF-8")
        }
        _ => Failure::local(path, &error),
    })?;
    if password.ends_with('\n') {
        password.pop();
        if password.ends_with('\r') {
            password.pop();
        }
    }
    Ok(password)
}

fn ask(server: &Server, interrupt: &Interrupt) -> Result<String, Failure> {
    let missing =
        |why: String| Failure::usage(format!("no password{why}"), format!("use --password-file or {VARIABLE}"));
    if !io::stdin().is_terminal() && !io::stderr().is_terminal() {
        return Err(missing(String::new()));
    }
    let prompt = format!("Password of {} on {}: ", crate::text::shown(&server.user), crate::text::shown(&server.host));
    terminal::save();
    let asked = interrupt.wait_for(move || rpassword::prompt_password(prompt));
    let asked = asked.inspect_err(|_| terminal::restore())?;
    terminal::forget();
    asked.map_err(|error| match error.kind() {
        // Ctrl-C. rpassword has restored the terminal.
        io::ErrorKind::Interrupted => interrupt::interrupted(),
        _ => missing(format!(" (the prompt on the terminal failed: {error})")),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn one_line_end_is_not_part_of_the_password() {
        for (content, expected) in [("a b", "a b"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a ", " a ")] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(content.as_bytes()).unwrap();
            assert_eq!(from_file(file.path()).unwrap(), expected);
        }
    }
}
