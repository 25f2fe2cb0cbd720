//! The registry of the dialects. A further dialect has its module and its row here, its options in `options`, and a
//! folder beside the others. Nothing else of the emulator names it.

mod china_mobile;
mod fibocom;
mod generic;
mod luat;
pub(super) mod options;
mod profile;
mod quectel;

use std::fmt;
use std::str::FromStr;

use super::dialect::Dialect;
use super::options::Options;
pub use profile::Profile;

/// What the emulator knows of a dialect without speaking it.
struct Row {
    /// The words that select the dialect; the first one is its name.
    names: &'static [&'static str],
    description: &'static str,
    /// How the commands of the FTP client begin.
    client: &'static str,
    /// The beginnings of the lines that a fault may single out.
    answers: &'static [&'static str],
    profiles: &'static [Profile],
    dialect: fn(&Options) -> Box<dyn Dialect>,
}

/// Declares [`Family`] from the rows.
macro_rules! families {
    ($($family:ident {
        names: $names:expr,
        description: $description:literal,
        client: $client:literal,
        answers: $answers:expr,
        profiles: $profiles:expr,
        dialect: $dialect:expr,
    })*) => {
        /// A family of modules that speak one dialect.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Family {
            $(
                #[doc = concat!($description, ".")]
                $family,
            )*
        }

        impl Family {
            /// All families.
            pub const ALL: [Self; [$($description),*].len()] = [$(Self::$family),*];

            const fn row(self) -> &'static Row {
                match self {
                    $(Self::$family => {
                        &Row {
                            names: &$names,
                            description: $description,
                            client: $client,
                            answers: &$answers,
                            profiles: $profiles,
                            dialect: $dialect,
                        }
                    })*
                }
            }
        }
    };
}

families! {
    Luat {
        names: ["luat"],
        description: "Luat (Air780E and relatives), with the SIMCom modules as profiles",
        client: "+FTP",
        answers: ["+FTPGET", "+FTPPUT", "+FTPSIZE", "+FTPLIST", "+FTPDELE", "+SAPBR"],
        profiles: luat::profiles::PROFILES,
        dialect: |options| Box::new(luat::Luat::new(&options.luat)),
    }
    Fibocom {
        names: ["fibocom"],
        description: "Fibocom (L610 and relatives)",
        client: "+FTP",
        answers: [
            "+FTPGET", "+FTPPUT", "+FTPRECV", "+FTPOPEN", "+FTPSIZE", "+FTPLIST", "+FTPCLOSE", "+MIPCALL",
        ],
        profiles: fibocom::profiles::PROFILES,
        dialect: |options| Box::new(fibocom::Fibocom::new(&options.fibocom)),
    }
    Quectel {
        names: ["quectel"],
        description: "Quectel (EC2x and relatives)",
        client: "+QFTP",
        answers: [
            "CONNECT", "+QFTPOPEN", "+QFTPGET", "+QFTPPUT", "+QFTPSIZE", "+QFTPLIST", "+QFTPSTAT", "+QFLST",
        ],
        profiles: quectel::profiles::PROFILES,
        dialect: |options| Box::new(quectel::Quectel::new(&options.quectel)),
    }
    ChinaMobile {
        names: ["cmcc", "china-mobile"],
        description: "China Mobile IoT, OneMO (ML30x)",
        client: "+MFTP",
        answers: ["+MFTPCONN", "+MFTPRETR", "+MFTPSTOR", "+MFTPLIST", "+MFTPURC", "+MFGET", ">"],
        profiles: china_mobile::profiles::PROFILES,
        dialect: |options| Box::new(china_mobile::ChinaMobile::new(&options.china_mobile)),
    }
    Generic {
        names: ["generic"],
        description: "The `FTPSERV` dialect that names no vendor (UC8088)",
        client: "+FTP",
        answers: ["+FTPSERV", "+FTPGET", "+FTPLIST"],
        profiles: generic::profiles::PROFILES,
        dialect: |options| Box::new(generic::Generic::new(&options.generic)),
    }
}

impl Family {
    /// Returns the name, as the command-line tool spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.row().names {
            [name, ..] => name,
            [] => "",
        }
    }

    /// Returns one line about the modules of the family.
    #[must_use]
    pub const fn description(self) -> &'static str {
        self.row().description
    }

    /// Returns options for a firmware of the family without an FTP client: its commands are answered with `ERROR`.
    #[must_use]
    pub fn without_client(self) -> Options {
        Options::default().without_command(&format!("{}*", self.row().client))
    }

    pub(crate) fn profiles(self) -> &'static [Profile] {
        self.row().profiles
    }

    pub(crate) const fn answers(self) -> &'static [&'static str] {
        self.row().answers
    }

    pub(crate) fn dialect(self, options: &Options) -> Box<dyn Dialect> {
        (self.row().dialect)(options)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// The text names no [`Family`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFamily(String);

impl fmt::Display for UnknownFamily {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "unknown family {:?}", self.0)
    }
}

impl std::error::Error for UnknownFamily {}

impl FromStr for Family {
    type Err = UnknownFamily;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = text.to_ascii_lowercase().replace('_', "-");
        let found = Self::ALL.into_iter().find(|family| family.row().names.contains(&wanted.as_str()));
        found.ok_or_else(|| UnknownFamily(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Family, Options};
    use crate::emulator::testing::Bench;

    #[test]
    fn a_firmware_may_lack_the_client() {
        let lines = ["AT+FTPGET=?", "AT+FTPOPEN=?", "AT+QFTPOPEN=?", "AT+MFTPCONN=?", "AT+FTPSERV=?"];
        for (family, line) in Family::ALL.into_iter().zip(lines) {
            let answers = [family.without_client(), Options::default()].map(|options| {
                let mut bench = Bench::new(family, options.with_echo(false));
                assert_eq!(bench.command("AT"), "\r\nOK\r\n");
                bench.command(line)
            });
            assert_eq!(answers[0], "\r\nERROR\r\n", "{family}");
            assert!(answers[1].ends_with("\r\nOK\r\n"), "{family}");
        }
    }

    #[test]
    fn every_family_is_found_by_its_names() {
        for family in Family::ALL {
            assert_eq!(family.to_string().parse(), Ok(family));
        }
        let names = Family::ALL.map(Family::name);
        assert_eq!(names, ["luat", "fibocom", "quectel", "cmcc", "generic"]);
        for name in ["cmcc", "CMCC", "china-mobile", "China_Mobile"] {
            assert_eq!(name.parse(), Ok(Family::ChinaMobile));
        }
        assert!("nokia".parse::<Family>().is_err());
    }
}
