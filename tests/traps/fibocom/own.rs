//! What only this vendor has, against the emulated module.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ftp_modem::emulator::{CallFailure, FullCache, GetCompletion, Options};
use ftp_modem::modem::{AccessPoint, Assurance, Authentication, Retrieve, SessionState, Store};
use ftp_modem::{Controls, ErrorKind, FtpModem};

use super::rig::{Rig, options, pattern};

#[test]
fn noop_system_and_stat() {
    let mut rig = Rig::with(|_| ());
    rig.modem.noop().unwrap();
    assert_eq!(rig.modem.system().unwrap(), "UNIX Type: L8");
    assert_eq!(rig.modem.stat("").unwrap(), "End of status");
    assert_eq!(rig.modem.stat("/dir").unwrap(), "End of status");
    assert_eq!(rig.modem.stat("a\"b").unwrap_err().kind(), ErrorKind::InvalidInput);
    rig.wire.answer("AT+FTPSTAT", b"\r\nOK\r\n\r\n+FTPSTAT: 2,a, b\r\n\r\n+FTPSTAT: 2,c\r\n\r\n+FTPSTAT: 1\r\n");
    assert_eq!(rig.modem.stat("").unwrap(), "a, b\nc");
    rig.wire.answer("AT+FTPSYST", b"\r\nOK\r\n\r\n+FTPSYST: 0\r\n");
    rig.modem.system().unwrap_err();
    rig.still_works();
    rig.modem.logout().unwrap();
    assert_eq!(rig.modem.noop().unwrap_err().kind(), ErrorKind::WrongState);
}

#[test]
fn noop_keeps_a_session_alive() {
    let second = Duration::from_secs(1);
    let mut rig = Rig::online(options(|options| options.idle_close = Some(3 * second)).with_latency(2 * second));
    rig.wire.sent();
    for _ in 0..10 {
        rig.modem.noop().unwrap();
    }
    assert_eq!(rig.wire.commands("AT+FTPOPEN"), Vec::<String>::new());
}

#[test]
fn the_cache() {
    let mut rig = Rig::with(|_| ());
    assert_eq!(rig.modem.cache_size().unwrap(), 512_000);
    rig.modem.resize_cache(1024).unwrap();
    assert_eq!(rig.modem.cache_size().unwrap(), 1024);
    rig.brings(&pattern(10_000));
    rig.wire.sent();
    for bytes in [0, 1023, 513_025] {
        assert_eq!(rig.modem.resize_cache(bytes).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert_eq!(rig.wire.sent(), b"");
    let mut rig = Rig::with(|options| options.cache_command = false);
    assert_eq!(rig.modem.cache_size().unwrap_err().kind(), ErrorKind::ModuleRefused);
    assert_eq!(rig.modem.resize_cache(1024).unwrap_err().kind(), ErrorKind::ModuleRefused);
    rig.modem.login(&crate::support::bench::server()).unwrap();
    rig.still_works();
}

#[test]
fn active_mode_is_kept_for_the_sessions_to_come() {
    let mut rig = Rig::with(|_| ());
    rig.modem.use_active_mode(true).unwrap();
    rig.still_works();
    rig.modem.logout().unwrap();
    rig.wire.sent();
    rig.modem.login(&crate::support::bench::server()).unwrap();
    assert_eq!(rig.wire.commands("AT+FTPMODE"), ["AT+FTPMODE=1"]);
    // A module that knows only one mode is left in it.
    let mut rig = Rig::open(Options::default());
    rig.wire.answer("AT+FTPMODE", b"\r\nERROR\r\n");
    assert_eq!(rig.modem.use_active_mode(true).unwrap_err().kind(), ErrorKind::ModuleRefused);
    rig.connect();
    rig.still_works();
}

#[test]
fn streamed_downloads() {
    let mut rig = Rig::with(|_| ());
    let file = pattern(10_000);
    rig.files.put("/a", file.clone());
    let fetch = |rig: &mut Rig, what: Retrieve| {
        let mut bytes = Vec::new();
        let transfer = rig.modem.retrieve_streamed("/a", &what, &mut bytes)?;
        assert_eq!((transfer.bytes, transfer.assurance), (bytes.len() as u64, Assurance::ServerSize));
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
    // The whole file is asked for as the guide does.
    rig.wire.sent();
    fetch(&mut rig, Retrieve::whole()).unwrap();
    assert_eq!(rig.wire.commands("AT+FTPRETR"), ["AT+FTPRETR=\"/a\""]);
    rig.still_works();
}

#[test]
fn a_streamed_download_that_is_not_what_was_asked_for() {
    let answers: &[(&[u8], ErrorKind)] = &[
        (b"1234\x03", ErrorKind::Incomplete),
        (b"123456\x03", ErrorKind::VerificationFailed),
        (b"1\x10234\x03", ErrorKind::VerificationFailed),
    ];
    for (stream, kind) in answers {
        let mut rig = Rig::with(|_| ());
        rig.files.put("/a", "12345");
        let answer = [b"\r\nOK\r\n\r\n+FTPRETR: 2\r\n", *stream, b"\r\n+FTPRETR: 1\r\n"].concat();
        rig.wire.answer("AT+FTPRETR", &answer);
        let error = rig.modem.retrieve_streamed("/a", &Retrieve::whole(), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), *kind, "{error}");
        rig.still_works();
    }
    // A restart in the middle: its lines are not the file's.
    let mut rig = Rig::with(|_| ());
    rig.files.put("/a", pattern(5000));
    rig.wire.answer("AT+FTPRETR", b"\r\nOK\r\n\r\n+FTPRETR: 2\r\n12345\r\nAT command ready\r\n\r\n+SIM READY\r\n");
    let mut bytes = Vec::new();
    let error = rig.modem.retrieve_streamed("/a", &Retrieve::whole(), &mut bytes).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::Timeout, Some(0)), "{error}");
    assert_eq!(bytes, b"");
}

/// Takes some bytes, then fails; or asks for the transfer to stop.
struct Stops {
    room: usize,
    flag: Option<Arc<AtomicBool>>,
}

impl Write for Stops {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match (self.room, &self.flag) {
            (0, None) => Err(io::ErrorKind::StorageFull.into()),
            (0, Some(flag)) => {
                flag.store(true, Ordering::Relaxed);
                Ok(bytes.len())
            }
            _ => {
                let taken = bytes.len().min(self.room);
                self.room -= taken;
                Ok(taken)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn downloads_that_the_caller_stops() {
    for streamed in [false, true] {
        for room in [0, 1, 5000] {
            let fragments = options(|options| options.full_cache = FullCache::Pauses(None)).with_fragment(200);
            let mut rig = Rig::online(fragments);
            rig.files.put("/a", pattern(1_000_000));
            let flag = Arc::new(AtomicBool::new(false));
            rig.modem.set_controls(Controls::new().with_cancel(flag.clone()));
            for (flag, kind) in [(None, ErrorKind::LocalIo), (Some(flag), ErrorKind::Cancelled)] {
                let mut sink = Stops { room, flag };
                let before = rig.wire.elapsed();
                let error = if streamed {
                    rig.modem.retrieve_streamed("/a", &Retrieve::whole(), &mut sink).unwrap_err()
                } else {
                    rig.modem.retrieve("/a", &Retrieve::whole(), &mut sink).unwrap_err()
                };
                assert_eq!(error.kind(), kind, "{streamed}, {room}: {error}");
                assert!(error.module_usable(), "{streamed}, {room}: {error}");
                assert!(rig.wire.elapsed() - before < Duration::from_secs(1), "{streamed}, {room}");
                if !streamed {
                    assert_eq!(rig.files.sessions(), 0, "{room}: nothing goes on");
                }
                rig.still_works();
            }
        }
    }
}

#[test]
fn an_upload_that_the_caller_stops() {
    struct Asks(Arc<AtomicBool>);
    impl io::Read for Asks {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            self.0.store(true, Ordering::Relaxed);
            room.fill(b'x');
            Ok(room.len())
        }
    }
    for streamed in [false, true] {
        let mut rig = Rig::with(|_| ());
        let flag = Arc::new(AtomicBool::new(false));
        rig.modem.set_controls(Controls::new().with_cancel(flag.clone()));
        let mut source = Asks(flag.clone());
        let error = if streamed {
            rig.modem.store_streamed("/a", &Store::create(), &mut source).unwrap_err()
        } else {
            rig.modem.store("/a", &Store::create(), &mut source).unwrap_err()
        };
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{streamed}: {error}");
        assert!(error.module_usable(), "{streamed}: {error}");
        flag.store(false, Ordering::Relaxed);
        rig.still_works();
    }
}

#[test]
fn streamed_uploads() {
    let mut rig = Rig::with(|_| ());
    let file = pattern(10_000);
    let transfer = rig.modem.store_streamed("/a", &Store::create().with_length(10_000), &mut &file[..]).unwrap();
    assert_eq!((transfer.bytes, transfer.assurance), (10_000, Assurance::Unconfirmed));
    assert!(rig.files.file("/a").unwrap() == file);
    let error = rig.modem.store_streamed("/a", &Store::create().with_length(7), &mut &file[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
    rig.wire.sent();
    for how in [Store::append(), Store::at(5)] {
        let error = rig.modem.store_streamed("/a", &how, &mut &file[..]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
    assert_eq!(rig.wire.sent(), b"");
    rig.still_works();
}

#[test]
fn a_firmware_that_takes_no_number_of_bytes() {
    let file = pattern(100_000);
    for full in [FullCache::EndsRound, FullCache::Pauses(None)] {
        for cache in [5000, 512_000] {
            let mut rig = Rig::with(|options| {
                options.full_cache = full;
                options.cache_size = cache;
                options.get_completion = GetCompletion::AfterReads(1, Duration::from_secs(5));
            });
            rig.files.put("/a", file.clone());
            rig.wire.answer("AT+FTPGET=\"/a\",1,10,", b"\r\nERROR\r\n");
            rig.wire.answer("AT+FTPRETR=\"/a\",1,10,", b"\r\nERROR\r\n");
            let before = rig.wire.elapsed();
            for length in [1, 3000, 20_000] {
                let what = Retrieve::from(10).with_length(length);
                let part = rig.download("/a", &what).unwrap();
                assert!(part == file[10..10 + length as usize], "{length}, {full:?}, {cache}");
                let mut bytes = Vec::new();
                rig.modem.retrieve_streamed("/a", &what, &mut bytes).unwrap();
                assert!(bytes == part);
                rig.still_works();
            }
            assert!(rig.wire.elapsed() - before < Duration::from_secs(60), "nothing is waited for in vain");
        }
    }
    // The whole of a file needs none.
    let mut rig = Rig::with(|_| ());
    rig.files.put("/a", "12345");
    rig.wire.sent();
    rig.download("/a", &Retrieve::whole()).unwrap();
    assert_eq!(rig.wire.commands("AT+FTPGET"), ["AT+FTPGET=\"/a\",1,0"]);
}

#[test]
fn bearers() {
    // With a name in the call, in CGDCONT before it, or without.
    let cmnet = AccessPoint::new("cmnet");
    let mut rig = Rig::open(options(|options| options.apn_required = true));
    assert_eq!(rig.modem.attach(&AccessPoint::default()).unwrap_err().kind(), ErrorKind::BearerFailed);
    assert!(!rig.modem.attach(&cmnet).unwrap().was_up);
    assert!(rig.modem.attach(&cmnet).unwrap().was_up);
    let full = AccessPoint::new("cmnet").with_credentials("u", "s3cret", Authentication::Pap);
    rig.modem.detach().unwrap();
    rig.wire.sent();
    rig.modem.attach(&full).unwrap();
    assert_eq!(rig.wire.commands("AT+MIPCALL=1"), ["AT+MIPCALL=1,\"cmnet\",\"u\",\"s3cret\""]);

    let mut rig = Rig::open(options(|options| options.apn_required = true));
    rig.wire.answer("AT+MIPCALL=1,", b"\r\nERROR\r\n");
    rig.modem.attach(&cmnet).unwrap();
    let sent = rig.wire.commands("AT+");
    assert!(sent.ends_with(&["AT+CGDCONT=1,\"IP\",\"cmnet\"".into(), "AT+MIPCALL=1".into()]), "{sent:?}");
}

#[test]
fn calls_that_fail() {
    for (failure, limit) in [
        (CallFailure::OkThenZero, 1),
        (CallFailure::OkThenError, 1),
        (CallFailure::Error, 1),
        (CallFailure::Silence, 66),
    ] {
        for access_point in [AccessPoint::default(), AccessPoint::new("cmnet")] {
            let mut rig = Rig::open(options(|options| {
                options.call_failure = failure;
                options.failed_calls = 2;
            }));
            let error = rig.modem.attach(&access_point).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::BearerFailed | ErrorKind::Timeout), "{failure:?}: {error}");
            assert!(error.is_retryable() && error.module_usable(), "{failure:?}: {error}");
            assert!(rig.wire.elapsed() <= Duration::from_secs(limit), "{failure:?}: {:?}", rig.wire.elapsed());
            let _ = rig.modem.attach(&access_point);
            rig.connect();
            rig.still_works();
        }
    }
}

#[test]
fn hanging_up() {
    let mut rig = Rig::with(|_| ());
    rig.modem.detach().unwrap();
    assert_eq!(rig.modem.status().unwrap(), SessionState::Closed);
    assert_eq!(rig.files.sessions(), 0);
    assert_eq!(rig.modem.pwd().unwrap_err().kind(), ErrorKind::BearerLost);
    rig.modem.detach().unwrap();
    // A module that says nothing about a call there is not.
    rig.wire.answer("AT+MIPCALL=0", b"\r\nOK\r\n");
    rig.modem.detach().unwrap();
    rig.modem.attach(&AccessPoint::default()).unwrap();
    let error = rig.modem.detach().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "it is still up: {error}");
}
