//! Modules by their names: one row a model.

use super::china_mobile::options::ChinaMobileModel;
use super::family::Family;
use super::luat::options::LuatProfile;
use super::options::{Identity, Options};

/// A model of module: its family, and how it behaves where the models of the family differ.
///
/// ```
/// use ftp_modem::emulator::{Family, Profile};
///
/// let profile = Profile::named("ec25").unwrap();
/// assert_eq!(profile.family(), Family::Quectel);
/// let options = profile.options().with_echo(false);
/// # drop(options);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    name: &'static str,
    description: &'static str,
    family: Family,
    apply: fn(&mut Options),
}

/// All profiles. What a row sets is what a document or a log of that model shows.
const PROFILES: &[Profile] = &[
    Profile {
        name: "air780e",
        description: "Luat Air780E, firmware V1169 (Luat Air780E FTP guide)",
        family: Family::Luat,
        apply: |_| {},
    },
    Profile {
        name: "air780ep",
        description: "Luat Air780EP, firmware V1007 (time-stamped log of August 2024)",
        family: Family::Luat,
        apply: |options| {
            options.identity = Some(Identity::new("AirM2M", "Air780EP", "AirM2M_780EP_LTE_AT_V1007"));
            // After a chunk the log shows no new maximum.
            options.luat.put_reannounced = false;
        },
    },
    Profile {
        name: "sim800",
        description: "SIMCom SIM800 (SIM800 Series AT Command Manual V1.09)",
        family: Family::Luat,
        apply: |options| options.luat.profile = LuatProfile::Sim800,
    },
    Profile {
        name: "sim7000",
        description: "SIMCom SIM7000 (SIM7000 Series AT Command Manual V1.06)",
        family: Family::Luat,
        apply: |options| options.luat.profile = LuatProfile::Sim7000,
    },
    Profile {
        name: "sim7080",
        description: "SIMCom SIM7070, SIM7080 and SIM7090 (SIM7080 Series AT Command Manual V1.05)",
        family: Family::Luat,
        apply: |options| options.luat.profile = LuatProfile::Sim7080,
    },
    Profile {
        name: "a7670",
        description: "SIMCom A7670: AT+CFTPS commands only (SIMCom FTP Tool), which are none of these dialects",
        family: Family::Luat,
        apply: |options| {
            options.luat.profile = LuatProfile::Sim800;
            // The revision is invented.
            options.identity = Some(Identity::new("SIMCOM INCORPORATED", "A7670C", "A7670M7_V1.11.1"));
            options.missing_commands = ["+FTP*", "+SAPBR"].map(str::to_owned).into();
            // https://github.com/SIMComWireless/SIMCom-FTP-Tools; what their test forms print is invented.
            options.extra_commands = ["START", "STOP", "LOGIN", "LOGOUT", "GET", "PUT", "LIST", "SIZE"]
                .map(|command| (format!("+CFTPS{command}"), Vec::new()))
                .into();
        },
    },
    Profile {
        name: "ec25",
        description: "Quectel EC25 (EC2x&EG9x&EG2x-G&EM05 FTP(S) application note V1.0)",
        family: Family::Quectel,
        apply: |options| options.identity = Some(Identity::new("Quectel", "EC25", "EC25AFXGAR07A04M1G")),
    },
    Profile {
        name: "ec20",
        description: "Quectel EC20 (recorded session of June 2020)",
        family: Family::Quectel,
        apply: |options| options.identity = Some(Identity::new("Quectel", "EC20F", "EC20CEHDLGR06A07M1G")),
    },
    Profile {
        name: "ec200u",
        description: "Quectel EC200U: drivers close a session before they open one and wait for OK",
        family: Family::Quectel,
        apply: |options| {
            options.identity = Some(Identity::new("Quectel", "EC200U", "EC200UCNAAR03A06M08"));
            options.quectel.contexts = 7;
            options.quectel.close_when_closed = true;
            options.quectel.quoted_directory = true;
            options.quectel.ram = false;
        },
    },
    Profile {
        name: "eg800k",
        description: "Quectel EG800K (test reports of August 2026): quoted directories, small flash disk, no RAM disk",
        family: Family::Quectel,
        apply: |options| {
            options.identity = Some(Identity::new("Quectel", "EG800K", "EG800KCNGCR07A06M04"));
            options.quectel.quoted_directory = true;
            options.quectel.extra_keys = vec![("cache".to_owned(), 1), ("restenable".to_owned(), 1)];
            options.quectel.ram = false;
            options.quectel.ufs_size = 286_720;
        },
    },
    Profile {
        name: "bg95",
        description: "Quectel BG95: data_address 0 and 1 only, no NLST (Quectel's demo library)",
        family: Family::Quectel,
        apply: |options| {
            options.identity = Some(Identity::new("Quectel", "BG95-M3", "BG95M3LAR02A04"));
            options.quectel.highest_data_address = 1;
            options.missing_commands = vec!["+QFTPNLST".to_owned()];
        },
    },
    Profile {
        name: "m26",
        description: "Quectel M26, a 2G module: QFTP commands of another dialect, with results such as +QFTPCFG:0",
        family: Family::Quectel,
        apply: |options| {
            // The revision is invented.
            options.identity = Some(Identity::new("Quectel_Ltd", "Quectel_M26", "M26FAR03A06"));
            options.quectel.gsm_client = true;
        },
    },
    Profile {
        name: "l610",
        description: "Fibocom L610 (L610 FTP application guide V1.0.0)",
        family: Family::Fibocom,
        apply: |_| {},
    },
    Profile {
        name: "mc669",
        description: "Fibocom MC669: reads of at most 2560 bytes",
        family: Family::Fibocom,
        apply: |options| {
            options.identity = Some(Identity::new("Fibocom", "MC669", "16009.1000.00.02.73.14"));
            options.fibocom.recv_limit = Some(2560);
        },
    },
    Profile {
        name: "ml302",
        description: "China Mobile ML302A (OneMO FTP AT manual V3.1.0)",
        family: Family::ChinaMobile,
        apply: |options| options.china_mobile.model = ChinaMobileModel::Ml302a,
    },
    Profile {
        name: "ml305",
        description: "China Mobile ML305A (OneMO FTP AT manual V3.1.0)",
        family: Family::ChinaMobile,
        apply: |options| options.china_mobile.model = ChinaMobileModel::Ml305a,
    },
    Profile {
        name: "ml307",
        description: "China Mobile ML307R (OneMO FTP AT manual V3.1.0)",
        family: Family::ChinaMobile,
        apply: |options| options.china_mobile.model = ChinaMobileModel::Ml307r,
    },
    Profile {
        name: "mr880",
        description: "China Mobile MR880A: no PDP context can be chosen",
        family: Family::ChinaMobile,
        apply: |options| options.china_mobile.model = ChinaMobileModel::Mr880a,
    },
    Profile {
        name: "uc8088",
        description: "UCchip UC8088 (UC8088 FTP manual)",
        family: Family::Generic,
        apply: |_| {},
    },
];

impl Profile {
    /// All profiles.
    pub const ALL: &'static [Self] = PROFILES;

    /// Returns the profile of this name, whatever the case of its letters.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.name.eq_ignore_ascii_case(name))
    }

    /// Returns the name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns one line about the module, with the document or log that its behaviour is taken from.
    #[must_use]
    pub const fn description(&self) -> &'static str {
        self.description
    }

    /// Returns the family whose dialect the module speaks.
    #[must_use]
    pub const fn family(&self) -> Family {
        self.family
    }

    /// Returns the module's behaviour, without times: see [`Options::with_real_times`].
    #[must_use]
    pub fn options(&self) -> Options {
        let mut options = Options::default();
        (self.apply)(&mut options);
        options
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Profile;
    use crate::emulator::Family;
    use crate::emulator::testing::Bench;

    #[test]
    fn every_profile_is_found_by_its_name_and_every_family_has_one() {
        let names: BTreeSet<_> = Profile::ALL.iter().map(Profile::name).collect();
        assert_eq!(names.len(), Profile::ALL.len());
        for profile in Profile::ALL {
            let found = Profile::named(&profile.name().to_uppercase()).unwrap();
            assert_eq!((found.name(), found.family()), (profile.name(), profile.family()));
            assert!(!profile.description().is_empty());
        }
        for family in Family::ALL {
            assert!(Profile::ALL.iter().any(|profile| profile.family() == family), "{family}");
        }
        assert!(Profile::named("nokia").is_none());
    }

    #[test]
    fn a_module_names_itself_as_its_profile_has_it() {
        for (name, said) in [("ec20", "EC20F"), ("sim7080", "SIM7080"), ("air780ep", "780EP"), ("ml305", "ML305A")] {
            let profile = Profile::named(name).unwrap();
            let mut bench = Bench::new(profile.family(), profile.options());
            assert!(bench.command("ATI").contains(said), "{name}");
        }
    }

    fn bench(name: &str) -> Bench {
        let profile = Profile::named(name).unwrap();
        Bench::new(profile.family(), profile.options().with_echo(false))
    }

    #[test]
    fn a_module_with_cftps_commands_has_no_client_of_its_family() {
        let mut bench = bench("a7670");
        assert_eq!(bench.command("AT+FTPGET=?"), "\r\nERROR\r\n");
        assert_eq!(bench.command("AT+SAPBR=?"), "\r\nERROR\r\n");
        assert_eq!(bench.command("AT+CFTPSSTART=?"), "\r\nOK\r\n");
        assert!(bench.command("ATI").contains("A7670C"));
    }

    #[test]
    fn a_2g_module_answers_with_one_number() {
        let mut bench = bench("m26");
        bench.server.add_user("u", "p");
        bench.server.put("/f", "12345");
        for (line, answer) in [
            ("AT+QFTPCFG=\"contextid\",1", "\r\nERROR\r\n"),
            ("AT+QFTPSTAT", "\r\nERROR\r\n"),
            ("AT+QFTPCFG=4,\"/RAM/\"", "\r\nOK\r\n\r\n+QFTPCFG:0\r\n"),
            ("AT+QFTPCLOSE", "\r\nOK\r\n\r\n+QFTPCLOSE:-1\r\n"),
            ("AT+QFTPOPEN=\"h\",21", "\r\nOK\r\n\r\n+QFTPOPEN:-1\r\n"),
            ("AT+QFTPUSER=\"u\"", "\r\nOK\r\n"),
            ("AT+QFTPPASS=\"p\"", "\r\nOK\r\n"),
            ("AT+QFTPOPEN=\"h\",21", "\r\nOK\r\n\r\n+QFTPOPEN:0\r\n"),
            ("AT+QFTPPATH=\"/\"", "\r\nOK\r\n\r\n+QFTPPATH:0\r\n"),
            ("AT+QFTPSIZE=\"f\"", "\r\nOK\r\n\r\n+QFTPSIZE:5\r\n"),
            ("AT+QFTPCLOSE", "\r\nOK\r\n\r\n+QFTPCLOSE:0\r\n"),
        ] {
            assert_eq!(bench.command(line), answer, "{line}");
        }
    }

    #[test]
    fn a_bg95_lists_no_names() {
        let profile = Profile::named("bg95").unwrap();
        let mut bench = Bench::new(profile.family(), profile.options().with_echo(false));
        assert_eq!(bench.command("AT+QFTPNLST=?"), "\r\nERROR\r\n");
        assert!(bench.command("AT+QFTPLIST=?").ends_with("\r\nOK\r\n"));
    }
}
