//! Types of option values.

use std::net::SocketAddr;
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
            _ => Err(format!("a rate is {RATE}, or auto")),
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

/// What a rate is, in the words of a message.
const RATE: &str = "a whole number of bits per second from 1 to 4294967295, such as 115200";

/// Longest time that an option takes: the clock of every platform reaches it.
const LONGEST: Duration = Duration::from_secs(1_000_000_000);

/// Parses the rate of an emulated line.
///
/// # Errors
/// The text is no rate.
pub fn rate(text: &str) -> Result<u32, String> {
    text.parse().ok().filter(|rate| *rate > 0).ok_or_else(|| format!("a rate is {RATE}"))
}

/// Parses a number of retries.
///
/// # Errors
/// The text is no such number.
pub fn count(text: &str) -> Result<u32, &'static str> {
    text.parse().map_err(|_| "the number of retries is a whole number from 0 to 4294967295, such as 3")
}

/// Parses a time in seconds.
///
/// # Errors
/// The text is no number, or the time is zero or too long.
pub fn seconds(text: &str) -> Result<Duration, &'static str> {
    let time = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.filter(|time| !time.is_zero() && *time <= LONGEST)
        .ok_or("a time is a number of seconds above 0 and up to 1000000000, without a unit, such as 30 or 0.5")
}

/// Parses a time such as `20ms` or `2s`.
///
/// # Errors
/// The text is no number with such a unit, or the time is too long.
pub fn time(text: &str) -> Result<Duration, &'static str> {
    let (number, unit): (&str, fn(u64) -> Duration) = match text.strip_suffix("ms") {
        Some(number) => (number, Duration::from_millis),
        None => (text.strip_suffix('s').unwrap_or_default(), Duration::from_secs),
    };
    let time = number.parse().ok().map(unit);
    time.filter(|time| *time <= LONGEST)
        .ok_or("a time is a whole number with the unit ms or s, up to 1000000000s, such as 20ms or 2s")
}

/// Parses an address on which a port is served.
///
/// # Errors
/// The text is no address with a port.
pub fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "an address is an IP address with a port, such as 127.0.0.1:0 or [::1]:3001")
}
