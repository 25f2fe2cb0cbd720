//! What the list says of real modules.

use ftp_modem::ports::{Evidence, Port, Role};

use crate::devices::*;
use crate::machine::{Device, Machine};
use crate::system;

/// Every device that the tests know.
const ALL: [Device; 10] = [EC25, BG95, EC200S, L610, L610_ECM, AIR780E, AIR724UG, ML307, SIM7600, CABLE];

/// The ports of `device` alone on its machine.
fn ports_of(device: Device) -> Vec<Port> {
    let machine = Machine::new();
    machine.plug(device);
    system(&machine).ports().unwrap()
}

#[test]
fn the_role_of_each_port_of_each_module_is_known() {
    use Role::*;
    let cases: [(Device, &str, Evidence, &[Role]); 10] = [
        (EC25, "Quectel EC25, EG25", Evidence::Documented, &[Diag, Nmea, At, Modem]),
        (BG95, "Quectel BG95", Evidence::Reported, &[Diag, Nmea, At]),
        (EC200S, "Quectel EC200S, EC600N, EG800", Evidence::Reported, &[Diag, At, Modem]),
        (L610, "Fibocom L610", Evidence::Documented, &[At, Other, Other, Diag, Diag, Modem, Modem]),
        (L610_ECM, "Fibocom L610 with network card", Evidence::Documented, &[At, Other, Other, Diag, Modem]),
        (AIR780E, "Luat Air780E", Evidence::Reported, &[At, Diag, Modem]),
        (AIR724UG, "Luat Air724UG", Evidence::Documented, &[At, Modem, Diag]),
        (ML307, "China Mobile ML307", Evidence::Reported, &[At, Unknown]),
        (SIM7600, "SIMCom SIM7000, SIM7600", Evidence::Documented, &[Diag, Nmea, At, Modem, Other]),
        (CABLE, "", Evidence::None, &[Unknown]),
    ];
    for (device, name, evidence, roles) in cases {
        let ports = ports_of(device);
        assert_eq!(ports.iter().map(|port| port.role).collect::<Vec<_>>(), roles, "{name}");
        let known = ports.iter().find(|port| port.role != Unknown);
        assert_eq!(known.map_or(Evidence::None, |port| port.evidence), evidence, "{name}");
        assert_eq!(ports[0].module().map_or("", |module| module.name), name);
    }
}

#[test]
fn a_port_shows_identity_interface_and_stable_links() {
    let machine = Machine::new();
    machine.plug(BG95);
    machine.plug(AIR780E);
    let ports = system(&machine).ports().unwrap();
    let path = |inside: &str| machine.path(inside).to_str().unwrap().to_owned();

    let acm = &ports[0];
    assert_eq!(acm.path, path("dev/ttyACM0"));
    assert_eq!(acm.by_id, Some(path("dev/serial/by-id/usb-AirM2M_AirM2M_Compo_000000000001-if02")));
    assert_eq!(acm.by_path, Some(path("dev/serial/by-path/pci-0000:00:14.0-usb-0:1.4:1.2")));
    assert_eq!(Some(acm.stable_path()), acm.by_path.as_deref());

    let usb = ports[5].usb.as_ref().unwrap();
    assert_eq!((usb.vendor_id, usb.product_id, usb.interface), (0x2c7c, 0x0700, Some(2)));
    assert_eq!(usb.manufacturer.as_deref(), Some("Quectel, Incorporated"));
    assert_eq!((usb.product.as_deref(), usb.serial.as_deref()), (Some("Quectel LPWA Module"), Some("a1b2c3d4")));
    assert_eq!(usb.device, "1-3");
    assert_eq!(ports[5].to_string(), format!("{} (Quectel BG95, 2c7c:0700, interface 02)", path("dev/ttyUSB6")));
    assert!(ports[5].is_beside(&ports[3]) && !ports[5].is_beside(acm));
}

#[test]
fn the_list_has_every_device_once_and_boards_uarts_last() {
    let machine = Machine::new();
    machine.uart("ttyS0", 4);
    // The kernel has many of these without hardware.
    machine.uart("ttyS1", 0);
    for device in ALL {
        machine.plug(device);
    }
    let ports = system(&machine).ports().unwrap();
    let expected: usize = ALL.iter().map(|device| device.ports.len()).sum();
    assert_eq!(ports.len(), expected + 1);
    assert!(ports.last().unwrap().path.ends_with("/dev/ttyS0"), "{:?}", ports.last());
    let ec25 = ports.iter().position(|port| port.path.ends_with("ttyUSB0")).unwrap();
    let names: Vec<_> = ports[ec25..ec25 + 4].iter().map(|port| port.path.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["ttyUSB0", "ttyUSB1", "ttyUSB2", "ttyUSB3"]);
}

#[test]
fn a_machine_without_sysfs_has_no_ports() {
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(ftp_modem::ports::System::with_root(empty.path()).ports().unwrap(), []);
}

#[test]
fn the_list_of_this_machine_can_be_read() {
    ftp_modem::ports().unwrap();
}
