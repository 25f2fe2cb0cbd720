//! Every failure is reported, in its own kind, in bounded time, and leaves nothing behind.

use std::time::Duration;

use ftp_modem::emulator::{NetworkCause, Operation, Options, RemoteError};
use ftp_modem::error::Phase;
use ftp_modem::modem::{AccessPoint, Retrieve, Store};
use ftp_modem::{Controls, Error, ErrorKind, FtpModem, Server, Vendor};

use crate::for_each_dialect;
use crate::support::access::{HOST, PASSWORD, USER, server};
use crate::support::expected::expected;
use crate::support::payload::pattern;
use crate::support::rig::AnyRig;
use crate::support::streams::{Broken, Full};

/// The error of the login, or of the first operation where the module logs in only then.
fn login_error(rig: &mut AnyRig, server: &Server) -> Error {
    rig.modem.attach(&AccessPoint::default()).unwrap();
    match rig.modem.login(server) {
        Err(error) => error,
        Ok(()) => rig.modem.list("/").unwrap_err(),
    }
}

/// The longest any operation may take, with its tenth of tolerance: an opening of 150 s, twice.
const ALL_LIMITS: Duration = Duration::from_secs(330);

/// Options of a module whose server takes its time, as no refusal by the module itself does.
fn distant() -> Options {
    let mut options = Options::default();
    options.network_latency = Duration::from_millis(300);
    options
}

for_each_dialect! {
    fn a_spent_budget_is_named_with_its_duration(vendor: Vendor) {
        let mut rig = AnyRig::online_with(vendor, Options::default().with_network_latency(Duration::from_secs(6)));
        rig.files.put("/a.txt", "a");
        rig.modem.set_controls(Controls::new().with_budget(Duration::from_secs(10)));
        let error = (0..3).find_map(|_| rig.modem.list("/").err()).unwrap();
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Budget)), "{error}");
        assert!(error.to_string().contains("the time limit of 10 s for all operations together passed"), "{error}");
    }

    fn a_wrong_password(vendor: Vendor) {
        for (user, password) in [(USER, "wrong"), ("stranger", PASSWORD)] {
            let mut rig = AnyRig::open(vendor);
            let error = login_error(&mut rig, &Server::new(HOST, user, password).with_port(2121));
            assert_eq!(error.kind(), ErrorKind::LoginRefused, "{error}");
            assert!(!error.is_retryable());
            assert_eq!(rig.files.sessions(), 0, "no session is left");
            rig.modem.login(&server()).unwrap();
            rig.still_works();
        }
    }

    fn an_unknown_host(vendor: Vendor) {
        let mut rig = AnyRig::open(vendor);
        rig.files.forget_host(HOST);
        let error = login_error(&mut rig, &server());
        let kind = expected(vendor).unknown_host;
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.is_retryable(), kind != ErrorKind::InvalidInput);
    }

    fn a_closed_port(vendor: Vendor) {
        let mut rig = AnyRig::open(vendor);
        rig.files.refuse_port(2121);
        let error = login_error(&mut rig, &server());
        assert_eq!(error.kind(), ErrorKind::ConnectFailed, "{error}");
        rig.modem.login(&server().with_port(2122)).unwrap();
        rig.still_works();
    }

    fn a_missing_file(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        let error = rig.download("/missing.txt").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(!error.is_retryable());
        let error = rig.modem.size("/missing.txt").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        rig.still_works();
    }

    fn a_missing_directory(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        let error = rig.modem.list("/missing").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::ServerRefused), "{error}");
        rig.still_works();
    }

    fn a_server_that_drops_the_download(vendor: Vendor) {
        for after in [0, 1, 1000, 5000, 9_999] {
            let mut rig = AnyRig::online(vendor);
            let bytes = pattern(10_000);
            rig.files.put("/big.bin", bytes.clone());
            rig.files.break_download_after(after);
            let mut received = Vec::new();
            let outcome = rig.modem.retrieve("/big.bin", &Retrieve::whole(), &mut received);
            match outcome {
                // Resumed where it broke off.
                Ok(transfer) => assert_eq!(transfer.bytes, 10_000, "after {after}"),
                Err(error) => {
                    assert!(error.is_retryable(), "after {after}: {error}");
                    assert_eq!(error.transferred(), Some(received.len() as u64), "after {after}: {error}");
                }
            }
            assert!(bytes.starts_with(&received), "after {after}: what arrived is right");
            rig.still_works();
        }
    }

    fn a_server_that_is_full(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        rig.files.habits().largest_file = Some(2000);
        let error = rig.upload("/big.txt", &b"x".repeat(20_000)).unwrap_err();
        assert!(error.transferred().is_some_and(|bytes| bytes <= 20_000), "{error}");
        rig.still_works();
    }

    fn a_data_connection_that_cannot_be_opened(vendor: Vendor) {
        for reply in [425u16, 426, 421, 550] {
            let mut rig = AnyRig::online_with(vendor, distant());
            rig.files.put("/a.txt", "12345");
            rig.files.fail_next(Operation::Retrieve, RemoteError::Reply { code: reply, text: "no".into() });
            let error = rig.download("/a.txt").unwrap_err();
            // Some dialects pass the server's reply on, others have one code for all of them, or none.
            use ErrorKind::{DataConnection, ServerBusy, ServerRefused, SessionLost, Unavailable};
            let kinds = match (expected(vendor).refuses_without_reason, reply) {
                (true, 421) => &[SessionLost][..],
                (true, _) => &[ServerRefused],
                (false, 421) => &[SessionLost, ServerBusy, ServerRefused, DataConnection],
                (false, 550) => &[Unavailable, DataConnection],
                (false, _) => &[DataConnection],
            };
            assert!(kinds.contains(&error.kind()), "{reply}: {error}");
            assert!(error.module_usable(), "{reply}: {error}");
            rig.still_works();
            rig.files.fail_next(Operation::Store, RemoteError::Network(NetworkCause::DataConnection));
            rig.upload("/b.txt", b"12345").unwrap_err();
            rig.still_works();
        }
    }

    fn a_writer_that_fails(vendor: Vendor) {
        for room in [0, 1, 5000] {
            let mut rig = AnyRig::online(vendor);
            rig.files.put("/big.bin", pattern(50_000));
            let error = rig.modem.retrieve("/big.bin", &Retrieve::whole(), &mut Full::after(room)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
            assert!(error.module_usable(), "{error}");
            rig.still_works();
        }
    }

    fn the_bytes_of_a_writer_that_fails_are_counted_exactly(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        rig.files.put("/big.bin", vec![1; 50_000]);
        let mut full = Full::after(5000);
        let error = rig.modem.retrieve("/big.bin", &Retrieve::whole(), &mut full).unwrap_err();
        assert_eq!(error.transferred(), Some(full.taken as u64), "{error}");
    }

    fn a_reader_that_fails(vendor: Vendor) {
        for (good, length) in [(0, None), (5000, None), (0, Some(9000)), (5000, Some(100_000)), (5000, Some(5100))] {
            let mut rig = AnyRig::online(vendor);
            let text = vec![b'x'; good];
            let mut how = Store::create();
            how.length = length;
            let error = rig.modem.store("/part.txt", &how, &mut Broken(&text)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::LocalIo, "{good} of {length:?}: {error}");
            assert!(error.module_usable(), "{good} of {length:?}: {error}");
            rig.still_works();
        }
    }

    fn a_source_of_another_length_than_announced(vendor: Vendor) {
        for length in [10, 99, 101, 5000, 100_000] {
            let mut rig = AnyRig::online(vendor);
            let how = Store::create().with_length(length);
            let source = [b'x'; 100];
            match rig.modem.store("/x.txt", &how, &mut &source[..]) {
                // What follows the announced end is not read.
                Ok(transfer) => assert!(transfer.bytes == length && length < 100, "{length}"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::LocalIo, "{length}: {error}"),
            }
            rig.still_works();
        }
    }

    fn a_network_that_is_too_slow(vendor: Vendor) {
        let mut rig = AnyRig::open_with(vendor, Options::default().with_network_latency(Duration::from_secs(3600)));
        let before = rig.line.elapsed();
        let error = match rig.modem.attach(&AccessPoint::default()).and_then(|_| rig.modem.login(&server())) {
            Err(error) => error,
            Ok(()) => rig.modem.list("/").unwrap_err(),
        };
        assert!(error.is_retryable(), "{error}");
        assert!(rig.line.elapsed() - before < ALL_LIMITS * 2, "{:?}", rig.line.elapsed());
    }
}

/// Some servers answer a listing of a directory that does not exist with 226 and no rows. The listing of its parent
/// shows whether it exists.
#[test]
fn a_missing_directory_that_the_server_lists_as_empty_is_unavailable() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online(vendor);
        rig.files.put("/pub/f", "1");
        rig.files.add_directory("/pub/empty");
        rig.files.habits().lists_missing_as_empty = true;
        for path in ["/nosuch", "/pub/nosuch", "/pub/nosuch/"] {
            let error = rig.modem.list(path).expect_err(path);
            // The command that enters the directory is refused first.
            let is_refused = expected(vendor).refuses_without_reason && error.kind() == ErrorKind::ServerRefused;
            assert!(is_refused || error.kind() == ErrorKind::Unavailable, "{vendor}, {path}: {error}");
            assert!(error.module_usable(), "{vendor}, {path}: {error}");
        }
        assert_eq!(rig.modem.list("/pub/empty").unwrap(), [], "{vendor}");
        assert_eq!(rig.modem.list("/pub").unwrap().len(), 2, "{vendor}");
        // The current directory exists.
        rig.modem.cwd("/pub/empty").unwrap();
        assert_eq!(rig.modem.list("").unwrap(), [], "{vendor}");
    }
}

#[test]
fn a_result_that_a_restart_has_cut_off_is_no_refusal() {
    let cases = [
        (Vendor::Quectel, "AT+QFTPOPEN", &b"\r\nOK\r\n\r\n+QFTPOPEN: \r\nRDY\r\n"[..], ErrorKind::Protocol),
        (Vendor::Generic, "AT+FTPSERV", &b"\r\n+FTPSERV: 0\r\nRDY\r\n"[..], ErrorKind::ModuleRestarted),
    ];
    for (vendor, command, answer, kind) in cases {
        let mut rig = AnyRig::open(vendor);
        rig.modem.attach(&AccessPoint::default()).unwrap();
        rig.line.answer(command, answer);
        let error = rig.modem.login(&server()).unwrap_err();
        assert!(error.kind() == kind && error.is_retryable(), "{vendor}: {error}");
    }
}
