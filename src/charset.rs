//! Charsets of names on FTP servers.
//!
//! A program uses UTF-8. Command lines encode the paths in the server's charset, listings decode the names in it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};

/// The charset of file names on a server.
///
/// [`UTF_8`](Self::UTF_8) and [`LATIN_1`](Self::LATIN_1) are always there. With the feature `charset`, `FromStr` takes
/// the labels of the [Encoding Standard](https://encoding.spec.whatwg.org/#names-and-labels), such as `gbk`.
///
/// # Examples
/// ```
/// use ftp_modem::Server;
/// use ftp_modem::modem::Charset;
///
/// let server = Server::new("ftp.example.com", "logger", "secret").with_charset("gbk".parse()?);
/// assert_eq!(server.charset.name(), "GBK");
/// assert_eq!("latin1".parse::<Charset>()?, Charset::LATIN_1);
/// # Ok::<(), ftp_modem::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Charset(Kind);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Utf8,
    Latin1,
    #[cfg(feature = "charset")]
    Other(&'static encoding_rs::Encoding),
}

impl Charset {
    /// UTF-8 (RFC 2640).
    pub const UTF_8: Charset = Charset(Kind::Utf8);
    /// ISO 8859-1: every byte is one character, so that every name of a listing can be sent back unchanged.
    pub const LATIN_1: Charset = Charset(Kind::Latin1);

    /// Returns the name of the charset.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Utf8 => "UTF-8",
            Kind::Latin1 => "ISO-8859-1",
            #[cfg(feature = "charset")]
            Kind::Other(encoding) => encoding.name(),
        }
    }

    /// Encodes `text`. `None` if it has a character that the charset lacks.
    pub(crate) fn encode(self, text: &str) -> Option<Cow<'_, [u8]>> {
        match self.0 {
            Kind::Utf8 => Some(Cow::Borrowed(text.as_bytes())),
            Kind::Latin1 => {
                let bytes: Option<Vec<u8>> = text.chars().map(|character| u8::try_from(character).ok()).collect();
                bytes.map(Cow::Owned)
            }
            #[cfg(feature = "charset")]
            Kind::Other(encoding) => {
                let (bytes, _, has_unmappable) = encoding.encode(text);
                (!has_unmappable).then_some(bytes)
            }
        }
    }

    /// Decodes `bytes`. Sequences that the charset lacks become U+FFFD.
    pub(crate) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self.0 {
            Kind::Utf8 => String::from_utf8_lossy(bytes),
            Kind::Latin1 => bytes.iter().copied().map(char::from).collect(),
            #[cfg(feature = "charset")]
            Kind::Other(encoding) => encoding.decode_without_bom_handling(bytes).0,
        }
    }

    /// Converts a line of a listing to UTF-8. A line that would not be encoded to the same bytes again stays as it is.
    pub(crate) fn convert(self, line: &[u8]) -> Cow<'_, [u8]> {
        if self == Charset::UTF_8 || line.is_ascii() {
            return Cow::Borrowed(line);
        }
        let text = self.decode(line);
        match self.encode(&text) {
            Some(bytes) if *bytes == *line => Cow::Owned(text.into_owned().into_bytes()),
            _ => Cow::Borrowed(line),
        }
    }

    /// Converts a whole listing to UTF-8, line by line.
    pub(crate) fn convert_lines(self, text: Vec<u8>) -> Vec<u8> {
        if self == Charset::UTF_8 {
            return text;
        }
        let lines = text.split_inclusive(|byte| *byte == b'\n');
        lines.flat_map(|line| self.convert(line).into_owned()).collect()
    }
}

/// UTF-8.
impl Default for Charset {
    fn default() -> Self {
        Charset::UTF_8
    }
}

impl FromStr for Charset {
    type Err = Error;

    fn from_str(label: &str) -> Result<Self> {
        match label.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Ok(Charset::UTF_8),
            // In the Encoding Standard these labels mean windows-1252, which lacks the characters U+0080 to U+009F.
            "latin1" | "latin-1" | "iso-8859-1" | "iso8859-1" => Ok(Charset::LATIN_1),
            _ => other(label),
        }
    }
}

/// The charset of a label. Command lines and listings need ASCII in one byte each.
#[cfg(feature = "charset")]
fn other(label: &str) -> Result<Charset> {
    let encoding = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes());
    match encoding.filter(|encoding| encoding.is_ascii_compatible()) {
        Some(encoding) => Ok(Charset(Kind::Other(encoding))),
        None => {
            let detail =
                format!("{label:?} is no charset of file names; there are utf-8, latin1, gbk, big5 and others");
            Err(Error::new(ErrorKind::InvalidInput, detail))
        }
    }
}

#[cfg(not(feature = "charset"))]
fn other(label: &str) -> Result<Charset> {
    let detail = format!("the charset {label:?} needs the feature charset; without it there are utf-8 and latin1");
    Err(Error::new(ErrorKind::InvalidInput, detail))
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_1_round_trips_every_byte() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = Charset::LATIN_1.decode(&bytes);
        assert_eq!(Charset::LATIN_1.encode(&text).as_deref(), Some(&bytes[..]));
        assert_eq!(Charset::LATIN_1.encode("报"), None);
        assert_eq!(Charset::LATIN_1.convert_lines(b"a\r\n\xe9\n".to_vec()), "a\r\né\n".as_bytes());
    }

    #[cfg(feature = "charset")]
    #[test]
    fn every_listed_name_can_be_sent_back() {
        let names: &[&[u8]] = &[b"\xb2\xe2\xca\xd4.txt", b"\xb2", b"\x80", b"\xff\xff", b"a\x81\x5c", b"\xfe\x40 b"];
        for label in ["gbk", "gb18030", "big5", "shift_jis", "euc-kr", "windows-1252", "koi8-r"] {
            let charset: Charset = label.parse().unwrap();
            for name in names {
                let converted = charset.convert(name);
                let sent = std::str::from_utf8(&converted).ok().and_then(|text| charset.encode(text));
                assert!(sent.is_none_or(|sent| sent == *name), "{label} {}", name.escape_ascii());
            }
        }
        assert_eq!("GBK".parse::<Charset>().unwrap().decode(b"\xb2\xe2\xca\xd4"), "测试");
        for label in ["utf-16le", "iso-2022-jp", "replacement", "no-such"] {
            assert_eq!(label.parse::<Charset>().unwrap_err().kind(), ErrorKind::InvalidInput, "{label}");
        }
    }
}
