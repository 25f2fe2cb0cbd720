//! Downloads: MFTPRETR and its pieces.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ftp_modem::emulator::{FalseSize, Operation, RemoteError, SumSize};
use ftp_modem::modem::{Assurance, Retrieve};
use ftp_modem::transfer::Download;
use ftp_modem::{ErrorKind, FtpModem, Server, Vendor};

use super::{Rig, code, got, login_lines, online, play_online, with};
use crate::support::payload::pattern;
use crate::support::rig;

/// `recv_size` raw bytes follow the fifth comma (manual, §3.10); the example of §4.1 holds `+MFTPAPP TEST`.
#[test]
fn data_within_the_result_line_are_counted() {
    let deceiving: [&[u8]; 9] = [
        b",",
        b"\"",
        b"\r\nOK\r\n",
        b"\r\nERROR\r\n",
        b"\r\n+MFTPRETR: 0,0,5,5,12345\r\n",
        b"\r\n+MFTPRETR: 0,10\r\n",
        b"\r\n+MFTPURC: 0,\"conn\",0\r\n",
        b"+MFTPURC: 0,\"conn\",0\r\n+MATREADY\r\n",
        b"\r\n>\x00\x1a\x1b+++",
    ];
    for fragment in [1, 2, 7, 64, usize::MAX] {
        for piece_size in [1, 3, 10, 1024] {
            let mut rig = Rig::online(with(|it| it.piece_size = piece_size).with_fragment(fragment));
            for bytes in deceiving {
                rig.files.put("/f", bytes);
                assert_eq!(rig.download("/f").unwrap(), bytes, "{fragment} {piece_size}");
            }
        }
    }
}

/// Between the digits of a number, too.
#[test]
fn the_header_may_be_cut_anywhere() {
    let header = "\\r\\n+MFTPRETR: 0,0,12,12,";
    for cut in (0..=header.len()).filter(|cut| !header[..*cut].ends_with('\\')) {
        let (first, second) = header.split_at(cut);
        let lines = format!(
            r#"
>> AT+MFTPLIST=0,"f"\r
<< \r\nOK\r\n\r\n+MFTPLIST: 0,0,"f",12,20220816182200,"rw-"\r\n
>> AT+MFTPRETR=0,"f",,0\r
<< \r\nOK\r\n{}
@ 1.5
<< {}0123,\r\n45678\r\n
>> AT+MFTPSTATE=0\r
<< \r\n+MFTPSTATE: 0,1\r\n\r\nOK\r\n
"#,
            first, second
        );
        play_online(&lines, |modem| assert_eq!(got(modem, "f"), b"0123,\r\n45678", "{cut}"));
    }
}

/// Result 10 is every refusal of the server; behind data it is not that of the file.
#[test]
fn a_file_that_cannot_be_listed_is_not_missing_when_its_download_breaks() {
    let mut rig = online(|_| ());
    rig.files.put("/f", pattern(30_000));
    rig.files.habits().answer_size("*", FalseSize::Refused(502));
    for _ in 0..20 {
        rig.files.fail_next(Operation::List, RemoteError::reply(502, "LIST not implemented."));
    }
    rig.files.break_download_after(20_000);
    let error = rig.download("/f").unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::DataConnection, true), "{error}");
    // Before the data it is.
    let error = rig.download("/missing").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
}

/// The manual, §3.10, has no line for the end. 3 and 19 are "offset" and "size zero" in a client (ec_ftpclient_api.h).
#[test]
fn a_file_may_come_in_several_pieces_without_an_end_mark() {
    for final_empty_piece in [false, true] {
        for size in [1, 1023, 1024, 1025, 10_000] {
            let mut rig = online(|it| it.final_empty_piece = final_empty_piece);
            for _ in 0..3 {
                rig.files.put("/f", pattern(size));
                assert_eq!(rig.download("/f").unwrap(), pattern(size), "{size}");
                let part = Retrieve::from(size as u64 / 2).with_length(2);
                let middle = &pattern(size)[size / 2..];
                assert_eq!(rig.download_part("/f", &part).unwrap(), middle[..middle.len().min(2)]);
            }
        }
    }
    // A file that ends early: the module reports that it is idle, and its session goes on. The row may have been that
    // of another file, so the file is listed once more.
    let endings = [
        r"
<< \r\n+MFTPRETR: 0,0,4,0,\r\n
@ 1
>> AT+MFTPSTATE=0\r
<< \r\n+MFTPSTATE: 0,1\r\n\r\nOK\r\n
",
        "<< \\r\\n+MFTPRETR: 0,3\\r\\n\n",
        "<< \\r\\n+MFTPRETR: 0,19\\r\\n\n",
        r"
@ 36
>> AT+MFTPSTATE=0\r
<< \r\n+MFTPSTATE: 0,1\r\n\r\nOK\r\n
",
    ];
    for ending in endings {
        let lines = format!(
            r#"
>> AT+MFTPLIST=0,"f"\r
<< \r\nOK\r\n\r\n+MFTPLIST: 0,0,"f",9,20220816182200,"rw-"\r\n
>> AT+MFTPRETR=0,"f",,0\r
<< \r\nOK\r\n\r\n+MFTPRETR: 0,0,4,4,abcd\r\n
@ 36
>> AT+MFTPSTATE=0\r
<< \r\n+MFTPSTATE: 0,1\r\n\r\nOK\r\n
>> AT+MFTPLIST=0,"f"\r
<< \r\nOK\r\n\r\n+MFTPLIST: 0,0,"f",9,20220816182200,"rw-"\r\n
@ 0.4
>> AT+MFTPPWD=0\r
<< \r\nOK\r\n\r\n+MFTPPWD: 0,0,"/"\r\n
>> AT+MFTPRETR=0,"f",,2\r
<< \r\nOK\r\n
{0}>> AT+MFTPRETR=0,"f",,4\r
<< \r\nOK\r\n
{0}>> AT+MFTPPWD=0\r
<< \r\nOK\r\n\r\n+MFTPPWD: 0,0,"/"\r\n
"#,
            ending
        );
        play_online(&lines, |modem| {
            let mut bytes = Vec::new();
            let error = modem.retrieve("f", &Retrieve::whole(), &mut bytes).unwrap_err();
            // Where the module itself says that nothing follows, another attempt would end there, too.
            let is_stated = [": 0,3\\r", ": 0,19\\r"].iter().any(|end| ending.contains(end));
            let kind = if is_stated { ErrorKind::VerificationFailed } else { ErrorKind::Incomplete };
            assert_eq!((error.kind(), error.transferred()), (kind, Some(4)), "{error}");
            assert_eq!(error.is_retryable(), !is_stated, "{error}");
            assert_eq!(bytes, b"abcd");
            assert_eq!(modem.pwd().unwrap(), "/");
        });
    }
}

/// `sum_size` is the sum so far; where it exceeds the bytes received, a piece was lost (78/esp-ml307 has the same check
/// for HTTP).
#[test]
fn a_lost_piece_is_requested_once_more() {
    for lost in [1, 2, 5, 10] {
        let mut rig = online(|it| it.lost_piece = Some(lost));
        rig.files.put("/f", pattern(10_000));
        let (outcome, sent) = rig.line.clone().sent_by(|| rig.download("/f"));
        assert_eq!(outcome.unwrap(), pattern(10_000), "piece {lost}");
        // Requested from the last good byte on, with a few bytes before it to compare.
        let rest = if lost == 1 { "0,1024".to_owned() } else { ((lost - 1) * 1024 - 16).to_string() };
        assert!(sent.contains(&format!("AT+MFTPRETR=0,\"/f\",,{rest}\r")), "{sent}");
        rig.still_works();
    }
}

/// The line of a restart at the end of the data: the driver queries the state of the module.
#[test]
fn a_file_that_ends_as_a_module_starts_is_a_file() {
    for end in ["\r\n+MATREADY", "\r\n+MATREADY\r\n", "\r\n+MATREADY: 1\r\nrest"] {
        let mut rig = online(|_| {});
        let file = [&pattern(500)[..], end.as_bytes()].concat();
        rig.files.put("/f", file.clone());
        let (got, sent) = rig.line.clone().sent_by(|| rig.download("/f").unwrap());
        assert!(got == file, "{end:?}");
        assert!(sent.contains("AT+MFTPSTATE=0"), "the driver queries the module: {sent}");
        rig.still_works();
    }
}

/// With `local_fs` 1 (manual, §3.10), and in the line of an error.
#[test]
fn the_data_field_may_be_missing() {
    for both in [false, true] {
        let mut rig = online(|it| it.local_both_sizes = both);
        rig.files.put("/f", pattern(23));
        let before = rig.line.elapsed();
        let transfer = rig.modem.retrieve_to_module("/f", "/usr/1.txt", &Retrieve::whole()).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (23, Assurance::ServerSize));
        assert!(rig.line.elapsed() - before < Duration::from_secs(2), "nothing is waited for");
        rig.still_works();
    }
    // On a download to the port: an error, or a line without data.
    let mut rig = online(|it| it.results = vec![("+MFTPRETR".into(), 10)]);
    rig.files.put("/f", "x");
    let error = rig.download("/f").unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::DataConnection, "10"), "{error}");
    rig.still_works();
    for without in ["0,0,4", "0,0,4,4"] {
        let lines = format!(
            r#"
>> AT+MFTPLIST=0,"f"\r
<< \r\nOK\r\n\r\n+MFTPLIST: 0,0,"f",4,20220816182200,"rw-"\r\n
>> AT+MFTPRETR=0,"f",,0\r
<< \r\nOK\r\n\r\n+MFTPRETR: {}\r\n
@ 1
>> AT+MFTPSTATE=0\r
<< \r\n+MFTPSTATE: 0,1\r\n\r\nOK\r\n
"#,
            without
        );
        let took = play_online(&lines, |modem| {
            let error = modem.retrieve("f", &Retrieve::whole(), &mut Vec::new()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
        });
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
}

/// The demo of the vendor loops for ever where a pull returns nothing (cm_demo_ftp.c).
#[test]
fn a_download_without_progress_ends() {
    for stall_at in [0, 1, 1024, 3000] {
        let mut rig = online(|it| it.stall_at = Some(stall_at));
        rig.files.put("/f", pattern(5000));
        let before = rig.line.elapsed();
        let mut bytes = Vec::new();
        let error = rig.modem.retrieve("/f", &Retrieve::whole(), &mut bytes).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(stall_at)), "{error}");
        assert_eq!(bytes, pattern(5000)[..stall_at as usize]);
        let took = rig.line.elapsed() - before;
        // A piece without data ends it. Otherwise only silence does, once for each request.
        assert!(took < Duration::from_secs(if stall_at == 0 { 5 } else { 80 }), "{stall_at}: {took:?}");
        assert_eq!(rig.modem.pwd().unwrap(), "/");
    }
}

/// A client has 16-bit fields for offset and size beside 32-bit ones (ec_ftpclient_api.h); whether a module wraps is
/// not known.
#[test]
fn an_offset_beyond_64_kib_is_verified() {
    let bytes: Vec<u8> = (0..70_000u32).flat_map(u32::to_le_bytes).collect();
    for (wraps, piece_size) in [(false, 1024), (true, 1024), (true, 300_000)] {
        let mut rig = online(|it| (it.offset_wraps, it.piece_size) = (wraps, piece_size));
        rig.files.put("/f", bytes.clone());
        let part = Retrieve::from(65_540).with_length(100);
        match rig.download_part("/f", &part) {
            Ok(part) => assert!(!wraps && part == bytes[65_540..65_640]),
            Err(error) => {
                assert!(wraps, "{error}");
                assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
                assert!(error.module_usable(), "{error}");
            }
        }
        assert_eq!(rig.download_part("/f", &Retrieve::from(65_535).with_length(9)).unwrap(), bytes[65_535..65_544]);
        assert_eq!(rig.download("/f").unwrap(), bytes, "without an offset nothing wraps");
        rig.still_works();
    }
    // More than the last byte comes, in whatever pieces.
    let lines = r#"
>> AT+MFTPLIST=0,"f"\r
<< \r\nOK\r\n\r\n+MFTPLIST: 0,0,"f",70000,20220816182200,"rw-"\r\n
>> AT+MFTPRETR=0,"f",,69999\r
<< \r\nOK\r\n\r\n+MFTPRETR: 0,0,1,1,a\r\n\r\n+MFTPRETR: 0,0,2,1,b\r\n
<< \r\n+MFTPRETR: 0,0,3,1,c\r\n
@ 1
>> ATI\r
<< \r\nML307R\r\n\r\nOK\r\n
>> AT+MFTPDISC=0\r
<< \r\nOK\r\n\r\n+MFTPDISC: 0,0\r\n
"#;
    play_online(lines, |modem| {
        let error = modem.retrieve("f", &Retrieve::from(65_536), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(error.module_usable(), "{error}");
    });
    // A lost piece behind 64 KiB cannot be requested where offsets wrap.
    let mut rig = online(|it| (it.offset_wraps, it.lost_piece) = (true, Some(100)));
    rig.files.put("/f", bytes.clone());
    let mut begun = Vec::new();
    let error = rig.modem.retrieve("/f", &Retrieve::whole(), &mut begun).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(99 * 1024)), "{error}");
    assert_eq!(begun, bytes[..99 * 1024]);
    rig.still_works();
}

/// The manual, §3.10, says "total file length" in prose, "cumulative" in the parameters; its examples are cumulative.
#[test]
fn the_sum_may_be_the_size_of_the_file() {
    for sum_size in [SumSize::Cumulative, SumSize::FileSize] {
        for size in [1, 1024, 1025, 5000] {
            let mut rig = online(|it| it.sum_size = sum_size);
            rig.files.put("/f", pattern(size));
            assert_eq!(rig.download("/f").unwrap(), pattern(size), "{sum_size:?} {size}");
            let part = Retrieve::from(1).with_length(2000);
            let end = size.min(2001);
            assert_eq!(rig.download_part("/f", &part).unwrap(), pattern(size)[1..end], "{sum_size:?} {size}");
        }
    }
}

/// `rsptimeout` is 2 to 30 s (manual, §3.1); no limit for a whole transfer is documented.
#[test]
fn a_transfer_has_a_limit_of_silence_and_none_in_all() {
    let mut rig = online(|it| it.piece_gap = Duration::from_secs(25));
    rig.files.put("/f", pattern(10_240));
    assert_eq!(rig.download("/f").unwrap(), pattern(10_240), "longer than any limit, but never silent for long");
    assert!(rig.line.elapsed() > Duration::from_secs(224));
    // Silence has a limit.
    let mut rig = online(|it| it.piece_gap = Duration::from_secs(3600));
    rig.files.put("/f", pattern(10_240));
    let before = rig.line.elapsed();
    let error = rig.download("/f").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(rig.line.elapsed() - before < Duration::from_secs(200), "{:?}", rig.line.elapsed() - before);
}

/// A download that is cancelled leaves data between the lines of the module.
#[test]
fn a_cancelled_download() {
    let gap = Duration::from_millis(1500);
    for (piece_size, nasty, piece_gap) in [
        (1024, false, Duration::ZERO),
        (20_000, false, Duration::ZERO),
        (1024, true, Duration::ZERO),
        (20_000, true, Duration::ZERO),
        (20_000, true, gap),
        (20_000, false, gap),
    ] {
        let options = with(|it| (it.piece_size, it.piece_gap) = (piece_size, piece_gap)).with_line_rate(115_200);
        let mut rig = Rig::online(options);
        let line = b"\r\n+MATREADY\r\nOK\r\n+MFTPURC: 0,\"conn\",0\r\n+MIPCALL: 1,0\r\n+CME ERROR: 3\r\n";
        let bytes = if nasty { line.repeat(4500) } else { vec![0; 300_000] };
        rig.files.put("/big", bytes.clone());
        let flag = Arc::new(AtomicBool::new(false));
        rig.cancel_with(&flag);
        /// Keeps the bytes, and cancels between two numbers of them.
        struct Collecting(Arc<AtomicBool>, Vec<u8>);
        impl Write for Collecting {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.1.extend_from_slice(bytes);
                self.0.store(self.1.len() > 30_000 && self.1.len() < 60_000, Ordering::Relaxed);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut sink = Collecting(flag.clone(), Vec::new());
        let error = rig.modem.retrieve("/big", &Retrieve::whole(), &mut sink).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Cancelled, Some(sink.1.len() as u64)), "{error}");
        // A module that does not close the session before the end of the file is left to it: the next call waits.
        assert_eq!(error.module_usable(), !error.to_string().contains("still sending"), "{error}");
        assert!(bytes.starts_with(&sink.1));
        rig.cancel_no_more();
        rig.still_works();
    }
}

/// The session is closed in the middle of the download, and the rest is fetched from the last good byte on.
#[test]
fn a_download_in_which_a_piece_is_lost_is_not_waited_for() {
    const SIZE: usize = 300_000;
    let piece = |sum: usize, count: usize| {
        let zeros = "00".repeat(count);
        format!("<< \\r\\n+MFTPRETR: 0,0,{sum},{count},\n<<# {count} {zeros}\n<< \\r\\n\n")
    };
    let retrieve = |offset: usize| format!(">> AT+MFTPRETR=0,\"f\",,{offset}\\r\n<< \\r\\nOK\\r\\n\n");
    // The second piece, of 4096 bytes, is lost.
    let lines = [
        retrieve(0),
        piece(4096, 4096),
        piece(10_240, 2048),
        r"
>> AT+MFTPDISC=0\r
<< \r\nOK\r\n\r\n+MFTPDISC: 0,0\r\n
>> ATI\r
<< \r\nML307R\r\n\r\nOK\r\n
>> AT+MFTPSTATE=0\r
<< \r\n+MFTPSTATE: 0,0\r\n\r\nOK\r\n
"
        .to_owned(),
        login_lines(&Server::new("h", "u", "p")),
        retrieve(4080),
        piece(SIZE - 4080, SIZE - 4080),
        ">> AT+MFTPSTATE=0\\r\n<< \\r\\n+MFTPSTATE: 0,1\\r\\n\\r\\nOK\\r\\n\n".to_owned(),
    ];
    let time = play_online(&lines.concat(), |modem| {
        let mut bytes = Vec::new();
        modem.retrieve("f", &Retrieve::whole().with_size(SIZE as u64), &mut bytes).unwrap();
        assert!(bytes == vec![0; SIZE]);
    });
    assert!(time < Duration::from_secs(3), "{time:?}");
}

/// Whichever it is: also the last one, behind which none comes.
#[test]
fn a_lost_piece_costs_no_more_than_the_rest_of_the_file() {
    const RATE: u32 = 115_200;
    for (size, most) in [(40_000, 25), (1_000_000, 310)] {
        for lost in [1, 4, 20] {
            for pause in [0, 100] {
                let options = with(|it| {
                    it.lost_piece = Some(lost);
                    it.piece_size = 2048;
                    it.piece_gap = Duration::from_millis(pause);
                });
                let (line, files) = rig::module(Vendor::ChinaMobile, options.with_real_times().with_line_rate(RATE));
                let mut rig = Rig::through(line.host().with_line_rate(RATE), line.clone(), files);
                rig.go_online();
                rig.files.put("/a", pattern(size));
                let begun = line.elapsed();
                assert!(rig.download("/a").unwrap() == pattern(size), "{size}, {lost}, {pause}");
                let time = line.elapsed() - begun;
                assert!(time < Duration::from_secs(most), "{size}, {lost}, {pause}: {time:?}");
                assert!(line.commands("AT+MFTPRETR").len() < 6, "{size}, {lost}, {pause}");
            }
        }
    }
}

/// A server without `REST` (502), and one that opens no data connection now (425), have the code of every refusal (10).
#[test]
fn a_refused_offset_is_not_requested_twice() {
    for reply in [502, 425] {
        let mut rig = online(|_| {});
        let folder = tempfile::tempdir().unwrap();
        let local = folder.path().join("f");
        rig.files.put("/f", pattern(40_000));
        rig.files.break_download_after(20_000);
        let files = rig.files.clone();
        let mut has_begun = false;
        let download = Download::new("/f", &local).on_clock(rig.line.clone());
        let report = download
            .on_progress(|_| {
                if !std::mem::replace(&mut has_begun, true) {
                    files.fail_next(Operation::Retrieve, RemoteError::reply(reply, "Refused."));
                }
            })
            .run(&mut *rig.modem)
            .unwrap();
        assert!(std::fs::read(&local).unwrap() == pattern(40_000), "{reply}");
        assert_eq!(report.attempts, 2, "{reply}: {report:?}");
        let requests = rig.line.commands("AT+MFTPRETR");
        let resumed = requests.iter().filter(|request| !request.ends_with(",,0")).count();
        assert_eq!(resumed, 1, "{reply}: {requests:?}");
    }
}
