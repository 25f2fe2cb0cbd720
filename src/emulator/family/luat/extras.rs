//! What programs send to SIMCom modules at their start, without an effect on what is emulated.

use crate::emulator::extra::Extra::{Answer, Later, Setting};
use crate::emulator::extra::Row;

/// SIMCom's own commands.
pub(super) const SIMCOM: &[Row] = &[
    // Invented: real modules print their settings here.
    ("&V", Answer(&["DEFAULT PROFILE"])),
    ("+CBC", Answer(&["+CBC: 0,85,4066"])),
    ("+CCID", Answer(&["898600220909A0206023"])),
    ("+CDNSCFG", Setting("\"0.0.0.0\",\"0.0.0.0\"")),
    ("+CDNSGIP", Later("+CDNSGIP: 1,{},\"192.0.2.7\"")),
    ("+CIPHEAD", Setting("0")),
    ("+CIPMUX", Setting("0")),
    // Invented: one line instead of one a reply, and before OK.
    ("+CIPPING", Answer(&["+CIPPING: 1,\"192.0.2.7\",12,64"])),
    ("+CIPQSEND", Setting("0")),
    ("+CIPRXGET", Setting("0")),
    ("+CIURC", Setting("1")),
    ("+CLTS", Setting("0")),
    ("+CNETLIGHT", Setting("1")),
    ("+CSCLK", Setting("0")),
    ("+CSMINS", Setting("0,1")),
    ("+DDET", Setting("0")),
    ("+FSHEX", Setting("0")),
    // Invented: real modules print three lines.
    ("+GSV", Answer(&["SIMCOM_Ltd"])),
];

/// The commands of SIMCom's LTE modules beside those of all.
pub(super) const SIMCOM_LTE: &[Row] = &[
    ("+CBANDCFG", Setting("\"CAT-M\",1,2,3,4,5,8,12,13,20")),
    ("+CMNB", Setting("1")),
    ("+CNCFG", Setting("0,1,\"\",\"\",\"\",0")),
    ("+CNMP", Setting("38")),
    ("+CPSI", Answer(&["+CPSI: LTE CAT-M1,Online,460-00,0x2AC1,101726476,195,EUTRAN-BAND3,1300,5,5,-12,-97,-67,13"])),
];
