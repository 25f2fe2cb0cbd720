//! Result codes and what kind of error they are.

use crate::at::{ErrorCode, Line, Wire};
use crate::error::{Error, ErrorKind, ModuleCode, Result};
use crate::modem::listing;

/// One row of a manual's table of result codes.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    /// The number.
    pub number: u64,
    /// The kind of error it is.
    pub kind: ErrorKind,
    /// What the manual says, in English.
    pub meaning: &'static str,
}

impl Code {
    /// A row.
    pub const fn new(number: u64, kind: ErrorKind, meaning: &'static str) -> Self {
        Code { number, kind, meaning }
    }
}

/// The row of `code`, which is a number, or what it means in words, as under `AT+CMEE=2`. Some firmware gives words in
/// spite of `AT+CMEE=1` (seen on Quectel's EG800K), and also within results (seen on EC25).
pub fn find(table: &'static [Code], code: &str) -> Option<&'static Code> {
    let words = code.trim().trim_end_matches('.');
    match code.parse::<u64>() {
        Ok(number) => table.iter().find(|row| row.number == number),
        Err(_) => table.iter().find(|row| row.meaning.eq_ignore_ascii_case(words)),
    }
}

/// The error of result `value` of the family `name`; a value that the table does not list stays visible in it. Without
/// a value (empty or `?`) the line is damaged, as one that a restart of the module has cut off.
pub fn failure(wire: &Wire, name: &'static str, table: &'static [Code], value: &str) -> Error {
    let code = find(table, value);
    let unlisted = if matches!(value, "" | "?") { ErrorKind::Protocol } else { ErrorKind::ModuleRefused };
    let kind = code.map_or(unlisted, |code| code.kind);
    let value = wire.report().shown(value.as_bytes());
    wire.error(kind, "").with_code(ModuleCode { table: name, value, meaning: code.map(|code| code.meaning) })
}

/// Kind and meaning of an error result, from a dialect's table and then from 3GPP TS 27.007.
pub fn refusal(table: &'static [Code], code: &ErrorCode) -> Option<(ErrorKind, &'static str)> {
    let (ErrorCode::Cme(value) | ErrorCode::Cms(value) | ErrorCode::Cis(value)) = code else { return None };
    let row = find(table, value).or_else(|| find(MOBILE_EQUIPMENT, value));
    row.map(|code| (code.kind, code.meaning))
}

/// Whether a module refused a command, and nothing worse.
pub fn is_refusal(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ModuleRefused | ErrorKind::Unsupported | ErrorKind::WrongState)
}

/// What a command came to that not every module has; none where the module refused it.
///
/// # Errors
/// Everything but a refusal.
pub fn unless_refused<T>(outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Err(error) if is_refusal(error.kind()) => Ok(None),
        outcome => outcome.map(Some),
    }
}

/// As [`unless_refused`]; none, too, where the module answered with the code of an error.
///
/// # Errors
/// What is no answer of the module.
pub fn unless_error_result<T>(outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Err(error) if is_refusal(error.kind()) || error.module_code().is_some() => Ok(None),
        outcome => outcome.map(Some),
    }
}

/// The size in field `index` of a result; none where it is negative, because the server counts in 31 bits.
///
/// # Errors
/// [`ErrorKind::Protocol`] for anything but a number.
pub fn stated_size(wire: &mut Wire, result: &Line, index: usize) -> Result<Option<u64>> {
    let overflows = || Some(listing::is_overflow(&result.information()?.bytes(index)?));
    match result.number(index) {
        None if overflows() == Some(true) => Ok(None),
        None => Err(wire.protocol("the size is not a number")),
        size => Ok(size),
    }
}

/// The error where a size is needed that the server cannot state.
pub fn size_overflows() -> Error {
    let detail = "the server states a negative size: it counts in 31 bits, and the file has at least 2 GiB";
    Error::new(ErrorKind::Unavailable, detail)
}

/// The kind of error behind an FTP server's reply (RFC 959 §4.2).
pub fn ftp_reply_kind(reply: u64) -> Option<ErrorKind> {
    match reply {
        425 | 426 => Some(ErrorKind::DataConnection),
        430 | 530 | 532 => Some(ErrorKind::LoginRefused),
        452 | 552 => Some(ErrorKind::ServerStorage),
        550 => Some(ErrorKind::Unavailable),
        // The others of 4yz say that the same command may succeed later.
        400..=499 => Some(ErrorKind::ServerBusy),
        500..=599 => Some(ErrorKind::ServerRefused),
        _ => None,
    }
}

/// The codes of 3GPP TS 27.007 §9.2 that a module without a usable SIM or network answers.
const MOBILE_EQUIPMENT: &[Code] = &[
    Code::new(3, ErrorKind::ModuleRefused, "operation not allowed"),
    Code::new(4, ErrorKind::Unsupported, "operation not supported"),
    Code::new(10, ErrorKind::SimUnavailable, "SIM not inserted"),
    Code::new(11, ErrorKind::SimUnavailable, "SIM PIN required"),
    Code::new(12, ErrorKind::SimUnavailable, "SIM PUK required"),
    Code::new(13, ErrorKind::SimUnavailable, "SIM failure"),
    Code::new(14, ErrorKind::ModuleBusy, "SIM busy"),
    Code::new(15, ErrorKind::SimUnavailable, "SIM wrong"),
    Code::new(30, ErrorKind::BearerFailed, "no network service"),
    Code::new(31, ErrorKind::NetworkTimeout, "network timeout"),
    Code::new(50, ErrorKind::ModuleRefused, "incorrect parameters"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialects_own_table_comes_before_the_common_one() {
        const OWN: &[Code] = &[Code::new(10, ErrorKind::ModuleBusy, "own")];
        let cme = |value: &str| ErrorCode::Cme(value.into());
        assert_eq!(refusal(OWN, &cme("10")), Some((ErrorKind::ModuleBusy, "own")));
        assert_eq!(refusal(OWN, &cme("11")), Some((ErrorKind::SimUnavailable, "SIM PIN required")));
        assert_eq!(refusal(OWN, &cme("sim not inserted")), Some((ErrorKind::SimUnavailable, "SIM not inserted")));
        assert_eq!(refusal(OWN, &cme("9999")), None);
        assert_eq!(refusal(OWN, &cme("words")), None);
        assert_eq!(refusal(OWN, &ErrorCode::None), None);
    }

    #[test]
    fn codes_in_numbers_and_in_words() {
        const TABLE: &[Code] = &[
            Code::new(603, ErrorKind::ModuleBusy, "FTP(S) server busy"),
            Code::new(606, ErrorKind::SessionLost, "control connection closed"),
        ];
        for (code, number) in [
            ("603", Some(603)),
            ("0603", Some(603)),
            ("FTP(S) server busy", Some(603)),
            ("Control connection closed.", Some(606)),
            ("600", None),
            ("-1", None),
            ("Http unknown error", None),
            ("", None),
        ] {
            assert_eq!(find(TABLE, code).map(|row| row.number), number, "{code}");
        }
    }

    #[test]
    fn server_replies() {
        for (reply, kind) in [
            (150, None),
            (421, Some(ErrorKind::ServerBusy)),
            (426, Some(ErrorKind::DataConnection)),
            (451, Some(ErrorKind::ServerBusy)),
            (530, Some(ErrorKind::LoginRefused)),
            (550, Some(ErrorKind::Unavailable)),
            (552, Some(ErrorKind::ServerStorage)),
            (553, Some(ErrorKind::ServerRefused)),
        ] {
            assert_eq!(ftp_reply_kind(reply), kind, "{reply}");
        }
    }
}
