//! What only these modules have: six connections, their configuration, files, two ways to a bearer.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ftp_modem::backend::china_mobile::Settings;
use ftp_modem::emulator::{Options, StateErrors, UnsupportedModes};
use ftp_modem::modem::{AccessPoint, Assurance, Operation, Retrieve, Security, SessionState, StoreMode};
use ftp_modem::transport::memory::MemoryPipe;
use ftp_modem::{Controls, ErrorKind, FtpModem, OpenOptions};

use super::bench::{Cmcc, everything, module, online, pattern, replayed};
use crate::support::bench::server;

#[test]
fn each_of_the_six_connections() {
    for connection in 0..6 {
        let mut bench = Cmcc::with(module(|_| {}));
        bench.modem.use_connection(connection).unwrap();
        assert_eq!(bench.modem.connection(), connection);
        bench.log_in();
        everything(&mut bench);
        let states = bench.modem.connections().unwrap();
        assert!(
            (0..6).zip(states).all(|(it, state)| (state == SessionState::Idle) == (it == connection)),
            "{states:?}"
        );
        let error = bench.modem.use_connection(0).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongState);
        assert!(
            bench
                .module
                .sent()
                .split('\r')
                .all(|line| !line.contains("+MFTPCONN=") || line.contains(&format!("={connection},")))
        );
        // Only the loss of this one matters.
        bench.module.say(&format!("+MFTPURC: {},\"conn\",0", (connection + 1) % 6));
        let (_, sent) = bench.module.clone().sent_by(|| bench.modem.pwd().unwrap());
        assert!(!sent.contains("+MFTPCONN"), "{sent}");
        bench.modem.logout().unwrap();
        bench.modem.use_connection((connection + 1) % 6).unwrap();
        bench.modem.login(&server()).unwrap();
        bench.still_works();
    }
    let mut bench = Cmcc::with(module(|_| {}));
    assert_eq!(bench.modem.use_connection(6).unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[test]
fn every_key_of_the_configuration() {
    let mut bench = Cmcc::with(module(|it| it.unsupported_modes = UnsupportedModes::Supported));
    let mut settings = Settings::default();
    settings.ascii = true;
    settings.passive = false;
    settings.response_seconds = 2;
    settings.context = 3;
    settings.ssl_slot = Some(4);
    bench.modem.configure(settings).unwrap();
    assert_eq!(bench.modem.settings(), settings);
    assert!(bench.modem.capabilities().supports(Operation::Ftps));
    bench.modem.attach(&AccessPoint::new("internet")).unwrap();
    bench.modem.login(&server().with_security(Security::Explicit)).unwrap();
    let expected =
        [("data_type", "1"), ("transmode", "0"), ("rsptimeout", "2"), ("ssl", "2,4"), ("local_fs", "0"), ("cid", "3")];
    let found = bench.modem.configuration().unwrap();
    assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    // Text is converted by the server, so its length proves nothing.
    bench.files.put("/f", pattern(3000));
    let mut bytes = Vec::new();
    let transfer = bench.modem.retrieve("/f", &Retrieve::whole(), &mut bytes).unwrap();
    assert_eq!((transfer.bytes, transfer.assurance), (3000, Assurance::Unconfirmed));
    assert_eq!(bench.modem.configure(settings).unwrap_err().kind(), ErrorKind::WrongState);
    bench.modem.logout().unwrap();
    bench.modem.detach().unwrap();

    let broken: [fn(&mut Settings); 5] = [
        |it| it.response_seconds = 1,
        |it| it.response_seconds = 31,
        |it| it.ssl_slot = Some(6),
        |it| it.context = 0,
        |it| it.context = 16,
    ];
    for change in broken {
        let mut settings = Settings::default();
        change(&mut settings);
        assert_eq!(bench.modem.configure(settings).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    bench.modem.configure(Settings::default()).unwrap();
    let error = bench.modem.login(&server().with_security(Security::Explicit)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn files_of_the_module() {
    let mut bench = online(|it| it.storage = 20_000);
    let bytes = pattern(15_000);
    bench.files.put("/f", bytes.clone());
    bench.files.put("/too-big", pattern(30_000));
    assert_eq!(bench.modem.retrieve_to_module("/f", "/usr/f", &Retrieve::whole()).unwrap().bytes, 15_000);
    bench.still_works();
    assert_eq!(bench.modem.store_from_module("/usr/f", "/g", StoreMode::Create).unwrap().bytes, 15_000);
    assert_eq!(bench.files.file("/g").unwrap(), bytes);
    let error = bench.modem.retrieve_to_module("/too-big", "/usr/h", &Retrieve::whole()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleStorage, "{error}");
    let error = bench.modem.retrieve_to_module("/missing", "/usr/h", &Retrieve::whole()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    let error = bench.modem.store_from_module("/usr/missing", "/h", StoreMode::Create).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    let error = bench.modem.store_from_module("/usr/f", "/h", StoreMode::At(7)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    let error = bench.modem.write_file("/usr/h", 10_000, &mut &pattern(10_000)[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleStorage, "{error}");
    let error = bench.modem.read_file("/usr/missing", &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    // A source that ends early: the module gets what it was promised.
    let error = bench.modem.write_file("/usr/h", 5000, &mut &pattern(4500)[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
    bench.still_works();
    bench.modem.remove_file("/usr/f").unwrap();
    assert_eq!(bench.modem.remove_file("/usr/f").unwrap_err().kind(), ErrorKind::Unavailable);
    for bad in ["", "a\"b", "a\rb"] {
        let (error, sent) = bench.module.clone().sent_by(|| bench.modem.read_file(bad, &mut Vec::new()).unwrap_err());
        assert_eq!((error.kind(), sent.as_str()), (ErrorKind::InvalidInput, ""));
    }
    everything(&mut bench);
}

#[test]
fn a_bearer_without_mipcall() {
    // Not known at all, and refused when it comes to it.
    for mipcall in [
        ">> AT+MIPCALL?\\r\n<< \\r\\nERROR\\r\\n\n>> AT+CGACT?\\r\n<< \\r\\n+CGACT: 1,0\\r\\n\\r\\nOK\\r\\n\n",
        ">> AT+MIPCALL?\\r\n<< \\r\\n+MIPCALL: 1,0\\r\\n\\r\\nOK\\r\\n\n>> AT+MIPCALL=1,1\\r\n<< \\r\\n+CME ERROR: 3\\r\\n\n",
    ] {
        let lines = concat!(
            ">> AT+CGACT=1,1\\r\n@ 2\n<< \\r\\nOK\\r\\n\n",
            ">> AT+CGPADDR=1\\r\n<< \\r\\n+CGPADDR: 1,\"10.1.2.3\"\\r\\n\\r\\nOK\\r\\n\n",
            ">> AT+MIPCALL=0,1\\r\n<< \\r\\nERROR\\r\\n\n>> AT+CGACT=0,1\\r\n<< \\r\\nOK\\r\\n\n",
        );
        replayed(&format!("{mipcall}{lines}"), |modem| {
            let bearer = modem.attach(&AccessPoint::default()).unwrap();
            assert_eq!((bearer.address, bearer.was_up), (Some("10.1.2.3".parse().unwrap()), false));
            modem.detach().unwrap();
        });
    }
    replayed(
        concat!(
            ">> AT+MIPCALL?\\r\n<< \\r\\nERROR\\r\\n\n>> AT+CGACT?\\r\n<< \\r\\n+CGACT: 1,1\\r\\n\\r\\nOK\\r\\n\n",
            ">> AT+CGPADDR=1\\r\n<< \\r\\nERROR\\r\\n\n",
        ),
        |modem| assert!(modem.attach(&AccessPoint::default()).unwrap().was_up),
    );
    // The address comes late, or the module says no more than OK: it is asked.
    replayed(
        concat!(
            ">> AT+MIPCALL?\\r\n<< \\r\\n+MIPCALL: 1,0\\r\\n\\r\\nOK\\r\\n\n>> AT+MIPCALL=1,1\\r\n<< \\r\\nOK\\r\\n\n@ 11\n",
            ">> AT+MIPCALL?\\r\n<< \\r\\n+MIPCALL: 1,1,\"10.1.2.3\"\\r\\n\\r\\nOK\\r\\n\n",
        ),
        |modem| assert!(modem.attach(&AccessPoint::default()).unwrap().address.is_some()),
    );
    let mut bench = Cmcc::with(Options::default().with_registered(false));
    let error = bench.modem.attach(&AccessPoint::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BearerFailed, "{error}");
    bench.modem.detach().unwrap();
}

/// A session that an earlier program left open, whatever the module calls that, is closed first.
#[test]
fn a_session_left_open_by_a_crash() {
    for state_errors in [StateErrors::Running, StateErrors::PerCommand] {
        let mut bench = online(|it| it.state_errors = state_errors);
        let module = bench.module.clone();
        bench.modem = OpenOptions::new().open_as_on(MemoryPipe::new(module)).unwrap();
        assert!(bench.modem.attach(&AccessPoint::default()).unwrap().was_up);
        bench.modem.login(&server()).unwrap();
        bench.still_works();
    }
}

/// A download that is given up leaves data between the module's lines.
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
        let options = module(|it| (it.piece_size, it.piece_gap) = (piece_size, piece_gap)).with_line_rate(115_200);
        let mut bench = Cmcc::online(options);
        let line = b"\r\n+MATREADY\r\nOK\r\n+MFTPURC: 0,\"conn\",0\r\n+MIPCALL: 1,0\r\n+CME ERROR: 3\r\n";
        let bytes = if nasty { line.repeat(4500) } else { vec![0; 300_000] };
        bench.files.put("/big", bytes.clone());
        let flag = Arc::new(std::sync::atomic::AtomicBool::new(false));
        bench.modem.set_controls(Controls::new().with_cancel(flag.clone()));
        struct Cancelling(Arc<std::sync::atomic::AtomicBool>, Vec<u8>);
        impl io::Write for Cancelling {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.1.extend_from_slice(bytes);
                self.0.store(self.1.len() > 30_000 && self.1.len() < 60_000, std::sync::atomic::Ordering::Relaxed);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut sink = Cancelling(flag, Vec::new());
        let error = bench.modem.retrieve("/big", &Retrieve::whole(), &mut sink).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Cancelled, Some(sink.1.len() as u64)), "{error}");
        assert!(error.module_usable(), "{error}");
        assert!(bytes.starts_with(&sink.1));
        bench.still_works();
    }
}
