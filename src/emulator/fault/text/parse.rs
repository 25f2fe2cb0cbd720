//! From text to plans.

use std::str::FromStr;

use super::InvalidPlan;
use super::reader::{Read, Reader};
use crate::emulator::fault::{Damage, Direction, Fate, Fault, Number, PayloadChange, Plan, ServerFault};

impl FromStr for Plan {
    type Err = InvalidPlan;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut faults = Vec::new();
        let mut reader = Reader::new(text);
        while !reader.is_over() {
            faults.push(fault(&mut reader)?);
            if !reader.is_over() {
                reader.expect(";")?;
            }
        }
        Ok(Self { faults })
    }
}

impl FromStr for Fault {
    type Err = InvalidPlan;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut reader = Reader::new(text);
        let fault = fault(&mut reader)?;
        if reader.is_over() { Ok(fault) } else { Err(reader.wrong("the end")) }
    }
}

fn fault(reader: &mut Reader<'_>) -> Read<Fault> {
    let wrong = reader.wrong("a fault");
    Ok(match reader.word() {
        "in" => byte(Direction::Input, reader)?,
        "out" => byte(Direction::Output, reader)?,
        "line" => Fault::Line { nth: nth(reader)?, prefix: reader.text()?, fate: fate(reader)? },
        "head" => Fault::Head { nth: nth(reader)?, prefix: reader.text()?, fate: fate(reader)? },
        "payload" => {
            let nth = nth(reader)?;
            let change = match reader.word() {
                "shorten" => PayloadChange::Shorten(reader.number()?),
                "extend" => PayloadChange::Extend(reader.bytes()?),
                _ => return Err(wrong),
            };
            Fault::Payload { nth, change }
        }
        "slow" => Fault::Slow(reader.time()?),
        "memory" => Fault::Memory(reader.number()?),
        "server" => Fault::Server(server(reader)?),
        _ => return Err(wrong),
    })
}

fn byte(direction: Direction, reader: &mut Reader<'_>) -> Read<Fault> {
    reader.expect("@")?;
    Ok(Fault::Byte { direction, at: reader.number()?, damage: damage(reader)? })
}

fn nth(reader: &mut Reader<'_>) -> Read<u32> {
    reader.expect("#")?;
    reader.number()
}

fn damage(reader: &mut Reader<'_>) -> Read<Damage> {
    let wrong = reader.wrong("what happens to a byte");
    Ok(match reader.word() {
        "delete" => Damage::Delete,
        "duplicate" => Damage::Duplicate,
        "lose" => Damage::Lose(reader.number()?),
        "repeat" => Damage::Repeat(reader.number()?),
        "exchange" => Damage::Exchange,
        "flip" => Damage::Flip(reader.number().ok().filter(|bit| *bit < 8).ok_or(wrong)?),
        "insert" => Damage::Insert(reader.bytes()?),
        "hold" if reader.take("forever") => Damage::Hold(None),
        "hold" => Damage::Hold(Some(reader.time()?)),
        "stall" if reader.take("forever") => Damage::Stall(None),
        "stall" => Damage::Stall(Some(reader.time()?)),
        "drip" => Damage::Drip(reader.time()?),
        "hangup" => Damage::HangUp,
        "restart" => Damage::Restart,
        "die" => Damage::Die(reader.time()?),
        "datamode" => Damage::DataMode,
        _ => return Err(wrong),
    })
}

fn fate(reader: &mut Reader<'_>) -> Read<Fate> {
    let wrong = reader.wrong("what happens to a line");
    Ok(match reader.word() {
        "lose" => Fate::Lose,
        "delay" => Fate::Delay(reader.time()?),
        "repeat" => Fate::Repeat(reader.number()?),
        "swap" => Fate::Swap,
        "number" if reader.take("@") => Fate::NumberAt { back: reader.number()?, number: number(reader)? },
        "number" => Fate::Number(number(reader)?),
        _ => return Err(wrong),
    })
}

/// Reads what becomes of a number.
fn number(reader: &mut Reader<'_>) -> Read<Number> {
    Ok(if reader.take("+") {
        Number::More(reader.number()?)
    } else if reader.take("-") {
        Number::Fewer(reader.number()?)
    } else {
        Number::Text(reader.text()?)
    })
}

fn server(reader: &mut Reader<'_>) -> Read<ServerFault> {
    let wrong = reader.wrong("what the server does");
    Ok(match reader.run(char::is_ascii_alphanumeric) {
        "drop" => ServerFault::Drop { after: reader.number()? },
        "421" => ServerFault::Unavailable { after: reader.number()? },
        "425" => ServerFault::RefuseData { after: reader.number()? },
        "426" => ServerFault::Abort { after: reader.number()? },
        "short" => ServerFault::Short { by: reader.number()? },
        "norest" => ServerFault::IgnoreRest,
        "listing" => ServerFault::Listing { keep: reader.number()? },
        "part" => ServerFault::PartStored { keep: reader.number()? },
        "replace" => ServerFault::Replace { content: reader.bytes()? },
        "full" => ServerFault::Full { after: reader.number()?, code: reader.number()? },
        "break" => ServerFault::Break { after: reader.number()? },
        "size" => ServerFault::Size { says: reader.number()? },
        "deny" => ServerFault::Deny { code: reader.number()? },
        _ => return Err(wrong),
    })
}
