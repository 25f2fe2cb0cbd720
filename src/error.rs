//! The one error type of the crate.
//!
//! [`Error`] is small (one pointer). [`Error::kind`] says what went wrong in a form a program can match on,
//! [`ErrorKind::party`] who can do something about it, and [`Error::is_retryable`] whether the same call may succeed
//! later. What the module and the server literally answered stays visible in [`Error::module_code`] and
//! [`Error::ftp_reply`], also where this crate has no name for it.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

/// Result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

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
    /// The module did not answer in time; [`Error::phase`] says which part of the exchange ran out of time.
    #[error("no answer in time")]
    Timeout,
    /// The module sent something that its manual does not allow here.
    #[error("unexpected answer from the module")]
    Protocol,

    /// What answers on the port is not one of the supported modules.
    #[error("module not recognised")]
    UnknownModule,
    /// The module refused the command and gave no reason that this crate can name; see [`Error::module_code`].
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
    /// The server refused the request for another reason; see [`Error::ftp_reply`].
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

    /// The transfer ended before all bytes were delivered; [`Error::transferred`] says how many were.
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

/// The part of an exchange that ran out of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Writing to the port: the module (or its flow control) takes no bytes.
    Send,
    /// Waiting for `OK`, `ERROR` or another final result.
    Acknowledgement,
    /// Waiting for a data prompt (`>`, `CONNECT`, or the line that asks for the data).
    Prompt,
    /// Waiting for the result code that tells how the operation ended.
    Verdict,
    /// Moving file data.
    Data,
    /// Bringing host and module back into step.
    Resynchronisation,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Send => "sending",
            Phase::Acknowledgement => "waiting for the acknowledgement",
            Phase::Prompt => "waiting for the data prompt",
            Phase::Verdict => "waiting for the result",
            Phase::Data => "moving data",
            Phase::Resynchronisation => "resynchronising",
        })
    }
}

/// A result code exactly as the module gave it.
///
/// The same number means different things in different tables, so the table is kept with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleCode {
    /// The table the code belongs to: `"CME"`, `"CMS"`, or the command family whose result it is (`"FTPGET"`, `"QFTP"`).
    pub table: &'static str,
    /// The code as sent: a number, or words where the module is set to verbose errors.
    pub value: String,
    /// What the vendor's manual says it means, where it is listed.
    pub meaning: Option<&'static str>,
}

impl fmt::Display for ModuleCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} code {}", self.table, self.value)?;
        if let Some(meaning) = self.meaning {
            write!(f, " “{meaning}”")?;
        }
        Ok(())
    }
}

/// The error of every fallible call of this crate.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: Option<&'static str>,
    detail: Cow<'static, str>,
    command: Option<String>,
    phase: Option<(Phase, Duration)>,
    module_code: Option<ModuleCode>,
    ftp_reply: Option<u16>,
    transferred: Option<u64>,
    proven: Option<u64>,
    module_usable: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of `kind`; `detail` is a short clause without a full stop, or empty.
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Error(Box::new(Inner {
            kind,
            operation: None,
            detail: detail.into(),
            command: None,
            phase: None,
            module_code: None,
            ftp_reply: None,
            transferred: None,
            proven: None,
            module_usable: true,
            source: None,
        }))
    }

    /// A time-out of `phase`, whose limit was `limit`.
    pub(crate) fn timeout(phase: Phase, limit: Duration) -> Self {
        let mut error = Error::new(ErrorKind::Timeout, "");
        error.0.phase = Some((phase, limit));
        error
    }

    /// The caller's reader or writer failed.
    pub(crate) fn local(source: io::Error) -> Self {
        Error::new(ErrorKind::LocalIo, source.to_string()).with_source(source)
    }

    /// The port failed while in use.
    pub(crate) fn port_lost(source: io::Error) -> Self {
        Error::new(ErrorKind::PortLost, source.to_string()).with_source(source)
    }

    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    /// Names the operation (`"download"`); the innermost name given stays.
    pub(crate) fn during(mut self, operation: &'static str) -> Self {
        self.0.operation.get_or_insert(operation);
        self
    }

    /// Names the command line it happened on, secrets masked.
    pub(crate) fn at_command(mut self, command: &str) -> Self {
        self.0.command.get_or_insert_with(|| command.to_owned());
        self
    }

    /// Says more about it, where nothing was said.
    pub(crate) fn explained(mut self, detail: &'static str) -> Self {
        if self.0.detail.is_empty() {
            self.0.detail = detail.into();
        }
        self
    }

    /// Says more about it, behind what was said.
    pub(crate) fn explained_further(mut self, detail: &'static str) -> Self {
        self.0.detail = match self.0.detail.as_ref() {
            "" => detail.into(),
            said => format!("{said}; {detail}").into(),
        };
        self
    }

    pub(crate) fn with_code(mut self, code: ModuleCode) -> Self {
        self.0.module_code = Some(code);
        self
    }

    pub(crate) fn with_ftp_reply(mut self, reply: u16) -> Self {
        self.0.ftp_reply = Some(reply);
        self
    }

    pub(crate) fn with_transferred(mut self, bytes: u64) -> Self {
        self.0.transferred = Some(bytes);
        self
    }

    pub(crate) fn with_proven(mut self, bytes: u64) -> Self {
        self.0.proven = Some(bytes);
        self
    }

    /// Another kind, once more is known than where the error arose.
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    pub(crate) fn module_left_unusable(mut self) -> Self {
        self.0.module_usable = false;
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the same call may succeed when it is made again later.
    pub fn is_retryable(&self) -> bool {
        self.0.kind.is_retryable()
    }

    /// The operation that failed, in the words of this crate (`"download"`, `"login"`).
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The AT command line it failed on, with every secret masked.
    pub fn command(&self) -> Option<&str> {
        self.0.command.as_deref()
    }

    /// For [`ErrorKind::Timeout`]: what was being waited for.
    pub fn phase(&self) -> Option<Phase> {
        self.0.phase.map(|(phase, _)| phase)
    }

    /// The module's own result code, exactly as it sent it.
    pub fn module_code(&self) -> Option<&ModuleCode> {
        self.0.module_code.as_ref()
    }

    /// The FTP server's reply code (RFC 959), where the module passes it on.
    pub fn ftp_reply(&self) -> Option<u16> {
        self.0.ftp_reply
    }

    /// For transfers: payload bytes that had been moved when it failed. In a download that many were written to the
    /// caller's sink; in an upload the server may have up to that many.
    pub fn transferred(&self) -> Option<u64> {
        self.0.transferred
    }

    /// For downloads: so many of the bytes [transferred](Self::transferred) are proven to be the file's, because the module's
    /// own words came where they must behind them. The rest is the file's too unless bytes were lost on the serial line.
    pub fn proven(&self) -> Option<u64> {
        self.0.proven
    }

    /// `false` when the driver could not bring the module back to a known state: the next call tries again, but the
    /// module may need its power cut.
    pub fn module_usable(&self) -> bool {
        self.0.module_usable
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(operation) = inner.operation {
            write!(f, "{operation} failed: ")?;
        }
        write!(f, "{}", inner.kind)?;
        if !inner.detail.is_empty() {
            write!(f, ": {}", inner.detail)?;
        }
        if let Some((phase, limit)) = inner.phase {
            write!(f, ": {phase} took more than {:.1} s", limit.as_secs_f64())?;
        }
        let mut separator = " (";
        let mut context = |f: &mut fmt::Formatter<'_>, text: fmt::Arguments<'_>| {
            let written = write!(f, "{separator}{text}");
            separator = "; ";
            written
        };
        if let Some(command) = &inner.command {
            context(f, format_args!("at {command}"))?;
        }
        if let Some(code) = &inner.module_code {
            context(f, format_args!("{code}"))?;
        }
        if let Some(reply) = inner.ftp_reply {
            context(f, format_args!("FTP reply {reply}"))?;
        }
        if let Some(bytes) = inner.transferred {
            context(f, format_args!("{bytes} bytes moved"))?;
        }
        if !inner.module_usable {
            context(f, format_args!("the module did not come back to a known state"))?;
        }
        if separator == "; " {
            f.write_str(")")?;
        }
        write!(f, "; {}", inner.kind.advice())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("operation", &inner.operation)
            .field("detail", &inner.detail)
            .field("command", &inner.command)
            .field("phase", &inner.phase)
            .field("module_code", &inner.module_code)
            .field("ftp_reply", &inner.ftp_reply)
            .field("transferred", &inner.transferred)
            .field("proven", &inner.proven)
            .field("module_usable", &inner.module_usable)
            .field("source", &inner.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_what_where_and_what_next() {
        let error = Error::new(ErrorKind::LoginRefused, "")
            .during("login")
            .at_command("AT+QFTPOPEN=\"h\",21")
            .with_code(ModuleCode { table: "QFTP", value: "625".into(), meaning: Some("Not logged in") })
            .with_ftp_reply(530);
        assert_eq!(
            error.to_string(),
            "login failed: login refused by the server (at AT+QFTPOPEN=\"h\",21; QFTP code 625 “Not logged in”; \
             FTP reply 530); check user name and password"
        );
    }

    #[test]
    fn a_timeout_names_its_phase_and_limit() {
        let error = Error::timeout(Phase::Prompt, Duration::from_secs(90));
        assert_eq!(error.phase(), Some(Phase::Prompt));
        assert!(error.to_string().contains("waiting for the data prompt took more than 90.0 s"), "{error}");
    }

    #[test]
    fn the_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
