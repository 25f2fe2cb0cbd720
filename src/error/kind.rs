//! What went wrong, and who can do something about it.

/// What went wrong, grouped by who can act on it (see [`ErrorKind::party`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument cannot be sent to this module: too long, empty, or holding a character that an AT line cannot carry.
    /// Nothing was sent.
    #[error("invalid argument")]
    InvalidInput,
    /// This module has no such operation and it cannot be built from others. Nothing was sent.
    #[error("not supported by this module")]
    Unsupported,
    /// The call needs another one first (for example `login`).
    #[error("called out of order")]
    WrongState,
    /// The caller's reader or writer failed; [`std::error::Error::source`] has its error.
    #[error("local file error")]
    LocalIo,
    /// The caller asked for the operation to stop.
    #[error("cancelled")]
    Cancelled,

    /// There is no such port.
    #[error("port not found")]
    PortNotFound,
    /// The operating system denies access to the port.
    #[error("access to the port denied")]
    PortDenied,
    /// Another program holds the port.
    #[error("port in use by another program")]
    PortBusy,
    /// The port vanished or failed while in use.
    #[error("port lost")]
    PortLost,
    /// The module did not answer in time; [`Error::phase`](crate::Error::phase) says which part of the exchange ran out of time.
    #[error("no answer in time")]
    Timeout,
    /// The module sent something that its manual does not allow here.
    #[error("unexpected answer from the module")]
    Protocol,

    /// What answers on the port is not one of the supported modules.
    #[error("module not recognised")]
    UnknownModule,
    /// The module refused the command and gave no reason that this crate can name; see [`Error::module_code`](crate::Error::module_code).
    #[error("refused by the module")]
    ModuleRefused,
    /// The module is still busy with something else.
    #[error("module busy")]
    ModuleBusy,
    /// The module restarted; all its settings and sessions are gone.
    #[error("module restarted")]
    ModuleRestarted,
    /// The module's own file system refused (full, no such file, already exists).
    #[error("module storage error")]
    ModuleStorage,
    /// The packet-data bearer could not be brought up (no SIM, not registered, wrong APN).
    #[error("no data connection")]
    BearerFailed,
    /// The network or the module dropped the bearer.
    #[error("data connection lost")]
    BearerLost,
    /// The server's name could not be resolved.
    #[error("host name not resolved")]
    NameResolution,
    /// The server could not be reached.
    #[error("server unreachable")]
    ConnectFailed,
    /// The network or the server was silent for too long, as the module reports it.
    #[error("network time-out")]
    NetworkTimeout,
    /// The TLS session could not be set up.
    #[error("TLS failure")]
    Tls,

    /// User name or password refused (FTP reply 530).
    #[error("login refused by the server")]
    LoginRefused,
    /// No such file or directory, or no permission for it (FTP reply 550).
    #[error("file or directory unavailable")]
    Unavailable,
    /// The server refused the request for another reason; see [`Error::ftp_reply`](crate::Error::ftp_reply).
    #[error("refused by the server")]
    ServerRefused,
    /// The server is not available at the moment (FTP reply 421, 450).
    #[error("server busy")]
    ServerBusy,
    /// The FTP data connection could not be opened or broke (FTP reply 425, 426).
    #[error("FTP data connection failed")]
    DataConnection,
    /// The FTP session ended.
    #[error("FTP session lost")]
    SessionLost,
    /// The server has no room (FTP reply 452, 552).
    #[error("server storage full")]
    ServerStorage,

    /// The transfer ended before all bytes were delivered; [`Error::transferred`](crate::Error::transferred) says how many were.
    #[error("transfer incomplete")]
    Incomplete,
    /// The transfer ran to its end, but the check of the result failed.
    #[error("verification failed")]
    VerificationFailed,
}

/// Who can do something about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Party {
    /// The program that made the call, or its user.
    Caller,
    /// The serial link between host and module.
    Link,
    /// The module, its SIM or the mobile network.
    Module,
    /// The FTP server.
    Server,
}

impl ErrorKind {
    /// Who can act on this kind of error.
    pub fn party(self) -> Party {
        use ErrorKind::*;
        match self {
            InvalidInput | Unsupported | WrongState | LocalIo | Cancelled => Party::Caller,
            PortNotFound | PortDenied | PortBusy | PortLost | Timeout | Protocol => Party::Link,
            UnknownModule | ModuleRefused | ModuleBusy | ModuleRestarted | ModuleStorage | BearerFailed
            | BearerLost | NameResolution | ConnectFailed | NetworkTimeout | Tls => Party::Module,
            LoginRefused | Unavailable | ServerRefused | ServerBusy | DataConnection | SessionLost | ServerStorage
            | Incomplete | VerificationFailed => Party::Server,
        }
    }

    /// Whether the same call may succeed when it is simply made again a little later.
    pub fn is_retryable(self) -> bool {
        use ErrorKind::*;
        matches!(
            self,
            PortLost
                | Timeout
                | Protocol
                | ModuleBusy
                | ModuleRestarted
                | BearerFailed
                | BearerLost
                | NameResolution
                | ConnectFailed
                | NetworkTimeout
                | ServerBusy
                | DataConnection
                | SessionLost
                | Incomplete
        )
    }

    /// What to do next, in a few words.
    pub fn advice(self) -> &'static str {
        use ErrorKind::*;
        match self {
            InvalidInput => "change the argument",
            Unsupported => "see the module's capabilities for what it can do",
            WrongState => "check the order of the calls",
            LocalIo => "check the local file and the room on its disk",
            Cancelled => "start again when ready",
            PortNotFound => "check the cable and the port's name",
            PortDenied => "add the user to the port's group (often dialout)",
            PortBusy => "close the other program (on Linux often ModemManager)",
            PortLost => "check cable and power, then open the port again",
            Timeout => "check port, baud rate and power of the module",
            Protocol => "check baud rate and flow control; send a trace if it persists",
            UnknownModule => "name the vendor explicitly",
            ModuleRefused => "look the code up in the module's manual",
            ModuleBusy => "wait, then try again",
            ModuleRestarted => "check the module's power supply; attach and log in again",
            ModuleStorage => "free room in the module's file system",
            BearerFailed => "check SIM, coverage, APN and antenna",
            BearerLost => "attach again",
            NameResolution => "check the server's name and the data connection",
            ConnectFailed => "check the server's address, port and firewall",
            NetworkTimeout => "try again, nearer to a cell if possible",
            Tls => "check the certificate authority, the server's name and the TLS version",
            LoginRefused => "check user name and password",
            Unavailable => "check the path and the permissions on the server",
            ServerRefused => "look the FTP reply up in the server's log",
            ServerBusy => "try again later",
            DataConnection => "check the server's passive ports and its announced address",
            SessionLost => "log in again",
            ServerStorage => "free room on the server",
            Incomplete => "transfer again, resuming if the module can",
            VerificationFailed => "transfer the whole file again",
        }
    }
}
