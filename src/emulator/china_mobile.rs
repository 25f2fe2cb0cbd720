//! The China Mobile dialect.

pub(crate) mod options;

use super::command::Command;
use super::dialect::{Dialect, Handled};
use super::modem::Modem;
use super::options::Identity;
use options::ChinaMobileOptions;

/// The China Mobile FTP client.
pub(crate) struct ChinaMobile {
    options: ChinaMobileOptions,
}

impl ChinaMobile {
    pub(crate) fn new(options: &ChinaMobileOptions) -> Self {
        Self {
            options: options.clone(),
        }
    }
}

impl Dialect for ChinaMobile {
    fn identity(&self) -> Identity {
        Identity::new("CMCC", "ML302A", "ML302A_V1.0")
    }

    fn command(&mut self, _command: &Command<'_>, _modem: &mut Modem) -> Handled {
        Handled::No
    }

    fn restart(&mut self) {
        *self = Self::new(&self.options);
    }
}
