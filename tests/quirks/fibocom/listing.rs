//! FTPLIST and FTPSIZE.

use std::time::Duration;

use ftp_modem::emulator::{EmptyList, ListCoding, SizeAnswer};
use ftp_modem::modem::{Assurance, Retrieve};
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, online, with};
use crate::support::access::server;
use crate::support::payload::pattern;

/// The text of the server is passed through: a line may start with `+FTPLIST: 1`. The end is a line that is `+FTPLIST:
/// 1` or `: 0`.
#[test]
fn a_listing_may_hold_any_bytes() {
    let row = |name: &str| format!("-rw-r--r--    1 500      500           100 May 19 03:39 {name}\r\n");
    let deceptive = ["a", "+FTPLIST: 1", "OK", "+FTPLIST: 0", "ERROR", "z"].map(row).concat();
    let started = format!("{}+FTPLIST: 1 of 2\r\n+FTPLIST: 1,\r\nOK\r\nERROR\r\n\x03\r\n{}", row("a"), row("z"));
    for coding in [ListCoding::Plain, ListCoding::Terminated, ListCoding::Escaped] {
        for fragment in [1, 7, 4096] {
            let mut rig = Rig::online(with(|options| options.list_coding = coding).with_fragment(fragment));
            rig.files.set_listing("/d", deceptive.clone());
            let names = rig.modem.names("/d").unwrap();
            assert_eq!(names, [&b"a"[..], b"+FTPLIST: 1", b"OK", b"+FTPLIST: 0", b"ERROR", b"z"], "{coding:?}");
            rig.files.set_listing("/s", started.clone());
            let names = rig.modem.names("/s").unwrap();
            assert!(names.contains(&b"a".to_vec()) && names.contains(&b"z".to_vec()), "{coding:?}: {names:?}");
            rig.files.set_listing("/c", row("x\x03\x10y"));
            assert_eq!(rig.modem.names("/c").unwrap(), [b"x\x03\x10y"], "{coding:?}");
            rig.works_both_ways();
        }
    }
    for empty in [EmptyList::DataThenResult, EmptyList::ResultAlone] {
        let mut rig = online(|options| options.empty_list = empty);
        rig.files.add_directory("/empty");
        assert_eq!(rig.modem.list("/empty").unwrap(), [], "{empty:?}");
        rig.modem.list("/missing").unwrap_err();
    }
}

/// The table of the guide, §3.2, ends with `+FTPLIST: 2`, the log, §3.3, with `+FTPLIST: 1`.
#[test]
fn a_listing_ends_with_its_result() {
    // The table ends with `+FTPLIST: 2`, the log with `+FTPLIST: 1`.
    let mut rig = online(|options| options.silent = vec!["+FTPLIST".into()]);
    rig.files.put("/d/a", "x");
    let error = rig.modem.list("/d").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "half a listing is none: {error}");
    assert_eq!(rig.modem.pwd().unwrap(), "/");
    let mut rig = online(|_| ());
    rig.line.answer("AT+FTPLIST", b"\r\nOK\r\n\r\n+FTPLIST: 2\r\na\r\n\r\n+FTPLIST: 0\r\n");
    rig.modem.list("/").unwrap_err();
}

/// On the G24 an FTPLIST without a path repeats the last list (G24 manual, +FTPLIST).
#[test]
fn a_listing_names_its_directory() {
    let mut rig = online(|options| options.list_repeats = true);
    rig.files.put("/a/inner", "x");
    assert_eq!(rig.modem.names("").unwrap(), [b"a"]);
    rig.modem.cwd("/a").unwrap();
    assert_eq!(rig.modem.names("").unwrap(), [b"inner"]);
}

/// FTPSIZE is in the command table of the MC66x SDK; its answer is documented nowhere.
#[test]
fn every_form_of_the_answer_to_ftpsize_is_understood() {
    for answer in [SizeAnswer::DataThenResult, SizeAnswer::InResult, SizeAnswer::Alone, SizeAnswer::Absent] {
        let mut rig = online(|options| options.size_answer = answer);
        for size in [0, 1, 2, 3, 1000] {
            rig.files.put("/a", pattern(size));
            assert_eq!(rig.modem.size("/a").unwrap(), size as u64, "{answer:?}");
            rig.downloads(&pattern(size));
        }
        assert_eq!(rig.modem.size("/missing").unwrap_err().kind(), ErrorKind::Unavailable, "{answer:?}");
    }
}

/// The driver does not use the command afterwards, in later sessions neither.
#[test]
fn an_ftpsize_without_a_result_costs_its_time_once() {
    for answer in [&b"\r\nOK\r\n"[..], b"\r\nOK\r\n\r\n+FTPSIZE: 2,100\r\n"] {
        let mut rig = online(|_| ());
        rig.line.answer("AT+FTPSIZE", answer);
        rig.downloads(&pattern(100));
        let once = rig.line.elapsed();
        assert!(once < Duration::from_secs(33), "{once:?}");
        for _ in 0..10 {
            rig.downloads(&pattern(100));
            assert_eq!(rig.modem.size("/down.bin").unwrap(), 100);
        }
        assert_eq!(rig.line.elapsed(), once);
        rig.modem.logout().unwrap();
        rig.modem.login(&server()).unwrap();
        rig.downloads(&pattern(100));
        assert_eq!(rig.line.elapsed(), once, "also in the next session");
    }
}

/// Bytes that were added to the upload on the line would be the beginning of the command line.
#[test]
fn a_size_refused_right_behind_an_upload_is_queried_once_more() {
    // Whether the firmware has FTPSIZE, and the number of queries right behind an upload and later.
    for (size_answer, times) in [(SizeAnswer::Absent, [2, 1]), (SizeAnswer::default(), [1, 1])] {
        let mut rig = online(|options| options.size_answer = size_answer);
        rig.upload_stream("/a", &pattern(3000)).unwrap();
        for times in times {
            rig.line.clear();
            assert_eq!(rig.modem.size("/a").unwrap(), 3000);
            assert_eq!(rig.line.commands("AT+FTPSIZE").len(), times, "{size_answer:?}");
        }
        // Not where another command stood between, on which added bytes would have shown.
        rig.upload_stream("/a", &pattern(3000)).unwrap();
        assert_eq!(rig.modem.pwd().unwrap(), "/");
        rig.line.clear();
        assert_eq!(rig.modem.size("/a").unwrap(), 3000);
        assert_eq!(rig.line.commands("AT+FTPSIZE").len(), 1, "{size_answer:?}");
    }
}

/// Servers name the file by its path, by its last component, with tabs between the columns; others take the name for a
/// pattern, or refuse to list a file.
#[test]
fn a_file_is_found_by_the_last_component_of_its_name() {
    let row = |name: &str| format!("-rw-r--r--    1 ftp      ftp           700 Jul 22 04:09 {name}\r\n");
    let cases = [
        ("dir/f.bin", Some(row("dir/f.bin"))),
        ("/dir/f.bin", Some(row("f.bin"))),
        ("/dir/f.bin", Some(row("/dir/f.bin").replace("  ", "\t"))),
        ("/dir/a[1].bin", Some(row("a1.bin"))),
        ("/dir/a[1].bin", Some(String::new())),
        ("/dir/f.bin", Some(row("/old/f.bin").replace("700", "  9") + &row("/dir/f.bin"))),
        ("/dir/f.bin", None),
        ("top.bin", Some(row("other.bin"))),
        ("/top.bin", Some(row("other.bin"))),
    ];
    for (path, listing) in cases {
        let mut rig = online(|options| options.size_answer = SizeAnswer::Absent);
        let absolute = format!("/{}", path.trim_start_matches('/'));
        rig.files.put(&absolute, pattern(700));
        match &listing {
            Some(text) => rig.files.set_listing(&absolute, text.clone()),
            None => rig.line.answer("AT+FTPLIST=\"/dir/f.bin\"", b"\r\nOK\r\n\r\n+FTPLIST: 0\r\n"),
        }
        assert_eq!(rig.modem.size(path).unwrap(), 700, "{path}: {listing:?}");
        let mut bytes = Vec::new();
        let transfer = rig.modem.retrieve(path, &Retrieve::whole(), &mut bytes).unwrap();
        assert!(bytes == pattern(700) && transfer.assurance == Assurance::ServerSize, "{path}: {listing:?}");
        let missing = rig.modem.size("/dir/missing").unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::Unavailable, "{missing}");
    }
}

/// FTPSIZE is documented nowhere; three numbers hold a code (`1,77,0` on modules of SIMCom's dialect).
#[test]
fn a_code_in_the_answer_to_ftpsize_is_no_size() {
    let mut rig = online(|_| ());
    rig.files.put("/a", pattern(700));
    rig.line.answer("AT+FTPSIZE", b"\r\nOK\r\n\r\n+FTPSIZE: 1,77,0\r\n");
    assert_eq!(rig.modem.size("/a").unwrap(), 700);
}
