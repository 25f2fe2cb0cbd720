//! Servers with a way of their own, as every module passes them on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use crate::emulator::{FalseSize, MemoryServer, ServerFault};
use crate::line::Line;

/// A profile, what logs in, a command, and its answer.
type Case = (&'static str, &'static [&'static str], &'static str, &'static str);

const LUAT: &[&str] = &[
    "AT+SAPBR=1,1",
    "AT+FTPSERV=\"h\"",
    "AT+FTPUN=\"u\"",
    "AT+FTPPW=\"p\"",
    "AT+FTPGETPATH=\"/d/\"",
    "AT+FTPGETNAME=\"f\"",
];
const QUECTEL: &[&str] = &["AT+QIACT=1", "AT+QFTPOPEN=\"h\",21"];
const FIBOCOM: &[&str] = &["AT+MIPCALL=1,\"internet\"", "AT+FTPOPEN=\"h\",\"u\",\"p\",\"\",,21,"];
const CHINA_MOBILE: &[&str] = &["AT+MIPCALL=1,1", "AT+MFTPCONN=0,\"h\",\"u\",\"p\",21"];
const GENERIC: &[&str] = &["AT+CGACT=1,1", "AT+FTPSERV=192.0.2.7", "AT+FTPUN=u", "AT+FTPPW=p"];

/// Every case, with a server that `habit` has changed behind the login.
fn play(cases: &[Case], habit: fn(&MemoryServer)) {
    for (profile, session, command, wanted) in cases {
        let mut line = Line::new(profile, |options| options.with_echo(false));
        line.server.put("/d/f", "12345");
        line.session(session);
        habit(&line.server);
        assert_eq!(line.exchange(format!("{command}\r").as_bytes()), *wanted, "{profile}: {command}");
    }
}

#[test]
fn a_size_counted_with_31_bits_and_a_sign_is_negative() {
    let cases: [Case; 3] = [
        ("ec25", QUECTEL, "AT+QFTPSIZE=\"/d/f\"", "\r\nOK\r\n\r\n+QFTPSIZE: 0,-4294967291\r\n"),
        ("sim800", LUAT, "AT+FTPSIZE", "\r\nOK\r\n\r\n+FTPSIZE: 1,0,-4294967291\r\n"),
        ("l610", FIBOCOM, "AT+FTPSIZE=\"/d/f\"", "\r\nOK\r\n\r\n+FTPSIZE: 2,-4294967291\r\n\r\n+FTPSIZE: 1\r\n"),
    ];
    play(&cases, |server| server.habits().answer_size("*", FalseSize::Less(1 << 32)));
}

#[test]
fn a_server_that_closes_with_421_ends_the_session() {
    let cases: [Case; 5] = [
        ("ec25", QUECTEL, "AT+QFTPSIZE=\"/d/f\"", "\r\nOK\r\n\r\n+QFTPSIZE: 614,421\r\n"),
        ("sim800", LUAT, "AT+FTPSIZE", "\r\nOK\r\n\r\n+FTPSIZE: 1,65,0\r\n"),
        ("l610", FIBOCOM, "AT+FTPSIZE=\"/d/f\"", "\r\nOK\r\n\r\n+FTPSIZE: 0\r\n\r\n+FTPCLOSE: 1\r\n"),
        ("ml307", CHINA_MOBILE, "AT+MFTPPWD=0", "\r\nOK\r\n\r\n+MFTPPWD: 0,10\r\n\r\n+MFTPURC: 0,\"conn\",0\r\n"),
        ("uc8088", GENERIC, "AT+FTPLIST", "\r\nERROR\r\n"),
    ];
    play(&cases, |server| server.misbehave(ServerFault::Unavailable { after: 0 }));
}

#[test]
fn a_missing_directory_may_be_listed_without_rows() {
    let cases: [Case; 4] = [
        ("ec25", QUECTEL, "AT+QFTPLIST=\"/nosuch\",\"COM:\"", "\r\nCONNECT\r\n\r\nOK\r\n\r\n+QFTPLIST: 0,0\r\n"),
        ("l610", FIBOCOM, "AT+FTPLIST=\"/nosuch\"", "\r\nOK\r\n\r\n+FTPLIST: 2\r\n\r\n+FTPLIST: 1\r\n"),
        ("ml307", CHINA_MOBILE, "AT+MFTPLIST=0,\"/nosuch\"", "\r\nOK\r\n\r\n+MFTPLIST: 0,14\r\n"),
        ("sim800", LUAT, "AT+FTPGETPATH=\"/nosuch/\";+FTPLIST=1", "\r\nOK\r\n\r\n+FTPLIST: 1,0\r\n"),
    ];
    play(&cases, |server| server.habits().lists_missing_as_empty = true);
}
