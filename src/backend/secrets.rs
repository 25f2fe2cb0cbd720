//! Secrets in command lines that a program writes itself. A line may be meant for any module, so the commands of every
//! dialect are known.

use super::registry::Vendor;
use crate::at::{self, Secrets};

/// Returns the commands of every dialect that have secrets among their parameters.
pub fn known() -> [&'static [Secrets]; Vendor::ALL.len()] {
    Vendor::ALL.map(|vendor| vendor.row().secrets)
}

/// Returns the parts of a command line that must not be shown: passwords and PINs of known commands. A program that
/// records the line masks them.
///
/// # Examples
/// ```
/// use ftp_modem::backend::secrets_in;
///
/// assert_eq!(secrets_in("AT+QFTPCFG=\"account\",\"logger\",\"s3cret\""), ["s3cret"]);
/// assert!(secrets_in("AT+CSQ").is_empty());
/// ```
pub fn secrets_in(line: &str) -> Vec<&str> {
    at::secrets_in(line, &known())
}

/// Returns a command line with the passwords and PINs of known commands as `***`.
///
/// # Examples
/// ```
/// use ftp_modem::backend::without_secrets;
///
/// assert_eq!(without_secrets("AT+FTPPW=\"ft\""), "AT+FTPPW=\"***\"");
/// assert_eq!(without_secrets("AT+CSQ"), "AT+CSQ");
/// ```
pub fn without_secrets(line: &str) -> String {
    at::without_secrets(line, &known())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secrets_of_every_dialect_are_known() {
        for vendor in Vendor::ALL {
            assert!(!vendor.row().secrets.is_empty(), "{vendor}: a login has a password");
        }
        let cases: [(&str, &[&str]); 5] = [
            ("AT+QFTPCFG=\"filetype\",1", &[]),
            ("AT+SAPBR=3,1,\"PWD\",\"s3cret\"", &["s3cret"]),
            ("AT+SAPBR=3,1,\"APN\",\"cmnet\"", &[]),
            ("AT+FTPPW=s3cret", &["s3cret"]),
            ("AT+CPIN=1234", &["1234"]),
        ];
        for (line, expected) in cases {
            assert_eq!(secrets_in(line), expected, "{line}");
        }
    }
}
