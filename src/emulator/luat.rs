//! The Luat dialect.

pub(crate) mod options;

use super::command::Command;
use super::dialect::{Dialect, Handled};
use super::modem::Modem;
use super::options::Identity;
use options::LuatOptions;

/// The Luat FTP client.
pub(crate) struct Luat {
    options: LuatOptions,
}

impl Luat {
    pub(crate) fn new(options: &LuatOptions) -> Self {
        Self {
            options: options.clone(),
        }
    }
}

impl Dialect for Luat {
    fn identity(&self) -> Identity {
        Identity::new("AirM2M", "Air780E", "AirM2M_780E_V1169_LTE_AT")
    }

    fn command(&mut self, _command: &Command<'_>, _modem: &mut Modem) -> Handled {
        Handled::No
    }

    fn restart(&mut self) {
        *self = Self::new(&self.options);
    }
}
