//! The bearer: MIPCALL (guide §3.2 and §3.3).

use std::net::IpAddr;

use super::FibocomFtp;
use super::facts::{CALL_LIMIT, HANG_UP_LIMIT};
use super::results::{close_down, execute};
use super::retries::persistently;
use crate::at::{Answer, Command, Line, Pattern};
use crate::backend::access_point;
use crate::backend::codes::is_refusal;
use crate::backend::context::{COMMAND_LIMIT, Context};
use crate::backend::dialect::Bearers;
use crate::error::{ErrorKind, Phase, Result};
use crate::modem::{AccessPoint, Bearer};

const RESULT: Pattern = Pattern::Prefix("+MIPCALL");
/// The PDP context of MIPCALL (guide §3.3, CGDCONT).
const CONTEXT: u8 = 1;

impl Bearers for FibocomFtp {
    fn attach(&mut self, cx: &mut Context, access_point: &AccessPoint) -> Result<Bearer> {
        let dialled = self.dialled.as_ref();
        let bearer = persistently(cx, CALL_LIMIT, |cx| call(cx, access_point, dialled))?;
        if !bearer.was_up {
            self.dialled = bearer.address.map(|address| (access_point.name.clone(), address));
        }
        Ok(bearer)
    }

    fn give_activation_up(&mut self, cx: &mut Context) -> Result<()> {
        // Its result is not waited for any more.
        cx.engine.inbox().not_overdue(&RESULT);
        hang_up(cx)
    }

    fn detach(&mut self, cx: &mut Context, _: bool) -> Result<()> {
        hang_up(cx)
    }
}

/// Brings the bearer up.
///
/// A bearer that is up is joined where it is known to use the access point: the module tells, or `dialled` has its name
/// and address. MIPCALL with a name leaves no trace in CGDCONT.
fn call(cx: &mut Context, access_point: &AccessPoint, dialled: Option<&(String, IpAddr)>) -> Result<Bearer> {
    access_point::check(access_point)?;
    let name = &access_point.name;
    if let Some(state) = state_if_up(cx)? {
        let address = address(&state);
        let is_ours = dialled.is_some_and(|(own, at)| own.eq_ignore_ascii_case(name) && address == Some(*at));
        if is_ours || access_point::is_in_use(cx, CONTEXT, name)? {
            return Ok(Bearer::new(address, true));
        }
        // With the bearer its session goes.
        cx.session.lose();
        hang_up(cx)?;
    }
    dial_up(cx, access_point).map_err(access_point::not_opened)
}

/// Dials with as much of the access point as there is.
fn dial_up(cx: &mut Context, access_point: &AccessPoint) -> Result<Bearer> {
    let AccessPoint { name, user, password, .. } = access_point;
    let plain = || Command::set("+MIPCALL").number(1u8);
    if name.is_empty() && user.is_empty() {
        return dial(cx, plain());
    }
    access_point::choose_authentication(cx, CONTEXT, access_point)?;
    let mut named = plain().text(&access_point::NAME, name);
    if !user.is_empty() {
        named = named.text(&access_point::USER, user).text(&access_point::PASSWORD, password);
    }
    match dial(cx, named) {
        // The guide has both forms: the name in the call (§3.2 note 3), and in CGDCONT before it (§3.3).
        Err(error) if is_refusal(error.kind()) && user.is_empty() => {
            access_point::define(cx, CONTEXT, access_point)?;
            dial(cx, plain())
        }
        outcome => outcome,
    }
}

/// The line `+MIPCALL: 1,<address>`, where the bearer is up.
pub(super) fn state_if_up(cx: &mut Context) -> Result<Option<Line>> {
    let state = execute(cx, Command::read("+MIPCALL").known(), Answer::Read("+MIPCALL"), COMMAND_LIMIT)?;
    Ok(state.lines.into_iter().next().filter(|line| line.number(0) == Some(1)))
}

fn dial(cx: &mut Context, command: Command) -> Result<Bearer> {
    cx.engine.inbox().forget(&RESULT);
    let deadline = cx.engine.deadline(Phase::Result, CALL_LIMIT);
    // OK only means that the module will try (guide §3.2 note 3).
    let _ = execute(cx, command, Answer::Prefix("+MIPCALL"), CALL_LIMIT)?;
    // The address follows, or ERROR (guide §3.3).
    match cx.engine.awaiting(Answer::Prefix("+MIPCALL"), deadline).result(&RESULT) {
        Ok(line) => {
            // A module that restarts in the middle of the address: the line end is that of its first words.
            match cx.engine.look() {
                // A late report of the session before.
                Err(error) if error.kind() == ErrorKind::SessionLost => {}
                looked => looked?,
            }
            match address(&line.0) {
                Some(address) => Ok(Bearer::new(Some(address), false)),
                None => Err(cx.engine.error(ErrorKind::BearerFailed, "the module got no address")),
            }
        }
        Err(error) if error.kind() == ErrorKind::Timeout => match state_if_up(cx)? {
            // The line got lost, or the call was answered without it.
            Some(state) => Ok(Bearer::new(address(&state), false)),
            None => Err(error),
        },
        Err(error) if is_refusal(error.kind()) => {
            Err(error.with_kind(ErrorKind::BearerFailed).explained("the call failed"))
        }
        Err(error) => Err(error),
    }
}

/// Brings the bearer down.
fn hang_up(cx: &mut Context) -> Result<()> {
    match close_down(cx, Command::set("+MIPCALL").number(0u8), &RESULT, HANG_UP_LIMIT) {
        // Without a call there may be nothing to report.
        Err(error) if error.phase() == Some(Phase::Result) => match state_if_up(cx)? {
            None => Ok(()),
            Some(_) => Err(error),
        },
        outcome => outcome.map(drop),
    }
}

/// The address is the last field of `+MIPCALL: <address>` and of `+MIPCALL: 1,<address>`.
fn address(line: &Line) -> Option<IpAddr> {
    line.information()?.fields.last()?.text().parse().ok()
}
