//! Parses one complete line: final results (V.250 §5.7, 3GPP TS 27.007 §9), information lines and their fields.

use std::borrow::Cow;

use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take_while, take_while1};
use nom::character::complete::{char, digit1};
use nom::combinator::{eof, map, opt, peek, recognize, rest, value};
use nom::multi::many0_count;
use nom::sequence::{delimited, pair, preceded, terminated};
use nom::{IResult, Parser};

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply<'a> {
    /// The end of an exchange.
    Final(FinalResult),
    /// `+PREFIX: field,field…`, whoever it is for.
    Information(Information<'a>),
    /// Anything else.
    Text(&'a [u8]),
}

/// A final result: the answer to a command is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FinalResult {
    /// `OK`.
    Ok,
    /// `CONNECT`, with the number behind it where there is one: the port is in data mode.
    Connect(Option<u64>),
    /// `ERROR`, `+CME ERROR: …` and their relatives.
    Error(ErrorCode),
    /// `NO CARRIER`.
    NoCarrier,
    /// `ABORT`, `ABORTED`: the module has aborted the command.
    Aborted,
    /// `BUSY`, `NO ANSWER`, `NO DIALTONE`: results of telephone calls.
    Call(&'static str),
}

/// The code of an error result.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorCode {
    /// Plain `ERROR`.
    None,
    /// `ERROR: <n>` (Motorola G24).
    Numbered(String),
    /// `+CME ERROR: <n or words>`.
    Cme(String),
    /// `+CMS ERROR: <n or words>`.
    Cms(String),
    /// `+CIS ERROR: <n or words>` (OneMO).
    Cis(String),
}

/// A line with a prefix and fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Information<'a> {
    /// The prefix, with its `+` and without its colon.
    pub prefix: &'a str,
    /// The fields, blanks around them removed.
    pub fields: Fields<'a>,
    /// Everything behind the colon, as it came but for leading blanks.
    pub body: &'a [u8],
}

/// The fields of an information response, parsed on demand: of most lines only one or two are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// The fields in their order; there is at least one, which may be empty.
    pub fn iter(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        let mut rest = Some(self.0);
        std::iter::from_fn(move || {
            // Everything up to the next comma is a field, whatever it holds.
            let (behind, field) = field(rest?).ok()?;
            rest = behind.split_first().map(|(_, next)| next);
            Some(field)
        })
    }

    /// Field `index`.
    pub fn get(&self, index: usize) -> Option<Field<'a>> {
        self.iter().nth(index)
    }

    /// The last field.
    pub fn last(&self) -> Option<Field<'a>> {
        self.iter().last()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.iter().count()
    }
}

/// One field of an information line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field<'a> {
    /// It was in quotation marks, which are removed; a doubled mark inside means one.
    Quoted(Cow<'a, [u8]>),
    /// It was not quoted.
    Bare(&'a [u8]),
}

impl<'a> Field<'a> {
    /// The field's bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Field::Quoted(bytes) => bytes,
            Field::Bare(bytes) => bytes,
        }
    }

    /// The field as text; bytes that are not UTF-8 show as U+FFFD.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes())
    }

    /// As [`Self::bytes`], of a field that is not needed any more.
    pub fn into_bytes(self) -> Cow<'a, [u8]> {
        match self {
            Field::Quoted(bytes) => bytes,
            Field::Bare(bytes) => Cow::Borrowed(bytes),
        }
    }

    /// As [`Self::text`], of a field that is not needed any more.
    pub fn into_text(self) -> Cow<'a, str> {
        match self.into_bytes() {
            Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// The field as a number, quoted or not; leading zeros are allowed.
    pub fn number(&self) -> Option<u64> {
        let digits = Some(self.bytes()).filter(|bytes| !bytes.is_empty())?;
        digits.iter().try_fold(0u64, |number, byte| {
            let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
            number.checked_mul(10)?.checked_add(digit)
        })
    }
}

impl<'a> Information<'a> {
    /// Field `index` as a number.
    pub fn number(&self, index: usize) -> Option<u64> {
        self.fields.get(index)?.number()
    }

    /// Field `index` as text.
    pub fn text(&self, index: usize) -> Option<Cow<'a, str>> {
        self.fields.get(index).map(Field::into_text)
    }

    /// Field `index` as bytes.
    pub fn bytes(&self, index: usize) -> Option<Cow<'a, [u8]>> {
        self.fields.get(index).map(Field::into_bytes)
    }
}

/// Parses `line`, which has no line end.
pub fn parse(line: &[u8]) -> Reply<'_> {
    let line = without_noise(line);
    if may_be_final(line)
        && let Ok((_, result)) = final_result(line)
    {
        return Reply::Final(result);
    }
    match information(line) {
        Ok((_, information)) => Reply::Information(information),
        Err(_) => Reply::Text(line),
    }
}

/// Whether a line begins as some final result does; most lines do not, and need not be compared with each of them.
fn may_be_final(line: &[u8]) -> bool {
    match line {
        [b'+', second, ..] => *second == b'C',
        [first, ..] => b"OENABC".contains(first),
        [] => false,
    }
}

/// Removes what a line driver or a waking module puts before a line (a byte 0xE0 was seen on ML307, a NUL elsewhere):
/// control bytes, and high bytes directly before something that starts as replies do.
fn without_noise(line: &[u8]) -> &[u8] {
    let is_noise = |byte: &u8| *byte <= b' ' || *byte >= 0x7f;
    let noise = line.iter().take_while(|byte| is_noise(byte)).count();
    match line.get(noise..) {
        Some(rest) if rest.first().is_some_and(|byte| b"+OECN".contains(byte)) => rest,
        _ => line,
    }
}

fn blanks(input: &[u8]) -> IResult<&[u8], &[u8]> {
    take_while(|byte| byte == b' ' || byte == b'\t')(input)
}

/// A colon; the UC8088 manual prints it full-width now and then.
fn colon(input: &[u8]) -> IResult<&[u8], &[u8]> {
    alt((tag(&b":"[..]), tag("：".as_bytes()))).parse(input)
}

fn final_result(input: &[u8]) -> IResult<&[u8], FinalResult> {
    let reason =
        || map(preceded((blanks, colon, blanks), rest), |text| String::from_utf8_lossy(text).trim_end().to_owned());
    let tagged = |name: &'static str, code: fn(String) -> ErrorCode| {
        map(preceded(tag(name.as_bytes()), reason()), move |text| FinalResult::Error(code(text)))
    };
    let connect = preceded(tag(&b"CONNECT"[..]), opt(preceded(take_while1(|byte| byte == b' '), digit1)));
    alt((
        terminated(
            alt((
                value(FinalResult::Ok, tag(&b"OK"[..])),
                value(FinalResult::Error(ErrorCode::None), tag(&b"ERROR"[..])),
                value(FinalResult::NoCarrier, tag(&b"NO CARRIER"[..])),
                value(FinalResult::Aborted, alt((tag(&b"ABORTED"[..]), tag(&b"ABORT"[..])))),
                value(FinalResult::Call("BUSY"), tag(&b"BUSY"[..])),
                value(FinalResult::Call("NO ANSWER"), tag(&b"NO ANSWER"[..])),
                value(FinalResult::Call("NO DIALTONE"), tag(&b"NO DIALTONE"[..])),
                map(connect, |digits: Option<&[u8]>| {
                    let text = digits.and_then(|digits| std::str::from_utf8(digits).ok());
                    FinalResult::Connect(text.and_then(|text| text.parse().ok()))
                }),
            )),
            (blanks, eof),
        ),
        tagged("+CME ERROR", ErrorCode::Cme),
        tagged("+CMS ERROR", ErrorCode::Cms),
        tagged("+CIS ERROR", ErrorCode::Cis),
        tagged("ERROR", ErrorCode::Numbered),
    ))
    .parse(input)
}

fn information(input: &[u8]) -> IResult<&[u8], Information<'_>> {
    let name = take_while1(|byte: u8| byte.is_ascii_alphanumeric() || b"_-& ".contains(&byte));
    let (body, prefix) =
        terminated(recognize(pair(nom::character::one_of("+^*#%$"), name)), (colon, blanks)).parse(input)?;
    // The characters of a prefix are ASCII, so it is text.
    let prefix = std::str::from_utf8(prefix.trim_ascii_end()).unwrap_or_default();
    Ok((&[], Information { prefix, fields: Fields(body), body }))
}

fn field(input: &[u8]) -> IResult<&[u8], Field<'_>> {
    let (text, _) = blanks(input)?;
    match text.first() {
        Some(b'"') => alt((terminated(terminated(quoted, blanks), peek(alt((tag(&b","[..]), eof)))), bare)).parse(text),
        _ => bare(text),
    }
}

fn quoted(input: &[u8]) -> IResult<&[u8], Field<'_>> {
    let piece = alt((is_not("\""), tag(&b"\"\""[..])));
    map(delimited(char('"'), recognize(many0_count(piece)), char('"')), |inner: &[u8]| {
        if inner.contains(&b'"') {
            let mut marks = 0usize;
            let single = inner.iter().copied().filter(|byte| {
                marks += usize::from(*byte == b'"');
                *byte != b'"' || marks % 2 == 1
            });
            Field::Quoted(Cow::Owned(single.collect()))
        } else {
            Field::Quoted(Cow::Borrowed(inner))
        }
    })
    .parse(input)
}

fn bare(input: &[u8]) -> IResult<&[u8], Field<'_>> {
    map(take_while(|byte| byte != b','), |text: &[u8]| Field::Bare(text.trim_ascii())).parse(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_results() {
        let error = |code| FinalResult::Error(code);
        let cases: &[(&[u8], FinalResult)] = &[
            (b"OK", FinalResult::Ok),
            (b"OK ", FinalResult::Ok),
            (b"\0OK", FinalResult::Ok),
            (b"\xe0OK", FinalResult::Ok),
            (b"ERROR", error(ErrorCode::None)),
            (b"ERROR: 302", error(ErrorCode::Numbered("302".into()))),
            (b"+CME ERROR: 603", error(ErrorCode::Cme("603".into()))),
            (b"+CME ERROR:603", error(ErrorCode::Cme("603".into()))),
            (b"+CME ERROR: file already exist", error(ErrorCode::Cme("file already exist".into()))),
            (b"+CMS ERROR: 500", error(ErrorCode::Cms("500".into()))),
            (b"+CIS ERROR: 50", error(ErrorCode::Cis("50".into()))),
            (b"CONNECT", FinalResult::Connect(None)),
            (b"CONNECT 1024", FinalResult::Connect(Some(1024))),
            (b"CONNECT 0", FinalResult::Connect(Some(0))),
            (b"NO CARRIER", FinalResult::NoCarrier),
            (b"ABORT", FinalResult::Aborted),
            (b"ABORTED", FinalResult::Aborted),
            (b"BUSY", FinalResult::Call("BUSY")),
        ];
        for (line, expected) in cases {
            assert_eq!(parse(line), Reply::Final(expected.clone()), "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn what_only_looks_like_a_final_result() {
        for line in [&b"OKAY"[..], b"ok", b"ERRORS", b"CONNECTED", b"CONNECT x", b"NO CARRIERS", b"x OK", b"BUSY2"] {
            assert!(!matches!(parse(line), Reply::Final(_)), "{}", String::from_utf8_lossy(line));
        }
    }

    /// Prefix and fields, `'…'` standing for a quoted field.
    fn shape(line: &[u8]) -> String {
        match parse(line) {
            Reply::Information(information) => {
                let fields: Vec<String> = information
                    .fields
                    .iter()
                    .map(|field| match field {
                        Field::Quoted(_) => format!("'{}'", field.text()),
                        Field::Bare(_) => field.text().into_owned(),
                    })
                    .collect();
                format!("{}|{}", information.prefix, fields.join("|"))
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn information_lines_of_every_dialect() {
        let cases: &[(&[u8], &str)] = &[
            (b"+FTPGET: 1,1", "+FTPGET|1|1"),
            (b"+FTPGET:1,0", "+FTPGET|1|0"),
            (b"+FTPGET: 2, 10", "+FTPGET|2|10"),
            (b"+QFTPSIZE:0, 1000", "+QFTPSIZE|0|1000"),
            (b"+FTPGETTOFS: 61", "+FTPGETTOFS|61"),
            (b"+SAPBR: 1,1,\"10.39.255.61\"", "+SAPBR|1|1|'10.39.255.61'"),
            (b"+SAPBR 1: DEACT", "+SAPBR 1|DEACT"),
            (b"+SAPBR 1:DEACT", "+SAPBR 1|DEACT"),
            (b"+PDP: DEACT", "+PDP|DEACT"),
            (b"+QIURC: \"pdpdeact\",1", "+QIURC|'pdpdeact'|1"),
            (b"+QFTPPWD: 0,/", "+QFTPPWD|0|/"),
            (b"+QFTPPWD: 0,/a b", "+QFTPPWD|0|/a b"),
            (b"+QFTPPWD: 0,\"/a \"\"b\"\"\"", "+QFTPPWD|0|'/a \"b\"'"),
            (b"+QFTPPWD: 0,\"a\"\"b\"\"c\"\"d\"", "+QFTPPWD|0|'a\"b\"c\"d'"),
            (b"+QFLST: \"UFS:a,b\",7", "+QFLST|'UFS:a,b'|7"),
            (b"+MFTPLIST: 0,0,\"old.txt\",9,20220818074000,\"rw-\"", "+MFTPLIST|0|0|'old.txt'|9|20220818074000|'rw-'"),
            (b"+MFTPCONN: (0-5),,,,(0-65535)", "+MFTPCONN|(0-5)||||(0-65535)"),
            (b"+MIPCALL: 10.225.11.107", "+MIPCALL|10.225.11.107"),
            (b"+FTPMODE: \xef\xbc\x880-1\xef\xbc\x89", "+FTPMODE|（0-1）"),
            ("+FTPPATH：/docs".as_bytes(), "+FTPPATH|/docs"),
            (b"+FTPSERV:0", "+FTPSERV|0"),
            (b"^MODE: 17,17", "^MODE|17|17"),
            (b"*PSUTTZ: 20,1", "*PSUTTZ|20|1"),
            (b"\xe0+MATREADY: 1", "+MATREADY|1"),
            (b"+X: \"unfinished", "+X|\"unfinished"),
            (b"+X: \"a\"b,c", "+X|\"a\"b|c"),
            (b"+X:", "+X|"),
        ];
        for (line, expected) in cases {
            assert_eq!(shape(line), *expected, "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn other_lines_are_text() {
        for line in [
            &b"RDY"[..],
            b"AT command ready",
            b"+SIM READY",
            b"AirM2M_780E_V1169_LTE_AT",
            b"-rw-r--r-- 1 a b 5 c",
            b"+: x",
            // High bytes are noise only before what a module says.
            "\u{6587}\u{4ef6}.txt".as_bytes(),
        ] {
            assert_eq!(parse(line), Reply::Text(line));
        }
    }

    #[test]
    fn numbers_are_digits_and_fit() {
        let Reply::Information(line) = parse(b"+N: 5000000000,007,-1,+1,\"12\",18446744073709551616,") else {
            panic!("not an information line");
        };
        let numbers: Vec<Option<u64>> = (0..7).map(|index| line.number(index)).collect();
        assert_eq!(numbers, [Some(5_000_000_000), Some(7), None, None, Some(12), None, None]);
    }

    #[test]
    fn no_input_makes_the_parser_fail_badly() {
        let lines: [&[u8]; 3] =
            [b"+MFTPLIST: 0,0,\"old.txt\",9,20220818074000,\"rw-\"", b"+CME ERROR: 3", b"CONNECT 12"];
        for line in lines {
            for position in 0..line.len() {
                for byte in 0..=255 {
                    let mut broken = line.to_vec();
                    broken[position] = byte;
                    let _ = parse(&broken);
                    let _ = parse(&broken[..position]);
                }
            }
        }
    }
}
