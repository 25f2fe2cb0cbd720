//! What only this dialect lets a program choose: which bearer and which mode of data connection FTP uses.

use super::{DIALECT, Family, Luat};
use crate::at::Command;
use crate::at::Dialect;
use crate::error::{Error, ErrorKind, Result};

/// Who opens the data connection (RFC 959 §3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DataMode {
    /// The module, to a port that the server names: what works behind the address translation of mobile networks.
    #[default]
    Passive,
    /// The server, to a port that the module names.
    Active,
}

impl Luat {
    /// The family of modules that this one belongs to, by what it says of itself.
    pub fn family(&self) -> Family {
        self.profile.family
    }

    /// The bearer that [`attach`](crate::FtpModem::attach) brings up and FTP uses: an SAPBR profile, 1 to 3, or on the SIM7070,
    /// SIM7080 and SIM7090 an application network of CNACT, 0 to 3.
    pub fn bearer(&self) -> u8 {
        self.bearer
    }

    /// Chooses another bearer (Luat AT manual, FTPCID and SAPBR; SIM7080 AT manual V1.05, FTPCID and CNACT). Nothing is sent: the next
    /// [`attach`](crate::FtpModem::attach) brings it up, the next [`login`](crate::FtpModem::login) uses it. The one chosen before stays as it is. Defaults
    /// to the first.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when there is no such bearer; [`WrongState`](ErrorKind::WrongState) between login and logout.
    pub fn use_bearer(&mut self, bearer: u8) -> Result<()> {
        if self.session.is_open() {
            return Err(Error::new(ErrorKind::WrongState, "log out first").during("use bearer"));
        }
        let Some(rules) = self.profile.rules(bearer) else {
            let known: Vec<String> = self.profile.bearers.iter().map(|(id, _)| id.to_string()).collect();
            let detail = format!("there is no bearer {bearer}, there are {}", known.join(", "));
            return Err(Error::new(ErrorKind::InvalidInput, detail).during("use bearer"));
        };
        self.bearer = bearer;
        self.engine.set_dialect(Dialect { rules, ..DIALECT });
        Ok(())
    }

    /// Who opens data connections.
    pub fn data_mode(&self) -> DataMode {
        self.data_mode
    }

    /// Chooses who opens data connections (FTPMODE), from now on. Defaults to [`DataMode::Passive`].
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported), before anything is sent, for [`DataMode::Active`] on Luat's modules, whose manual has it as not
    /// supported yet (FTPMODE; Air780E FTP guide §1). Otherwise as any exchange with the module.
    pub fn use_data_mode(&mut self, mode: DataMode) -> Result<()> {
        const NAME: &str = "use data mode";
        if mode == DataMode::Active && !self.profile.active_mode {
            return Err(Error::new(ErrorKind::Unsupported, "Luat modules have passive mode only").during(NAME));
        }
        if self.session.is_open() {
            self.operation(NAME, |luat| luat.set_data_mode(mode))?;
        }
        self.data_mode = mode;
        Ok(())
    }

    pub(super) fn set_data_mode(&mut self, mode: DataMode) -> Result<()> {
        let command = |mode: u8| Command::set("+FTPMODE").number(mode);
        match mode {
            // A firmware without FTPMODE has passive mode only.
            DataMode::Passive => self.set_if_known(command(1)).map(drop),
            DataMode::Active => self.set(command(0)),
        }
    }
}
