//! The bearer: MIPCALL, or CGACT where a model has no MIPCALL.

use std::net::IpAddr;
use std::time::Duration;

use super::Mftp;
use super::facts::ACTIVATION_LIMIT;
use crate::at::{Command, Line, Pattern};
use crate::backend::access_point::{self, is_active, not_opened};
use crate::backend::codes::unless_refused;
use crate::backend::context::Context;
use crate::backend::dialect::Bearers;
use crate::error::{ErrorKind, Phase, Result};
use crate::modem::{AccessPoint, Bearer, PdpType};

/// How long the module may keep silent about the address before it is queried: a bearer that is up already is answered
/// with `OK` alone.
const SILENCE: Duration = Duration::from_secs(10);

const CALL: Pattern = Pattern::Prefix("+MIPCALL");
/// The loss of PDP context 1.
const HUNG_UP: Pattern = Pattern::Fields("+MIPCALL", &["1", "0"]);

impl Bearers for Mftp {
    fn attach(&mut self, cx: &mut Context, access_point: &AccessPoint) -> Result<Bearer> {
        let context = self.connection.settings.context;
        access_point::check(access_point)?;
        let called = unless_refused(called(cx, context))?;
        let has_call = called.is_some();
        let up = match called {
            Some(bearer) => bearer,
            None => is_active(cx, context)?.then(|| Bearer::new(None, true)),
        };
        if let Some(bearer) = up {
            if is_wanted(cx, context, access_point)? {
                return if has_call { Ok(bearer) } else { of_context(cx, context, true) };
            }
            take_down(cx, context)?;
        }
        // MFTPCONN takes addresses of IPv6 (§3.2 has one as its example).
        if !access_point.name.is_empty() || access_point.pdp_type != PdpType::Ipv4 {
            access_point::define(cx, context, access_point)?;
        }
        if !access_point.user.is_empty() {
            cx.set(access_point::authentication(context, access_point))?;
        }
        if has_call && let Some(bearer) = unless_refused(call(cx, context)).map_err(not_opened)? {
            return Ok(bearer);
        }
        // Seen on ML305, which is brought up so (RT-Thread-packages/at_device, class/ml305).
        switch(cx, 1, context).map_err(not_opened)?;
        of_context(cx, context, false)
    }

    fn give_activation_up(&mut self, cx: &mut Context) -> Result<()> {
        // Its result is not waited for any more.
        cx.engine.inbox().not_overdue(&CALL);
        deactivate(cx, self.connection.settings.context)
    }

    fn detach(&mut self, cx: &mut Context, _: bool) -> Result<()> {
        deactivate(cx, self.connection.settings.context)
    }
}

/// Listens for the loss of the bearer. The line is known to be one for PDP context 1 only; with another context the
/// loss of the connection reports it.
pub(super) fn watch(cx: &mut Context, context: u8) {
    cx.engine.inbox().disarm(ErrorKind::BearerLost);
    if context == 1 {
        cx.engine.inbox().arm(HUNG_UP, ErrorKind::BearerLost);
    }
}

/// Brings the bearer down; none is no error.
fn deactivate(cx: &mut Context, context: u8) -> Result<()> {
    // The line that reports a loss is the result from now on.
    cx.engine.inbox().disarm(ErrorKind::BearerLost);
    let command = Command::set("+MIPCALL").number(0u8).number(context);
    let hung_up = cx.engine.perform(command, ACTIVATION_LIMIT, &CALL, ACTIVATION_LIMIT).map(drop);
    let outcome = match unless_refused(hung_up) {
        Ok(None) => unless_refused(switch(cx, 0, context)),
        outcome => outcome,
    };
    watch(cx, context);
    outcome.map(drop)
}

/// Switches the context on (1) or off (0).
fn switch(cx: &mut Context, state: u8, context: u8) -> Result<()> {
    cx.engine.execute(Command::set("+CGACT").number(state).number(context), ACTIVATION_LIMIT).map(drop)
}

/// Whether the bearer that is up is known to be of the type and to use the access point asked for. For IPv4 any type
/// will do, and is not queried.
fn is_wanted(cx: &mut Context, context: u8, access_point: &AccessPoint) -> Result<bool> {
    if access_point.pdp_type == PdpType::Ipv4 {
        return access_point::is_in_use(cx, context, &access_point.name);
    }
    let defined = access_point::definition(cx, context)?;
    let type_of = |line: &Line| Some(format!("\"{}\"", line.information()?.text(1)?));
    match defined.as_ref().and_then(type_of).as_deref() == Some(access_point::type_literal(access_point.pdp_type)) {
        true => access_point::is_in_use_as_defined(cx, context, &access_point.name, defined.as_ref()),
        false => Ok(false),
    }
}

/// Brings down a bearer that is not known to use the access point asked for, and with it the session.
fn take_down(cx: &mut Context, context: u8) -> Result<()> {
    cx.session.lose();
    deactivate(cx, context)?;
    // Hanging up may leave the context active.
    if is_active(cx, context)? {
        switch(cx, 0, context).map_err(access_point::not_closed)?;
    }
    Ok(())
}

/// The bearer that MIPCALL brought up before.
fn called(cx: &mut Context, context: u8) -> Result<Option<Bearer>> {
    let answer = cx.query(Command::read("+MIPCALL"))?;
    let up = answer.lines.iter().find(|line| line.number(0) == Some(context.into()) && line.number(1) == Some(1));
    Ok(up.map(|line| Bearer::new(address(line), true)))
}

fn call(cx: &mut Context, context: u8) -> Result<Bearer> {
    cx.engine.inbox().forget(&CALL);
    let command = Command::set("+MIPCALL").number(1u8).number(context);
    let end = cx.engine.deadline(Phase::Result, ACTIVATION_LIMIT);
    let _ = cx.engine.execute(command, ACTIVATION_LIMIT)?;
    loop {
        let silence = cx.engine.deadline(Phase::Result, SILENCE);
        match cx.engine.poll(&CALL, silence)? {
            Some(result) if result.number(0) == Some(context.into()) => {
                return Ok(Bearer::new(address(&result.0), false));
            }
            // Of another context.
            Some(_) => {}
            None => {
                if let Some(bearer) = called(cx, context)? {
                    return Ok(Bearer { was_up: false, ..bearer });
                }
            }
        }
        if cx.engine.now() >= end.at() {
            return Err(end.passed());
        }
    }
}

/// The bearer that CGACT brought up, with its address where the module knows it.
fn of_context(cx: &mut Context, context: u8, was_up: bool) -> Result<Bearer> {
    let answer = cx.query_if_known(Command::set("+CGPADDR").number(context))?;
    let address = answer.and_then(|answer| answer.first()?.information()?.text(1)?.parse().ok());
    Ok(Bearer::new(address, was_up))
}

/// The address in `+MIPCALL: 1,1,<address>`.
fn address(line: &Line) -> Option<IpAddr> {
    line.information()?.text(2)?.parse().ok()
}
