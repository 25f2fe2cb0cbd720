//! The session: MFTPCONN and MFTPDISC.

use super::Mftp;
use super::connection::{Connection, DIRECTORY, DISCONNECT, expect_close, give_up, is_under_way, state};
use super::download::LongOffsets;
use super::facts::{HOST, PASSWORD, RESULT_MARGIN, USER};
use crate::at::{Command, Parameter, Pattern};
use crate::backend::codes::is_refusal;
use crate::backend::context::Context;
use crate::backend::dialect::Sessions;
use crate::backend::path;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{DataConnection, FileType, Server, SessionState};

const CONNECT: &str = "+MFTPCONN";

impl Sessions for Mftp {
    fn check_server(&self, server: &Server) -> Result<()> {
        Parameter::check_all(&[(&HOST, &server.host), (&USER, &server.user), (&PASSWORD, &server.password)])
    }

    fn use_data_connection(&mut self, mode: DataConnection) -> Result<()> {
        self.connection.settings.data_connection = mode;
        Ok(())
    }

    fn use_file_type(&mut self, _: &mut Context, file_type: FileType) -> Result<()> {
        self.connection.settings.file_type = file_type;
        Ok(())
    }

    fn log_in(&mut self, cx: &mut Context, server: &Server) -> Result<()> {
        if cx.session.server() != Some(server) {
            self.long_offsets = LongOffsets::default();
        }
        let connection = &mut self.connection;
        connection.send_settings(cx, server.security)?;
        // The module resolves the name, connects and logs in, each within `rsptimeout`.
        let limit = connection.server_limit() * 3 + RESULT_MARGIN;
        let connect = |command: Command| {
            let command = command.text(&HOST, &server.host).text(&USER, &server.user);
            command.text(&PASSWORD, &server.password).number(server.port)
        };
        let mut opened = connection.attempt(cx, CONNECT, connect, limit);
        if opened.as_ref().is_err_and(may_be_open) {
            // A session that another program has left open.
            connection.close(cx)?;
            opened = connection.finish(cx, CONNECT, connect, limit);
        }
        let _ = opened.map_err(|error| match error.kind() {
            // Connected, and then refused.
            ErrorKind::Unavailable => error.with_kind(ErrorKind::LoginRefused),
            _ => error,
        })?;
        // The line that reports the loss of the connection (§3.14).
        let (prefix, number) = ("+MFTPURC", connection.number.into());
        let loss = Pattern::Numbered { prefix, before: &[], number, after: &["conn", "0"] };
        cx.engine.inbox().arm(loss, ErrorKind::SessionLost);
        Ok(())
    }

    fn log_out(&mut self, cx: &mut Context) -> Result<()> {
        self.connection.close(cx)
    }

    fn session_lost(&mut self, cx: &mut Context) {
        expect_close(cx);
    }

    fn status(&mut self, cx: &mut Context) -> Result<SessionState> {
        state(cx, self.connection.number)
    }
}

impl Connection {
    /// Closes the session; one that is closed already is no error.
    pub fn close(&mut self, cx: &mut Context) -> Result<()> {
        expect_close(cx);
        match self.finish(cx, DISCONNECT, |command| command, self.result_limit()) {
            // Blocked, which is not closed.
            Err(error) if error.kind() == ErrorKind::ModuleBusy => Err(error),
            Err(error) if error.module_code().is_some() || is_refusal(error.kind()) => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// Closes the session after a transfer that failed with `error`: there is no other command that ends one. The next
    /// operation opens it again.
    pub fn abandon(&mut self, cx: &mut Context, error: Error) -> Error {
        if !is_under_way(cx, &error) {
            return error;
        }
        give_up(cx);
        match self.close(cx) {
            Ok(()) => error,
            Err(_) => error.module_left_unusable(),
        }
    }

    /// Queries the current directory.
    pub fn directory(&mut self, cx: &mut Context) -> Result<String> {
        let result = self.finish(cx, DIRECTORY, |command| command, self.result_limit())?;
        // §4.1 prints it with and without quotation marks.
        path::of_directory(&result.0, 2, cx.engine.charset)
            .ok_or_else(|| cx.engine.protocol("the directory is missing"))
    }
}

/// Whether a refused MFTPCONN may mean that the connection is open already: 802, or its own 803.
fn may_be_open(error: &Error) -> bool {
    let code = error.module_code().filter(|code| code.table == "CME");
    error.kind() == ErrorKind::ModuleBusy || code.is_some_and(|code| code.value == "803")
}
