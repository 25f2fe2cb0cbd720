//! What is sent decodes to the arguments, or it was refused and nothing was sent.
//!
//! The decoder here is written from V.250 §5.2 and §5.4 alone; it knows nothing of the encoder.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftp_modem::ErrorKind;
use ftp_modem::internals::{Command, Engine, Parameter, Repertoire, Style};
use ftp_modem::transport::memory::{MemoryPipe, Peer};

use crate::support::chance::{Chance, for_all};

/// An argument as the caller has it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Argument {
    Number(u64),
    Omitted,
    Text(Parameter, String),
}

/// An argument as the command line has it.
#[derive(Debug, PartialEq, Eq)]
enum Decoded {
    Quoted(Vec<u8>),
    Bare(Vec<u8>),
}

/// The arguments of the one command `AT+TEST=…` that `line` holds; nothing where it holds anything else.
fn decode(line: &[u8]) -> Option<Vec<Decoded>> {
    let mut rest = line.strip_prefix(b"AT+TEST=")?.strip_suffix(b"\r")?;
    let mut decoded = Vec::new();
    loop {
        if let Some(inner) = rest.strip_prefix(b"\"") {
            let end = inner.iter().position(|byte| *byte == b'"')?;
            decoded.push(Decoded::Quoted(inner[..end].to_vec()));
            rest = &inner[end + 1..];
        } else {
            let end = rest.iter().position(|byte| *byte == b',').unwrap_or(rest.len());
            let bare = &rest[..end];
            // A semicolon ends the command, a blank is skipped, a quotation mark begins a string.
            if bare.iter().any(|byte| b"; \"".contains(byte)) {
                return None;
            }
            decoded.push(Decoded::Bare(bare.to_vec()));
            rest = &rest[end..];
        }
        let is_control = |bytes: &Decoded| {
            let (Decoded::Quoted(bytes) | Decoded::Bare(bytes)) = bytes;
            bytes.iter().any(|byte| byte.is_ascii_control())
        };
        if decoded.last().is_some_and(is_control) {
            return None;
        }
        match rest.split_first() {
            None => return Some(decoded),
            Some((b',', behind)) => rest = behind,
            Some(_) => return None,
        }
    }
}

/// Whether a command line can carry `value` as this argument at all.
fn can_be_sent(parameter: &Parameter, value: &str) -> bool {
    let fits = (1..=parameter.max).contains(&value.len()) || (value.is_empty() && parameter.may_be_empty);
    let is_plain = value.bytes().all(|byte| !byte.is_ascii_control() && byte != b'"');
    let is_bare = parameter.style == Style::Quoted || !value.contains([',', ';', ' ']);
    fits && is_plain && is_bare && (parameter.repertoire == Repertoire::EightBit || value.is_ascii())
}

fn expected(argument: &Argument) -> Decoded {
    match argument {
        Argument::Number(number) => Decoded::Bare(number.to_string().into_bytes()),
        Argument::Omitted => Decoded::Bare(Vec::new()),
        Argument::Text(parameter, value) if parameter.style == Style::Quoted => Decoded::Quoted(value.clone().into()),
        Argument::Text(_, value) => Decoded::Bare(value.clone().into()),
    }
}

fn parameter(chance: &mut Chance) -> Parameter {
    let max = 1 + chance.below(19);
    let parameter =
        if chance.percent(50) { Parameter::bare("argument", max) } else { Parameter::quoted("argument", max) };
    let parameter = if chance.percent(50) { parameter.or_empty() } else { parameter };
    let parameter = if chance.percent(50) { parameter.ascii() } else { parameter };
    if chance.percent(50) { parameter.secret() } else { parameter }
}

/// Any character that is not a control character.
fn character(chance: &mut Chance) -> char {
    // Half of them ASCII; those of two, three and four bytes as often as one another.
    let end = chance.of(&[0x7f, 0x7f, 0x7f, 0x800, 0x1_0000, 0x11_0000]);
    std::iter::repeat_with(|| char::from_u32(chance.below(end) as u32))
        .flatten()
        .find(|character| !character.is_control())
        .unwrap()
}

/// Text in which what must be refused is not rare.
fn text(chance: &mut Chance) -> String {
    let piece = |chance: &mut Chance| match chance.below(5) {
        0..3 => {
            let plain: Vec<char> = ('a'..='z').chain("./:_-".chars()).collect();
            chance.several(5, |chance| chance.of(&plain)).into_iter().collect()
        }
        3 => chance.of(&["\r", "\n", "\0", "\x1a", "\x1b", "\x7f", "\"", ",", ";", " ", "AT", "+++"]).to_owned(),
        _ => character(chance).to_string(),
    };
    chance.several(4, piece).concat()
}

fn argument(chance: &mut Chance) -> Argument {
    match chance.below(6) {
        0 => Argument::Number(chance.next()),
        1 => Argument::Omitted,
        _ => Argument::Text(parameter(chance), text(chance)),
    }
}

/// A module that says `OK` to everything and keeps what it was sent.
#[derive(Default)]
struct Agreeing {
    received: Arc<Mutex<Vec<u8>>>,
    answers: usize,
}

impl Peer for Agreeing {
    fn receive(&mut self, _: Duration, bytes: &[u8]) {
        self.received.lock().unwrap().extend_from_slice(bytes);
        self.answers += bytes.iter().filter(|byte| **byte == b'\r').count();
    }

    fn transmit(&mut self, _: Duration, out: &mut Vec<u8>) {
        out.extend(b"\r\nOK\r\n".repeat(std::mem::take(&mut self.answers)));
    }

    fn next_event(&self) -> Option<Duration> {
        None
    }
}

#[test]
fn a_line_is_what_was_asked_or_is_refused() {
    for_all(2000, |chance| {
        let arguments: Vec<Argument> = (0..=chance.below(5)).map(|_| argument(chance)).collect();
        let module = Agreeing::default();
        let received = Arc::clone(&module.received);
        let mut engine = Engine::new(Box::new(MemoryPipe::new(module)));
        let command = arguments.iter().fold(Command::set("+TEST"), |command, argument| match argument {
            Argument::Number(number) => command.number(*number),
            Argument::Omitted => command.omitted(),
            Argument::Text(parameter, value) => command.text(parameter, value),
        });
        let shown = format!("{command:?}");
        let outcome = engine.execute(command, Duration::from_secs(1));
        let sent = received.lock().unwrap().clone();
        let can_be_sent = arguments.iter().all(|argument| match argument {
            Argument::Text(parameter, value) => can_be_sent(parameter, value),
            Argument::Number(_) | Argument::Omitted => true,
        });
        match outcome {
            Ok(_) => {
                let decoded = decode(&sent).unwrap_or_else(|| panic!("not one command: {}", sent.escape_ascii()));
                assert_eq!(decoded, arguments.iter().map(expected).collect::<Vec<_>>());
                assert!(can_be_sent, "{}", sent.escape_ascii());
                for argument in &arguments {
                    if let Argument::Text(parameter, value) = argument
                        && parameter.secret
                        && value.len() > 2
                    {
                        let elsewhere = arguments.iter().any(|other| match other {
                            Argument::Text(other, text) => !other.secret && text.contains(value.as_str()),
                            Argument::Number(number) => number.to_string().contains(value.as_str()),
                            Argument::Omitted => false,
                        });
                        assert!(elsewhere || value == "***" || !shown.contains(value.as_str()), "{}", shown);
                    }
                }
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::InvalidInput);
                assert!(sent.is_empty(), "refused, and yet sent: {}", sent.escape_ascii());
                assert!(!can_be_sent, "{}", error);
            }
        }
    });
}
