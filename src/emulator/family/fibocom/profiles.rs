//! The models of the family. What a row sets is what a document or a log of that model shows.

use crate::emulator::choices::Identity;
use crate::emulator::family::kind::Family;
use crate::emulator::family::profile::Profile;

pub(crate) const PROFILES: &[Profile] = &[
    Profile::new("l610", "Fibocom L610 (L610 FTP application guide V1.0.0)", Family::Fibocom, |_| {}),
    Profile::new("mc669", "Fibocom MC669: reads of at most 2560 bytes", Family::Fibocom, |options| {
        // The SDK of the series has the first two numbers; the rest of the revision is invented.
        options.identity = Some(Identity::new("Fibocom", "MC669", "16009.1000.00.02.73.14"));
        options.fibocom.recv_limit = Some(2560);
    }),
];
