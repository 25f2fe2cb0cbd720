//! Types of option values.

use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use ftp_modem::Vendor;

/// A value of `--vendor`. `None` is `auto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VendorChoice(pub Option<Vendor>);

impl VendorChoice {
    /// The name of the choice that leaves it to the module.
    pub const AUTO: &str = "auto";

    /// Returns the parser of the values: `auto` and the name of each dialect.
    pub fn parser() -> impl TypedValueParser<Value = Self> {
        let names = [Self::AUTO].into_iter().chain(Vendor::ALL.map(Vendor::name));
        PossibleValuesParser::new(names).map(|name| VendorChoice(name.parse().ok()))
    }
}

/// A value of `--baud`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baud {
    /// A rate in bits per second.
    Rate(u32),
    /// The rate at which the module answers.
    Auto,
}

impl FromStr for Baud {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            _ if text == "auto" => Ok(Baud::Auto),
            Ok(rate) if rate > 0 => Ok(Baud::Rate(rate)),
            _ => Err("a rate is a positive number of bits per second, or auto".to_owned()),
        }
    }
}

/// A value of `--flow`.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    None,
    /// The RTS and CTS lines
    RtsCts,
}

/// A value of `--dtr`.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dtr {
    On,
    Off,
    /// On, and dropped instead of +++ to leave data mode (AT&D1)
    Escape,
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
    /// The module chooses
    None,
    Pap,
    Chap,
}

/// A value of `--pdp-type`.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum PdpTypeChoice {
    Ipv4,
    Ipv6,
    Ipv4v6,
}

/// A value of `--progress`.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressMode {
    /// A line, if stderr is a terminal
    Auto,
    Never,
    /// JSON lines on stderr
    Json,
}

/// A value of `--bearer`.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum BearerUse {
    Keep,
    PerBatch,
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

/// Parses a time such as `20ms` or `2s`.
///
/// # Errors
/// The text is no number with such a unit.
pub fn time(text: &str) -> Result<Duration, String> {
    let (number, unit): (&str, fn(u64) -> Duration) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, Duration::from_millis),
        (None, Some(number)) => (number, Duration::from_secs),
        (None, None) => return Err("a time has a unit: 20ms, 2s".to_owned()),
    };
    number.parse().map(unit).map_err(|error| error.to_string())
}
