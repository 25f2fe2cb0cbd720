//! Recorded serial sessions in a text format.
//!
//! One event per line:
//!
//! ```text
//! # a comment
//! = provenance: Luat Air780E FTP guide, section 6.2
//! >> AT+FTPGET=2,5\r              host to module
//! << \r\n+FTPGET: 2,5\r\n         module to host; the host must read it before its next write
//! <~ \r\n+FTPGET: 1,1\r\n         module to host; the host may write before it reads it
//! <<# 5 3132333435                exactly 5 bytes, in hexadecimal
//! <<* 1024                        exactly 1024 bytes of the test pattern (byte i is i mod 251)
//! @ 0.6                           0.6 seconds pass
//! ```
//!
//! Text extends from the blank after the mark to the end of the line. The escapes `\r`, `\n`, `\t`, `\0`, `\\` and
//! `\xNN` represent single bytes. `#` and `*` may follow each of the three marks. Lines that start with `=` are
//! headings `name: value`; `provenance` names where the session was recorded or printed. A `\` at the end of a text
//! line continues it on the next line, whose leading blanks are ignored.

use std::str::FromStr;
use std::time::Duration;

/// One event of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The host sends these bytes.
    Host(Vec<u8>),
    /// The module sends bytes.
    Module {
        /// The bytes.
        bytes: Vec<u8>,
        /// Whether the host may write before it reads them.
        late: bool,
    },
    /// This time passes.
    Wait(Duration),
}

/// A session: headings and events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Transcript {
    /// Headings, in the order of the file.
    pub headings: Vec<(String, String)>,
    /// Events, each with its line number.
    pub events: Vec<(usize, Event)>,
}

/// As [`Transcript::parse`].
///
/// # Examples
/// ```
/// use ftp_modem::transport::transcript::Transcript;
///
/// let session: Transcript = ">> AT\\r\n<< \\r\\nOK\\r\\n\n".parse()?;
/// assert_eq!(session.events.len(), 2);
/// # Ok::<(), ftp_modem::transport::transcript::TranscriptError>(())
/// ```
impl FromStr for Transcript {
    type Err = TranscriptError;

    fn from_str(text: &str) -> Result<Self, TranscriptError> {
        Transcript::parse(text)
    }
}

/// The error of a line that violates the format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("transcript line {line}: {what}")]
pub struct TranscriptError {
    /// Line number, from 1.
    pub line: usize,
    /// What is wrong with the line.
    pub what: &'static str,
}

/// Longest wait in a transcript.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

/// Largest total size of the counted blocks of a transcript in bytes: a few characters can specify a pattern of any
/// length.
const MAX_COUNTED: usize = 64 << 20;

impl Transcript {
    /// Parses the text format.
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::transport::transcript::{Event, Transcript};
    ///
    /// let session = Transcript::parse("= provenance: an example\n>> AT\\r\n<< \\r\\nOK\\r\\n\n")?;
    /// assert_eq!(session.heading("provenance"), Some("an example"));
    /// assert_eq!(session.events[0], (2, Event::Host(b"AT\r".to_vec())));
    /// # Ok::<(), ftp_modem::transport::transcript::TranscriptError>(())
    /// ```
    ///
    /// # Errors
    /// The first line that violates the format.
    pub fn parse(text: &str) -> Result<Self, TranscriptError> {
        let mut transcript = Transcript::default();
        let mut room = MAX_COUNTED;
        let mut lines = text.lines().enumerate();
        while let Some((index, first)) = lines.next() {
            let line = index + 1;
            let failed = |what| TranscriptError { line, what };
            let mut content = first.to_owned();
            while content.ends_with('\\') && !content.ends_with("\\\\") && !content.starts_with('#') {
                content.pop();
                let (_, next) = lines.next().ok_or(failed("the last line ends with a continuation mark"))?;
                content.push_str(next.trim_start());
            }
            if content.trim().is_empty() || content.starts_with('#') {
                continue;
            }
            if let Some(heading) = content.strip_prefix('=') {
                let (name, value) = heading.split_once(':').ok_or(failed("the heading has no colon"))?;
                transcript.headings.push((name.trim().to_owned(), value.trim().to_owned()));
            } else if let Some(seconds) = content.strip_prefix('@') {
                let seconds: f64 = seconds.trim().parse().map_err(|_| failed("the time is not a number of seconds"))?;
                let wait =
                    Duration::try_from_secs_f64(seconds).map_err(|_| failed("the time is negative or too long"))?;
                if wait > LONGEST_WAIT {
                    return Err(failed("the time is longer than a day"));
                }
                transcript.events.push((line, Event::Wait(wait)));
            } else {
                let event = Event::parse(&content, &mut room).map_err(failed)?;
                transcript.events.push((line, event));
            }
        }
        Ok(transcript)
    }

    /// Returns the value of the heading `name`.
    pub fn heading(&self, name: &str) -> Option<&str> {
        self.headings.iter().find(|(heading, _)| heading == name).map(|(_, value)| value.as_str())
    }
}

impl Event {
    /// Parses one line. `room` is the number of bytes that counted blocks may still contain.
    fn parse(content: &str, room: &mut usize) -> Result<Self, &'static str> {
        let (mark, rest) = content.split_at_checked(2).ok_or("too short")?;
        let bytes = match rest.strip_prefix(['#', '*']) {
            None => unescape(rest.strip_prefix(' ').unwrap_or(rest))?,
            Some(counted) => counted_bytes(rest.starts_with('*'), counted, room)?,
        };
        match mark {
            ">>" => Ok(Event::Host(bytes)),
            "<<" => Ok(Event::Module { bytes, late: false }),
            "<~" => Ok(Event::Module { bytes, late: true }),
            _ => Err("expected >>, <<, <~, =, @ or #"),
        }
    }
}

/// Returns the first `count` bytes of the test pattern of `*`.
pub fn pattern(count: usize) -> Vec<u8> {
    (0..251u8).cycle().take(count).collect()
}

fn counted_bytes(is_pattern: bool, text: &str, room: &mut usize) -> Result<Vec<u8>, &'static str> {
    let mut words = text.split_whitespace();
    let count: usize =
        words.next().and_then(|word| word.parse().ok()).ok_or("the counted block does not start with its length")?;
    *room = room.checked_sub(count).ok_or("the counted blocks are too large")?;
    if is_pattern {
        return if words.next().is_none() {
            Ok(pattern(count))
        } else {
            Err("unexpected text after the length of a pattern")
        };
    }
    let digits: String = words.collect();
    let bytes = hex::decode(digits).map_err(|_| "the counted block is not hexadecimal")?;
    if bytes.len() == count { Ok(bytes) } else { Err("the counted block has another length") }
}

/// Returns bytes as the text of one line. `None` if more than an eighth of them is not printable.
pub(super) fn escape(bytes: &[u8]) -> Option<String> {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t');
    if bytes.iter().filter(|byte| !is_plain(byte)).count() * 8 > bytes.len() {
        return None;
    }
    let mut text = String::with_capacity(bytes.len() + 8);
    for byte in bytes {
        match byte {
            b'\r' => text.push_str("\\r"),
            b'\n' => text.push_str("\\n"),
            b'\t' => text.push_str("\\t"),
            b'\\' => text.push_str("\\\\"),
            b' '..=b'~' => text.push(char::from(*byte)),
            other => text.push_str(&format!("\\x{other:02x}")),
        }
    }
    // A trailing blank is invisible, and many editors remove it.
    if let Some(rest) = text.strip_suffix(' ') {
        text = format!("{rest}\\x20");
    }
    Some(text)
}

fn unescape(text: &str) -> Result<Vec<u8>, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(position) = rest.find('\\') {
        let (plain, escaped) = rest.split_at(position);
        bytes.extend_from_slice(plain.as_bytes());
        let mut characters = escaped.chars().skip(1);
        let (byte, length) = match characters.next() {
            Some('r') => (b'\r', 2),
            Some('n') => (b'\n', 2),
            Some('t') => (b'\t', 2),
            Some('0') => (0, 2),
            Some('\\') => (b'\\', 2),
            Some('x') => {
                let digits = escaped.get(2..4).ok_or("\\x needs two digits")?;
                (u8::from_str_radix(digits, 16).map_err(|_| "\\x needs two hexadecimal digits")?, 4)
            }
            _ => return Err("unknown escape"),
        };
        bytes.push(byte);
        rest = escaped.get(length..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(bytes: &[u8]) -> Event {
        Event::Module { bytes: bytes.to_vec(), late: false }
    }

    #[test]
    fn every_kind_of_line_is_parsed() {
        let text = "# comment\n= provenance: a manual: §1\n\n>> AT\\r\n<< \\r\\nOK\\x0d\\n\n<~ late\n\
                    <<# 3 00ff 10\n>>* 2\n@ 1.5\n<< a\\\n   b\\\\\n";
        let transcript = Transcript::parse(text).unwrap();
        assert_eq!(transcript.heading("provenance"), Some("a manual: §1"));
        let events: Vec<Event> = transcript.events.into_iter().map(|(_, event)| event).collect();
        assert_eq!(
            events,
            [
                Event::Host(b"AT\r".to_vec()),
                module(b"\r\nOK\r\n"),
                Event::Module { bytes: b"late".to_vec(), late: true },
                module(&[0, 255, 16]),
                Event::Host(vec![0, 1]),
                Event::Wait(Duration::from_millis(1500)),
                module(b"ab\\"),
            ]
        );
    }

    #[test]
    fn an_error_names_the_line_and_the_problem() {
        let cases = [
            ("?? x", "expected >>, <<, <~, =, @ or #"),
            (">", "too short"),
            ("<<# 2 00", "the counted block has another length"),
            ("<<# x", "the counted block does not start with its length"),
            ("<<# 1 zz", "the counted block is not hexadecimal"),
            ("<<* 99999999999", "the counted blocks are too large"),
            ("<<* 1 x", "unexpected text after the length of a pattern"),
            ("<< \\q", "unknown escape"),
            ("<< \\x1", "\\x needs two digits"),
            ("<< \\xäq", "\\x needs two hexadecimal digits"),
            ("@ soon", "the time is not a number of seconds"),
            ("@ -1", "the time is negative or too long"),
            ("@ 1e9", "the time is longer than a day"),
            ("= provenance", "the heading has no colon"),
            ("<< a\\", "the last line ends with a continuation mark"),
        ];
        for (text, what) in cases {
            let error = Transcript::parse(&format!("\n{text}")).unwrap_err();
            assert_eq!(error.what, what, "{text}");
            assert_eq!(error.line, 2, "{text}");
        }
    }

    #[test]
    fn the_total_size_of_counted_blocks_is_limited() {
        let many = "<<* 40000000\n".repeat(50);
        let error = Transcript::parse(&many).unwrap_err();
        assert_eq!((error.line, error.what), (2, "the counted blocks are too large"));
    }
}
