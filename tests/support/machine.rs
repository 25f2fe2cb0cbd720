//! A machine as `/sys`, `/dev`, `/proc` and `/etc` show it, in a temporary folder.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// A machine in a temporary folder.
pub struct Machine {
    root: tempfile::TempDir,
}

/// A USB device with serial ports.
#[derive(Clone, Copy)]
pub struct Device {
    /// Place on the bus.
    pub place: &'static str,
    /// Vendor and product ID, as sysfs writes them.
    pub identity: (&'static str, &'static str),
    pub manufacturer: &'static str,
    pub product: &'static str,
    pub serial: &'static str,
    /// Interface and name of each port.
    pub ports: &'static [(u8, &'static str)],
}

impl Machine {
    pub fn new() -> Self {
        let machine = Machine { root: tempfile::tempdir().unwrap() };
        for folder in ["sys/class/tty", "dev/serial/by-id", "dev/serial/by-path", "proc", "etc"] {
            fs::create_dir_all(machine.path(folder)).unwrap();
        }
        // What every machine has beside its ports.
        for name in ["tty0", "console", "ptmx"] {
            machine.class(name, &format!("devices/virtual/tty/{name}"));
        }
        machine
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.root().join(inside)
    }

    pub fn write(&self, inside: &str, content: &str) {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// The folder of a terminal in sysfs, and the link to it in its class.
    fn class(&self, name: &str, inside: &str) {
        fs::create_dir_all(self.path(&format!("sys/{inside}"))).unwrap();
        symlink(format!("../../{inside}"), self.path(&format!("sys/class/tty/{name}"))).unwrap();
    }

    /// Plugs a device in. Its ports exist in `/dev` as empty files.
    pub fn plug(&self, device: Device) {
        let folder = format!("devices/pci0000:00/0000:00:14.0/usb1/{}", device.place);
        let attribute = |inside: &str, value: &str| {
            if !value.is_empty() {
                self.write(&format!("sys/{folder}/{inside}"), &format!("{value}\n"));
            }
        };
        attribute("idVendor", device.identity.0);
        attribute("idProduct", device.identity.1);
        attribute("manufacturer", device.manufacturer);
        attribute("product", device.product);
        attribute("serial", device.serial);
        for &(number, name) in device.ports {
            let interface = format!("{}:1.{number}", device.place);
            attribute(&format!("{interface}/bInterfaceNumber"), &format!("{number:02x}"));
            // The drivers for USB serial converters have a device of their own for each port; cdc_acm has none.
            let (below, target) = match name.starts_with("ttyACM") {
                true => (format!("{interface}/tty/{name}"), format!("../../../{interface}")),
                false => (format!("{interface}/{name}/tty/{name}"), format!("../../../{name}")),
            };
            self.class(name, &format!("{folder}/{below}"));
            symlink(target, self.path(&format!("sys/{folder}/{below}/device"))).unwrap();
            self.write(&format!("dev/{name}"), "");
            let words = [device.manufacturer, device.product, device.serial];
            let words: Vec<String> =
                words.iter().filter(|word| !word.is_empty()).map(|word| word.replace(' ', "_")).collect();
            let suffix = if name.starts_with("ttyACM") { "" } else { "-port0" };
            let by_id = format!("dev/serial/by-id/usb-{}-if{number:02x}{suffix}", words.join("_"));
            // The links of identical modules are the same: the last one wins.
            let _ = fs::remove_file(self.path(&by_id));
            symlink(format!("../../{name}"), self.path(&by_id)).unwrap();
            let place = device.place.split_once('-').unwrap().1;
            for version in ["usb", "usbv2"] {
                let by_path = format!("dev/serial/by-path/pci-0000:00:14.0-{version}-0:{place}:1.{number}{suffix}");
                symlink(format!("../../{name}"), self.path(&by_path)).unwrap();
            }
        }
    }

    /// A UART of the board; without hardware behind it, its type is 0.
    pub fn uart(&self, name: &str, kind: u8) {
        let folder = format!("devices/platform/serial8250/tty/{name}");
        self.class(name, &folder);
        symlink("../../../serial8250", self.path(&format!("sys/{folder}/device"))).unwrap();
        self.write(&format!("sys/{folder}/type"), &format!("{kind}\n"));
        self.write(&format!("dev/{name}"), "");
    }

    /// Puts the terminal `target` in the place of the port `name`.
    pub fn connect(&self, name: &str, target: &str) {
        let port = self.path(&format!("dev/{name}"));
        fs::remove_file(&port).unwrap();
        symlink(target, port).unwrap();
    }

    /// A running program that has `files` open.
    pub fn program(&self, process: u32, name: &str, files: &[&Path]) {
        self.write(&format!("proc/{process}/comm"), &format!("{name}\n"));
        let descriptors = self.path(&format!("proc/{process}/fd"));
        fs::create_dir_all(&descriptors).unwrap();
        for (number, file) in files.iter().enumerate() {
            symlink(fs::canonicalize(file).unwrap(), descriptors.join(number.to_string())).unwrap();
        }
    }
}

/// Modules as the kernel shows them.
pub mod devices {
    use super::Device;

    pub const EC25: Device = Device {
        place: "1-2",
        identity: ("2c7c", "0125"),
        manufacturer: "Quectel",
        product: "EC25-EF",
        serial: "",
        ports: &[(0, "ttyUSB0"), (1, "ttyUSB1"), (2, "ttyUSB2"), (3, "ttyUSB3")],
    };
    pub const BG95: Device = Device {
        place: "1-3",
        identity: ("2c7c", "0700"),
        manufacturer: "Quectel, Incorporated",
        product: "Quectel LPWA Module",
        serial: "a1b2c3d4",
        ports: &[(0, "ttyUSB4"), (1, "ttyUSB5"), (2, "ttyUSB6")],
    };
    pub const L610: Device = Device {
        place: "1-5",
        identity: ("1782", "4d10"),
        manufacturer: "FIBOCOM",
        product: "L610",
        serial: "",
        ports: &[
            (0, "ttyUSB10"),
            (1, "ttyUSB11"),
            (2, "ttyUSB12"),
            (3, "ttyUSB13"),
            (4, "ttyUSB14"),
            (5, "ttyUSB15"),
            (6, "ttyUSB16"),
        ],
    };
    /// A cable, behind which may be anything.
    pub const CABLE: Device = Device {
        place: "1-10",
        identity: ("10c4", "ea60"),
        manufacturer: "Silicon Labs",
        product: "CP2102 USB to UART Bridge Controller",
        serial: "0001",
        ports: &[(0, "ttyUSB32")],
    };
}
