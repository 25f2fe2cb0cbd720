//! Names for ports that stay the same when devices are plugged in.

use std::fmt;
use std::str::FromStr;

use super::{Port, Role};
use crate::error::{Error, ErrorKind, Result};

/// Selects a port by what the device is.
///
/// | text | selects |
/// |---|---|
/// | `usb:2c7c:0125` | the AT port of the device with this USB identity |
/// | `usb:2c7c:0125:02` | its interface 02 (hexadecimal) |
/// | `serial:0123456789` | the AT port of the USB device with this serial number |
///
/// # Examples
/// ```
/// use ftp_modem::ports::{Port, Selector, Usb};
///
/// let ports = [1, 2, 3].map(|number| {
///     Port::new(format!("/dev/ttyUSB{number}")).with_usb(Usb::new(0x2c7c, 0x0125, number))
/// });
/// let selector: Selector = "usb:2c7c:0125".parse()?;
/// assert_eq!(selector.select(&ports)?.path, "/dev/ttyUSB2");
/// # Ok::<(), ftp_modem::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Selector {
    /// USB vendor ID, product ID, and the interface, if it is given.
    Usb(u16, u16, Option<u8>),
    /// Serial number of the USB device.
    Serial(String),
}

impl Selector {
    /// Returns whether `text` has the form of a selector, be it valid or not.
    pub fn is_meant_by(text: &str) -> bool {
        text.starts_with("usb:") || text.starts_with("serial:")
    }

    /// Returns whether `port` belongs to the device, and is the interface if one is given.
    pub fn matches(&self, port: &Port) -> bool {
        let Some(usb) = &port.usb else { return false };
        match self {
            Selector::Usb(vendor, product, interface) => {
                (usb.vendor_id, usb.product_id) == (*vendor, *product)
                    && interface.is_none_or(|interface| usb.interface == Some(interface))
            }
            Selector::Serial(serial) => usb.serial.as_deref() == Some(serial),
        }
    }

    /// Returns the one port among `ports` that is selected.
    ///
    /// # Errors
    /// [`PortNotFound`](ErrorKind::PortNotFound) if there is none, and [`InvalidInput`](ErrorKind::InvalidInput) if
    /// there are several; the message lists them.
    pub fn select<'p>(&self, ports: &'p [Port]) -> Result<&'p Port> {
        let matching: Vec<&Port> = ports.iter().filter(|port| self.matches(port)).collect();
        let candidates = self.narrowed(&matching);
        match candidates.as_slice() {
            [one] => Ok(one),
            [] => {
                let detail = format!("no port matches {self}; ftp-modem ports lists those there are");
                Err(Error::new(ErrorKind::PortNotFound, detail).during("open"))
            }
            several => {
                let paths: Vec<&str> = several.iter().map(|port| port.stable_path()).collect();
                let detail = format!("{self} matches several ports; use one of {}", paths.join(", "));
                Err(Error::new(ErrorKind::InvalidInput, detail).during("open"))
            }
        }
    }

    /// Returns the AT ports among `matching`; those whose role is unknown only if there is no AT port.
    fn narrowed<'p>(&self, matching: &[&'p Port]) -> Vec<&'p Port> {
        if matches!(self, Selector::Usb(_, _, Some(_))) {
            return matching.to_vec();
        }
        let with = |role: Role| matching.iter().copied().filter(|port| port.role == role).collect::<Vec<_>>();
        let known = with(Role::At);
        if known.is_empty() { with(Role::Unknown) } else { known }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Selector::Usb(vendor, product, None) => write!(f, "usb:{vendor:04x}:{product:04x}"),
            Selector::Usb(vendor, product, Some(interface)) => {
                write!(f, "usb:{vendor:04x}:{product:04x}:{interface:02x}")
            }
            Selector::Serial(serial) => write!(f, "serial:{serial}"),
        }
    }
}

impl FromStr for Selector {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parsed(text).ok_or_else(|| {
            let detail = format!("{text:?} is not of the form usb:VID:PID, usb:VID:PID:INTERFACE or serial:NUMBER");
            Error::new(ErrorKind::InvalidInput, detail)
        })
    }
}

fn parsed(text: &str) -> Option<Selector> {
    if let Some(serial) = text.strip_prefix("serial:").filter(|serial| !serial.is_empty()) {
        return Some(Selector::Serial(serial.to_owned()));
    }
    let mut fields = text.strip_prefix("usb:")?.split(':');
    let (vendor, product) = (hexadecimal(fields.next()?)?, hexadecimal(fields.next()?)?);
    let interface = fields.next().map(|field| hexadecimal(field).and_then(|number| u8::try_from(number).ok()));
    match (interface, fields.next()) {
        (_, Some(_)) | (Some(None), _) => None,
        (interface, None) => Some(Selector::Usb(vendor, product, interface.flatten())),
    }
}

fn hexadecimal(text: &str) -> Option<u16> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_plain { u16::from_str_radix(text, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_parsed_and_shown() {
        for text in ["usb:2c7c:0125", "usb:2c7c:0125:02", "serial:0123:abc"] {
            assert_eq!(text.parse::<Selector>().unwrap().to_string(), text);
        }
        for text in ["usb:", "usb:2c7c", "usb:2c7c:0125:", "usb:2c7c:0125:100", "usb:+1:2", "usb:1:2:3:4", "serial:"] {
            let error = text.parse::<Selector>().unwrap_err();
            assert!(error.kind() == ErrorKind::InvalidInput && Selector::is_meant_by(text), "{text}: {error}");
        }
        assert!(!Selector::is_meant_by("/dev/ttyUSB0") && !Selector::is_meant_by("COM3"));
    }
}
