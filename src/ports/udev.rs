//! Rules for udev that keep ModemManager away from the supported modules.

use std::fs;
use std::path::Path;

use super::Port;
use super::modules::Module;

/// Returns the text of a rules file for all supported modules.
///
/// Each module gets `ID_MM_DEVICE_IGNORE`, which ModemManager obeys (its documentation, “Common udev tags”).
pub fn rules() -> String {
    let mut text = String::from(
        "# ModemManager opens the ports of every module that it finds, and sends AT commands in between. These rules\n\
         # keep it away from the modules that ftp-modem supports. A module that also serves as a network card belongs\n\
         # to ModemManager: remove its line.\n\
         #\n\
         # ftp-modem udev | sudo tee /etc/udev/rules.d/78-ftp-modem.rules\n\
         # sudo udevadm control --reload && sudo udevadm trigger && sudo systemctl restart ModemManager\n\
         ACTION!=\"add|change|move|bind\", GOTO=\"ftp_modem_end\"\n",
    );
    for module in Module::all() {
        text.push_str(&format!("\n# {}\n{}\n", module.name, by_identity(module.vendor_id, module.product_id)));
    }
    text.push_str("\nLABEL=\"ftp_modem_end\"\n");
    text
}

/// Returns the line that keeps ModemManager away from the device of `port`.
pub fn ignore_line(port: &Port) -> String {
    match &port.usb {
        Some(usb) => by_identity(usb.vendor_id, usb.product_id),
        None => {
            let name = port.path.rsplit('/').next().unwrap_or(&port.path);
            format!("SUBSYSTEM==\"tty\", KERNEL==\"{name}\", ENV{{ID_MM_PORT_IGNORE}}=\"1\"")
        }
    }
}

/// Returns whether a rule that is in force tells ModemManager to ignore the port `name` (`ttyUSB2`), from the database
/// of udev (`/run/udev/data/c<major>:<minor>`).
pub(super) fn is_ignored(root: &Path, name: &str) -> bool {
    let number = fs::read_to_string(root.join("sys/class/tty").join(name).join("dev")).unwrap_or_default();
    let record = fs::read_to_string(root.join("run/udev/data").join(format!("c{}", number.trim()))).unwrap_or_default();
    record.lines().any(|line| matches!(line, "E:ID_MM_DEVICE_IGNORE=1" | "E:ID_MM_PORT_IGNORE=1"))
}

fn by_identity(vendor_id: u16, product_id: u16) -> String {
    format!(
        "ATTRS{{idVendor}}==\"{vendor_id:04x}\", ATTRS{{idProduct}}==\"{product_id:04x}\", \
         ENV{{ID_MM_DEVICE_IGNORE}}=\"1\""
    )
}
