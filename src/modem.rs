//! The contract callers program against: one module, one FTP client, whatever the vendor.
//!
//! [`FtpModem`] has the verbs of FTP clients. It is blocking and object safe; a program normally holds a
//! `Box<dyn FtpModem>` from [`crate::open`]. Nothing here knows AT commands or vendors.

mod capabilities;
mod entry;
pub mod listing;
mod session;
mod transfer;

pub use capabilities::{Assurance, BinaryUpload, Capabilities, Limits, LoginCheck, Operation, Support};
pub use entry::{Entry, EntryKind, Modified, Precision};
pub use session::{
    AccessPoint, Authentication, Bearer, Identity, Network, Registration, Security, Server, SessionState, TimeLimits,
    Tls,
};
pub use transfer::{Retrieve, Store, StoreMode, Transfer};

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::error::{Recovery, RecoveryObserver, Result};

/// A cellular module with an FTP client of its own.
///
/// The order of a session is [`attach`](Self::attach), [`login`](Self::login), any number of operations,
/// [`logout`](Self::logout), [`detach`](Self::detach). Calls block until the operation has really ended or has failed;
/// none outlives the time limits that the module's manual gives for it by more than a tenth.
///
/// **Paths** are those of the server, with `/` between the parts. A path that starts with `/` is absolute, any other
/// is relative to the current directory. Where the dialect has no current directory the driver keeps one, which
/// starts at `/`. A path that the module's command lines cannot carry (a control character, a quotation mark, too
/// many bytes) is refused with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) before anything is sent.
///
/// **Errors**: after any error the driver has brought the module back to a known state, or says that it could not
/// ([`Error::module_usable`](crate::Error::module_usable)). Operations that a module lacks fail as
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) before anything is sent; [`Self::capabilities`] tells
/// beforehand.
pub trait FtpModem: Send {
    /// Who the module says it is.
    fn identity(&self) -> &Identity;

    /// What this module can do, and within which limits.
    fn capabilities(&self) -> &Capabilities;

    /// Sets the flag by which another thread ends the operation that is going on: it fails as
    /// [`Cancelled`](crate::ErrorKind::Cancelled) within a tenth of a second, plus what it takes to bring the module back to a
    /// known state. The driver takes the flag back when it notices it. Set while nothing goes on, it ends the next operation.
    fn cancel_with(&mut self, flag: Arc<AtomicBool>);

    /// Replaces the time limits of the dialect by shorter ones, from the next operation on.
    fn set_time_limits(&mut self, limits: TimeLimits);

    /// Says that all operations from now on, taken together, must be over within `limit`; `None` lifts it. An operation that it ends
    /// fails as [`Timeout`](crate::ErrorKind::Timeout).
    fn set_budget(&mut self, limit: Option<Duration>);

    /// Sets who hears of each step by which the module is brought back, and how many recoveries in a row the module may leave
    /// unanswered before it is [declared unresponsive](Recovery::DeclareUnresponsive), which the observer hears as well: an application that can
    /// should cut the module's power then. Defaults to nobody and 3.
    fn watch_recovery(&mut self, observer: RecoveryObserver, dead_after: u32);

    /// Takes one of the stronger steps: [`ReopenSession`](Recovery::ReopenSession), [`RebuildBearer`](Recovery::RebuildBearer)
    /// with `access_point`, or [`ReopenPort`](Recovery::ReopenPort) and the bearer behind it. The milder ones the driver takes
    /// by itself. The login is remembered: the next operation opens the session again, in the same directory.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for another step; [`Unsupported`](crate::ErrorKind::Unsupported) where the
    /// port cannot be opened again; [`UnknownModule`](crate::ErrorKind::UnknownModule) when another module answers there now;
    /// else what [`Self::attach`] gives.
    fn recover(&mut self, step: Recovery, access_point: &AccessPoint) -> Result<()>;

    /// The server of the present login.
    fn server(&self) -> Option<&Server>;

    /// Signal and registration.
    ///
    /// # Errors
    /// As any exchange with the module. What a module does not tell is missing in the answer.
    fn network(&mut self) -> Result<Network>;

    /// Brings up the packet-data bearer, or joins the one that is already up.
    ///
    /// # Errors
    /// [`BearerFailed`](crate::ErrorKind::BearerFailed) when the network gives no address.
    fn attach(&mut self, access_point: &AccessPoint) -> Result<Bearer>;

    /// Brings the bearer down. Without one that is up it does nothing.
    ///
    /// # Errors
    /// As any exchange with the module.
    fn detach(&mut self) -> Result<()>;

    /// Opens the FTP session.
    ///
    /// Dialects without sessions only note the server here and log in anew with every operation; a wrong password then
    /// shows at the first of them ([`Capabilities::login_check`]).
    ///
    /// # Errors
    /// [`LoginRefused`](crate::ErrorKind::LoginRefused), [`NameResolution`](crate::ErrorKind::NameResolution),
    /// [`ConnectFailed`](crate::ErrorKind::ConnectFailed) and what else the module reports.
    fn login(&mut self, server: &Server) -> Result<()>;

    /// Closes the FTP session. Without one that is open it does nothing.
    ///
    /// # Errors
    /// As any exchange with the module.
    fn logout(&mut self) -> Result<()>;

    /// What the FTP client is doing.
    ///
    /// # Errors
    /// As any exchange with the module.
    fn status(&mut self) -> Result<SessionState>;

    /// The current directory.
    ///
    /// # Errors
    /// As any exchange with the module and the server.
    fn pwd(&mut self) -> Result<String>;

    /// Changes the current directory. Where the driver keeps it itself, a directory that does not exist shows only at
    /// the next operation.
    ///
    /// # Errors
    /// [`Unavailable`](crate::ErrorKind::Unavailable) when there is no such directory.
    fn cwd(&mut self, path: &str) -> Result<()>;

    /// Changes to the parent directory.
    ///
    /// # Errors
    /// As [`Self::cwd`].
    fn cdup(&mut self) -> Result<()>;

    /// Lists a directory; an empty path means the current one. At most 16 MiB of listing text and
    /// 200,000 entries are taken in.
    ///
    /// # Errors
    /// [`Unavailable`](crate::ErrorKind::Unavailable) when there is no such directory.
    fn list(&mut self, path: &str) -> Result<Vec<Entry>>;

    /// The names in a directory, without their attributes.
    ///
    /// # Errors
    /// As [`Self::list`].
    fn names(&mut self, path: &str) -> Result<Vec<Vec<u8>>>;

    /// Size of a file in bytes.
    ///
    /// # Errors
    /// [`Unavailable`](crate::ErrorKind::Unavailable) when there is no such file.
    fn size(&mut self, path: &str) -> Result<u64>;

    /// When a file was last modified.
    ///
    /// # Errors
    /// [`Unavailable`](crate::ErrorKind::Unavailable) when there is no such file.
    fn modified(&mut self, path: &str) -> Result<Modified>;

    /// Creates a directory.
    ///
    /// # Errors
    /// [`Unavailable`](crate::ErrorKind::Unavailable) or [`ServerRefused`](crate::ErrorKind::ServerRefused) when the
    /// server does not want to, for example because it exists.
    fn mkdir(&mut self, path: &str) -> Result<()>;

    /// Removes an empty directory.
    ///
    /// # Errors
    /// As [`Self::mkdir`].
    fn rmdir(&mut self, path: &str) -> Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// [`Unavailable`](crate::ErrorKind::Unavailable) when there is no such file.
    fn remove(&mut self, path: &str) -> Result<()>;

    /// Renames a file or directory.
    ///
    /// # Errors
    /// [`Unavailable`](crate::ErrorKind::Unavailable) when there is no such file.
    fn rename(&mut self, from: &str, to: &str) -> Result<()>;

    /// Downloads a file, or the part of it that `what` names, into `sink` as it arrives.
    ///
    /// When it returns `Ok`, every byte was written to `sink` in order and once, as far as
    /// [`Transfer::assurance`] says that this can be known.
    ///
    /// # Errors
    /// [`Incomplete`](crate::ErrorKind::Incomplete) when the module or the server ended early;
    /// [`Error::transferred`](crate::Error::transferred) tells how many bytes `sink` has.
    fn retrieve(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer>;

    /// Uploads everything `source` yields.
    ///
    /// # Errors
    /// [`Error::transferred`](crate::Error::transferred) tells how many bytes the server may have.
    fn store(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer>;
}
