//! What a file holds, and how the module frames it.

use std::fmt;
use std::str::FromStr;

use ftp_modem::Vendor;
use ftp_modem::emulator::{GetFraming, Options};

use super::operation::Operation;
use super::support::expected::expected;

/// What a file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Payload {
    /// Bytes that imitate everything that a module says around its data.
    #[default]
    Deceiving,
    /// Text whose lines, the last one too, end in CR LF: what is pushed out of it is a line end.
    CrLf,
    /// Text whose lines, the last one too, end in LF.
    Lf,
}

/// How the data of a download are framed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// As the emulated module does without options.
    #[default]
    Native,
    /// A line end of their own follows the data.
    OwnLineEnd,
    /// The data are on a line of their own, behind that of their number (generic).
    TwoLines,
    /// No line end follows the data (China Mobile).
    NoLineEnd,
}

/// What a file holds, and how it is framed. As text: a word for each that is not the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    pub payload: Payload,
    pub framing: Framing,
}

const PAYLOADS: [(Payload, &str); 3] = [(Payload::Deceiving, ""), (Payload::CrLf, "crlf"), (Payload::Lf, "lf")];

const FRAMINGS: [(Framing, &str); 4] = [
    (Framing::Native, ""),
    (Framing::OwnLineEnd, "own-line-end"),
    (Framing::TwoLines, "two-lines"),
    (Framing::NoLineEnd, "no-line-end"),
];

impl Form {
    /// The forms that matter to an operation.
    pub fn all(vendor: Vendor, operation: Operation) -> Vec<Form> {
        // Command lines carry printable text only.
        let has_text = operation.is_download() || (operation.is_upload() && !expected(vendor).uploads_in_lines);
        let payloads = PAYLOADS.iter().filter(|(payload, _)| has_text || *payload == Payload::Deceiving);
        let is_known = |framing: Framing| match framing {
            Framing::Native => true,
            Framing::OwnLineEnd => operation.is_download(),
            Framing::TwoLines => operation.is_download() && vendor == Vendor::Generic,
            Framing::NoLineEnd => operation.is_download() && vendor == Vendor::ChinaMobile,
        };
        let forms = payloads.flat_map(|(payload, _)| {
            let framings = FRAMINGS.iter().filter(|(framing, _)| is_known(*framing));
            framings.map(|(framing, _)| Form { payload: *payload, framing: *framing })
        });
        forms.collect()
    }

    /// The bytes that an operation moves. Whole files are some blocks long, others fit in one, where the position of a
    /// fault matters more than their number.
    pub fn content(self, vendor: Vendor, operation: Operation) -> Vec<u8> {
        let is_printable = expected(vendor).uploads_in_lines && operation.is_upload();
        let length = if operation.is_whole_file() { 2900 } else { 600 };
        match self.payload {
            Payload::Deceiving => deceiving(length, is_printable),
            Payload::CrLf => lines(length, b"\r\n"),
            Payload::Lf => lines(length, b"\n"),
        }
    }

    /// The options of a module that frames data so.
    pub fn options(self) -> Options {
        let mut options = Options::default();
        match self.framing {
            Framing::Native => {}
            Framing::OwnLineEnd => {
                for vendor in Vendor::ALL {
                    (expected(vendor).end_data)(&mut options);
                }
            }
            Framing::TwoLines => options.generic.get_framing = GetFraming::TwoLines,
            Framing::NoLineEnd => options.china_mobile.urc_line_end = false,
        }
        options
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payload = PAYLOADS.iter().filter(|(payload, _)| *payload == self.payload).map(|(_, name)| *name);
        let framing = FRAMINGS.iter().filter(|(framing, _)| *framing == self.framing).map(|(_, name)| *name);
        payload.chain(framing).filter(|name| !name.is_empty()).try_for_each(|name| write!(f, " {name}"))
    }
}

impl FromStr for Form {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let mut form = Form::default();
        for word in words.split_whitespace() {
            let payload = PAYLOADS.iter().find(|(_, name)| *name == word);
            let framing = FRAMINGS.iter().find(|(_, name)| *name == word);
            match (payload, framing) {
                (Some((payload, _)), _) => form.payload = *payload,
                (_, Some((framing, _))) => form.framing = *framing,
                (None, None) => return Err(format!("neither pace, payload nor framing is called {word:?}")),
            }
        }
        Ok(form)
    }
}

/// A file that imitates everything that a module says around its data.
fn deceiving(length: usize, is_printable: bool) -> Vec<u8> {
    let deceiving: &[u8] =
        b"\r\nOK\r\n\r\n+QFTPGET: 0,9\r\n+FTPGET: 1,0\r\nCONNECT\r\n>+++\r\nERROR\r\n\x03\x1a\x00\xff";
    let mut bytes: Vec<u8> = Vec::with_capacity(length);
    let mut noise = noise();
    while bytes.len() < length {
        if !is_printable && bytes.len() == length / 3 {
            bytes.extend_from_slice(deceiving);
        }
        let byte = noise();
        let byte = if is_printable { b'a' + byte % 26 } else { byte };
        // Equal neighbours would hide which of them was lost.
        if bytes.last() != Some(&byte) {
            bytes.push(byte);
        }
    }
    bytes.truncate(length);
    bytes
}

/// Lines of text, the last one complete.
fn lines(length: usize, end: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = Vec::with_capacity(length);
    let mut noise = noise();
    while bytes.len() < length - end.len() {
        let byte = noise();
        match byte % 24 {
            0 => bytes.extend_from_slice(end),
            letter if bytes.last() != Some(&(b'a' + letter)) => bytes.push(b'a' + letter),
            _ => {}
        }
    }
    bytes.truncate(length - end.len());
    bytes.extend_from_slice(end);
    bytes
}

/// Bytes that look random, always the same.
fn noise() -> impl FnMut() -> u8 {
    let mut state = 12345u32;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    }
}
