//! Why a port cannot be opened: another program, ModemManager, the group.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use ftp_modem::ports::{ignore_line, rules};
use ftp_modem::{Error, ErrorKind};

use crate::devices::*;
use crate::machine::Machine;
use crate::system;

/// The message of an error of `kind` on the EC25's AT port.
fn explained(machine: &Machine, kind: ErrorKind) -> String {
    let port = machine.path("dev/ttyUSB2");
    system(machine).explain(port.to_str().unwrap(), Error::new(kind, "")).to_string()
}

fn machine() -> Machine {
    let machine = Machine::new();
    machine.plug(EC25);
    machine
}

#[test]
fn a_busy_port_names_the_program_that_holds_it() {
    let machine = machine();
    machine.program(700, "sshd", &[&machine.path("dev/ttyUSB1")]);
    let unknown = explained(&machine, ErrorKind::PortBusy);
    assert!(unknown.contains("close the other program") && !unknown.contains("sshd"), "{unknown}");
    machine.program(1234, "minicom", &[&machine.path("etc"), &machine.path("dev/ttyUSB2")]);
    let known = explained(&machine, ErrorKind::PortBusy);
    assert!(known.ends_with("; close minicom (process 1234)"), "{known}");
    let other = self::machine();
    other.program(812, "ModemManager", &[]);
    let suspected = explained(&other, ErrorKind::PortBusy);
    assert!(suspected.contains("may be ModemManager (process 812)") && suspected.contains("ENV{ID_MM"), "{suspected}");
    // The port may have been named by a link.
    let link = machine.path("dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.2-port0");
    let holders = system(&machine).holders(link.to_str().unwrap());
    assert_eq!(holders.iter().map(|program| program.process).collect::<Vec<_>>(), [1234]);
}

#[test]
fn this_program_does_not_hold_its_port_against_itself() {
    let machine = machine();
    machine.program(std::process::id(), "tests", &[&machine.path("dev/ttyUSB2")]);
    assert_eq!(system(&machine).holders(machine.path("dev/ttyUSB2").to_str().unwrap()), []);
}

#[test]
fn modem_manager_is_kept_away_by_a_rule() {
    let machine = machine();
    assert!(!explained(&machine, ErrorKind::Timeout).contains("ModemManager"));
    let port = machine.path("dev/ttyUSB2").to_str().unwrap().to_owned();
    assert_eq!(system(&machine).modem_manager_on(&port), None);
    machine.program(812, "ModemManager", &[&machine.path("dev/ttyUSB2")]);
    assert_eq!(system(&machine).modem_manager_on(&port).unwrap().process, 812);
    let rule = r#"ATTRS{idVendor}=="2c7c", ATTRS{idProduct}=="0125", ENV{ID_MM_DEVICE_IGNORE}="1""#;
    for kind in [ErrorKind::PortBusy, ErrorKind::Timeout, ErrorKind::Protocol] {
        let message = explained(&machine, kind);
        assert!(message.contains(rule) && message.contains("/etc/udev/rules.d/"), "{message}");
    }
    let elsewhere = system(&machine).explain("tcp://gateway:3001", Error::new(ErrorKind::Timeout, ""));
    assert!(!elsewhere.to_string().contains("ModemManager"), "{elsewhere}");
}

#[test]
fn modem_manager_is_not_blamed_once_a_rule_is_in_force() {
    let machine = machine();
    machine.program(812, "ModemManager", &[]);
    machine.write("sys/class/tty/ttyUSB2/dev", "188:2\n");
    for (record, is_kept_away) in [
        ("E:ID_MODEL=EC25\n", false),
        ("E:ID_MM_DEVICE_IGNORE=0\n", false),
        ("E:ID_MODEL=EC25\nE:ID_MM_DEVICE_IGNORE=1\n", true),
        ("E:ID_MM_PORT_IGNORE=1\n", true),
    ] {
        machine.write("run/udev/data/c188:2", record);
        let port = machine.path("dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.2-port0");
        let manager = system(&machine).modem_manager_on(port.to_str().unwrap());
        assert_eq!(manager.is_none(), is_kept_away, "{record}");
        assert_eq!(explained(&machine, ErrorKind::Timeout).contains("ModemManager"), !is_kept_away, "{record}");
    }
}

#[test]
fn a_selector_is_explained_like_its_port() {
    let machine = machine();
    machine.program(812, "ModemManager", &[]);
    let error = system(&machine).explain("usb:2c7c:0125", Error::new(ErrorKind::Timeout, ""));
    assert!(error.to_string().contains("ATTRS{idProduct}==\"0125\""), "{error}");
}

#[test]
fn a_rule_names_the_device_or_the_port() {
    let machine = machine();
    machine.uart("ttyS0", 4);
    let ports = system(&machine).ports().unwrap();
    let lines: Vec<String> = ports.iter().map(ignore_line).collect();
    assert!(lines[0].contains("ID_MM_DEVICE_IGNORE"), "{lines:?}");
    assert_eq!(lines.last().unwrap(), r#"SUBSYSTEM=="tty", KERNEL=="ttyS0", ENV{ID_MM_PORT_IGNORE}="1""#);
    let file = rules();
    for device in [EC25, BG95, EC200S, L610, L610_ECM, AIR780E, AIR724UG, ML307, SIM7600] {
        let (vendor, product) = device.identity;
        let line = format!(r#"ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{product}", ENV{{ID_MM_DEVICE"#);
        assert!(file.contains(&line), "{line}");
    }
    assert!(!file.contains("10c4"), "a cable is no module");
    let comments_and_rules = |line: &str| line.is_empty() || line.starts_with(['#', 'A', 'L']);
    assert!(file.lines().all(comments_and_rules), "{file}");
}

#[test]
fn a_port_that_is_denied_names_its_group() {
    use std::os::unix::fs::MetadataExt;

    let machine = machine();
    let port = machine.path("dev/ttyUSB2");
    let set = |mode: u32| fs::set_permissions(&port, fs::Permissions::from_mode(mode)).unwrap();
    set(0o600);
    let denied = explained(&machine, ErrorKind::PortDenied);
    assert!(denied.contains("only root") && !denied.contains("dialout"), "{denied}");
    // Only root can give the file to another group.
    if std::os::unix::fs::chown(&port, None, Some(20)).is_err() {
        return;
    }
    set(0o660);
    assert_eq!(fs::metadata(&port).unwrap().gid(), 20);
    assert!(explained(&machine, ErrorKind::PortDenied).contains("the group 20"));
    machine.write("etc/group", "root:x:0:\nuucp:x:20:somebody\n");
    let denied = explained(&machine, ErrorKind::PortDenied);
    assert!(denied.contains("sudo usermod -aG uucp $USER"), "{denied}");
    // A member whose session is older than the membership.
    machine.write("etc/passwd", "somebody:x:4711:4711::/:/bin/sh\nme:x:0:0::/:/bin/sh\n");
    assert!(explained(&machine, ErrorKind::PortDenied).contains("sudo usermod"), "another user is the member");
    machine.write("etc/group", "root:x:0:\nuucp:x:20:somebody,me\n");
    let denied = explained(&machine, ErrorKind::PortDenied);
    assert!(denied.contains("log out and in again") && !denied.contains("usermod"), "{denied}");
}
