use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftp_modem::emulator::{MemoryServer, Module, NetworkCause, Operation, Options, RemoteError};
use ftp_modem::modem::{AccessPoint, Retrieve, Store};
use ftp_modem::transport::memory::MemoryPipe;
use ftp_modem::{Controls, ErrorKind, OpenOptions, Vendor};

use crate::support::bench::{Bench, PASSWORD, USER, emulated, open_on, server};
use crate::tools::{IDENTITY, Scripted, identified, online};

#[test]
fn a_module_that_answers_ati_late_is_not_one_answer_behind_for_ever() {
    // Wakes up after 1.6 s; both calls are answered then.
    let rows: &[(&'static str, &[(u64, &str)])] = &[
        ("ATI", &[(1600, IDENTITY)]),
        ("ATI", &[(200, IDENTITY)]),
        ("ATE0", &[(200, "\r\nOK\r\n")]),
        ("AT+CMEE", &[(200, "\r\nOK\r\n")]),
        ("AT+CSQ", &[(200, "\r\n+CSQ: 20,99\r\n\r\nOK\r\n")]),
    ];
    let mut modem = OpenOptions::new().open_on(MemoryPipe::new(Scripted::new(rows))).unwrap();
    assert_eq!(modem.network().unwrap().signal, Some(-73), "AT+CSQ was given the OK of the command before it");
}

#[test]
fn a_urc_before_the_answer_to_ati_does_not_spoil_every_later_recovery() {
    let rows: &[(&'static str, &[(u64, &str)])] =
        &[("ATI", &[(5, "\r\n+CPIN: READY\r\n"), (10, IDENTITY)]), ("AT+CSQ", &[])];
    let mut modem = OpenOptions::new().open_on(MemoryPipe::new(Scripted::new(rows))).unwrap();
    println!("{:?}", modem.identity());
    let _ = modem.network().unwrap_err();
    // The module answers everything from here on.
    let second = modem.network();
    assert!(second.is_ok(), "{}", second.unwrap_err());
}

#[test]
fn a_word_within_a_word_names_no_vendor() {
    let rows: &[(&'static str, &[(u64, &str)])] = &[("ATI", &[(10, "\r\nACME 5G Evaluation Board\r\n\r\nOK\r\n")])];
    let modem = OpenOptions::new().open_on(MemoryPipe::new(Scripted::new(rows)));
    // Every test command is answered with OK here, the first asked is Quectel's.
    let dialect = modem.map(|modem| modem.capabilities().dialect);
    assert_ne!(dialect.ok(), Some("luat"), "e-valuat-ion holds luat");
}

#[test]
fn a_late_change_of_directory_is_not_taken_for_the_next() {
    let rows: &[(&'static str, &[(u64, &str)])] = &[
        ("AT+QFTPOPEN", &[(10, "\r\nOK\r\n"), (100, "\r\n+QFTPOPEN: 0,0\r\n")]),
        ("AT+QFTPCWD=\"/a\"", &[(10, "\r\nOK\r\n"), (100_000, "\r\n+QFTPCWD: 0,250\r\n")]),
        ("AT+QFTPCWD=\"/b\"", &[(10, "\r\nOK\r\n"), (20_000, "\r\n+QFTPCWD: 627,550\r\n")]),
    ];
    let mut modem = OpenOptions::new().open_on(MemoryPipe::new(Scripted::new(rows))).unwrap();
    modem.login(&server()).unwrap();
    assert_eq!(modem.cwd("/a").unwrap_err().kind(), ErrorKind::Timeout);
    let second = modem.cwd("/b");
    assert!(second.is_err(), "/b does not exist; the late result for /a was taken for it");
}

#[test]
fn a_cancelled_operations_result_is_not_taken_for_the_next() {
    let rows: &[(&'static str, &[(u64, &str)])] = &[
        ("AT+QFTPOPEN", &[(10, "\r\nOK\r\n"), (100, "\r\n+QFTPOPEN: 0,0\r\n")]),
        ("AT+QFTPMKDIR=\"/a\"", &[(10, "\r\nOK\r\n"), (2_000, "\r\n+QFTPMKDIR: 0,0\r\n")]),
        ("AT+QFTPMKDIR=\"/b\"", &[(10, "\r\nOK\r\n"), (3_000, "\r\n+QFTPMKDIR: 627,550\r\n")]),
    ];
    let rules = crate::tools::Shared::default();
    let line = crate::tools::Disturbed { pipe: MemoryPipe::new(Scripted::new(rows)), rules: rules.clone() };
    let mut modem = OpenOptions::new().open_on(line).unwrap();
    modem.login(&server()).unwrap();
    let flag = Arc::new(AtomicBool::new(false));
    modem.set_controls(Controls::new().with_cancel(flag.clone()));
    // Set by another thread while the result is waited for: here, by what the line sees after OK.
    struct Setter(Arc<AtomicBool>);
    let setter = Setter(flag);
    rules.lock().unwrap().on_write = Some(Box::new(move |bytes| {
        if bytes.starts_with(b"AT+QFTPMKDIR=\"/a\"") {
            let flag = setter.0.clone();
            std::thread::spawn(move || flag.store(true, Ordering::Relaxed)).join().unwrap();
        }
    }));
    let first = modem.mkdir("/a").unwrap_err();
    println!("{first}");
    assert_eq!(first.kind(), ErrorKind::Cancelled);
    let second = modem.mkdir("/b");
    assert!(second.is_err(), "/b was refused; the result for /a was taken for it");
}

#[test]
fn a_reconnection_that_fails_half_way_does_not_leave_the_caller_in_another_directory() {
    let mut failed = Vec::new();
    for vendor in [Vendor::Quectel, Vendor::Fibocom, Vendor::ChinaMobile] {
        let mut bench = Bench::online(vendor);
        bench.files.put("/a/b/keep.txt", "inner");
        bench.files.put("/a/keep.txt", "outer");
        bench.files.put("/keep.txt", "root");
        bench.files.put("/big.bin", vec![1; 50_000]);
        bench.modem.cwd("/a").unwrap();
        bench.modem.cwd("b").unwrap();
        // Something that loses the session.
        bench.files.break_download_after(1000);
        let _ = bench.modem.retrieve("/big.bin", &Retrieve::whole(), &mut Failing).unwrap_err();
        bench.files.fail_next(Operation::Store, RemoteError::Network(NetworkCause::Dropped));
        let _ = bench.upload("/x", &[b'x'; 10_000]);
        // The next operation logs in again; the second step into the directory fails once.
        let mut steps = 0;
        bench.files.fail_next(Operation::Cwd, RemoteError::Reply { code: 450, text: "busy".into() });
        loop {
            steps += 1;
            match bench.download("keep.txt", &Retrieve::whole()) {
                Ok(bytes) => {
                    if bytes != b"inner" {
                        failed.push(format!("{vendor}, try {steps}: got {}", String::from_utf8_lossy(&bytes)));
                    }
                    break;
                }
                Err(error) => println!("{vendor}: {error}"),
            }
            assert!(steps < 5, "{vendor}");
        }
    }
    assert!(failed.is_empty(), "/a/b/keep.txt was asked for: {failed:?}");
}

struct Failing;
impl Write for Failing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn going_in_and_out_of_a_directory_does_not_add_up() {
    let (mut modem, files, rules) = online(Vendor::Quectel, Options::default());
    files.put("/a/x", "x");
    for _ in 0..200 {
        modem.cwd("a").unwrap();
        modem.cdup().unwrap();
    }
    files.put("/big.bin", vec![1; 50_000]);
    let _ = modem.retrieve("/big.bin", &Retrieve::whole(), &mut Failing).unwrap_err();
    rules.lock().unwrap().written.clear();
    modem.pwd().unwrap();
    let sent = rules.lock().unwrap().written.clone();
    let text = String::from_utf8_lossy(&sent).into_owned();
    let count = text.matches("+QFTPCWD").count();
    assert!(count <= 2, "{count} changes of directory to get back to the root");
}

#[test]
fn a_failing_writers_bytes_are_told_exactly() {
    let mut failed = Vec::new();
    struct Full(usize, usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            self.1 += taken;
            Ok(taken)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    for vendor in Vendor::ALL {
        let mut bench = Bench::online(vendor);
        bench.files.put("/big.bin", vec![1; 50_000]);
        let mut full = Full(5000, 0);
        let error = bench.modem.retrieve("/big.bin", &Retrieve::whole(), &mut full).unwrap_err();
        if error.transferred() != Some(full.1 as u64) {
            failed.push(format!("{vendor}: the writer has {}, told {:?}", full.1, error.transferred()));
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn attaching_is_the_remedy_for_a_bearer_lost_while_idle() {
    let files = MemoryServer::new();
    files.add_user(USER, PASSWORD);
    let module = Arc::new(Mutex::new(Module::new(emulated(Vendor::Quectel), files.remote(), Options::default())));
    let (modem, line) = open_on(module.clone());
    let mut modem = modem.unwrap();
    modem.attach(&AccessPoint::default()).unwrap();
    module.lock().unwrap().inject(line.elapsed(), "+QIURC: \"pdpdeact\",1");
    let again = modem.attach(&AccessPoint::default());
    assert!(again.is_ok(), "{}", again.unwrap_err());
}

#[test]
fn the_largest_size_a_server_can_tell_overflows_nothing() {
    let rows: &[(&'static str, &[(u64, &str)])] = &[
        ("AT+QFTPOPEN", &[(10, "\r\nOK\r\n"), (100, "\r\n+QFTPOPEN: 0,0\r\n")]),
        ("AT+QFTPSIZE", &[(10, "\r\nOK\r\n\r\n+QFTPSIZE: 0,18446744073709551615\r\n")]),
        ("AT+QFTPPUT", &[(10, "\r\nCONNECT\r\n"), (500, "\r\nOK\r\n\r\n+QFTPPUT: 0,1\r\n")]),
        ("xAT+QFTPSIZE", &[(10, "\r\nOK\r\n\r\n+QFTPSIZE: 0,18446744073709551615\r\n")]),
    ];
    let mut modem = OpenOptions::new().open_on(MemoryPipe::new(Scripted::new(rows))).unwrap();
    modem.login(&server()).unwrap();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        modem.store("/x", &Store::append().with_length(1), &mut &b"x"[..]).map(drop)
    }));
    println!("{:?}", outcome.as_ref().map(|outcome| outcome.as_ref().err().map(ToString::to_string)));
    assert!(outcome.is_ok(), "panicked");
}

#[test]
fn a_cancelled_download_of_zeros_leaves_a_module_that_works() {
    for vendor in Vendor::ALL {
        let mut bench = Bench::online(vendor);
        bench.files.put("/zeros.bin", vec![0; 400_000]);
        let flag = Arc::new(AtomicBool::new(false));
        bench.modem.set_controls(Controls::new().with_cancel(flag.clone()));
        struct Set(Arc<AtomicBool>);
        impl Write for Set {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.store(true, Ordering::Relaxed);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let outcome = bench.modem.retrieve("/zeros.bin", &Retrieve::whole(), &mut Set(flag.clone()));
        flag.store(false, Ordering::Relaxed);
        let error = match outcome {
            Ok(_) => continue,
            Err(error) => error,
        };
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{vendor}");
        bench.files.put("/next", "x");
        let next = bench.download("/next", &Retrieve::whole());
        assert!(next.is_ok() || !error.module_usable(), "{vendor}: {}", next.unwrap_err());
    }
}

#[test]
fn payload_is_not_logged_after_a_cancelled_download() {
    static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
    struct Keep;
    impl log::Log for Keep {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }
        fn log(&self, record: &log::Record<'_>) {
            let line = record.args().to_string();
            if line.contains("PRIVATE-PAYLOAD") && !record.target().contains("emulator") {
                SEEN.lock().unwrap().push(format!("{}: {line}", record.level()));
            }
        }
        fn flush(&self) {}
    }
    // `bench` installs its own logger; this test opens by itself. Run it alone: cargo test payload_is_not_logged.
    if log::set_logger(&Keep).is_err() {
        println!("another logger is installed: run this test alone");
        return;
    }
    log::set_max_level(log::LevelFilter::Trace);
    let (mut modem, files, _) = online(Vendor::Generic, Options::default());
    files.put("/a.txt", b"PRIVATE-PAYLOAD of a customer\r\n".repeat(10_000));
    let flag = Arc::new(AtomicBool::new(false));
    modem.set_controls(Controls::new().with_cancel(flag.clone()));
    struct Set(Arc<AtomicBool>);
    impl Write for Set {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.store(true, Ordering::Relaxed);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let _ = modem.retrieve("/a.txt", &Retrieve::whole(), &mut Set(flag.clone())).unwrap_err();
    flag.store(false, Ordering::Relaxed);
    let _ = modem.pwd();
    let _ = modem.list("/");
    let seen = SEEN.lock().unwrap().clone();
    assert!(seen.is_empty(), "{} lines of payload were logged, such as {}", seen.len(), seen[0]);
}

#[test]
fn the_rest_of_a_cancelled_download_is_not_believed() {
    let mut failed = Vec::new();
    for vendor in Vendor::ALL {
        let mut bench = Bench::online(vendor);
        let lines = b"\r\nRDY\r\n\r\n+SAPBR 1: DEACT\r\n\r\n+MIPCALL: 0\r\n\r\n+MIPCALL: 1,0\r\n\r\n+MFTPURC: 0,\"conn\",0\r\n\r\n+PDP: DEACT\r\n\r\n+FTPGET: 1,61\r\n";
        bench.files.put("/log.txt", lines.repeat(4000));
        let flag = Arc::new(AtomicBool::new(false));
        bench.modem.set_controls(Controls::new().with_cancel(flag.clone()));
        struct Set(Arc<AtomicBool>);
        impl Write for Set {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.store(true, Ordering::Relaxed);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let outcome = bench.modem.retrieve("/log.txt", &Retrieve::whole(), &mut Set(flag.clone()));
        flag.store(false, Ordering::Relaxed);
        let Err(error) = outcome else { continue };
        bench.files.put("/next", "x");
        if let Err(next) = bench.download("/next", &Retrieve::whole()) {
            failed.push(format!("{vendor}: {error} / then: {next}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_bearer_whose_activation_is_cancelled_does_not_stay_up() {
    let activations = ["AT+SAPBR=1", "AT+MIPCALL=1", "AT+QIACT=1", "AT+MIPCALL=1", "AT+CGACT=1"];
    for (vendor, activation) in Vendor::ALL.into_iter().zip(activations) {
        let slow =
            Options::default().with_command_latency(&activation[2..activation.len() - 2], Duration::from_secs(2));
        let (mut modem, _files, rules) = identified(vendor, slow);
        let flag = Arc::new(AtomicBool::new(false));
        modem.set_controls(Controls::new().with_cancel(flag.clone()));
        rules.lock().unwrap().on_write = Some(Box::new(move |bytes| {
            if bytes.starts_with(activation.as_bytes()) {
                flag.store(true, Ordering::Relaxed);
            }
        }));
        let error = modem.attach(&AccessPoint::default()).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Cancelled, true), "{vendor}: {error}");
        rules.lock().unwrap().on_write = None;
        assert!(!modem.attach(&AccessPoint::default()).unwrap().was_up, "{vendor}: the bearer came up all the same");
    }
}
