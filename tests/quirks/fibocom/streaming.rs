//! Streams with an end mark: FTPSTOR and FTPRETR.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use ftp_modem::emulator::{FullCache, StoreFailure};
use ftp_modem::modem::{Assurance, Retrieve, Store};
use ftp_modem::{ErrorKind, FtpModem};

use super::{DECEPTIVE, Rig, SECOND, online, with};
use crate::support::payload::pattern;
use crate::support::streams::{Broken, Cancelling, Full};

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

/// The guide, §3.2, note 6; G24 manual, "FTP File Transfer Format".
#[test]
fn each_03_and_10_takes_two_bytes_on_the_way_up() {
    let mut rig = online(|_| ());
    for file in coded() {
        rig.line.clear();
        let transfer = rig.modem.store_streamed("/f", &Store::create(), &mut &file[..]).unwrap();
        assert_eq!(transfer.bytes, file.len() as u64);
        assert!(rig.files.file("/f").unwrap() == file, "{} bytes", file.len());
        let sent = rig.line.sent();
        let stream = sent.split(|byte| *byte == b'\r').nth(1).map_or(0, <[u8]>::len);
        if file.iter().all(|byte| matches!(byte, 0x03 | 0x10)) {
            assert_eq!(stream, 2 * file.len() + 1, "doubled, and the end mark");
        }
    }
    rig.works_both_ways();
}

/// The guide, §3.2, note 6, lost a byte: 41 03 42 10 becomes 41 10 03 42 10 10.
#[test]
fn the_example_of_the_guide_is_encoded_without_loss() {
    let mut rig = online(|_| ());
    rig.line.clear();
    rig.modem.store_streamed("/log.txt", &Store::create(), &mut &b"\x41\x03\x42\x10"[..]).unwrap();
    assert!(rig.line.sent().ends_with(b"\x41\x10\x03\x42\x10\x10\x03"));
    assert_eq!(rig.files.file("/log.txt").unwrap(), b"\x41\x03\x42\x10");
}

/// G24 manual: a 10 before 03 or 10 is dropped, and a bare 03 is the end.
#[test]
fn a_pair_may_be_cut_between_two_reads_on_the_way_down() {
    for fragment in [1, 2, 3, 7, 4096] {
        let mut rig = Rig::online(with(|_| ()).with_fragment(fragment));
        for file in coded() {
            rig.files.put("/f", file.clone());
            let mut bytes = Vec::new();
            let transfer = rig.modem.retrieve_streamed("/f", &Retrieve::whole(), &mut bytes).unwrap();
            assert_eq!((transfer.bytes, transfer.assurance), (file.len() as u64, Assurance::ServerSize));
            assert!(bytes == file, "{} bytes in pieces of {fragment}", file.len());
        }
        rig.works_both_ways();
    }
}

/// Until the bare 03 the module takes everything for data.
#[test]
fn an_aborted_stream_is_ended() {
    let mut rig = online(|_| ());
    rig.line.clear();
    let error = rig.modem.store_streamed("/f", &Store::create(), &mut Broken(&pattern(2000))).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::LocalIo, Some(1536)), "{error}");
    assert!(error.module_usable());
    let sent = rig.line.sent();
    assert!(sent.windows(6).any(|window| window == b"\0\x03ATI\r"), "the end mark, then a probe");
    rig.works_both_ways();
    // The server fails while the data are on their way.
    for failure in [StoreFailure::AtEnd, StoreFailure::AtOnceStillTaking, StoreFailure::AtOnce] {
        let mut rig = online(|options| options.store_failure = failure);
        rig.files.habits().largest_file = Some(2000);
        let error = rig.modem.store_streamed("/f", &Store::create(), &mut &pattern(9000)[..]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::DataConnection | ErrorKind::ServerRefused), "{failure:?}: {error}");
        assert!(error.module_usable(), "{failure:?}: {error}");
        rig.works_both_ways();
    }
    // The module waits no longer than this for data that do not come; neither does the driver.
    let mut rig = online(|options| options.data_idle = Some(SECOND));
    rig.modem.store_streamed("/f", &Store::create(), &mut Broken(b"abc")).unwrap_err();
    rig.works_both_ways();
}

#[test]
fn any_part_can_be_downloaded_as_a_stream() {
    let mut rig = online(|_| ());
    let file = pattern(10_000);
    rig.files.put("/a", file.clone());
    let fetch = |rig: &mut Rig, what: Retrieve| {
        let mut bytes = Vec::new();
        let transfer = rig.modem.retrieve_streamed("/a", &what, &mut bytes)?;
        let known = if what.length == Some(0) { Assurance::Unconfirmed } else { Assurance::ServerSize };
        assert_eq!((transfer.bytes, transfer.assurance), (bytes.len() as u64, known));
        Ok::<_, ftp_modem::Error>(bytes)
    };
    for offset in [0, 1, 511, 512, 9999, 10_000] {
        let start = offset as usize;
        assert!(fetch(&mut rig, Retrieve::from(offset)).unwrap() == file[start..], "from {offset}");
        for length in [0, 1, 600, 20_000] {
            let part = fetch(&mut rig, Retrieve::from(offset).with_length(length)).unwrap();
            assert!(part == file[start..file.len().min(start + length as usize)], "{length} from {offset}");
        }
    }
    assert_eq!(fetch(&mut rig, Retrieve::from(10_001)).unwrap_err().kind(), ErrorKind::InvalidInput);
    // A request of the whole file has the form of the guide.
    rig.line.clear();
    fetch(&mut rig, Retrieve::whole()).unwrap();
    assert_eq!(rig.line.commands("AT+FTPRETR"), ["AT+FTPRETR=\"/a\""]);
    rig.works_both_ways();
}

#[test]
fn a_stream_that_is_not_the_file_is_noticed() {
    let answers: &[(&[u8], ErrorKind)] = &[
        (b"1234\x03", ErrorKind::Incomplete),
        (b"123456\x03", ErrorKind::VerificationFailed),
        (b"1\x10234\x03", ErrorKind::VerificationFailed),
    ];
    for (stream, kind) in answers {
        let mut rig = online(|_| ());
        rig.files.put("/a", "12345");
        let answer = [b"\r\nOK\r\n\r\n+FTPRETR: 2\r\n", *stream, b"\r\n+FTPRETR: 1\r\n"].concat();
        rig.line.answer("AT+FTPRETR", &answer);
        let error = rig.modem.retrieve_streamed("/a", &Retrieve::whole(), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), *kind, "{error}");
        rig.works_both_ways();
    }
    // A restart in the middle: its lines are not part of the file.
    let mut rig = online(|_| ());
    rig.files.put("/a", pattern(5000));
    rig.line.answer("AT+FTPRETR", b"\r\nOK\r\n\r\n+FTPRETR: 2\r\n12345\r\nAT command ready\r\n\r\n+SIM READY\r\n");
    let mut bytes = Vec::new();
    let error = rig.modem.retrieve_streamed("/a", &Retrieve::whole(), &mut bytes).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::Timeout, Some(0)), "{error}");
    assert_eq!(bytes, b"");
}

#[test]
fn a_file_can_be_uploaded_as_a_stream() {
    let mut rig = online(|_| ());
    let file = pattern(10_000);
    let transfer = rig.modem.store_streamed("/a", &Store::create().with_length(10_000), &mut &file[..]).unwrap();
    assert_eq!((transfer.bytes, transfer.assurance), (10_000, Assurance::Unconfirmed));
    assert!(rig.files.file("/a").unwrap() == file);
    let error = rig.modem.store_streamed("/a", &Store::create().with_length(7), &mut &file[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
    rig.line.clear();
    for how in [Store::append(), Store::at(5)] {
        let error = rig.modem.store_streamed("/a", &how, &mut &file[..]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
    assert_eq!(rig.line.sent(), b"");
    rig.works_both_ways();
}

/// By the writer, which is full, or by the flag.
#[test]
fn a_download_can_be_stopped_either_way() {
    for streamed in [false, true] {
        for room in [0, 1, 5000] {
            let fragments = with(|options| options.full_cache = FullCache::Pauses(None)).with_fragment(200);
            let mut rig = Rig::online(fragments);
            rig.files.put("/a", pattern(1_000_000));
            let flag = Arc::new(AtomicBool::new(false));
            for (flag, kind) in [(None, ErrorKind::LocalIo), (Some(flag), ErrorKind::Cancelled)] {
                let mut sink: Box<dyn Write> = match flag {
                    None => Box::new(Full::after(room)),
                    Some(flag) => {
                        rig.cancel_with(&flag);
                        Box::new(Cancelling::after(room, &flag))
                    }
                };
                let before = rig.line.elapsed();
                let error = if streamed {
                    rig.modem.retrieve_streamed("/a", &Retrieve::whole(), &mut sink).unwrap_err()
                } else {
                    rig.modem.retrieve("/a", &Retrieve::whole(), &mut sink).unwrap_err()
                };
                assert_eq!(error.kind(), kind, "{streamed}, {room}: {error}");
                assert!(error.module_usable(), "{streamed}, {room}: {error}");
                assert!(rig.line.elapsed() - before < Duration::from_secs(1), "{streamed}, {room}");
                if !streamed {
                    assert_eq!(rig.files.sessions(), 0, "{room}: nothing goes on");
                }
                rig.cancel_no_more();
                rig.works_both_ways();
            }
        }
    }
}
