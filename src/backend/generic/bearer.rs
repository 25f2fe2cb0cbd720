//! The bearer: CGDCONT and CGACT (3GPP TS 27.007 §10.1.1, §10.1.10).

use std::time::Duration;

use super::Ftpserv;
use super::facts::ACTIVATION_LIMIT;
use crate::at::Command;
use crate::backend::access_point;
use crate::backend::context::Context;
use crate::backend::dialect::Bearers;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{AccessPoint, Bearer};

/// The context in use.
const CONTEXT: u8 = 1;

impl Bearers for Ftpserv {
    fn attach(&mut self, cx: &mut Context, access_point: &AccessPoint) -> Result<Bearer> {
        if !access_point.user.is_empty() {
            return Err(Error::new(ErrorKind::Unsupported, "this dialect has no APN user name and password"));
        }
        access_point::check(access_point)?;
        if is_active(cx)? {
            if access_point::is_in_use(cx, CONTEXT, &access_point.name)? {
                return Ok(Bearer::new(None, true));
            }
            give_up(cx)?;
        }
        let _ = cx.engine.execute(Command::set("+CFUN").number(1u8).known(), ACTIVATION_LIMIT)?;
        if !access_point.name.is_empty() {
            access_point::define(cx, CONTEXT, access_point)?;
        }
        match cx.engine.execute(Command::set("+CGACT").number(1u8).number(CONTEXT), ACTIVATION_LIMIT) {
            Ok(_) => Ok(Bearer::new(None, false)),
            Err(error) if error.kind() == ErrorKind::ModuleRefused => Err(error.with_kind(ErrorKind::BearerFailed)),
            Err(error) => Err(error),
        }
    }

    fn detach(&mut self, cx: &mut Context, _: bool) -> Result<()> {
        deactivate(cx)
    }
}

/// Takes down a bearer that is not known to use the access point asked for, and with it the session.
fn give_up(cx: &mut Context) -> Result<()> {
    cx.session.lose();
    match deactivate(cx) {
        // The module reports the closing.
        Err(error) if error.kind() == ErrorKind::BearerLost => cx.catch_up(Duration::ZERO),
        other => other.map_err(access_point::not_closed),
    }
}

pub(super) fn deactivate(cx: &mut Context) -> Result<()> {
    match cx.engine.execute(Command::set("+CGACT").number(0u8).number(CONTEXT).known(), ACTIVATION_LIMIT) {
        Err(error) if error.kind() == ErrorKind::ModuleRefused && !is_active(cx)? => Ok(()),
        outcome => outcome.map(drop),
    }
}

pub(super) fn is_active(cx: &mut Context) -> Result<bool> {
    access_point::is_active(cx, CONTEXT)
}
