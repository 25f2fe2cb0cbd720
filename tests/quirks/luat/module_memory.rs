//! Transfers by way of the memory of the module (FTPEXTGET, FTPEXTPUT; AT manual).

use ftp_modem::emulator::{LuatProfile, NetworkCause, Operation, Options, RemoteError};
use ftp_modem::modem::{Retrieve, Store};
use ftp_modem::{ErrorKind, FtpModem};

use super::{PROFILES, Rig, SECOND, opening, play, with};
use crate::support::line::Line;
use crate::support::payload::pattern;
use crate::support::replay::ok;

/// Attached, logged in, and set to use the memory.
fn online(options: Options) -> Rig {
    let mut rig = Rig::online(options);
    rig.modem.use_memory(true).unwrap();
    rig
}

fn on(profile: LuatProfile) -> Rig {
    online(with(|options| options.profile = profile))
}

/// The number of commands that start with `start`.
fn count(line: &Line, start: &str) -> usize {
    line.text().matches(start).count()
}

#[test]
fn a_download_is_one_block() {
    for profile in PROFILES {
        let mut rig = on(profile);
        let file = pattern(200_000);
        rig.files.put("/file.bin", file.clone());
        for what in [Retrieve::whole(), Retrieve::from(50_000), Retrieve::from(7).with_length(1000)] {
            let mut received = Vec::new();
            let transfer = rig.modem.retrieve("/file.bin", &what, &mut received).unwrap();
            let start = usize::try_from(what.offset).unwrap();
            let expected = &file[start..start + received.len()];
            assert_eq!(transfer.bytes, what.length.unwrap_or(200_000 - what.offset));
            assert!(received == expected, "{profile:?}");
        }
        assert_eq!(count(&rig.line, "AT+FTPEXTGET=1\r"), 3);
        // Two of them reach to the end of the file: one byte more is requested there, to observe it.
        assert_eq!(count(&rig.line, "AT+FTPEXTGET=3,"), 3 + 2);
        assert_eq!(count(&rig.line, "AT+FTPEXTGET=0\r"), 3);
        assert_eq!(count(&rig.line, "AT+FTPGET="), 0);
    }
}

#[test]
fn what_does_not_fit_is_downloaded_in_small_blocks() {
    let mut rig = on(LuatProfile::Air780e);
    let file = pattern(310_000);
    rig.files.put("/file.bin", file.clone());
    let mut received = Vec::new();
    rig.modem.retrieve("/file.bin", &Retrieve::whole(), &mut received).unwrap();
    assert!(received == file);
    assert_eq!(count(&rig.line, "AT+FTPEXTGET=1\r"), 0);
    // The rest of it fits.
    received.clear();
    rig.modem.retrieve("/file.bin", &Retrieve::from(20_000), &mut received).unwrap();
    assert!(received == file[20_000..]);
    assert_eq!(count(&rig.line, "AT+FTPEXTGET=1\r"), 1);
}

#[test]
fn an_upload_goes_in_parts_of_what_the_memory_holds() {
    for profile in PROFILES {
        for (length, parts) in [(0usize, 0usize), (1, 1), (300_000, 1), (300_001, 2), (700_000, 3)] {
            for known in [false, true] {
                let mut rig = on(profile);
                let file = pattern(length);
                let how = if known { Store::create().with_length(length as u64) } else { Store::create() };
                let transfer = rig.modem.store("/file.bin", &how, &mut file.as_slice()).unwrap();
                assert_eq!(transfer.bytes, length as u64);
                assert!(rig.files.file("/file.bin").unwrap() == file, "{profile:?}, {length}");
                let parts = if profile == LuatProfile::Sim7080 { 0 } else { parts };
                assert_eq!(count(&rig.line, "AT+FTPEXTPUT=1\r"), parts, "{profile:?}, {length}");
            }
        }
    }
}

#[test]
fn appending_appends_every_part() {
    let mut rig = on(LuatProfile::Air780e);
    rig.files.put("/file.bin", "start");
    let more = pattern(400_000);
    rig.modem.store("/file.bin", &Store::append(), &mut more.as_slice()).unwrap();
    assert!(rig.files.file("/file.bin").unwrap() == [b"start", more.as_slice()].concat());
    // The next upload replaces the file.
    rig.modem.store("/file.bin", &Store::create(), &mut &b"new"[..]).unwrap();
    assert_eq!(rig.files.file("/file.bin").unwrap(), b"new");
}

#[test]
fn a_slow_network_is_waited_for_while_data_move() {
    // 20 s for 32 KiB: longer in all than any result of an ordinary block may take.
    let mut rig = online(Options::default().with_network_latency(20 * SECOND));
    let file = pattern(250_000);
    rig.files.put("/file.bin", file.clone());
    let mut received = Vec::new();
    rig.modem.retrieve("/file.bin", &Retrieve::whole(), &mut received).unwrap();
    assert!(received == file);
    rig.modem.store("/copy.bin", &Store::create(), &mut file.as_slice()).unwrap();
    assert!(rig.files.file("/copy.bin").unwrap() == file);
}

#[test]
fn a_failure_leaves_ordinary_transfers_possible() {
    for profile in PROFILES {
        let mut rig = on(profile);
        let file = pattern(100_000);
        rig.files.put("/file.bin", file.clone());

        rig.files.break_download_after(50_000);
        let mut received = Vec::new();
        let error = rig.modem.retrieve("/file.bin", &Retrieve::whole(), &mut received).unwrap_err();
        assert!(error.is_retryable() && error.module_usable(), "{error}");
        assert_eq!(error.transferred(), Some(received.len() as u64));

        rig.files.fail_next(Operation::Store, RemoteError::Network(NetworkCause::DataConnection));
        let error = rig.modem.store("/other.bin", &Store::create(), &mut file.as_slice()).unwrap_err();
        assert!(error.module_usable(), "{error}");

        let error = rig.modem.retrieve("/missing.bin", &Retrieve::whole(), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");

        rig.modem.use_memory(false).unwrap();
        rig.modem.store("/other.bin", &Store::create(), &mut file.as_slice()).unwrap();
        assert!(rig.files.file("/other.bin").unwrap() == file, "{profile:?}");
        received.clear();
        rig.modem.retrieve("/file.bin", &Retrieve::whole(), &mut received).unwrap();
        assert!(received == file);
    }
}

#[test]
fn a_source_of_another_length_is_an_error() {
    for length in [4u64, 6] {
        let mut rig = on(LuatProfile::Air780e);
        let how = Store::create().with_length(length);
        let error = rig.modem.store("/file.bin", &how, &mut &b"12345"[..]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
        assert!(error.module_usable());
        assert_eq!(rig.modem.store("/file.bin", &Store::create(), &mut &b"12345"[..]).unwrap().bytes, 5);
    }
}

#[test]
fn a_firmware_without_the_commands_does_not_support_it() {
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
    // Switching it off needs no command.
    let mut rig = Rig::open(Options::default());
    rig.modem.use_memory(false).unwrap();
}
