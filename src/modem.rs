//! The contract that programs call: one module with one FTP client, the same for every vendor.
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

use crate::error::{Error, ErrorKind, RecoveryStep, Result};

/// A cellular module with an FTP client of its own.
///
/// The order of a session is [`attach`](Self::attach), [`login`](Self::login), any number of operations,
/// [`logout`](Self::logout), [`detach`](Self::detach). Calls block until the operation has ended or has failed. No call
/// exceeds the time limits that the module's manual gives for it, or those of [`Controls`], by more than a tenth.
///
/// **Paths** are those of the server, with `/` between the parts. A path that starts with `/` is absolute, any other
/// is relative to the current directory. Paths and listed names are in UTF-8; on the line they are in the charset of
/// the server ([`Server::with_charset`]). Where the dialect has no current directory the driver keeps one, which
/// starts at `/`. A path that the module's command lines cannot carry (a control character, a quotation mark, too
/// many bytes) is refused with [`ErrorKind::InvalidInput`] before anything is sent.
///
/// After any error the driver has brought the module back to a known state, or the error says that it could not
/// ([`Error::module_usable`]). The next call starts with a clean state.
///
/// **Errors**: each method lists the kinds that are special to it. [`guide::errors`](crate::guide::errors) lists those
/// of every call, and what a program does about each.
///
/// **Implementations**: the trait can be implemented outside this crate, for example by a test double. Every value type
/// has a constructor for that. [`Box`] and `&mut` of a modem are modems, too.
///
/// # Examples
/// A function for every module:
/// ```
/// use ftp_modem::modem::EntryKind;
/// use ftp_modem::{FtpModem, Result};
///
/// fn size_of_files(modem: &mut dyn FtpModem, folder: &str) -> Result<u64> {
///     let entries = modem.list(folder)?;
///     Ok(entries.iter().filter(|entry| entry.kind == EntryKind::File).filter_map(|entry| entry.size).sum())
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

    /// Returns the modem as a value from which [`downcast_mut`](trait.FtpModem.html#method.downcast_mut) gets its own
    /// type, for the methods that only one vendor has. Default: `None`.
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

    /// Takes one of the stronger recovery steps: [`ReopenSession`](RecoveryStep::ReopenSession),
    /// [`RebuildBearer`](RecoveryStep::RebuildBearer) with `access_point`, or [`ReopenPort`](RecoveryStep::ReopenPort),
    /// which also brings up the bearer. Default: not supported.
    ///
    /// The driver takes the milder steps by itself. It remembers the login: the next operation opens the session again,
    /// in the same directory. The transfers and links of [`transfer`](crate::transfer) call this method.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) where the port cannot be opened again;
    /// [`UnknownModule`](ErrorKind::UnknownModule) when another module answers there now; else the errors of
    /// [`Self::attach`].
    fn recover(&mut self, step: RecoveryStep, access_point: &AccessPoint) -> Result<()> {
        let _ = access_point;
        let detail = format!("this modem does not support {step}");
        Err(Error::new(ErrorKind::Unsupported, detail).during("recover"))
    }

    /// Returns the server of the present login.
    fn server(&self) -> Option<&Server>;

    /// Queries SIM card, signal and registration.
    ///
    /// A value that the module does not report is `None` or `Unknown`. A missing or locked card is a state, not an
    /// error.
    ///
    /// # Errors
    /// Those of [every call](crate::guide::errors).
    fn network(&mut self) -> Result<Network>;

    /// Sends a command line as it is, and returns the lines of its answer. Default: not supported.
    ///
    /// It is for settings of the module that this trait has no method for. Commands of the FTP client confuse the
    /// driver. The answer must come within 180 s, the longest limit in the manuals. Commands that request data cannot
    /// be sent. Passwords and PINs in known commands are masked in logs, errors and answers.
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
    /// Returns whether the card waited for its PIN. Default: not supported.
    ///
    /// A wrong PIN must not block the card: the PIN is sent once. It is not sent if fewer than two attempts are left,
    /// or if the module does not report how many are left.
    ///
    /// # Errors
    /// [`SimUnavailable`](ErrorKind::SimUnavailable) when the card refuses the PIN, or when it was not sent;
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a PIN that is not 4 to 8 digits.
    fn unlock(&mut self, pin: &str) -> Result<bool> {
        let _ = pin;
        Err(Error::new(ErrorKind::Unsupported, "this modem enters no PIN").during("unlock"))
    }

    /// Brings up the packet-data bearer, or joins the one that is already up. When the activation fails, the module is
    /// queried for the cause.
    ///
    /// # Errors
    /// [`SimUnavailable`](ErrorKind::SimUnavailable) without a SIM card that is unlocked;
    /// [`BearerFailed`](ErrorKind::BearerFailed) when the module is not registered or not attached, or when the network
    /// gives no address.
    fn attach(&mut self, access_point: &AccessPoint) -> Result<Bearer>;

    /// Brings the bearer down. Does nothing if no bearer is up.
    ///
    /// # Errors
    /// Those of [every call](crate::guide::errors).
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

    /// Chooses how files are represented on the way, from the next [`login`](Self::login) on. With
    /// [`FileType::Text`], the capabilities lack the operations that are not possible with text. Default:
    /// [`FileType::Binary`].
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
    /// [`LoginRefused`](ErrorKind::LoginRefused) for a wrong user name or password;
    /// [`NameResolution`](ErrorKind::NameResolution) and [`ConnectFailed`](ErrorKind::ConnectFailed) when the server
    /// cannot be reached; [`ServerBusy`](ErrorKind::ServerBusy) when it accepts no more sessions;
    /// [`Tls`](ErrorKind::Tls) when the TLS session cannot be established.
    fn login(&mut self, server: &Server) -> Result<()>;

    /// Closes the FTP session. Does nothing if no session is open.
    ///
    /// # Errors
    /// Those of [every call](crate::guide::errors).
    fn logout(&mut self) -> Result<()>;

    /// Queries the state of the module's FTP client.
    ///
    /// # Errors
    /// Those of [every call](crate::guide::errors).
    fn status(&mut self) -> Result<SessionState>;

    /// Queries the current directory.
    ///
    /// # Errors
    /// Those of [every call](crate::guide::errors).
    fn pwd(&mut self) -> Result<String>;

    /// Changes the current directory. Where the driver keeps the current directory itself ([`Support::Built`]), a
    /// directory that does not exist is reported by the next operation.
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

    /// Lists a directory. An empty path means the current directory. Limits: 16 MiB of text, 200,000 lines.
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

    /// Queries a file once, and returns everything that the answer states. The fields depend on the dialect: a size
    /// only (`FTPSIZE` and similar commands), or the row of a listing with kind, size and time
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

    /// Queries the metadata of a file that is downloaded next. Default: [`Self::metadata`].
    ///
    /// It may be faster: where a listing states the metadata ([`SizeQuery::Listing`]), the driver does not wait for
    /// further rows behind the row with the name of the file. Such a row may be that of another directory, if the
    /// server lists another directory than the one requested. The end of the download shows that its size is wrong.
    ///
    /// # Errors
    /// As [`Self::metadata`].
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

    /// Downloads a file, or the part of it that `what` names, and writes the bytes to `sink` as they arrive.
    ///
    /// When it returns `Ok`, every byte was written to `sink` in order and once, as far as [`Transfer::assurance`]
    /// states. [`transfer::Download`](crate::transfer::Download) downloads a file to the disk, with retries.
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) when there is no such file;
    /// [`DataConnection`](ErrorKind::DataConnection) when the data connection fails;
    /// [`Incomplete`](ErrorKind::Incomplete) when the module or the server ended early;
    /// [`VerificationFailed`](ErrorKind::VerificationFailed) when the count or the size contradicts the bytes that
    /// came; [`LocalIo`](ErrorKind::LocalIo) when `sink` failed. [`Error::transferred`] returns the number of bytes
    /// that `sink` has, [`Error::proven`] how many of them are known to be correct.
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::{FtpModem, Result, Retrieve};
    ///
    /// fn head(modem: &mut dyn FtpModem, path: &str) -> Result<Vec<u8>> {
    ///     let mut head = Vec::new();
    ///     modem.retrieve(path, &Retrieve::whole().with_length(1024), &mut head)?;
    ///     Ok(head)
    /// }
    /// ```
    fn retrieve(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer>;

    /// Uploads everything that `source` yields.
    ///
    /// [`transfer::Upload`](crate::transfer::Upload) uploads a file from the disk, with retries and verification.
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable), [`ServerRefused`](ErrorKind::ServerRefused) or
    /// [`ServerStorage`](ErrorKind::ServerStorage) when the server does not accept the file;
    /// [`DataConnection`](ErrorKind::DataConnection) when the data connection fails;
    /// [`Incomplete`](ErrorKind::Incomplete) when the module or the server ended early;
    /// [`InvalidInput`](ErrorKind::InvalidInput) for bytes that the dialect is not proven to carry
    /// ([`Store::force_binary`]); [`LocalIo`](ErrorKind::LocalIo) when `source` failed. [`Error::transferred`] returns
    /// the largest number of bytes that the server may have.
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::{FtpModem, Result, Store};
    ///
    /// fn append_line(modem: &mut dyn FtpModem, line: &str) -> Result<()> {
    ///     let how = Store::append().with_length(line.len() as u64);
    ///     modem.store("/in/log.csv", &how, &mut line.as_bytes())?;
    ///     Ok(())
    /// }
    /// ```
    fn store(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer>;
}

impl<'a> dyn FtpModem + 'a {
    /// Returns the modem as a `T`, for the methods that only one vendor has. `None` if it is of another type, or does
    /// not implement [`FtpModem::as_any`].
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
