//! The framer: every fragmentation of the input gives the same tokens.

use ftp_modem::internals::framer::{Step, Token, next};
use ftp_modem::internals::{Expect, Header};

pub const EXPECTED: [Expect; 5] = [
    Expect::Line,
    Expect::Prompt,
    Expect::Header(Header { prefix: "+MFTPRETR:", commas: 4 }),
    Expect::Header(Header { prefix: "+FTPGET:", commas: 1 }),
    Expect::Header(Header { prefix: "+FTPRECV:", commas: 2 }),
];

pub const ECHOES: [Option<&[u8]>; 4] = [None, Some(b"AT\r"), Some(b"AT+FTPGET=1\r"), Some(b"AT+FTPPUT=3,a\nb\r")];

/// Inputs longer than this are cut into longer pieces, because the framer scans an incomplete line again for each
/// piece.
const SHORT: usize = 512;
const SHORTEST_PIECE: usize = 64;

/// Runs the check. The first byte selects the expected token and the echo, the next two the positions of the cuts.
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

/// The tokens of an input, the remaining bytes, and whether a line exceeded the maximum length.
#[derive(Debug, PartialEq, Eq)]
pub struct Tokens {
    found: Vec<String>,
    left: Vec<u8>,
    is_overlong: bool,
}

fn tokens(input: &[u8], expect: Expect, echo: Option<&[u8]>, piece: usize) -> Tokens {
    cut_in(&input.chunks(piece).collect::<Vec<_>>(), expect, echo)
}

/// Returns the tokens of an input that arrives in `pieces`.
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
                    // There is at most one echo.
                    echo = echo.filter(|_| token != Token::Echo);
                    used
                }
                Step::More { used } => {
                    tokens.left.drain(..used);
                    break;
                }
                Step::Overlong => {
                    // The rest of the input is discarded; its length depends on the fragmentation.
                    tokens.left.clear();
                    return Tokens { is_overlong: true, ..tokens };
                }
            };
            assert!(used > 0, "a token without bytes");
            tokens.left.drain(..used);
        }
    }
    tokens
}
