//! Operations that only one backend has: `own` in the file of each dialect.

#[path = "../../../tests/support/dialects.rs"]
mod dialects;

use ftp_modem::modem::DataConnection;
use ftp_modem::{FtpModem, Result};

use dialects::with_dialects;

macro_rules! files {
    ($($dialect:ident: $vendor:ident;)*) => {
        $(mod $dialect;)*

        /// Runs operation `which`, 0 to 6, in variant `how`, 0 to 7, of those that only one dialect has.
        pub fn operate(modem: &mut dyn FtpModem, which: u8, how: u8) -> Result<()> {
            let mut outcome = None;
            $(outcome = outcome.or_else(|| run($dialect::own, &mut *modem, which, how));)*
            outcome.unwrap_or_else(|| panic!("no dialect's type is that of a detected {}", modem.vendor()))
        }
    };
}

with_dialects! { files! }

/// Runs an operation of the driver `M`; `None` for a modem of another type.
fn run<M: FtpModem + 'static>(
    own: fn(&mut M, u8, u8) -> Result<()>,
    modem: &mut dyn FtpModem,
    which: u8,
    how: u8,
) -> Option<Result<()>> {
    Some(own(modem.downcast_mut::<M>()?, which, how))
}

fn connection(how: u8) -> DataConnection {
    if how == 0 { DataConnection::Active } else { DataConnection::Passive }
}
