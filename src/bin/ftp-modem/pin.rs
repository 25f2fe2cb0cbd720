//! The source of the SIM card's PIN. It is never an argument, because every user of the machine can see arguments.

use std::path::Path;

use crate::failure::Failure;
use crate::password;

/// The environment variable with the PIN.
const VARIABLE: &str = "FTP_MODEM_PIN";

/// What to do about a PIN that is none.
const DIGITS: &str = "give it as 4 to 8 digits and nothing else";

/// Returns the PIN from `file`, or from the environment.
///
/// # Errors
/// A file that cannot be read, or a PIN that is not 4 to 8 digits.
pub fn find(file: Option<&Path>) -> Result<Option<String>, Failure> {
    let (pin, source) = match file {
        Some(file) => (password::from_file(file)?, file.display().to_string()),
        None => match std::env::var(VARIABLE) {
            Ok(pin) => (pin, VARIABLE.to_owned()),
            Err(std::env::VarError::NotPresent) => return Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => {
                return Err(Failure::usage(format!("{VARIABLE} is not UTF-8"), DIGITS));
            }
        },
    };
    if (4..=8).contains(&pin.len()) && pin.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Some(pin));
    }
    Err(Failure::usage(format!("{source}: no PIN"), DIGITS))
}
