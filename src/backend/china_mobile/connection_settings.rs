//! What is set for a connection, as values.

use crate::error::{Error, ErrorKind, Result};
use crate::modem::{DataConnection, FileType};

/// What MFTPCFG sets for a connection (OneMO FTP AT command manual V3.1.0 §3.1).
///
/// # Examples
/// ```
/// use ftp_modem::backend::china_mobile::Settings;
///
/// let mut settings = Settings::default();
/// settings.context = 2;
/// assert_eq!(settings.response_seconds, 30);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// How files are represented on the way (`data_type`). Default: binary.
    pub file_type: FileType,
    /// Who opens the data connections (`transmode`). The models of the manual have passive ones only (note 1) and
    /// refuse the other. Default: passive.
    pub data_connection: DataConnection,
    /// How long the module waits for the server, in seconds, 2 to 30. Default: 30.
    pub response_seconds: u8,
    /// The slot, 0 to 5, with the certificates for FTPS. The models of the manual have plain FTP only (note 2), so
    /// logging in with [`Security`](crate::modem::Security) is [`Unsupported`](ErrorKind::Unsupported) until a slot is
    /// named here. Default: none.
    pub ssl_slot: Option<u8>,
    /// The PDP context, 1 to 15; 1 to 7 on ML305U (note 3). MR880A and ML307N have no such setting and use 1. Another
    /// than 1 is mostly not defined until an access point is named. Default: 1.
    pub context: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            file_type: FileType::Binary,
            data_connection: DataConnection::Passive,
            response_seconds: 30,
            ssl_slot: None,
            context: 1,
        }
    }
}

impl Settings {
    /// Whether the server converts the line ends of files.
    pub(super) fn is_text(&self) -> bool {
        self.file_type == FileType::Text
    }

    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a value beyond its limits.
    pub(super) fn check(&self) -> Result<()> {
        let refuse = |why: &'static str| Err(Error::new(ErrorKind::InvalidInput, why));
        if !(2..=30).contains(&self.response_seconds) {
            return refuse("the module waits for the server for 2 to 30 s");
        }
        if self.ssl_slot.is_some_and(|slot| slot > 5) {
            return refuse("the slots for certificates are 0 to 5");
        }
        if !(1..=15).contains(&self.context) {
            return refuse("the PDP contexts are 1 to 15");
        }
        Ok(())
    }
}

/// Where the data of a transfer are on the module's side of the server ("local_fs").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LocalSide {
    /// They pass through the port.
    Port,
    /// They are in a file of the module.
    File,
}
