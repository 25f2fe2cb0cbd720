//! Types of option values.

use clap::ValueEnum;
use ftp_modem::Vendor;

/// A value of `--vendor`.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum VendorName {
    Auto,
    Luat,
    Fibocom,
    Quectel,
    Cmcc,
    Generic,
}

impl VendorName {
    /// Returns the dialect. `None` for `auto`.
    pub fn vendor(self) -> Option<Vendor> {
        match self {
            VendorName::Auto => None,
            VendorName::Luat => Some(Vendor::Luat),
            VendorName::Fibocom => Some(Vendor::Fibocom),
            VendorName::Quectel => Some(Vendor::Quectel),
            VendorName::Cmcc => Some(Vendor::ChinaMobile),
            VendorName::Generic => Some(Vendor::Generic),
        }
    }
}

/// A value of `--tls`.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    None,
    Explicit,
    Implicit,
}

/// A value of `--apn-auth`.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApnAuth {
    Pap,
    Chap,
}

/// A text that `Debug` masks.
#[derive(Clone, Default)]
pub struct Secret(pub String);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret(text)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}
