//! Traps 07 to 14: what happens to the bytes of a file on their way.

use ftp_modem::emulator::{EmptyRead, FullCache, GetCompletion, SizeAnswer, StoreFailure};
use ftp_modem::modem::{Assurance, Retrieve, Store};
use ftp_modem::{ErrorKind, FtpModem};

use super::rig::{Breaks, Rig, options, pattern};
use super::{DECEPTIVE, LIMIT, SECOND};

#[test]
fn fibocom_trap_07_a_short_last_frame() {
    for limit in [None, Some(1), Some(100)] {
        let mut rig = Rig::with(|options| options.recv_limit = limit);
        for size in [1, 99, 100, 101, 2047, 2048, 2049] {
            rig.brings(&pattern(size));
        }
    }
}

/// The listing tells no size, and there is no FTPSIZE: only the module knows where the file ends.
fn without_sizes(rig: &mut Rig, path: &str) {
    rig.wire.answer("AT+FTPSIZE", b"\r\nERROR\r\n");
    rig.files.set_listing(path, "nothing that can be read\r\n");
}

#[test]
fn fibocom_trap_08_an_empty_read_is_the_end_only_behind_the_result() {
    for (zero_reads, empty) in [(0, EmptyRead::Zero), (5, EmptyRead::Zero), (5, EmptyRead::Error)] {
        let slow = options(|options| {
            options.zero_reads = zero_reads;
            options.empty_read = empty;
            options.fill_piece = Some(700);
            options.get_completion = GetCompletion::Delayed(3 * SECOND);
        });
        let mut rig = Rig::online(slow.with_network_latency(SECOND));
        rig.brings(&pattern(3000));
        without_sizes(&mut rig, "/unknown.bin");
        rig.files.put("/unknown.bin", pattern(3000));
        let mut bytes = Vec::new();
        let transfer = rig.modem.retrieve("/unknown.bin", &Retrieve::whole(), &mut bytes).unwrap();
        assert_eq!(transfer.assurance, Assurance::Unconfirmed);
        assert!(bytes == pattern(3000), "{zero_reads} empty reads, {empty:?}: {} bytes", bytes.len());
    }
}

#[test]
fn fibocom_trap_09_the_result_comes_early_or_late() {
    let payload = b"\r\n+FTPGET: 1\r\n".repeat(500);
    for completion in [
        GetCompletion::Immediate,
        GetCompletion::Delayed(20 * SECOND),
        GetCompletion::AfterReads(1, 20 * SECOND),
        GetCompletion::AfterReads(2, 20 * SECOND),
        GetCompletion::AfterReads(4, 20 * SECOND),
    ] {
        for fragment in [1, 4096] {
            let late = options(|options| options.get_completion = completion).with_fragment(fragment);
            let mut rig = Rig::online(late);
            rig.brings(&payload);
            rig.brings(b"");
            rig.still_works();
        }
    }
}

#[test]
fn fibocom_trap_10_a_file_larger_than_the_cache() {
    for full in [FullCache::EndsRound, FullCache::Pauses(None)] {
        for cache in [1024, 4096, 29_999, 30_000] {
            let mut rig = Rig::with(|options| {
                options.full_cache = full;
                options.cache_size = cache;
            });
            let file: Vec<u8> = (0..30_000u32).flat_map(u32::to_be_bytes).collect();
            rig.brings(&file[..30_000]);
            let rest = rig.download("/file.bin", &Retrieve::from(7)).unwrap();
            assert!(rest == file[7..30_000], "cache of {cache}");
            let part = rig.download("/file.bin", &Retrieve::from(100).with_length(20_000)).unwrap();
            assert!(part == file[100..20_100], "cache of {cache}");
            rig.still_works();
        }
    }
}

#[test]
fn fibocom_trap_10_no_progress_ends_the_download() {
    let mut rig = Rig::with(|options| options.cache_size = 1000);
    rig.files.put("/a", pattern(5000));
    rig.wire.answer("AT+FTPRECV", b"\r\n+FTPRECV: 0\r\n\r\nOK\r\n");
    let error = rig.download("/a", &Retrieve::whole()).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(0)), "{error}");
    assert!(rig.wire.elapsed() < LIMIT);
}

#[test]
fn fibocom_trap_10_a_module_that_starts_elsewhere_is_noticed() {
    let file: Vec<u8> = (0..30_000u32).flat_map(u32::to_be_bytes).collect();
    use ErrorKind::{Protocol, VerificationFailed};
    // Where a round goes on, a damaged line may have the same effect: that is worth another try.
    for (cache, offset, kind) in
        [(10_000, 0, Protocol), (512_000, 5000, VerificationFailed), (512_000, 1, VerificationFailed)]
    {
        let mut rig = Rig::with(|options| {
            options.cache_size = cache;
            options.get_offset_ignored = true;
        });
        rig.files.put("/a", file.clone());
        let error = rig.download("/a", &Retrieve::from(offset)).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        rig.still_works();
    }
}

#[test]
fn fibocom_trap_11_the_module_gives_up_in_the_middle() {
    // The line is slower than the module's patience.
    let patience = options(|options| {
        options.cache_size = 4000;
        options.full_cache = FullCache::Pauses(Some(SECOND));
    });
    for readable in [true, false] {
        let mut options = patience.clone().with_line_rate(9600);
        options.fibocom.failed_get_readable = readable;
        let mut rig = Rig::online(options);
        rig.brings(&pattern(20_000));
        rig.still_works();
    }
    for after in [1, 2047, 5000, 9999] {
        let mut rig = Rig::with(|_| ());
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

/// Files for the coded streams: every byte must pass, also across the pieces that are sent at a time.
fn coded() -> Vec<Vec<u8>> {
    let mut files = vec![Vec::new(), vec![0x03], vec![0x10], b"\x10\x03\x03\x10".to_vec(), (0..=255).collect()];
    for size in [511, 512, 513, 5000] {
        files.extend([vec![0x03; size], vec![0x10; size], pattern(size)]);
        let mut straddling = pattern(size);
        straddling[size - 2..].copy_from_slice(b"\x10\x03");
        straddling.extend_from_slice(b"\x03\x10");
        files.push(straddling);
    }
    files.extend(DECEPTIVE.iter().map(|payload| payload.to_vec()));
    files
}

#[test]
fn a_size_refused_right_behind_an_upload_is_asked_for_once_more() {
    // Whether the firmware has FTPSIZE, and how often it is asked for, right behind an upload and later.
    for (size_answer, times) in [(SizeAnswer::Absent, [2, 1]), (SizeAnswer::default(), [1, 1])] {
        let mut rig = Rig::with(|options| options.size_answer = size_answer);
        rig.upload("/a", &pattern(3000)).unwrap();
        for times in times {
            rig.wire.sent();
            assert_eq!(rig.modem.size("/a").unwrap(), 3000);
            assert_eq!(rig.wire.commands("AT+FTPSIZE").len(), times, "{size_answer:?}");
        }
        // Not where another command stood between, on which added bytes would have shown.
        rig.upload("/a", &pattern(3000)).unwrap();
        assert_eq!(rig.modem.pwd().unwrap(), "/");
        rig.wire.sent();
        assert_eq!(rig.modem.size("/a").unwrap(), 3000);
        assert_eq!(rig.wire.commands("AT+FTPSIZE").len(), 1, "{size_answer:?}");
    }
}

#[test]
fn fibocom_trap_12_each_03_and_10_takes_two_bytes_on_the_way_up() {
    let mut rig = Rig::with(|_| ());
    for file in coded() {
        rig.wire.sent();
        let transfer = rig.modem.store_streamed("/f", &Store::create(), &mut &file[..]).unwrap();
        assert_eq!(transfer.bytes, file.len() as u64);
        assert!(rig.files.file("/f").unwrap() == file, "{} bytes", file.len());
        let sent = rig.wire.sent();
        let stream = sent.split(|byte| *byte == b'\r').nth(1).map_or(0, <[u8]>::len);
        if file.iter().all(|byte| matches!(byte, 0x03 | 0x10)) {
            assert_eq!(stream, 2 * file.len() + 1, "doubled, and the end mark");
        }
    }
    rig.still_works();
}

#[test]
fn fibocom_trap_13_the_coding_across_reads_on_the_way_down() {
    for fragment in [1, 2, 3, 7, 4096] {
        let mut rig = Rig::online(options(|_| ()).with_fragment(fragment));
        for file in coded() {
            rig.files.put("/f", file.clone());
            let mut bytes = Vec::new();
            let transfer = rig.modem.retrieve_streamed("/f", &Retrieve::whole(), &mut bytes).unwrap();
            assert_eq!((transfer.bytes, transfer.assurance), (file.len() as u64, Assurance::ServerSize));
            assert!(bytes == file, "{} bytes in pieces of {fragment}", file.len());
        }
        rig.still_works();
    }
}

#[test]
fn fibocom_trap_14_an_aborted_stream_is_ended() {
    let mut rig = Rig::with(|_| ());
    rig.wire.sent();
    let error = rig.modem.store_streamed("/f", &Store::create(), &mut Breaks(&pattern(2000))).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::LocalIo, Some(1536)), "{error}");
    assert!(error.module_usable());
    let sent = rig.wire.sent();
    assert!(sent.windows(6).any(|window| window == b"\0\x03ATI\r"), "the end, then back into step");
    rig.still_works();
    // The server fails while the data are on their way.
    for failure in [StoreFailure::AtEnd, StoreFailure::AtOnceStillTaking, StoreFailure::AtOnce] {
        let mut rig = Rig::with(|options| options.store_failure = failure);
        rig.files.limit_file_size(2000);
        let error = rig.modem.store_streamed("/f", &Store::create(), &mut &pattern(9000)[..]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::DataConnection | ErrorKind::ServerRefused), "{failure:?}: {error}");
        assert!(error.module_usable(), "{failure:?}: {error}");
        rig.still_works();
    }
    // The module waits no longer than this for data that do not come: that is not for us to wait for, either.
    let mut rig = Rig::with(|options| options.data_idle = Some(SECOND));
    rig.modem.store_streamed("/f", &Store::create(), &mut Breaks(b"abc")).unwrap_err();
    rig.still_works();
}
