//! The families of modules.

use std::fmt;
use std::str::FromStr;

use super::with_families;
use crate::emulator::options::Options;

/// How a family is named, and what its lines begin with.
struct Words {
    name: &'static str,
    description: &'static str,
    /// How the commands of the FTP client begin.
    client: &'static str,
    /// The beginnings of the lines that a fault may single out.
    answers: &'static [&'static str],
}

/// Declares [`Family`] from the rows.
macro_rules! families {
    ({} $($family:ident: $module:ident, $options:ident, $setter:ident {
        name: $name:literal,
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

            const fn words(self) -> &'static Words {
                match self {
                    $(Self::$family => {
                        &Words { name: $name, description: $description, client: $client, answers: &$answers }
                    })*
                }
            }
        }
    };
}

with_families! { families! {} }

impl Family {
    /// Returns the name, as the command-line tool spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.words().name
    }

    /// Returns one line about the modules of the family.
    #[must_use]
    pub const fn description(self) -> &'static str {
        self.words().description
    }

    /// Returns options for a firmware of the family without an FTP client: its commands are answered with `ERROR`.
    #[must_use]
    pub fn without_client(self) -> Options {
        Options::default().without_command(&format!("{}*", self.words().client))
    }

    pub(crate) const fn answers(self) -> &'static [&'static str] {
        self.words().answers
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
        let found = Self::ALL.into_iter().find(|family| family.name() == text);
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
            let client = family.words().client;
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
    fn every_family_is_found_by_its_name() {
        for family in Family::ALL {
            assert_eq!(family.to_string().parse(), Ok(family));
        }
        for name in ["nokia", "CMCC", "china-mobile", ""] {
            assert!(name.parse::<Family>().is_err(), "{name:?}");
        }
    }
}
