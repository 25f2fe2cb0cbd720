//! The supported modules on USB, and the role of each of their interfaces.
//!
//! Sources. *ModemManager*: its rules for port types (`src/plugins/{quectel,fibocom,simtech}/77-mm-*-port-types.rules`,
//! version 1.24). *Linux*: the commit that added the device to `drivers/usb/serial/option.c`. *Reported*: what people
//! have seen on real modules; each row says who. A role without any source is [`Role::Unknown`].

use std::fmt;

/// The purpose of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// The first port for AT commands.
    At,
    /// Another port for AT commands, which vendors intend for dial-up connections.
    Modem,
    /// Diagnostic protocol or logs. The port answers no AT commands.
    Diag,
    /// Positions (NMEA 0183). The port answers no AT commands.
    Nmea,
    /// Something else that answers no AT commands: audio, production, firmware.
    Other,
    /// The table has no role for this port.
    Unknown,
}

impl Role {
    /// Returns the name: `at`, `modem`, `diag`, `nmea`, `other` or `unknown`.
    pub fn name(self) -> &'static str {
        match self {
            Role::At => "at",
            Role::Modem => "modem",
            Role::Diag => "diag",
            Role::Nmea => "nmea",
            Role::Other => "other",
            Role::Unknown => "unknown",
        }
    }

    /// Returns whether AT commands may be answered on such a port.
    pub fn may_answer(self) -> bool {
        matches!(self, Role::At | Role::Modem | Role::Unknown)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How well the role of a port is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Evidence {
    /// The vendor, ModemManager or the Linux driver documents it.
    Documented,
    /// Users report it from real modules.
    Reported,
    /// No evidence: the role is unknown.
    None,
}

impl Evidence {
    /// Returns the name: `documented`, `reported` or `none`.
    pub fn name(self) -> &'static str {
        match self {
            Evidence::Documented => "documented",
            Evidence::Reported => "reported",
            Evidence::None => "none",
        }
    }
}

/// A supported module, or several with the same USB identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Module {
    /// USB vendor ID.
    pub vendor_id: u16,
    /// USB product ID.
    pub product_id: u16,
    /// Names of the models.
    pub name: &'static str,
    /// Roles by interface number.
    roles: &'static [(u8, Role)],
    /// How well the roles are known.
    evidence: Evidence,
    /// Where the roles are documented or reported; empty if no source was found.
    pub source: &'static str,
}

impl Module {
    /// Returns the module with this USB identity.
    pub fn of(vendor_id: u16, product_id: u16) -> Option<&'static Module> {
        TABLE.iter().find(|module| (module.vendor_id, module.product_id) == (vendor_id, product_id))
    }

    /// Returns every module of the table.
    pub fn all() -> &'static [Module] {
        TABLE
    }

    /// Returns the role of an interface, and how well it is known.
    pub fn role(&self, interface: u8) -> Option<(Role, Evidence)> {
        let &(_, role) = self.roles.iter().find(|(number, _)| *number == interface)?;
        Some((role, self.evidence))
    }
}

use Evidence::{Documented, Reported};
use Role::{At, Diag, Modem, Nmea, Other};

/// Quectel's modules with Qualcomm chips.
const QUALCOMM: &[(u8, Role)] = &[(0, Diag), (1, Nmea), (2, At), (3, Modem)];

/// Quectel's modules with ASR chips, behind the two interfaces of the network card.
const ASR: &[(u8, Role)] = &[(2, Diag), (3, At), (4, Modem)];

/// The rules of ModemManager for Quectel.
const MM_QUECTEL: &str = "ModemManager 1.24, 77-mm-quectel-port-types.rules";

/// The rules of ModemManager for Fibocom.
const MM_FIBOCOM: &str = "ModemManager 1.24, 77-mm-fibocom-port-types.rules";

/// The rules of ModemManager for SIMCom.
const MM_SIMCOM: &str = "ModemManager 1.24, 77-mm-simtech-port-types.rules";

const fn row(
    (vendor_id, product_id): (u16, u16),
    name: &'static str,
    roles: &'static [(u8, Role)],
    evidence: Evidence,
    source: &'static str,
) -> Module {
    Module { vendor_id, product_id, name, roles, evidence, source }
}

const TABLE: &[Module] = &[
    row((0x2c7c, 0x0121), "Quectel EC21, EG21", QUALCOMM, Documented, MM_QUECTEL),
    row((0x2c7c, 0x0125), "Quectel EC25, EG25", QUALCOMM, Documented, MM_QUECTEL),
    row((0x2c7c, 0x0191), "Quectel EG91", QUALCOMM, Documented, MM_QUECTEL),
    row((0x2c7c, 0x0195), "Quectel EG95", QUALCOMM, Documented, MM_QUECTEL),
    row((0x2c7c, 0x0296), "Quectel BG96", QUALCOMM, Documented, MM_QUECTEL),
    row((0x2c7c, 0x0306), "Quectel EG06, EP06, EM06", QUALCOMM, Documented, MM_QUECTEL),
    row((0x2c7c, 0x0512), "Quectel EG12, EM12, EG18", QUALCOMM, Documented, MM_QUECTEL),
    row(
        (0x2c7c, 0x0700),
        "Quectel BG95",
        // Linux reserves interface 3 for the network card (option.c, BG95).
        &[(0, Diag), (1, Nmea), (2, At)],
        Reported,
        "users of BG95-M3 on Raspberry Pi OS: ttyUSB0 DIAG, ttyUSB1 NMEA, ttyUSB2 AT",
    ),
    row(
        (0x2c7c, 0x0901),
        "Quectel EC200U",
        // Linux commit d9bbb1588104 names the functions (AT, AP, CP, NMEA, DIAG, MOS), but not their interfaces.
        &[(2, At)],
        Reported,
        "programs that use interface 02 of an EC200U on Windows (MI_02)",
    ),
    row(
        (0x2c7c, 0x6001),
        "Quectel EC100Y, EC600S, EG912Y",
        ASR,
        Documented,
        "Linux commit 6d79d9434c69: ECM or RNDIS, DIAG, AT, MODEM",
    ),
    row(
        (0x2c7c, 0x6002),
        "Quectel EC200S, EC600N, EG800",
        ASR,
        Reported,
        "list of ports of a real module: 1.2 “Mobile Diag Interface”, 1.3 and 1.4 “Mobile AT Interface”",
    ),
    row(
        (0x2c7c, 0x6005),
        "Quectel EC200A",
        ASR,
        Reported,
        "users of an EC200A-EU: AT on interface 3; Linux (option.c) shows the same endpoints as on 2c7c:6001",
    ),
    row(
        (0x2c7c, 0x6007),
        "Quectel EG916Q",
        QUALCOMM,
        Documented,
        "Linux commit 540eff5d7faf: MI_00 Diag, MI_01 NMEA, MI_02 AT, MI_03 Modem",
    ),
    // Linux drives it (option.c), but no source for the roles was found.
    row((0x2c7c, 0x6026), "Quectel EC200T", &[], Evidence::None, ""),
    row(
        (0x1782, 0x4d10),
        "Fibocom L610",
        &[(0, At), (1, Other), (2, Other), (3, Diag), (4, Diag), (5, Modem), (6, Modem)],
        Documented,
        MM_FIBOCOM,
    ),
    row(
        (0x1782, 0x4d11),
        "Fibocom L610 with network card",
        &[(2, At), (3, Other), (4, Other), (5, Diag), (6, Diag), (7, Modem), (8, Modem)],
        Documented,
        MM_FIBOCOM,
    ),
    row((0x2cb7, 0x01a0), "Fibocom NL668", &[(2, At), (3, Modem), (4, Diag)], Documented, MM_FIBOCOM),
    row(
        (0x1782, 0x4e00),
        "Luat Air724UG",
        &[(2, At), (3, Modem), (4, Diag)],
        Documented,
        "the author of Linux commit da90e45d5afc on linux-usb, after Luat's documentation: AT, PPP and AT, debug",
    ),
    row(
        (0x19d1, 0x0001),
        "Luat Air780E",
        // With LuatOS firmware, which has no AT commands, interface 02 is a log and 06 belongs to the program.
        &[(2, At), (4, Diag), (6, Modem)],
        Reported,
        "users of an Air780EPV with AT firmware V1011: AT on 02 and 06; Luat's guide to logs: log on 04",
    ),
    row(
        (0x1e0e, 0x9001),
        "SIMCom SIM7000, SIM7600",
        &[(0, Diag), (1, Nmea), (2, At), (3, Modem), (4, Other)],
        Documented,
        MM_SIMCOM,
    ),
    row((0x1e0e, 0x9011), "SIMCom A7600", &[(2, Diag), (4, At), (5, Modem)], Documented, MM_SIMCOM),
    row(
        (0x1e0e, 0x9205),
        "SIMCom SIM7070, SIM7080, SIM7090",
        &[(0, Diag), (1, Nmea), (2, At), (3, Modem)],
        Documented,
        MM_SIMCOM,
    ),
    row(
        (0x1e0e, 0x9206),
        "SIMCom SIM7070, SIM7080, SIM7090",
        &[(0, Diag), (1, Nmea), (2, At), (3, Other), (4, Other), (5, Modem)],
        Documented,
        MM_SIMCOM,
    ),
    // A vendor of cameras knows it as China Mobile's; no source for the roles was found.
    row((0x2ecc, 0x3010), "China Mobile ML302", &[], Evidence::None, ""),
    row(
        (0x2ecc, 0x3012),
        "China Mobile ML307",
        &[(2, At)],
        Reported,
        "users of an ML307A, after China Mobile's dial-up manual V1.0.1: AT on interface 02",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_a_source_and_an_identity_one_row() {
        for (index, module) in TABLE.iter().enumerate() {
            let is_known = !module.roles.is_empty();
            assert_eq!(is_known, !module.source.is_empty(), "{}", module.name);
            assert_eq!(is_known, module.evidence != Evidence::None, "{}", module.name);
            let first = TABLE
                .iter()
                .position(|other| (other.vendor_id, other.product_id) == (module.vendor_id, module.product_id));
            assert_eq!(first, Some(index), "{}", module.name);
            assert!(module.roles.iter().filter(|(_, role)| *role == At).count() <= 1, "{}", module.name);
        }
    }
}
