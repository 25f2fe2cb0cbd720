//! The text of an error for programmers.

use std::fmt;

use super::Error;

/// The message, so that a program that returns an error from `main`, and a failed `unwrap`, print what happened; with
/// `{:#?}` every field.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return fmt::Display::fmt(self, f);
        }
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
            .field("advice", &inner.advice)
            .field("source", &inner.source)
            .finish()
    }
}
