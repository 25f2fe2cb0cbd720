//! The Fibocom dialect.

pub(crate) mod options;

use super::command::Command;
use super::dialect::{Dialect, Handled};
use super::modem::Modem;
use super::options::Identity;
use options::FibocomOptions;

/// The Fibocom FTP client.
pub(crate) struct Fibocom {
    options: FibocomOptions,
}

impl Fibocom {
    pub(crate) fn new(options: &FibocomOptions) -> Self {
        Self {
            options: options.clone(),
        }
    }
}

impl Dialect for Fibocom {
    fn identity(&self) -> Identity {
        Identity::new("Fibocom", "L610", "16000.1000.00.10.20.15")
    }

    fn command(&mut self, _command: &Command<'_>, _modem: &mut Modem) -> Handled {
        Handled::No
    }

    fn restart(&mut self) {
        *self = Self::new(&self.options);
    }
}
