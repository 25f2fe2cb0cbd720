//! No secret leaves the process except on the wire to the module: not in a log at any level, not in `Debug`, not in an
//! error, not in a trace, not in the arguments of a process.

use std::fmt::Debug;
use std::io::{self, BufRead, BufReader, Write};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftp_modem::emulator::{MemoryServer, Operation, Options, PtyModule, RemoteError};
use ftp_modem::modem::{AccessPoint, Authentication, Security, Server, Tls};
use ftp_modem::transfer::Reconnect;
use ftp_modem::transport::recorder::Recorder;
use ftp_modem::transport::transcript::{Event, Transcript};
use ftp_modem::{FtpModem, OpenOptions, Result, Retrieve, Store, Vendor};
use log::LevelFilter;

use crate::support::access::{HOST, PASSWORD, USER};
use crate::support::rig::module;
use crate::support::watch::{LEAKS, LINES};
use crate::tool::{Ran, tool_on};

/// The password of the access point, which the watch over the log knows by the same beginning.
const APN_PASSWORD: &str = "pa55word-s3cret-apn";

/// What was shown of a session.
#[derive(Default)]
struct Shown(String);

impl Shown {
    fn debug(&mut self, thing: &impl Debug) {
        self.0 += &format!("{thing:?} {thing:#?}");
    }

    fn error<T>(&mut self, outcome: Result<T>) {
        if let Err(error) = outcome {
            self.debug(&error);
            self.0 += &error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(inner) = source {
                self.0 += &format!("{inner} {inner:?}");
                source = inner.source();
            }
        }
    }
}

#[derive(Clone, Default)]
struct Trace(Arc<Mutex<Vec<u8>>>);

impl Write for Trace {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything that can go right and wrong with secrets at hand.
fn session(modem: &mut dyn FtpModem, files: &MemoryServer, shown: &mut Shown) {
    let point = AccessPoint::new("cmnet").with_credentials("user", APN_PASSWORD, Authentication::Pap);
    shown.debug(&point);
    shown.debug(&Reconnect::new(point.clone()));
    if modem.attach(&point).inspect_err(|error| shown.debug(error)).is_err() {
        shown.error(modem.attach(&AccessPoint::default()));
    }
    files.put("/a.bin", vec![b'x'; 2000]);
    let server = |user: &str, password: &str| Server::new(HOST, user, password).with_port(2121);
    let over_long = format!("{PASSWORD}{}", "x".repeat(5_000));
    let unsendable = format!("{PASSWORD}\"");
    let logins = [
        server("another-user", PASSWORD),
        server(USER, &over_long),
        server(USER, &unsendable),
        server(USER, PASSWORD).with_security(Security::Explicit).with_tls(Tls::trusting(PASSWORD)),
        server(USER, PASSWORD),
    ];
    for login in logins {
        shown.debug(&login);
        files.fail_next(Operation::Connect, RemoteError::reply(421, PASSWORD));
        shown.error(modem.login(&login).and_then(|()| modem.list("/").map(drop)));
        shown.error(modem.login(&login).and_then(|()| modem.list("/").map(drop)));
        shown.debug(&modem.server());
    }
    for operation in [Operation::Retrieve, Operation::Store, Operation::List, Operation::Size] {
        files.fail_next(operation, RemoteError::reply(550, &format!("not for {PASSWORD}")));
    }
    shown.error(modem.retrieve("/a.bin", &Retrieve::whole(), &mut io::sink()));
    shown.error(modem.store("/b.bin", &Store::create(), &mut &b"12345"[..]));
    shown.error(modem.list("/"));
    shown.error(modem.size("/a.bin"));
    shown.error(modem.status());
    shown.error(modem.logout());
    shown.error(modem.detach());
}

#[test]
fn logs_debug_output_errors_and_traces_hold_no_secret() {
    for vendor in Vendor::ALL {
        for (echo, fragment) in [(true, 1), (true, 7), (true, usize::MAX), (false, usize::MAX)] {
            // The level of the log must not change what the recording holds.
            log::set_max_level(if fragment == 7 { LevelFilter::Debug } else { LevelFilter::Trace });
            let (line, files) = module(vendor, Options::default().with_echo(echo).with_fragment(fragment));
            let trace = Trace::default();
            let recorder = Recorder::new(line.host(), trace.clone()).masking(PASSWORD).masking(APN_PASSWORD);
            let mut modem = OpenOptions::new().open_on(recorder).unwrap();
            let mut shown = Shown::default();
            session(&mut *modem, &files, &mut shown);
            drop(modem);

            assert!(!shown.0.contains(PASSWORD), "{vendor}: {}", shown.0);
            let trace = String::from_utf8(trace.0.lock().unwrap().clone()).unwrap();
            assert!(trace.contains("***") && !trace.contains(PASSWORD), "{vendor}: {trace}");
            // Nor in the parts in hexadecimal.
            for (line, event) in Transcript::parse(&trace).unwrap().events {
                if let Event::Host(bytes) | Event::Module { bytes, .. } = event {
                    let found = bytes.windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes());
                    assert!(!found, "{vendor}: line {line} of the trace");
                }
            }
        }
    }
    assert!(*LINES.lock().unwrap() > 1000, "hardly anything was logged");
    assert_eq!(*LEAKS.lock().unwrap(), Vec::<String>::new());
}

#[test]
fn the_arguments_of_the_tools_process_and_what_it_prints_hold_no_secret() {
    let files = MemoryServer::new();
    files.put("/a.bin", vec![b'x'; 100_000]);
    // Slow enough to be looked at while it runs.
    let options = Options::default().with_line_rate(115_200).with_network_latency(Duration::from_millis(100));
    let module = PtyModule::spawn(ftp_modem::emulator::Family::Quectel, files.remote(), options).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("password"), PASSWORD).unwrap();
    let arguments = ["-vvv", "--password-file", "password", "--apn", "cmnet", "--apn-user", "u", "get", "/a.bin"];
    let mut command = tool_on(&module);
    command.current_dir(&folder).args(arguments).env("FTP_MODEM_APN_PASSWORD", APN_PASSWORD);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Once it says something it is itself, and no longer a copy of this process.
    let mut first = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut first).unwrap();
    let seen = std::fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    // The tool begins no other process, whose arguments would have to be looked at, too.
    let tasks = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", child.id())).unwrap_or_default();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(String::from_utf8_lossy(&seen).contains("password-file"), "{}", seen.escape_ascii());
    assert!(!String::from_utf8_lossy(&seen).contains(PASSWORD), "{}", seen.escape_ascii());
    assert_eq!(tasks, "");

    for level in ["-q", "-v", "-vv", "-vvv"] {
        for arguments in
            [&["--trace", "trace", "--apn", "cmnet", "--apn-user", "u", "ls", "/"][..], &["rm", "/missing"]]
        {
            let mut command = tool_on(&module);
            command.current_dir(&folder).arg(level).args(arguments).env("FTP_MODEM_APN_PASSWORD", APN_PASSWORD);
            let ran = Ran::of(&mut command);
            assert!(!ran.stderr.contains(PASSWORD) && !ran.stdout.contains(PASSWORD), "{level}: {}", ran.stderr);
        }
    }
    let trace = std::fs::read_to_string(folder.path().join("trace")).unwrap();
    assert!(trace.contains("***") && !trace.contains(PASSWORD), "{trace}");
}
