//! The list of ports on Windows and macOS, from the operating system.

use serialport::SerialPortType;

use super::{Port, Usb};
use crate::error::{Error, ErrorKind, Result};

/// Lists the ports.
pub(super) fn ports() -> Result<Vec<Port>> {
    let listed = serialport::available_ports().map_err(|error| {
        Error::new(ErrorKind::PortDenied, format!("the list of ports cannot be read: {error}"))
            .during("ports")
            .with_source(error)
    })?;
    let mut ports: Vec<Port> = listed.into_iter().map(port).collect();
    ports.sort_by(|one, other| (one.path.len(), &one.path).cmp(&(other.path.len(), &other.path)));
    Ok(ports)
}

fn port(listed: serialport::SerialPortInfo) -> Port {
    let port = Port::new(listed.port_name);
    let SerialPortType::UsbPort(info) = listed.port_type else { return port };
    let mut usb = Usb { vendor_id: info.vid, product_id: info.pid, interface: info.interface, ..Usb::default() };
    // The operating system does not tell which ports belong to one device.
    usb.device = format!("{usb} {}", info.serial_number.as_deref().unwrap_or_default());
    usb.manufacturer = info.manufacturer;
    usb.product = info.product;
    usb.serial = info.serial_number;
    port.with_usb(usb)
}
