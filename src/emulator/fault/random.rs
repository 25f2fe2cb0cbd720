//! Random plans.

use std::time::Duration;

use super::{Damage, Direction, Fate, Fault, Number, PayloadChange, Plan, ServerFault};
use crate::emulator::Family;

/// The bounds of random faults.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extent {
    /// Number of bytes of input that faults choose from, the first ones. 0: no faults of input.
    pub input: u64,
    /// Number of bytes of output that faults choose from, the first ones. 0: no faults of output.
    pub output: u64,
    /// The beginnings of lines that faults choose from. Empty: no faults of lines and payloads.
    pub lines: Vec<String>,
    /// Number of lines of a kind, and of payloads, that faults choose from, the first ones.
    pub occurrences: u32,
    /// Whether the server misbehaves, too.
    pub server: bool,
    /// Whether the module's own memory may be full.
    pub memory: bool,
    /// The longest stall, death, delay and network operation.
    pub patience: Duration,
    /// Whether a fault may last for ever: hanging up and endless stalls.
    pub endless: bool,
    /// The highest number of faults in a plan. The lowest is 1.
    pub faults: u32,
}

impl Extent {
    /// Returns the bounds of a short exchange with a module of `family`: one to three faults in a plan.
    #[must_use]
    pub fn new(family: Family) -> Self {
        Self {
            input: 256,
            output: 256,
            lines: ["OK", "ERROR"].iter().chain(family.answers()).map(|line| (*line).to_owned()).collect(),
            occurrences: 3,
            server: true,
            memory: true,
            patience: Duration::from_secs(5),
            endless: true,
            faults: 3,
        }
    }
}

/// Unsolicited lines of all vendors, and answers to commands that nobody sent.
const LINES: [&str; 16] = [
    "\r\n",
    "\r\nOK\r\n",
    "\r\nERROR\r\n",
    "\r\nRING\r\n",
    "\r\n+CREG: 1\r\n",
    "\r\n+CGEV: NW PDN DEACT 1\r\n",
    "\r\n+CME ERROR: 50\r\n",
    "\r\n+QIURC: \"pdpdeact\",1\r\n",
    "\r\n+QFTPGET: 0,0\r\n",
    "\r\n+MFTPURC: 0,\"conn\",0\r\n",
    "\r\n+MFTPRETR: 0,10\r\n",
    "\r\n+FTPCLOSE: 1\r\n",
    "\r\n+FTPGET: 1,0\r\n",
    "\r\n+MIPCALL: 0\r\n",
    "\r\n+SAPBR 1: DEACT\r\n",
    "\r\n>",
];

/// What replaces a number: next to the ends of 16, 31, 32, 63 and 64 bits and beyond them, less than nothing,
/// in other forms, and none at all.
const NUMBERS: [&str; 22] = [
    "0",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "99999999999",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999",
    "-1",
    "-2147483648",
    "-9223372036854775808",
    "-99999999999999999999",
    "00000000000000000005",
    "0x10",
    "1.5",
    "x",
    "",
];

/// Sizes no file has.
const SIZES: [u64; 5] = [0, 2_147_483_648, 4_294_967_296, 9_223_372_036_854_775_808, u64::MAX];

/// The kinds of faults.
#[derive(Clone, Copy)]
enum Kind {
    Input,
    Output,
    Line,
    Head,
    Payload,
    Slow,
    Memory,
    Server,
}

impl Kind {
    /// The likelier a kind is, the more often it is here.
    const ALL: [Self; 12] = [
        Self::Input,
        Self::Input,
        Self::Output,
        Self::Output,
        Self::Line,
        Self::Line,
        Self::Head,
        Self::Payload,
        Self::Slow,
        Self::Memory,
        Self::Server,
        Self::Server,
    ];

    /// Whether it is within the extent. Slowness always is.
    const fn is_within(self, extent: &Extent) -> bool {
        match self {
            Self::Input => extent.input > 0,
            Self::Output => extent.output > 0,
            Self::Line | Self::Head | Self::Payload => !extent.lines.is_empty(),
            Self::Slow => true,
            Self::Memory => extent.memory,
            Self::Server => extent.server,
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

    fn of<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let index = usize::try_from(self.below(choices.len() as u64)).ok()?;
        choices.get(index)
    }

    fn text(&mut self, choices: &[&str]) -> String {
        self.of(choices).copied().unwrap_or_default().to_owned()
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
        match self.below(12) {
            0 => Damage::Delete,
            1 => Damage::Duplicate,
            2 => Damage::Flip(u8::try_from(self.below(8)).unwrap_or(0)),
            3 => Damage::Insert(self.bytes()),
            4 => Damage::Insert(self.text(&LINES).into()),
            5 => Damage::Insert(vec![0; usize::try_from(1 + self.below(16)).unwrap_or(1)]),
            6 => Damage::Drip(self.time(Duration::from_millis(50))),
            7 => Damage::Restart,
            8 => Damage::DataMode,
            9 => Damage::Die(self.time(extent.patience)),
            10 if extent.endless => match self.below(2) {
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
            _ => Number::Text(self.text(&NUMBERS)),
        }
    }

    fn fate(&mut self, extent: &Extent) -> Fate {
        match self.below(7) {
            0 => Fate::Lose,
            1 => Fate::Delay(self.time(extent.patience)),
            2 => Fate::Repeat(1 + self.small(3)),
            3 => Fate::Swap,
            4 => Fate::NumberAt { back: 1 + self.small(3), number: self.number() },
            _ => Fate::Number(self.number()),
        }
    }

    fn server(&mut self, extent: &Extent) -> ServerFault {
        let size = extent.output.max(extent.input).saturating_add(1);
        match self.below(13) {
            0 => ServerFault::Drop { after: self.small(8) },
            1 => ServerFault::Unavailable { after: self.small(8) },
            2 => ServerFault::RefuseData { after: self.small(3) },
            3 => ServerFault::Abort { after: self.below(size) },
            4 => ServerFault::Short { by: 1 + self.below(size) },
            5 => ServerFault::IgnoreRest,
            6 => ServerFault::Listing { keep: self.below(size) },
            7 => ServerFault::PartStored { keep: self.below(size) },
            8 => ServerFault::Replace { content: self.bytes() },
            9 => ServerFault::Break { after: self.below(size) },
            10 => ServerFault::Size {
                says: match self.below(2) {
                    0 => self.below(size),
                    _ => self.of(&SIZES).copied().unwrap_or_default(),
                },
            },
            11 => ServerFault::Deny { code: self.of(&[426, 450, 451, 452, 550, 552]).copied().unwrap_or_default() },
            _ => ServerFault::Full { after: self.below(size), code: if self.below(2) == 0 { 452 } else { 552 } },
        }
    }

    fn kind(&mut self, extent: &Extent) -> Kind {
        let within = || Kind::ALL.into_iter().filter(|kind| kind.is_within(extent));
        let index = usize::try_from(self.below(within().count() as u64)).unwrap_or(0);
        within().nth(index).unwrap_or(Kind::Slow)
    }

    fn fault(&mut self, extent: &Extent) -> Fault {
        let kind = self.kind(extent);
        let size = extent.output.max(extent.input).saturating_add(1);
        match kind {
            Kind::Input => {
                Fault::Byte { direction: Direction::Input, at: self.below(extent.input), damage: self.damage(extent) }
            }
            Kind::Output => {
                Fault::Byte { direction: Direction::Output, at: self.below(extent.output), damage: self.damage(extent) }
            }
            Kind::Line => {
                let prefix = self.of(&extent.lines).cloned().unwrap_or_default();
                Fault::Line { prefix, nth: self.small(extent.occurrences), fate: self.fate(extent) }
            }
            Kind::Head => {
                let nth = self.small(extent.occurrences);
                Fault::Head { prefix: String::new(), nth, fate: self.fate(extent) }
            }
            Kind::Payload => {
                let nth = self.small(extent.occurrences);
                let change = match self.below(2) {
                    0 => PayloadChange::Shorten(1 + self.small(16)),
                    _ => PayloadChange::Extend(self.bytes()),
                };
                Fault::Payload { nth, change }
            }
            Kind::Slow => Fault::Slow(self.time(extent.patience)),
            Kind::Memory => Fault::Memory(self.below(size) << self.below(8)),
            Kind::Server => Fault::Server(self.server(extent)),
        }
    }
}

pub(super) fn plan(seed: u64, extent: &Extent) -> Plan {
    let mut chance = Chance(seed);
    let count = 1 + chance.small(extent.faults.max(1));
    (0..count).map(|_| chance.fault(extent)).collect()
}
