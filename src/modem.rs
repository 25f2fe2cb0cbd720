//! The contract callers program against: one module, one FTP client, whatever the vendor.
//!
//! [`FtpModem`] has the verbs of FTP clients. It is blocking and object safe; a program normally holds a
//! `Box<dyn FtpModem>` from [`crate::open`]. Nothing here knows AT commands or vendors.

mod access_point;
mod capabilities;
mod controls;
mod data;
mod entry;
mod forward;
mod identity;
pub mod listing;
mod metadata;
mod network;
mod secret;
mod server;
mod session;
mod transfer;

pub use crate::charset::Charset;
pub use access_point::{AccessPoint, Authentication, Bearer, PdpType};
pub use capabilities::{Assurance, BinaryUpload, Capabilities, Limits, LoginCheck, Operation, SizeQuery, Support};
pub use controls::{Controls, TimeLimits};
pub use data::{DataAddress, DataConnection, FileType};
pub use entry::{Entry, EntryKind, Modified, Precision};
pub use identity::Identity;
pub use metadata::Metadata;
pub use network::{Network, Registration, SimState};
pub use server::{Security, Server, Tls};
pub use session::SessionState;
pub use transfer::{Retrieve, Store, StoreMode, Transfer};

use std::any::Any;
use std::io::{Read, Write};
use std::time::Duration;

use crate::error::{Error, ErrorKind, Recovery, Result};

/// A cellular module with an FTP client of its own.
///
/// The order of a session is [`attach`](Self::attach), [`login`](Self::login), any number of operations,
/// [`logout`](Self::logout), [`detach`](Self::detach). Calls block until the operation has really ended or has failed.
/// No call exceeds the time limits that the module's manual gives for it by more than a tenth.
///
/// **Paths** are those of the server, with `/` between the parts. A path that starts with `/` is absolute, any other
/// is relative to the current directory. Paths and listed names are in UTF-8; on the line they are in the charset of
/// the server ([`Server::with_charset`]). Where the dialect has no current directory the driver keeps one, which
/// starts at `/`. A path that the module's command lines cannot carry (a control character, a quotation mark, too
/// many bytes) is refused with [`ErrorKind::InvalidInput`] before anything is sent.
///
/// **Errors**: after any error the driver has brought the module back to a known state, or says that it could not
/// ([`Error::module_usable`]). Operations that a module lacks fail as [`ErrorKind::Unsupported`] before anything is
/// sent; [`Self::capabilities`] tells beforehand.
///
/// **Implementations**: the trait can be implemented outside this crate, for example by a test double. Every value type
/// has a constructor for that. [`Box`] and `&mut` of a modem are modems, too.
///
/// # Examples
/// Any modem will do:
/// ```
/// use ftp_modem::{FtpModem, Result};
///
/// fn newest(modem: &mut dyn FtpModem, folder: &str) -> Result<Option<String>> {
///     let entries = modem.list(folder)?;
///     let newest = entries.iter().max_by_key(|entry| entry.modified);
///     Ok(newest.map(|entry| entry.name_lossy().into_owned()))
/// }
/// ```
pub trait FtpModem: Send {
    /// Returns who the module says it is.
    fn identity(&self) -> &Identity;

    /// Returns what this module can do, and within which limits.
    fn capabilities(&self) -> &Capabilities;

    /// Returns the name of the dialect, such as `"quectel"` ([`Vendor::name`](crate::Vendor::name)), or that of another
    /// implementation.
    fn vendor(&self) -> &'static str {
        self.capabilities().dialect
    }

    /// Returns the modem as a value of its own type, where it allows its type to be found out. Default: `None`.
    ///
    /// It lets a program use what only one vendor has ([`downcast_mut`](trait.FtpModem.html#method.downcast_mut)).
    fn as_any(&mut self) -> Option<&mut dyn Any> {
        None
    }

    /// Returns the controls in force: cancellation, time limits, budget, observer of recoveries.
    fn controls(&self) -> &Controls;

    /// Replaces the controls, from the next operation on. The budget is counted from now.
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::AtomicBool;
    /// use ftp_modem::FtpModem;
    ///
    /// /// Returns a flag that ends the operations of `modem` when it is set.
    /// fn stop_button(modem: &mut dyn FtpModem) -> Arc<AtomicBool> {
    ///     let flag = Arc::new(AtomicBool::new(false));
    ///     let controls = modem.controls().clone().with_budget(modem.budget_left());
    ///     modem.set_controls(controls.with_cancel(flag.clone()));
    ///     flag
    /// }
    /// ```
    fn set_controls(&mut self, controls: Controls);

    /// Returns what is left of [`Controls::budget`]; `None` without one. Default: the whole budget.
    fn budget_left(&self) -> Option<Duration> {
        self.controls().budget
    }

    /// Takes one of the stronger steps of recovery: [`ReopenSession`](Recovery::ReopenSession),
    /// [`RebuildBearer`](Recovery::RebuildBearer) with `access_point`, or [`ReopenPort`](Recovery::ReopenPort) and the
    /// bearer behind it. The milder ones the driver takes by itself. The login is remembered: the next operation opens
    /// the session again, in the same directory. Default: not supported.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for another step; [`Unsupported`](ErrorKind::Unsupported) where the
    /// port cannot be opened again; [`UnknownModule`](ErrorKind::UnknownModule) when another module answers there now;
    /// else the errors of [`Self::attach`].
    fn recover(&mut self, step: Recovery, access_point: &AccessPoint) -> Result<()> {
        let _ = access_point;
        let detail = format!("this modem cannot be told to {step}");
        Err(Error::new(ErrorKind::Unsupported, detail).during("recover"))
    }

    /// Returns the server of the present login.
    fn server(&self) -> Option<&Server>;

    /// Queries SIM card, signal and registration. What a module does not report is missing in the answer; a missing or
    /// locked card is a state, not an error.
    ///
    /// # Errors
    /// As any exchange with the module.
    fn network(&mut self) -> Result<Network>;

    /// Sends a command line as it is, and returns the lines of its answer. For what this trait has no method for, such
    /// as a setting of the module; a command of the FTP client behind the driver's back confuses it. The answer must
    /// come within 180 s, the longest limit in the manuals. Commands that ask for data cannot be sent. Passwords and
    /// PINs in known commands are masked in logs, errors and answers. Default: not supported.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a text that is not one line that begins with `AT`;
    /// [`ModuleRefused`](ErrorKind::ModuleRefused) and others when the module answers with an error.
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::{FtpModem, Result};
    ///
    /// fn serial_number(modem: &mut dyn FtpModem) -> Result<Option<String>> {
    ///     Ok(modem.command("AT+CGSN")?.into_iter().next())
    /// }
    /// ```
    fn command(&mut self, line: &str) -> Result<Vec<String>> {
        let _ = line;
        Err(Error::new(ErrorKind::Unsupported, "this modem sends no raw commands").during("command"))
    }

    /// Enters the PIN of the SIM card, if the card waits for it, and waits up to 60 s until the module has registered.
    /// Returns whether the card waited for it. A wrong PIN must not block the card: the PIN is sent once, and not at
    /// all if fewer than two attempts are left or the module does not report how many are. Default: not supported.
    ///
    /// # Errors
    /// [`SimUnavailable`](ErrorKind::SimUnavailable) when the card refuses the PIN, or when it was not sent;
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a PIN that is not 4 to 8 digits.
    fn unlock(&mut self, pin: &str) -> Result<bool> {
        let _ = pin;
        Err(Error::new(ErrorKind::Unsupported, "this modem enters no PIN").during("unlock"))
    }

    /// Brings up the packet-data bearer, or joins the one that is already up. When that fails the module is queried
    /// for the cause.
    ///
    /// # Errors
    /// [`SimUnavailable`](ErrorKind::SimUnavailable) without a SIM card that is unlocked;
    /// [`BearerFailed`](ErrorKind::BearerFailed) when the module is not registered or not attached, or when the network
    /// gives no address.
    fn attach(&mut self, access_point: &AccessPoint) -> Result<Bearer>;

    /// Brings the bearer down. Without one that is up it does nothing.
    ///
    /// # Errors
    /// As any exchange with the module.
    fn detach(&mut self) -> Result<()>;

    /// Chooses who opens the data connections, from the next [`login`](Self::login) on. Default:
    /// [`DataConnection::Passive`].
    ///
    /// # Errors
    /// [`WrongState`](ErrorKind::WrongState) while logged in; [`Unsupported`](ErrorKind::Unsupported) where the dialect
    /// has passive data connections only. A module that refuses active ones shows it at the login.
    fn use_data_connection(&mut self, mode: DataConnection) -> Result<()> {
        match mode {
            DataConnection::Passive => Ok(()),
            DataConnection::Active => {
                let detail = "this modem has passive data connections only";
                Err(Error::new(ErrorKind::Unsupported, detail).during("use data connection"))
            }
        }
    }

    /// Chooses how files are represented on the way, from the next [`login`](Self::login) on. The capabilities lack
    /// what is not possible with text. Default: [`FileType::Binary`].
    ///
    /// # Errors
    /// [`WrongState`](ErrorKind::WrongState) while logged in; [`Unsupported`](ErrorKind::Unsupported) where the dialect
    /// transfers files byte for byte only.
    fn use_file_type(&mut self, file_type: FileType) -> Result<()> {
        match file_type {
            FileType::Binary => Ok(()),
            FileType::Text => {
                let detail = "this modem transfers files byte for byte only";
                Err(Error::new(ErrorKind::Unsupported, detail).during("use file type"))
            }
        }
    }

    /// Opens the FTP session.
    ///
    /// Dialects without sessions only note the server here and log in with every operation; a wrong password then
    /// shows at the first of them ([`Capabilities::login_check`]).
    ///
    /// # Errors
    /// [`LoginRefused`](ErrorKind::LoginRefused), [`NameResolution`](ErrorKind::NameResolution),
    /// [`ConnectFailed`](ErrorKind::ConnectFailed) and what else the module reports.
    fn login(&mut self, server: &Server) -> Result<()>;

    /// Closes the FTP session. Without one that is open it does nothing.
    ///
    /// # Errors
    /// As any exchange with the module.
    fn logout(&mut self) -> Result<()>;

    /// Queries what the FTP client is doing.
    ///
    /// # Errors
    /// As any exchange with the module.
    fn status(&mut self) -> Result<SessionState>;

    /// Queries the current directory.
    ///
    /// # Errors
    /// As any exchange with the module and the server.
    fn pwd(&mut self) -> Result<String>;

    /// Changes the current directory. Where the driver keeps it itself, a directory that does not exist shows only at
    /// the next operation.
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) when there is no such directory.
    fn cwd(&mut self, path: &str) -> Result<()>;

    /// Changes to the parent directory. Default: by [`Self::cwd`].
    ///
    /// # Errors
    /// As [`Self::cwd`].
    fn cdup(&mut self) -> Result<()> {
        self.cwd("..").map_err(|error| error.renamed("cdup"))
    }

    /// Lists a directory; an empty path means the current one. At most 16 MiB of listing text and
    /// 200,000 entries are taken in.
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) when there is no such directory.
    fn list(&mut self, path: &str) -> Result<Vec<Entry>>;

    /// Lists the names in a directory, without their attributes. Default: those of [`Self::list`].
    ///
    /// # Errors
    /// As [`Self::list`].
    fn names(&mut self, path: &str) -> Result<Vec<Vec<u8>>> {
        let entries = self.list(path).map_err(|error| error.renamed("names"))?;
        Ok(entries.into_iter().map(|entry| entry.name).collect())
    }

    /// Queries a file once and returns everything that the answer tells. Which fields these are depends on the dialect:
    /// a size only (`FTPSIZE` and similar commands), or the row of a listing with kind, size and time
    /// ([`Capabilities::size_query`]).
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) when there is no such file.
    ///
    /// # Examples
    /// The size saves the query before a download:
    /// ```
    /// use ftp_modem::{FtpModem, Result, Retrieve};
    ///
    /// fn end_of(modem: &mut dyn FtpModem, path: &str) -> Result<Vec<u8>> {
    ///     let mut end = Vec::new();
    ///     if let Some(size) = modem.metadata(path)?.size {
    ///         modem.retrieve(path, &Retrieve::from(size.saturating_sub(1024)).with_size(size), &mut end)?;
    ///     }
    ///     Ok(end)
    /// }
    /// ```
    fn metadata(&mut self, path: &str) -> Result<Metadata>;

    /// Queries the metadata of a file that is downloaded next. Where a listing tells them
    /// ([`SizeQuery::Listing`]), the row with the name of the file counts as soon as it stands alone: a server that
    /// lists another directory than it was asked for may have a file of that name there, and the end of the download
    /// shows that the size is wrong. Default: [`Self::metadata`].
    ///
    /// # Errors
    /// Those of [`Self::metadata`].
    fn metadata_to_retrieve(&mut self, path: &str) -> Result<Metadata> {
        self.metadata(path)
    }

    /// Queries the size of a file in bytes. Default: that of [`Self::metadata`].
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) when there is no such file, or when the server states no size for it.
    fn size(&mut self, path: &str) -> Result<u64> {
        let metadata = self.metadata(path).map_err(|error| error.renamed("size"))?;
        let without = || {
            let detail = match metadata.kind {
                Some(EntryKind::Link) => "it is a symbolic link, and the listing does not tell the size of its target",
                _ if metadata.size_overflows => {
                    "the server states a negative size: it counts in 31 bits, and the file has at least 2 GiB"
                }
                _ => "the server states no size for it",
            };
            let error = Error::new(ErrorKind::Unavailable, detail).during("size");
            error.advising("download the file without knowing its size")
        };
        metadata.size.ok_or_else(without)
    }

    /// Queries when a file was last modified. Default: the time of [`Self::metadata`].
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) when there is no such file, or when the server states no time for it.
    fn modified(&mut self, path: &str) -> Result<Modified> {
        let metadata = self.metadata(path).map_err(|error| error.renamed("modified"))?;
        let without = || Error::new(ErrorKind::Unavailable, "the server states no time for it").during("modified");
        metadata.modified.ok_or_else(without)
    }

    /// Creates a directory.
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) or [`ServerRefused`](ErrorKind::ServerRefused) when the
    /// server refuses, for example because the directory exists.
    fn mkdir(&mut self, path: &str) -> Result<()>;

    /// Removes an empty directory.
    ///
    /// # Errors
    /// As [`Self::mkdir`].
    fn rmdir(&mut self, path: &str) -> Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) when there is no such file.
    fn remove(&mut self, path: &str) -> Result<()>;

    /// Renames a file or directory.
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) when there is no such file.
    fn rename(&mut self, from: &str, to: &str) -> Result<()>;

    /// Downloads a file, or the part of it that `what` names, into `sink` as it arrives.
    ///
    /// When it returns `Ok`, every byte was written to `sink` in order and once, as far as
    /// [`Transfer::assurance`] says that this can be known.
    ///
    /// # Errors
    /// [`Incomplete`](ErrorKind::Incomplete) when the module or the server ended early;
    /// [`Error::transferred`] tells how many bytes `sink` has.
    fn retrieve(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer>;

    /// Uploads everything `source` yields.
    ///
    /// # Errors
    /// [`Error::transferred`] tells how many bytes the server may have.
    fn store(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer>;
}

impl<'a> dyn FtpModem + 'a {
    /// Returns the modem as a `T`, where it is one and allows that to be found out ([`FtpModem::as_any`]): the way to
    /// the methods that only one vendor has.
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::backend::quectel::{Quectel, Storage};
    /// use ftp_modem::{FtpModem, Result};
    ///
    /// fn free_space(modem: &mut dyn FtpModem) -> Result<Option<u64>> {
    ///     match modem.downcast_mut::<Quectel>() {
    ///         Some(quectel) => Ok(Some(quectel.module_space(Storage::Ufs)?.free)),
    ///         None => Ok(None),
    ///     }
    /// }
    /// ```
    pub fn downcast_mut<T: FtpModem + 'static>(&mut self) -> Option<&mut T> {
        self.as_any()?.downcast_mut()
    }
}
