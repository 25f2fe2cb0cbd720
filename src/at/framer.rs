//! Cuts what the module sends into tokens.
//!
//! The framer gets what may come next ([`Expect`]) and the bytes that are there; it keeps nothing and does no I/O.
//! Payload never passes through here: it is counted, see [`Block`](super::block::Block).

/// Longest line taken in. The longest that any of the manuals allows is under 1100 bytes; a server's listing line can
/// be longer.
pub const MAX_LINE: usize = 8 * 1024;

/// What may come next, besides a line, which always may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Only lines.
    Line,
    /// The prompt `>`, which has no line end.
    Prompt,
    /// The head of a line whose payload follows on the same line.
    Header(Header),
}

/// The head of a line that carries payload: `prefix`, then everything up to and including the `commas`-th comma.
/// A line that ends before that comma is an ordinary line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// How the line starts, with its colon.
    pub prefix: &'static str,
    /// How many commas the head holds; the payload starts behind the last.
    pub commas: usize,
}

/// A piece of what the module sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// The command line, given back by a module whose echo is on (V.250 §6.2.4).
    Echo,
    /// A line, without its line end; never empty.
    Line(&'a [u8]),
    /// The prompt `>`.
    Prompt,
    /// The head of a line; the payload follows directly.
    Header(&'a [u8]),
}

/// What [`next`] found.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A token; the first `used` bytes of the input are done with.
    Token {
        /// What it is.
        token: Token<'a>,
        /// Bytes of the input that are done with.
        used: usize,
    },
    /// No token yet. The first `used` bytes are line ends and can be dropped; the rest is needed.
    More {
        /// Bytes of the input that are done with.
        used: usize,
    },
    /// No line can be this long. All of the input should be dropped.
    Overlong,
}

/// Finds the first token in `input`. `echo` is the command line, up to and including its carriage return, whose echo
/// may still come.
pub fn next<'a>(input: &'a [u8], expect: Expect, echo: Option<&[u8]>) -> Step<'a> {
    let blank = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let Some(rest) = input.get(blank..).filter(|rest| !rest.is_empty()) else {
        return Step::More { used: blank };
    };

    // Matched to the letter, not as a line: an echoed command may hold payload, and with it line ends.
    if let Some(echo) = echo {
        if rest.starts_with(echo) {
            return Step::Token { token: Token::Echo, used: blank + echo.len() };
        }
        if echo.starts_with(rest) {
            return Step::More { used: blank };
        }
    }

    // The longest line and its end. Nothing is looked for beyond, so that it does not matter how much more has come.
    let rest = rest.get(..MAX_LINE + 2).unwrap_or(rest);

    // A module that wakes up may send a byte of noise first (0xE0 on ML307).
    let noise = rest.iter().take_while(|byte| !matches!(byte, b' '..=b'~' | b'\r' | b'\n')).count();
    let behind_noise = rest.get(noise..).unwrap_or_default();
    match expect {
        Expect::Prompt if behind_noise.first() == Some(&b'>') => {
            return Step::Token { token: Token::Prompt, used: blank + noise + 1 };
        }
        Expect::Header(header) => {
            if let Some(head) = head(behind_noise, header) {
                return Step::Token { token: Token::Header(head), used: blank + noise + head.len() };
            }
        }
        Expect::Prompt | Expect::Line => {}
    }

    match rest.iter().position(|byte| *byte == b'\n') {
        Some(end) => {
            let line = rest.get(..end).unwrap_or_default();
            let text = line.len() - line.iter().rev().take_while(|byte| **byte == b'\r').count();
            let line = line.get(..text).unwrap_or_default();
            Step::Token { token: Token::Line(line), used: blank + end + 1 }
        }
        None if rest.len() > MAX_LINE + 1 => Step::Overlong,
        None => Step::More { used: blank },
    }
}

/// The head of a payload line at the start of `input`, once it is there completely.
fn head(input: &[u8], header: Header) -> Option<&[u8]> {
    let behind = input.strip_prefix(header.prefix.as_bytes())?;
    let mut commas = 0;
    for (index, byte) in behind.iter().enumerate() {
        match byte {
            b'\r' | b'\n' => return None,
            b',' => {
                commas += 1;
                if commas == header.commas {
                    return input.get(..header.prefix.len() + index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an input that comes in pieces is cut into, written so that a table can hold it.
    fn tokens(pieces: &[&[u8]], expect: Expect, echo: Option<&[u8]>) -> Vec<String> {
        let mut found = Vec::new();
        let mut buffer: Vec<u8> = Vec::new();
        for piece in pieces {
            buffer.extend_from_slice(piece);
            loop {
                let (token, used) = match next(&buffer, expect, echo) {
                    Step::Token { token, used } => (token, used),
                    Step::More { used } => {
                        buffer.drain(..used);
                        break;
                    }
                    Step::Overlong => {
                        found.push("overlong".into());
                        buffer.clear();
                        break;
                    }
                };
                found.push(match token {
                    Token::Echo => "echo".into(),
                    Token::Prompt => "prompt".into(),
                    Token::Line(line) => format!("line {}", String::from_utf8_lossy(line)),
                    Token::Header(head) => format!("head {}", String::from_utf8_lossy(head)),
                });
                buffer.drain(..used);
            }
        }
        found
    }

    const RETR: Expect = Expect::Header(Header { prefix: "+MFTPRETR:", commas: 4 });
    const GET: Expect = Expect::Header(Header { prefix: "+FTPGET:", commas: 1 });

    #[test]
    fn every_input_gives_the_same_tokens_however_it_is_cut() {
        type Case<'a> = (&'a str, &'a [u8], Expect, Option<&'a [u8]>, &'a [&'a str]);
        let cases: &[Case<'_>] = &[
            ("one line", b"\r\nOK\r\n", Expect::Line, None, &["line OK"]),
            (
                "two lines with the blank between them",
                b"\r\nOK\r\n\r\n+QFTPCWD: 0,0\r\n",
                Expect::Line,
                None,
                &["line OK", "line +QFTPCWD: 0,0"],
            ),
            (
                "echo before the answer",
                b"AT+FTPGET=1\r\r\nOK\r\n",
                Expect::Line,
                Some(b"AT+FTPGET=1\r"),
                &["echo", "line OK"],
            ),
            (
                "echo with a line end inside",
                b"AT+FTPPUT=3,a\nb\r\r\nOK\r\n",
                Expect::Line,
                Some(b"AT+FTPPUT=3,a\nb\r"),
                &["echo", "line OK"],
            ),
            (
                "a URC before the echo",
                b"\r\nRING\r\nAT\r\r\nOK\r\n",
                Expect::Line,
                Some(b"AT\r"),
                &["line RING", "echo", "line OK"],
            ),
            (
                "something that only starts like the echo",
                b"AT command ready\r\n",
                Expect::Line,
                Some(b"AT+X\r"),
                &["line AT command ready"],
            ),
            ("lines ended by LF alone, surplus CRs", b"a\n\r\rb\r\r\n", Expect::Line, None, &["line a", "line b"]),
            ("prompt", b"\r\n>", Expect::Prompt, None, &["prompt"]),
            ("prompt that is not expected", b"\r\n> \r\n", Expect::Line, None, &["line > "]),
            ("prompt of a module that wakes up", b"\xe0\r\n\xe0>", Expect::Prompt, None, &["line \u{fffd}", "prompt"]),
            ("error where the prompt is expected", b"\r\nERROR\r\n", Expect::Prompt, None, &["line ERROR"]),
            ("payload head", b"\r\n+MFTPRETR: 0,0,23,23,", RETR, None, &["head +MFTPRETR: 0,0,23,23,"]),
            (
                "payload head of a module that wakes up",
                b"\r\n\xe0+MFTPRETR: 0,0,2,2,",
                RETR,
                None,
                &["head +MFTPRETR: 0,0,2,2,"],
            ),
            (
                "payload line without payload",
                b"\r\n+MFTPRETR: 0,0,23,23\r\n",
                RETR,
                None,
                &["line +MFTPRETR: 0,0,23,23"],
            ),
            ("another line while a head is awaited", b"\r\nOK\r\n", RETR, None, &["line OK"]),
            ("head of one comma", b"\r\n+FTPGET:3,", GET, None, &["head +FTPGET:3,"]),
            ("the same announced on a line of its own", b"+FTPGET:3\r\n", GET, None, &["line +FTPGET:3"]),
            (
                "non-ASCII passes",
                b"\xb2\xe2\xca\xd4\r\n",
                Expect::Line,
                None,
                &["line \u{fffd}\u{fffd}\u{fffd}\u{fffd}"],
            ),
        ];
        for (what, input, expect, echo, expected) in cases {
            for piece in 1..=input.len() {
                let pieces: Vec<&[u8]> = input.chunks(piece).collect();
                assert_eq!(tokens(&pieces, *expect, *echo), *expected, "{what}, in pieces of {piece}");
            }
            for split in 1..input.len() {
                let (first, second) = input.split_at(split);
                assert_eq!(tokens(&[first, second], *expect, *echo), *expected, "{what}, split at {split}");
            }
        }
    }

    #[test]
    fn a_line_without_end_is_dropped() {
        // A server's longest path (Linux: 4096 bytes) with the other columns of a listing.
        const { assert!(MAX_LINE >= 4096 + 1024) };
        assert_eq!(next(&[b'x'; MAX_LINE + 1], Expect::Line, None), Step::More { used: 0 });
        assert_eq!(next(&[b'x'; MAX_LINE + 2], Expect::Line, None), Step::Overlong);
    }

    #[test]
    fn line_ends_and_noise_before_a_token_are_used_up_with_it() {
        let cases: &[(&[u8], Expect, usize)] =
            &[(b"\r\n\xe0\xe0\xe0>abc", Expect::Prompt, 6), (b"\r\n\xe0\xe0\xe0+FTPGET:5,abc", GET, 15)];
        for (input, expect, expected) in cases {
            let Step::Token { used, .. } = next(input, *expect, None) else { panic!("no token in {input:?}") };
            assert_eq!(used, *expected, "{input:?}");
        }
    }

    #[test]
    fn a_line_that_ends_before_its_comma_is_no_header() {
        let step = next(b"+FTPGET:5\r\na,bc", GET, None);
        assert!(matches!(step, Step::Token { token: Token::Line(b"+FTPGET:5"), used: 11 }));
    }

    #[test]
    fn where_the_longest_line_is_cut_does_not_matter() {
        let x = [b'x'; MAX_LINE];
        let noise = [0xe0; MAX_LINE + 2];
        let text = |tokens: &[&str]| tokens.iter().map(|token| (*token).to_owned()).collect::<Vec<_>>();
        type Case<'a> = (&'a [u8], &'a [u8], Expect, Vec<String>);
        let cases: &[Case] = &[
            (&x, b"\r\n", Expect::Line, text(&[&format!("line {}", String::from_utf8_lossy(&x))])),
            (&x, b"xxx\r\n", Expect::Line, text(&["overlong"])),
            (&noise, b">", Expect::Prompt, text(&["overlong"])),
            (b"+FTPGET:", &[&x[..], b","].concat(), GET, text(&["overlong"])),
        ];
        for (first, second, expect, expected) in cases {
            let input = [*first, *second].concat();
            for split in input.len() - 4..=input.len() {
                let (one, other) = input.split_at(split);
                let found = tokens(&[one, other], *expect, None);
                // What is dropped with a line that is too long depends on how much of it has come.
                assert!(found.starts_with(expected), "split at {split}: {found:?}");
            }
        }
    }
}
