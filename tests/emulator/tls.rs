//! FTPS from emulated modules to a real server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use crate::emulator::{
    Family, FtpRemote, Module, NetworkCause, Options, Remote, RemoteError, StoreMode, Tls, Trust, UnsupportedModes,
};
use crate::ftps::{Authority, FtpsServer, Identity, NAME, Protection};

const PROTECTIONS: [(Protection, Tls); 3] = [
    (Protection::Explicit, Tls::Explicit),
    (Protection::Implicit, Tls::Implicit),
    (Protection::ImplicitResumed, Tls::Implicit),
];
const REFUSED: RemoteError = RemoteError::Network(NetworkCause::Tls);

/// A client that reaches the server under its name.
fn client(server: &FtpsServer, trust: Trust) -> FtpRemote {
    let mut remote = FtpRemote::new().with_host(NAME, server.address());
    remote.trust(trust);
    remote
}

#[test]
fn files_pass_over_tls() {
    let authority = Authority::new();
    let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for (protection, tls) in PROTECTIONS {
        let server = FtpsServer::start(protection, &authority.identity(NAME));
        for trust in [Trust::default(), Trust::default().with_authority(authority.pem()).with_checks_name(true)] {
            let mut remote = client(&server, trust);
            remote.connect(NAME, 21, tls).unwrap();
            remote.login("anonymous", "x").unwrap();
            let mut upload = remote.store("f", StoreMode::Create).unwrap();
            upload.write_all(&content).unwrap();
            upload.finish().unwrap();
            assert_eq!(std::fs::read(server.root().join("f")).unwrap(), content, "{protection:?}");
            let mut back = Vec::new();
            remote.retrieve("f", 0).unwrap().read_to_end(&mut back).unwrap();
            assert_eq!(back, content, "{protection:?}");
            remote.quit().unwrap();
        }
    }
}

#[test]
fn a_certificate_is_checked_as_far_as_the_trust_goes() {
    let authority = Authority::new();
    let trusting = || Trust::default().with_authority(authority.pem());
    let refused = || Err(REFUSED);
    let wrong_name = authority.identity("other.example");
    let cases: [(Identity, Trust, Result<(), RemoteError>); 9] = [
        (authority.identity(NAME), trusting(), Ok(())),
        (authority.identity(NAME), Trust::default().with_authority(Authority::new().pem()), refused()),
        (authority.identity(NAME), Trust::default().with_authority(b""), refused()),
        (Authority::new().identity(NAME), Trust::default(), Ok(())),
        (authority.expired(NAME), trusting(), refused()),
        (authority.expired(NAME), trusting().with_ignores_clock(true), Ok(())),
        (authority.expired(NAME), Trust::default(), Ok(())),
        (wrong_name.clone(), trusting(), Ok(())),
        (wrong_name, trusting().with_checks_name(true), refused()),
    ];
    for (index, (identity, trust, wanted)) in cases.into_iter().enumerate() {
        for (protection, tls) in &PROTECTIONS[..2] {
            let server = FtpsServer::start(*protection, &identity);
            assert_eq!(client(&server, trust.clone()).connect(NAME, 21, *tls), wanted, "{index}, {protection:?}");
        }
    }
}

#[test]
fn a_server_may_require_that_data_connections_resume_the_session() {
    let authority = Authority::new();
    let server = FtpsServer::start(Protection::ImplicitResumed, &authority.identity(NAME));
    std::fs::write(server.root().join("f"), "12345").unwrap();
    let mut remote = client(&server, Trust::default().with_fresh_sessions(true));
    remote.connect(NAME, 990, Tls::Implicit).unwrap();
    remote.login("anonymous", "x").unwrap();
    for _ in 0..2 {
        let failure = remote.retrieve("f", 0).unwrap().read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(RemoteError::from_io(&failure).code(), Some(522), "{failure}");
        assert_eq!(remote.size("f"), Ok(5));
    }
}

#[test]
fn a_server_without_tls_fails_an_implicit_handshake() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || listener.accept().unwrap().0.write_all(b"220 plain\r\n").unwrap());
    let mut remote = FtpRemote::new().with_host(NAME, address);
    assert_eq!(remote.connect(NAME, 990, Tls::Implicit), Err(REFUSED));
    server.join().unwrap();
}

/// A module whose remote side is the server.
fn module(family: Family, server: &FtpsServer, change: impl FnOnce(&mut Options)) -> Module {
    let mut options = Options::default().with_echo(false).with_pdp_active(true);
    options.china_mobile.unsupported_modes = UnsupportedModes::Supported;
    change(&mut options);
    Module::new(family, Box::new(FtpRemote::new().with_host(NAME, server.address())), options)
}

fn exchange(module: &mut Module, bytes: &[u8]) -> String {
    let mut out = Vec::new();
    module.receive(Duration::ZERO, bytes);
    loop {
        let before = out.len();
        module.transmit(Duration::ZERO, &mut out);
        if out.len() == before {
            return String::from_utf8_lossy(&out).into_owned();
        }
    }
}

fn commands(module: &mut Module, lines: &[&str]) {
    for line in lines {
        assert_eq!(exchange(module, format!("AT{line}\r").as_bytes()), "\r\nOK\r\n", "{line}");
    }
}

/// Who has signed the server's certificate, and what the module makes of it with verification on and off.
fn certificates() -> [(&'static str, Authority, Identity, bool); 4] {
    let [right, stranger, late, other] = [(); 4].map(|()| Authority::new());
    let identities =
        [right.identity(NAME), Authority::new().identity(NAME), late.expired(NAME), other.identity("o.example")];
    let [signed, strange, expired, misnamed] = identities;
    [
        ("the right authority", right, signed, true),
        ("another authority", stranger, strange, false),
        ("the right authority, long ago", late, expired, false),
        ("the right authority, for another name", other, misnamed, false),
    ]
}

#[test]
fn a_quectel_module_trusts_the_authority_in_its_file_alone() {
    for (case, authority, identity, is_trusted) in certificates() {
        for (protection, kind) in [(Protection::Explicit, "2"), (Protection::Implicit, "1")] {
            let server = FtpsServer::start(protection, &identity);
            std::fs::write(server.root().join("f"), "12345").unwrap();
            for (level, opened) in [("1", if is_trusted { "0,0" } else { "631,0" }), ("0", "0,0")] {
                let mut module = module(Family::Quectel, &server, |options| options.quectel.checks_server_name = true);
                exchange(&mut module, format!("AT+QFUPL=\"ca.pem\",{}\r", authority.pem().len()).as_bytes());
                exchange(&mut module, authority.pem());
                commands(
                    &mut module,
                    &[
                        "+QSSLCFG=\"cacert\",1,\"ca.pem\"",
                        "+QSSLCFG=\"ignorelocaltime\",1,0",
                        &format!("+QSSLCFG=\"seclevel\",1,{level}"),
                        "+QFTPCFG=\"sslctxid\",1",
                        &format!("+QFTPCFG=\"ssltype\",{kind}"),
                        "+QFTPCFG=\"transmode\",1",
                    ],
                );
                let answer = exchange(&mut module, format!("AT+QFTPOPEN=\"{NAME}\",21\r").as_bytes());
                let wanted = format!("\r\nOK\r\n\r\n+QFTPOPEN: {opened}\r\n");
                assert_eq!(answer, wanted, "{case}, {protection:?}, level {level}");
                if opened == "0,0" {
                    let data = exchange(&mut module, b"AT+QFTPGET=\"f\",\"COM:\"\r");
                    assert_eq!(data, "\r\nCONNECT\r\n12345\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n");
                    exchange(&mut module, b"AT+QFTPPUT=\"g\",\"COM:\",0,3,1\r");
                    assert_eq!(exchange(&mut module, b"abc"), "\r\nOK\r\n\r\n+QFTPPUT: 0,3\r\n");
                    assert_eq!(std::fs::read(server.root().join("g")).unwrap(), b"abc");
                }
            }
        }
    }
}

#[test]
fn a_china_mobile_module_trusts_its_certificate_alone() {
    for (case, authority, identity, is_trusted) in certificates() {
        for (protection, kind) in [(Protection::Explicit, "2"), (Protection::Implicit, "1")] {
            let server = FtpsServer::start(protection, &identity);
            std::fs::write(server.root().join("f"), "12345").unwrap();
            for (auth, opened) in [("1", if is_trusted { "0" } else { "7" }), ("0", "0")] {
                let mut module =
                    module(Family::ChinaMobile, &server, |options| options.china_mobile.checks_server_name = true);
                let length = authority.pem().len();
                let prompt = exchange(&mut module, format!("AT+MSSLCERTWR=\"ca\",0,{length}\r").as_bytes());
                assert_eq!(prompt, "\r\n>");
                assert_eq!(exchange(&mut module, authority.pem()), "\r\nOK\r\n");
                commands(
                    &mut module,
                    &[
                        "+MSSLCFG=\"cert\",3,\"ca\"",
                        &format!("+MSSLCFG=\"auth\",3,{auth}"),
                        &format!("+MFTPCFG=0,\"ssl\",{kind},3"),
                    ],
                );
                let answer = exchange(&mut module, format!("AT+MFTPCONN=0,\"{NAME}\"\r").as_bytes());
                let wanted = format!("\r\nOK\r\n\r\n+MFTPCONN: 0,{opened}\r\n");
                assert_eq!(answer, wanted, "{case}, {protection:?}, auth {auth}");
                if opened == "0" {
                    let data = exchange(&mut module, b"AT+MFTPRETR=0,\"f\"\r");
                    assert_eq!(data, "\r\nOK\r\n\r\n+MFTPRETR: 0,0,5,5,12345\r\n");
                }
            }
        }
    }
}

#[test]
fn modules_report_a_server_that_requires_resumed_sessions() {
    let server = FtpsServer::start(Protection::ImplicitResumed, &Authority::new().identity(NAME));
    std::fs::write(server.root().join("f"), "12345").unwrap();
    for (is_fresh, wanted) in [(false, "5,5,12345"), (true, "10")] {
        let mut module =
            module(Family::ChinaMobile, &server, |options| options.china_mobile.fresh_tls_sessions = is_fresh);
        commands(&mut module, &["+MFTPCFG=0,\"ssl\",1,0"]);
        exchange(&mut module, format!("AT+MFTPCONN=0,\"{NAME}\"\r").as_bytes());
        let data = exchange(&mut module, b"AT+MFTPRETR=0,\"f\"\r");
        let wanted = if is_fresh { format!("0,{wanted}") } else { format!("0,0,{wanted}") };
        assert_eq!(data, format!("\r\nOK\r\n\r\n+MFTPRETR: {wanted}\r\n"));
    }
    for (is_fresh, wanted) in [(false, "12345\r\nOK\r\n\r\n+QFTPGET: 0,5"), (true, "\r\nOK\r\n\r\n+QFTPGET: 601,522")] {
        let mut module = module(Family::Quectel, &server, |options| options.quectel.fresh_tls_sessions = is_fresh);
        commands(&mut module, &["+QFTPCFG=\"ssltype\",1", "+QFTPCFG=\"transmode\",1"]);
        exchange(&mut module, format!("AT+QFTPOPEN=\"{NAME}\",990\r").as_bytes());
        let data = exchange(&mut module, b"AT+QFTPGET=\"f\",\"COM:\"\r");
        assert_eq!(data, format!("\r\nCONNECT\r\n{wanted}\r\n"));
    }
}

#[test]
fn the_settings_of_certificates_are_read_back() {
    let server = FtpsServer::start(Protection::Implicit, &Authority::new().identity(NAME));
    let mut module = module(Family::ChinaMobile, &server, |_| ());
    for (line, answer) in [
        ("+MSSLCFG=\"cert\",0", "+MSSLCFG: \"cert\",0,\"NULL\",\"NULL\",\"NULL\"\r\n\r\nOK"),
        ("+MSSLCFG=\"cert\",0,\"ca\"", "OK"),
        ("+MSSLCFG=\"cert\",0", "+MSSLCFG: \"cert\",0,\"ca\",\"NULL\",\"NULL\"\r\n\r\nOK"),
        ("+MSSLCFG=\"sni\",5,1", "OK"),
        ("+MSSLCFG=\"sni\",5", "+MSSLCFG: \"sni\",5,1\r\n\r\nOK"),
        ("+MSSLCFG=\"ignoreverify\",0,2", "+CME ERROR: 50"),
        ("+MSSLCFG=\"auth\",6,1", "+CME ERROR: 50"),
        ("+MSSLCERTWR=\"ca\",0,8193", "+CME ERROR: 50"),
    ] {
        assert_eq!(exchange(&mut module, format!("AT{line}\r").as_bytes()), format!("\r\n{answer}\r\n"), "{line}");
    }
}
