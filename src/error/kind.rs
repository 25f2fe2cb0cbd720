//! What went wrong, and who can act on it.

/// What went wrong, grouped by who can act on it (see [`ErrorKind::party`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// This module cannot take an argument: it is too long or empty, it contains a character that a command line cannot
    /// carry, or its value is out of range. Nothing was sent.
    #[error("invalid argument")]
    InvalidInput,
    /// This module lacks the operation, and the driver cannot build it from other operations. Nothing was sent.
    #[error("not supported by this module")]
    Unsupported,
    /// Another call must come first (for example `login`).
    #[error("called out of order")]
    WrongState,
    /// The caller's reader or writer failed; [`std::error::Error::source`] returns its error.
    #[error("local file error")]
    LocalIo,
    /// The caller's stop flag ended the operation ([`Controls::cancel`](crate::Controls::cancel)).
    #[error("cancelled")]
    Cancelled,

    /// The port does not exist.
    #[error("port not found")]
    PortNotFound,
    /// The operating system denied access to the port.
    #[error("access to the port denied")]
    PortDenied,
    /// Another program has opened the port.
    #[error("port in use by another program")]
    PortBusy,
    /// The port disappeared or failed while in use.
    #[error("port lost")]
    PortLost,
    /// The module did not answer in time; [`Error::phase`](crate::Error::phase) names the phase that exceeded its
    /// limit.
    #[error("no answer in time")]
    Timeout,
    /// The module sent a line that its manual does not allow at this point.
    #[error("unexpected answer from the module")]
    Protocol,

    /// The device on the port is not one of the supported modules.
    #[error("module not recognised")]
    UnknownModule,
    /// The module refused the command for a reason that has no kind of its own; see
    /// [`Error::module_code`](crate::Error::module_code).
    #[error("refused by the module")]
    ModuleRefused,
    /// The module is busy with another operation.
    #[error("module busy")]
    ModuleBusy,
    /// The module restarted; its settings and sessions are lost.
    #[error("module restarted")]
    ModuleRestarted,
    /// The module's file system refused the operation (full, no such file, file exists).
    #[error("module storage error")]
    ModuleStorage,
    /// The SIM card is missing, locked or unreadable.
    #[error("SIM card not usable")]
    SimUnavailable,
    /// The bearer could not be activated (not registered, not attached, wrong access point).
    #[error("bearer activation failed")]
    BearerFailed,
    /// The network or the module dropped the bearer.
    #[error("bearer lost")]
    BearerLost,
    /// The server's name could not be resolved.
    #[error("host name not resolved")]
    NameResolution,
    /// The server could not be reached.
    #[error("server unreachable")]
    ConnectFailed,
    /// The module reports that the network or the server did not answer in time.
    #[error("network or server did not answer in time")]
    NetworkTimeout,
    /// The TLS session could not be established.
    #[error("TLS session not established")]
    Tls,

    /// The server refused user name or password (FTP reply 530).
    #[error("login refused by the server")]
    LoginRefused,
    /// The file or directory does not exist, or the user has no permission for it (FTP reply 550).
    #[error("file or directory unavailable")]
    Unavailable,
    /// The server refused the command for another reason; see [`Error::ftp_reply`](crate::Error::ftp_reply).
    #[error("refused by the server")]
    ServerRefused,
    /// The server or the file is temporarily unavailable (FTP replies 421, 450 and 451).
    #[error("server busy")]
    ServerBusy,
    /// The FTP data connection could not be opened, or was closed too early (FTP replies 425 and 426).
    #[error("FTP data connection failed")]
    DataConnection,
    /// The FTP session ended: the control connection was closed.
    #[error("FTP session lost")]
    SessionLost,
    /// The server has no space left (FTP replies 452 and 552).
    #[error("server storage full")]
    ServerStorage,

    /// The transfer ended before all bytes were delivered; [`Error::transferred`](crate::Error::transferred) returns
    /// how many were.
    #[error("transfer incomplete")]
    Incomplete,
    /// The transfer completed, but the check of the transferred file failed.
    #[error("verification failed")]
    VerificationFailed,
}

/// The party that can act on an error.
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
    /// Returns who can act on this kind of error.
    pub fn party(self) -> Party {
        use ErrorKind::*;
        match self {
            InvalidInput | Unsupported | WrongState | LocalIo | Cancelled => Party::Caller,
            PortNotFound | PortDenied | PortBusy | PortLost | Timeout | Protocol => Party::Link,
            UnknownModule | ModuleRefused | ModuleBusy | ModuleRestarted | ModuleStorage | SimUnavailable
            | BearerFailed | BearerLost | NameResolution | ConnectFailed | NetworkTimeout | Tls => Party::Module,
            LoginRefused | Unavailable | ServerRefused | ServerBusy | DataConnection | SessionLost | ServerStorage
            | Incomplete | VerificationFailed => Party::Server,
        }
    }

    /// Returns whether the same call may succeed later, without any change by a person or the program.
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

    /// Returns what to do next, in a few words. The step may be a call of the program, such as the login.
    pub fn advice(self) -> &'static str {
        use ErrorKind::*;
        match self {
            InvalidInput => "change the argument",
            Unsupported => "see the module's capabilities",
            WrongState => "check the order of the calls",
            LocalIo => "check the local file, its permissions and the free disk space",
            Cancelled => "start the operation again when ready",
            PortNotFound => "check the cable and the name of the port",
            PortDenied => "add the user to the group that owns the port (often dialout)",
            PortBusy => "close the other program (on Linux often ModemManager)",
            PortLost => "check cable and power, then open the port again",
            Timeout => "check port, baud rate and power of the module",
            Protocol => "check baud rate and flow control; report the error with a trace if it persists",
            UnknownModule => "name the vendor explicitly",
            ModuleRefused => "look up the code in the module's manual",
            ModuleBusy => "wait until the module has finished",
            ModuleRestarted => "check the module's power supply, then attach and log in again",
            ModuleStorage => "free space in the module's file system",
            SimUnavailable => "insert the SIM card, or unlock it with its PIN",
            BearerFailed => "check SIM, coverage, APN and antenna",
            BearerLost => "attach again",
            NameResolution => "check the server's name and the bearer",
            ConnectFailed => "check the server's address, port and firewall",
            NetworkTimeout => "check coverage and the server",
            Tls => "check the certificate authority, the server's name and the TLS version",
            LoginRefused => "check user name and password",
            Unavailable => "check the path and the permissions on the server",
            ServerRefused => "look up the FTP reply in the server's log",
            ServerBusy => "wait a few minutes",
            DataConnection => "check the server's passive ports and the address that it announces",
            SessionLost => "log in again",
            ServerStorage => "free space on the server",
            Incomplete => "resume the transfer if the module supports it",
            VerificationFailed => "transfer the whole file again",
        }
    }

    /// Returns what a person can do next, in a few words; `None` where only calls of the program help, which
    /// [`transfer`](crate::transfer) makes itself.
    pub(super) fn user_advice(self) -> Option<&'static str> {
        use ErrorKind::*;
        match self {
            PortLost => Some("check cable and power"),
            ModuleRestarted => Some("check the module's power supply"),
            BearerLost | SessionLost | Incomplete => None,
            other => Some(other.advice()),
        }
    }
}
