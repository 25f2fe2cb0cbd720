//! Transfers by way of the module's own memory (FTPEXTGET, FTPEXTPUT).

use ftp_modem::backend::luat::Luat;
use ftp_modem::emulator::{self, LuatProfile, MemoryServer, Module, NetworkCause, Operation, Options, RemoteError};
use ftp_modem::modem::{AccessPoint, Retrieve, Store};
use ftp_modem::{ErrorKind, FtpModem, OpenOptions};

use super::{PROFILES, SECOND, luat, ok, opening, pattern, play, with};
use crate::support::bench::{Line, PASSWORD, USER, server, tapped};
use crate::support::watch;

/// Attached, logged in and told to use the memory.
fn online(options: Options) -> (Luat, MemoryServer, Line) {
    watch::watch();
    let files = MemoryServer::new();
    files.add_user(USER, PASSWORD);
    let module = Module::new(emulator::Family::Luat, files.remote(), options);
    let (pipe, line) = tapped(module);
    let mut modem: Luat = OpenOptions::new().open_as_on(pipe).unwrap();
    modem.attach(&AccessPoint::default()).unwrap();
    modem.login(&server()).unwrap();
    modem.use_memory(true).unwrap();
    (modem, files, line)
}

fn on(profile: LuatProfile) -> (Luat, MemoryServer, Line) {
    online(with(|options| options.profile = profile))
}

/// How often the host wrote a command that starts like this.
fn count(line: &Line, start: &str) -> usize {
    String::from_utf8_lossy(&line.sent()).matches(start).count()
}

#[test]
fn a_download_is_one_block() {
    for profile in PROFILES {
        let (mut modem, files, line) = on(profile);
        let file = pattern(200_000);
        files.put("/file.bin", file.clone());
        for what in [Retrieve::whole(), Retrieve::from(50_000), Retrieve::from(7).with_length(1000)] {
            let mut received = Vec::new();
            let transfer = modem.retrieve("/file.bin", &what, &mut received).unwrap();
            let start = usize::try_from(what.offset).unwrap();
            let expected = &file[start..start + received.len()];
            assert_eq!(transfer.bytes, what.length.unwrap_or(200_000 - what.offset));
            assert!(received == expected, "{profile:?}");
        }
        assert_eq!(count(&line, "AT+FTPEXTGET=1\r"), 3);
        assert_eq!(count(&line, "AT+FTPEXTGET=3,"), 3);
        assert_eq!(count(&line, "AT+FTPEXTGET=0\r"), 3);
        assert_eq!(count(&line, "AT+FTPGET="), 0);
    }
}

#[test]
fn what_does_not_fit_goes_in_small_blocks() {
    let (mut modem, files, line) = on(LuatProfile::Air780e);
    let file = pattern(310_000);
    files.put("/file.bin", file.clone());
    let mut received = Vec::new();
    modem.retrieve("/file.bin", &Retrieve::whole(), &mut received).unwrap();
    assert!(received == file);
    assert_eq!(count(&line, "AT+FTPEXTGET=1\r"), 0);
    // The rest of it fits.
    received.clear();
    modem.retrieve("/file.bin", &Retrieve::from(20_000), &mut received).unwrap();
    assert!(received == file[20_000..]);
    assert_eq!(count(&line, "AT+FTPEXTGET=1\r"), 1);
}

#[test]
fn an_upload_goes_in_parts_of_what_the_memory_holds() {
    for profile in PROFILES {
        for (length, parts) in [(0usize, 0usize), (1, 1), (300_000, 1), (300_001, 2), (700_000, 3)] {
            for told in [false, true] {
                let (mut modem, files, line) = on(profile);
                let file = pattern(length);
                let how = if told { Store::create().with_length(length as u64) } else { Store::create() };
                let transfer = modem.store("/file.bin", &how, &mut file.as_slice()).unwrap();
                assert_eq!(transfer.bytes, length as u64);
                assert!(files.file("/file.bin").unwrap() == file, "{profile:?}, {length}");
                let parts = if profile == LuatProfile::Sim7080 { 0 } else { parts };
                assert_eq!(count(&line, "AT+FTPEXTPUT=1\r"), parts, "{profile:?}, {length}");
            }
        }
    }
}

#[test]
fn appending_appends_every_part() {
    let (mut modem, files, _) = on(LuatProfile::Air780e);
    files.put("/file.bin", "start");
    let more = pattern(400_000);
    modem.store("/file.bin", &Store::append(), &mut more.as_slice()).unwrap();
    assert!(files.file("/file.bin").unwrap() == [b"start", more.as_slice()].concat());
    // The next one replaces again.
    modem.store("/file.bin", &Store::create(), &mut &b"new"[..]).unwrap();
    assert_eq!(files.file("/file.bin").unwrap(), b"new");
}

#[test]
fn a_slow_network_is_waited_for_as_long_as_the_module_is_at_it() {
    // 20 s for 32 KiB: longer in all than any result of an ordinary block may take.
    let (mut modem, files, _) = online(Options::default().with_network_latency(20 * SECOND));
    let file = pattern(250_000);
    files.put("/file.bin", file.clone());
    let mut received = Vec::new();
    modem.retrieve("/file.bin", &Retrieve::whole(), &mut received).unwrap();
    assert!(received == file);
    modem.store("/copy.bin", &Store::create(), &mut file.as_slice()).unwrap();
    assert!(files.file("/copy.bin").unwrap() == file);
}

#[test]
fn a_failure_is_told_and_leaves_ordinary_transfers_possible() {
    for profile in PROFILES {
        let (mut modem, files, _) = on(profile);
        let file = pattern(100_000);
        files.put("/file.bin", file.clone());

        files.break_download_after(50_000);
        let mut received = Vec::new();
        let error = modem.retrieve("/file.bin", &Retrieve::whole(), &mut received).unwrap_err();
        assert!(error.is_retryable() && error.module_usable(), "{error}");
        assert_eq!(error.transferred(), Some(received.len() as u64));

        files.fail_next(Operation::Store, RemoteError::Network(NetworkCause::DataConnection));
        let error = modem.store("/other.bin", &Store::create(), &mut file.as_slice()).unwrap_err();
        assert!(error.module_usable(), "{error}");

        let error = modem.retrieve("/missing.bin", &Retrieve::whole(), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");

        modem.use_memory(false).unwrap();
        modem.store("/other.bin", &Store::create(), &mut file.as_slice()).unwrap();
        assert!(files.file("/other.bin").unwrap() == file, "{profile:?}");
        received.clear();
        modem.retrieve("/file.bin", &Retrieve::whole(), &mut received).unwrap();
        assert!(received == file);
    }
}

#[test]
fn a_source_of_another_length_is_an_error() {
    for length in [4u64, 6] {
        let (mut modem, _, _) = on(LuatProfile::Air780e);
        let how = Store::create().with_length(length);
        let error = modem.store("/file.bin", &how, &mut &b"12345"[..]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
        assert!(error.module_usable());
        assert_eq!(modem.store("/file.bin", &Store::create(), &mut &b"12345"[..]).unwrap().bytes, 5);
    }
}

#[test]
fn a_firmware_without_the_commands_is_told_so() {
    let session = opening("AirM2M_780E_V1169_LTE_AT") + ">> AT+FTPEXTGET=?\\r\n<< \\r\\nERROR\\r\\n\n";
    play(&session, |modem| {
        assert_eq!(modem.use_memory(true).unwrap_err().kind(), ErrorKind::Unsupported);
        assert!(!modem.uses_memory());
    });
    let session = opening("AirM2M_780E_V1169_LTE_AT") + &ok(&["AT+FTPEXTGET=?", "AT+FTPEXTPUT=?"]);
    play(&session, |modem| {
        modem.use_memory(true).unwrap();
        assert!(modem.uses_memory());
        assert_eq!(
            (modem.capabilities().limits.download_block, modem.capabilities().limits.upload_block),
            (300_000, 300_000)
        );
        modem.use_memory(false).unwrap();
        assert_eq!(
            (modem.capabilities().limits.download_block, modem.capabilities().limits.upload_block),
            (1460, 1460)
        );
    });
    // Nothing has to be asked to do without.
    let (mut modem, _) = luat(Options::default());
    modem.use_memory(false).unwrap();
}
