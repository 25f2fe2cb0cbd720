//! What programs send to Fibocom modules at their start, without an effect on what is emulated.

use crate::emulator::extra::Extra::{Answer, Later, Setting};
use crate::emulator::extra::Row;

pub(super) const ROWS: &[Row] = &[
    ("+CCID", Answer(&["+CCID: \"898600220909A0206023\""])),
    ("+GTGIS", Later("+GTGIS: 1")),
    ("+GTSET", Setting("")),
    ("+MIPDNS", Later("+MIPDNS: {},192.0.2.7")),
    ("+MIPNTP", Later("+MIPNTP: 1")),
];
