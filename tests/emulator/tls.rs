//! FTPS from emulated modules to a real server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::emulator::{
    Family, FtpRemote, Module, NetworkCause, Options, Remote, RemoteError, StoreMode, Tls, Trust, UnsupportedModes,
};

/// Signed the server's certificate, which names `ftp.example`.
const AUTHORITY: &[u8] = include_bytes!("tls/authority.pem");
/// Did not sign it.
const STRANGER: &[u8] = include_bytes!("tls/stranger.pem");

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulator/tls").join(name)
}

/// A server of `root` on loopback that lives as long as the runtime.
fn serve(root: &Path) -> (tokio::runtime::Runtime, SocketAddr) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let root = root.to_owned();
    runtime.spawn(async move {
        let files = Box::new(move || unftp_sbe_fs::Filesystem::new(root.clone()).unwrap());
        let server = libunftp::ServerBuilder::new(files)
            .passive_host(Ipv4Addr::LOCALHOST)
            .ftps(file("server.pem"), file("server.key"))
            .ftps_required(true, true)
            .build()
            .unwrap();
        server.listen(address.to_string()).await.unwrap();
    });
    let patience = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(address).is_err() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(5));
    }
    (runtime, address)
}

fn trust(authority: Option<&[u8]>) -> Trust {
    Trust { authority: authority.map(<[u8]>::to_vec), ..Trust::default() }
}

#[test]
fn files_pass_over_explicit_tls() {
    let root = tempfile::tempdir().unwrap();
    let (_runtime, address) = serve(root.path());
    let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for authority in [None, Some(AUTHORITY)] {
        let mut remote = FtpRemote::new().with_host("ftp.example", address);
        remote.trust(trust(authority));
        remote.connect("ftp.example", 21, Tls::Explicit).unwrap();
        remote.login("anonymous", "x").unwrap();
        let mut upload = remote.store("f", StoreMode::Create).unwrap();
        upload.write_all(&content).unwrap();
        upload.finish().unwrap();
        assert_eq!(std::fs::read(root.path().join("f")).unwrap(), content);
        let mut back = Vec::new();
        remote.retrieve("f", 0).unwrap().read_to_end(&mut back).unwrap();
        assert_eq!(back, content);
        remote.quit().unwrap();
    }
}

#[test]
fn a_server_signed_by_somebody_else_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let (_runtime, address) = serve(root.path());
    for authority in [STRANGER, b""] {
        let mut remote = FtpRemote::new().with_host("ftp.example", address);
        remote.trust(trust(Some(authority)));
        let failure = remote.connect("ftp.example", 21, Tls::Explicit);
        assert_eq!(failure, Err(RemoteError::Network(NetworkCause::Tls)));
    }
}

#[test]
fn a_server_without_tls_fails_an_implicit_handshake() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || listener.accept().unwrap().0.write_all(b"220 plain\r\n").unwrap());
    let mut remote = FtpRemote::new().with_host("ftp.example", address);
    let failure = remote.connect("ftp.example", 990, Tls::Implicit);
    assert_eq!(failure, Err(RemoteError::Network(NetworkCause::Tls)));
    server.join().unwrap();
}

#[test]
fn an_implicit_handshake_comes_before_the_greeting() {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let certificate = CertificateDer::from_pem_file(file("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, listener.accept().unwrap().0);
        stream.write_all(b"220 ready\r\n").unwrap();
        stream.flush().unwrap();
        // Until the client goes.
        drop(stream.read(&mut [0]));
    });
    let mut remote = FtpRemote::new().with_host("ftp.example", address);
    remote.trust(trust(Some(AUTHORITY)));
    remote.connect("ftp.example", 990, Tls::Implicit).unwrap();
    drop(remote);
    server.join().unwrap();
}

/// A module whose remote side is the server.
fn module(family: Family, address: SocketAddr) -> Module {
    let mut options = Options::default().with_echo(false).with_pdp_active(true);
    options.china_mobile.unsupported_modes = UnsupportedModes::Supported;
    Module::new(family, Box::new(FtpRemote::new().with_host("ftp.example", address)), options)
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

#[test]
fn a_quectel_module_trusts_the_authority_in_its_file_alone() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("f"), "12345").unwrap();
    let (_runtime, address) = serve(root.path());
    for (authority, level, opened) in [(AUTHORITY, 1, "0,0"), (STRANGER, 1, "631,0"), (STRANGER, 0, "0,0")] {
        let mut module = module(Family::Quectel, address);
        exchange(&mut module, format!("AT+QFUPL=\"ca.pem\",{}\r", authority.len()).as_bytes());
        exchange(&mut module, authority);
        for line in [
            "+QSSLCFG=\"cacert\",1,\"ca.pem\"",
            &format!("+QSSLCFG=\"seclevel\",1,{level}"),
            "+QFTPCFG=\"sslctxid\",1",
            "+QFTPCFG=\"ssltype\",2",
            "+QFTPCFG=\"transmode\",1",
        ] {
            assert_eq!(exchange(&mut module, format!("AT{line}\r").as_bytes()), "\r\nOK\r\n", "{line}");
        }
        let answer = exchange(&mut module, b"AT+QFTPOPEN=\"ftp.example\",21\r");
        assert_eq!(answer, format!("\r\nOK\r\n\r\n+QFTPOPEN: {opened}\r\n"));
        if opened == "0,0" {
            let data = exchange(&mut module, b"AT+QFTPGET=\"f\",\"COM:\"\r");
            assert_eq!(data, "\r\nCONNECT\r\n12345\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n");
        }
    }
}

#[test]
fn a_china_mobile_module_speaks_explicit_tls() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("f"), "12345").unwrap();
    let (_runtime, address) = serve(root.path());
    let mut module = module(Family::ChinaMobile, address);
    assert_eq!(exchange(&mut module, b"AT+MFTPCFG=0,\"ssl\",2,0\r"), "\r\nOK\r\n");
    let answer = exchange(&mut module, b"AT+MFTPCONN=0,\"ftp.example\"\r");
    assert_eq!(answer, "\r\nOK\r\n\r\n+MFTPCONN: 0,0\r\n");
    let data = exchange(&mut module, b"AT+MFTPRETR=0,\"f\"\r");
    assert_eq!(data, "\r\nOK\r\n\r\n+MFTPRETR: 0,0,5,5,12345\r\n");
}
