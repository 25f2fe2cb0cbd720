//! What programs send to Fibocom modules at their start, without an effect on what is emulated.

use crate::emulator::extra::Extra::{Answer, Later, Setting};
use crate::emulator::extra::Row;

pub(super) const ROWS: &[Row] = &[
    // The quotes are invented.
    ("+CCID", Answer(&["+CCID: \"898600220909A0206023\""])),
    // Invented: programs send it, and nothing shows an answer.
    ("+GTGIS", Later("+GTGIS: 1")),
    ("+GTSET", Setting("")),
    // Invented.
    ("+MIPDNS", Later("+MIPDNS: {},192.0.2.7")),
    // Invented.
    ("+MIPNTP", Later("+MIPNTP: 1")),
];
