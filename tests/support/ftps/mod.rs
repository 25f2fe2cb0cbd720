//! FTPS servers on loopback, with certificates made for one test.
//!
//! The server is libunftp, which speaks explicit FTPS itself. For implicit FTPS, and to require resumed TLS sessions,
//! stands a [`front`] before it.

#![allow(dead_code, reason = "no suite uses all of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[allow(clippy::duplicate_mod, reason = "some suites have both kinds of servers")]
#[path = "../../../examples/demo/folder.rs"]
mod folder;
mod front;

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

/// The name that servers are called by.
pub const NAME: &str = "ftp.example";

/// Somebody who signs certificates.
pub struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A server's certificate and its key, in PEM.
#[derive(Clone)]
pub struct Identity {
    certificate: String,
    key: String,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "authority of one test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// The authority's own certificate, in PEM.
    pub fn pem(&self) -> &[u8] {
        self.certificate.as_bytes()
    }

    /// A certificate for the server `name`.
    pub fn identity(&self, name: &str) -> Identity {
        self.sign(name, |_| ())
    }

    /// A certificate for the server `name` that is not valid any more.
    pub fn expired(&self, name: &str) -> Identity {
        self.sign(name, |params| {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        })
    }

    fn sign(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Identity { certificate, key: key.serialize_pem() }
    }
}

/// How a server protects its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// `AUTH TLS` after the greeting.
    Explicit,
    /// TLS from the first byte.
    Implicit,
    /// The same, and a data connection must resume the TLS session of the control connection, or the transfer ends
    /// with `522`.
    ImplicitResumed,
}

/// A server of a directory of its own that lives as long as this.
pub struct FtpsServer {
    address: SocketAddr,
    root: tempfile::TempDir,
    _certificates: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

impl FtpsServer {
    pub fn start(protection: Protection, identity: &Identity) -> Self {
        let root = tempfile::tempdir().unwrap();
        let certificates = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let behind = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let files = root.path().to_owned();
        let files = Box::new(move || folder::Folder(files.clone()));
        let mut builder = libunftp::ServerBuilder::new(files).passive_host(Ipv4Addr::LOCALHOST);
        if protection == Protection::Explicit {
            let [certificate, key] = ["server.pem", "server.key"].map(|name| certificates.path().join(name));
            std::fs::write(&certificate, &identity.certificate).unwrap();
            std::fs::write(&key, &identity.key).unwrap();
            builder = builder.ftps(certificate, key).ftps_required(true, true);
        }
        let _guard = runtime.enter();
        let server = builder.build().unwrap();
        runtime.spawn(async move { server.listen(behind.to_string()).await.unwrap() });
        let patience = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(behind).is_err() && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(5));
        }
        let address = match protection {
            Protection::Explicit => behind,
            Protection::Implicit => front::start(behind, identity, false),
            Protection::ImplicitResumed => front::start(behind, identity, true),
        };
        drop(_guard);
        Self { address, root, _certificates: certificates, _runtime: runtime }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The directory whose files the server has.
    pub fn root(&self) -> &Path {
        self.root.path()
    }
}
