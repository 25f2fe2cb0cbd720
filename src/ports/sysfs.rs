//! The list of ports, from sysfs.

use std::fs;
use std::io;
use std::path::Path;

use super::links::Links;
use super::{Port, Usb};

/// Most folders between a port and its USB device: the port of a USB serial driver, its interface, the device.
const MOST_STEPS: usize = 4;

/// Lists the ports of the machine whose `/sys` and `/dev` are below `root`.
pub(super) fn ports(root: &Path) -> io::Result<Vec<Port>> {
    let classes = root.join("sys/class/tty");
    let entries = match fs::read_dir(&classes) {
        // A machine without terminals, such as a container.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let serial = root.join("dev/serial");
    let (by_id, by_path) = (Links::read(&serial.join("by-id")), Links::read(&serial.join("by-path")));
    let mut ports = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let Ok(device) = fs::canonicalize(entry.path().join("device")) else { continue };
        if is_placeholder(&entry.path()) {
            continue;
        }
        let Some(path) = root.join("dev").join(name).to_str().map(str::to_owned) else { continue };
        let mut port = Port::new(path);
        if let Some(usb) = usb(&device) {
            port = port.with_usb(usb);
        }
        port.by_id = by_id.to(name);
        port.by_path = by_path.to(name);
        ports.push(port);
    }
    ports.sort_by_cached_key(|port| {
        let place = port.usb.as_ref().map(|usb| (usb.device.clone(), usb.interface));
        (place.is_none(), place, port.path.len(), port.path.clone())
    });
    Ok(ports)
}

/// Returns whether the kernel has this port only in case there is hardware: a UART of unknown type
/// (`PORT_UNKNOWN`, Documentation/ABI/testing/sysfs-tty).
fn is_placeholder(class: &Path) -> bool {
    attribute(class, "type").is_some_and(|kind| kind == "0")
}

/// Returns the USB identity of a device below a USB interface.
fn usb(device: &Path) -> Option<Usb> {
    let mut folders = device.ancestors().take(MOST_STEPS);
    let interface = folders.find(|folder| folder.join("bInterfaceNumber").exists())?;
    let parent = interface.parent()?;
    let mut usb = Usb::new(
        hexadecimal(&attribute(parent, "idVendor")?)?,
        hexadecimal(&attribute(parent, "idProduct")?)?,
        u8::try_from(hexadecimal(&attribute(interface, "bInterfaceNumber")?)?).ok()?,
    );
    usb.manufacturer = attribute(parent, "manufacturer");
    usb.product = attribute(parent, "product");
    usb.serial = attribute(parent, "serial");
    usb.device = parent.file_name()?.to_str()?.to_owned();
    Some(usb)
}

/// Reads a file of one line. Returns `None` if it is missing or empty.
fn attribute(folder: &Path, name: &str) -> Option<String> {
    let bytes = fs::read(folder.join(name)).ok()?;
    let text = String::from_utf8_lossy(&bytes).trim().to_owned();
    Some(text).filter(|text| !text.is_empty())
}

fn hexadecimal(text: &str) -> Option<u16> {
    u16::from_str_radix(text, 16).ok()
}
