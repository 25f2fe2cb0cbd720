//! What a refusal means for the next step of a transfer.

use crate::error::{Error, ErrorKind};

/// Whether a transfer that was to begin at an offset failed for a reason that may be the offset: servers without `REST`
/// or `APPE` and modules that cannot pass it on refuse it in many ways.
pub(super) fn concerns_offset(error: &Error) -> bool {
    use ErrorKind::{ModuleRefused, ServerBusy, ServerRefused, Unavailable, Unsupported};
    match error.kind() {
        ServerRefused | ModuleRefused | Unavailable | Unsupported => true,
        // 451 (local error in processing) is the reply of servers that accept no APPE, too.
        ServerBusy => error.ftp_reply() == Some(451),
        _ => false,
    }
}

/// Whether the server may have refused an upload before it opened the file. A module may have taken bytes of it all the
/// same: Quectel names the refusal behind the data. 421 and 450 answer `STOR` itself (RFC 959 §5.4). With 425 there was
/// no data connection.
pub(super) fn may_precede_opening(error: &Error) -> bool {
    use ErrorKind::{DataConnection, LoginRefused, ServerBusy, ServerRefused, SessionLost, Unavailable};
    match error.kind() {
        ServerBusy | ServerRefused | Unavailable | LoginRefused => true,
        SessionLost => error.ftp_reply() == Some(421),
        DataConnection => error.ftp_reply() == Some(425),
        _ => false,
    }
}

/// Whether a query failed in a way that says nothing of the file that was transferred before it: it was refused, or
/// did not get to the server.
///
/// A module that is silent, busy or answers something else behind an upload may still wait for bytes of the file that
/// were lost on the line: it takes the query for them ([`ErrorKind::Timeout`], [`ErrorKind::Protocol`]), or refuses it
/// because the upload has not ended ([`ErrorKind::ModuleBusy`]: China Mobile's code for "the last command is not
/// finished").
pub(super) fn says_nothing(error: &Error) -> bool {
    use ErrorKind::*;
    matches!(
        error.kind(),
        ServerRefused
            | ModuleRefused
            | Unavailable
            | Unsupported
            | ServerBusy
            | LoginRefused
            | DataConnection
            | SessionLost
            | BearerLost
            | BearerFailed
            | NameResolution
            | ConnectFailed
            | NetworkTimeout
            | Tls
    ) || is_loss_of_module(error)
}

/// Whether a query failed because the module is gone, or has restarted and forgotten the transfer.
pub(super) fn is_loss_of_module(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::PortLost | ErrorKind::ModuleRestarted)
}
