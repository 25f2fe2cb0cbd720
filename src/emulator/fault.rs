//! Faults: what goes wrong on the line, in the module and at the server, as data that can be played and replayed.
//!
//! A [`Plan`] is a list of [`Fault`]s. [`Faulty`] plays the ones of the line and of the module, and
//! [`MemoryServer::play`](super::MemoryServer::play) those of the server. A plan prints as one line, and that line
//! parses back to it:
//!
//! ```
//! use ftp_modem::emulator::{Faulty, MemoryServer, Module, Options, Plan, Family};
//! use std::time::Duration;
//!
//! let plan: Plan = "out@4 flip 0; line#0 \"OK\" repeat 1".parse().unwrap();
//! assert_eq!(plan.to_string(), "out@4 flip 0; line#0 \"OK\" repeat 1");
//!
//! let server = MemoryServer::new();
//! let module = Module::new(Family::Generic, server.remote(), Options::default());
//! let mut faulty = Faulty::new(module, plan);
//! faulty.receive(Duration::ZERO, b"AT\r");
//! let mut out = Vec::new();
//! faulty.transmit(Duration::ZERO, &mut out);
//! assert_eq!(out, b"AT\r\r\x0bOK\r\n\r\nOK\r\n");
//! ```
//!
//! # Plans as text
//!
//! Faults are separated by `;`. Numbers count from 0, times have a unit (`ns`, `us`, `ms`, `s`), byte strings are
//! quoted and escaped as in Rust (`"\r\nRING\r\n"`, `"\x00"`).
//!
//! * `in@17 …`, `out@17 …` is a [`Fault::Byte`]: `delete`, `duplicate`, `lose 16`, `repeat 16`, `exchange`,
//!   `flip 7`, `insert "…"`, `stall 2s`, `stall forever`, `hold 2s`, `hold forever`, `drip 10ms`, `hangup`, `restart`,
//!   `die 5s`, `datamode`
//! * `line#2 "+QFTPGET" …` is a [`Fault::Line`]: `lose`, `delay 2s`, `repeat 1`, `swap`, `number +1`, `number -1`,
//!   `number "abc"`, `number@1 +1`
//! * `head#2 "+FTPGET" …` is a [`Fault::Head`]: as `line`, of lines with data behind them
//! * `payload#0 …` is a [`Fault::Payload`]: `shorten 3`, `extend "…"`
//! * `slow 2s` is a [`Fault::Slow`]
//! * `memory 100` is a [`Fault::Memory`]
//! * `server …` is a [`Fault::Server`]: `drop 3`, `421 3`, `425 0`, `426 100`, `short 3`, `norest`, `listing 40`,
//!   `part 10`, `replace "…"`, `full 100 452`, `break 100`, `size 99`, `deny 451`

mod channel;
mod faulty;
mod faulty_line;
mod line_faults;
mod random;
mod server;
#[cfg(test)]
mod tests;
mod text;

use std::time::Duration;

pub use faulty::Faulty;
pub use faulty_line::FaultyLine;
pub use random::Extent;
pub use server::ServerFault;
pub use text::InvalidPlan;

/// A direction of the serial line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the host to the module.
    Input,
    /// From the module to the host.
    Output,
}

/// What happens when a byte is about to pass.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Damage {
    /// The byte is lost.
    Delete,
    /// The byte comes twice.
    Duplicate,
    /// This number of bytes is lost, beginning with this one.
    Lose(u32),
    /// This number of bytes, beginning with this one, comes a second time behind the last of them.
    Repeat(u32),
    /// The byte comes behind the next one.
    Exchange,
    /// One bit of the byte (0 to 7) is inverted.
    Flip(u8),
    /// These bytes come before the byte.
    Insert(Vec<u8>),
    /// Nothing passes in this direction for a time, or for ever (`None`). What comes meanwhile is kept.
    Stall(Option<Duration>),
    /// As [`Damage::Stall`], and the host must stop: CTS is inactive for the time, or for ever. What the host sends all
    /// the same is kept. On its way to the host a byte is only stalled.
    Hold(Option<Duration>),
    /// This byte and all after it pass one by one, with this time between them.
    Drip(Duration),
    /// Neither this byte nor any other passes in any direction.
    HangUp,
    /// The module restarts, with the boot lines its dialect prints. Of its output this byte and what has not left yet
    /// is lost; input from this byte on reaches the restarted module.
    Restart,
    /// The module is dead for a time, in both directions, and then starts as after [`Damage::Restart`]. This byte and
    /// all input until then is lost.
    Die(Duration),
    /// The module takes this byte, if it is input, and all input after it as data that go nowhere, until `+++` between
    /// guard times of a second; then it says `OK`.
    DataMode,
}

impl Damage {
    /// Returns the fault of this damage at byte `at` on its way to the module.
    #[must_use]
    pub const fn of_input(self, at: u64) -> Fault {
        Fault::Byte { direction: Direction::Input, at, damage: self }
    }

    /// Returns the fault of this damage at byte `at` on its way from the module.
    #[must_use]
    pub const fn of_output(self, at: u64) -> Fault {
        Fault::Byte { direction: Direction::Output, at, damage: self }
    }
}

/// A number in a line and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Number {
    /// The number is greater by this.
    More(u64),
    /// The number is less by this, but not below 0.
    Fewer(u64),
    /// This text replaces the number.
    Text(String),
}

/// What becomes of a line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fate {
    /// The line is lost, with the line ends around it.
    Lose,
    /// The line comes later by this time, between two lines that come then.
    Delay(Duration),
    /// The line comes this number of times more.
    Repeat(u32),
    /// The line comes after the line that follows it, and after the data behind that one.
    Swap,
    /// The last number in the line is changed.
    Number(Number),
    /// A number before the last one is changed, such as the size in a row of `+MFTPLIST`, which the time of change
    /// follows.
    NumberAt {
        /// The number of numbers behind it.
        back: u32,
        /// What becomes of it.
        number: Number,
    },
}

/// What becomes of the data of a transfer; the number announced stays.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PayloadChange {
    /// This number of bytes is missing at the end.
    Shorten(u32),
    /// These bytes follow the data.
    Extend(Vec<u8>),
}

/// One thing that goes wrong.
///
/// Bytes, lines and payloads are counted from 0, beginning when the plan is [played](Faulty::play). Bytes are counted
/// as they come to the fault, after faults of lines and payload. Lines are everything outside the data of transfers,
/// the echo included.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// Something happens at a byte of the line.
    Byte {
        /// The way of the byte.
        direction: Direction,
        /// The number of the byte.
        at: u64,
        /// What happens.
        damage: Damage,
    },
    /// Something happens to a line the module says.
    Line {
        /// How the line begins, without the line end before it.
        prefix: String,
        /// The number of the line among those that begin so.
        nth: u32,
        /// What happens.
        fate: Fate,
    },
    /// Something happens to a line with data directly behind it.
    Head {
        /// How the line begins. Empty: any line with data behind it.
        prefix: String,
        /// The number of the line among those.
        nth: u32,
        /// What happens.
        fate: Fate,
    },
    /// The data of a transfer have another length than announced.
    Payload {
        /// The number of the run of data.
        nth: u32,
        /// What happens.
        change: PayloadChange,
    },
    /// Every operation of the network takes this time, from the beginning on.
    Slow(Duration),
    /// The module's own memory is full but for this number of bytes, from the beginning on: see
    /// [`Module::limit_memory`].
    ///
    /// [`Module::limit_memory`]: super::Module::limit_memory
    Memory(u64),
    /// The server misbehaves.
    Server(ServerFault),
}

/// Faults to be played together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Plan {
    /// Where two strike at the same place, the first one strikes first.
    pub faults: Vec<Fault>,
}

impl Plan {
    /// Returns a plan under which nothing goes wrong.
    #[must_use]
    pub const fn none() -> Self {
        Self { faults: Vec::new() }
    }

    /// Adds a fault.
    #[must_use]
    pub fn and(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Returns random faults, always the same for the same `seed` and `extent`.
    #[must_use]
    pub fn random(seed: u64, extent: &Extent) -> Self {
        random::plan(seed, extent)
    }

    /// Returns the faults of the server.
    pub(crate) fn server_faults(&self) -> impl Iterator<Item = &ServerFault> {
        self.faults.iter().filter_map(|fault| match fault {
            Fault::Server(fault) => Some(fault),
            _ => None,
        })
    }
}

impl From<Fault> for Plan {
    fn from(fault: Fault) -> Self {
        Self::none().and(fault)
    }
}

impl FromIterator<Fault> for Plan {
    fn from_iter<T: IntoIterator<Item = Fault>>(faults: T) -> Self {
        Self { faults: faults.into_iter().collect() }
    }
}
