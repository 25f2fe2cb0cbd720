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
//! use ftp_modem::emulator::{MemoryServer, Module, Options, Vendor};
//! use std::time::Duration;
//!
//! let server = MemoryServer::new();
//! let mut module = Module::new(Vendor::Generic, server.remote(), Options::default());
//! module.receive(Duration::ZERO, b"AT\r");
//! let mut out = Vec::new();
//! module.transmit(Duration::ZERO, &mut out);
//! assert_eq!(out, b"AT\r\r\nOK\r\n");
//! ```

mod basic;
mod china_mobile;
mod command;
mod dialect;
mod fault;
mod fibocom;
mod generic;
mod intake;
mod luat;
mod modem;
mod module;
mod options;
#[cfg(unix)]
mod pty;
mod quectel;
mod queue;
mod remote;
#[cfg(test)]
mod soup;
#[cfg(test)]
mod testing;

use std::fmt;
use std::str::FromStr;

pub use china_mobile::options::{
    BusyAnswer, ChinaMobileModel, ChinaMobileOptions, EmptyListing, ListEnd, SentLength, StateErrors, SumSize,
    UnsupportedModes,
};
pub use fault::{
    Damage, Direction, Extent, Fate, Fault, Faulty, InvalidPlan, Number, PayloadChange, Plan, ServerFault,
};
pub use fibocom::options::{
    CallFailure, EmptyList, EmptyRead, FibocomOptions, FullCache, GetCompletion, ListCoding, Loss, LossKind, LossTime,
    Overload, PortField, PutFailure, PutRefusal, RecvName, Refusal, SizeAnswer, StoreFailure,
};
pub use generic::options::{
    EndOfFile, GenericOptions, GetFraming, ListLength, PathEffect, PortForm, PutEnd, ServerFailure,
};
pub use luat::options::{
    AddressForm, AsciiEffect, BearerLoss, IdleEnd, LateReport, LuatOptions, LuatProfile, PutExcess, RestBeyondEnd,
    SecondOpen,
};
pub use module::Module;
pub use options::{BadPrefix, BusyInput, Identity, Noise, Options, ResultOrder, Spacing};
#[cfg(unix)]
pub use pty::PtyModule;
pub use quectel::options::{ChecksumForm, QuectelOptions, ServerCertificate, TransferRefusal, UploadFailure, UrcPort};
pub use remote::ftp::FtpRemote;
pub use remote::memory::{MemoryRemote, MemoryServer, Operation};
pub use remote::{Listing, NetworkCause, Remote, RemoteError, StoreMode, Tls, Upload};

/// The vendor whose AT dialect a [`Module`] speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Vendor {
    /// Luat (Air780E and relatives), with the SIMCom modules as profiles.
    Luat,
    /// Fibocom (L610 and relatives).
    Fibocom,
    /// Quectel (EC2x and relatives).
    Quectel,
    /// China Mobile IoT, OneMO (ML30x).
    ChinaMobile,
    /// The vendor-less `FTPSERV` dialect (UC8088).
    Generic,
}

impl Vendor {
    /// Every vendor there is.
    pub const ALL: [Self; 5] = [Self::Luat, Self::Fibocom, Self::Quectel, Self::ChinaMobile, Self::Generic];

    const fn name(self) -> &'static str {
        match self {
            Self::Luat => "luat",
            Self::Fibocom => "fibocom",
            Self::Quectel => "quectel",
            Self::ChinaMobile => "china-mobile",
            Self::Generic => "generic",
        }
    }

    fn dialect(self, options: &Options) -> Box<dyn dialect::Dialect> {
        match self {
            Self::Luat => Box::new(luat::Luat::new(&options.luat)),
            Self::Fibocom => Box::new(fibocom::Fibocom::new(&options.fibocom)),
            Self::Quectel => Box::new(quectel::Quectel::new(&options.quectel)),
            Self::ChinaMobile => Box::new(china_mobile::ChinaMobile::new(&options.china_mobile)),
            Self::Generic => Box::new(generic::Generic::new(&options.generic)),
        }
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// The text named no [`Vendor`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVendor(String);

impl fmt::Display for UnknownVendor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "unknown vendor {:?}", self.0)
    }
}

impl std::error::Error for UnknownVendor {}

impl FromStr for Vendor {
    type Err = UnknownVendor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = text.to_ascii_lowercase().replace('_', "-");
        Self::ALL.into_iter().find(|vendor| vendor.name() == wanted).ok_or_else(|| UnknownVendor(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Vendor;

    #[test]
    fn every_vendor_is_found_by_its_own_name() {
        for vendor in Vendor::ALL {
            assert_eq!(vendor.to_string().parse(), Ok(vendor));
        }
        assert_eq!("China_Mobile".parse(), Ok(Vendor::ChinaMobile));
        assert!("nokia".parse::<Vendor>().is_err());
    }
}
