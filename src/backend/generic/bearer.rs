//! The bearer: CGDCONT and CGACT (3GPP TS 27.007 §10.1.1, §10.1.10).

use super::facts::{ACTIVATION_LIMIT, APN};
use crate::at::Command;
use crate::backend::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{AccessPoint, Bearer};

pub(super) fn activate(cx: &mut Context, access_point: &AccessPoint) -> Result<Bearer> {
    if !access_point.user.is_empty() {
        return Err(Error::new(ErrorKind::Unsupported, "this dialect has no APN user name and password"));
    }
    APN.check(&access_point.name)?;
    if is_active(cx)? {
        return Ok(Bearer::new(None, true));
    }
    let _ = cx.engine.execute(Command::set("+CFUN").number(1u8), ACTIVATION_LIMIT)?;
    if !access_point.name.is_empty() {
        let context = Command::set("+CGDCONT").number(1u8).literal("\"IP\"");
        cx.set(context.text(&APN, &access_point.name))?;
    }
    match cx.engine.execute(Command::set("+CGACT").number(1u8).number(1u8), ACTIVATION_LIMIT) {
        Ok(_) => Ok(Bearer::new(None, false)),
        Err(error) if error.kind() == ErrorKind::ModuleRefused => Err(error.with_kind(ErrorKind::BearerFailed)),
        Err(error) => Err(error),
    }
}

pub(super) fn deactivate(cx: &mut Context) -> Result<()> {
    match cx.engine.execute(Command::set("+CGACT").number(0u8).number(1u8), ACTIVATION_LIMIT) {
        Err(error) if error.kind() == ErrorKind::ModuleRefused && !is_active(cx)? => Ok(()),
        outcome => outcome.map(drop),
    }
}

pub(super) fn is_active(cx: &mut Context) -> Result<bool> {
    let state = cx.query(Command::read("+CGACT"))?;
    Ok(state.lines.iter().any(|line| line.number(0) == Some(1) && line.number(1) == Some(1)))
}
