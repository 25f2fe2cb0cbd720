//! The serial ports of this machine: their devices, their roles, and the programs that hold them.
//!
//! A cellular module on USB has several serial ports: one or two for AT commands, one for its diagnostic protocol, one
//! for positions. [`ports`] lists the ports with their role, so that a program finds the right one. [`Selector`]
//! names a port by what the device is instead of by a number that changes.
//!
//! | module | contents |
//! |---|---|
//! | [`modules`] | the supported modules on USB: the role of each interface, and where that is documented |
//! | [`System`] | ports, holders of a port and access rights, from a given root of `/sys`, `/proc` and `/dev` |

mod access;
mod links;
pub mod modules;
#[cfg(not(target_os = "linux"))]
mod others;
mod programs;
mod selector;
mod sysfs;
mod system;
mod udev;

pub use access::Denied;
pub use modules::{Evidence, Module, Role};
pub use programs::Program;
pub use selector::Selector;
pub use system::System;
pub use udev::{ignore_line, rules};

use std::fmt;

use crate::error::Result;

/// Lists the serial ports of this machine, sorted by device and interface.
///
/// On Linux the list comes from sysfs, without libudev. On Windows and macOS it comes from the operating system.
///
/// # Errors
/// [`PortDenied`](crate::ErrorKind::PortDenied) if the list cannot be read.
///
/// # Examples
/// ```
/// for port in ftp_modem::ports()? {
///     println!("{} {}", port.path, port.role);
/// }
/// # Ok::<(), ftp_modem::Error>(())
/// ```
pub fn ports() -> Result<Vec<Port>> {
    System::new().ports()
}

/// A serial port.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Port {
    /// The name under which the port is opened (`/dev/ttyUSB2`, `COM3`). It may change when devices are plugged in.
    pub path: String,
    /// The USB device and interface; `None` for other ports.
    pub usb: Option<Usb>,
    /// The link that names device and serial number (`/dev/serial/by-id/…`, Linux). Identical modules without distinct
    /// serial numbers share one.
    pub by_id: Option<String>,
    /// The link that names the socket (`/dev/serial/by-path/…`, Linux).
    pub by_path: Option<String>,
    /// Purpose of the port.
    pub role: Role,
    /// How well the role is known.
    pub evidence: Evidence,
}

impl Port {
    /// Creates a port with a path only.
    pub fn new(path: impl Into<String>) -> Self {
        Port { path: path.into(), usb: None, by_id: None, by_path: None, role: Role::Unknown, evidence: Evidence::None }
    }

    /// Sets the USB identity, and the role that the table of modules gives for it.
    pub fn with_usb(mut self, usb: Usb) -> Self {
        let module = Module::of(usb.vendor_id, usb.product_id);
        if let Some((role, evidence)) = module.zip(usb.interface).and_then(|(module, number)| module.role(number)) {
            (self.role, self.evidence) = (role, evidence);
        }
        self.usb = Some(usb);
        self
    }

    /// Returns the supported module on this port, if the table lists it.
    pub fn module(&self) -> Option<&'static Module> {
        self.usb.as_ref().and_then(|usb| Module::of(usb.vendor_id, usb.product_id))
    }

    /// Returns a name that survives a restart: the link by socket, else the link by serial number, else the path.
    pub fn stable_path(&self) -> &str {
        self.by_path.as_deref().or(self.by_id.as_deref()).unwrap_or(&self.path)
    }

    /// Returns whether `other` is a port of the same device.
    pub fn is_beside(&self, other: &Port) -> bool {
        match (&self.usb, &other.usb) {
            (Some(own), Some(others)) => own.device == others.device,
            _ => self.path == other.path,
        }
    }
}

/// `/dev/ttyUSB2 (Quectel EC25, EG25, 2c7c:0125, interface 02)`
impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        let Some(usb) = &self.usb else { return Ok(()) };
        let name = self.module().map(|module| module.name).or(usb.product.as_deref());
        f.write_str(" (")?;
        if let Some(name) = name {
            write!(f, "{name}, ")?;
        }
        write!(f, "{usb}")?;
        if let Some(interface) = usb.interface {
            write!(f, ", interface {interface:02x}")?;
        }
        f.write_str(")")
    }
}

/// The USB device and interface of a port. As text: `2c7c:0125`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Usb {
    /// Vendor ID.
    pub vendor_id: u16,
    /// Product ID.
    pub product_id: u16,
    /// Name of the manufacturer, as the device states it.
    pub manufacturer: Option<String>,
    /// Name of the product, as the device states it.
    pub product: Option<String>,
    /// Serial number, as the device states it.
    pub serial: Option<String>,
    /// Number of the interface.
    pub interface: Option<u8>,
    /// Place of the device on the bus (`1-2`, Linux), or another name that all of its ports share.
    pub device: String,
}

impl Usb {
    /// Creates the identity of interface `interface` of a device.
    pub fn new(vendor_id: u16, product_id: u16, interface: u8) -> Self {
        Usb { vendor_id, product_id, interface: Some(interface), ..Usb::default() }
    }
}

impl fmt::Display for Usb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:04x}", self.vendor_id, self.product_id)
    }
}
