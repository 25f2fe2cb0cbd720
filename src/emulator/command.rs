//! Strict parsing of AT command lines (ITU-T V.250 §5.2 to §5.4).

use std::ops::RangeInclusive;

use super::name;

/// A command line or parameter list that does not follow the grammar or the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The four forms of an extended command; basic commands are `Execute`, or `Set` when a number follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `AT+X`
    Execute,
    /// `AT+X?`
    Read,
    /// `AT+X=?`
    Test,
    /// `AT+X=…`
    Set,
}

/// One command of a command line.
#[derive(Debug)]
pub(crate) struct Command<'a> {
    /// Upper case, with its prefix: `+FTPGET`, `E`, `&D`, `S3`.
    pub(crate) name: String,
    pub(crate) form: Form,
    /// Everything behind the `=` of a set form, byte for byte.
    pub(crate) arguments: &'a [u8],
}

impl<'a> Command<'a> {
    /// Splits the first command off `line` (without `AT` and without the line end).
    ///
    /// `takes_rest` names the commands whose arguments reach to the end of the line, semicolons included.
    pub(crate) fn split_first(
        line: &'a [u8],
        takes_rest: impl Fn(&str) -> bool,
    ) -> Result<(Self, &'a [u8]), Malformed> {
        match line.first() {
            Some(b'+' | b'^' | b'*' | b'$' | b'#' | b'%') => Self::extended(line, takes_rest),
            Some(b'&') => Self::basic(line, 2),
            Some(byte) if byte.is_ascii_alphabetic() => Self::basic(line, 1),
            _ => Err(Malformed),
        }
    }

    fn basic(line: &'a [u8], length: usize) -> Result<(Self, &'a [u8]), Malformed> {
        let (name, rest) = line.split_at_checked(length).ok_or(Malformed)?;
        if !name.last().is_some_and(u8::is_ascii_alphabetic) {
            return Err(Malformed);
        }
        let mut name = upper(name);
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = rest.split_at(digits);
        if name != "S" {
            let form = if number.is_empty() { Form::Execute } else { Form::Set };
            return Ok((Self { name, form, arguments: number }, rest));
        }
        name.push_str(&upper(number));
        match rest.split_first() {
            Some((b'?', rest)) => Ok((Self { name, form: Form::Read, arguments: b"" }, rest)),
            Some((b'=', rest)) => {
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let (arguments, rest) = rest.split_at(digits);
                Ok((Self { name, form: Form::Set, arguments }, rest))
            }
            _ => Err(Malformed),
        }
    }

    fn extended(line: &'a [u8], takes_rest: impl Fn(&str) -> bool) -> Result<(Self, &'a [u8]), Malformed> {
        let length = 1 + line.iter().skip(1).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let (name, tail) = line.split_at(length);
        if length == 1 {
            return Err(Malformed);
        }
        let name = upper(name);
        let end = if takes_rest(&name) { tail.len() } else { end_of_command(tail) };
        let (tail, rest) = tail.split_at(end);
        let rest = rest.strip_prefix(b";").unwrap_or(rest);
        let (form, arguments) = match tail {
            b"" => (Form::Execute, tail),
            b"?" => (Form::Read, b"".as_slice()),
            b"=?" => (Form::Test, b"".as_slice()),
            _ => (Form::Set, tail.strip_prefix(b"=").ok_or(Malformed)?),
        };
        Ok((Self { name, form, arguments }, rest))
    }

    /// Returns what `parse` makes of the arguments of a set form, which must take all of them.
    pub(crate) fn parse<T>(
        &self,
        parse: impl FnOnce(&mut Parameters<'a>) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        let mut list = self.parameters()?;
        let value = parse(&mut list)?;
        list.end().map(|()| value)
    }

    /// Returns the arguments of a set form as a parameter list.
    pub(crate) fn parameters(&self) -> Result<Parameters<'a>, Malformed> {
        Parameters::parse(self.arguments)
    }
}

fn upper(name: &[u8]) -> String {
    name.iter().map(|byte| char::from(byte.to_ascii_uppercase())).collect()
}

/// Where the command ends: at a semicolon outside quotes, or with the line.
fn end_of_command(tail: &[u8]) -> usize {
    let mut quoted = false;
    tail.iter()
        .position(|byte| {
            quoted ^= *byte == b'"';
            *byte == b';' && !quoted
        })
        .unwrap_or(tail.len())
}

/// One parameter as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// Nothing between the commas.
    Absent,
    /// `"…"`, without the quotes.
    Quoted(&'a [u8]),
    /// Anything without quotes.
    Bare(&'a [u8]),
}

/// A parameter list, taken from front to back; what is left over at [`Parameters::end`] is an error.
#[derive(Debug)]
pub(crate) struct Parameters<'a> {
    values: std::vec::IntoIter<Value<'a>>,
}

impl<'a> Parameters<'a> {
    /// Splits at the commas outside quotes. A quote may only open at the start of a parameter and must close at its
    /// end.
    pub(crate) fn parse(arguments: &'a [u8]) -> Result<Self, Malformed> {
        let mut values = Vec::new();
        let mut rest = arguments;
        loop {
            let (value, after) = match rest.split_first() {
                Some((b'"', inside)) => {
                    let close = inside.iter().position(|byte| *byte == b'"').ok_or(Malformed)?;
                    let (text, after) = inside.split_at(close);
                    (Value::Quoted(text), after.get(1..).unwrap_or_default())
                }
                _ => {
                    let end = rest.iter().position(|byte| *byte == b',').unwrap_or(rest.len());
                    let (text, after) = rest.split_at(end);
                    let value = match text {
                        b"" => Value::Absent,
                        _ if text.contains(&b'"') => return Err(Malformed),
                        _ => Value::Bare(text),
                    };
                    (value, after)
                }
            };
            values.push(value);
            match after.split_first() {
                None => break,
                Some((b',', after)) => rest = after,
                Some(_) => return Err(Malformed),
            }
        }
        Ok(Self { values: values.into_iter() })
    }

    /// Returns the number of parameters that are left, empty ones included.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The next parameter as written; `Absent` past the end too.
    pub(crate) fn value(&mut self) -> Value<'a> {
        self.values.next().unwrap_or(Value::Absent)
    }

    /// A decimal number within `range`.
    pub(crate) fn number(&mut self, range: RangeInclusive<u64>) -> Result<u64, Malformed> {
        self.optional_number(range)?.ok_or(Malformed)
    }

    /// A decimal number within `range`, or nothing.
    pub(crate) fn optional_number(&mut self, range: RangeInclusive<u64>) -> Result<Option<u64>, Malformed> {
        match self.value() {
            Value::Absent => Ok(None),
            Value::Quoted(_) => Err(Malformed),
            Value::Bare(text) => number(text, range).map(Some),
        }
    }

    /// A string with or without quotes whose byte length is within `length`; absent counts as empty.
    pub(crate) fn text(&mut self, length: RangeInclusive<usize>) -> Result<String, Malformed> {
        match self.value() {
            Value::Absent => text(b"", length),
            Value::Quoted(bytes) | Value::Bare(bytes) => text(bytes, length),
        }
    }

    /// A string in quotes whose byte length is within `length`.
    pub(crate) fn quoted(&mut self, length: RangeInclusive<usize>) -> Result<String, Malformed> {
        self.optional_quoted(length)?.ok_or(Malformed)
    }

    /// A string in quotes, or nothing.
    pub(crate) fn optional_quoted(&mut self, length: RangeInclusive<usize>) -> Result<Option<String>, Malformed> {
        match self.value() {
            Value::Absent => Ok(None),
            Value::Quoted(bytes) => text(bytes, length).map(Some),
            Value::Bare(_) => Err(Malformed),
        }
    }

    /// Nothing may be left.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.values.len() == 0 { Ok(()) } else { Err(Malformed) }
    }
}

/// A decimal number of digits only, within `range`.
pub(crate) fn number(text: &[u8], range: RangeInclusive<u64>) -> Result<u64, Malformed> {
    if !text.iter().all(u8::is_ascii_digit) {
        return Err(Malformed);
    }
    std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .filter(|number| range.contains(number))
        .ok_or(Malformed)
}

/// A string whose byte length is within `length`; see [`name`](super::name) for what is not UTF-8.
pub(crate) fn text(bytes: &[u8], length: RangeInclusive<usize>) -> Result<String, Malformed> {
    if length.contains(&bytes.len()) { Ok(name::from_bytes(bytes)) } else { Err(Malformed) }
}

/// Whether `commands` name `command`; a final `*` matches anything.
pub(crate) fn covers(commands: &[String], command: &str) -> bool {
    commands.iter().any(|named| match named.strip_suffix('*') {
        Some(start) => command.starts_with(start),
        None => command == named,
    })
}

#[cfg(test)]
mod tests {
    use super::{Command, Form, Malformed, Parameters, Value};

    type Expected = (&'static str, Form, &'static [u8]);

    fn split(line: &[u8]) -> Vec<(String, Form, Vec<u8>)> {
        let mut rest = line;
        let mut commands = Vec::new();
        while !rest.is_empty() {
            let (command, after) = Command::split_first(rest, |name| name == "+RAW").unwrap();
            commands.push((command.name, command.form, command.arguments.to_vec()));
            rest = after;
        }
        commands
    }

    #[test]
    fn lines_split_into_commands() {
        let cases: [(&[u8], &[Expected]); 8] = [
            (b"E0", &[("E", Form::Set, b"0")]),
            (b"e0&D1z", &[("E", Form::Set, b"0"), ("&D", Form::Set, b"1"), ("Z", Form::Execute, b"")]),
            (b"S3?", &[("S3", Form::Read, b"")]),
            (b"+CREG?;+CSQ", &[("+CREG", Form::Read, b""), ("+CSQ", Form::Execute, b"")]),
            (b"+ftpget=?", &[("+FTPGET", Form::Test, b"")]),
            (b"+X=\"a;b\",1;E1", &[("+X", Form::Set, b"\"a;b\",1"), ("E", Form::Set, b"1")]),
            (b"+RAW=2,;;", &[("+RAW", Form::Set, b"2,;;")]),
            (b"+X=", &[("+X", Form::Set, b"")]),
        ];
        for (line, expected) in cases {
            let expected: Vec<_> = expected
                .iter()
                .map(|(name, form, arguments)| ((*name).to_owned(), *form, arguments.to_vec()))
                .collect();
            assert_eq!(split(line), expected, "{}", line.escape_ascii());
        }
        for bad in [&b"+"[..], b"+X?1", b"+X y", b"1", b"&", b"&1", b"S3"] {
            assert!(Command::split_first(bad, |_| false).is_err(), "{}", bad.escape_ascii());
        }
    }

    #[test]
    fn parameters_are_strict() {
        let mut list = Parameters::parse(b"1,\"a,b\",,x").unwrap();
        assert_eq!(list.len(), 4);
        assert_eq!(list.number(0..=5), Ok(1));
        assert_eq!(list.quoted(0..=3), Ok("a,b".to_owned()));
        assert_eq!(list.optional_number(0..=1), Ok(None));
        assert_eq!(list.end(), Err(Malformed));
        assert_eq!(list.value(), Value::Bare(b"x"));
        assert_eq!(list.end(), Ok(()));
        for bad in [&b"\"a"[..], b"\"a\"b", b"a\"b\""] {
            assert!(Parameters::parse(bad).is_err(), "{}", bad.escape_ascii());
        }
        for bad in [&b"6"[..], b"-1", b" 1", b"", b"\"1\"", b"99999999999999999999"] {
            assert!(Parameters::parse(bad).unwrap().number(0..=5).is_err(), "{}", bad.escape_ascii());
        }
        assert!(Parameters::parse(b"\"abcd\"").unwrap().quoted(0..=3).is_err());
        assert!(Parameters::parse(b"abc").unwrap().quoted(0..=3).is_err());
        assert_eq!(Parameters::parse(b"abc").unwrap().text(1..=3), Ok("abc".to_owned()));
        assert!(Parameters::parse(b"").unwrap().text(1..=3).is_err());
    }
}
