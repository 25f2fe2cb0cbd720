//! What a module can do, as values a program can read.

use std::fmt;

/// An operation of [`FtpModem`](super::FtpModem), or a variant of one that some modules lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// [`attach`](super::FtpModem::attach) and [`detach`](super::FtpModem::detach).
    Attach,
    /// [`login`](super::FtpModem::login) and [`logout`](super::FtpModem::logout).
    Login,
    /// [`status`](super::FtpModem::status).
    Status,
    /// [`pwd`](super::FtpModem::pwd).
    Pwd,
    /// [`cwd`](super::FtpModem::cwd) and [`cdup`](super::FtpModem::cdup).
    Cwd,
    /// [`list`](super::FtpModem::list).
    List,
    /// [`names`](super::FtpModem::names).
    Names,
    /// [`size`](super::FtpModem::size).
    Size,
    /// [`modified`](super::FtpModem::modified).
    Modified,
    /// [`mkdir`](super::FtpModem::mkdir).
    Mkdir,
    /// [`rmdir`](super::FtpModem::rmdir).
    Rmdir,
    /// [`remove`](super::FtpModem::remove).
    Remove,
    /// [`rename`](super::FtpModem::rename).
    Rename,
    /// [`retrieve`](super::FtpModem::retrieve) of a whole file.
    Retrieve,
    /// [`retrieve`](super::FtpModem::retrieve) from an offset.
    RetrieveFrom,
    /// [`store`](super::FtpModem::store) that creates or replaces.
    Store,
    /// [`store`](super::FtpModem::store) that appends.
    Append,
    /// [`store`](super::FtpModem::store) that continues a partial file at a known offset.
    StoreAt,
    /// FTP over TLS (RFC 4217).
    Ftps,
}

impl Operation {
    /// Every operation, in the order of a session.
    pub const ALL: [Operation; 19] = [
        Operation::Attach,
        Operation::Login,
        Operation::Status,
        Operation::Pwd,
        Operation::Cwd,
        Operation::List,
        Operation::Names,
        Operation::Size,
        Operation::Modified,
        Operation::Mkdir,
        Operation::Rmdir,
        Operation::Remove,
        Operation::Rename,
        Operation::Retrieve,
        Operation::RetrieveFrom,
        Operation::Store,
        Operation::Append,
        Operation::StoreAt,
        Operation::Ftps,
    ];

    /// Returns the name that documentation, messages and machine-readable output use.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Attach => "attach",
            Operation::Login => "login",
            Operation::Status => "status",
            Operation::Pwd => "pwd",
            Operation::Cwd => "cwd",
            Operation::List => "list",
            Operation::Names => "names",
            Operation::Size => "size",
            Operation::Modified => "modified",
            Operation::Mkdir => "mkdir",
            Operation::Rmdir => "rmdir",
            Operation::Remove => "remove",
            Operation::Rename => "rename",
            Operation::Retrieve => "retrieve",
            Operation::RetrieveFrom => "retrieve from offset",
            Operation::Store => "store",
            Operation::Append => "append",
            Operation::StoreAt => "store at offset",
            Operation::Ftps => "ftps",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How an operation is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Support {
    /// The module has a command for it.
    Native,
    /// The driver builds it from other commands.
    Built,
    /// Not supported; the call fails as [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) before anything is
    /// sent.
    Unsupported,
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Support::Native => "native",
            Support::Built => "built",
            Support::Unsupported => "–",
        })
    }
}

/// How far it is known that a successful transfer is complete, from the weakest assurance to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Assurance {
    /// Nothing failed, but nothing confirms the transfer: there was nothing to compare with, or the end of the file
    /// could not be observed.
    Unconfirmed,
    /// The number of bytes agrees with the module's own count of the payload.
    ModuleCount,
    /// The number of bytes agrees with the size that the server states, and the end of the file was observed.
    ServerSize,
    /// The file was transferred a second time, and every byte was compared.
    ContentCompared,
}

/// Whether every byte value survives an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BinaryUpload {
    /// The payload is counted, or coded so that every value can pass.
    Safe,
    /// The payload travels inside the AT line. All bytes but printable ASCII are refused unless
    /// [`Store::force_binary`](super::Store::force_binary) was set.
    OptIn,
}

impl BinaryUpload {
    /// Returns whether an upload carries `byte` without [`Store::force_binary`](super::Store::force_binary).
    pub fn carries(self, byte: u8) -> bool {
        match self {
            BinaryUpload::Safe => true,
            BinaryUpload::OptIn => matches!(byte, b' '..=b'~'),
        }
    }
}

/// Which call reports a wrong user name or password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoginCheck {
    /// [`login`](super::FtpModem::login).
    AtLogin,
    /// The first operation after it, because the module logs in for each operation.
    AtFirstOperation,
}

/// How the size of a file is queried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SizeQuery {
    /// By one command, which the server answers with one reply (`SIZE`, RFC 3659 §4).
    Command,
    /// By a listing, which opens a data connection.
    Listing,
}

/// The longest arguments and the sizes of blocks, in bytes. `Limits::default()` has no limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Host name or address of the server.
    pub host: usize,
    /// User name.
    pub user: usize,
    /// Password.
    pub password: usize,
    /// Path of a file or directory, where it is one argument of a command.
    pub path: usize,
    /// Most payload bytes in one exchange of a download. [`u64::MAX`]: the whole file.
    pub download_block: u64,
    /// Most payload bytes in one exchange of an upload. [`u64::MAX`]: the whole file.
    pub upload_block: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            host: usize::MAX,
            user: usize::MAX,
            password: usize::MAX,
            path: usize::MAX,
            download_block: u64::MAX,
            upload_block: u64::MAX,
        }
    }
}

impl Limits {
    /// Returns no limits, for other implementations of [`FtpModem`](super::FtpModem), such as a test
    /// double.
    pub fn none() -> Self {
        Limits::default()
    }

    /// Sets the longest host name, user name and password in bytes.
    pub fn with_account(mut self, host: usize, user: usize, password: usize) -> Self {
        (self.host, self.user, self.password) = (host, user, password);
        self
    }

    /// Sets the longest path in bytes.
    pub fn with_path(mut self, path: usize) -> Self {
        self.path = path;
        self
    }

    /// Sets the most payload bytes in one exchange of a download and of an upload.
    pub fn with_blocks(mut self, download: u64, upload: u64) -> Self {
        (self.download_block, self.upload_block) = (download, upload);
        self
    }
}

/// What a module can do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// The dialect of FTP-over-AT commands, such as `"quectel"`.
    pub dialect: &'static str,
    /// The operations that are not [`Support::Unsupported`].
    pub operations: &'static [(Operation, Support)],
    /// Longest arguments and block sizes.
    pub limits: Limits,
    /// The strongest assurance of a download without comparison of the content.
    pub download_assurance: Assurance,
    /// The strongest assurance that the dialect itself gives for an upload.
    pub upload_assurance: Assurance,
    /// Whether every byte value survives an upload.
    pub binary_upload: BinaryUpload,
    /// Which call reports a wrong user name or password.
    pub login_check: LoginCheck,
    /// How the size of a file is queried.
    pub size_query: SizeQuery,
    /// Whether the module resolves host names. Otherwise the host does.
    pub resolves_names: bool,
}

impl Capabilities {
    /// Returns the capabilities of a dialect that has these operations, for other implementations of
    /// [`FtpModem`](super::FtpModem), such as a test double.
    ///
    /// The rest has the values of a module without restrictions: no limits, both assurances [`Assurance::ServerSize`],
    /// [`BinaryUpload::Safe`], [`LoginCheck::AtLogin`], [`SizeQuery::Command`], names resolved by the module. Every
    /// field can be set.
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::modem::{Assurance, Capabilities, Operation, Support};
    ///
    /// let operations = &[(Operation::Retrieve, Support::Native), (Operation::Store, Support::Native)];
    /// let mut capabilities = Capabilities::new("double", operations);
    /// capabilities.upload_assurance = Assurance::Unconfirmed;
    /// assert!(!capabilities.supports(Operation::Rename));
    /// ```
    pub fn new(dialect: &'static str, operations: &'static [(Operation, Support)]) -> Self {
        Capabilities {
            dialect,
            operations,
            limits: Limits::none(),
            download_assurance: Assurance::ServerSize,
            upload_assurance: Assurance::ServerSize,
            binary_upload: BinaryUpload::Safe,
            login_check: LoginCheck::AtLogin,
            size_query: SizeQuery::Command,
            resolves_names: true,
        }
    }

    /// Returns how `operation` is carried out.
    pub fn support(&self, operation: Operation) -> Support {
        self.operations
            .iter()
            .find(|(listed, _)| *listed == operation)
            .map_or(Support::Unsupported, |(_, support)| *support)
    }

    /// Returns whether `operation` is supported, natively or built from others.
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::FtpModem;
    /// use ftp_modem::modem::Operation;
    ///
    /// fn can_publish(modem: &dyn FtpModem) -> bool {
    ///     modem.capabilities().supports(Operation::Rename)
    /// }
    /// ```
    pub fn supports(&self, operation: Operation) -> bool {
        self.support(operation) != Support::Unsupported
    }
}
