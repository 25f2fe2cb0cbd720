//! The errors of 3GPP TS 27.007 §9.2.

/// Operation not allowed.
pub(crate) const NOT_ALLOWED: u16 = 3;
/// SIM not inserted.
pub(super) const NO_SIM: u16 = 10;
/// SIM PIN required.
pub(super) const PIN_REQUIRED: u16 = 11;
/// SIM PUK required.
pub(super) const PUK_REQUIRED: u16 = 12;
/// Incorrect password.
pub(super) const WRONG_PASSWORD: u16 = 16;
/// No network service.
pub(super) const NO_NETWORK: u16 = 30;
/// Incorrect parameters.
pub(crate) const BAD_PARAMETERS: u16 = 50;

/// Returns the words of an error.
pub(crate) const fn text(code: u16) -> Option<&'static str> {
    Some(match code {
        0 => "phone failure",
        NOT_ALLOWED => "operation not allowed",
        4 => "operation not supported",
        NO_SIM => "SIM not inserted",
        PIN_REQUIRED => "SIM PIN required",
        PUK_REQUIRED => "SIM PUK required",
        WRONG_PASSWORD => "incorrect password",
        20 => "memory full",
        21 => "invalid index",
        22 => "not found",
        24 => "text string too long",
        25 => "invalid characters in text string",
        NO_NETWORK => "no network service",
        31 => "network timeout",
        BAD_PARAMETERS => "Incorrect parameters",
        100 => "unknown",
        _ => return None,
    })
}
