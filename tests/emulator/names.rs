//! Names that are not UTF-8, as every module passes them on: byte for byte, both ways.

#![allow(clippy::unwrap_used, clippy::panic)]

use crate::line::Line;

/// A name in GBK; `~` stands for it in the commands below.
const NAME: &[u8] = b"\xb1\xa8\xb8\xe6.csv";

/// A profile, and its commands: those that log in, list, download, and upload `xyz` as `u~`.
type Case =
    (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str], &'static [&'static str]);

const CASES: [Case; 5] = [
    (
        "sim800",
        &["AT+SAPBR=1,1", "AT+FTPSERV=\"h\"", "AT+FTPUN=\"u\"", "AT+FTPPW=\"p\"", "AT+FTPGETPATH=\"/\""],
        &["AT+FTPLIST=1\r", "AT+FTPLIST=2,900\r"],
        &["AT+FTPGETNAME=\"~\"\r", "AT+FTPGET=1\r", "AT+FTPGET=2,9\r"],
        &[
            "AT+FTPPUTPATH=\"/\"\r",
            "AT+FTPPUTNAME=\"u~\"\r",
            "AT+FTPPUT=1\r",
            "AT+FTPPUT=2,3\r",
            "xyz",
            "AT+FTPPUT=2,0\r",
        ],
    ),
    (
        "ec25",
        &["AT+QIACT=1", "AT+QFTPOPEN=\"h\",21"],
        &["AT+QFTPLIST=\"/\",\"COM:\"\r"],
        &["AT+QFTPGET=\"/~\",\"COM:\"\r"],
        &["AT+QFTPPUT=\"/u~\",\"COM:\",0,3,1\r", "xyz"],
    ),
    (
        "l610",
        &["AT+MIPCALL=1,\"internet\"", "AT+FTPOPEN=\"h\",\"u\",\"p\",\"\",,21,"],
        &["AT+FTPLIST=\"/\"\r"],
        &["AT+FTPGET=\"/~\",1\r", "AT+FTPRECV=9\r"],
        &["AT+FTPPUT=\"/u~\",3,1\r", "xyz"],
    ),
    (
        "ml307",
        &["AT+MIPCALL=1,1", "AT+MFTPCONN=0,\"h\",\"u\",\"p\",21"],
        &["AT+MFTPLIST=0,\"/\"\r"],
        &["AT+MFTPRETR=0,\"/~\"\r"],
        &["AT+MFTPSTOR=0,\"/u~\",1,3,\"xyz\"\r"],
    ),
    (
        "uc8088",
        &["AT+CGACT=1,1", "AT+FTPSERV=192.0.2.7", "AT+FTPUN=u", "AT+FTPPW=p"],
        &["AT+FTPLIST\r"],
        &["AT+FTPGETNAME=~\r", "AT+FTPGET\r"],
        &["AT+FTPPUTNAME=u~\r", "AT+FTPPUT=3,xyz\r", "AT+FTPPUT=0\r"],
    ),
];

/// All that the module says to `commands`.
fn said(line: &mut Line, commands: &[&str]) -> Vec<u8> {
    let mut said = Vec::new();
    for command in commands {
        let (before, after) = command.split_once('~').unwrap_or((command, ""));
        let name = if command.contains('~') { NAME } else { b"" };
        said.extend(line.bytes(&[before.as_bytes(), name, after.as_bytes()].concat()));
    }
    said
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_name_in_gbk_is_listed_downloaded_and_uploaded_by_every_module() {
    for (profile, session, list, get, put) in CASES {
        let mut line = Line::new(profile, |options| options.with_echo(false));
        line.server.put([b"/", NAME].concat(), "content");
        line.session(session);
        let listing = said(&mut line, list);
        assert!(contains(&listing, NAME), "{profile}: {}", listing.escape_ascii());
        let download = said(&mut line, get);
        assert!(contains(&download, b"content"), "{profile}: {}", download.escape_ascii());
        let upload = said(&mut line, put);
        let stored = line.server.file([b"/u", NAME].concat());
        assert_eq!(stored.as_deref(), Some(&b"xyz"[..]), "{profile}: {}", upload.escape_ascii());
    }
}
