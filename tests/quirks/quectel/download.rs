//! Downloads: QFTPGET.

use std::time::Duration;

use ftp_modem::emulator::{Damage, Direction, Fault, Options, TransferRefusal};
use ftp_modem::modem::{Assurance, Retrieve};
use ftp_modem::{ErrorKind, FtpModem};

use super::{CLOSED, Rig, play_online, with, without_size};
use crate::support::payload::pattern;

/// At the end an EC200 answers `0,0` or `627,550`.
#[test]
fn the_end_may_fall_on_a_multiple_of_the_piece() {
    for refused in [false, true] {
        for refusal in [TransferRefusal::Connect, TransferRefusal::OkThenResult, TransferRefusal::ResultOnly] {
            let mut rig = Rig::online(with(|o| {
                o.past_end_refused = refused;
                o.refusal = refusal;
                o.longest_get = Some(500);
            }));
            rig.files.put("/a", pattern(1000));
            assert!(
                rig.download("/a").unwrap() == pattern(1000),
                "the size is known, so no piece is requested behind the end"
            );
            assert!(!rig.line.text().contains("\"COM:\",1000"));
            assert_eq!(rig.download_part("/a", &Retrieve::from(1000)).unwrap(), b"");
            assert_eq!(rig.download("/none").unwrap_err().kind(), ErrorKind::Unavailable);

            // Of unknown size: an empty piece is the end, a refusal is an error.
            without_size(&rig);
            let end = rig.download_part("/a", &Retrieve::from(1000).with_length(500));
            if refused {
                let error = end.unwrap_err();
                assert_eq!((error.kind(), error.ftp_reply()), (ErrorKind::Unavailable, Some(550)));
            } else {
                assert_eq!(end.unwrap(), b"");
            }
            without_size(&rig);
            assert_eq!(rig.download("/none").unwrap_err().kind(), ErrorKind::Unavailable);
            rig.works_both_ways();
        }
    }
}

/// Servers and modules that count in 16 bits; a file that has grown since its size was queried.
#[test]
fn a_size_that_is_too_small_does_not_end_the_file() {
    for (bytes, stated) in [(67232, 1696), (65536, 0), (1001, 1000), (2000, 1000), (1000, 1000)] {
        for longest in [None, Some(700), Some(30_000)] {
            let mut rig = Rig::online(with(|o| {
                o.longest_get = longest;
                o.forced_results = vec![("+QFTPSIZE".to_owned(), format!("0,{stated}"))];
            }));
            rig.files.put("/a", pattern(bytes));
            let mut received = Vec::new();
            let transfer = rig.modem.retrieve("/a", &Retrieve::whole(), &mut received).unwrap();
            assert!(received == pattern(bytes), "{stated} of {bytes}: {} came", received.len());
            // The size is proof only where the end of the file agrees with it.
            let is_proven = transfer.assurance == Assurance::ServerSize;
            assert_eq!(is_proven, bytes == stated, "{stated} of {bytes}, {longest:?}");
            assert_eq!(rig.line.text().matches("+QFTPSIZE").count(), 1);
            rig.works_both_ways();
        }
    }
}

/// The same by a module that says so without `CONNECT`, or refuses.
#[test]
fn an_empty_file_is_observed_to_be_empty() {
    for (result, expected) in [("0,0", None), ("627,550", Some(ErrorKind::Unavailable))] {
        let session = format!(
            r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,0\r\n
>> AT+QFTPGET="a","COM:",0,1\r
<< \r\nOK\r\n\r\n+QFTPGET: {result}\r\n
"#
        );
        play_online(&session, |modem| {
            let outcome = modem.retrieve("a", &Retrieve::whole(), &mut Vec::new());
            assert_eq!(outcome.as_ref().err().map(|error| error.kind()), expected, "{outcome:?}");
            assert!(outcome.is_err() || outcome.unwrap().assurance == Assurance::ServerSize);
        });
    }
}

/// The byte behind the expected end is a line end, or the beginning of the lines behind the file.
#[test]
fn a_file_that_goes_on_with_what_looks_like_its_end_is_not_cut_there() {
    let file = b"abc\r\nOK\r\n\r\n+QFTPGET: 0,3\r\nand so on";
    for bytes in [&file[..], b"abc\r", b"abc\r\n", b"abc\n", b"abc\r\nOK\r\n"] {
        let mut rig = Rig::online(with(|o| o.forced_results = vec![("+QFTPSIZE".to_owned(), "0,3".to_owned())]));
        rig.files.put("/a", bytes);
        assert_eq!(rig.download("/a").unwrap(), bytes);
    }
}

/// The module pauses behind the first line of the file, which is one of its own failures.
#[test]
fn a_file_that_begins_like_a_failure_is_not_missing() {
    let first = b"\r\n+QFTPGET: 627,550\r\n";
    let connected = b"\r\nOK\r\n\r\n+QFTPSIZE: 0,80\r\n\r\nCONNECT\r\n".len() as u64;
    for (pause, kind) in [(2, ErrorKind::DataConnection), (20, ErrorKind::Timeout)] {
        let mut rig = Rig::online(Options::default());
        let mut content = first.to_vec();
        content.resize(80, b'x');
        rig.files.put("/a", &content[..]);
        let damage = Damage::Stall(Some(Duration::from_secs(pause)));
        let at = connected + first.len() as u64;
        rig.line.play(Fault::Byte { direction: Direction::Output, at, damage }.into());
        let error = rig.download("/a").unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (kind, true), "{pause} s: {error}");
        assert_eq!(rig.download("/a").unwrap(), content, "{pause} s");
    }
}

/// A probe shows that the module is in command mode. It is not the command that failed.
#[test]
fn the_error_of_a_missing_file_names_the_command_of_the_download() {
    let mut rig = Rig::online(Options::default());
    let error = rig.download("/missing").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.command().is_some_and(|command| command.starts_with("AT+QFTPGET=")), "{error}");
}

/// Added to the data just where the line end behind the counted bytes falls into it.
#[test]
fn a_final_result_code_that_is_added_to_data_does_not_end_them() {
    let added = b"\r\nOK\r\n";
    let connected = b"\r\nOK\r\n\r\n+QFTPSIZE: 0,80\r\n\r\nCONNECT\r\n".len() as u64;
    for left in 1..=12 {
        let mut rig = Rig::online(Options::default());
        rig.files.put("/a", pattern(80));
        let at = connected + 80 - left;
        rig.line.play(Fault::Byte { direction: Direction::Output, at, damage: Damage::Insert(added.to_vec()) }.into());
        let mut bytes = Vec::new();
        let outcome = rig.modem.retrieve("/a", &Retrieve::whole(), &mut bytes);
        assert!(outcome.is_err() || bytes == pattern(80), "{left}");
        rig.still_works();
    }
}

/// RFC 3659 §4: some servers refuse SIZE with 550 while the type is ASCII, also for files that exist.
#[test]
fn a_refused_size_says_nothing_about_the_file() {
    for (code, reply) in [(627, 550), (622, 502), (620, 500), (624, 504)] {
        let mut rig = Rig::online(with(|o| {
            o.forced_results = vec![("+QFTPSIZE".to_owned(), format!("{code},{reply}"))];
        }));
        rig.files.put("/a", pattern(1000));
        let mut received = Vec::new();
        let transfer = rig.modem.retrieve("/a", &Retrieve::whole(), &mut received).unwrap();
        assert!(received == pattern(1000));
        assert_eq!(transfer.assurance, Assurance::ModuleCount, "{code},{reply}");
        assert_eq!(rig.download("/none").unwrap_err().kind(), ErrorKind::Unavailable);
    }
}

/// The note, §2.6, does not say what happens; `0,0` and `627,550` were seen.
#[test]
fn a_piece_may_start_at_the_end() {
    for refused in [false, true] {
        let mut rig = Rig::online(with(|o| o.past_end_refused = refused));
        rig.files.put("/a", pattern(960));
        for offset in [0, 480, 960] {
            let piece = rig.download_part("/a", &Retrieve::from(offset).with_length(480)).unwrap();
            assert!(piece == pattern(960)[offset as usize..960.min(offset as usize + 480)]);
        }
    }
}

/// The note, §2.6: "transferlen < downloadlen" means that the whole file was transferred.
#[test]
fn a_short_piece_is_not_the_end() {
    for longest in [1, 300, 999] {
        let mut rig = Rig::online(with(|o| o.longest_get = Some(longest)));
        rig.files.put("/a", pattern(1000));
        assert!(rig.download("/a").unwrap() == pattern(1000));
        assert!(rig.download_part("/a", &Retrieve::from(100).with_length(800)).unwrap() == pattern(1000)[100..900]);
    }
    // No progress: the third piece brings nothing, without any byte to compare.
    let session = format!(
        r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,9\r\n
>> AT+QFTPGET="a","COM:",0,10\r
<< \r\nCONNECT\r\nabcde\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n
@ 2
>> AT+QFTPGET="a","COM:",3,7\r
<< \r\nCONNECT\r\nde\r\nOK\r\n\r\n+QFTPGET: 0,2\r\n
@ 2
>> AT+QFTPGET="a","COM:",5,5\r
<< \r\nCONNECT\r\n\r\nOK\r\n\r\n+QFTPGET: 0,0\r\n
@ 2
{CLOSED}
"#
    );
    play_online(&session, |modem| {
        let mut bytes = Vec::new();
        let error = modem.retrieve("a", &Retrieve::whole(), &mut bytes).unwrap_err();
        assert_eq!(
            (error.kind(), error.transferred(), bytes.as_slice()),
            (ErrorKind::Incomplete, Some(5), &b"abcde"[..])
        );
    });
}

/// The number of bytes says nothing without the error number in front of it.
#[test]
fn a_short_piece_may_end_in_a_failure() {
    let session = format!(
        r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,9\r\n
>> AT+QFTPGET="a","COM:",0,10\r
<< \r\nCONNECT\r\nabc\r\nOK\r\n\r\n+QFTPGET: 0,3\r\n
@ 2
>> AT+QFTPGET="a","COM:",2,8\r
<< \r\nCONNECT\r\ncde\r\nOK\r\n\r\n+QFTPGET: 607,0\r\n
@ 2
>> ATI\r
<< \r\nQuectel\r\nEC25\r\nRevision: EC25EFAR06A11M4G\r\n\r\nOK\r\n
{CLOSED}
"#
    );
    play_online(&session, |modem| {
        let mut bytes = Vec::new();
        let error = modem.retrieve("a", &Retrieve::whole(), &mut bytes).unwrap_err();
        // Fewer bytes than requested with an error number in front is a failure; with 0 in front there may be more.
        assert_eq!((error.kind(), bytes.as_slice()), (ErrorKind::DataConnection, &b"abcde"[..]), "{error}");
    });
}

/// The note, §2.6, calls `<startpos>` a position in the "file to upload".
#[test]
fn the_start_of_a_download_is_in_the_file_on_the_server() {
    let mut rig = Rig::online(Options::default());
    rig.files.put("/a", "0123456789");
    assert_eq!(rig.download_part("/a", &Retrieve::from(4).with_length(3)).unwrap(), b"456");
    rig.modem.retrieve_to_module("/a", "RAM:a", 4).unwrap();
    assert_eq!(rig.modem.module_file_size("RAM:a").unwrap(), Some(6));
}

/// With `OK` before its result or without, with a stale reply, or in silence. No log shows which.
#[test]
fn a_transfer_that_dies_keeps_its_bytes() {
    for ok_before_failure in [true, false] {
        for stale_reply in [true, false] {
            for after in [0, 1, 700, 4999] {
                let mut rig = Rig::online(with(|o| {
                    o.ok_before_failure = ok_before_failure;
                    o.stale_reply = stale_reply;
                }));
                rig.files.put("/a", pattern(5000));
                rig.files.break_download_after(after);
                let mut bytes = Vec::new();
                let error = rig.modem.retrieve("/a", &Retrieve::whole(), &mut bytes).unwrap_err();
                assert!(error.is_retryable() && error.module_usable(), "{error}");
                // The last bytes before the end of the line are given only when they are known to be the file's.
                assert_eq!(error.transferred(), Some(after), "{error}");
                assert!(bytes == pattern(5000)[..after as usize]);
                rig.works_both_ways();
            }
        }
    }
    // The server falls silent, and the module reports it.
    let mut rig = Rig::online(with(|o| o.stall_download_at = Some(2000)));
    rig.files.put("/a", pattern(5000));
    let begun = rig.line.elapsed();
    let error = rig.download("/a").unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::NetworkTimeout, Some(2000)), "{error}");
    assert!(rig.line.elapsed() - begun < Duration::from_secs(105));
    rig.works_both_ways();
    // The module falls silent as well: it is brought out of data mode.
    let session = format!(
        r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,900\r\n
>> AT+QFTPGET="a","COM:",0,901\r
<< \r\nCONNECT\r\n
<<* 600
@ 96.5
>> +++
@ 1
<< \r\nOK\r\n
>> ATI\r
<< Quectel\r\nEC25\r\nRevision: EC25EFAR06A11M4G\r\n\r\nOK\r\n
{CLOSED}
"#
    );
    play_online(&session, |modem| {
        let mut bytes = Vec::new();
        let error = modem.retrieve("a", &Retrieve::whole(), &mut bytes).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Timeout, true), "{error}");
        assert_eq!(error.transferred(), Some(bytes.len() as u64));
        assert!(pattern(900).starts_with(&bytes));
    });
}

/// The number in the result is larger than that of the bytes received.
#[test]
fn bytes_lost_without_flow_control_are_an_error() {
    for size_known in [true, false] {
        let size = if size_known { "0,2000" } else { "622,502" };
        let length = if size_known { ",2001" } else { "" };
        let session = format!(
            r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: {size}\r\n
>> AT+QFTPGET="a","COM:",0{length}\r
<< \r\nCONNECT\r\n
<<* 1900
<< \r\nOK\r\n\r\n+QFTPGET: 0,2000\r\n
@ 96.5
>> ATI\r
<< \r\nQuectel\r\nEC25\r\nRevision: EC25EFAR06A11M4G\r\n\r\nOK\r\n
{CLOSED}
"#
        );
        play_online(&session, |modem| {
            let mut bytes = Vec::new();
            let error = modem.retrieve("a", &Retrieve::whole(), &mut bytes).unwrap_err();
            assert!(error.is_retryable() && error.module_usable(), "{error}");
            assert_eq!(error.transferred(), Some(bytes.len() as u64));
            assert!(pattern(2000).starts_with(&bytes), "nothing but the file's own bytes");
        });
    }
}

/// A server without REST.
#[test]
fn a_refused_restart_offset_is_named() {
    let session = r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,900\r\n
>> AT+QFTPGET="a","COM:",400,501\r
<< \r\nOK\r\n\r\n+QFTPGET: 622,502\r\n
"#;
    play_online(session, |modem| {
        let error = modem.retrieve("a", &Retrieve::from(400), &mut Vec::new()).unwrap_err();
        assert_eq!((error.kind(), error.ftp_reply()), (ErrorKind::ServerRefused, Some(502)));
        assert!(error.to_string().contains("restart offset"), "{error}");
    });
}
