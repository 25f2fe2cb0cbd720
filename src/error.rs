//! The one error type of the crate.
//!
//! [`Error`] is one pointer wide. A program that handles errors reads:
//!
//! - [`Error::kind`]: what went wrong, as an enum to match on;
//! - [`ErrorKind::party`]: who can act on it (caller, link, module or server);
//! - [`Error::is_retryable`]: whether the same call may succeed later;
//! - [`Error::module_usable`]: whether the driver brought the module back to a known state;
//! - [`Error::module_code`] and [`Error::ftp_reply`]: the codes that module and server sent, unchanged, including codes
//!   that this crate does not know.
//!
//! As text an error is one line: `<operation> failed: <what> (<command, code, reply>); <what to do next>`.
//! [`guide::errors`](crate::guide::errors) has a table of all kinds, and what a program does about each.
//!
//! # Examples
//! ```
//! use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
//! use ftp_modem::error::Party;
//! use ftp_modem::transport::memory::MemoryPipe;
//! use ftp_modem::{AccessPoint, ErrorKind, OpenOptions, Server};
//!
//! let module = Module::new(Family::Quectel, MemoryServer::new().remote(), Options::default());
//! let mut modem = OpenOptions::new().open_on(MemoryPipe::new(module))?;
//! modem.attach(&AccessPoint::default())?;
//! modem.login(&Server::new("ftp.example.com", "logger", "secret"))?;
//!
//! let error = modem.size("/missing.bin").unwrap_err();
//! assert_eq!((error.kind(), error.kind().party()), (ErrorKind::Unavailable, Party::Server));
//! assert_eq!((error.operation(), error.ftp_reply()), (Some("size"), Some(550)));
//! assert!(!error.is_retryable() && error.module_usable());
//! # Ok::<(), ftp_modem::Error>(())
//! ```

mod advice;
mod code;
mod debug;
mod kind;
mod operation;
mod phase;
mod recovery;

pub use code::ModuleCode;
pub use kind::{ErrorKind, Party};
pub use phase::Phase;
pub use recovery::{Recovery, RecoveryObserver, RecoveryStep};

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use phase::Expired;

/// A result with the [`Error`] of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The error of every fallible call of this crate.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: Option<&'static str>,
    detail: Cow<'static, str>,
    command: Option<String>,
    phase: Option<(Phase, Duration)>,
    /// What to do next, where that is more specific than the advice of the kind.
    advice: Option<Cow<'static, str>>,
    module_code: Option<ModuleCode>,
    ftp_reply: Option<u16>,
    transferred: Option<u64>,
    proven: Option<u64>,
    module_usable: bool,
    recovery: Vec<Recovery>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Creates an error of `kind`, for other implementations of [`FtpModem`](crate::FtpModem), such as a test double.
    /// `detail` is a short clause without a full stop, or empty.
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::ServerBusy, "too many users");
    /// assert!(error.is_retryable());
    /// assert_eq!(error.to_string(), "server busy: too many users; wait a few minutes");
    /// ```
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
            advice: None,
            source: None,
        }))
    }

    /// Creates the error of a `phase` that exceeded `limit`.
    pub(crate) fn timeout(phase: Phase, limit: Duration) -> Self {
        let mut error = Error::new(ErrorKind::Timeout, "");
        error.0.phase = Some((phase, limit));
        error
    }

    /// Creates the error of a caller's reader or writer that failed: [`ErrorKind::LocalIo`], with `source` as its
    /// source.
    pub fn local(source: io::Error) -> Self {
        Error::new(ErrorKind::LocalIo, source.to_string()).with_source(source)
    }

    /// Sets the phase that exceeded its limit, where the caller knows that another limit was the cause.
    pub(crate) fn with_phase(mut self, phase: Phase, limit: Duration) -> Self {
        self.0.phase = Some((phase, limit));
        self
    }

    /// Sets the source.
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    /// Names the operation (`"download"`), unless an inner call has already named it.
    pub(crate) fn during(mut self, operation: &'static str) -> Self {
        self.0.operation.get_or_insert(operation);
        self
    }

    /// Names the operation, even if an inner call has already named it.
    pub(crate) fn renamed(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// Names the command line that failed, with secrets masked, unless an inner call has already named it.
    pub(crate) fn at_command(mut self, command: &str) -> Self {
        self.0.command.get_or_insert_with(|| command.to_owned());
        self
    }

    /// Sets the detail, unless the error already has one.
    pub(crate) fn explained(mut self, detail: &'static str) -> Self {
        if self.0.detail.is_empty() {
            self.0.detail = detail.into();
        }
        self
    }

    /// Appends to the detail.
    pub(crate) fn explained_further(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        self.0.detail = match self.0.detail.as_ref() {
            "" => detail,
            previous => format!("{previous}; {detail}").into(),
        };
        self
    }

    /// Sets the result code of the module.
    pub fn with_code(mut self, code: ModuleCode) -> Self {
        self.0.module_code = Some(code);
        self
    }

    /// Sets the reply code of the server.
    pub fn with_ftp_reply(mut self, reply: u16) -> Self {
        self.0.ftp_reply = Some(reply);
        self
    }

    /// Sets the number of bytes that were transferred ([`Error::transferred`]).
    pub fn with_transferred(mut self, bytes: u64) -> Self {
        self.0.transferred = Some(bytes);
        self
    }

    /// Sets the number of bytes that are proven to have been transferred ([`Error::proven`]).
    pub fn with_proven(mut self, bytes: u64) -> Self {
        self.0.proven = Some(bytes);
        self
    }

    /// Inserts `steps` before the recovery steps that the error already lists.
    pub(crate) fn after_recovery(mut self, steps: &[Recovery]) -> Self {
        self.0.recovery.splice(0..0, steps.iter().copied());
        self
    }

    /// Replaces the kind, where the caller knows more about the cause than the place that created the error.
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Replaces kind, detail and what to do next, where a query has shown the cause. `detail` and `advice` are short
    /// clauses without a full stop.
    pub fn caused_by(
        self,
        kind: ErrorKind,
        detail: impl Into<Cow<'static, str>>,
        advice: impl Into<Cow<'static, str>>,
    ) -> Self {
        let mut error = self.with_kind(kind).advising(advice);
        error.0.detail = detail.into();
        error
    }

    /// Sets what to do next, where that is more specific than the advice of the kind.
    pub(crate) fn advising(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }

    /// Returns whether the error has an advice of its own: its cause is known.
    pub(crate) fn is_advised(&self) -> bool {
        self.0.advice.is_some()
    }

    /// Marks the module as not usable ([`Error::module_usable`]).
    pub fn module_left_unusable(mut self) -> Self {
        self.0.module_usable = false;
        self
    }

    /// Returns what went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.0.kind.is_retryable()
    }

    /// Returns the name of the operation that failed (`"download"`, `"login"`). The message describes the operation in
    /// words.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// Returns the AT command line that failed, with every secret masked.
    pub fn command(&self) -> Option<&str> {
        self.0.command.as_deref()
    }

    /// Returns the phase that exceeded its time limit, if one did.
    pub fn phase(&self) -> Option<Phase> {
        self.0.phase.map(|(phase, _)| phase)
    }

    /// Returns the module's result code, exactly as the module sent it. `None` if it sent none.
    pub fn module_code(&self) -> Option<&ModuleCode> {
        self.0.module_code.as_ref()
    }

    /// Returns the FTP server's reply code (RFC 959), where the module reports it.
    pub fn ftp_reply(&self) -> Option<u16> {
        self.0.ftp_reply
    }

    /// Returns the number of payload bytes transferred before the failure, for transfers.
    ///
    /// Download: number of bytes written to the caller's writer. Upload: largest number of bytes that the server may
    /// have received. If the module stopped answering, this number includes the driver's probes, which a module in data
    /// mode stores as file data.
    pub fn transferred(&self) -> Option<u64> {
        self.0.transferred
    }

    /// Returns how many of the [transferred](Self::transferred) bytes are known to be correct, for transfers.
    ///
    /// Download: these bytes are the file's, because the module's own text followed them at the position where it must.
    /// The bytes after them may be damaged if the serial line lost bytes. Upload: the module acknowledged these bytes,
    /// or accepted them at its own request.
    pub fn proven(&self) -> Option<u64> {
        self.0.proven
    }

    /// Returns the recovery steps that the driver took after the failure, in order. Empty if none was needed.
    pub fn recovery(&self) -> &[Recovery] {
        &self.0.recovery
    }

    /// Returns whether the module is in a known state.
    ///
    /// `false`: recovery failed. The next call attempts it again; the module may have to be switched off and on.
    pub fn module_usable(&self) -> bool {
        self.0.module_usable
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.symptom(), self.advice())
    }
}

impl Inner {
    /// Whether the server has refused an upload: bytes that the module took before that are not on the server.
    fn is_refused_upload(&self) -> bool {
        use ErrorKind::{LoginRefused, ServerRefused, Unavailable};
        self.operation == Some("upload") && matches!(self.kind, LoginRefused | ServerRefused | Unavailable)
    }
}

/// What failed and where, without what to do next.
pub(crate) struct Symptom<'a>(&'a Inner);

impl fmt::Display for Symptom<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.0;
        if let Some(operation) = inner.operation {
            write!(f, "{} failed: ", operation::words(operation))?;
        }
        let expired = inner.phase.map(|(phase, limit)| Expired(phase, limit));
        match &expired {
            Some(expired) if inner.kind == ErrorKind::Timeout => write!(f, "{expired}")?,
            Some(expired) => write!(f, "{}: {expired}", inner.kind)?,
            None => write!(f, "{}", inner.kind)?,
        }
        if !inner.detail.is_empty() {
            write!(f, ": {}", inner.detail)?;
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
        if let Some(bytes) = inner.transferred.filter(|_| !inner.is_refused_upload()) {
            context(f, format_args!("{bytes} bytes transferred"))?;
        }
        // The milder steps are routine; whether they helped shows in `module_usable`.
        let taken = inner.recovery.iter().filter(|step| **step != Recovery::DeclareUnresponsive);
        if let Some(last) = taken.max().filter(|last| **last >= Recovery::ReopenSession) {
            context(f, format_args!("recovery tried: {last}"))?;
        }
        if !inner.module_usable {
            context(f, format_args!("the state of the module is unknown"))?;
        }
        if separator == "; " {
            f.write_str(")")?;
        }
        Ok(())
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
    fn a_message_is_one_line_with_operation_cause_place_and_hint() {
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
    fn a_timeout_names_what_was_missing_and_the_limit() {
        let cases = [
            (Phase::Send, 1500, "the module accepted no data within 1.5 s; check flow control"),
            (Phase::Acknowledgement, 300, "no answer within 0.3 s; check port"),
            (Phase::Prompt, 90_000, "no data prompt within 90 s; check network"),
            (Phase::Result, 1_250, "no result within 1.25 s; check network"),
            (Phase::Data, 120_000, "the data transfer exceeded its time limit of 120 s; check network"),
            (Phase::Resynchronisation, 9_000, "no answer to probes within 9 s; switch the module off"),
            (Phase::Budget, 600_000, "the time limit of 600 s for all operations together passed; raise this"),
            (Phase::Result, 0, "no time left for waiting for the result; check network"),
        ];
        for (phase, limit, message) in cases {
            let error = Error::timeout(phase, Duration::from_millis(limit));
            assert_eq!(error.phase(), Some(phase));
            assert!(error.to_string().starts_with(message), "{error}");
        }
    }

    #[test]
    fn a_refused_upload_counts_no_bytes_and_one_that_broke_off_does() {
        use ErrorKind::*;
        for (kind, operation, is_counted) in [
            (Unavailable, "upload", false),
            (ServerRefused, "upload", false),
            (LoginRefused, "upload", false),
            (Incomplete, "upload", true),
            (ServerStorage, "upload", true),
            (Unavailable, "download", true),
        ] {
            let error = Error::new(kind, "").during(operation).with_transferred(6);
            assert_eq!(error.to_string().contains("6 bytes transferred"), is_counted, "{error}");
        }
    }

    #[test]
    fn the_hint_does_not_refer_to_a_code_that_is_missing() {
        let refused = Error::new(ErrorKind::ModuleRefused, "");
        assert!(!refused.to_string().contains("code"), "{refused}");
        let refused = refused.with_code(ModuleCode { table: "CME", value: "3".into(), meaning: None });
        assert!(refused.to_string().contains("look up the code"), "{refused}");
    }

    #[test]
    fn debug_output_is_the_message_and_in_its_long_form_every_field() {
        let error = Error::new(ErrorKind::LoginRefused, "").during("login").with_ftp_reply(530);
        assert_eq!(format!("{error:?}"), error.to_string());
        let long = format!("{error:#?}");
        assert!(long.contains("kind: LoginRefused") && long.contains("proven: None"), "{long}");
    }

    #[test]
    fn the_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
