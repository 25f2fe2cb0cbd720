//! Result codes of modules.

use std::fmt;

/// A result code exactly as the module sent it.
///
/// The same number has different meanings in different tables, so the code names its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleCode {
    /// Table of the code: `"CME"`, `"CMS"`, or the command family of the result (`"FTPGET"`, `"QFTP"`).
    pub table: &'static str,
    /// The code as sent: a number, or text where the module is set to verbose errors (`AT+CMEE=2`).
    pub value: String,
    /// Meaning of the code in the vendor's manual. `None` if the manual does not list it.
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
