//! Plans by chance.

use std::time::Duration;

use super::{Damage, Direction, Fate, Fault, Number, PayloadChange, Plan, ServerFault};
use crate::emulator::Vendor;

/// Within what bounds faults are made up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extent {
    /// Faults of input strike at one of so many bytes; 0, for none.
    pub input: u64,
    /// Faults of output strike at one of so many bytes; 0, for none.
    pub output: u64,
    /// The lines that faults choose from, by how they begin; none, for no faults of lines and payloads.
    pub lines: Vec<String>,
    /// A fault of lines or payload strikes one of the first so many.
    pub occurrences: u32,
    /// Whether the server misbehaves, too.
    pub server: bool,
    /// Stalls, delays and slowness last at most so long.
    pub patience: Duration,
    /// Whether a fault may be for ever: hanging up and endless stalls.
    pub endless: bool,
    /// At most so many faults a plan, and at least one.
    pub faults: u32,
}

impl Extent {
    /// Everything that may happen to a short exchange with a module of `vendor`, one to three faults a plan.
    #[must_use]
    pub fn new(vendor: Vendor) -> Self {
        let own: &[&str] = match vendor {
            Vendor::Luat => &["+FTPGET", "+FTPPUT", "+FTPSIZE", "+FTPLIST", "+FTPDELE"],
            Vendor::Fibocom => &["+FTPGET", "+FTPPUT", "+FTPRECV", "+FTPOPEN", "+FTPSIZE", ">"],
            Vendor::Quectel => &["CONNECT", "+QFTPOPEN", "+QFTPGET", "+QFTPPUT", "+QFTPSIZE"],
            Vendor::ChinaMobile => &["+MFTPCONN", "+MFTPRETR", "+MFTPSTOR", "+MFTPURC", ">"],
            Vendor::Generic => &["+FTPSERV", "+FTPGET", "+FTPLIST"],
        };
        Self {
            input: 256,
            output: 256,
            lines: ["OK", "ERROR"].iter().chain(own).map(|line| (*line).to_owned()).collect(),
            occurrences: 3,
            server: true,
            patience: Duration::from_secs(5),
            endless: true,
            faults: 3,
        }
    }
}

/// A sequence of numbers that look random (SplitMix64).
struct Chance(u64);

impl Chance {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number less than `limit`, or 0.
    fn below(&mut self, limit: u64) -> u64 {
        self.next().checked_rem(limit).unwrap_or(0)
    }

    fn small(&mut self, limit: u32) -> u32 {
        u32::try_from(self.below(limit.into())).unwrap_or(0)
    }

    fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> Option<&'a T> {
        let index = usize::try_from(self.below(choices.len() as u64)).ok()?;
        choices.get(index).copied()
    }

    /// Whole milliseconds, more often few than many.
    fn time(&mut self, longest: Duration) -> Duration {
        let longest = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
        let bound = longest >> self.below(8);
        Duration::from_millis(self.below(bound.saturating_add(1)))
    }

    fn bytes(&mut self) -> Vec<u8> {
        let count = 1 + self.below(16);
        (0..count).map(|_| self.next().to_le_bytes().first().copied().unwrap_or(0)).collect()
    }

    fn damage(&mut self, extent: &Extent) -> Damage {
        match self.below(11) {
            0 => Damage::Delete,
            1 => Damage::Duplicate,
            2 => Damage::Flip(u8::try_from(self.below(8)).unwrap_or(0)),
            3 => Damage::Insert(self.bytes()),
            4 => {
                let lines = ["\r\n+CREG: 1\r\n", "\r\nRING\r\n", "\r\nOK\r\n", "\r\n"];
                Damage::Insert(self.of(&lines).unwrap_or_default().into())
            }
            5 => Damage::Insert(vec![0; usize::try_from(1 + self.below(16)).unwrap_or(1)]),
            6 => Damage::Drip(self.time(Duration::from_millis(50))),
            7 => Damage::Restart,
            8 => Damage::DataMode,
            9 if extent.endless => match self.below(2) {
                0 => Damage::HangUp,
                _ => Damage::Stall(None),
            },
            _ => Damage::Stall(Some(self.time(extent.patience))),
        }
    }

    fn number(&mut self) -> Number {
        match self.below(3) {
            0 => Number::More(1 + self.below(2000)),
            1 => Number::Fewer(1 + self.below(2000)),
            _ => {
                let absurd = ["99999999999", "18446744073709551616", "-1", "0", "", "x", "0x10"];
                Number::Text(self.of(&absurd).unwrap_or_default().to_owned())
            }
        }
    }

    fn fate(&mut self, extent: &Extent) -> Fate {
        match self.below(5) {
            0 => Fate::Lose,
            1 => Fate::Delay(self.time(extent.patience)),
            2 => Fate::Repeat(1 + self.small(3)),
            3 => Fate::Swap,
            _ => Fate::Number(self.number()),
        }
    }

    fn server(&mut self, extent: &Extent) -> ServerFault {
        let size = extent.output.max(extent.input).saturating_add(1);
        match self.below(10) {
            0 => ServerFault::Drop { after: self.small(8) },
            1 => ServerFault::Unavailable { after: self.small(8) },
            2 => ServerFault::RefuseData { after: self.small(3) },
            3 => ServerFault::Abort { after: self.below(size) },
            4 => ServerFault::Short { by: 1 + self.below(size) },
            5 => ServerFault::IgnoreRest,
            6 => ServerFault::Listing { keep: self.below(size) },
            7 => ServerFault::PartStored { keep: self.below(size) },
            8 => ServerFault::Replace { content: self.bytes() },
            _ => ServerFault::Full { after: self.below(size), code: if self.below(2) == 0 { 452 } else { 552 } },
        }
    }

    /// A fault, if the first choice is within the extent.
    fn fault(&mut self, extent: &Extent) -> Option<Fault> {
        let line = usize::try_from(self.below(extent.lines.len() as u64)).ok();
        let line = line.and_then(|line| extent.lines.get(line));
        let nth = self.small(extent.occurrences);
        Some(match self.below(9) {
            0 | 1 if extent.input > 0 => {
                Fault::Byte { direction: Direction::Input, at: self.below(extent.input), damage: self.damage(extent) }
            }
            2 | 3 if extent.output > 0 => {
                Fault::Byte { direction: Direction::Output, at: self.below(extent.output), damage: self.damage(extent) }
            }
            4 => Fault::Line { prefix: line?.clone(), nth, fate: self.fate(extent) },
            5 => line.map(|_| Fault::Head { prefix: String::new(), nth, fate: Fate::Number(self.number()) })?,
            6 => {
                line?;
                let change = match self.below(2) {
                    0 => PayloadChange::Shorten(1 + self.small(16)),
                    _ => PayloadChange::Extend(self.bytes()),
                };
                Fault::Payload { nth, change }
            }
            7 => Fault::Slow(self.time(extent.patience)),
            8 if extent.server => Fault::Server(self.server(extent)),
            _ => return None,
        })
    }
}

pub(super) fn plan(seed: u64, extent: &Extent) -> Plan {
    let mut chance = Chance(seed);
    let count = 1 + chance.small(extent.faults.max(1));
    let mut plan = Plan::none();
    for _ in 0..count {
        // Slowness is always within the extent, so that this ends.
        let fault = std::iter::repeat_with(|| chance.fault(extent)).find_map(|fault| fault);
        plan.faults.extend(fault);
    }
    plan
}
