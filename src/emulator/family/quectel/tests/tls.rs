//! FTPS.

use std::io::Read;
use std::sync::{Arc, Mutex};

use super::*;
use crate::emulator::{Listing, MemoryServer, Module, Remote, RemoteError, ServerCertificate, StoreMode, Tls, Upload};

/// The settings of TLS.
struct Witness {
    inner: Box<dyn Remote>,
    seen: Arc<Mutex<Vec<(u16, Tls)>>>,
}

impl Remote for Witness {
    fn connect(&mut self, host: &str, port: u16, tls: Tls) -> Result<(), RemoteError> {
        self.seen.lock().unwrap().push((port, tls));
        self.inner.connect(host, port, tls)
    }
    fn login(&mut self, user: &str, password: &str) -> Result<(), RemoteError> {
        self.inner.login(user, password)
    }
    fn pwd(&mut self) -> Result<String, RemoteError> {
        self.inner.pwd()
    }
    fn cwd(&mut self, path: &str) -> Result<(), RemoteError> {
        self.inner.cwd(path)
    }
    fn list(&mut self, path: &str, listing: Listing) -> Result<Box<dyn Read + Send>, RemoteError> {
        self.inner.list(path, listing)
    }
    fn size(&mut self, path: &str) -> Result<u64, RemoteError> {
        self.inner.size(path)
    }
    fn modified(&mut self, path: &str) -> Result<String, RemoteError> {
        self.inner.modified(path)
    }
    fn make_dir(&mut self, path: &str) -> Result<(), RemoteError> {
        self.inner.make_dir(path)
    }
    fn remove_dir(&mut self, path: &str) -> Result<(), RemoteError> {
        self.inner.remove_dir(path)
    }
    fn remove(&mut self, path: &str) -> Result<(), RemoteError> {
        self.inner.remove(path)
    }
    fn rename(&mut self, from: &str, to: &str) -> Result<(), RemoteError> {
        self.inner.rename(from, to)
    }
    fn retrieve(&mut self, path: &str, offset: u64) -> Result<Box<dyn Read + Send>, RemoteError> {
        self.inner.retrieve(path, offset)
    }
    fn store(&mut self, path: &str, mode: StoreMode) -> Result<Box<dyn Upload>, RemoteError> {
        self.inner.store(path, mode)
    }
    fn command(&mut self, line: &str) -> Result<(u16, String), RemoteError> {
        self.inner.command(line)
    }
    fn quit(&mut self) -> Result<(), RemoteError> {
        self.inner.quit()
    }
}

#[test]
fn the_manual_s_ftps_login() {
    for (kind, expected) in [(1, Tls::Implicit), (2, Tls::Explicit)] {
        let server = MemoryServer::new();
        let seen = Arc::default();
        let witness = Witness { inner: server.remote(), seen: Arc::clone(&seen) };
        let module = Module::new(Family::Quectel, Box::new(witness), Options::default().with_echo(false));
        let mut bench = Bench { module: module.into(), server, now: Duration::ZERO };
        play(
            &mut bench,
            &[
                ("AT+QIACT=1", OK),
                (&format!("AT+QFTPCFG=\"ssltype\",{kind}"), OK),
                ("AT+QFTPCFG=\"sslctxid\",1", OK),
                ("AT+QSSLCFG=\"ciphersuite\",1,0xffff", OK),
                ("AT+QSSLCFG=\"seclevel\",1,0", OK),
                ("AT+QSSLCFG=\"sslversion\",1,1", OK),
                ("AT+QSSLCFG=\"ciphersuite\",1", &with_ok("+QSSLCFG: \"ciphersuite\",1,0XFFFF")),
                ("AT+QSSLCFG=\"sslversion\",1", &with_ok("+QSSLCFG: \"sslversion\",1,1")),
                ("AT+QSSLCFG=\"sslversion\",6,1", ERROR),
                ("AT+QSSLCFG=\"sslversion\",1,5", ERROR),
                ("AT+QSSLCFG=\"nope\",1", ERROR),
                ("AT+QFTPOPEN=\"quectel.3322.org\",990", &cme(610)),
                ("AT+QFTPCFG=\"transmode\",1", OK),
                ("AT+QFTPOPEN=\"quectel.3322.org\",990", &late("+QFTPOPEN: 0,0")),
            ],
        );
        assert_eq!(*seen.lock().unwrap(), [(990, expected)]);
    }
}

#[test]
fn certificates_are_checked_as_set() {
    type Choice = fn(&mut QuectelOptions);
    let cases: [(&[&str], Choice, bool); 9] = [
        (&[], |options| options.certificate = ServerCertificate::Untrusted, true),
        (&["\"seclevel\",0,1"], |_| (), false),
        (&["\"seclevel\",0,1", "\"cacert\",0,\"ca.pem\""], |_| (), true),
        (
            &["\"seclevel\",0,1", "\"cacert\",0,\"UFS:ca.pem\""],
            |options| options.certificate = ServerCertificate::Untrusted,
            false,
        ),
        (
            &["\"seclevel\",0,1", "\"cacert\",0,\"ca.pem\"", "\"ignorelocaltime\",0,0"],
            |options| options.certificate = ServerCertificate::Expired,
            false,
        ),
        (
            &["\"seclevel\",0,1", "\"cacert\",0,\"ca.pem\"", "\"ignorelocaltime\",0,0"],
            |options| options.clock_set = false,
            false,
        ),
        (&["\"seclevel\",0,2", "\"cacert\",0,\"ca.pem\""], |_| (), false),
        (&[], |options| options.sni_needed = true, false),
        (&["\"sslversion\",0,1"], |options| options.oldest_tls = 3, false),
    ];
    for (settings, choose, succeeds) in cases {
        let mut bench = bench(choose);
        play(
            &mut bench,
            &[
                ("AT+QIACT=1", OK),
                ("AT+QFTPCFG=\"ssltype\",2", OK),
                ("AT+QFTPCFG=\"transmode\",1", OK),
                ("AT+QFUPL=\"ca.pem\",2", CONNECT),
            ],
        );
        bench.exchange(b"CA");
        for setting in settings {
            assert_eq!(bench.command(&format!("AT+QSSLCFG={setting}")), OK);
        }
        let result = if succeeds { "0,0" } else { "631,0" };
        assert_eq!(bench.command("AT+QFTPOPEN=\"h\",21"), late(&format!("+QFTPOPEN: {result}")), "{settings:?}");
    }
}
