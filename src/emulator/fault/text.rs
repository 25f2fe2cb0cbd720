//! Plans as text.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;
use std::time::Duration;

use super::{Damage, Direction, Fate, Fault, Number, PayloadChange, Plan, ServerFault};

/// The text is no [`Plan`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPlan(String);

impl Display for InvalidPlan {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "no plan of faults: {}", self.0)
    }
}

impl std::error::Error for InvalidPlan {}

/// Bytes in quotes.
struct Quoted<'a>(&'a [u8]);

impl Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{}\"", self.0.escape_ascii())
    }
}

/// A time in the greatest unit that gives a whole number.
struct Time(Duration);

const UNITS: [(u128, &str); 4] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1000, "us"), (1, "ns")];

impl Display for Time {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let time = self.0.as_nanos();
        let whole = UNITS.into_iter().find(|(unit, _)| time.is_multiple_of(*unit));
        let (unit, name) = whole.unwrap_or((1, "ns"));
        write!(formatter, "{}{name}", time / unit)
    }
}

impl Display for Damage {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delete => formatter.write_str("delete"),
            Self::Duplicate => formatter.write_str("duplicate"),
            Self::Lose(count) => write!(formatter, "lose {count}"),
            Self::Repeat(count) => write!(formatter, "repeat {count}"),
            Self::Exchange => formatter.write_str("exchange"),
            Self::Flip(bit) => write!(formatter, "flip {}", bit & 7),
            Self::Insert(bytes) => write!(formatter, "insert {}", Quoted(bytes)),
            Self::Hold(None) => formatter.write_str("hold forever"),
            Self::Hold(Some(time)) => write!(formatter, "hold {}", Time(*time)),
            Self::Stall(None) => formatter.write_str("stall forever"),
            Self::Stall(Some(time)) => write!(formatter, "stall {}", Time(*time)),
            Self::Drip(time) => write!(formatter, "drip {}", Time(*time)),
            Self::HangUp => formatter.write_str("hangup"),
            Self::Restart => formatter.write_str("restart"),
            Self::Die(time) => write!(formatter, "die {}", Time(*time)),
            Self::DataMode => formatter.write_str("datamode"),
        }
    }
}

impl Display for Fate {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lose => formatter.write_str("lose"),
            Self::Delay(time) => write!(formatter, "delay {}", Time(*time)),
            Self::Repeat(times) => write!(formatter, "repeat {times}"),
            Self::Swap => formatter.write_str("swap"),
            Self::Number(number) => write!(formatter, "number {number}"),
            Self::NumberAt { back, number } => write!(formatter, "number@{back} {number}"),
        }
    }
}

impl Display for Number {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::More(by) => write!(formatter, "+{by}"),
            Self::Fewer(by) => write!(formatter, "-{by}"),
            Self::Text(text) => Quoted(text.as_bytes()).fmt(formatter),
        }
    }
}

impl Display for ServerFault {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drop { after } => write!(formatter, "drop {after}"),
            Self::Unavailable { after } => write!(formatter, "421 {after}"),
            Self::RefuseData { after } => write!(formatter, "425 {after}"),
            Self::Abort { after } => write!(formatter, "426 {after}"),
            Self::Short { by } => write!(formatter, "short {by}"),
            Self::IgnoreRest => formatter.write_str("norest"),
            Self::Listing { keep } => write!(formatter, "listing {keep}"),
            Self::PartStored { keep } => write!(formatter, "part {keep}"),
            Self::Replace { content } => write!(formatter, "replace {}", Quoted(content)),
            Self::Full { after, code } => write!(formatter, "full {after} {code}"),
            Self::Break { after } => write!(formatter, "break {after}"),
            Self::Size { says } => write!(formatter, "size {says}"),
            Self::Deny { code } => write!(formatter, "deny {code}"),
        }
    }
}

impl Display for Fault {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte { direction, at, damage } => {
                let name = match direction {
                    Direction::Input => "in",
                    Direction::Output => "out",
                };
                write!(formatter, "{name}@{at} {damage}")
            }
            Self::Line { prefix, nth, fate } => {
                write!(formatter, "line#{nth} {} {fate}", Quoted(prefix.as_bytes()))
            }
            Self::Head { prefix, nth, fate } => {
                write!(formatter, "head#{nth} {} {fate}", Quoted(prefix.as_bytes()))
            }
            Self::Payload { nth, change } => match change {
                PayloadChange::Shorten(by) => write!(formatter, "payload#{nth} shorten {by}"),
                PayloadChange::Extend(bytes) => {
                    write!(formatter, "payload#{nth} extend {}", Quoted(bytes))
                }
            },
            Self::Slow(time) => write!(formatter, "slow {}", Time(*time)),
            Self::Memory(free) => write!(formatter, "memory {free}"),
            Self::Server(fault) => write!(formatter, "server {fault}"),
        }
    }
}

impl Display for Plan {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(formatter, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl FromStr for Plan {
    type Err = InvalidPlan;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut faults = Vec::new();
        let mut reader = Reader { rest: text };
        while !reader.is_over() {
            faults.push(reader.fault()?);
            if !reader.take(";") && !reader.is_over() {
                return Err(reader.wrong("\";\""));
            }
        }
        Ok(Self { faults })
    }
}

impl FromStr for Fault {
    type Err = InvalidPlan;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut reader = Reader { rest: text };
        let fault = reader.fault()?;
        if reader.is_over() { Ok(fault) } else { Err(reader.wrong("the end")) }
    }
}

/// What is left to be read of a plan.
struct Reader<'a> {
    rest: &'a str,
}

type Read<T> = Result<T, InvalidPlan>;

impl<'a> Reader<'a> {
    fn wrong(&self, wanted: &str) -> InvalidPlan {
        InvalidPlan(format!("expected {wanted} at {:?}", self.rest))
    }

    fn is_over(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.is_empty()
    }

    fn take(&mut self, sign: &str) -> bool {
        self.rest = self.rest.trim_start();
        let behind = self.rest.strip_prefix(sign);
        self.rest = behind.unwrap_or(self.rest);
        behind.is_some()
    }

    fn run(&mut self, belongs: fn(&char) -> bool) -> &'a str {
        self.rest = self.rest.trim_start();
        let length: usize = self.rest.chars().take_while(belongs).map(char::len_utf8).sum();
        let (run, rest) = self.rest.split_at(length);
        self.rest = rest;
        run
    }

    fn word(&mut self) -> &'a str {
        self.run(char::is_ascii_alphabetic)
    }

    fn number<T: FromStr>(&mut self) -> Read<T> {
        let before = self.rest;
        let number = self.run(char::is_ascii_digit).parse();
        number.map_err(|_| Reader { rest: before }.wrong("a number"))
    }

    fn time(&mut self) -> Read<Duration> {
        let before = self.rest;
        let number: u64 = self.number()?;
        let name = self.word();
        let unit = UNITS.into_iter().find(|(_, unit)| *unit == name);
        let nanoseconds = unit.and_then(|(unit, _)| u128::from(number).checked_mul(unit));
        let Some(nanoseconds) = nanoseconds else {
            return Err(Reader { rest: before }.wrong("a time"));
        };
        let seconds = u64::try_from(nanoseconds / 1_000_000_000);
        let fraction = u32::try_from(nanoseconds % 1_000_000_000);
        match (seconds, fraction) {
            (Ok(seconds), Ok(fraction)) => Ok(Duration::new(seconds, fraction)),
            _ => Err(Reader { rest: before }.wrong("a time")),
        }
    }

    fn bytes(&mut self) -> Read<Vec<u8>> {
        let wrong = self.wrong("a string in quotes");
        if !self.take("\"") {
            return Err(wrong);
        }
        let mut bytes = Vec::new();
        let mut characters = self.rest.chars();
        loop {
            match characters.next() {
                Some('"') => break,
                Some('\\') => bytes.push(match characters.next() {
                    Some('r') => b'\r',
                    Some('n') => b'\n',
                    Some('t') => b'\t',
                    Some('0') => 0,
                    Some('x') => {
                        let digits: String = characters.by_ref().take(2).collect();
                        u8::from_str_radix(&digits, 16).map_err(|_| wrong.clone())?
                    }
                    Some(sign @ ('"' | '\'' | '\\')) => sign as u8,
                    _ => return Err(wrong),
                }),
                Some(other) => {
                    let mut space = [0; 4];
                    bytes.extend_from_slice(other.encode_utf8(&mut space).as_bytes());
                }
                None => return Err(wrong),
            }
        }
        self.rest = characters.as_str();
        Ok(bytes)
    }

    fn text(&mut self) -> Read<String> {
        let wrong = self.wrong("text");
        String::from_utf8(self.bytes()?).map_err(|_| wrong)
    }

    fn fault(&mut self) -> Read<Fault> {
        let wrong = self.wrong("a fault");
        let word = self.word();
        let direction = match word {
            "in" => Direction::Input,
            "out" => Direction::Output,
            "line" | "head" => {
                let nth = self.nth()?;
                let prefix = self.text()?;
                let fate = self.fate()?;
                return Ok(if word == "line" {
                    Fault::Line { prefix, nth, fate }
                } else {
                    Fault::Head { prefix, nth, fate }
                });
            }
            "payload" => {
                let nth = self.nth()?;
                let change = match self.word() {
                    "shorten" => PayloadChange::Shorten(self.number()?),
                    "extend" => PayloadChange::Extend(self.bytes()?),
                    _ => return Err(wrong),
                };
                return Ok(Fault::Payload { nth, change });
            }
            "slow" => return self.time().map(Fault::Slow),
            "memory" => return self.number().map(Fault::Memory),
            "server" => return self.server().map(Fault::Server),
            _ => return Err(wrong),
        };
        if !self.take("@") {
            return Err(self.wrong("\"@\""));
        }
        Ok(Fault::Byte { direction, at: self.number()?, damage: self.damage()? })
    }

    fn nth(&mut self) -> Read<u32> {
        if !self.take("#") {
            return Err(self.wrong("\"#\""));
        }
        self.number()
    }

    fn damage(&mut self) -> Read<Damage> {
        let wrong = self.wrong("what happens to a byte");
        Ok(match self.word() {
            "delete" => Damage::Delete,
            "duplicate" => Damage::Duplicate,
            "lose" => Damage::Lose(self.number()?),
            "repeat" => Damage::Repeat(self.number()?),
            "exchange" => Damage::Exchange,
            "flip" => Damage::Flip(self.number().ok().filter(|bit| *bit < 8).ok_or(wrong)?),
            "insert" => Damage::Insert(self.bytes()?),
            "hold" if self.take("forever") => Damage::Hold(None),
            "hold" => Damage::Hold(Some(self.time()?)),
            "stall" if self.take("forever") => Damage::Stall(None),
            "stall" => Damage::Stall(Some(self.time()?)),
            "drip" => Damage::Drip(self.time()?),
            "hangup" => Damage::HangUp,
            "restart" => Damage::Restart,
            "die" => Damage::Die(self.time()?),
            "datamode" => Damage::DataMode,
            _ => return Err(wrong),
        })
    }

    fn fate(&mut self) -> Read<Fate> {
        let wrong = self.wrong("what happens to a line");
        Ok(match self.word() {
            "lose" => Fate::Lose,
            "delay" => Fate::Delay(self.time()?),
            "repeat" => Fate::Repeat(self.number()?),
            "swap" => Fate::Swap,
            "number" if self.take("@") => Fate::NumberAt { back: self.number()?, number: self.change()? },
            "number" => Fate::Number(self.change()?),
            _ => return Err(wrong),
        })
    }

    fn change(&mut self) -> Read<Number> {
        Ok(match () {
            () if self.take("+") => Number::More(self.number()?),
            () if self.take("-") => Number::Fewer(self.number()?),
            () => Number::Text(self.text()?),
        })
    }

    fn server(&mut self) -> Read<ServerFault> {
        let wrong = self.wrong("what the server does");
        Ok(match self.run(char::is_ascii_alphanumeric) {
            "drop" => ServerFault::Drop { after: self.number()? },
            "421" => ServerFault::Unavailable { after: self.number()? },
            "425" => ServerFault::RefuseData { after: self.number()? },
            "426" => ServerFault::Abort { after: self.number()? },
            "short" => ServerFault::Short { by: self.number()? },
            "norest" => ServerFault::IgnoreRest,
            "listing" => ServerFault::Listing { keep: self.number()? },
            "part" => ServerFault::PartStored { keep: self.number()? },
            "replace" => ServerFault::Replace { content: self.bytes()? },
            "full" => ServerFault::Full { after: self.number()?, code: self.number()? },
            "break" => ServerFault::Break { after: self.number()? },
            "size" => ServerFault::Size { says: self.number()? },
            "deny" => ServerFault::Deny { code: self.number()? },
            _ => return Err(wrong),
        })
    }
}
