//! Output on stdout: data, as text or JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::failure::{Failure, LOCAL};
use crate::text::shown_json;

/// What to do next after a write to stdout that failed.
pub const CHECK_READER: &str = "check the program that reads it, or the disk that it goes to";

/// What to do about a mistake of this program.
pub const REPORT: &str = "report it with the output of the same command with -vvv";

/// Returns the failure of a write to stdout.
pub fn failed(error: &io::Error) -> Failure {
    Failure::new(LOCAL, format!("writing to stdout failed: {error}"), CHECK_READER)
}

/// Prints one line.
pub fn line(text: &str) -> Result<(), Failure> {
    bytes(format!("{text}\n").as_bytes())
}

/// Prints one JSON document on one line.
pub fn json(document: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(document).map_err(|error| Failure::other(format!("JSON: {error}"), REPORT))?;
    line(&shown_json(&text))
}

/// Prints text as it is. A reader that has gone away, such as `head`, wants no more of it: the command goes on, and its
/// exit status says how it ends. The bytes of a download take another way, because they would be lost.
pub fn bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(failed(&error)),
        _ => Ok(()),
    }
}
