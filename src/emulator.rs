//! Emulated cellular modules whose FTP client is driven by AT commands.
//!
//! A [`Module`] is a byte machine without threads or clocks: bytes from the host go in with
//! [`Module::receive`], bytes for the host come out of [`Module::transmit`], and time is a
//! [`Duration`](std::time::Duration) since power-on that the caller passes in. The FTP server the module talks to
//! is a [`Remote`]: [`MemoryRemote`] for tests, [`FtpRemote`] for a real server. [`PtyModule`] serves a module on a
//! pseudo-terminal in real time. [`Faulty`] is a module on a line where things go wrong, according to a [`Plan`] that
//! fits on one line and can be replayed.
//!
//! ```
//! use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
//! use std::time::Duration;
//!
//! let server = MemoryServer::new();
//! let mut module = Module::new(Family::Generic, server.remote(), Options::default());
//! module.receive(Duration::ZERO, b"AT\r");
//! let mut out = Vec::new();
//! module.transmit(Duration::ZERO, &mut out);
//! assert_eq!(out, b"AT\r\r\nOK\r\n");
//! ```
//!
//! Situations that tests need, and what sets them up:
//!
//! | situation | set up by |
//! |---|---|
//! | a model, with its limits and its identity | [`Profile`] |
//! | the time that a real module takes | [`Options::realistic`] |
//! | no FTP client in the firmware | [`Family::without_client`] |
//! | the FTP client of another dialect (`AT+CFTPS…`, 2G modules) | [`Profile`] `a7670` and `m26` |
//! | each form that downloaded data may have | [`DataEnd`], [`GetFraming`], [`Spacing`], [`ChinaMobileOptions`] |
//! | a counted upload that `+++` does not end | [`QuectelOptions::counted_escape`] |
//! | a module that reads no more, as flow control shows it | the plan `in@100 hold forever`, see [`Damage::Hold`] |
//! | another module under the name of the port | [`Faulty::replace`], [`PtyModule::replace`] |
//! | a size modulo 65536, a negative one, or none | [`Habits::answer_size`] |
//! | a server that closes the session with `421` | [`ServerFault::Unavailable`] |
//! | `226` without rows for what is missing | [`Habits::lists_missing_as_empty`] |
//! | a listing without end | [`Habits::lists_endlessly`] |
//! | FTPS with a real server | feature `emulator-tls`, [`FtpRemote`], [`Trust`] |

mod basic;
mod byte_time;
mod choices;
mod clock;
mod command;
mod dialect;
mod extra;
mod family;
mod fault;
mod intake;
mod modem;
mod module;
mod name;
mod noise;
mod options;
#[cfg(unix)]
mod pty;
mod queue;
mod remote;
mod served;
#[cfg(test)]
mod soup;
mod tcp;
#[cfg(test)]
mod testing;
mod timers;

pub use choices::{BadPrefix, BusyInput, DataEnd, Identity, Noise, ResultOrder, Spacing};
pub use family::options::*;
pub use family::{Family, Profile, UnknownFamily};
pub use fault::{
    Damage, Direction, Extent, Fate, Fault, Faulty, FaultyLine, InvalidPlan, Number, PayloadChange, Plan, ServerFault,
};
pub use module::Module;
pub use options::Options;
#[cfg(unix)]
pub use pty::PtyModule;
pub use remote::ftp::FtpRemote;
pub use remote::memory::MemoryRemote;
pub use remote::memory::habits::{FalseSize, Habits, ListRows};
pub use remote::memory::operation::Operation;
pub use remote::memory::server::MemoryServer;
pub use remote::{Listing, NetworkCause, Remote, RemoteError, StoreMode, Tls, Trust, Upload};
pub use tcp::TcpModule;
