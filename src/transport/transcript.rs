//! Recorded serial sessions as text.
//!
//! One event a line:
//!
//! ```text
//! # a comment
//! = provenance: Luat Air780E FTP guide, section 6.2
//! >> AT+FTPGET=2,5\r              host to module
//! << \r\n+FTPGET: 2,5\r\n         module to host; the host must read it before it may write again
//! <~ \r\n+FTPGET: 1,1\r\n         module to host; the host may write before it has read it
//! <<# 5 3132333435                exactly 5 bytes, in hexadecimal
//! <<* 1024                        exactly 1024 bytes of the test pattern (byte i is i mod 251)
//! @ 0.6                           0.6 seconds pass
//! ```
//!
//! Text runs from the blank behind the mark to the end of the line. In it `\r`, `\n`, `\t`, `\0`, `\\` and `\xNN` stand for
//! single bytes. `#` and `*` work with all three marks. Lines that start with `=` are headings `name: value`; `provenance`
//! says where the session was recorded or printed. A trailing `\` at the end of a text line continues it on the next
//! line, whose leading blanks do not count.

use std::time::Duration;

/// One thing that happens in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The host sends.
    Host(Vec<u8>),
    /// The module sends; with `late` the host may go on before it has read it.
    Module {
        /// What it sends.
        bytes: Vec<u8>,
        /// Whether the host may write before it has read it.
        late: bool,
    },
    /// Time passes.
    Wait(Duration),
}

/// A session: its headings and what happens in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Transcript {
    /// Headings, in the order of the file.
    pub headings: Vec<(String, String)>,
    /// Events, each with the number of its line.
    pub events: Vec<(usize, Event)>,
}

/// A line that is not in the format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("transcript line {line}: {what}")]
pub struct TranscriptError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// Longest wait that a transcript may hold.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

/// Most bytes that the counted blocks of a transcript may hold, taken together: a pattern of any length is a few characters.
const MAX_COUNTED: usize = 64 << 20;

impl Transcript {
    /// Reads the text format.
    ///
    /// # Errors
    /// The first line that is not in the format.
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
                let (_, next) = lines.next().ok_or(failed("the last line is continued"))?;
                content.push_str(next.trim_start());
            }
            if content.trim().is_empty() || content.starts_with('#') {
                continue;
            }
            if let Some(heading) = content.strip_prefix('=') {
                let (name, value) = heading.split_once(':').ok_or(failed("a heading needs a colon"))?;
                transcript.headings.push((name.trim().to_owned(), value.trim().to_owned()));
            } else if let Some(seconds) = content.strip_prefix('@') {
                let seconds: f64 = seconds.trim().parse().map_err(|_| failed("a time is a number of seconds"))?;
                let wait = Duration::try_from_secs_f64(seconds).map_err(|_| failed("a time is not negative"))?;
                if wait > LONGEST_WAIT {
                    return Err(failed("a time is a day at most"));
                }
                transcript.events.push((line, Event::Wait(wait)));
            } else {
                let event = Event::parse(&content, &mut room).map_err(failed)?;
                transcript.events.push((line, event));
            }
        }
        Ok(transcript)
    }

    /// The value of the heading `name`.
    pub fn heading(&self, name: &str) -> Option<&str> {
        self.headings.iter().find(|(heading, _)| heading == name).map(|(_, value)| value.as_str())
    }
}

impl Event {
    /// Reads one line; `room` is what the counted blocks may still hold.
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

/// The test pattern of `count` bytes that `*` stands for.
pub fn pattern(count: usize) -> Vec<u8> {
    (0..251u8).cycle().take(count).collect()
}

fn counted_bytes(is_pattern: bool, text: &str, room: &mut usize) -> Result<Vec<u8>, &'static str> {
    let mut words = text.split_whitespace();
    let count: usize =
        words.next().and_then(|word| word.parse().ok()).ok_or("a counted block starts with its length")?;
    *room = room.checked_sub(count).ok_or("the counted blocks are too large")?;
    if is_pattern {
        return if words.next().is_none() {
            Ok(pattern(count))
        } else {
            Err("a pattern has nothing behind its length")
        };
    }
    let digits: String = words.collect();
    let bytes = hex::decode(digits).map_err(|_| "the counted block is not hexadecimal")?;
    if bytes.len() == count { Ok(bytes) } else { Err("the counted block has another length") }
}

/// Bytes as the text of one line; `None` where too few of them are printable for the text to be of use.
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
    // A blank at the end would be lost to the eye, and to many editors.
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
    fn every_kind_of_line_is_understood() {
        let text = "# comment\n= provenance: a manual: §1\n\n>> AT\\r\n<< \\r\\nOK\\x0d\\n\n<~ late\n<<# 3 00ff 10\n>>* 2\n@ 1.5\n<< a\\\n   b\\\\\n";
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
    fn what_is_wrong_is_said_with_its_line() {
        let cases = [
            ("?? x", "expected >>, <<, <~, =, @ or #"),
            (">", "too short"),
            ("<<# 2 00", "the counted block has another length"),
            ("<<# x", "a counted block starts with its length"),
            ("<<# 1 zz", "the counted block is not hexadecimal"),
            ("<<* 99999999999", "the counted blocks are too large"),
            ("<<* 1 x", "a pattern has nothing behind its length"),
            ("<< \\q", "unknown escape"),
            ("<< \\x1", "\\x needs two digits"),
            ("<< \\xäq", "\\x needs two hexadecimal digits"),
            ("@ soon", "a time is a number of seconds"),
            ("@ -1", "a time is not negative"),
            ("@ 1e9", "a time is a day at most"),
            ("= provenance", "a heading needs a colon"),
            ("<< a\\", "the last line is continued"),
        ];
        for (text, what) in cases {
            let error = Transcript::parse(&format!("\n{text}")).unwrap_err();
            assert_eq!(error.what, what, "{text}");
            assert_eq!(error.line, 2, "{text}");
        }
    }

    #[test]
    fn a_few_characters_do_not_become_gigabytes() {
        let many = "<<* 40000000\n".repeat(50);
        let error = Transcript::parse(&many).unwrap_err();
        assert_eq!((error.line, error.what), (2, "the counted blocks are too large"));
    }
}
