//! What differs between the families that have this dialect, as data: limits, result codes, bearers, commands.
//!
//! After the Luat AT command manual (chapters FTP, SAPBR, CPNETAPN), the SIM800 Series AT Command Manual V1.09, the
//! SIM7000 Series AT Command Manual V1.06 and FTP Application Note V1.02, and the SIM7080 Series AT Command Manual
//! V1.05 and FTP(S) Application Note V1.02.

use std::fmt;

use super::facts::{CAPABILITIES, OPERATIONS_WITH_RENAMING};
use crate::at::{Answer, Command, Parameter, Pattern};
use crate::backend::access_point;
use crate::backend::codes::{self, Code};
use crate::backend::context::Context;
use crate::backend::driver::knows;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Capabilities, Identity, Limits};

/// A family of modules with the same commands, limits and codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Family {
    /// Luat's modules: Air780E, Air780EP, Air724UG, Air201 and relatives.
    Luat,
    /// SIMCom SIM800, SIM808, SIM868 and SIM900.
    Sim800,
    /// SIMCom SIM7000.
    Sim7000,
    /// SIMCom SIM7070, SIM7080 and SIM7090.
    Sim7080,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Family::Luat => "Luat",
            Family::Sim800 => "SIM800",
            Family::Sim7000 => "SIM7000",
            Family::Sim7080 => "SIM7080",
        })
    }
}

/// The commands that bring the bearer up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    /// SAPBR; the access point is a parameter of the bearer profile.
    Sapbr,
    /// CNACT; the access point is set by CNCFG.
    Cnact,
}

/// Whether the firmware has FTPRENAME and FTPMDTM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Renaming {
    No,
    Yes,
    /// Only in newer firmware (change list of the SIM800 manual): the module is queried.
    Query,
}

/// What is said of one family.
pub(super) struct FamilyFacts {
    pub family: Family,
    /// What modules of the family say of themselves, in lower case.
    words: &'static [&'static str],
    pub network: Network,
    /// The bearers (the range of FTPCID), and the lines that report the loss of each. The loss of a bearer that is not
    /// in use does not matter.
    bearers: &'static [(u8, &'static [Pattern])],
    /// Further lines that report the loss of the bearer in use, whichever it is.
    further_losses: &'static [Pattern],
    pub apn: Parameter,
    pub apn_user: Parameter,
    pub apn_password: Parameter,
    pub get_name: Parameter,
    pub get_path: Parameter,
    pub put_name: Parameter,
    pub put_path: Parameter,
    /// The result codes that not every family has.
    codes: &'static [Code],
    /// Whether FTPMODE=0 is supported.
    pub active_mode: bool,
    /// Whether the type is binary before FTPTYPE is sent.
    pub starts_binary: bool,
    /// Whether CPNETAPN exists.
    pub private_access_points: bool,
    renaming: Renaming,
    /// What another program may have left on, and the value that switches it off. Not every firmware knows these
    /// commands.
    pub switched_off: &'static [(&'static str, &'static str)],
}

const fn name(max: usize) -> Parameter {
    Parameter::quoted("file name", max).on_server()
}

const fn directory(max: usize) -> Parameter {
    Parameter::quoted("directory", max).on_server()
}

/// FTPEXTPUT or FTPFILEPUT left on would make FTPPUT=1 send what is in the module instead of asking for data.
const MEMORY_OFF: (&str, &str) = ("+FTPEXTPUT", "0");

/// By bearer, the profiles of SAPBR (Luat AT manual; SIM800 AT manual V1.09, SAPBR).
const SAPBR: &[(u8, &[Pattern])] = &[
    (1, &[Pattern::Fields("+SAPBR 1", &["DEACT"]), Pattern::Fields("+CGEV", &["NW PDN DEACT 1"])]),
    (2, &[Pattern::Fields("+SAPBR 2", &["DEACT"]), Pattern::Fields("+CGEV", &["NW PDN DEACT 2"])]),
    (3, &[Pattern::Fields("+SAPBR 3", &["DEACT"]), Pattern::Fields("+CGEV", &["NW PDN DEACT 3"])]),
];

/// By bearer, the application networks of CNACT (SIM7080 AT manual V1.05, CNACT). Only of the first is it known which
/// context of the network it uses.
const CNACT: &[(u8, &[Pattern])] = &[
    (0, &[application_network_lost(0), Pattern::Fields("+CGEV", &["NW PDN DEACT 1"])]),
    (1, &[application_network_lost(1)]),
    (2, &[application_network_lost(2)]),
    (3, &[application_network_lost(3)]),
];

const fn application_network_lost(index: u64) -> Pattern {
    Pattern::Numbered { prefix: "+APP PDP", before: &[], number: index, after: &["DEACTIVE"] }
}

const LUAT: FamilyFacts = FamilyFacts {
    family: Family::Luat,
    words: &["airm2m", "luat", "air7", "air20"],
    network: Network::Sapbr,
    bearers: SAPBR,
    further_losses: &[],
    // Manual, SAPBR: 50 bytes each; an empty access point means that the network chooses it.
    apn: access_point::name(50),
    apn_user: access_point::user(50),
    apn_password: access_point::password(50),
    get_name: name(99),
    get_path: directory(255),
    put_name: name(99),
    // Manual, FTPPUTPATH: 99, where SIMCom has 255.
    put_path: directory(99),
    codes: LUAT_CODES,
    // Manual, FTPMODE: "not supported yet"; the Air780E FTP guide §1 says never.
    active_mode: false,
    starts_binary: false,
    private_access_points: true,
    renaming: Renaming::No,
    switched_off: &[MEMORY_OFF, ("+FTPFILEPUT", "0")],
};

const SIM800: FamilyFacts = FamilyFacts {
    family: Family::Sim800,
    words: &["sim800", "sim808", "sim868", "sim900"],
    apn: access_point::name(64),
    apn_user: access_point::user(32),
    apn_password: access_point::password(32),
    put_path: directory(255),
    active_mode: true,
    private_access_points: false,
    renaming: Renaming::Query,
    switched_off: &[MEMORY_OFF, ("+FTPSSL", "0")],
    ..LUAT
};

const SIM7000: FamilyFacts = FamilyFacts {
    family: Family::Sim7000,
    words: &["sim7000"],
    // AT manual V1.06, CNACT: the one application network adds a line of its own.
    further_losses: &[Pattern::Fields("+APP PDP", &["DEACTIVE"])],
    codes: SIM7000_CODES,
    renaming: Renaming::Yes,
    switched_off: &[MEMORY_OFF],
    ..SIM800
};

const SIM7080: FamilyFacts = FamilyFacts {
    family: Family::Sim7080,
    words: &["sim7070", "sim7080", "sim7090"],
    network: Network::Cnact,
    bearers: CNACT,
    further_losses: &[],
    // AT manual V1.05, FTPGETNAME and FTPPUTNAME.
    get_name: name(64),
    put_name: name(64),
    codes: SIM7080_CODES,
    // AT manual V1.05, FTPTYPE: the default is "I".
    starts_binary: true,
    switched_off: &[MEMORY_OFF, ("+FTPSSL", "0,0,\"\",\"\"")],
    ..SIM7000
};

impl FamilyFacts {
    const ALL: [&'static FamilyFacts; 4] = [&LUAT, &SIM800, &SIM7000, &SIM7080];

    /// The facts of an identified module, whose model is queried where it is not known yet. For a module that tells
    /// nothing they are those of Luat, which has the smallest limits.
    pub fn identify(cx: &mut Context) -> Result<&'static FamilyFacts> {
        if let Some(facts) = FamilyFacts::of(&cx.identity) {
            return Ok(facts);
        }
        if cx.identity.model.is_empty() {
            let answer = cx.query_if_known(Command::run("+CGMM").answered_by(Answer::Any))?;
            let model = answer.as_ref().and_then(|answer| answer.first());
            cx.identity.model = model.map(|line| cx.engine.report().shown(line.bytes())).unwrap_or_default();
        }
        Ok(FamilyFacts::of(&cx.identity).unwrap_or(&LUAT))
    }

    /// The facts of a module, by what it says of itself; `None` where that tells nothing.
    fn of(identity: &Identity) -> Option<&'static FamilyFacts> {
        let parts = [&identity.information.join(" "), &identity.manufacturer, &identity.model];
        let said = parts.map(|part| part.to_lowercase()).join(" ");
        FamilyFacts::ALL.into_iter().find(|facts| facts.words.iter().any(|word| said.contains(word)))
    }

    /// The default bearer: 1, or 0 where they are counted from 0.
    pub fn first_bearer(&self) -> u8 {
        self.bearers().next().unwrap_or(1)
    }

    fn bearers(&self) -> impl Iterator<Item = u8> {
        self.bearers.iter().map(|(bearer, _)| *bearer)
    }

    /// Checks that there is a bearer of this number.
    pub fn check_bearer(&self, bearer: u8) -> Result<()> {
        if self.bearers().any(|known| known == bearer) {
            return Ok(());
        }
        let known: Vec<String> = self.bearers().map(|known| known.to_string()).collect();
        let detail = format!("there is no bearer {bearer}, there are {}", known.join(", "));
        Err(Error::new(ErrorKind::InvalidInput, detail))
    }

    /// The lines that report the loss of a bearer.
    pub fn losses(&self, bearer: u8) -> impl Iterator<Item = Pattern> {
        let own = self.bearers.iter().find(|(listed, _)| *listed == bearer).map_or(&[][..], |(_, losses)| *losses);
        own.iter().chain(self.further_losses).copied()
    }

    /// The table with the meaning of a result code.
    pub fn codes(&self, code: &str) -> &'static [Code] {
        if codes::find(COMMON_CODES, code).is_some() { COMMON_CODES } else { self.codes }
    }

    /// What the module can do; it is queried for commands that only newer firmware has.
    pub fn capabilities(&self, cx: &mut Context) -> Result<Capabilities> {
        let renames = match self.renaming {
            Renaming::No => false,
            Renaming::Yes => true,
            Renaming::Query => knows(cx, "+FTPRENAME")? && knows(cx, "+FTPMDTM")?,
        };
        Ok(Capabilities {
            operations: if renames { OPERATIONS_WITH_RENAMING } else { CAPABILITIES.operations },
            limits: Limits { path: self.put_path.max.min(self.get_path.max), ..CAPABILITIES.limits },
            ..CAPABILITIES
        })
    }
}

/// The result codes that mean the same in every family.
const COMMON_CODES: &[Code] = &[
    Code::new(61, ErrorKind::BearerLost, "network error"),
    Code::new(62, ErrorKind::NameResolution, "DNS resolve error"),
    Code::new(63, ErrorKind::ConnectFailed, "connect failed"),
    Code::new(64, ErrorKind::NetworkTimeout, "timeout"),
    // Also a 421 (RFC 959 §4.2.2: the server closes the control connection): a later attempt may succeed.
    Code::new(65, ErrorKind::ServerBusy, "server error"),
    Code::new(66, ErrorKind::ModuleBusy, "operation not allowed"),
    Code::new(70, ErrorKind::ServerRefused, "replay error"),
    Code::new(71, ErrorKind::LoginRefused, "user error"),
    Code::new(72, ErrorKind::LoginRefused, "password error"),
    Code::new(73, ErrorKind::ServerRefused, "type error"),
    Code::new(74, ErrorKind::ServerRefused, "rest error"),
    Code::new(75, ErrorKind::DataConnection, "passive error"),
    Code::new(76, ErrorKind::DataConnection, "active error"),
    Code::new(77, ErrorKind::Unavailable, "operate error"),
    Code::new(78, ErrorKind::DataConnection, "upload error"),
    Code::new(79, ErrorKind::DataConnection, "download error"),
];

/// Luat AT manual, FTPGET, table of `<mode>` 1; the same in the SIM800 AT manual V1.09.
const LUAT_CODES: &[Code] = &[
    Code::new(80, ErrorKind::Tls, "SSL error"),
    Code::new(81, ErrorKind::Tls, "SSL error"),
    Code::new(82, ErrorKind::Tls, "SSL error"),
    Code::new(83, ErrorKind::Tls, "SSL error"),
    Code::new(84, ErrorKind::Tls, "SSL error"),
    Code::new(85, ErrorKind::ModuleStorage, "file error"),
    Code::new(86, ErrorKind::SessionLost, "manual quit"),
];

/// SIM7000 FTP application note V1.02 §5.16: a quit is 80, where the SIM800 has its first TLS error.
const SIM7000_CODES: &[Code] = &[Code::new(80, ErrorKind::SessionLost, "manual quit")];

/// SIM7080 AT manual V1.05, FTPGET.
const SIM7080_CODES: &[Code] = &[
    Code::new(80, ErrorKind::SessionLost, "manual quit"),
    Code::new(90, ErrorKind::Tls, "SSL connect error"),
    Code::new(91, ErrorKind::Tls, "SSL alert"),
    Code::new(92, ErrorKind::Tls, "AUTH error"),
    Code::new(93, ErrorKind::Tls, "PBSZ error"),
    Code::new(94, ErrorKind::DataConnection, "PORT error"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::Line;

    #[test]
    fn modules_by_what_they_say_of_themselves() {
        for (said, family) in [
            ("AirM2M_780E_V1169_LTE_AT", Some(Family::Luat)),
            ("AirM2M_780EP_LTE_AT_V1007", Some(Family::Luat)),
            ("SIM800 R14.18", Some(Family::Sim800)),
            ("SIM808 R14.18", Some(Family::Sim800)),
            ("SIM868 R14.18", Some(Family::Sim800)),
            ("SIM900 R11.0", Some(Family::Sim800)),
            ("SIMCOM_SIM800L", Some(Family::Sim800)),
            ("SIM7000G R1529", Some(Family::Sim7000)),
            ("SIM7070G R1951.04", Some(Family::Sim7080)),
            ("SIMCOM_SIM7080", Some(Family::Sim7080)),
            ("SIM7090", Some(Family::Sim7080)),
            ("SIMCOM_Ltd", None),
            ("L218", None),
        ] {
            let information = vec![said.to_owned()];
            let found = FamilyFacts::of(&Identity { information, ..Identity::default() });
            assert_eq!(found.map(|facts| facts.family), family, "{said}");
            let model = said.to_owned();
            let found = FamilyFacts::of(&Identity { model, ..Identity::default() });
            assert_eq!(found.map(|facts| facts.family), family, "{said} as the model");
        }
    }

    #[test]
    fn a_result_code_may_mean_different_things() {
        let kinds =
            |code: &str| FamilyFacts::ALL.map(|facts| codes::find(facts.codes(code), code).map(|code| code.kind));
        let (tls, quit) = (Some(ErrorKind::Tls), Some(ErrorKind::SessionLost));
        assert_eq!(kinds("80"), [tls, tls, quit, quit]);
        assert_eq!(kinds("86"), [quit, quit, None, None]);
        assert_eq!(kinds("90"), [None, None, None, tls]);
        assert_eq!(kinds("72"), [Some(ErrorKind::LoginRefused); 4]);
    }

    #[test]
    fn bearers_are_counted_as_the_manual_counts_them() {
        let ranges = FamilyFacts::ALL.map(|facts| facts.bearers().collect::<Vec<_>>());
        assert_eq!(ranges, [vec![1, 2, 3], vec![1, 2, 3], vec![1, 2, 3], vec![0, 1, 2, 3]]);
        assert_eq!(FamilyFacts::ALL.map(FamilyFacts::first_bearer), [1, 1, 1, 0]);
    }

    #[test]
    fn only_the_loss_of_the_bearer_in_use_matters() {
        for (facts, bearer, line, is_lost) in [
            (&LUAT, 1, "+SAPBR 1: DEACT", true),
            (&LUAT, 1, "+SAPBR 2: DEACT", false),
            (&LUAT, 2, "+SAPBR 2: DEACT", true),
            (&LUAT, 3, "+CGEV: NW PDN DEACT 3", true),
            (&LUAT, 3, "+CGEV: NW PDN DEACT 1", false),
            (&LUAT, 1, "+APP PDP: DEACTIVE", false),
            (&SIM7000, 2, "+APP PDP: DEACTIVE", true),
            (&SIM7080, 0, "+CGEV: NW PDN DEACT 1", true),
            (&SIM7080, 1, "+CGEV: NW PDN DEACT 1", false),
            (&SIM7080, 3, "+APP PDP: 3,DEACTIVE", true),
            (&SIM7080, 3, "+APP PDP: 0,DEACTIVE", false),
            (&SIM7080, 3, "+APP PDP: 3,ACTIVE", false),
        ] {
            let line = Line::new(line.as_bytes());
            let matches = facts.losses(bearer).any(|pattern| pattern.matches(&line.reply()));
            assert_eq!(matches, is_lost, "{} {bearer}: {}", facts.family, line.text());
        }
    }
}
