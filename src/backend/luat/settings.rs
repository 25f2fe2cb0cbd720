//! The family, and the bearer of FTP.

use super::{Family, Luat};
use crate::error::Result;

impl Luat {
    /// Returns the family of modules that this one belongs to, by what it says of itself.
    pub fn family(&self) -> Family {
        self.dialect().family.family
    }

    /// Returns the bearer that [`attach`](crate::FtpModem::attach) brings up and FTP uses: an SAPBR profile, 1 to 3, or
    /// on the SIM7070, SIM7080 and SIM7090 an application network of CNACT, 0 to 3.
    pub fn bearer(&self) -> u8 {
        self.dialect().bearer.number
    }

    /// Chooses another bearer (Luat AT manual, FTPCID and SAPBR; SIM7080 AT manual V1.05, FTPCID and CNACT). Nothing is
    /// sent: the next [`attach`](crate::FtpModem::attach) brings it up, the next [`login`](crate::FtpModem::login) uses
    /// it. The one chosen before is not brought down. Default: the first.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when there is no such bearer;
    /// [`WrongState`](crate::ErrorKind::WrongState) between login and logout.
    ///
    /// # Examples
    /// ```
    /// # use ftp_modem::backend::luat::Luat;
    /// # use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
    /// # use ftp_modem::transport::memory::MemoryPipe;
    /// # use ftp_modem::OpenOptions;
    /// # let files = MemoryServer::new();
    /// # let module = Module::new(Family::Luat, files.remote(), Options::default());
    /// let mut modem: Luat = OpenOptions::new().open_as_on(MemoryPipe::new(module))?;
    /// modem.use_bearer(2)?;
    /// assert_eq!(modem.bearer(), 2);
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn use_bearer(&mut self, bearer: u8) -> Result<()> {
        let (luat, cx) = self.parts();
        let checked = cx.session.must_be_logged_out().and_then(|()| luat.family.check_bearer(bearer));
        checked.map_err(|error| error.during("use bearer"))?;
        luat.bearer.number = bearer;
        luat.bearer.watch(cx);
        Ok(())
    }
}
