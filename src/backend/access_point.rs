//! Access points: the commands of 3GPP TS 27.007 that name one, and which one a bearer uses that is up already.

use super::codes::{is_refusal, unless_error_result};
use super::context::Context;
use crate::at::{Answer, Command, Line, Parameter};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{AccessPoint, Authentication, PdpType};

/// The parameters of CGDCONT and CGAUTH, and of the commands that modules of several vendors have in their place.
pub const NAME: Parameter = name(100);
pub const USER: Parameter = user(64);
pub const PASSWORD: Parameter = password(64);

/// The name of an access point, of at most `max` bytes. An empty one leaves the choice to the network.
pub const fn name(max: usize) -> Parameter {
    Parameter::quoted("access point name", max).or_empty()
}

pub const fn user(max: usize) -> Parameter {
    Parameter::quoted("access point's user name", max).or_empty()
}

pub const fn password(max: usize) -> Parameter {
    Parameter::quoted("access point's password", max).or_empty().secret()
}

/// Checks that these parameters can carry an access point.
///
/// # Errors
/// [`ErrorKind::InvalidInput`].
pub fn check(access_point: &AccessPoint) -> Result<()> {
    let AccessPoint { name, user, password, .. } = access_point;
    Parameter::check_all(&[(&NAME, name), (&USER, user), (&PASSWORD, password)])
}

/// Names the access point of a context, and its type (3GPP TS 27.007 §10.1.1).
///
/// # Errors
/// As any exchange with the module.
pub fn define(cx: &mut Context, context: u8, access_point: &AccessPoint) -> Result<()> {
    let command = Command::set("+CGDCONT").number(context).literal(type_literal(access_point.pdp_type));
    cx.set(command.text(&NAME, &access_point.name))
}

/// Whether a context is active (§10.1.10).
///
/// # Errors
/// As any exchange with the module.
pub fn is_active(cx: &mut Context, context: u8) -> Result<bool> {
    let answer = cx.query(Command::read("+CGACT").known())?;
    Ok(answer.lines.iter().any(|line| line.number(0) == Some(context.into()) && line.number(1) == Some(1)))
}

/// The command that sets user name, password, and the protocol by which they are presented (§10.1.31).
pub fn authentication(context: u8, access_point: &AccessPoint) -> Command {
    let protocol = authentication_number(access_point.authentication);
    let command = Command::set("+CGAUTH").number(context).number(protocol);
    command.text(&USER, &access_point.user).text(&PASSWORD, &access_point.password)
}

/// Sets the protocol by which user name and password are presented, where the commands of the bearer have no argument
/// for it.
///
/// # Errors
/// [`ErrorKind::Unsupported`] where the module takes none.
pub fn choose_authentication(cx: &mut Context, context: u8, access_point: &AccessPoint) -> Result<()> {
    if access_point.authentication == Authentication::None || access_point.user.is_empty() {
        return Ok(());
    }
    if cx.set_if_known(authentication(context, access_point))? {
        return Ok(());
    }
    let detail = "the module takes no authentication protocol (AT+CGAUTH), so it chooses one itself; \
                  Authentication::None leaves the choice to it";
    Err(cx.engine.error(ErrorKind::Unsupported, detail))
}

/// The type in CGDCONT.
pub fn type_literal(pdp_type: PdpType) -> &'static str {
    match pdp_type {
        PdpType::Ipv4 => "\"IP\"",
        PdpType::Ipv6 => "\"IPV6\"",
        PdpType::Ipv4v6 => "\"IPV4V6\"",
    }
}

/// Returns whether the active context `context` is known to use the access point `name`. An empty name means any access
/// point: nothing is sent.
///
/// A module that dials on its own always has a bearer up (Air780E FTP guide §7), whatever access point a program
/// names.
///
/// # Errors
/// As any exchange with the module, but for a refusal.
pub fn is_in_use(cx: &mut Context, context: u8, name: &str) -> Result<bool> {
    is_in_use_as_defined(cx, context, name, None)
}

/// As [`is_in_use`], where the context's [`definition`] may be known.
///
/// # Errors
/// As [`is_in_use`].
pub fn is_in_use_as_defined(cx: &mut Context, context: u8, name: &str, defined: Option<&Line>) -> Result<bool> {
    if name.is_empty() {
        return Ok(true);
    }
    let named = |line: &Line| Some(line.information()?.text(2)?.into_owned()).filter(|used| !used.is_empty());
    // The access point in use (3GPP TS 27.007 §10.1.23), else the one that was requested.
    let active = of_context(cx, context, Command::set("+CGCONTRDP").number(context))?;
    let used = match (active.as_ref().and_then(named), defined) {
        (None, None) => definition(cx, context)?.as_ref().and_then(named),
        (None, Some(defined)) => named(defined),
        (used, _) => used,
    };
    Ok(used.is_some_and(|used| is_same(&used, name)))
}

/// The definition of a context: its type and access point, as they were requested (3GPP TS 27.007 §10.1.1).
///
/// # Errors
/// As any exchange with the module, but for a refusal.
pub fn definition(cx: &mut Context, context: u8) -> Result<Option<Line>> {
    of_context(cx, context, Command::read("+CGDCONT"))
}

/// The line about a context in the answer to `query`.
fn of_context(cx: &mut Context, context: u8, query: Command) -> Result<Option<Line>> {
    let lines = unless_error_result(cx.query(query))?.map_or(Vec::new(), |answer| answer.lines);
    Ok(lines.into_iter().find(|line| line.number(0) == Some(context.into())))
}

/// As [`is_in_use`], where the answer to `query`, by `find` in one of its lines, has the name that is set for the
/// bearer. It has none where the network or another program chose it: then the context decides, where it is known.
///
/// # Errors
/// As [`is_in_use`].
pub fn is_set(
    cx: &mut Context,
    query: Command,
    find: impl Fn(&Line) -> Option<String>,
    context: Option<u8>,
    name: &str,
) -> Result<bool> {
    if name.is_empty() {
        return Ok(true);
    }
    // The answer holds the password, too.
    let answer = cx.query_if_known(query.answered_by(Answer::Hidden))?;
    let set = answer.and_then(|answer| answer.lines.iter().find_map(find));
    match (set.filter(|set| !set.is_empty()), context) {
        (Some(set), _) => Ok(is_same(&set, name)),
        (None, Some(context)) => is_in_use(cx, context, name),
        (None, None) => Ok(false),
    }
}

/// Returns the error of a module that refuses to close a bearer which is not known to use the access point that the
/// caller names; other errors are left as they are.
pub fn not_closed(error: Error) -> Error {
    match is_refusal(error.kind()) {
        true => error.caused_by(
            ErrorKind::BearerFailed,
            "a bearer is up that is not known to use this access point, and the module does not close it",
            "switch the module off and on, or attach without the name of an access point",
        ),
        false => error,
    }
}

/// The error of a bearer that does not come up. A line that otherwise reports the loss of the bearer says the same.
pub fn not_opened(error: Error) -> Error {
    match error.kind() {
        ErrorKind::BearerLost | ErrorKind::ModuleRefused => error.with_kind(ErrorKind::BearerFailed),
        _ => error,
    }
}

/// Whether two names mean the same access point: case does not matter, and the network may append the operator's
/// identifier to a name (3GPP TS 23.003 §9.1.2, `.mnc001.mcc460.gprs`).
pub fn is_same(used: &str, wanted: &str) -> bool {
    let (used, wanted) = (used.to_ascii_lowercase(), wanted.to_ascii_lowercase());
    let behind = used.strip_prefix(&wanted);
    behind.is_some_and(|behind| behind.is_empty() || (behind.starts_with(".mnc") && behind.ends_with(".gprs")))
}

/// The number of an authentication protocol in CGAUTH (3GPP TS 27.007 §10.1.31). QICSGP, CPNETAPN and CNCFG number the
/// protocols alike.
pub fn authentication_number(authentication: Authentication) -> u8 {
    match authentication {
        Authentication::None => 0,
        Authentication::Pap => 1,
        Authentication::Chap => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn names_with_and_without_the_operators_identifier() {
        for (used, wanted, same) in [
            ("private", "private", true),
            ("PRIVATE", "Private", true),
            ("private.MNC001.MCC460.GPRS", "private", true),
            ("private.mnc001.mcc460.gprs", "private.mnc001.mcc460.gprs", true),
            ("private2", "private", false),
            ("private.example", "private", false),
            ("cmnet", "private", false),
            ("", "private", false),
        ] {
            assert_eq!(is_same(used, wanted), same, "{used} {wanted}");
        }
    }
}
