//! What programs send to Quectel modules at their start, without an effect on what is emulated.

use crate::emulator::extra::Extra::{Answer, Setting};
use crate::emulator::extra::Row;

pub(super) const ROWS: &[Row] = &[
    ("+QCCID", Answer(&["+QCCID: 898600220909A0206023"])),
    ("+QCFG", Setting("")),
    (
        "+QENG",
        Answer(&[
            "+QENG: \"servingcell\",\"NOCONN\",\"LTE\",\"FDD\",460,00,5F1EA15,12,1300,3,5,5,2AC1,-97,-12,-67,13,27",
        ]),
    ),
    ("+QICFG", Setting("")),
    ("+QINDCFG", Setting("")),
    // 7: SIM card, SMS and phone book are ready.
    ("+QINISTAT", Answer(&["+QINISTAT: 7"])),
    // No socket is open: OK alone.
    ("+QISTATE", Answer(&[])),
    ("+QLTS", Answer(&["+QLTS: \"2024/08/09,01:34:58+32,0\""])),
    ("+QNWINFO", Answer(&["+QNWINFO: \"FDD LTE\",\"46000\",\"LTE BAND 3\",1300"])),
    ("+QSCLK", Setting("0")),
];
