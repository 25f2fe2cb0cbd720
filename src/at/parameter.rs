//! The arguments of commands: what they are called, how long they may be, how they are written.

use std::borrow::Cow;
use std::fmt;

use crate::charset::Charset;
use crate::error::{Error, ErrorKind, Result};

/// How an argument is written in the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// In quotation marks. None of the manuals defines an escape, so a quotation mark inside cannot be sent.
    Quoted,
    /// Bare. Commas, semicolons, blanks and quotation marks cannot be sent (V.250 §5.2.1, §5.4).
    Bare,
}

/// Which bytes an argument may hold, besides that control characters never may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repertoire {
    /// ASCII only.
    Ascii,
    /// ASCII and everything above, passed through byte for byte.
    EightBit,
    /// Characters that the server's charset has. They are encoded when the command is sent.
    Server,
}

/// An argument of a command: what it is called, how long it may be, how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in messages.
    pub what: &'static str,
    /// Most bytes.
    pub max: usize,
    /// Whether it may be empty.
    pub may_be_empty: bool,
    /// The way in which it is written.
    pub style: Style,
    /// Which bytes it may hold.
    pub repertoire: Repertoire,
    /// Whether it must never be shown.
    pub secret: bool,
}

impl Parameter {
    /// A quoted argument of 1 to `max` bytes.
    pub const fn quoted(what: &'static str, max: usize) -> Self {
        Parameter {
            what,
            max,
            may_be_empty: false,
            style: Style::Quoted,
            repertoire: Repertoire::EightBit,
            secret: false,
        }
    }

    /// A bare argument of 1 to `max` bytes.
    pub const fn bare(what: &'static str, max: usize) -> Self {
        Parameter { style: Style::Bare, ..Parameter::quoted(what, max) }
    }

    /// Allows it to be empty.
    pub const fn or_empty(self) -> Self {
        Parameter { may_be_empty: true, ..self }
    }

    /// Marks it as one that must never be shown.
    pub const fn secret(self) -> Self {
        Parameter { secret: true, ..self }
    }

    /// Marks it as a name on the server, which is in the server's charset.
    pub const fn on_server(self) -> Self {
        Parameter { repertoire: Repertoire::Server, ..self }
    }

    /// Restricts it to ASCII.
    pub const fn ascii(self) -> Self {
        Parameter { repertoire: Repertoire::Ascii, ..self }
    }

    /// Checks whether all of the values can be sent, each as its argument; for calls that send more than one command.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn check_all(values: &[(&Parameter, &str)]) -> Result<()> {
        values.iter().try_for_each(|(parameter, value)| parameter.check(value))
    }

    /// As [`Self::check_all`], for names on a server of this charset.
    ///
    /// # Errors
    /// As [`Self::check_in`].
    pub fn check_all_in(charset: Charset, values: &[(&Parameter, &str)]) -> Result<()> {
        values.iter().try_for_each(|(parameter, value)| parameter.check_in(charset, value))
    }

    /// Checks whether `value` can be sent as this argument.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], saying what is wrong with it; a secret value is not repeated.
    pub fn check(&self, value: &str) -> Result<()> {
        self.check_bytes(value, value.as_bytes())
    }

    /// As [`Self::check`], for a name on a server of this charset.
    ///
    /// # Errors
    /// As [`Self::check`], and for a character that the charset lacks.
    pub fn check_in(&self, charset: Charset, value: &str) -> Result<()> {
        self.encoded(charset, value).map(drop)
    }

    /// The bytes of a value that can be sent.
    pub(super) fn encoded<'a>(&self, charset: Charset, value: &'a str) -> Result<Cow<'a, [u8]>> {
        let Some(bytes) = charset.encode(value) else {
            let detail = format!("the {} {:?} cannot be written in {charset}", self.what, shortened(value));
            return Err(Error::new(ErrorKind::InvalidInput, detail));
        };
        self.check_bytes(value, &bytes)?;
        Ok(bytes)
    }

    /// Checks the bytes by which `value` is sent.
    fn check_bytes(&self, value: &str, bytes: &[u8]) -> Result<()> {
        let refuse = |why: fmt::Arguments<'_>| {
            let what = self.what;
            let shown = if self.secret { String::new() } else { format!(" {:?}", shortened(value)) };
            Err(Error::new(ErrorKind::InvalidInput, format!("the {what}{shown} {why}")))
        };
        if value.is_empty() && !self.may_be_empty {
            return refuse(format_args!("is empty"));
        }
        if bytes.len() > self.max {
            return refuse(format_args!("has {} bytes, this module takes {}", bytes.len(), self.max));
        }
        for byte in bytes.iter().copied() {
            let reason = match (byte, self.style, self.repertoire) {
                (0..=0x1f | 0x7f, _, _) => "a control character",
                (b'"', _, _) => "a quotation mark",
                (b',' | b';' | b' ', Style::Bare, _) => "a comma, semicolon or blank",
                (0x80.., _, Repertoire::Ascii) => "a character outside ASCII",
                _ => continue,
            };
            return refuse(format_args!("holds {reason}, which this module's command lines cannot carry"));
        }
        Ok(())
    }
}

/// The start of a text, short enough for a message.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
