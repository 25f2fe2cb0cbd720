//! Listings and directories.

use ftp_modem::emulator::{Damage, Direction, Fault, Options};
use ftp_modem::modem::{Retrieve, Store};
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, play_online, with};
use crate::support::streams::Full;

/// The demo library of Quectel ends a listing at the first `OK` (user-friendly-project, ql_ftp.c).
#[test]
fn a_listing_may_hold_ok() {
    for fragment in [1, 7, usize::MAX] {
        let mut rig = Rig::online(Options::default().with_fragment(fragment));
        rig.files.set_listing(
            "/",
            "OK\r\n-rw-r--r-- 1 a b 5 Jan 01 2020 OK\r\nOK\r\n\r\nOK\r\n\r\n+QFTPLIST: 0,9\r\nERROR\r\n",
        );
        let names: Vec<_> = rig.modem.list("").unwrap().iter().map(|entry| entry.name_lossy().into_owned()).collect();
        assert_eq!(names, ["OK", "OK", "OK", "OK", "+QFTPLIST: 0,9", "ERROR"]);
        rig.works_both_ways();
        rig.files.set_listing("/", "OK\r\n");
        assert_eq!(rig.modem.names("").unwrap(), [b"OK"]);
        rig.works_both_ways();
    }
}

/// The count behind the listing leaves the end of its last row between the data and `OK`.
#[test]
fn a_final_result_code_that_is_added_to_a_listing_is_noticed() {
    let listing = "-rw-r--r-- 1 a b 5 Jan 01 2020 first.txt\r\n-rw-r--r-- 1 a b 5 Jan 01 2020 last.txt\r\n";
    let connected = b"\r\nCONNECT\r\n".len() as u64;
    // Behind the listing it changes nothing, and within the line end of its last row no name.
    for left in 3..40 {
        let mut rig = Rig::online(Options::default());
        rig.files.set_listing("/", listing);
        let (at, damage) = (connected + listing.len() as u64 - left, Damage::Insert(b"\r\nOK\r\n".to_vec()));
        rig.line.play(Fault::Byte { direction: Direction::Output, at, damage }.into());
        let error = rig.modem.list("").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Incomplete | ErrorKind::Timeout), "{left}: {error}");
        assert_eq!(rig.modem.list("").unwrap().len(), 2, "{left}");
    }
}

/// The note prints QFTPLST and QFTPNLIST, too.
#[test]
fn listings_have_the_names_of_their_commands() {
    let mut rig = Rig::online(Options::default());
    rig.files.put("/a", "x");
    rig.modem.list("").unwrap();
    rig.modem.names("").unwrap();
    rig.modem.list_facts("").unwrap();
    let sent = rig.line.text();
    assert!(sent.contains("AT+QFTPLIST=") && sent.contains("AT+QFTPNLST=") && sent.contains("AT+QFTPMLSD="));
    assert!(!sent.contains("QFTPLST") && !sent.contains("QFTPNLIST"));
}

/// The time-out text of the note, §2.1, leaves MLSD out.
#[test]
fn a_listing_of_facts_has_the_limit_of_data() {
    let session = r#"
>> AT+QFTPMLSD="."\r
@ 89
<< \r\nCONNECT\r\n
<< type=file;size=5; a\r\n
@ 89
<< type=file;size=6; b\r\n
@ 89
<< \r\nOK\r\n\r\n+QFTPMLSD: 0,42\r\n
"#;
    play_online(session, |modem| assert_eq!(modem.list_facts("").unwrap().len(), 2));
}

/// `+QFTPPWD: 0,/` on EC20 and EC25, `0,"/"` on EG800K; the other two were constructed.
#[test]
fn a_directory_may_be_printed_in_four_ways() {
    for (printed, directory) in
        [("0,/", "/"), ("0,\"/\"", "/"), ("0,/a b", "/a b"), ("0,\"/a \"\"b\"\"\"", "/a \"b\""), ("0,/a,b", "/a,b")]
    {
        let mut rig = Rig::online(with(|o| *o = o.clone().with_forced_result("+QFTPPWD", printed)));
        assert_eq!(rig.modem.pwd().unwrap(), directory, "{printed}");
    }
}

/// The note has `0,/` in §3.3 and `0,"/"` in §3.4.
#[test]
fn a_directory_may_have_quotes() {
    for quoted in [false, true] {
        let mut rig = Rig::online(with(|o| o.quoted_directory = quoted));
        rig.files.add_directory("/a \"b\", c");
        assert_eq!(rig.modem.pwd().unwrap(), "/");
        rig.files.add_directory("/d e");
        rig.modem.cwd("/d e").unwrap();
        assert_eq!(rig.modem.pwd().unwrap(), "/d e");
    }
}

/// The driver goes back to the directory when it reconnects, by no more steps than are needed.
#[test]
fn going_in_and_out_of_a_directory_does_not_add_up() {
    let mut rig = Rig::online(Options::default());
    rig.files.put("/a/x", "x");
    for _ in 0..200 {
        rig.modem.cwd("a").unwrap();
        rig.modem.cdup().unwrap();
    }
    rig.files.put("/big.bin", vec![1; 50_000]);
    rig.modem.retrieve("/big.bin", &Retrieve::whole(), &mut Full::after(0)).unwrap_err();
    rig.line.clear();
    rig.modem.pwd().unwrap();
    let count = rig.line.text().matches("+QFTPCWD").count();
    assert!(count <= 2, "{count} changes of directory to get back to the root");
}

/// A server that keeps sizes in 31 bits.
#[test]
fn a_negative_size_is_named_and_the_file_can_be_downloaded() {
    let size = r#"
>> AT+QFTPSIZE="big.bin"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,-1794967296\r\n
"#;
    let download = r#"
>> AT+QFTPGET="big.bin","COM:",0\r
<< \r\nCONNECT\r\nabc\r\nOK\r\n\r\n+QFTPGET: 0,3\r\n
"#;
    play_online(&[size, download].concat(), |modem| {
        let error = modem.size("big.bin").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(error.to_string().contains("31 bits") && !error.is_retryable(), "{error}");
        let mut bytes = Vec::new();
        modem.retrieve("big.bin", &Retrieve::whole(), &mut bytes).unwrap();
        assert_eq!(bytes, b"abc");
    });
    // Appending needs the size.
    play_online(size, |modem| {
        let error = modem.store("big.bin", &Store::append().with_length(1), &mut &b"x"[..]).unwrap_err();
        assert!(error.to_string().contains("31 bits"), "{error}");
    });
}
