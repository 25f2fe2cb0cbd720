//! Downloads through the cache of the module: FTPGET and FTPRECV.

use std::time::Duration;

use ftp_modem::emulator::{EmptyRead, FullCache, GetCompletion, RecvName, SizeAnswer};
use ftp_modem::modem::{Assurance, EntryKind, Retrieve};
use ftp_modem::{ErrorKind, FtpModem};

use super::{LIMIT, Rig, SECOND, TEXT, online, with};
use crate::support::access::server;
use crate::support::payload::pattern;

/// A public driver for the L716 always copies 1024 bytes, and adds rubbish to the file.
#[test]
fn the_last_piece_may_be_short() {
    for limit in [None, Some(1), Some(100)] {
        let mut rig = online(|options| options.recv_limit = limit);
        for size in [1, 99, 100, 101, 2047, 2048, 2049] {
            rig.downloads(&pattern(size));
        }
    }
}

/// The listing has no size, and there is no FTPSIZE: only the module knows where the file ends.
fn without_sizes(rig: &mut Rig, path: &str) {
    rig.line.answer("AT+FTPSIZE", b"\r\nERROR\r\n");
    for listed in [path, "/"] {
        rig.files.set_listing(listed, "nothing that can be read\r\n");
    }
}

/// `+FTPRECV: 0` before `+FTPGET: 1` says that nothing has arrived yet.
#[test]
fn an_empty_read_is_the_end_only_behind_the_result() {
    for (zero_reads, empty) in [(0, EmptyRead::Zero), (5, EmptyRead::Zero), (5, EmptyRead::Error)] {
        let slow = with(|options| {
            options.zero_reads = zero_reads;
            options.empty_read = empty;
            options.fill_piece = Some(700);
            options.get_completion = GetCompletion::Delayed(3 * SECOND);
        });
        let mut rig = Rig::online(slow.with_network_latency(SECOND));
        rig.downloads(&pattern(3000));
        without_sizes(&mut rig, "/unknown.bin");
        rig.files.put("/unknown.bin", pattern(3000));
        let mut bytes = Vec::new();
        let transfer = rig.modem.retrieve("/unknown.bin", &Retrieve::whole(), &mut bytes).unwrap();
        assert_eq!(transfer.assurance, Assurance::Unconfirmed);
        assert!(bytes == pattern(3000), "{zero_reads} empty reads, {empty:?}: {} bytes", bytes.len());
    }
}

/// A public driver for the MC669 reads from `+FTPGET: 2` on; `+FTPGET: 1` then comes between two reads.
#[test]
fn the_result_may_come_before_or_between_the_reads() {
    let payload = b"\r\n+FTPGET: 1\r\n".repeat(500);
    for completion in [
        GetCompletion::Immediate,
        GetCompletion::Delayed(20 * SECOND),
        GetCompletion::AfterReads(1, 20 * SECOND),
        GetCompletion::AfterReads(2, 20 * SECOND),
        GetCompletion::AfterReads(4, 20 * SECOND),
    ] {
        for fragment in [1, 4096] {
            let late = with(|options| options.get_completion = completion).with_fragment(fragment);
            let mut rig = Rig::online(late);
            rig.downloads(&payload);
            rig.downloads(b"");
            rig.works_both_ways();
        }
    }
}

/// The guide, §3.2, note 8: about 500 KB on an NL668. 1024 to 513024 bytes in the MC66x SDK (cbb_cmd_ftp.h).
#[test]
fn a_file_may_be_larger_than_the_cache() {
    for full in [FullCache::EndsRound, FullCache::Pauses(None)] {
        for cache in [1024, 4096, 29_999, 30_000] {
            let mut rig = online(|options| {
                options.full_cache = full;
                options.cache_size = cache;
            });
            let file: Vec<u8> = (0..30_000u32).flat_map(u32::to_be_bytes).collect();
            rig.downloads(&file[..30_000]);
            let rest = rig.download_part("/down.bin", &Retrieve::from(7)).unwrap();
            assert!(rest == file[7..30_000], "cache of {cache}");
            let part = rig.download_part("/down.bin", &Retrieve::from(100).with_length(20_000)).unwrap();
            assert!(part == file[100..20_100], "cache of {cache}");
            rig.works_both_ways();
        }
    }
}

/// Where each round brings nothing, the driver does not go on for ever.
#[test]
fn a_download_without_progress_ends() {
    let mut rig = online(|options| options.cache_size = 1000);
    rig.files.put("/a", pattern(5000));
    rig.line.answer("AT+FTPRECV", b"\r\n+FTPRECV: 0\r\n\r\nOK\r\n");
    let error = rig.download("/a").unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(0)), "{error}");
    assert!(rig.line.elapsed() < LIMIT);
}

/// The second round, or a download from an offset, begins with other bytes than expected.
#[test]
fn a_module_that_ignores_the_offset_is_noticed() {
    let file: Vec<u8> = (0..30_000u32).flat_map(u32::to_be_bytes).collect();
    use ErrorKind::{Protocol, VerificationFailed};
    // Where a round goes on, a damaged line may have the same effect: that is worth another try.
    for (cache, offset, kind) in
        [(10_000, 0, Protocol), (512_000, 5000, VerificationFailed), (512_000, 1, VerificationFailed)]
    {
        let mut rig = online(|options| {
            options.cache_size = cache;
            options.get_offset_ignored = true;
        });
        rig.files.put("/a", file.clone());
        let error = rig.download_part("/a", &Retrieve::from(offset)).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        rig.works_both_ways();
    }
}

/// The client of the MC66x SDK (ffw_ftpc.h) stops reading, and times out, when the cache is not emptied.
#[test]
fn a_module_that_stops_in_the_middle_is_resumed() {
    // The line is slower than the module's patience.
    let patience = with(|options| {
        options.cache_size = 4000;
        options.full_cache = FullCache::Pauses(Some(SECOND));
    });
    for readable in [true, false] {
        let mut options = patience.clone().with_line_rate(9600);
        options.fibocom.failed_get_readable = readable;
        let mut rig = Rig::online(options);
        rig.downloads(&pattern(20_000));
        rig.works_both_ways();
    }
    for after in [1, 2047, 5000, 9999] {
        let mut rig = online(|_| ());
        rig.files.break_download_after(after);
        rig.files.put("/a", pattern(10_000));
        let mut bytes = Vec::new();
        if let Err(error) = rig.modem.retrieve("/a", &Retrieve::whole(), &mut bytes) {
            let had = bytes.len() as u64;
            assert!(error.is_retryable(), "{error}");
            assert_eq!(error.transferred(), Some(had), "{error}");
            rig.modem.retrieve("/a", &Retrieve::from(had), &mut bytes).unwrap();
        }
        assert!(bytes == pattern(10_000), "after {after}");
    }
}

/// `AT+FTP_RECV` in the table of the guide, §3.2, `AT+FTPRECV` in its log, §3.3, and in the command table of the
/// MC66x SDK.
#[test]
fn ftp_recv_and_ftprecv_are_tried() {
    for name in [RecvName::Plain, RecvName::Underscore, RecvName::Both] {
        let mut rig = online(|options| options.recv_name = name);
        rig.downloads(&pattern(10_000));
        rig.line.clear();
        rig.downloads(&pattern(10_000));
        // Once it is known there is nothing to try.
        assert_eq!(rig.line.commands("AT+FTP").iter().filter(|line| line.contains("RECV")).count(), 6, "{name:?}");
    }
    // The answer may have either name, whichever was sent.
    let mut rig = online(|_| ());
    rig.files.put("/a", "12345");
    rig.line.answer("AT+FTPRECV=5", b"\r\n+FTP_RECV: 5\r\n12345\r\nOK\r\n");
    rig.line.answer("AT+FTPRECV=2048", b"\r\n+FTP_RECV: 0\r\n\r\nOK\r\n");
    assert_eq!(rig.download("/a").unwrap(), b"12345");
}

/// The guide, §3.2, note 8, says AT+FTPGET; its log and all public drivers read with FTPRECV.
#[test]
fn the_cache_is_read_with_ftprecv() {
    let mut rig = online(|_| ());
    rig.files.put("/a", pattern(5000));
    rig.download("/a").unwrap();
    let sent = rig.line.commands("AT+FTP");
    assert_eq!(sent.iter().filter(|line| line.starts_with("AT+FTPGET")).count(), 1, "{sent:?}");
    // Three pieces, and one look for more.
    assert_eq!(sent.iter().filter(|line| line.starts_with("AT+FTPRECV")).count(), 4, "{sent:?}");
}

/// The second argument of FTPGET is the file type (MC66x SDK); 1 is binary.
#[test]
fn downloads_are_binary() {
    let mut rig = online(|options| options.ascii_converts = true);
    rig.downloads(TEXT);
    assert_eq!(rig.download_part("/down.bin", &Retrieve::from(2)).unwrap(), &TEXT[2..]);
    for what in [Retrieve::whole(), Retrieve::from(2), Retrieve::from(2).with_length(3)] {
        let mut bytes = Vec::new();
        rig.modem.retrieve_streamed("/down.bin", &what, &mut bytes).unwrap();
        assert_eq!(bytes, rig.download_part("/down.bin", &what).unwrap());
    }
}

/// FTPGET and FTPRETR have a size in the MC66x SDK and none in the guide.
#[test]
fn a_firmware_may_take_no_number_of_bytes() {
    let file = pattern(100_000);
    for full in [FullCache::EndsRound, FullCache::Pauses(None)] {
        for cache in [5000, 512_000] {
            let mut rig = online(|options| {
                options.full_cache = full;
                options.cache_size = cache;
                options.get_completion = GetCompletion::AfterReads(1, Duration::from_secs(5));
            });
            rig.files.put("/a", file.clone());
            rig.line.answer("AT+FTPGET=\"/a\",1,10,", b"\r\nERROR\r\n");
            rig.line.answer("AT+FTPRETR=\"/a\",1,10,", b"\r\nERROR\r\n");
            let before = rig.line.elapsed();
            for length in [1, 3000, 20_000] {
                let what = Retrieve::from(10).with_length(length);
                let part = rig.download_part("/a", &what).unwrap();
                assert!(part == file[10..10 + length as usize], "{length}, {full:?}, {cache}");
                let mut bytes = Vec::new();
                rig.modem.retrieve_streamed("/a", &what, &mut bytes).unwrap();
                assert!(bytes == part);
                rig.works_both_ways();
            }
            assert!(rig.line.elapsed() - before < Duration::from_secs(60), "the driver waits for nothing");
        }
    }
    // The whole of a file needs none.
    let mut rig = online(|_| ());
    rig.files.put("/a", "12345");
    rig.line.clear();
    rig.download("/a").unwrap();
    assert_eq!(rig.line.commands("AT+FTPGET"), ["AT+FTPGET=\"/a\",1,0"]);
}

/// FTPCACHE: 1024 to 513024 bytes (MC66x SDK, cbb_cmd_ftp.h).
#[test]
fn the_size_of_the_cache_can_be_set() {
    let mut rig = online(|_| ());
    assert_eq!(rig.modem.cache_size().unwrap(), 512_000);
    rig.modem.resize_cache(1024).unwrap();
    assert_eq!(rig.modem.cache_size().unwrap(), 1024);
    rig.downloads(&pattern(10_000));
    rig.line.clear();
    for bytes in [0, 1023, 513_025] {
        assert_eq!(rig.modem.resize_cache(bytes).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert_eq!(rig.line.sent(), b"");
    let mut rig = online(|options| options.cache_command = false);
    assert_eq!(rig.modem.cache_size().unwrap_err().kind(), ErrorKind::ModuleRefused);
    assert_eq!(rig.modem.resize_cache(1024).unwrap_err().kind(), ErrorKind::ModuleRefused);
    rig.modem.login(&server()).unwrap();
    rig.works_both_ways();
}

/// FTPSIZE answers `size`; the file has `bytes` bytes. Returns what was downloaded and how far that is known.
fn with_stated_size(rig: &mut Rig, size: &str, bytes: &[u8]) -> (Vec<u8>, Assurance) {
    rig.line.answer("AT+FTPSIZE", format!("\r\nOK\r\n\r\n+FTPSIZE: 1,{size}\r\n").as_bytes());
    rig.files.put("/a", bytes);
    let mut arrived = Vec::new();
    let transfer = rig.modem.retrieve("/a", &Retrieve::whole(), &mut arrived).unwrap();
    (arrived, transfer.assurance)
}

/// Servers and modules that count in 16 bits; a file that has grown since.
#[test]
fn a_stated_size_that_is_too_small_does_not_cut_the_file() {
    for full in [FullCache::EndsRound, FullCache::Pauses(None)] {
        for (cache, completion) in [
            (512_000, GetCompletion::Immediate),
            (512_000, GetCompletion::Delayed(3 * SECOND)),
            (20_000, GetCompletion::Immediate),
        ] {
            let mut rig = online(|options| {
                options.full_cache = full;
                options.cache_size = cache;
                options.get_completion = completion;
            });
            let file: Vec<u8> = (0..16_808u32).flat_map(u32::to_be_bytes).collect();
            let (arrived, assurance) = with_stated_size(&mut rig, "1696", &file);
            assert!(arrived == file, "{full:?}, {cache}, {completion:?}: {} bytes", arrived.len());
            assert_eq!(assurance, Assurance::Unconfirmed);
            // Behind an offset the bytes beyond the size may be others.
            let error = rig.download_part("/a", &Retrieve::from(1000)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::VerificationFailed, "{error}");
            assert!(error.to_string().contains("the size is wrong"), "{error}");
            assert_eq!(rig.modem.pwd().unwrap(), "/");
        }
    }
    // Not even a size of 0, which may be a damaged one.
    let mut rig = online(|_| ());
    assert_eq!(with_stated_size(&mut rig, "0", &pattern(5000)), (pattern(5000), Assurance::Unconfirmed));
    // Where the end is seen at the size, both are right.
    let mut rig = online(|_| ());
    assert_eq!(with_stated_size(&mut rig, "5000", &pattern(5000)), (pattern(5000), Assurance::ServerSize));
}

/// The end of the file was not seen: the module never says that it is done.
#[test]
fn a_size_without_the_end_of_the_file_is_no_proof() {
    let mut rig = online(|options| options.silent = vec!["+FTPGET".to_owned()]);
    let before = rig.line.elapsed();
    assert_eq!(with_stated_size(&mut rig, "5000", &pattern(5000)), (pattern(5000), Assurance::Unconfirmed));
    assert!(rig.line.elapsed() - before < LIMIT);
}

/// The size of a symbolic link is the length of its text.
#[test]
fn the_file_behind_a_link_is_fetched_whole() {
    let mut rig = online(|options| options.size_answer = SizeAnswer::Absent);
    rig.files.put("/R.pkg", pattern(5000));
    rig.files.set_listing("/R.pkg", "lrwxrwxrwx 1 0 1001 15 May 01 2017 R.pkg -> old/R.pkg\r\n");
    let mut arrived = Vec::new();
    let transfer = rig.modem.retrieve("/R.pkg", &Retrieve::whole(), &mut arrived).unwrap();
    assert!(arrived == pattern(5000), "{} bytes", arrived.len());
    assert_eq!(transfer.assurance, Assurance::Unconfirmed);
    let metadata = rig.modem.metadata("/R.pkg").unwrap();
    assert_eq!((metadata.kind, metadata.size), (Some(EntryKind::Link), None));
}

/// Some servers ignore the argument of LIST and list the current directory, which may hold a file of the same name.
#[test]
fn the_row_of_another_directory_is_not_the_file() {
    let other = "-rw-r--r--    1 ftp      ftp           700 Jul 22 04:09 config.bin\r\n\
                 drwxr-xr-x    2 ftp      ftp          4096 Jul 22 04:09 sub\r\n";
    let mut rig = online(|options| options.size_answer = SizeAnswer::Absent);
    rig.files.put("/sub/config.bin", pattern(5000));
    rig.files.set_listing("/sub/config.bin", other);
    rig.files.set_listing("/sub", other);
    let mut arrived = Vec::new();
    let transfer = rig.modem.retrieve("/sub/config.bin", &Retrieve::whole(), &mut arrived).unwrap();
    assert!(arrived == pattern(5000), "{} bytes", arrived.len());
    assert_eq!(transfer.assurance, Assurance::Unconfirmed);
    rig.modem.size("/sub/config.bin").unwrap_err();
}

/// The server answers `REST` with 502: the module says `+FTPGET: 0` and no more.
#[test]
fn a_refused_restart_offset_is_answered_by_a_restart_at_zero() {
    let mut rig = online(|_| ());
    rig.files.put("/a", pattern(10_000));
    rig.line.answer("AT+FTPGET=\"/a\",1,4000", b"\r\nOK\r\n\r\n+FTPGET: 0\r\n");
    for (requests, what, expected) in [
        (2, Retrieve::from(4000), 4000..10_000),
        (1, Retrieve::from(4000), 4000..10_000),
        (1, Retrieve::from(4000).with_length(100), 4000..4100),
    ] {
        rig.line.clear();
        assert!(rig.download_part("/a", &what).unwrap() == pattern(10_000)[expected]);
        assert_eq!(rig.line.commands("AT+FTPGET").len(), requests, "the refusal is remembered");
        rig.works_both_ways();
    }
    // The file is larger than the cache: what lies behind it cannot be reached.
    let mut rig = online(|options| options.cache_size = 3000);
    rig.files.put("/a", pattern(10_000));
    rig.line.answer("AT+FTPGET=\"/a\",1,4000", b"\r\nOK\r\n\r\n+FTPGET: 0\r\n");
    let error = rig.download_part("/a", &Retrieve::from(4000)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ServerRefused, "{error}");
    assert!(error.to_string().contains("refuses to start at byte 4000"), "{error}");
    rig.works_both_ways();
}
