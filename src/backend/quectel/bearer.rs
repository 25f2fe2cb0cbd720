//! The PDP context: QICSGP, QIACT and QIDEACT (TCP/IP application note; note §1.3, §4.2).

use log::debug;

use super::Qftp;
use super::facts::{ACTIVATION_LIMIT, APN, APN_PASSWORD, APN_USER, DEACTIVATION_LIMIT};
use crate::at::{Command, Line, Parameter};
use crate::backend::access_point;
use crate::backend::codes::unless_refused;
use crate::backend::context::Context;
use crate::backend::dialect::Bearers;
use crate::error::{ErrorKind, Result};
use crate::modem::{AccessPoint, Bearer, PdpType};

impl Bearers for Qftp {
    fn attach(&mut self, cx: &mut Context, access_point: &AccessPoint) -> Result<Bearer> {
        let AccessPoint { name, user, password, pdp_type, authentication, .. } = access_point;
        let context = self.settings.context;
        Parameter::check_all(&[(&APN, name), (&APN_USER, user), (&APN_PASSWORD, password)])?;
        let is_ipv4 = *pdp_type == PdpType::Ipv4;
        if let Some((bearer, active_type)) = state(cx, context)? {
            let has_type = is_ipv4 || active_type == Some(number_of(*pdp_type));
            if has_type && is_in_use(cx, context, name)? {
                return Ok(bearer);
            }
            // With the context its session goes.
            cx.session.lose();
            deactivate(cx, context)?;
        }
        if !is_ipv4 || [name, user, password].iter().any(|text| !text.is_empty()) {
            let authentication = access_point::authentication_number(*authentication);
            let command = Command::set("+QICSGP").number(context).number(number_of(*pdp_type)).text(&APN, name);
            cx.set(command.text(&APN_USER, user).text(&APN_PASSWORD, password).number(authentication))?;
        }
        match switch_on(cx, context) {
            // A context that the network dropped must be deactivated before it can be activated again
            // (TCP/IP application note, QIURC "pdpdeact").
            Err(error) if error.kind() == ErrorKind::ModuleRefused => renew(cx, context)?,
            other => other?,
        }
        match active(cx, context)? {
            Some(bearer) => Ok(Bearer { was_up: false, ..bearer }),
            None => Err(cx.engine.error(ErrorKind::BearerFailed, "the context is not active after QIACT")),
        }
    }

    fn detach(&mut self, cx: &mut Context, had_session: bool) -> Result<()> {
        if had_session {
            // Without its context the session ends in any case.
            if let Err(error) = self.close(cx) {
                debug!("the session was not closed: {error}");
            }
        }
        deactivate(cx, self.settings.context)
    }
}

/// The bearer, if it is up.
pub(super) fn active(cx: &mut Context, context: u8) -> Result<Option<Bearer>> {
    Ok(state(cx, context)?.map(|(bearer, _)| bearer))
}

/// The bearer, if it is up, and the number of its type.
fn state(cx: &mut Context, context: u8) -> Result<Option<(Bearer, Option<u64>)>> {
    let answer = cx.query(Command::read("+QIACT").known())?;
    let is_ours = |line: &Line| line.number(0) == Some(u64::from(context)) && line.number(1) == Some(1);
    Ok(answer.lines.into_iter().find(is_ours).map(|line| {
        let address = line.information().and_then(|line| line.text(3)?.parse().ok());
        (Bearer::new(address, true), line.number(2))
    }))
}

/// The type in QICSGP and QIACT (TCP/IP application note, QICSGP).
fn number_of(pdp_type: PdpType) -> u64 {
    match pdp_type {
        PdpType::Ipv4 => 1,
        PdpType::Ipv6 => 2,
        PdpType::Ipv4v6 => 3,
    }
}

/// Whether the active context is known to use the access point `name`; an empty one means any.
fn is_in_use(cx: &mut Context, context: u8, name: &str) -> Result<bool> {
    let query = Command::set("+QICSGP").number(context);
    let set = |line: &Line| line.information()?.text(1).map(|set| set.into_owned());
    access_point::is_set(cx, query, set, Some(context), name)
}

pub(super) fn deactivate(cx: &mut Context, context: u8) -> Result<()> {
    unless_refused(cx.engine.execute(Command::set("+QIDEACT").number(context), DEACTIVATION_LIMIT)).map(drop)
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
