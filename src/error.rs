//! The one error type of the crate.
//!
//! [`Error`] is small (one pointer). [`Error::kind`] says what went wrong in a form a program can match on,
//! [`ErrorKind::party`] who can do something about it, and [`Error::is_retryable`] whether the same call may succeed
//! later. What the module and the server literally answered stays visible in [`Error::module_code`] and
//! [`Error::ftp_reply`], also where this crate has no name for it.

mod kind;
mod recovery;

pub use kind::{ErrorKind, Party};
pub use recovery::{Recovery, RecoveryObserver};

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

/// Result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

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
    Result,
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
            Phase::Result => "waiting for the result",
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
    recovery: Vec<Recovery>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of `kind`; `detail` is a short clause without a full stop, or empty. For implementations of
    /// [`FtpModem`](crate::FtpModem) other than this crate's, such as a test double.
    pub fn new(kind: ErrorKind, detail: impl Into<Cow<'static, str>>) -> Self {
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
            recovery: Vec::new(),
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

    /// Says what was done about it; what was done before comes first.
    pub(crate) fn after_recovery(mut self, steps: &[Recovery]) -> Self {
        self.0.recovery.splice(0..0, steps.iter().copied());
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
    /// caller's sink; in an upload the server may have up to that many. Where the module did not answer, these include the driver's
    /// own probes, which a module in data mode takes for payload.
    pub fn transferred(&self) -> Option<u64> {
        self.0.transferred
    }

    /// For downloads: so many of the bytes [transferred](Self::transferred) are proven to be the file's, because the module's
    /// own words came where they must behind them. The rest is the file's too unless bytes were lost on the serial line. For
    /// uploads: so many the module has acknowledged or taken while it asked for them.
    pub fn proven(&self) -> Option<u64> {
        self.0.proven
    }

    /// What was done to bring the module back, in order. Empty where nothing was needed.
    pub fn recovery(&self) -> &[Recovery] {
        &self.0.recovery
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
        // The driver's own steps are told by whether they brought the module back.
        if let Some(last) = inner.recovery.iter().max().filter(|last| **last >= Recovery::ReopenSession) {
            context(f, format_args!("tried, in the end: {last}"))?;
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
            .field("recovery", &inner.recovery)
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
