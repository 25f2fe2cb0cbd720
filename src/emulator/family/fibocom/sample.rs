//! What the tests that every dialect must pass need of this one.

use crate::emulator::testing::{Sample, step};

pub(crate) const SAMPLE: Sample = Sample {
    commands: &[
        "+MIPCALL",
        "+GTRAT",
        "+MSTART",
        "+FTPOPEN",
        "+FTPCLOSE",
        "+FTPMODE",
        "+FTPINFO",
        "+FTPLIST",
        "+FTPGET",
        "+FTPRECV",
        "+FTPRETR",
        "+FTPPUT",
        "+FTPSTOR",
        "+FTPSTAT",
        "+FTPPWD",
        "+FTPCWD",
        "+FTPCDUP",
        "+FTPMKD",
        "+FTPRMD",
        "+FTPDEL",
        "+FTPREN",
        "+FTPREST",
        "+FTPSIZE",
        "+FTPCACHE",
    ],
    login: &["AT+FTPOPEN=\"h\",\"u\",\"p\",\"\",,21,"],
    download: &["AT+FTPGET=\"f\"", "AT+FTPRECV=1000"],
    announcement: "+FTPRECV: 5\r\n",
    session: &[
        step("AT+FTPOPEN=\"h\",\"u\",\"p\",\"\",,21,\r", 4, "\r\n+FTPOPEN: 1\r\n"),
        step("AT+FTPSIZE=\"f\"\r", 1, "\r\n+FTPSIZE: 2,10\r\n\r\n+FTPSIZE: 1\r\n"),
        step("AT+FTPGET=\"f\"\r", 5, "\r\n+FTPGET: 1\r\n"),
        step("AT+FTPRECV=100\r", 0, "\r\n+FTPRECV: 10\r\n0123456789\r\nOK\r\n"),
        step("AT+FTPPUT=\"g\",5,1\r", 4, "\r\n+FTPPUT: 2,5\r\n"),
        step("12345", 1, "\r\n+FTPPUT: 1\r\n"),
        step("AT+FTPCLOSE\r", 1, "\r\n+FTPCLOSE: 1\r\n"),
    ],
};
