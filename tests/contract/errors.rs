//! What goes wrong is said, in its own kind, in bounded time, and nothing is left behind.

use std::io::{self, Read, Write};
use std::time::Duration;

use ftp_modem::emulator::{NetworkCause, Operation, Options, RemoteError};
use ftp_modem::modem::{AccessPoint, Retrieve, Server, Store};
use ftp_modem::transport::memory::Peer;
use ftp_modem::{Error, ErrorKind, Vendor};

use crate::bench::{Bench, HOST, PASSWORD, USER, open_on, server};
use crate::for_each_dialect;

/// The error of the login, or of the first operation where the module logs in only then.
fn login_error(bench: &mut Bench, server: &Server) -> Error {
    bench.modem.attach(&AccessPoint::default()).unwrap();
    match bench.modem.login(server) {
        Err(error) => error,
        Ok(()) => bench.modem.list("/").unwrap_err(),
    }
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

/// The longest any operation may take, with its tenth of tolerance: an opening of 150 s, twice.
const ALL_LIMITS: Duration = Duration::from_secs(330);

for_each_dialect! {
    fn a_wrong_password(vendor: Vendor) {
        for (user, password) in [(USER, "wrong"), ("nobody", PASSWORD)] {
            let mut bench = Bench::open(vendor);
            let error = login_error(&mut bench, &Server::new(HOST, user, password).with_port(2121));
            assert_eq!(error.kind(), ErrorKind::LoginRefused, "{error}");
            assert!(!error.is_retryable());
            assert_eq!(bench.files.sessions(), 0, "nobody is left connected");
            bench.modem.login(&server()).unwrap();
            bench.still_works();
        }
    }

    fn an_unknown_host(vendor: Vendor) {
        let mut bench = Bench::open(vendor);
        bench.files.forget_host(HOST);
        let error = login_error(&mut bench, &server());
        // Fibocom gives no reason; the generic dialect is given an address, which cannot be unknown.
        let expected = matches!(error.kind(), ErrorKind::NameResolution)
            || (vendor == Vendor::Fibocom && error.kind() == ErrorKind::ConnectFailed);
        assert!(expected, "{error}");
        assert!(error.is_retryable());
    }

    fn a_closed_port(vendor: Vendor) {
        let mut bench = Bench::open(vendor);
        bench.files.refuse_port(2121);
        let error = login_error(&mut bench, &server());
        assert_eq!(error.kind(), ErrorKind::ConnectFailed, "{error}");
        bench.modem.login(&server().with_port(2122)).unwrap();
        bench.still_works();
    }

    fn a_missing_file(vendor: Vendor) {
        let mut bench = Bench::online(vendor);
        let error = bench.download("/missing.txt", &Retrieve::whole()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(!error.is_retryable());
        let error = bench.modem.size("/missing.txt").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        bench.still_works();
    }

    fn a_missing_directory(vendor: Vendor) {
        let mut bench = Bench::online(vendor);
        let error = bench.modem.list("/missing").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::ServerRefused), "{error}");
        bench.still_works();
    }

    fn a_server_that_drops_the_download(vendor: Vendor) {
        for after in [0, 1, 1000, 5000, 9_999] {
            let mut bench = Bench::online(vendor);
            let bytes = pattern(10_000);
            bench.files.put("/big.bin", bytes.clone());
            bench.files.break_download_after(after);
            let mut received = Vec::new();
            let outcome = bench.modem.retrieve("/big.bin", &Retrieve::whole(), &mut received);
            match outcome {
                // Fetched again from where it broke off.
                Ok(transfer) => assert_eq!(transfer.bytes, 10_000, "after {after}"),
                Err(error) => {
                    assert!(error.is_retryable(), "after {after}: {error}");
                    assert_eq!(error.transferred(), Some(received.len() as u64), "after {after}: {error}");
                }
            }
            assert!(bytes.starts_with(&received), "after {after}: what arrived is right");
            bench.still_works();
        }
    }

    fn a_server_that_is_full(vendor: Vendor) {
        let mut bench = Bench::online(vendor);
        bench.files.limit_file_size(2000);
        let error = bench.upload("/big.txt", &b"x".repeat(20_000)).unwrap_err();
        assert!(error.transferred().is_some_and(|bytes| bytes <= 20_000), "{error}");
        bench.still_works();
    }

    fn a_data_connection_that_cannot_be_opened(vendor: Vendor) {
        for reply in [425u16, 426, 421, 550] {
            let mut bench = Bench::online(vendor);
            bench.files.put("/a.txt", "12345");
            bench.files.fail_next(Operation::Retrieve, RemoteError::Reply { code: reply, text: "no".into() });
            let error = bench.download("/a.txt", &Retrieve::whole()).unwrap_err();
            // Some dialects pass the server's reply on, others have one code for all of them, the generic one has none.
            let expected = match (vendor, reply) {
                (Vendor::Generic, _) => &[ErrorKind::ServerRefused][..],
                (_, 421) => &[ErrorKind::ServerBusy, ErrorKind::ServerRefused, ErrorKind::DataConnection],
                (_, 550) => &[ErrorKind::Unavailable, ErrorKind::DataConnection],
                _ => &[ErrorKind::DataConnection],
            };
            assert!(expected.contains(&error.kind()), "{reply}: {error}");
            assert!(error.module_usable(), "{reply}: {error}");
            bench.still_works();
            bench.files.fail_next(Operation::Store, RemoteError::Network(NetworkCause::DataConnection));
            bench.upload("/b.txt", b"12345").unwrap_err();
            bench.still_works();
        }
    }

    fn a_writer_that_fails(vendor: Vendor) {
        /// Takes some bytes, then is full.
        struct Full(usize);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                match self.0 {
                    0 => Err(io::ErrorKind::StorageFull.into()),
                    room => {
                        let taken = bytes.len().min(room);
                        self.0 -= taken;
                        Ok(taken)
                    }
                }
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for room in [0, 1, 5000] {
            let mut bench = Bench::online(vendor);
            bench.files.put("/big.bin", pattern(50_000));
            let error = bench.modem.retrieve("/big.bin", &Retrieve::whole(), &mut Full(room)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
            assert!(error.module_usable(), "{error}");
            bench.still_works();
        }
    }

    fn a_reader_that_fails(vendor: Vendor) {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
        for (good, length) in [(0, None), (5000, None), (0, Some(9000)), (5000, Some(100_000)), (5000, Some(5100))] {
            let mut bench = Bench::online(vendor);
            let text = vec![b'x'; good];
            let mut how = Store::create();
            how.length = length;
            let error = bench.modem.store("/part.txt", &how, &mut text.chain(Broken)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::LocalIo, "{good} of {length:?}: {error}");
            assert!(error.module_usable(), "{good} of {length:?}: {error}");
            bench.still_works();
        }
    }

    fn a_source_of_another_length_than_announced(vendor: Vendor) {
        for length in [10, 99, 101, 5000, 100_000] {
            let mut bench = Bench::online(vendor);
            let how = Store::create().with_length(length);
            let source = [b'x'; 100];
            match bench.modem.store("/x.txt", &how, &mut &source[..]) {
                // What is behind the announced end is none of its business.
                Ok(transfer) => assert!(transfer.bytes == length && length < 100, "{length}"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::LocalIo, "{length}: {error}"),
            }
            bench.still_works();
        }
    }

    fn a_network_that_is_too_slow(vendor: Vendor) {
        let mut bench = Bench::with(vendor, Options::default().with_network_latency(Duration::from_secs(3600)));
        let before = bench.line.elapsed();
        let error = match bench.modem.attach(&AccessPoint::default()).and_then(|_| bench.modem.login(&server())) {
            Err(error) => error,
            Ok(()) => bench.modem.list("/").unwrap_err(),
        };
        assert!(error.is_retryable(), "{error}");
        assert!(bench.line.elapsed() - before < ALL_LIMITS * 2, "{:?}", bench.line.elapsed());
    }
}

/// A module that says nothing at all.
struct Silent;

impl Peer for Silent {
    fn receive(&mut self, _: Duration, _: &[u8]) {}
    fn transmit(&mut self, _: Duration, _: &mut Vec<u8>) {}
    fn next_event(&self) -> Option<Duration> {
        None
    }
}

#[test]
fn a_silent_module_is_given_up_in_seconds() {
    let (opened, line) = open_on(Silent);
    let error = opened.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert_eq!(error.operation(), Some("identify"));
    assert!(line.elapsed() < Duration::from_secs(10), "{:?}", line.elapsed());
}

/// Something that answers every line, but is no module this crate knows.
struct Stranger(Vec<u8>);

impl Peer for Stranger {
    fn receive(&mut self, _: Duration, bytes: &[u8]) {
        let answer: &[u8] = match bytes {
            b"ATI\r" => b"\r\nACME Modem 9600\r\n\r\nOK\r\n",
            b"ATE0\r" => b"\r\nOK\r\n",
            _ => b"\r\nERROR\r\n",
        };
        self.0.extend_from_slice(answer);
    }
    fn transmit(&mut self, _: Duration, out: &mut Vec<u8>) {
        out.append(&mut self.0);
    }
    fn next_event(&self) -> Option<Duration> {
        (!self.0.is_empty()).then_some(Duration::ZERO)
    }
}

#[test]
fn an_unknown_module_is_described() {
    let (opened, _) = open_on(Stranger(Vec::new()));
    let error = opened.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownModule, "{error}");
    assert!(error.to_string().contains("ACME Modem 9600"), "{error}");
    assert!(error.to_string().contains("AT+QFTPCFG=?"), "{error}");
}
