//! The one place where a command line is put together.
//!
//! Every argument from outside passes [`Command::text`], which quotes it as the dialect does and refuses what could
//! end the line, shift a parameter or start a second command. A refused argument makes the whole command refused: the
//! engine returns the refusal before it sends anything. Secrets go into the line, but never into what is shown of it.

use std::fmt::{self, Write as _};
use std::ops::Range;

use super::parameter::{Parameter, Repertoire, Style};
use super::short::Short;
use crate::charset::Charset;
use crate::error::{Error, Result};

/// Which information lines belong to a command's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Lines with this prefix, unless they are known to be sent by the module on its own.
    Prefix(&'static str),
    /// As [`Answer::Prefix`], where firmware differs in what the prefix is.
    Either(&'static str, &'static str),
    /// The value asked for: lines with this prefix, whatever else they may be.
    Read(&'static str),
    /// Any line, because the answer has no prefix (`ATI`, `AT+CGMM`).
    Any,
    /// As [`Answer::Any`], and never to be shown: it holds a secret.
    Hidden,
}

/// Room for a command of the ordinary kind: with a path of 255 bytes, or with the payload of a block that is part of
/// the line.
pub(super) const ROOM: usize = 576;
/// Room for what is shown of a command without a long argument.
const SHOWN_ROOM: usize = 64;

/// A name on the server within a command line.
struct Name {
    parameter: Parameter,
    place: Range<usize>,
}

/// A command line, complete but for being sent.
pub struct Command {
    pub(super) line: Short<ROOM>,
    /// The line as it may be shown.
    pub(super) shown: Short<SHOWN_ROOM>,
    /// Which lines belong to the answer.
    pub(super) answer: Answer,
    arguments: usize,
    /// What must be masked should it come back.
    pub(super) secrets: Vec<Vec<u8>>,
    /// Names on the server that are not ASCII, which are encoded when the command is sent.
    names: Vec<Name>,
    refused: Option<Error>,
    /// Whether it is sent once more where the module answers a bare `ERROR`.
    pub(super) is_repeatable: bool,
}

impl Command {
    fn new(name: &'static str, suffix: &str) -> Self {
        let answer = if name.starts_with('+') { Answer::Prefix(name) } else { Answer::Any };
        let (line, shown) = (Short::new(), Short::new());
        let (secrets, names, refused) = (Vec::new(), Vec::new(), None);
        let mut command = Command { line, shown, answer, arguments: 0, secrets, names, refused, is_repeatable: false };
        for part in ["AT", name, suffix] {
            command.append(part.as_bytes(), part);
        }
        command
    }

    /// `AT<name>`: an action, or a basic command such as `E0`.
    pub fn run(name: &'static str) -> Self {
        Command::new(name, "")
    }

    /// `AT<name>=…`, to be followed by arguments.
    pub fn set(name: &'static str) -> Self {
        Command::new(name, "=")
    }

    /// `AT<name>?`.
    pub fn read(name: &'static str) -> Self {
        let command = Command::new(name, "?");
        command.answered_by(Answer::Read(name))
    }

    /// `AT<name>=?`. Manuals show test answers with the prefix of another command, so any line belongs to it.
    pub fn test(name: &'static str) -> Self {
        Command::new(name, "=?").answered_by(Answer::Any)
    }

    /// Sets which lines belong to the answer. Default: those prefixed with the command's name.
    pub fn answered_by(mut self, answer: Answer) -> Self {
        self.answer = answer;
        self
    }

    /// Marks a command that is known to be correct: where the module refuses it with a bare `ERROR`, a byte of it was
    /// probably changed on the line, and it is sent once more. Not for commands whose refusal is an answer.
    pub fn known(mut self) -> Self {
        self.is_repeatable = true;
        self
    }

    /// Adds a number.
    pub fn number(mut self, value: impl Into<u64>) -> Self {
        self.separate();
        let mut room = [0; MOST_DIGITS];
        let digits = decimal(value.into(), &mut room);
        self.line.push(digits);
        self.shown.push(digits);
        self
    }

    /// Adds fixed text unchanged. Never use it for anything that comes from outside.
    pub fn literal(mut self, text: &'static str) -> Self {
        self.separate();
        self.append(text.as_bytes(), text);
        self
    }

    /// Omits an argument.
    pub fn omitted(mut self) -> Self {
        self.separate();
        self
    }

    /// Adds an argument from outside, or refuses the command.
    pub fn text(mut self, parameter: &Parameter, value: &str) -> Self {
        // A name with other characters than ASCII is checked as it is encoded.
        let is_encoded = parameter.repertoire == Repertoire::Server && !value.is_ascii();
        if let Err(error) = if is_encoded { Ok(()) } else { parameter.check(value) } {
            self.refused.get_or_insert(error);
            return self;
        }
        self.separate();
        let mark = if parameter.style == Style::Quoted { "\"" } else { "" };
        self.append(mark.as_bytes(), mark);
        if is_encoded {
            let start = self.line.bytes().len();
            self.names.push(Name { parameter: *parameter, place: start..start + value.len() });
        }
        if parameter.secret && !value.is_empty() {
            self.append_secret(value);
        } else {
            self.append(value.as_bytes(), value);
        }
        self.append(mark.as_bytes(), mark);
        self
    }

    /// Adds payload unchanged; the caller has checked that this module's lines can carry it.
    pub fn payload(mut self, bytes: &[u8]) -> Self {
        self.separate();
        self.line.push(bytes);
        // Writing to memory does not fail.
        let _ = write!(self.shown, "<{} bytes>", bytes.len());
        self
    }

    fn separate(&mut self) {
        if self.arguments > 0 {
            self.append(b",", ",");
        }
        self.arguments += 1;
    }

    /// Refuses the command.
    pub(super) fn refused_for(mut self, error: Error) -> Self {
        self.refused.get_or_insert(error);
        self
    }

    /// Adds text that must never be shown.
    pub(super) fn append_secret(&mut self, value: &str) {
        self.secrets.push(value.as_bytes().to_vec());
        self.append(value.as_bytes(), "***");
    }

    pub(super) fn append(&mut self, bytes: &[u8], shown: &str) {
        self.line.push(bytes);
        self.shown.push(shown.as_bytes());
    }

    /// Ends the line, which is to be sent now; names on the server are encoded in `charset`.
    ///
    /// # Errors
    /// The refusal of an argument.
    pub(super) fn end(&mut self, charset: Charset) -> Result<()> {
        if let Some(error) = self.refused.take() {
            return Err(error);
        }
        if !self.names.is_empty() {
            self.line = encoded(&self.line, &self.names, charset)?;
        }
        self.line.push(b"\r");
        Ok(())
    }
}

/// Digits of the largest number.
const MOST_DIGITS: usize = 20;

/// The digits of `value`, written to the end of `room`. Each block has numbers in its command, and `write!` takes many
/// more instructions.
fn decimal(value: u64, room: &mut [u8; MOST_DIGITS]) -> &[u8] {
    let (mut rest, mut start) = (value, room.len());
    for place in room.iter_mut().rev() {
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
        start -= 1;
        if rest == 0 {
            break;
        }
    }
    room.get(start..).unwrap_or_default()
}

/// A command line with its names encoded.
fn encoded(line: &Short<ROOM>, names: &[Name], charset: Charset) -> Result<Short<ROOM>> {
    let (text, mut whole, mut start) = (line.text(), Short::new(), 0);
    for Name { parameter, place } in names {
        whole.push(text.get(start..place.start).unwrap_or_default().as_bytes());
        whole.push(&parameter.encoded(charset, text.get(place.clone()).unwrap_or_default())?);
        start = place.end;
    }
    whole.push(text.get(start..).unwrap_or_default().as_bytes());
    Ok(whole)
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Command").field(&self.shown.text()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const NAME: Parameter = Parameter::quoted("file name", 8);
    const BARE: Parameter = Parameter::bare("user name", 8);
    const PASSWORD: Parameter = Parameter::quoted("password", 8).or_empty().secret();

    fn encoded(mut command: Command) -> (String, String) {
        command.end(Charset::UTF_8).unwrap();
        (command.line.text().to_owned(), command.shown.text().to_owned())
    }

    #[test]
    fn command_lines() {
        let cases = [
            (Command::run("E0"), "ATE0\r"),
            (Command::run("+FTPQUIT"), "AT+FTPQUIT\r"),
            (Command::read("+MIPCALL"), "AT+MIPCALL?\r"),
            (Command::test("+QFTPCFG"), "AT+QFTPCFG=?\r"),
            (Command::set("+FTPGET").number(2u8).number(1460u16), "AT+FTPGET=2,1460\r"),
            (Command::set("+FTPREST").number(0u8).number(u64::MAX), "AT+FTPREST=0,18446744073709551615\r"),
            (Command::set("+FTPUN").text(&BARE, "xs"), "AT+FTPUN=xs\r"),
            (
                Command::set("+QFTPPUT").text(&NAME, "a b").literal("\"COM:\"").number(0u8),
                "AT+QFTPPUT=\"a b\",\"COM:\",0\r",
            ),
            (Command::set("+FTPOPEN").text(&NAME, "h").omitted().number(21u8), "AT+FTPOPEN=\"h\",,21\r"),
            (Command::set("+FTPPUT").number(5u8).payload(b"12345"), "AT+FTPPUT=5,12345\r"),
        ];
        for (command, line) in cases {
            assert_eq!(encoded(command).0, line);
        }
    }

    #[test]
    fn a_value_may_be_as_long_as_the_limit_and_no_longer() {
        for (length, fits) in [(7, true), (8, true), (9, false)] {
            let value = "x".repeat(length);
            assert_eq!(NAME.check(&value).is_ok(), fits, "{length}");
            assert_eq!(Parameter::check_all(&[(&BARE, "fits"), (&NAME, &value)]).is_ok(), fits, "{length}");
        }
    }

    #[test]
    fn a_refusal_shows_the_beginning_of_the_value_and_never_a_secret() {
        let refusal = |parameter: &Parameter, value: &str| parameter.check(value).unwrap_err().to_string();
        assert!(refusal(&NAME, &"é".repeat(61)).contains(&format!("\"{}…\"", "é".repeat(60))));
        assert!(refusal(&NAME, "a\"b").contains(r#"the file name "a\"b" holds a quotation mark"#));
        assert!(!refusal(&PASSWORD, "too-long-s3cret").contains("s3cret"));
    }

    #[test]
    fn names_on_the_server_are_encoded_in_its_charset() {
        const PATH: Parameter = Parameter::quoted("path", 8).on_server();
        let rename = |from: &str, to: &str| Command::set("+X").text(&PATH, from).number(7u8).text(&PATH, to);
        let sent = |mut command: Command, charset| command.end(charset).map(|()| command.line.bytes().to_vec());
        let latin_1 = Charset::LATIN_1;
        assert_eq!(sent(rename("é", "a"), latin_1).unwrap(), b"AT+X=\"\xe9\",7,\"a\"\r");
        assert_eq!(sent(rename("aé", "éb"), latin_1).unwrap(), b"AT+X=\"a\xe9\",7,\"\xe9b\"\r");
        assert_eq!(sent(rename("é", "a"), Charset::UTF_8).unwrap(), "AT+X=\"é\",7,\"a\"\r".as_bytes());
        // The limit holds for the bytes that are sent.
        assert!(sent(rename(&"é".repeat(8), "a"), latin_1).is_ok());
        for (name, charset, why) in [
            ("ééééé", Charset::UTF_8, "has 10 bytes, this module takes 8"),
            ("ééééééééé", latin_1, "has 9 bytes, this module takes 8"),
            ("测", latin_1, "cannot be written in ISO-8859-1"),
            ("é\"", latin_1, "quotation mark"),
            ("é\r", latin_1, "control character"),
        ] {
            let error = sent(rename(name, "a"), charset).unwrap_err();
            assert!(error.kind() == ErrorKind::InvalidInput && error.to_string().contains(why), "{name:?}: {error}");
        }
    }

    #[test]
    fn an_empty_secret_hides_nothing() {
        let command = Command::set("+FTPPW").text(&PASSWORD, "");
        assert!(command.secrets.is_empty(), "an empty secret would be found everywhere");
        assert_eq!(command.shown.text(), "AT+FTPPW=\"\"");
    }

    #[test]
    fn secrets_and_payload_are_sent_but_not_shown() {
        let command = Command::set("+FTPPW").text(&PASSWORD, "s3cret").payload(b"data");
        assert_eq!(format!("{command:?}"), "Command(\"AT+FTPPW=\\\"***\\\",<4 bytes>\")");
        assert_eq!(encoded(command).0, "AT+FTPPW=\"s3cret\",data\r");
    }

    #[test]
    fn what_a_line_cannot_carry_is_refused_whole() {
        let long = "x".repeat(9);
        let cases: &[(&Parameter, &str, &str)] = &[
            (&NAME, "", "is empty"),
            (&NAME, &long, "has 9 bytes, this module takes 8"),
            (&NAME, "a\"b", "quotation mark"),
            (&NAME, "a\rb", "control character"),
            (&NAME, "a\nb", "control character"),
            (&NAME, "a\0b", "control character"),
            (&NAME, "a\u{1a}b", "control character"),
            (&NAME, "a\u{1b}b", "control character"),
            (&NAME, "a\u{7f}b", "control character"),
            (&BARE, "a,b", "comma"),
            (&BARE, "a;b", "semicolon"),
            (&BARE, "a b", "blank"),
            (&BARE, "a\"b", "quotation mark"),
            (&NAME.ascii(), "ü", "outside ASCII"),
        ];
        for (parameter, value, why) in cases {
            let error = Command::set("+X").text(parameter, value).number(1u8).end(Charset::UTF_8).expect_err(value);
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(why), "{value:?}: {error}");
        }
        for (parameter, value) in [(&NAME, "a,b;c d"), (&NAME, "ü"), (&PASSWORD, "")] {
            assert!(parameter.check(value).is_ok(), "{value:?}");
        }
    }

    #[test]
    fn a_refused_secret_is_not_repeated() {
        let error = PASSWORD.check("s3cret\r").unwrap_err();
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}
