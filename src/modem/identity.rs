//! What a module states about itself.

use std::fmt;

/// What a module states about itself. As text: manufacturer and model, or else the information text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Identity {
    /// Manufacturer (`AT+CGMI`). Empty if the module does not state it, or it was not queried.
    pub manufacturer: String,
    /// Model (`AT+CGMM`). Empty if the module does not state it, or it was not queried.
    pub model: String,
    /// The information text of `ATI`, line by line.
    pub information: Vec<String>,
}

impl Identity {
    /// Creates the identity of a module with manufacturer and model only, for other implementations of
    /// [`FtpModem`](super::FtpModem), such as a test double.
    pub fn new(manufacturer: impl Into<String>, model: impl Into<String>) -> Self {
        Identity { manufacturer: manufacturer.into(), model: model.into(), information: Vec::new() }
    }

    /// Sets the lines of the information text.
    pub fn with_information(mut self, lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.information = lines.into_iter().map(Into::into).collect();
        self
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [self.manufacturer.as_str(), self.model.as_str()];
        let named: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if named.is_empty() { f.write_str(&self.information.join(" ")) } else { f.write_str(&named.join(" ")) }
    }
}
