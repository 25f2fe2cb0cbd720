//! What differs between the modules that speak this dialect, as tables: limits, codes, bearer, commands.
//!
//! After the Luat AT command manual (chapters FTP, SAPBR, CPNETAPN), the SIM800 Series AT Command Manual V1.09, the SIM7000
//! Series AT Command Manual V1.06 and FTP Application Note V1.02, and the SIM7080 Series AT Command Manual V1.05 and
//! FTP(S) Application Note V1.02.

use std::fmt;

use super::unsolicited;
use super::{MAX_WRITE_BLOCK, READ_BLOCK};
use crate::at::{Parameter, Rule};
use crate::backend::codes::Code;
use crate::error::ErrorKind;
use crate::modem::{
    Assurance, BinaryUpload, Capabilities, Identity, Limits, LoginCheck, Operation, SizeQuery, Support,
};

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
    /// Only in newer firmware (change list of the SIM800 manual): the module has to be asked.
    Ask,
}

/// One family's chapter of facts.
pub(super) struct Profile {
    pub family: Family,
    /// What modules of the family say of themselves, in lower case.
    words: &'static [&'static str],
    pub network: Network,
    /// The bearers there are (the range of FTPCID), and what the module says on its own while each is used.
    pub bearers: &'static [(u8, &'static [Rule])],
    pub apn: Parameter,
    pub apn_user: Parameter,
    pub apn_password: Parameter,
    pub get_name: Parameter,
    pub get_path: Parameter,
    pub put_name: Parameter,
    pub put_path: Parameter,
    pub codes: &'static [Code],
    /// Whether FTPMODE=0 is supported.
    pub active_mode: bool,
    /// Whether the type is binary before FTPTYPE is sent.
    pub starts_binary: bool,
    /// Whether CPNETAPN exists.
    pub private_access_points: bool,
    pub renaming: Renaming,
    /// What an earlier user may have left on, and what puts it off. Not every firmware knows these.
    pub switched_off: &'static [(&'static str, &'static str)],
}

/// The server's parameters, the same everywhere.
pub(super) const HOST: Parameter = Parameter::quoted("server's name", 49);
pub(super) const USER: Parameter = Parameter::quoted("user name", 49);
pub(super) const PASSWORD: Parameter = Parameter::quoted("password", 49).or_empty().secret();

const fn apn(max: usize) -> Parameter {
    Parameter::quoted("access point name", max).or_empty()
}

const fn apn_user(max: usize) -> Parameter {
    Parameter::quoted("access point's user name", max).or_empty()
}

const fn apn_password(max: usize) -> Parameter {
    Parameter::quoted("access point's password", max).or_empty().secret()
}

const fn name(max: usize) -> Parameter {
    Parameter::quoted("file name", max)
}

const fn directory(max: usize) -> Parameter {
    Parameter::quoted("directory", max)
}

/// FTPEXTPUT or FTPFILEPUT left on would make FTPPUT=1 send what is in the module instead of asking for data.
const MEMORY_OFF: (&str, &str) = ("+FTPEXTPUT", "0");

const LUAT: Profile = Profile {
    family: Family::Luat,
    words: &["airm2m", "luat", "air7", "air20"],
    network: Network::Sapbr,
    bearers: unsolicited::SAPBR,
    // Manual, SAPBR: 50 bytes each; an empty access point means that the network chooses it.
    apn: apn(50),
    apn_user: apn_user(50),
    apn_password: apn_password(50),
    get_name: name(99),
    get_path: directory(255),
    put_name: name(99),
    // Manual, FTPPUTPATH: 99, where SIMCom has 255.
    put_path: directory(99),
    codes: LUAT_RESULTS,
    // Manual, FTPMODE: "not supported yet"; the Air780E FTP guide §1 says never.
    active_mode: false,
    starts_binary: false,
    private_access_points: true,
    renaming: Renaming::No,
    switched_off: &[MEMORY_OFF, ("+FTPFILEPUT", "0")],
};

const SIM800: Profile = Profile {
    family: Family::Sim800,
    words: &["sim800", "sim808", "sim868", "sim900"],
    apn: apn(64),
    apn_user: apn_user(32),
    apn_password: apn_password(32),
    put_path: directory(255),
    active_mode: true,
    private_access_points: false,
    renaming: Renaming::Ask,
    switched_off: &[MEMORY_OFF, ("+FTPSSL", "0")],
    ..LUAT
};

const SIM7000: Profile = Profile {
    family: Family::Sim7000,
    words: &["sim7000"],
    bearers: unsolicited::SIM7000,
    codes: SIM7000_RESULTS,
    renaming: Renaming::Yes,
    switched_off: &[MEMORY_OFF],
    ..SIM800
};

const SIM7080: Profile = Profile {
    family: Family::Sim7080,
    words: &["sim7070", "sim7080", "sim7090"],
    network: Network::Cnact,
    bearers: unsolicited::CNACT,
    // AT manual V1.05, FTPGETNAME and FTPPUTNAME.
    get_name: name(64),
    put_name: name(64),
    codes: SIM7080_RESULTS,
    // AT manual V1.05, FTPTYPE: the default is "I".
    starts_binary: true,
    switched_off: &[MEMORY_OFF, ("+FTPSSL", "0,0,\"\",\"\"")],
    ..SIM7000
};

impl Profile {
    const ALL: [&'static Profile; 4] = [&LUAT, &SIM800, &SIM7000, &SIM7080];

    /// The profile of a module, by what it says of itself. None when it says nothing that tells.
    pub fn of(identity: &Identity) -> Option<&'static Profile> {
        let parts = [&identity.information.join(" "), &identity.manufacturer, &identity.model];
        let said = parts.map(|part| part.to_lowercase()).join(" ");
        Profile::ALL.into_iter().find(|profile| profile.words.iter().any(|word| said.contains(word)))
    }

    /// The profile of a module that says nothing that tells: all limits are the smallest.
    pub fn unknown() -> &'static Profile {
        &LUAT
    }

    /// The bearer used unless told otherwise: 1, or 0 where they are counted from 0.
    pub fn first_bearer(&self) -> u8 {
        self.bearers.first().map_or(1, |(bearer, _)| *bearer)
    }

    /// What the module says on its own while `bearer` is used; none where there is no such bearer.
    pub fn rules(&self, bearer: u8) -> Option<&'static [Rule]> {
        self.bearers.iter().find(|(listed, _)| *listed == bearer).map(|(_, rules)| *rules)
    }

    pub fn capabilities(&self, renames: bool) -> Capabilities {
        Capabilities {
            dialect: "luat",
            operations: if renames { OPERATIONS_WITH_RENAMING } else { OPERATIONS },
            limits: Limits {
                host: HOST.max,
                user: USER.max,
                password: PASSWORD.max,
                path: self.put_path.max.min(self.get_path.max),
                download_block: READ_BLOCK,
                upload_block: MAX_WRITE_BLOCK,
            },
            download_assurance: Assurance::ServerSize,
            upload_assurance: Assurance::ModuleCount,
            binary_upload: BinaryUpload::Safe,
            login_check: LoginCheck::AtFirstOperation,
            size_query: SizeQuery::Command,
            resolves_names: true,
        }
    }
}

/// The last two need FTPMDTM and FTPRENAME.
const OPERATIONS_WITH_RENAMING: &[(Operation, Support)] = &[
    (Operation::Attach, Support::Native),
    (Operation::Login, Support::Native),
    (Operation::Status, Support::Native),
    (Operation::Pwd, Support::Built),
    (Operation::Cwd, Support::Built),
    (Operation::List, Support::Native),
    (Operation::Names, Support::Built),
    (Operation::Size, Support::Native),
    (Operation::Mkdir, Support::Native),
    (Operation::Rmdir, Support::Native),
    (Operation::Remove, Support::Native),
    (Operation::Retrieve, Support::Native),
    (Operation::RetrieveFrom, Support::Native),
    (Operation::Store, Support::Native),
    (Operation::Append, Support::Native),
    (Operation::StoreAt, Support::Built),
    (Operation::Modified, Support::Native),
    (Operation::Rename, Support::Native),
];
const OPERATIONS: &[(Operation, Support)] = OPERATIONS_WITH_RENAMING.split_at(OPERATIONS_WITH_RENAMING.len() - 2).0;

/// The codes that every family has, and its own.
macro_rules! results {
    ($($own:expr),* $(,)?) => {
        &[
            Code::new(61, ErrorKind::BearerLost, "network error"),
            Code::new(62, ErrorKind::NameResolution, "DNS resolve error"),
            Code::new(63, ErrorKind::ConnectFailed, "connect failed"),
            Code::new(64, ErrorKind::NetworkTimeout, "timeout"),
            Code::new(65, ErrorKind::ServerRefused, "server error"),
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
            $($own),*
        ]
    };
}

/// Luat AT manual, FTPGET, table of `<mode>` 1; the same in the SIM800 AT manual V1.09.
const LUAT_RESULTS: &[Code] = results![
    Code::new(80, ErrorKind::Tls, "SSL error"),
    Code::new(81, ErrorKind::Tls, "SSL error"),
    Code::new(82, ErrorKind::Tls, "SSL error"),
    Code::new(83, ErrorKind::Tls, "SSL error"),
    Code::new(84, ErrorKind::Tls, "SSL error"),
    Code::new(85, ErrorKind::ModuleStorage, "file error"),
    Code::new(86, ErrorKind::SessionLost, "manual quit"),
];

/// SIM7000 FTP application note V1.02 §5.16: a quit is 80, where the SIM800 has its first TLS error.
const SIM7000_RESULTS: &[Code] = results![Code::new(80, ErrorKind::SessionLost, "manual quit")];

/// SIM7080 AT manual V1.05, FTPGET.
const SIM7080_RESULTS: &[Code] = results![
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
    use crate::backend::codes;

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
            let found = Profile::of(&Identity { information, ..Identity::default() });
            assert_eq!(found.map(|profile| profile.family), family, "{said}");
            let model = said.to_owned();
            let found = Profile::of(&Identity { model, ..Identity::default() });
            assert_eq!(found.map(|profile| profile.family), family, "{said} as the model");
        }
    }

    #[test]
    fn the_same_number_means_different_things() {
        let kinds = |number| Profile::ALL.map(|profile| codes::find(profile.codes, number).map(|code| code.kind));
        let (tls, quit) = (Some(ErrorKind::Tls), Some(ErrorKind::SessionLost));
        assert_eq!(kinds(80), [tls, tls, quit, quit]);
        assert_eq!(kinds(86), [quit, quit, None, None]);
        assert_eq!(kinds(90), [None, None, None, tls]);
        assert_eq!(kinds(72), [Some(ErrorKind::LoginRefused); 4]);
    }

    #[test]
    fn bearers_are_counted_as_the_manual_counts_them() {
        let ranges = Profile::ALL.map(|profile| profile.bearers.iter().map(|(id, _)| *id).collect::<Vec<_>>());
        assert_eq!(ranges, [vec![1, 2, 3], vec![1, 2, 3], vec![1, 2, 3], vec![0, 1, 2, 3]]);
        assert_eq!(Profile::ALL.map(Profile::first_bearer), [1, 1, 1, 0]);
    }
}
