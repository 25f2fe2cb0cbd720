//! How downloaded data stand between the lines around them: every form that a document allows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use crate::emulator::{DataEnd, GetFraming, Options, RecvName, Spacing};
use crate::line::Line;

const LUAT: &[&str] = &[
    "AT+SAPBR=1,1",
    "AT+FTPSERV=\"h\"",
    "AT+FTPUN=\"u\"",
    "AT+FTPPW=\"p\"",
    "AT+FTPGETPATH=\"/\"",
    "AT+FTPGETNAME=\"f\"",
    "AT+FTPGET=1",
];
const QUECTEL: &[&str] = &["AT+QIACT=1", "AT+QFTPOPEN=\"h\",21"];
const FIBOCOM: &[&str] = &["AT+MIPCALL=1,\"internet\"", "AT+FTPOPEN=\"h\",\"u\",\"p\",\"\",,21,", "AT+FTPGET=\"f\",1"];
const CHINA_MOBILE: &[&str] = &["AT+MIPCALL=1,1", "AT+MFTPCONN=0,\"h\",\"u\",\"p\",21"];
const GENERIC: &[&str] = &["AT+CGACT=1,1", "AT+FTPSERV=192.0.2.7", "AT+FTPUN=u", "AT+FTPPW=p", "AT+FTPGETNAME=f"];

/// A file that ends like a line.
const CONTENT: &str = "34\r\n";

/// The answer to `command` after `session`, with options changed.
fn answer(profile: &str, session: &[&str], command: &str, change: fn(&mut Options)) -> String {
    let mut line = Line::new(profile, |mut options| {
        change(&mut options);
        options.with_echo(false)
    });
    line.server.put("/f", CONTENT);
    line.session(session);
    line.exchange(format!("{command}\r").as_bytes())
}

#[test]
fn data_share_the_line_end_of_ok_or_have_their_own() {
    type Case = (&'static str, &'static [&'static str], &'static str, fn(&mut Options), &'static str, &'static str);
    let cases: [Case; 6] = [
        (
            "air780e",
            LUAT,
            "AT+FTPGET=2,9",
            |options| options.luat.data_end = DataEnd::OwnLineEnd,
            "\r\n+FTPGET: 2,4\r\n",
            "\r\nOK\r\n\r\n\r\n+FTPGET: 1,0\r\n",
        ),
        (
            "sim800",
            LUAT,
            "AT+FTPGET=2,9",
            |options| options.luat.data_end = DataEnd::OwnLineEnd,
            "\r\n+FTPGET: 2,4\r\n",
            "\r\nOK\r\n\r\n+FTPGET: 1,0\r\n",
        ),
        (
            "ec25",
            QUECTEL,
            "AT+QFTPGET=\"f\",\"COM:\"",
            |options| options.quectel.data_end = DataEnd::OwnLineEnd,
            "\r\nCONNECT\r\n",
            "\r\nOK\r\n\r\n+QFTPGET: 0,4\r\n",
        ),
        (
            "l610",
            FIBOCOM,
            "AT+FTPRECV=9",
            |options| options.fibocom.data_end = DataEnd::OwnLineEnd,
            "\r\n+FTPRECV: 4\r\n",
            "\r\nOK\r\n",
        ),
        (
            "ml307",
            CHINA_MOBILE,
            "AT+MFTPRETR=0,\"f\"",
            |options| options.china_mobile.data_end = DataEnd::OwnLineEnd,
            "\r\nOK\r\n\r\n+MFTPRETR: 0,0,4,4,",
            "\r\n",
        ),
        (
            "uc8088",
            GENERIC,
            "AT+FTPGET",
            |options| options.generic.data_end = DataEnd::OwnLineEnd,
            "\r\n+FTPGET:4,",
            "\r\nOK\r\n",
        ),
    ];
    for (profile, session, command, own, before, behind) in cases {
        let shared = answer(profile, session, command, |_| ());
        assert_eq!(shared, format!("{before}{CONTENT}{behind}"), "{profile}");
        let own = answer(profile, session, command, own);
        assert_eq!(own, format!("{before}{CONTENT}\r\n{behind}"), "{profile}");
    }
}

#[test]
fn an_empty_read_has_no_line_end_of_data() {
    for (profile, session, command, wanted) in [
        ("air780e", LUAT, "AT+FTPGET=2,9", "\r\n+FTPGET: 2,0\r\n\r\nOK\r\n"),
        ("l610", FIBOCOM, "AT+FTPRECV=9", "\r\n+FTPRECV: 0\r\n\r\nOK\r\n"),
    ] {
        let read = answer(profile, session, command, |options| {
            options.luat.data_end = DataEnd::OwnLineEnd;
            options.luat.first_reads_empty = 1;
            options.fibocom.data_end = DataEnd::OwnLineEnd;
            options.fibocom.recv_limit = Some(0);
        });
        assert!(read.starts_with(wanted), "{profile}: {read:?}");
    }
}

#[test]
fn the_count_of_the_generic_dialect_stands_before_the_data_or_not_at_all() {
    for (framing, end, wanted) in [
        (GetFraming::OneLine, DataEnd::Shared, "\r\n+FTPGET:4,34\r\n\r\nOK\r\n"),
        (GetFraming::TwoLines, DataEnd::Shared, "\r\n+FTPGET:4\r\n34\r\n\r\nOK\r\n"),
        (GetFraming::NoCount, DataEnd::Shared, "\r\n34\r\n\r\nOK\r\n"),
        (GetFraming::OneLine, DataEnd::OwnLineEnd, "\r\n+FTPGET:4,34\r\n\r\n\r\nOK\r\n"),
        (GetFraming::TwoLines, DataEnd::OwnLineEnd, "\r\n+FTPGET:4\r\n34\r\n\r\n\r\nOK\r\n"),
        (GetFraming::NoCount, DataEnd::OwnLineEnd, "\r\n34\r\n\r\n\r\nOK\r\n"),
    ] {
        let mut line = Line::new("uc8088", |mut options| {
            options.generic.get_framing = framing;
            options.generic.data_end = end;
            options.with_echo(false)
        });
        line.server.put("/f", CONTENT);
        line.session(GENERIC);
        assert_eq!(line.exchange(b"AT+FTPGET\r"), wanted, "{framing:?}, {end:?}");
    }
}

#[test]
fn lines_before_data_differ_in_blanks_names_and_quotes() {
    type Case = (&'static str, &'static [&'static str], &'static str, fn(&mut Options), &'static str);
    let cases: [Case; 6] = [
        (
            "air780e",
            LUAT,
            "AT+FTPGET=2,9",
            |options| options.spacing = Spacing::AfterCommas,
            "\r\n+FTPGET: 2, 4\r\n34\r\n\r\nOK\r\n",
        ),
        (
            "air780e",
            LUAT,
            "AT+FTPGET=2,9",
            |options| options.spacing = Spacing::None,
            "\r\n+FTPGET:2,4\r\n34\r\n\r\nOK\r\n",
        ),
        (
            "l610",
            FIBOCOM,
            "AT+FTP_RECV=9",
            |options| options.fibocom.recv_name = RecvName::Underscore,
            "\r\n+FTP_RECV: 4\r\n34\r\n\r\nOK\r\n",
        ),
        (
            "uc8088",
            GENERIC,
            "AT+FTPGET",
            |options| options.spacing = Spacing::AfterColon,
            "\r\n+FTPGET: 4,34\r\n\r\nOK\r\n",
        ),
        (
            "ml307",
            CHINA_MOBILE,
            "AT+MFTPRETR=0,\"f\"",
            |options| options.china_mobile.quoted_data = true,
            "\r\nOK\r\n\r\n+MFTPRETR: 0,0,4,4,\"34\r\n\"\r\n",
        ),
        (
            "ml307",
            CHINA_MOBILE,
            "AT+MFTPRETR=0,\"f\"",
            |options| options.china_mobile.urc_line_end = false,
            "\r\nOK\r\n\r\n+MFTPRETR: 0,0,4,4,34\r\n",
        ),
    ];
    for (profile, session, command, change, wanted) in cases {
        let answer = answer(profile, session, command, change);
        assert!(answer.starts_with(wanted), "{profile}: {answer:?}");
    }
}

#[test]
fn a_listing_without_end_is_passed_on_as_far_as_the_module_can() {
    let listing = |profile, session: &[&str], command: &[u8], limit| {
        let mut line = Line::new(profile, |options| options.with_echo(false));
        line.server.put("/f", CONTENT);
        line.server.habits().lists_endlessly = true;
        line.session(session);
        line.module.receive(Duration::from_secs(3600), command);
        let mut out = Vec::new();
        while out.len() < limit {
            let before = out.len();
            line.module.transmit(Duration::from_secs(3600), &mut out);
            if out.len() == before {
                break;
            }
        }
        out
    };
    let endless = listing("ec25", QUECTEL, b"AT+QFTPLIST=\"/\",\"COM:\"\r", 300_000);
    assert!(endless.len() >= 300_000 && !endless.windows(4).any(|window| window == b"\nOK\r"));
    let cut = listing("uc8088", GENERIC, b"AT+FTPLIST\r", usize::MAX);
    assert!(cut.starts_with(b"\r\n+FTPLIST:1,1048576\r\n") && cut.ends_with(b"\r\nOK\r\n"), "{}", cut.len());
    let cut = listing("ml307", CHINA_MOBILE, b"AT+MFTPLIST=0,\"/\"\r", usize::MAX);
    assert_eq!(cut.windows(10).filter(|window| window == b"+MFTPLIST:").count(), 4096);
}
