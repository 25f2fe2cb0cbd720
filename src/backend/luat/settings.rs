//! What only this dialect lets a program choose: the bearer of FTP, and the mode of its data connections.

use super::{Family, Luat};
use crate::at::Command;
use crate::backend::context::Context;
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
    /// Returns the family of modules that this one belongs to, by what it says of itself.
    pub fn family(&self) -> Family {
        self.dialect().family.family
    }

    /// Returns the bearer that [`attach`](crate::FtpModem::attach) brings up and FTP uses: an SAPBR profile, 1 to 3, or
    /// on the SIM7070, SIM7080 and SIM7090 an application network of CNACT, 0 to 3.
    pub fn bearer(&self) -> u8 {
        self.dialect().bearer
    }

    /// Chooses another bearer (Luat AT manual, FTPCID and SAPBR; SIM7080 AT manual V1.05, FTPCID and CNACT). Nothing is
    /// sent: the next [`attach`](crate::FtpModem::attach) brings it up, the next [`login`](crate::FtpModem::login) uses
    /// it. The one chosen before is not brought down. Default: the first.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when there is no such bearer; [`WrongState`](ErrorKind::WrongState)
    /// between login and logout.
    pub fn use_bearer(&mut self, bearer: u8) -> Result<()> {
        let (luat, cx) = self.parts();
        let checked = cx.session.must_be_logged_out().and_then(|()| luat.family.check_bearer(bearer));
        checked.map_err(|error| error.during("use bearer"))?;
        luat.bearer = bearer;
        luat.watch_bearer(cx);
        Ok(())
    }

    /// Returns who opens data connections.
    pub fn data_mode(&self) -> DataMode {
        self.dialect().data_mode
    }

    /// Chooses who opens data connections (FTPMODE), from now on. Default: [`DataMode::Passive`].
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported), before anything is sent, for [`DataMode::Active`] on Luat's modules,
    /// whose manual has it as not supported yet (FTPMODE; Air780E FTP guide §1). Otherwise as any exchange with the
    /// module.
    pub fn use_data_mode(&mut self, mode: DataMode) -> Result<()> {
        const NAME: &str = "use data mode";
        let (luat, cx) = self.parts();
        if mode == DataMode::Active && !luat.family.active_mode {
            return Err(Error::new(ErrorKind::Unsupported, "Luat modules have passive mode only").during(NAME));
        }
        if cx.session.is_open() {
            self.operation(NAME, |_, cx| set_data_mode(cx, mode))?;
        }
        self.parts().0.data_mode = mode;
        Ok(())
    }
}

pub(super) fn set_data_mode(cx: &mut Context, mode: DataMode) -> Result<()> {
    let command = |mode: u8| Command::set("+FTPMODE").number(mode);
    match mode {
        // A firmware without FTPMODE has passive mode only.
        DataMode::Passive => cx.set_if_known(command(1)).map(drop),
        DataMode::Active => cx.set(command(0)),
    }
}
