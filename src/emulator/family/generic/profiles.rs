//! The models of the family. What a row sets is what a document or a log of that model shows.

use crate::emulator::family::kind::Family;
use crate::emulator::family::profile::Profile;

pub(crate) const PROFILES: &[Profile] =
    &[Profile::new("uc8088", "UCchip UC8088 (UC8088 FTP manual)", Family::Generic, |_| {})];
