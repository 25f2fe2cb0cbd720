//! The same on a pty, through the operating system's serial driver, with a real FTP server on loopback.

use std::fs;

use ftp_modem::emulator::{FtpRemote, Noise, Options, PtyModule};
use ftp_modem::modem::{AccessPoint, Retrieve, Server, Store};
use ftp_modem::{ErrorKind, FtpModem, Vendor};

use crate::for_each_dialect;
use crate::support::access::emulated;
use crate::support::expected::expected;
use crate::support::payload::pattern;
use crate::support::rig::carrying;

#[path = "../../examples/demo/ftp_server.rs"]
mod ftp_server;

use ftp_server::{FtpServer, PASSWORD, USER};

/// An emulated module on a pty, and the server it reaches.
struct Loopback {
    folder: tempfile::TempDir,
    server: FtpServer,
    module: PtyModule,
}

impl Loopback {
    fn start(vendor: Vendor, options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = FtpServer::start(folder.path()).unwrap();
        let module = PtyModule::spawn(emulated(vendor), Box::new(FtpRemote::new()), options).unwrap();
        Loopback { folder, server, module }
    }

    fn account(&self, password: &str) -> Server {
        let address = self.server.address();
        Server::new(address.ip().to_string(), USER, password).with_port(address.port())
    }

    fn log_in(&self) -> Box<dyn FtpModem> {
        let mut modem = ftp_modem::open(self.module.path()).unwrap();
        modem.attach(&AccessPoint::default()).unwrap();
        modem.login(&self.account(PASSWORD)).unwrap();
        modem
    }
}

for_each_dialect! {
    fn files_up_and_back(vendor: Vendor) {
        let lines = [
            carrying(vendor),
            carrying(vendor).with_fragment(1),
            carrying(vendor).with_fragment(7).with_noise(Noise::new(7)),
            carrying(vendor).with_echo(false),
        ];
        for options in lines {
            let loopback = Loopback::start(vendor, options);
            let mut modem = loopback.log_in();
            let folder = loopback.folder.path();
            let deceptive = b"\r\nOK\r\n+FTPGET: 1,0\r\n+++\x03\x10\x1a\x1b\0".to_vec();
        for payload in [pattern(1), deceptive, (0..=255).collect(), pattern(100_000)] {
                // Uploads in command lines take a command for each 512 bytes: a shorter file will do.
                let length = if expected(vendor).uploads_in_lines { payload.len().min(5000) } else { payload.len() };
                let upload = &payload[..length];
                let how = Store::create().with_length(upload.len() as u64).with_force_binary();
                modem.store("/file.bin", &how, &mut &upload[..]).unwrap();
                assert!(fs::read(folder.join("file.bin")).unwrap() == upload, "upload of {}", upload.len());

                fs::write(folder.join("file.bin"), &payload).unwrap();
                let mut back = Vec::new();
                modem.retrieve("/file.bin", &Retrieve::whole(), &mut back).unwrap();
                assert!(back == payload, "download of {}", payload.len());
                let offset = payload.len() / 2;
                let mut rest = Vec::new();
                modem.retrieve("/file.bin", &Retrieve::from(offset as u64), &mut rest).unwrap();
                assert!(rest == payload[offset..], "download of {} from {offset}", payload.len());
            }
            assert_eq!(modem.list("/").unwrap().len(), 1);
            modem.logout().unwrap();
            modem.detach().unwrap();
        }
    }

    fn a_wrong_password_and_a_missing_file(vendor: Vendor) {
        let loopback = Loopback::start(vendor, Options::default());
        let mut modem = ftp_modem::open(loopback.module.path()).unwrap();
        modem.attach(&AccessPoint::default()).unwrap();
        let refused = modem.login(&loopback.account("wrong")).and_then(|()| modem.list("/").map(drop)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::LoginRefused, "{refused}");
        modem.login(&loopback.account(PASSWORD)).unwrap();
        let missing = modem.retrieve("/missing.bin", &Retrieve::whole(), &mut Vec::new()).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::Unavailable, "{missing}");
        fs::write(loopback.folder.path().join("there.txt"), "yes").unwrap();
        let mut there = Vec::new();
        modem.retrieve("/there.txt", &Retrieve::whole(), &mut there).unwrap();
        assert_eq!(there, b"yes");
    }
}

#[test]
fn a_second_program_on_the_port_is_refused() {
    let loopback = Loopback::start(Vendor::Luat, Options::default());
    let _first = ftp_modem::open(loopback.module.path()).unwrap();
    let second = ftp_modem::open(loopback.module.path()).map(drop).unwrap_err();
    assert_eq!(second.kind(), ErrorKind::PortBusy, "{second}");
}

#[test]
fn a_vanished_module_is_an_error_and_not_a_hang() {
    let loopback = Loopback::start(Vendor::Quectel, Options::default());
    let mut modem = loopback.log_in();
    drop(loopback.module);
    let error = modem.pwd().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PortLost, "{error}");
}
