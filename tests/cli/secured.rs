//! FTPS end to end: the tool, an emulated module with a TLS client, and a real server with a certificate of its own.

use std::fs;
use std::path::Path;

use ftp_modem::emulator::{Family, FtpRemote, Options, PtyModule, QuectelOptions};

use crate::ftps::{Authority, FtpsServer, NAME, Protection};
use crate::rig::{Ran, run, tool};

const PROTECTIONS: [Protection; 3] = [Protection::Explicit, Protection::Implicit, Protection::ImplicitResumed];
const CONTENT: &[u8] = b"\x00\xff12345\r\n";

/// A Quectel module that also checks the name in a certificate, with a way to the server.
fn module(server: &FtpsServer) -> PtyModule {
    let options = Options::default().with_quectel(QuectelOptions::default().with_checks_server_name(true));
    let remote = FtpRemote::new().with_host(NAME, server.address());
    PtyModule::spawn(Family::Quectel, Box::new(remote), options).unwrap()
}

/// Runs the tool once.
fn transfer(server: &FtpsServer, protection: Protection, trust: &[&str], command: &[&str]) -> Ran {
    let module = module(server);
    let tls = if protection == Protection::Explicit { "explicit" } else { "implicit" };
    let url = format!("ftp://anonymous@{NAME}");
    let target = ["--port", module.path(), "--vendor", "quectel", "--retries", "0", "--server", &url, "--tls", tls];
    run(tool().args(target).args(trust).args(command).env("FTP_MODEM_PASSWORD", "anybody"))
}

/// Keeps the certificate of an authority in a file.
fn certificate(folder: &Path, authority: &Authority) -> String {
    let file = folder.join("ca.pem");
    fs::write(&file, authority.pem()).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_file_passes_both_ways_when_the_right_authority_has_signed_the_certificate() {
    for protection in PROTECTIONS {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new();
        let trust = ["--ca", &certificate(folder.path(), &authority)];
        let server = FtpsServer::start(protection, &authority.identity(NAME));
        let local = folder.path().join("f");
        fs::write(&local, CONTENT).unwrap();
        transfer(&server, protection, &trust, &["put", local.to_str().unwrap(), "/f"]).expect(0);
        assert_eq!(fs::read(server.root().join("f")).unwrap(), CONTENT, "{protection:?}");
        let ran = transfer(&server, protection, &trust, &["get", "/f", "-"]).expect(0);
        assert_eq!(ran.stdout, CONTENT, "{protection:?}");
        let rows = transfer(&server, protection, &trust, &["ls", "/"]).expect(0);
        assert!(rows.stdout.ends_with(b" f\n"), "{protection:?}: {}", rows.stdout.escape_ascii());
    }
}

#[test]
fn a_server_that_cannot_be_trusted_gets_and_gives_nothing() {
    for protection in [Protection::Explicit, Protection::Implicit] {
        let folder = tempfile::tempdir().unwrap();
        let [authority, other] = [(); 2].map(|()| Authority::new());
        let trust = ["--ca", &certificate(folder.path(), &authority)];
        for (case, identity) in [
            ("another authority", other.identity(NAME)),
            ("expired", authority.expired(NAME)),
            ("another name", authority.identity("other.example")),
        ] {
            let server = FtpsServer::start(protection, &identity);
            fs::write(server.root().join("f"), CONTENT).unwrap();
            let ran = transfer(&server, protection, &trust, &["get", "/f", "-"]);
            assert_ne!(ran.status, 0, "{case}, {protection:?}");
            assert!(ran.stdout.is_empty() && ran.stderr.contains("TLS"), "{case}, {protection:?}: {}", ran.stderr);
        }
    }
}

#[test]
fn insecure_takes_any_certificate() {
    for protection in PROTECTIONS {
        let server = FtpsServer::start(protection, &Authority::new().expired("other.example"));
        fs::write(server.root().join("f"), CONTENT).unwrap();
        let ran = transfer(&server, protection, &["--insecure"], &["get", "/f", "-"]).expect(0);
        assert_eq!(ran.stdout, CONTENT, "{protection:?}");
    }
}
