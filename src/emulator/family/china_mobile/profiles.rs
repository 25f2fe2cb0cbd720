//! The models of the family. What a row sets is what a document or a log of that model shows.

use super::options::ChinaMobileModel;
use crate::emulator::family::kind::Family;
use crate::emulator::family::profile::Profile;

pub(crate) const PROFILES: &[Profile] = &[
    Profile::new("ml302", "China Mobile ML302A (OneMO FTP AT manual V3.1.0)", Family::ChinaMobile, |options| {
        options.china_mobile.model = ChinaMobileModel::Ml302a
    }),
    Profile::new("ml305", "China Mobile ML305A (OneMO FTP AT manual V3.1.0)", Family::ChinaMobile, |options| {
        options.china_mobile.model = ChinaMobileModel::Ml305a
    }),
    Profile::new("ml307", "China Mobile ML307R (OneMO FTP AT manual V3.1.0)", Family::ChinaMobile, |options| {
        options.china_mobile.model = ChinaMobileModel::Ml307r
    }),
    Profile::new("mr880", "China Mobile MR880A: no PDP context can be chosen", Family::ChinaMobile, |options| {
        options.china_mobile.model = ChinaMobileModel::Mr880a
    }),
];
