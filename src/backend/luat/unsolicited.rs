//! What modules of this dialect say on their own.

use crate::at::{Pattern, Rule};
use crate::error::ErrorKind;

/// The result codes of the operations. They have 1 as their first field; what has 2 there is the answer to a command.
pub(super) const RESULTS: &[Pattern] = &[
    Pattern::Fields("+FTPGET", &["1"]),
    Pattern::Fields("+FTPPUT", &["1"]),
    Pattern::Fields("+FTPLIST", &["1"]),
    Pattern::Fields("+FTPSIZE", &["1"]),
    Pattern::Fields("+FTPDELE", &["1"]),
    Pattern::Fields("+FTPMKD", &["1"]),
    Pattern::Fields("+FTPRMD", &["1"]),
    Pattern::Fields("+FTPMDTM", &["1"]),
    Pattern::Fields("+FTPRENAME", &["1"]),
    super::memory::FETCHED,
];

/// The rules of a module that announces the loss of its bearer by one of these lines.
macro_rules! rules {
    ($([$prefix:literal, $($field:literal),+]),+ $(,)?) => {
        &[
            Rule::keep(Pattern::Fields("+FTPGET", &["1"])),
            Rule::keep(Pattern::Fields("+FTPPUT", &["1"])),
            Rule::keep(Pattern::Fields("+FTPLIST", &["1"])),
            Rule::keep(Pattern::Fields("+FTPSIZE", &["1"])),
            Rule::keep(Pattern::Fields("+FTPDELE", &["1"])),
            Rule::keep(Pattern::Fields("+FTPMKD", &["1"])),
            Rule::keep(Pattern::Fields("+FTPRMD", &["1"])),
            Rule::keep(Pattern::Fields("+FTPMDTM", &["1"])),
            Rule::keep(Pattern::Fields("+FTPRENAME", &["1"])),
            Rule::keep(super::memory::FETCHED),
            $(Rule::alarm(Pattern::Fields($prefix, &[$($field),+]), ErrorKind::BearerLost),)+
            Rule::alarm(Pattern::Fields("+PDP", &["DEACT"]), ErrorKind::BearerLost),
            Rule::alarm(Pattern::Fields("+CGEV", &["ME DETACH"]), ErrorKind::BearerLost),
            Rule::alarm(Pattern::Line("RDY"), ErrorKind::ModuleRestarted),
            Rule::alarm(Pattern::Fields("+CFUN", &["1"]), ErrorKind::ModuleRestarted),
            Rule::alarm(Pattern::Line("NORMAL POWER DOWN"), ErrorKind::ModuleRestarted),
            Rule::alarm(Pattern::Line("UNDER-VOLTAGE POWER DOWN"), ErrorKind::ModuleRestarted),
        ]
    };
}

/// By bearer: the profiles of SAPBR, with `+SAPBR <cid>: DEACT` (Luat AT manual; SIM800 AT manual V1.09, SAPBR). The loss
/// of another bearer than the one in use does not matter.
pub(super) const SAPBR: &[(u8, &[Rule])] = &[
    (1, rules![["+SAPBR 1", "DEACT"], ["+CGEV", "NW PDN DEACT 1"]]),
    (2, rules![["+SAPBR 2", "DEACT"], ["+CGEV", "NW PDN DEACT 2"]]),
    (3, rules![["+SAPBR 3", "DEACT"], ["+CGEV", "NW PDN DEACT 3"]]),
];

/// As [`SAPBR`]; the one application network adds a line of its own (SIM7000 AT manual V1.06, CNACT).
pub(super) const SIM7000: &[(u8, &[Rule])] = &[
    (1, rules![["+SAPBR 1", "DEACT"], ["+CGEV", "NW PDN DEACT 1"], ["+APP PDP", "DEACTIVE"]]),
    (2, rules![["+SAPBR 2", "DEACT"], ["+CGEV", "NW PDN DEACT 2"], ["+APP PDP", "DEACTIVE"]]),
    (3, rules![["+SAPBR 3", "DEACT"], ["+CGEV", "NW PDN DEACT 3"], ["+APP PDP", "DEACTIVE"]]),
];

/// By bearer: the application networks of CNACT, with `+APP PDP: <index>,DEACTIVE` (SIM7080 AT manual V1.05, CNACT). Only of
/// the first is it known which context of the network it uses.
pub(super) const CNACT: &[(u8, &[Rule])] = &[
    (0, rules![["+APP PDP", "0", "DEACTIVE"], ["+CGEV", "NW PDN DEACT 1"]]),
    (1, rules![["+APP PDP", "1", "DEACTIVE"]]),
    (2, rules![["+APP PDP", "2", "DEACTIVE"]]),
    (3, rules![["+APP PDP", "3", "DEACTIVE"]]),
];
