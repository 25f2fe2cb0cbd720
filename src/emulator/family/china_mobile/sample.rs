//! What the tests that every dialect must pass need of this one.

use crate::emulator::testing::{Sample, step};

pub(crate) const SAMPLE: Sample = Sample {
    commands: &[
        "+MIPCALL",
        "+MFTPCFG",
        "+MFTPCONN",
        "+MFTPDISC",
        "+MFTPCWD",
        "+MFTPPWD",
        "+MFTPMKD",
        "+MFTPLIST",
        "+MFTPDEL",
        "+MFTPRN",
        "+MFTPRETR",
        "+MFTPAPPE",
        "+MFTPSTOR",
        "+MFTPSTATE",
        "+MFPUT",
        "+MFGET",
        "+MFSIZE",
        "+MFLIST",
        "+MFDELETE",
        "+MFMOVE",
        "+MFSINFO",
        "+MFCFG",
    ],
    extras: &["+MCCID"],
    login: &["AT+MFTPCONN=0,\"h\""],
    download: &["AT+MFTPRETR=0,\"f\""],
    announcement: "+MFTPRETR: 0,0,5,5,",
    session: &[
        step("AT+MFTPCONN=0,\"h\"\r", 4, "\r\n+MFTPCONN: 0,0\r\n"),
        step("AT+MFTPRETR=0,\"f\"\r", 5, "\r\n+MFTPRETR: 0,0,10,10,0123456789\r\n"),
        step("AT+MFTPSTOR=0,\"g\",1,5\r", 0, "\r\n>"),
        step("12345", 5, "\r\n+MFTPSTOR: 0,0,5\r\n"),
        step("AT+MFTPDISC=0\r", 1, "\r\n+MFTPDISC: 0,0\r\n\r\n+MFTPURC: 0,\"conn\",0\r\n"),
    ],
};
