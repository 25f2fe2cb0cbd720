//! The login, which sends settings only.

use super::client;
use super::facts::{HOST, PASSWORD, USER};
use super::{Family, LuatFtp};
use crate::at::{Command, Parameter};
use crate::backend::context::Context;
use crate::backend::dialect::Sessions;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{BinaryUpload, DataConnection, Server, SessionState};

impl Sessions for LuatFtp {
    fn check_server(&self, server: &Server) -> Result<()> {
        Parameter::check_all(&[(&HOST, &server.host), (&USER, &server.user), (&PASSWORD, &server.password)])
    }

    fn use_data_connection(&mut self, mode: DataConnection) -> Result<()> {
        if mode == DataConnection::Active && !self.family.active_mode {
            // Their manual has it as not supported yet (FTPMODE; Air780E FTP guide §1).
            return Err(Error::new(ErrorKind::Unsupported, "Luat modules have passive data connections only"));
        }
        self.data_connection = mode;
        Ok(())
    }

    /// Sends all that operations need of a login. The server is not contacted.
    fn log_in(&mut self, cx: &mut Context, server: &Server) -> Result<()> {
        // Some firmware of Luat's smallest modules has no FTP at all.
        let bearer = cx.set(Command::set("+FTPCID").number(self.bearer.number));
        self.client.explained(cx, "+FTPCID", bearer)?;
        cx.set(Command::set("+FTPSERV").text(&HOST, &server.host))?;
        cx.set(Command::set("+FTPPORT").number(server.port))?;
        cx.set(Command::set("+FTPUN").text(&USER, &server.user))?;
        cx.set(Command::set("+FTPPW").text(&PASSWORD, &server.password))?;
        // Without it line ends vanish from uploads (Air780E FTP guide §9, question 2), and on SIMCom's modules every
        // byte loses its top bit (SIM7000 AT manual V1.06, FTPTYPE).
        let is_set = cx.set_if_known(Command::set("+FTPTYPE").literal("\"I\"").known())?;
        if is_set && self.family.family != Family::Luat {
            check_binary(cx)?;
        }
        self.is_binary = is_set || self.family.starts_binary;
        cx.capabilities.binary_upload = if self.is_binary { BinaryUpload::Safe } else { BinaryUpload::OptIn };
        let mode = |mode: u8| Command::set("+FTPMODE").number(mode);
        match self.data_connection {
            // A firmware without FTPMODE has passive mode only.
            DataConnection::Passive => cx.set_if_known(mode(1)).map(drop),
            DataConnection::Active => cx.set(mode(0)),
        }?;
        for (name, off) in self.family.switched_off {
            cx.set_if_known(Command::set(name).literal(off))?;
        }
        self.target.forget();
        Ok(())
    }

    /// Nothing: no session is open between operations.
    fn log_out(&mut self, _: &mut Context) -> Result<()> {
        Ok(())
    }

    fn status(&mut self, cx: &mut Context) -> Result<SessionState> {
        let answer = client::state(cx);
        match self.client.explained(cx, "+FTPSTATE", answer)? {
            Some(0) if cx.session.is_open() => Ok(SessionState::Idle),
            Some(0) => Ok(SessionState::Closed),
            Some(1) => Ok(SessionState::Busy),
            _ => Err(cx.engine.protocol("the state is not 0 or 1")),
        }
    }
}

/// Makes sure that the type is binary: a bit that was changed on the way makes `"A"` of `"I"`, and no count shows that
/// bytes lack their top bit. Luat's modules lose line ends instead, which the size shows.
///
/// # Errors
/// [`ErrorKind::Protocol`] where it is not.
fn check_binary(cx: &mut Context) -> Result<()> {
    let answer = cx.query_if_known(Command::read("+FTPTYPE"))?;
    let information = answer.as_ref().and_then(|answer| answer.first()?.information());
    match information.as_ref().and_then(|line| line.text(0)).as_deref() {
        Some("A") => Err(cx.engine.error(ErrorKind::Protocol, "the module understood FTPTYPE=\"A\"")),
        _ => Ok(()),
    }
}
