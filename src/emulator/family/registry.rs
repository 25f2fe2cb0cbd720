//! What the emulator knows of each dialect without speaking it.

use super::kind::Family;
use super::profile::Profile;
use super::with_families;
use crate::emulator::dialect::Dialect;
use crate::emulator::options::Options;
#[cfg(test)]
use crate::emulator::testing::Sample;

struct Row {
    profiles: &'static [Profile],
    dialect: fn(&Options) -> Box<dyn Dialect>,
    #[cfg(test)]
    sample: &'static Sample,
}

/// Gives each family its row.
macro_rules! rows {
    ({} $($family:ident: $module:ident, $options:ident, $setter:ident $words:tt)*) => {
        const fn row(family: Family) -> &'static Row {
            match family {
                $(Family::$family => {
                    &Row {
                        profiles: super::$module::profiles::PROFILES,
                        dialect: |options| Box::new(super::$module::$family::new(&options.$module)),
                        #[cfg(test)]
                        sample: &super::$module::sample::SAMPLE,
                    }
                })*
            }
        }
    };
}

with_families! { rows! {} }

impl Family {
    pub(crate) fn dialect(self, options: &Options) -> Box<dyn Dialect> {
        (row(self).dialect)(options)
    }

    #[cfg(test)]
    pub(crate) const fn sample(self) -> &'static Sample {
        row(self).sample
    }
}

impl Profile {
    /// Returns all profiles.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        Family::ALL.into_iter().flat_map(|family| row(family).profiles)
    }

    /// Returns the profile of this name, whatever the case of its letters.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().find(|profile| profile.name().eq_ignore_ascii_case(name))
    }
}
