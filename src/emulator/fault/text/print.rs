//! From plans to text.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use super::UNITS;
use crate::emulator::fault::{Damage, Direction, Fate, Fault, Number, PayloadChange, Plan, ServerFault};

/// Bytes in quotes.
struct Quoted<'a>(&'a [u8]);

impl Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{}\"", self.0.escape_ascii())
    }
}

/// A time in the greatest unit that gives a whole number.
struct Time(Duration);

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
