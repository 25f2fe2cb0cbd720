//! The dialects, one row each.

use std::fmt;
use std::str::FromStr;

use super::dialect::Dialect;
use super::driver::{Driver, Identified};
use crate::at::{Engine, Secrets};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{FtpModem, Identity};

/// The driver of one dialect, for programs that want what only this dialect has ([`OpenOptions::open_as`]). It is
/// implemented by the drivers of this crate only.
///
/// [`OpenOptions::open_as`]: super::OpenOptions::open_as
pub trait Backend: FtpModem + Sized + Identified {
    /// The dialect.
    const VENDOR: Vendor;
}

/// What is known of a dialect before a module of it was met.
pub(super) struct Row {
    /// The name in options, messages and documentation.
    name: &'static str,
    /// Names of modules, for documentation.
    modules: &'static str,
    /// How words begin in what a module says of itself, in lower case. Not every module of a vendor speaks its
    /// dialect: of SIMCom's, SIM7600 has another.
    pub(super) words: &'static [&'static str],
    /// A test command that only this dialect knows, and the place in the order in which these are tried where the
    /// words say nothing.
    pub(super) test: (u8, &'static str),
    /// The commands that have secrets among their parameters.
    pub(super) secrets: &'static [Secrets],
    /// Opens the driver.
    open: fn(Engine, Identity) -> Result<Box<dyn FtpModem>>,
}

/// Makes the enum of the dialects and its rows, so that a dialect is one row here.
macro_rules! dialects {
    ($($(#[$doc:meta])* $variant:ident: $dialect:ty {
        name: $name:ident,
        modules: $modules:literal,
        words: $words:expr,
        test: $test:expr,
    })*) => {
        /// A dialect, named after the vendor it is known for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Vendor {
            $($(#[$doc])* $variant,)*
        }

        $(impl Backend for Driver<$dialect> {
            const VENDOR: Vendor = Vendor::$variant;
        })*

        impl Vendor {
            /// Every dialect.
            pub const ALL: [Vendor; [$($modules),*].len()] = [$(Vendor::$variant),*];

            pub(super) const fn row(self) -> &'static Row {
                match self {
                    $(Vendor::$variant => {
                        const ROW: Row = Row {
                            name: stringify!($name),
                            modules: $modules,
                            words: $words,
                            test: $test,
                            secrets: <$dialect as Dialect>::FACTS.secrets,
                            open: |engine, identity| Ok(Box::new(Driver::<$dialect>::identified(engine, identity)?)),
                        };
                        &ROW
                    })*
                }
            }
        }

        /// The chapters of the guide, one per dialect.
        pub mod chapters {
            $(#[doc = include_str!(concat!("../guide/dialects/", stringify!($name), ".md"))] pub mod $name {})*
        }
    };
}

dialects! {
    /// Luat (Air780E and relatives); SIMCom's modules speak it too.
    Luat: super::luat::LuatFtp {
        name: luat,
        modules: "Luat Air780E, Air780EP, Air724UG, Air201; \
                  SIMCom SIM800, SIM808, SIM868, SIM900, SIM7000, SIM7070, SIM7080, SIM7090",
        words: &[
            "airm2m", "luat", "sim800", "sim808", "sim868", "sim900", "sim7000", "sim7070", "sim7080", "sim7090",
        ],
        // Behind China Mobile and Fibocom; generic shares most of its commands, but for FTPGETPATH.
        test: (3, "+FTPGETPATH"),
    }
    /// Fibocom (L610, L716, MC66x, NL668).
    Fibocom: super::fibocom::FibocomFtp {
        name: fibocom,
        modules: "Fibocom L610, L716, MC66x, NL668",
        words: &["fibocom"],
        test: (2, "+FTPRECV"),
    }
    /// Quectel (EC2x, EG9x, EG2x-G, EM05, and later families).
    Quectel: super::quectel::Qftp {
        name: quectel,
        modules: "Quectel EC2x, EG9x, EG2x-G, EM05 and later families",
        words: &["quectel"],
        test: (0, "+QFTPCFG"),
    }
    /// China Mobile IoT, OneMO (ML302A, ML305A/U, ML307A/R).
    ChinaMobile: super::china_mobile::Mftp {
        name: cmcc,
        modules: "China Mobile IoT (OneMO) ML302A, ML305A/U, ML307A/R",
        words: &["cmiot", "cmcc", "chinamobile", "onemo", "ml302", "ml305", "ml307", "mr880"],
        test: (1, "+MFTPCFG"),
    }
    /// The FTPSERV dialect of UCchip's UC8088.
    Generic: super::generic::Ftpserv {
        name: generic,
        modules: "UCchip UC8088",
        words: &["uc8088", "ucchip"],
        test: (4, "+FTPSCON"),
    }
}

impl Vendor {
    /// Returns the short name, such as `quectel`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Returns the modules that are known to speak it, in words.
    pub fn modules(self) -> &'static str {
        self.row().modules
    }

    /// Opens the driver of this dialect on a module that was identified.
    pub(super) fn open(self, engine: Engine, identity: Identity) -> Result<Box<dyn FtpModem>> {
        (self.row().open)(engine, identity)
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Vendor {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let known = Vendor::ALL.into_iter().find(|vendor| vendor.name() == name);
        known.ok_or_else(|| {
            let names = Vendor::ALL.map(Vendor::name).join(", ");
            Error::new(ErrorKind::InvalidInput, format!("no dialect is called {name:?}; there are {names}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_is_found_by_its_name() {
        for vendor in Vendor::ALL {
            assert_eq!(vendor.name().parse::<Vendor>().unwrap(), vendor);
        }
        assert!("nokia".parse::<Vendor>().unwrap_err().to_string().contains("quectel, "));
    }
}
