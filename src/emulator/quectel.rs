//! The Quectel dialect.

pub(crate) mod options;

use super::command::Command;
use super::dialect::{Dialect, Handled};
use super::modem::Modem;
use super::options::Identity;
use options::QuectelOptions;

/// The Quectel FTP client.
pub(crate) struct Quectel {
    options: QuectelOptions,
}

impl Quectel {
    pub(crate) fn new(options: &QuectelOptions) -> Self {
        Self {
            options: options.clone(),
        }
    }
}

impl Dialect for Quectel {
    fn identity(&self) -> Identity {
        Identity::new("Quectel", "EC25", "EC25EFAR06A01M4G")
    }

    fn command(&mut self, _command: &Command<'_>, _modem: &mut Modem) -> Handled {
        Handled::No
    }

    fn restart(&mut self) {
        *self = Self::new(&self.options);
    }
}
