//! Selectors on machines with several modules.

use ftp_modem::emulator::{Family, MemoryServer, Options, PtyModule};
use ftp_modem::ports::Selector;
use ftp_modem::{ErrorKind, OpenOptions};

use crate::devices::*;
use crate::machine::{Device, Machine};
use crate::system;

/// What `selector` comes to: the name of the port, or the error.
#[track_caller]
fn selected(machine: &Machine, selector: &str) -> Result<String, ftp_modem::Error> {
    let ports = system(machine).ports().unwrap();
    let selector: Selector = selector.parse().unwrap();
    selector.select(&ports).map(|port| port.path.rsplit('/').next().unwrap().to_owned())
}

#[test]
fn a_selector_finds_the_at_port_or_the_interface() {
    let machine = Machine::new();
    for device in [EC25, BG95, L610, AIR780E, ML307, CABLE] {
        machine.plug(device);
    }
    for (selector, port) in [
        ("usb:2c7c:0125", "ttyUSB2"),
        ("usb:2c7c:0125:03", "ttyUSB3"),
        ("usb:1782:4d10", "ttyUSB10"),
        ("usb:19d1:0001", "ttyACM0"),
        ("usb:2ecc:3012", "ttyUSB25"),
        ("usb:10c4:ea60", "ttyUSB32"),
        ("serial:a1b2c3d4", "ttyUSB6"),
        ("serial:000000000001", "ttyACM0"),
    ] {
        assert_eq!(selected(&machine, selector).unwrap(), port, "{selector}");
    }
    for missing in ["usb:2c7c:0195", "usb:2c7c:0125:09", "serial:x"] {
        let error = selected(&machine, missing).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PortNotFound);
        assert!(error.to_string().contains(missing) && error.to_string().contains("ftp-modem ports"), "{error}");
    }
}

#[test]
fn identical_modules_are_told_apart_by_their_socket() {
    let machine = Machine::new();
    machine.plug(EC25);
    let ports = &[(0, "ttyUSB40"), (1, "ttyUSB41"), (2, "ttyUSB42"), (3, "ttyUSB43")];
    machine.plug(Device { place: "1-1.3", ports, ..EC25 });
    for selector in ["usb:2c7c:0125", "usb:2c7c:0125:02"] {
        let error = selected(&machine, selector).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let message = error.to_string();
        for place in ["usb-0:2:1.2-port0", "usb-0:1.3:1.2-port0"] {
            assert!(message.contains(&format!("dev/serial/by-path/pci-0000:00:14.0-{place}")), "{message}");
        }
    }
}

#[test]
fn a_selector_is_opened_by_its_stable_path() {
    let machine = Machine::new();
    machine.plug(EC25);
    let located = system(&machine).locate("usb:2c7c:0125").unwrap();
    assert!(located.ends_with("dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.2-port0"), "{located}");
    assert_eq!(system(&machine).locate("/dev/ttyUSB9").unwrap(), "/dev/ttyUSB9");

    let options = OpenOptions::new().system(system(&machine));
    let opened = |port: &str| options.open(port).err().unwrap();
    assert_eq!(opened("usb:2c7c:0195").kind(), ErrorKind::PortNotFound);
    assert_eq!(opened("usb:zz").kind(), ErrorKind::InvalidInput);
    let error = opened("usb:2c7c:0125");
    assert!(error.to_string().contains(&located), "the file is no serial port: {error}");
}

#[test]
fn a_module_is_opened_by_selector() {
    let module = PtyModule::spawn(Family::Quectel, MemoryServer::new().remote(), Options::default()).unwrap();
    let machine = Machine::new();
    machine.plug(EC25);
    machine.connect("ttyUSB2", module.path());
    let modem = OpenOptions::new().system(system(&machine)).open("usb:2c7c:0125").unwrap();
    assert!(modem.identity().to_string().contains("EC25"), "{}", modem.identity());
}
