//! The dialects of FTP over AT commands, one backend each, and the way to the right one.
//!
//! Each backend implements [`FtpModem`] on the [AT engine](crate::at) and reads like the chapter of its
//! manual: identity, limits, code table, sequences in the order of a session. What two or more of them share stands beside
//! them: `codes` (result codes), `path` (paths where the module has no current directory), `session` (what a lost session
//! needs to be opened again), `recovery` (the steps beyond that), `sent` (how much of an upload the server may have), `exchange`
//! (the few steps that are the same everywhere), `network` (signal and registration).

#[macro_use]
mod shared_calls;

pub mod china_mobile;
mod codes;
mod detect;
mod exchange;
pub mod fibocom;
pub mod generic;
mod listing_buffer;
pub mod luat;
mod network;
mod open;
mod path;
pub mod quectel;
mod recovery;
mod sent;
mod session;

pub use open::OpenOptions;

use std::fmt;
use std::str::FromStr;

use crate::at::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{FtpModem, Identity};

/// One vendor's dialect, opened by [`OpenOptions::open_as`] where a program wants what only that vendor has.
pub trait Backend: FtpModem + Sized {
    /// The dialect.
    const VENDOR: Vendor;

    /// The backend on a module that was identified.
    ///
    /// # Errors
    /// As any exchange with the module.
    fn on(engine: Engine, identity: Identity) -> Result<Self>;
}

/// A dialect, named after the vendor it is known for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Vendor {
    /// Luat (Air780E and relatives); SIMCom's modules speak it too.
    Luat,
    /// Fibocom (L610, MC66x, NL668).
    Fibocom,
    /// Quectel (EC2x, EG9x, EG2x-G, EM05, and later families).
    Quectel,
    /// China Mobile IoT, OneMO (ML302A, ML305A/U, ML307A/R).
    ChinaMobile,
    /// The FTPSERV dialect of UCchip's UC8088.
    Generic,
}

impl Vendor {
    /// Every dialect.
    pub const ALL: [Vendor; 5] = [Vendor::Luat, Vendor::Fibocom, Vendor::Quectel, Vendor::ChinaMobile, Vendor::Generic];

    /// The short name: `luat`, `fibocom`, `quectel`, `cmcc` or `generic`.
    pub fn name(self) -> &'static str {
        match self {
            Vendor::Luat => "luat",
            Vendor::Fibocom => "fibocom",
            Vendor::Quectel => "quectel",
            Vendor::ChinaMobile => "cmcc",
            Vendor::Generic => "generic",
        }
    }

    /// The backend of this dialect on a module that was identified.
    fn backend(self, engine: Engine, identity: Identity) -> Result<Box<dyn FtpModem>> {
        fn boxed<B: Backend + 'static>(engine: Engine, identity: Identity) -> Result<Box<dyn FtpModem>> {
            Ok(Box::new(B::on(engine, identity)?))
        }
        match self {
            Vendor::Luat => boxed::<luat::Luat>(engine, identity),
            Vendor::Fibocom => boxed::<fibocom::Fibocom>(engine, identity),
            Vendor::Quectel => boxed::<quectel::Quectel>(engine, identity),
            Vendor::ChinaMobile => boxed::<china_mobile::ChinaMobile>(engine, identity),
            Vendor::Generic => boxed::<generic::Generic>(engine, identity),
        }
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Vendor {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let known = Vendor::ALL.into_iter().find(|vendor| vendor.name() == name);
        known.ok_or_else(|| {
            let names = Vendor::ALL.map(Vendor::name).join(", ");
            Error::new(ErrorKind::InvalidInput, format!("no dialect is called {name:?}; there are {names}"))
        })
    }
}
