//! The framer: however the bytes are cut on their way, they are the same tokens.

use ftp_modem::at::framer::{Step, Token, next};
use ftp_modem::at::{Expect, Header};

pub const EXPECTED: [Expect; 5] = [
    Expect::Line,
    Expect::Prompt,
    Expect::Header(Header { prefix: "+MFTPRETR:", commas: 4 }),
    Expect::Header(Header { prefix: "+FTPGET:", commas: 1 }),
    Expect::Header(Header { prefix: "+FTPRECV:", commas: 2 }),
];

pub const ECHOES: [Option<&[u8]>; 4] = [None, Some(b"AT\r"), Some(b"AT+FTPGET=1\r"), Some(b"AT+FTPPUT=3,a\nb\r")];

/// The shortest pieces of an input longer than this: so many looks at a long line take long.
const SHORT: usize = 512;
const SHORTEST_PIECE: usize = 64;

/// The first byte says what is expected and which echo may come, the next two where the rest is cut.
pub fn run(data: &[u8]) {
    let Some((&[what, high, low], input)) = data.split_first_chunk::<3>() else { return };
    let expect = EXPECTED[usize::from(what) % EXPECTED.len()];
    let echo = ECHOES[usize::from(what) / EXPECTED.len() % ECHOES.len()];
    let cut = usize::from(u16::from_be_bytes([high, low]));
    let whole = tokens(input, expect, echo, input.len().max(1));
    let piece = if input.len() <= SHORT { 1 + cut % 8 } else { SHORTEST_PIECE.max(cut % input.len()) };
    assert_eq!(tokens(input, expect, echo, piece), whole, "in pieces of {piece}");
    let (first, second) = input.split_at(cut % (input.len() + 1));
    assert_eq!(cut_in(&[first, second], expect, echo), whole, "cut at {}", first.len());
}

/// What an input was cut into, what is left of it, and whether it was given up as a line without end.
#[derive(Debug, PartialEq, Eq)]
pub struct Tokens {
    found: Vec<String>,
    left: Vec<u8>,
    is_overlong: bool,
}

fn tokens(input: &[u8], expect: Expect, echo: Option<&[u8]>, piece: usize) -> Tokens {
    cut_in(&input.chunks(piece).collect::<Vec<_>>(), expect, echo)
}

/// What an input that comes in `pieces` is cut into.
pub fn cut_in(pieces: &[&[u8]], expect: Expect, mut echo: Option<&[u8]>) -> Tokens {
    let mut tokens = Tokens { found: Vec::new(), left: Vec::new(), is_overlong: false };
    for piece in pieces {
        tokens.left.extend_from_slice(piece);
        loop {
            let used = match next(&tokens.left, expect, echo) {
                Step::Token { token, used } => {
                    if let Token::Line(line) | Token::Header(line) = token {
                        assert!(!line.is_empty() && line.len() <= used);
                    }
                    tokens.found.push(format!("{token:?}"));
                    // An echo comes once.
                    echo = echo.filter(|_| token != Token::Echo);
                    used
                }
                Step::More { used } => {
                    tokens.left.drain(..used);
                    break;
                }
                Step::Overlong => {
                    // The rest of the input is dropped, however much of it has come.
                    tokens.left.clear();
                    return Tokens { is_overlong: true, ..tokens };
                }
            };
            assert!(used > 0, "a token of nothing");
            tokens.left.drain(..used);
        }
    }
    tokens
}
