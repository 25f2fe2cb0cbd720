//! The registry of the dialects. A further dialect has its module and its row here, and a folder beside the others.
//! Nothing else of the emulator names it.

mod china_mobile;
mod fibocom;
mod generic;
mod luat;
mod profile;
mod quectel;

use std::fmt;
use std::str::FromStr;

use super::dialect::Dialect;
use super::options::Options;
#[cfg(test)]
use super::testing::Sample;
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
    #[cfg(test)]
    sample: &'static Sample,
}

/// Hands the rows to the macro `declare`: the family, its module, its options and their setter, and what the emulator
/// knows of it.
macro_rules! with_families {
    ($declare:ident! { $($common:tt)* }) => {
        $declare! {
            { $($common)* }

            Luat: luat, LuatOptions, with_luat {
                names: ["luat"],
                description: "Luat (Air780E and relatives), with the SIMCom modules as profiles",
                client: "+FTP",
                answers: ["+FTPGET", "+FTPPUT", "+FTPSIZE", "+FTPLIST", "+FTPDELE", "+SAPBR"],
            }
            Fibocom: fibocom, FibocomOptions, with_fibocom {
                names: ["fibocom"],
                description: "Fibocom (L610 and relatives)",
                client: "+FTP",
                answers: [
                    "+FTPGET", "+FTPPUT", "+FTPRECV", "+FTPOPEN", "+FTPSIZE", "+FTPLIST", "+FTPCLOSE", "+MIPCALL",
                ],
            }
            Quectel: quectel, QuectelOptions, with_quectel {
                names: ["quectel"],
                description: "Quectel (EC2x and relatives)",
                client: "+QFTP",
                answers: [
                    "CONNECT", "+QFTPOPEN", "+QFTPGET", "+QFTPPUT", "+QFTPSIZE", "+QFTPLIST", "+QFTPSTAT", "+QFLST",
                ],
            }
            ChinaMobile: china_mobile, ChinaMobileOptions, with_china_mobile {
                names: ["cmcc", "china-mobile"],
                description: "China Mobile IoT, OneMO (ML30x)",
                client: "+MFTP",
                answers: ["+MFTPCONN", "+MFTPRETR", "+MFTPSTOR", "+MFTPLIST", "+MFTPURC", "+MFGET", ">"],
            }
            Generic: generic, GenericOptions, with_generic {
                names: ["generic"],
                description: "The `FTPSERV` dialect that names no vendor (UC8088)",
                client: "+FTP",
                answers: ["+FTPSERV", "+FTPGET", "+FTPLIST"],
            }
        }
    };
}

pub(crate) use with_families;

/// Declares [`Family`] from the rows, and collects the options of all families.
macro_rules! families {
    ({} $($family:ident: $module:ident, $options:ident, $setter:ident {
        names: $names:expr,
        description: $description:literal,
        client: $client:literal,
        answers: $answers:expr,
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
                            profiles: $module::profiles::PROFILES,
                            dialect: |options| Box::new($module::$family::new(&options.$module)),
                            #[cfg(test)]
                            sample: &$module::sample::SAMPLE,
                        }
                    })*
                }
            }
        }

        /// What can be chosen where the modules of a dialect differ.
        pub(super) mod options {
            $(pub use super::$module::options::*;)*
        }
    };
}

with_families! { families! {} }

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

    #[cfg(test)]
    pub(crate) const fn sample(self) -> &'static Sample {
        self.row().sample
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
        for family in Family::ALL {
            let client = family.row().client;
            let commands = family.sample().commands.iter().filter(|command| command.starts_with(client));
            let answers = commands.map(|command| {
                [family.without_client(), Options::default()].map(|options| {
                    let mut bench = Bench::new(family, options.with_echo(false));
                    assert_eq!(bench.command("AT"), "\r\nOK\r\n");
                    bench.command(&format!("AT{command}=?"))
                })
            });
            let answers: Vec<_> = answers.collect();
            assert!(answers.iter().all(|[without, _]| without == "\r\nERROR\r\n"), "{family}: {answers:?}");
            assert!(answers.iter().any(|[_, with]| with.ends_with("\r\nOK\r\n")), "{family}: {answers:?}");
        }
    }

    #[test]
    fn every_family_is_found_by_its_names() {
        for family in Family::ALL {
            assert_eq!(family.to_string().parse(), Ok(family));
            for name in family.row().names {
                assert_eq!(name.to_uppercase().replace('-', "_").parse(), Ok(family));
            }
        }
        for name in ["cmcc", "CMCC", "china-mobile", "China_Mobile"] {
            assert_eq!(name.parse(), Ok(Family::ChinaMobile));
        }
        assert!("nokia".parse::<Family>().is_err());
    }
}
