//! What the measurements need of each dialect: the sections of `benches/speed/dialects/<dialect>.txt`.
//!
//! | section | contents |
//! |---|---|
//! | `get bound`, `put bound` | one block of payload and its lines, as the manual prints them; see [`crate::bounds`] |
//! | `lost bearer` | the unsolicited result code of a lost bearer |
//! | `log in`, `get`, `put`, `log out` | the plain script; see [`crate::plain`] |
//!
//! Blanks before a line, empty lines, and lines that begin with `#` have no meaning. In all others `{file}` is the path
//! of the file, `\r` and `\n` are the control characters.

use std::fs;

use ftp_modem::Vendor;

use crate::rig::FILE;

/// Returns the lines of a section.
pub fn section(vendor: Vendor, name: &str) -> Vec<String> {
    let path = format!("{}/benches/speed/dialects/{vendor}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}, which {vendor} needs: {error}"));
    let mut lines = text.lines().map(str::trim_start);
    assert!(lines.any(|line| line == format!("[{name}]")), "{path} has no section [{name}]");
    let own = lines.take_while(|line| !line.starts_with('[')).filter(|line| !line.is_empty() && !line.starts_with('#'));
    own.map(|line| line.replace("{file}", FILE).replace("\\r", "\r").replace("\\n", "\n")).collect()
}
