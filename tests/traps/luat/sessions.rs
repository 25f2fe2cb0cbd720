//! Traps 34 to 41: sessions and what is left of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ftp_modem::emulator::{LateReport, LuatProfile, Operation, Options, RemoteError, RestBeyondEnd};
use ftp_modem::modem::{Assurance, Retrieve, Store};
use ftp_modem::{ErrorKind, Vendor};

use super::{PROFILES, SECOND, Wire, online, online_on, pattern, sent, with};
use crate::support::bench::Bench;

#[test]
fn luat_trap_34_quitting_an_idle_or_an_open_session() {
    /// Takes nothing.
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for profile in PROFILES {
        let mut bench = online_on(profile);
        bench.files.put("/file.bin", pattern(5000));
        let before = bench.line.elapsed();
        // Idle: the whole file came in one block, and the session was over before the writer failed.
        bench.files.put("/short.bin", "12345");
        let error = bench.modem.retrieve("/short.bin", &Retrieve::whole(), &mut Full).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalIo, "{profile:?}: {error}");
        assert!(error.module_usable(), "{profile:?}: {error}");
        // Open: its result is consumed, and the next operation starts at once.
        for _ in 0..3 {
            let part = bench.download("/file.bin", &Retrieve::whole().with_length(5)).unwrap();
            assert!(part == pattern(5), "{profile:?}");
        }
        bench.still_works();
        assert_eq!(sent(&bench, "AT+FTPQUIT").len(), 4, "{profile:?}");
        assert!(bench.line.elapsed() - before < 5 * SECOND, "{profile:?}: no result was waited for in vain");
    }
}

#[test]
fn luat_trap_35_a_session_that_is_open_already() {
    for other in ["AT+FTPLIST=1\r", "AT+FTPGET=1\r"] {
        let (mut bench, wire) = Wire::online(Options::default());
        bench.files.put("/x", pattern(10));
        bench.modem.size("/x").unwrap();
        // Somebody else opens one and leaves it.
        wire.now(|module, now| module.receive(now, other.as_bytes()));
        let before = bench.line.elapsed();
        bench.still_works();
        assert!(!sent(&bench, "AT+FTPQUIT").is_empty(), "{other}");
        assert!(bench.line.elapsed() - before < 5 * SECOND, "{other}");
    }
    // Refused for a while behind every session.
    let mut bench = online(|options| options.settling = 5 * SECOND);
    bench.upload("/a.txt", b"12345").unwrap();
    bench.still_works();
    // Refused for ever: said as it is.
    let mut bench = online(|options| options.settling = 3600 * SECOND);
    bench.modem.list("/").unwrap();
    let error = bench.modem.list("/").unwrap_err();
    assert_eq!((error.kind(), error.module_code().unwrap().value.as_str()), (ErrorKind::ModuleBusy, "66"), "{error}");
    // Never opened twice: the code of a failure is not hidden by 66 (the server is gone).
    let mut bench = online(|_| {});
    bench.files.refuse_port(2121);
    let error = bench.modem.list("/").unwrap_err();
    assert_eq!(error.module_code().unwrap().value, "63", "{error}");
}

/// Makes the driver's next FTPLIST=2 the last thing it does: it is cancelled.
fn cancelled_listing(bench: &mut Bench, wire: &Wire) {
    let flag = Arc::new(AtomicBool::new(false));
    bench.modem.cancel_with(flag.clone());
    wire.when("AT+FTPLIST=2", move |_, _| flag.store(true, Ordering::Relaxed));
    let error = bench.modem.list("/many").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    assert!(error.module_usable(), "{error}");
}

#[test]
fn luat_trap_36_a_listing_stopped_in_the_middle() {
    for profile in PROFILES {
        let (mut bench, wire) = Wire::online(with(|options| options.profile = profile));
        for index in 0..100 {
            bench.files.put(&format!("/many/{index}.txt"), "x");
        }
        cancelled_listing(&mut bench, &wire);
        assert_eq!(sent(&bench, "AT+FTPQUIT").len(), 1, "{profile:?}");
        bench.still_works();
        assert_eq!(bench.modem.list("/many").unwrap().len(), 100);
    }
}

#[test]
fn luat_trap_37_a_late_report_of_an_earlier_session() {
    // While the next session is being opened, read, and closed.
    for after in [100, 400, 600, 900, 1300, 1700, 2300, 2900] {
        for code in [0, 1] {
            let options = with(|options| {
                options.late_report = Some(LateReport { after: Duration::from_millis(after), code });
                options.every_read_empty = 2;
            });
            let options = options.with_network_latency(Duration::from_millis(500));
            let what = format!("1,{code} after {after} ms");

            let (mut bench, wire) = Wire::online(options.clone());
            bench.files.put("/first.bin", pattern(5000));
            bench.files.put("/second.bin", pattern(7000));
            for index in 0..100 {
                bench.files.put(&format!("/many/{index}.txt"), "x");
            }
            bench.download("/first.bin", &Retrieve::whole().with_length(5)).unwrap();
            assert!(bench.download("/second.bin", &Retrieve::whole()).unwrap() == pattern(7000), "{what}");
            cancelled_listing(&mut bench, &wire);
            assert_eq!(bench.modem.list("/many").unwrap().len(), 100, "{what}");
        }
    }
}

#[test]
fn luat_trap_37_a_late_end_is_not_that_of_an_upload() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::ConnectionReset.into())
        }
    }
    for after in (200..8000).step_by(400) {
        for fails in [false, true] {
            let mut options = with(|options| {
                options.late_report = Some(LateReport { after: Duration::from_millis(after), code: 0 });
                options.store_delay = 3 * SECOND;
                // So that some of it comes in the middle of the upload.
                options.put_reannounce_delay = SECOND;
            });
            options.network_latency = SECOND;
            let mut bench = Bench::online_with(Vendor::Luat, options);
            bench.modem.store("/first.bin", &Store::create(), &mut Broken).unwrap_err();
            if fails {
                bench.files.fail_next(Operation::Finish, RemoteError::Reply { code: 552, text: "full".into() });
            }
            let outcome = bench.upload("/second.bin", &pattern(3000));
            assert_eq!(outcome.is_ok(), !fails, "after {after} ms: {outcome:?}");
        }
    }
}

#[test]
fn luat_trap_38_a_restart_offset_left_over() {
    for persists in [true, false] {
        let (mut bench, wire) = Wire::open(with(|options| options.rest_persists = persists));
        // By somebody else.
        wire.now(|module, now| module.receive(now, b"AT+FTPREST=6\r"));
        bench.modem.attach(&Default::default()).unwrap();
        bench.modem.login(&crate::support::bench::server()).unwrap();
        bench.files.put("/file.bin", pattern(5000));
        assert!(bench.download("/file.bin", &Retrieve::whole()).unwrap() == pattern(5000));
        // By ourselves; an upload does not start there either.
        assert!(bench.download("/file.bin", &Retrieve::from(6)).unwrap() == pattern(5000)[6..]);
        bench.upload("/up.bin", b"12345").unwrap();
        assert_eq!(bench.files.file("/up.bin").unwrap(), b"12345");
        assert!(bench.download("/file.bin", &Retrieve::whole()).unwrap() == pattern(5000));
        assert_eq!(sent(&bench, "AT+FTPREST").last().unwrap(), "AT+FTPREST=0");
    }
}

#[test]
fn luat_trap_39_an_offset_at_or_beyond_the_end() {
    for beyond in [RestBeyondEnd::Finished, RestBeyondEnd::RestError] {
        let mut bench = online(|options| options.rest_beyond_end = beyond);
        bench.files.put("/file.bin", pattern(20));
        let transfer = bench.modem.retrieve("/file.bin", &Retrieve::from(20), &mut Vec::new()).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (0, Assurance::ServerSize));
        let error = bench.download("/file.bin", &Retrieve::from(21)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        bench.still_works();

        // Where the size is not to be had, the module has the last word.
        let mut bench = online(|options| {
            options.rest_beyond_end = beyond;
            options.missing_commands = vec!["+FTPSIZE".into()];
        });
        bench.files.put("/file.bin", pattern(20));
        match bench.modem.retrieve("/file.bin", &Retrieve::from(20), &mut Vec::new()) {
            Ok(transfer) => assert_eq!((transfer.bytes, transfer.assurance), (0, Assurance::Unconfirmed)),
            Err(error) => assert_eq!(error.module_code().unwrap().value, "74", "{error}"),
        }
        bench.still_works();
    }
}

#[test]
fn luat_trap_40_names_that_a_line_cannot_carry() {
    // Longest file name, longest directory of an upload.
    for (profile, name, directory) in [
        (LuatProfile::Air780e, 99, 99),
        (LuatProfile::Sim800, 99, 255),
        (LuatProfile::Sim7000, 99, 255),
        (LuatProfile::Sim7080, 64, 255),
    ] {
        let mut bench = online_on(profile);
        assert_eq!(bench.modem.capabilities().limits.path, directory, "{profile:?}");
        let longest = format!("/{}", "n".repeat(name));
        bench.upload(&longest, b"12345").unwrap();
        assert_eq!(bench.download(&longest, &Retrieve::whole()).unwrap(), b"12345");
        bench.modem.remove(&longest).unwrap();
        // A directory is sent with the slashes around it.
        let folder = format!("/{}", "d".repeat(directory - 2));
        bench.files.add_directory(&folder);
        bench.upload(&format!("{folder}/f"), b"12345").unwrap();

        let before = bench.line.sent();
        let too_long = [format!("{longest}n"), format!("{folder}d/f"), format!("/{}", "x".repeat(256))];
        let bad = ["/a\"b", "/a\rb", "/a\nb", "/a\rAT+FTPDELE\r"].map(str::to_owned);
        for path in too_long.iter().chain(&bad) {
            let error = bench.upload(path, b"x").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{profile:?} {path}: {error}");
        }
        for path in too_long.iter().filter(|path| !path.starts_with(&folder)).chain(&bad) {
            let error = bench.download(path, &Retrieve::whole()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{profile:?} {path}: {error}");
        }
        for host in ["h".repeat(50), "a\"b".into(), "a\rb".into(), String::new()] {
            let server = ftp_modem::Server::new(host, "u", "p");
            assert_eq!(bench.modem.login(&server).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        for (user, password) in [("u".repeat(50), "p".into()), ("u".into(), "p".repeat(50))] {
            let server = ftp_modem::Server::new("h", user, password);
            assert_eq!(bench.modem.login(&server).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        assert_eq!(bench.line.sent(), before, "{profile:?}: something was sent");
    }
}

#[test]
fn luat_trap_41_what_waits_before_a_command_is_not_lost() {
    let (mut bench, wire) = Wire::online(Options::default());
    wire.says("+CREG: 1");
    wire.says("+SAPBR 1: DEACT");
    let error = bench.modem.size("/x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BearerLost, "{error}");
    // In an upload, the failure that comes just before the next block.
    let (mut bench, wire) = Wire::online(with(|options| options.put_reannounced = false));
    wire.when("AT+FTPPUT=2", |module, now| module.inject(now, "+FTPPUT: 1,78"));
    let error = bench.upload("/up.bin", &pattern(5000)).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::DataConnection, Some(1360)), "{error}");
}
