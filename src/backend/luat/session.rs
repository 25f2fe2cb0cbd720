//! The login, which sends settings only, and the settings that name the file of the next operation.

use super::facts::{HOST, PASSWORD, USER, results};
use super::operations::{self, explain_refusal};
use super::settings::send_data_connection;
use super::{Family, LuatFtp};
use crate::at::{Command, Parameter};
use crate::backend::codes::{self, is_refusal};
use crate::backend::context::Context;
use crate::backend::dialect::Sessions;
use crate::backend::path;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{BinaryUpload, DataConnection, Server, SessionState};

/// FTPPUTOPT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PutOption {
    /// STOR (RFC 959 §4.1.3): the upload replaces the file.
    Store,
    /// APPE: the upload is added at its end.
    Append,
}

/// Settings of single operations that are known to be in force, so that they need not be sent. After a login or an
/// error none is.
#[derive(Default)]
pub(super) struct InForce {
    put_option: Option<PutOption>,
    /// Whether FTPREST is 0.
    is_offset_zero: bool,
    /// The file whose size was queried for the download that follows: FTPGETPATH and FTPGETNAME name it.
    file_to_fetch: Option<String>,
}

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
        self.charset = server.charset;
        // Some firmware of Luat's smallest modules has no FTP at all.
        let bearer = cx.set(Command::set("+FTPCID").number(self.bearer.number));
        bearer.map_err(|error| explain_refusal(cx, "+FTPCID", error))?;
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
        send_data_connection(cx, self.data_connection)?;
        for (name, off) in self.family.switched_off {
            cx.set_if_known(Command::set(name).literal(off))?;
        }
        self.in_force = InForce::default();
        Ok(())
    }

    /// Nothing: no session is open between operations.
    fn log_out(&mut self, _: &mut Context) -> Result<()> {
        Ok(())
    }

    fn status(&mut self, cx: &mut Context) -> Result<SessionState> {
        let answer = operations::state(cx).map_err(|error| explain_refusal(cx, "+FTPSTATE", error))?;
        match answer {
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
    let answer = match cx.query(Command::read("+FTPTYPE")) {
        Ok(answer) => answer,
        Err(error) if is_refusal(error.kind()) => return Ok(()),
        Err(error) => return Err(error),
    };
    let information = answer.first().and_then(|line| line.information());
    match information.as_ref().and_then(|line| line.text(0)).as_deref() {
        Some("A") => Err(cx.engine.report.error(ErrorKind::Protocol, "the module understood FTPTYPE=\"A\"")),
        _ => Ok(()),
    }
}

impl LuatFtp {
    /// Points the module to the file that the next operation is about; downloads and uploads have one each.
    pub(super) fn point_to(&mut self, cx: &mut Context, file: &str) -> Result<()> {
        let family = self.family;
        let (directory, name) = path::split(file);
        Parameter::check_all_in(self.charset, &[(&family.get_path, directory), (&family.get_name, name)])?;
        self.point_to_directory(cx, directory)?;
        cx.set(Command::set("+FTPGETNAME").text(&family.get_name, name))
    }

    /// Points the module to the directory that the next operation is about.
    pub(super) fn point_to_directory(&mut self, cx: &mut Context, directory: &str) -> Result<()> {
        self.in_force.file_to_fetch = None;
        cx.set(Command::set("+FTPGETPATH").text(&self.family.get_path, directory))
    }

    /// Points the module to a file whose size is queried now and which is downloaded next.
    pub(super) fn point_to_file_to_fetch(&mut self, cx: &mut Context, file: &str) -> Result<()> {
        self.point_to(cx, file)?;
        self.in_force.file_to_fetch = Some(file.to_owned());
        Ok(())
    }

    /// Points the module to the file that is downloaded now, unless it is pointed there since its size was queried.
    pub(super) fn point_downloads_to(&mut self, cx: &mut Context, file: &str) -> Result<()> {
        match self.in_force.file_to_fetch.take() {
            Some(known) if known == file => Ok(()),
            _ => self.point_to(cx, file),
        }
    }

    /// Checks that a file can be uploaded under this name.
    pub(super) fn check_target(&self, file: &str) -> Result<()> {
        let (directory, name) = path::split(file);
        Parameter::check_all_in(self.charset, &[(&self.family.put_path, directory), (&self.family.put_name, name)])
    }

    /// Points the module to the file of the next upload.
    pub(super) fn point_uploads_to(&self, cx: &mut Context, file: &str) -> Result<()> {
        let (directory, name) = path::split(file);
        cx.set(Command::set("+FTPPUTNAME").text(&self.family.put_name, name))?;
        cx.set(Command::set("+FTPPUTPATH").text(&self.family.put_path, directory))
    }

    /// Queries the size of the file that the module is pointed to; none where the server counts in 31 bits, and the
    /// size is beyond them.
    pub(super) fn pointed_size(&mut self, cx: &mut Context) -> Result<Option<u64>> {
        let result = self.run(cx, "+FTPSIZE", &results::SIZE)?;
        codes::stated_size(&mut cx.engine, &result.0, 2)
    }

    /// Chooses what becomes of a file of the same name.
    pub(super) fn choose_put_option(&mut self, cx: &mut Context, option: PutOption) -> Result<()> {
        if self.in_force.put_option == Some(option) {
            return Ok(());
        }
        let command = Command::set("+FTPPUTOPT");
        cx.set(match option {
            PutOption::Store => command.literal("\"STOR\""),
            PutOption::Append => command.literal("\"APPE\""),
        })?;
        self.in_force.put_option = Some(option);
        Ok(())
    }

    /// Chooses the offset at which the next transfer starts.
    pub(super) fn start_at(&mut self, cx: &mut Context, offset: u64) -> Result<()> {
        // Whether a session clears the offset at its end is not documented: only a 0 is known to last.
        if offset == 0 && self.in_force.is_offset_zero {
            return Ok(());
        }
        self.in_force.is_offset_zero = false;
        cx.set(Command::set("+FTPREST").number(offset))?;
        self.in_force.is_offset_zero = offset == 0;
        Ok(())
    }
}
