//! What programs send to China Mobile modules at their start, without an effect on what is emulated.

use crate::emulator::extra::Extra::{Answer, Later};
use crate::emulator::extra::Row;

pub(super) const ROWS: &[Row] = &[
    ("+MCCID", Answer(&["+MCCID: 898600220909A0206023"])),
    // Invented.
    ("+MDNSGIP", Later("+MDNSGIP: {},\"192.0.2.7\"")),
];
