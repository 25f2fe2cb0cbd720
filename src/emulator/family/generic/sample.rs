//! What the tests that every dialect must pass need of this one.

use crate::emulator::testing::{Sample, step};

pub(crate) const SAMPLE: Sample = Sample {
    commands: &[
        "+FTPSERV",
        "+FTPPORT",
        "+FTPUN",
        "+FTPPW",
        "+FTPTYPE",
        "+FTPMODE",
        "+FTPPUTNAME",
        "+FTPGETNAME",
        "+FTPPUT",
        "+FTPGET",
        "+FTPRESET",
        "+FTPLIST",
        "+FTPPATH",
        "+FTPMKD",
        "+FTPRMD",
        "+FTPDELE",
        "+FTPSCON",
        "+FTPQUIT",
    ],
    extras: &["+CMGF=1", "+CPAS"],
    login: &["AT+FTPSERV=10.0.0.1", "AT+FTPUN=u", "AT+FTPPW=p", "AT+FTPGETNAME=f", "AT+FTPPUTNAME=g"],
    download: &["AT+FTPGET"],
    announcement: "+FTPGET:5,",
    session: &[
        step("AT+FTPSERV=10.0.0.1\r", 1, "\r\nOK\r\n"),
        step("AT+FTPUN=u\r", 0, "\r\nOK\r\n"),
        step("AT+FTPPW=p\r", 3, "\r\nOK\r\n"),
        step("AT+FTPGETNAME=f\r", 0, "\r\nOK\r\n"),
        step("AT+FTPPUTNAME=g\r", 0, "\r\nOK\r\n"),
        step("AT+FTPGET\r", 6, "\r\n+FTPGET:10,0123456789\r\nOK\r\n"),
        step("AT+FTPPUT=5,12345\r", 4, "\r\nOK\r\n"),
        step("AT+FTPPUT=0\r", 1, "\r\nOK\r\n"),
    ],
};
