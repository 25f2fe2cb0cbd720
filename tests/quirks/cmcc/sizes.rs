//! Sizes and kinds that a listing states, and what the file really is.

use std::fs;
use std::time::Duration;

use ftp_modem::modem::{Assurance, Retrieve, Store};
use ftp_modem::transfer::{Download, Retry};
use ftp_modem::{ErrorKind, FtpModem};

use super::{online, play_online};
use crate::support::payload::pattern;

const STATE: &str = r"
>> AT+MFTPSTATE=0\r
<< \r\n+MFTPSTATE: 0,1\r\n\r\nOK\r\n
";

/// A listing of `path` with these rows.
fn listed(path: &str, rows: &[&str]) -> String {
    let rows: String = rows.iter().map(|row| format!("\\r\\n+MFTPLIST: 0,{row}\\r\\n")).collect();
    format!(">> AT+MFTPLIST=0,\"{path}\"\\r\n<< \\r\\nOK\\r\\n{rows}\n")
}

/// The query that shows that a listing is over.
fn barrier(directory: &str) -> String {
    format!("@ 0.4\n>> AT+MFTPPWD=0\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPPWD: 0,0,\"{directory}\"\\r\\n\n")
}

/// A download in two pieces.
fn retrieved(path: &str, first: &str, second: &str) -> String {
    let (count, more) = (first.len(), second.len());
    format!(
        ">> AT+MFTPRETR=0,\"{path}\",,0\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPRETR: 0,0,{count},{count},{first}\\r\\n\n\
         << \\r\\n+MFTPRETR: 0,0,{},{more},{second}\\r\\n\n",
        count + more
    )
}

/// The size of a link is that of its text, some servers ignore the argument of LIST, and some count modulo 65536.
#[test]
fn a_file_that_is_longer_than_its_row_arrives_whole() {
    let cases: &[(&str, &[&str])] = &[
        ("R.pkg", &[r#"0,"R.pkg",15,20170501000000,"rwx""#]),
        ("/sub/config.bin", &[r#"0,"a",1,20170501000000,"rw-""#, r#"0,"config.bin",7,20170501000000,"rw-""#]),
        ("big.bin", &[r#"0,"big.bin",16,20170501000000,"rw-""#]),
        ("zero.bin", &[r#"0,"zero.bin",0,20170501000000,"rw-""#]),
    ];
    for (path, rows) in cases {
        let file = retrieved(path, "0123456789abcde", "fghij");
        let directory = match rows.len() {
            1 => String::new(),
            _ => [barrier("/"), listed("/sub", rows), barrier("/")].concat(),
        };
        let lines = format!("{}{directory}{file}@ 1.1\n{STATE}", listed(path, rows));
        play_online(&lines, |modem| {
            let mut bytes = Vec::new();
            let transfer = modem.retrieve(path, &Retrieve::whole(), &mut bytes).unwrap();
            assert_eq!(bytes, b"0123456789abcdefghij", "{path}");
            assert_eq!(transfer.assurance, Assurance::Unconfirmed, "{path}");
        });
    }
    // Nothing more comes before the module is queried, and it goes on.
    let lines = format!(
        "{}{}{}",
        listed("f", &[r#"0,"f",4,20170501000000,"rw-""#]),
        r"
>> AT+MFTPRETR=0,$f$,,0\r
<< \r\nOK\r\n\r\n+MFTPRETR: 0,0,4,4,abcd\r\n
>> AT+MFTPSTATE=0\r
<< \r\n+MFTPSTATE: 0,2\r\n\r\nOK\r\n
@ 0.05
<< \r\n+MFTPRETR: 0,0,6,2,ef\r\n
@ 1.1
"
        .replace('$', "\""),
        STATE
    );
    play_online(&lines, |modem| {
        let mut bytes = Vec::new();
        let transfer = modem.retrieve("f", &Retrieve::whole(), &mut bytes).unwrap();
        assert_eq!((&bytes[..], transfer.assurance), (&b"abcdef"[..], Assurance::Unconfirmed));
    });
}

#[test]
fn a_file_that_is_shorter_than_its_row_is_an_error_that_names_the_size() {
    let mut rig = online(|it| it.stall_at = Some(20));
    rig.files.put("/f", [b'x'; 30]);
    let error = rig.download("/f").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
    assert!(error.to_string().contains("size"), "{error}");
}

/// All that was expected has come: a query that fails does not change it.
#[test]
fn an_end_that_cannot_be_seen_leaves_the_download_unconfirmed() {
    for answer in [r"\r\nERROR\r\n", r"\r\n+MFTPSTATE: 0,0\r\n\r\nOK\r\n"] {
        let lines = format!(
            "{}>> AT+MFTPRETR=0,\"f\",,0\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPRETR: 0,0,4,4,abcd\\r\\n\n\
             >> AT+MFTPSTATE=0\\r\n<< {answer}\n",
            listed("f", &[r#"0,"f",4,20170501000000,"rw-""#])
        );
        play_online(&lines, |modem| {
            let mut bytes = Vec::new();
            let transfer = modem.retrieve("f", &Retrieve::whole(), &mut bytes).unwrap();
            assert_eq!((&bytes[..], transfer.assurance), (&b"abcd"[..], Assurance::Unconfirmed));
        });
    }
}

/// A row with its path, one that was not taken apart at its tabs, a name that the server takes for a pattern, and a
/// server that lists directories only.
#[test]
fn a_file_is_found_in_its_own_listing_or_in_that_of_its_directory() {
    let file = |path: &str| retrieved(path, "abc", "de");
    let ended = STATE;
    let row = |name: &str| format!(r#"0,"{name}",5,20170501000000,"rw-""#);
    let cases = [
        ("dir/f.bin", listed("dir/f.bin", &[&row("dir/f.bin")]), Assurance::ServerSize),
        ("/foo/bar.dat", listed("/foo/bar.dat", &[&row(r"-rw-\t1\t/foo/bar.dat")]), Assurance::ServerSize),
        (
            "/d/a[1].bin",
            [
                listed("/d/a[1].bin", &[&row("a1.bin")]),
                barrier("/"),
                listed("/d", &[&row("a1.bin"), &row("a[1].bin")]),
                barrier("/"),
            ]
            .concat(),
            Assurance::ServerSize,
        ),
        (
            "f.bin",
            [
                listed("f.bin", &["10"]),
                barrier("/d").replace("@ 0.4\n", ""),
                listed("/d", &[&row("f.bin")]),
                barrier("/d"),
            ]
            .concat(),
            Assurance::ServerSize,
        ),
        ("/d/f.bin", [listed("/d/f.bin", &["12"]), listed("/d", &["10"])].concat(), Assurance::Unconfirmed),
    ];
    for (path, listings, assurance) in cases {
        let pause = if assurance == Assurance::ServerSize { "" } else { "@ 1.1\n" };
        play_online(&format!("{listings}{}{pause}{ended}", file(path)), |modem| {
            let mut bytes = Vec::new();
            let transfer = modem.retrieve(path, &Retrieve::whole(), &mut bytes).unwrap();
            assert_eq!((&bytes[..], transfer.assurance), (&b"abcde"[..], assurance), "{path}");
        });
    }
}

/// Some servers ignore the argument of LIST.
#[test]
fn the_rows_of_another_directory_prove_no_size() {
    let rows = [r#"0,"config.bin",700,20170501000000,"rw-""#, r#"0,"other",1,20170501000000,"rw-""#];
    let lines = [listed("/sub/config.bin", &rows), barrier("/"), listed("/sub", &rows), barrier("/")].concat();
    play_online(&lines, |modem| {
        let error = modem.size("/sub/config.bin").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    });
}

/// Through a pointer to a modem, too. The time is that of the emulated line.
#[test]
fn a_file_to_be_downloaded_is_queried_without_the_pause_for_other_rows() {
    let mut rig = online(|_| {});
    rig.files.put("/f", "x");
    let start = rig.line.elapsed();
    let soon = rig.modem.metadata_to_retrieve("/f").unwrap();
    let middle = rig.line.elapsed();
    assert_eq!(rig.modem.metadata("/f").unwrap(), soon);
    assert!((middle - start) * 2 < rig.line.elapsed() - middle);
}

/// A download does not wait for the end of a listing, so the row of the other file counts at first.
#[test]
fn a_download_whose_end_contradicts_the_row_is_begun_again() {
    for (row_gap, other) in [(50, 700), (0, 9000)] {
        let mut rig = online(|options| options.list_row_gap = Duration::from_millis(row_gap));
        let rows = format!(
            "-rw-r--r--    1 ftp      ftp      {other:>8} Jul 22 04:09 config.bin\r\n\
             drwxr-xr-x    2 ftp      ftp          4096 Jul 22 04:09 sub\r\n"
        );
        rig.files.put("/sub/config.bin", [b'x'; 5000]);
        rig.files.set_listing("/sub/config.bin", rows.clone());
        rig.files.set_listing("/sub", rows);
        let folder = tempfile::tempdir().unwrap();
        let local = folder.path().join("config.bin");
        let download = Download::new("/sub/config.bin", &local).retry(Retry::never()).on_clock(rig.line.clone());
        let report = download.run(&mut *rig.modem).unwrap();
        assert_eq!(fs::read(&local).unwrap(), [b'x'; 5000], "{other}");
        assert_eq!((report.assurance, report.grown_to), (Assurance::Unconfirmed, None), "{other}");
    }
}

/// The row of the other file counts at first, where its neighbours are late. A caller that states no size need not
/// know.
#[test]
fn a_row_of_another_directory_does_not_make_a_download_fail() {
    for (other, offset) in [(9000, 0), (9000, 137), (700, 0), (700, 4000)] {
        let mut rig = online(|options| options.list_row_gap = Duration::from_millis(50));
        let rows = format!(
            "-rw-r--r--    1 ftp      ftp      {other:>8} Jul 22 04:09 config.bin\r\n\
             drwxr-xr-x    2 ftp      ftp          4096 Jul 22 04:09 sub\r\n"
        );
        rig.files.put("/sub/config.bin", pattern(5000));
        rig.files.set_listing("/sub/config.bin", rows.clone());
        rig.files.set_listing("/sub", rows);
        let mut bytes = Vec::new();
        let transfer = rig.modem.retrieve("/sub/config.bin", &Retrieve::from(offset), &mut bytes).unwrap();
        assert!(bytes == pattern(5000)[offset as usize..], "{other} {offset}");
        assert_eq!(transfer.assurance, Assurance::Unconfirmed, "{other} {offset}");
    }
}

/// MFTPDEL deletes files and directories (manual, §3.8).
#[test]
fn a_deletion_of_the_other_kind_is_refused() {
    let mut rig = online(|_| {});
    rig.files.put("/f", "x");
    rig.files.add_directory("/d");
    rig.files.put("/full/g", "x");
    for refused in [rig.modem.rmdir("/f"), rig.modem.remove("/d"), rig.modem.remove("/full"), rig.modem.remove("d")] {
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    }
    assert!(rig.files.file("/f").is_some() && rig.files.is_directory("/d") && rig.files.is_directory("/full"));
    rig.modem.remove("f").unwrap();
    rig.modem.rmdir("/d").unwrap();
    assert_eq!(rig.modem.remove("/f").unwrap_err().kind(), ErrorKind::Unavailable);
    rig.still_works();
    // A server that does not list files.
    let lines = [listed("/d/f", &["10"]), listed("/d", &[r#"0,"f",5,20170501000000,"rw-""#]), barrier("/")].concat();
    play_online(&lines, |modem| {
        let error = modem.rmdir("/d/f").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    });
    let deleted = ">> AT+MFTPDEL=0,\"/d/f\"\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPDEL: 0,0\\r\\n\n";
    play_online(&[listed("/d/f", &["10"]), deleted.into()].concat(), |modem| modem.remove("/d/f").unwrap());
}

/// Write-only inboxes refuse listings, and others are emptied at once.
#[test]
fn an_empty_file_that_is_not_listed_afterwards_is_stored_unconfirmed() {
    for answer in ["10", "14", "12"] {
        let stored = ">> AT+MFTPSTOR=0,\"f\"\\r\n<< \\r\\nCONNECT\\r\\n\n>> +++\n<< \\r\\nOK\\r\\n\n";
        play_online(&[stored, &listed("f", &[answer])].concat(), |modem| {
            let transfer = modem.store("f", &Store::create(), &mut std::io::empty()).unwrap();
            assert_eq!(transfer.assurance, Assurance::Unconfirmed);
        });
    }
}

/// MFTPLIST prints a symbolic link as a file with the length of the link's text (`lrwxrwxrwx … R.pkg -> old/R.pkg`).
#[test]
fn the_size_of_a_link_is_not_that_of_its_text() {
    let row = listed("R.pkg", &[r#"0,"R.pkg",15,20170501000000,"rwx""#]);
    let next = ">> AT+MFTPRETR=0,\"R.pkg\",,15,1\\r\n<< \\r\\nOK\\r\\n";
    let is_longer = format!("{row}@ 0.4\n{next}\\r\\n+MFTPRETR: 0,0,1,1,x\\r\\n\n");
    play_online(&is_longer, |modem| {
        let error = modem.size("R.pkg").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    });
    let ends = format!("{row}@ 0.4\n{next}\\r\\n+MFTPRETR: 0,19\\r\\n\n");
    play_online(&ends, |modem| assert_eq!(modem.size("R.pkg").unwrap(), 15));
    // A file that is longer than a link's text costs no download.
    let row = listed("R.pkg", &[r#"0,"R.pkg",256,20170501000000,"rwx""#]);
    play_online(&row, |modem| assert_eq!(modem.size("R.pkg").unwrap(), 256));
}

/// A server that keeps sizes in 31 bits.
#[test]
fn a_negative_size_is_named_and_the_file_can_be_downloaded() {
    let row = listed("big.bin", &[r#"0,"big.bin",-1794967296,20170501000000,"rw-""#]);
    play_online(&format!("{row}{}@ 1.1\n{STATE}", retrieved("big.bin", "abc", "de")), |modem| {
        let mut bytes = Vec::new();
        let transfer = modem.retrieve("big.bin", &Retrieve::whole(), &mut bytes).unwrap();
        assert_eq!((&bytes[..], transfer.assurance), (&b"abcde"[..], Assurance::Unconfirmed));
    });
    play_online(&row, |modem| {
        let error = modem.size("big.bin").unwrap_err();
        assert!(error.to_string().contains("31 bits"), "{error}");
    });
}
