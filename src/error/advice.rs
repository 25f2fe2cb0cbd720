//! What to do after an error.

use super::{Error, ErrorKind, Phase, Recovery, Symptom};

impl Error {
    /// Returns what to do next, in a few words: [`ErrorKind::advice`], or a more specific step for this error. The step
    /// may be a call of the program, such as the login.
    pub fn advice(&self) -> &str {
        if let Some(advice) = &self.0.advice {
            return advice;
        }
        if self.0.recovery.contains(&Recovery::DeclareUnresponsive) && !self.module_usable() {
            return "switch the module off and on";
        }
        match (self.kind(), self.phase()) {
            (ErrorKind::Timeout, Some(Phase::Send)) => "check flow control and power of the module",
            (ErrorKind::Timeout, Some(Phase::Prompt | Phase::Result | Phase::Data)) => {
                "check network coverage and the server, or raise the time limit"
            }
            (ErrorKind::Timeout, Some(Phase::Resynchronisation)) => {
                "switch the module off and on if this happens again"
            }
            (ErrorKind::Timeout, Some(Phase::Budget)) => "raise this time limit",
            (ErrorKind::ModuleRefused, _) if self.module_code().is_none() => "check the module's settings and manual",
            (ErrorKind::ServerRefused, _) if self.ftp_reply().is_none() => "check the server's log",
            (kind, _) => kind.advice(),
        }
    }

    /// Returns what a person can do next, in a few words. `None` if only calls of the program help, such as the login.
    /// The transfers and links of [`transfer`](crate::transfer) make these calls themselves.
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::{Error, ErrorKind};
    ///
    /// let refused = Error::new(ErrorKind::LoginRefused, "");
    /// assert_eq!(refused.user_advice(), Some("check user name and password"));
    /// assert_eq!(Error::new(ErrorKind::SessionLost, "").user_advice(), None);
    /// ```
    pub fn user_advice(&self) -> Option<&str> {
        let is_general = self.advice() == self.kind().advice();
        if is_general { self.kind().user_advice() } else { Some(self.advice()) }
    }

    /// Returns what failed, where, and what a person can do next.
    pub(crate) fn for_user(&self) -> String {
        match self.user_advice() {
            Some(advice) => format!("{}; {advice}", self.symptom()),
            None => self.symptom().to_string(),
        }
    }

    /// Returns what failed and where, without what to do next.
    pub(crate) fn symptom(&self) -> Symptom<'_> {
        Symptom(&self.0)
    }
}
