//! FTPS from end to end: the driver, an emulated module with a TLS client, and a real server. The certificates are in a
//! slot of the module that the program names (MSSLCFG, of the firmware of ML307A: 78/esp-ml307).

use std::fs;
use std::time::Duration;

use ftp_modem::emulator::{Family, FtpRemote, Module, UnsupportedModes};
use ftp_modem::modem::{AccessPoint, Retrieve, Security, Store};
use ftp_modem::{ErrorKind, FtpModem, OpenOptions, Server};

use super::{ChinaMobile, with};
use crate::ftps::{Authority, FtpsServer, Identity, NAME, Protection};
use crate::support::line::Line;
use crate::support::payload::pattern;

const SLOT: u8 = 3;

/// A driver that is attached and uses the certificate of `authority` on a module with a way to `server`.
fn modem(server: &FtpsServer, authority: &Authority) -> ChinaMobile {
    let mut options = with(|options| {
        options.unsupported_modes = UnsupportedModes::Supported;
        options.checks_server_name = true;
    });
    options.pdp_active = true;
    let remote = FtpRemote::new().with_host(NAME, server.address());
    let mut module = Module::new(Family::ChinaMobile, Box::new(remote), options);
    // The program of the manufacturing line has put the certificate there.
    let written = format!("AT+MSSLCERTWR=\"ca\",0,{}\r", authority.pem().len());
    for bytes in [written.as_bytes(), authority.pem(), b"AT+MSSLCFG=\"cert\",3,\"ca\"\r", b"AT+MSSLCFG=\"auth\",3,1\r"]
    {
        module.receive(Duration::ZERO, bytes);
    }
    let mut modem: ChinaMobile = OpenOptions::new().open_as_on(Line::new(module).host()).unwrap();
    let mut settings = modem.settings();
    settings.ssl_slot = Some(SLOT);
    modem.configure(settings).unwrap();
    modem.attach(&AccessPoint::default()).unwrap();
    modem
}

fn login(modem: &mut ChinaMobile, protection: Protection) -> ftp_modem::Result<()> {
    let security = if protection == Protection::Explicit { Security::Explicit } else { Security::Implicit };
    modem.login(&Server::new(NAME, "anonymous", "anybody").with_security(security)).map(drop)
}

#[test]
fn files_pass_both_ways_when_the_authority_in_the_slot_has_signed_the_certificate() {
    for protection in [Protection::Explicit, Protection::Implicit, Protection::ImplicitResumed] {
        let authority = Authority::new();
        let server = FtpsServer::start(protection, &authority.identity(NAME));
        let content = pattern(10_000);
        let mut modem = modem(&server, &authority);
        login(&mut modem, protection).unwrap();
        modem.store("f", &Store::create().with_length(10_000), &mut &content[..]).unwrap();
        assert!(fs::read(server.root().join("f")).unwrap() == content, "{protection:?}");
        let mut back = Vec::new();
        modem.retrieve("f", &Retrieve::whole(), &mut back).unwrap();
        assert!(back == content, "{protection:?}");
        modem.logout().unwrap();
    }
}

#[test]
fn a_server_that_cannot_be_trusted_gets_no_login() {
    let authority = Authority::new();
    let refused: [(&str, Identity); 3] = [
        ("another authority", Authority::new().identity(NAME)),
        ("expired", authority.expired(NAME)),
        ("another name", authority.identity("other.example")),
    ];
    for (case, identity) in refused {
        for protection in [Protection::Explicit, Protection::Implicit] {
            let server = FtpsServer::start(protection, &identity);
            let error = login(&mut modem(&server, &authority), protection).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Tls, "{case}, {protection:?}: {error}");
        }
    }
}
