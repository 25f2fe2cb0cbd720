//! The PDP context: QICSGP, QIACT and QIDEACT (TCP/IP application note; note §1.3, §4.2).

use super::facts::{ACTIVATION_LIMIT, APN, APN_PASSWORD, APN_USER, DEACTIVATION_LIMIT};
use crate::at::{Command, Line, Parameter};
use crate::backend::codes::is_refusal;
use crate::backend::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{AccessPoint, Authentication, Bearer};

/// The bearer, if it is up.
pub(super) fn active(cx: &mut Context, context: u8) -> Result<Option<Bearer>> {
    let answer = cx.query(Command::read("+QIACT").known())?;
    let is_ours = |line: &Line| line.number(0) == Some(u64::from(context)) && line.number(1) == Some(1);
    Ok(answer.lines.into_iter().find(is_ours).map(|line| {
        let address = line.information().and_then(|line| line.text(3)?.parse().ok());
        Bearer::new(address, true)
    }))
}

pub(super) fn activate(cx: &mut Context, context: u8, access_point: &AccessPoint) -> Result<Bearer> {
    let user = (&APN_USER, access_point.user.as_str());
    Parameter::check_all(&[(&APN, &access_point.name), user, (&APN_PASSWORD, &access_point.password)])?;
    if access_point.name.is_empty() && !(access_point.user.is_empty() && access_point.password.is_empty()) {
        // QICSGP sets all of them together.
        let detail = "user name and password need the name of the access point";
        return Err(Error::new(ErrorKind::InvalidInput, detail));
    }
    if let Some(bearer) = active(cx, context)? {
        return Ok(bearer);
    }
    if !access_point.name.is_empty() {
        let authentication: u8 = match access_point.authentication {
            Authentication::None => 0,
            Authentication::Pap => 1,
            Authentication::Chap => 2,
        };
        let command = Command::set("+QICSGP").number(context).number(1u8).text(&APN, &access_point.name);
        let command = command.text(&APN_USER, &access_point.user).text(&APN_PASSWORD, &access_point.password);
        cx.set(command.number(authentication))?;
    }
    match switch_on(cx, context) {
        // A context that the network dropped must be deactivated before it can be activated again
        // (TCP/IP application note, QIURC "pdpdeact").
        Err(error) if error.kind() == ErrorKind::ModuleRefused => renew(cx, context)?,
        other => other?,
    }
    match active(cx, context)? {
        Some(bearer) => Ok(Bearer { was_up: false, ..bearer }),
        None => Err(cx.engine.report.error(ErrorKind::BearerFailed, "the context is not active after QIACT")),
    }
}

pub(super) fn deactivate(cx: &mut Context, context: u8) -> Result<()> {
    match cx.engine.execute(Command::set("+QIDEACT").number(context), DEACTIVATION_LIMIT) {
        Err(error) if !is_refusal(error.kind()) => Err(error),
        _ => Ok(()),
    }
}

/// Deactivates the context and activates it again with what is set for it already. The note demands this also where a
/// result does not come (§2.3 to §2.18).
///
/// A module whose contexts cannot be activated any more has to be restarted (note §4.2); an EG800K was seen that only
/// switching off helped.
pub(super) fn renew(cx: &mut Context, context: u8) -> Result<()> {
    deactivate(cx, context)?;
    switch_on(cx, context).map_err(|error| match error.kind() {
        ErrorKind::ModuleRefused => error
            .with_kind(ErrorKind::BearerFailed)
            .explained_further("if it stays so, only switching the module off and on helps; wait longer each time"),
        _ => error,
    })
}

fn switch_on(cx: &mut Context, context: u8) -> Result<()> {
    cx.engine.execute(Command::set("+QIACT").number(context), ACTIVATION_LIMIT).map(drop)
}
