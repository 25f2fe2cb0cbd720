//! Command lines as the caller writes them.

use std::ops::Range;

use super::command::{Answer, Command};
use crate::error::{Error, ErrorKind};

/// Most bytes of a line. The longest command lines in the manuals have about 600.
const LONGEST: usize = 1024;

/// A command with secrets among its parameters.
pub struct Secrets {
    name: &'static str,
    /// A parameter that the command must have, too; empty for none.
    tag: &'static str,
    /// Positions of the secrets, from 1.
    positions: &'static [usize],
}

impl Secrets {
    pub const fn new(name: &'static str, positions: &'static [usize]) -> Self {
        Self { name, tag: "", positions }
    }

    /// A command whose parameters are secrets only if one of them is `tag`.
    pub const fn tagged(name: &'static str, tag: &'static str, positions: &'static [usize]) -> Self {
        Self { name, tag, positions }
    }
}

/// 3GPP TS 27.007: PIN and new PIN, passwords of facilities, of the access point.
const STANDARD: &[Secrets] = &[
    Secrets::new("+CPIN", &[1, 2]),
    Secrets::new("+CPWD", &[2, 3]),
    Secrets::new("+CLCK", &[3]),
    Secrets::new("+CGAUTH", &[3, 4]),
];

impl Command {
    /// A complete command line from outside. It is refused unless it is one line that begins with `AT`; the parameters
    /// of known commands that are secrets are never shown: those of the standards, and `known`.
    pub fn raw(line: &str, known: &[&[Secrets]]) -> Self {
        let answer = if asks_for_a_secret(line, known) { Answer::Hidden } else { Answer::Any };
        let mut command = Command::run("").answered_by(answer);
        if let Some(why) = fault(line) {
            let error = Error::new(ErrorKind::InvalidInput, format!("the command {why}"));
            return command.refused_for(error);
        }
        let secrets = secrets(line, known);
        let mut start = "AT".len();
        for secret in &secrets {
            let (before, value) = (line.get(start..secret.start), line.get(secret.clone()));
            command.append(before.unwrap_or_default().as_bytes(), before.unwrap_or_default());
            command.append_secret(value.unwrap_or_default());
            start = secret.end;
        }
        let rest = line.get(start..).unwrap_or_default();
        command.append(rest.as_bytes(), rest);
        command
    }
}

/// The parts of a command line that must not be shown.
pub fn secrets_in<'a>(line: &'a str, known: &[&[Secrets]]) -> Vec<&'a str> {
    secrets(line, known).into_iter().filter_map(|place| line.get(place)).collect()
}

/// A command line with its secrets as `***`.
pub fn without_secrets(line: &str, known: &[&[Secrets]]) -> String {
    let mut shown = line.to_owned();
    // From the end, so that the places before it stay valid.
    for place in secrets(line, known).into_iter().rev() {
        shown.replace_range(place, "***");
    }
    shown
}

/// What is wrong with a command line.
fn fault(line: &str) -> Option<&'static str> {
    match line {
        _ if !line.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("AT")) => Some("does not begin with AT"),
        _ if line.len() > LONGEST => Some("is longer than 1024 bytes"),
        _ if line.contains(|character: char| character.is_control()) => Some("holds a control character"),
        _ => None,
    }
}

/// The places of the secrets in a command line, without quotation marks. Several commands may follow each other
/// (V.250 §5.2.2): `AT+CMEE=1;+CPIN=1234`.
fn secrets(line: &str, known: &[&[Secrets]]) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let mut start = "AT".len();
    for part in split(line.get(start..).unwrap_or_default(), ';') {
        let (name, parameters) = named(part);
        let has = |tag: &str| split(parameters, ',').any(|other| bare(other).eq_ignore_ascii_case(tag));
        let is_meant =
            |known: &&Secrets| known.name.eq_ignore_ascii_case(name) && (known.tag.is_empty() || has(known.tag));
        let known: Vec<_> = known.iter().copied().flatten().chain(STANDARD).filter(is_meant).collect();
        let mut place = start + part.len() - parameters.len();
        for (index, parameter) in split(parameters, ',').enumerate() {
            let is_secret = known.iter().any(|known| known.positions.contains(&(index + 1)));
            let bare = bare(parameter);
            // A test command (`=?`) has no parameters. Short numbers are modes; masked, they would hide everything.
            if is_secret && bare != "?" && bare.len() > 1 {
                let begin = place + parameter.find(bare).unwrap_or_default();
                secrets.push(begin..begin + bare.len());
            }
            place += parameter.len() + 1;
        }
        start += part.len() + 1;
    }
    secrets
}

/// Whether the answer to a command line may hold a secret: it reads a command of `known` or the authentication of the
/// access point. The other commands of the standards do not return what they were given.
fn asks_for_a_secret(line: &str, known: &[&[Secrets]]) -> bool {
    let reads = |part: &str| {
        let (name, parameters) = named(part);
        let is_meant = |known: &Secrets| {
            known.name.eq_ignore_ascii_case(name.trim_end_matches('?'))
                && (name.ends_with('?') || !known.tag.is_empty() && bare(parameters).eq_ignore_ascii_case(known.tag))
        };
        known.iter().copied().flatten().any(is_meant) || name.eq_ignore_ascii_case("+CGAUTH?")
    };
    split(line.get("AT".len()..).unwrap_or_default(), ';').any(reads)
}

/// The name of the extended command in a part of a command line, and its parameters. Basic commands may precede it
/// without a separator (V.250 §5.2.3): `ATE0+CPIN=1234`.
fn named(part: &str) -> (&str, &str) {
    let (name, parameters) = part.split_once('=').unwrap_or((part, ""));
    let begin = name.find(['+', '^', '*', '%', '#', '$']).unwrap_or_default();
    (name.get(begin..).unwrap_or_default().trim(), parameters)
}

/// A parameter without blanks and quotation marks around it.
fn bare(parameter: &str) -> &str {
    parameter.trim().trim_matches('"')
}

/// Splits at `separator` outside quotation marks.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |character: char| {
        is_quoted ^= character == '"';
        character == separator && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charset::Charset;

    /// The first two have one name, as commands of two dialects may.
    const KNOWN: &[&[Secrets]] =
        &[&[Secrets::new("+XOPEN", &[3])], &[Secrets::new("+XOPEN", &[4]), Secrets::tagged("+XSET", "PWD", &[3])]];

    #[test]
    fn secrets_of_known_commands_are_found() {
        let cases: [(&str, &[&str]); 13] = [
            ("AT+CPIN=1234", &["1234"]),
            ("at+cpin=\"12345678\",\"4321\"", &["12345678", "4321"]),
            ("AT+CPIN?", &[]),
            ("AT+CPIN=?", &[]),
            ("AT+CMEE=1;+CPIN=1234;+CSQ", &["1234"]),
            ("ATE0+CPIN=1234", &["1234"]),
            ("ATQ0 V1 E0 +XSET=1,\"pwd\",\"s3cret\"", &["s3cret"]),
            ("AT+CGAUTH=1,2,\"us;er\",\"pass,word\"", &["us;er", "pass,word"]),
            ("AT+XOPEN=1,\"u\",s3cret,pass", &["s3cret", "pass"]),
            ("AT+XSET=1,\"pwd\",\"s3cret\"", &["s3cret"]),
            ("AT+XSET=1,\"APN\",\"cmnet\"", &[]),
            ("AT+CSQ", &[]),
            ("AT", &[]),
        ];
        for (line, expected) in cases {
            assert_eq!(secrets_in(line, KNOWN), expected, "{line}");
        }
    }

    #[test]
    fn a_raw_line_is_sent_unchanged_and_shown_masked() {
        for (line, shown) in [
            ("AT+CSQ", "AT+CSQ"),
            ("AT", "AT"),
            ("at+cpin=\"1234\"", "AT+cpin=\"***\""),
            ("AT+CGAUTH=1,2,\"user\",\"s3cret\"", "AT+CGAUTH=1,2,\"***\",\"***\""),
        ] {
            let mut command = Command::raw(line, KNOWN);
            command.end(Charset::UTF_8).unwrap();
            assert_eq!(command.line.text().to_uppercase(), format!("{line}\r").to_uppercase());
            assert_eq!(command.shown.text(), shown);
            assert_eq!(command.secrets.len(), secrets_in(line, KNOWN).len());
        }
    }

    #[test]
    fn answers_that_may_hold_a_secret_are_hidden() {
        for (line, answer) in [
            ("AT+XOPEN?", Answer::Hidden),
            ("ATE0 +xopen?", Answer::Hidden),
            ("AT+CSQ;+CGAUTH?", Answer::Hidden),
            ("AT+XSET=\"PWD\"", Answer::Hidden),
            ("AT+XSET=\"APN\"", Answer::Any),
            ("AT+XOPEN=?", Answer::Any),
            ("AT+CPIN?", Answer::Any),
            ("AT+CSQ", Answer::Any),
        ] {
            assert_eq!(Command::raw(line, KNOWN).answer, answer, "{line}");
        }
    }

    #[test]
    fn what_is_no_command_line_is_refused() {
        for line in ["", "CSQ", "+++", "AT+CSQ\rAT", "AT\n", "ATü\u{85}", &format!("AT{}", "x".repeat(1024))] {
            let refused = Command::raw(line, KNOWN).end(Charset::UTF_8).expect_err(line);
            assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{refused}");
        }
    }
}
