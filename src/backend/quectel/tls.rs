//! FTPS: the SSL context (`AT+QSSLCFG`, SSL application note of the module; FTP(S) application note §3.2).
//!
//! The note's own example checks no certificate and speaks TLS 1.0. Here the server is checked unless the caller says
//! otherwise: security level, authority, name and clock are all written, because as delivered each of them is off.

use log::{debug, warn};

use super::Quectel;
use super::module_files::{FILE, check_module_name};
use super::settings::TransferMode;
use crate::at::Command;
use crate::backend::exchange::is_refusal;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Retrieve, Security, Server, Tls};

/// Where an authority given as PEM is put.
const AUTHORITY: &str = "UFS:ftp-modem-ca.pem";
/// How every certificate in PEM begins (RFC 7468 §2).
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";
/// Longest PEM text taken: hundreds of certificates, and less than the smallest file system seen (280 KB on EG800K).
const LONGEST_PEM: usize = 64 * 1024;

/// Version of TLS (`sslversion`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.0, long broken; for servers that know no better.
    Tls10,
    /// TLS 1.1, also broken.
    Tls11,
    /// TLS 1.2.
    #[default]
    Tls12,
    /// The best that module and server both know, SSL 3.0 included.
    Any,
}

/// A certificate of the module's own, for servers that ask for one: names of two of the module's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate (`clientcert`), PEM.
    pub certificate_file: String,
    /// Its private key (`clientkey`), PEM.
    pub key_file: String,
}

/// What of `AT+QSSLCFG` is particular to Quectel modules; whether and by whom the server is checked is said by
/// [`Server::tls`](crate::Server::tls).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsSettings {
    /// Name of the module's file that holds the authority's certificate (`cacert`), used where
    /// [`Tls::ca_pem`](crate::modem::Tls::ca_pem) gives none. Defaults to none.
    pub ca_file: Option<String>,
    /// Certificate of the module's own (security level 2). Defaults to none.
    pub client: Option<ClientCertificate>,
    /// Version of TLS. Defaults to TLS 1.2.
    pub version: TlsVersion,
    /// Whether the server is told its name (`sni`), without which shared servers show the wrong certificate. Defaults to `true`.
    pub server_name: bool,
    /// Whether the times in certificates are checked (`ignorelocaltime` 0), which needs a module whose clock is right. Defaults
    /// to `true`.
    pub check_time: bool,
}

impl Default for TlsSettings {
    fn default() -> Self {
        TlsSettings { ca_file: None, client: None, version: TlsVersion::default(), server_name: true, check_time: true }
    }
}

impl TlsSettings {
    pub(super) fn check(&self) -> Result<()> {
        let client = self.client.as_ref().map(|client| [&client.certificate_file, &client.key_file]);
        self.ca_file.iter().chain(client.into_iter().flatten()).try_for_each(|name| check_module_name(&FILE, name))
    }
}

impl Quectel {
    /// Whether a session with `server` can be protected as asked for, before anything is sent.
    pub(super) fn check_security(&self, server: &Server) -> Result<()> {
        let refuse = |why: &'static str| Err(Error::new(ErrorKind::InvalidInput, why));
        if server.security == Security::None {
            return Ok(());
        }
        // Note §2.1, remark.
        if self.settings.mode == TransferMode::Active {
            return refuse("FTPS is not possible in active mode");
        }
        match &server.tls {
            Tls { insecure: true, .. } => Ok(()),
            Tls { ca_pem: Some(pem), .. } if pem.len() > LONGEST_PEM => {
                refuse("the authority's certificate is too long")
            }
            Tls { ca_pem: Some(pem), .. } => match pem.windows(CERTIFICATE.len()).any(|text| text == CERTIFICATE) {
                true => Ok(()),
                false => refuse("the authority's certificate is not one in PEM"),
            },
            Tls { ca_pem: None, .. } if self.settings.tls.ca_file.is_some() => Ok(()),
            Tls { ca_pem: None, .. } => {
                refuse("FTPS needs the certificate of an authority, or to be told that any certificate will do")
            }
        }
    }

    /// Sets the SSL context up.
    pub(super) fn write_tls_settings(&mut self, server: &Server) -> Result<()> {
        let TlsSettings { ca_file, client, version, server_name, check_time } = self.settings.tls.clone();
        let context = self.settings.tls_context;
        let key = |key: &'static str| Command::set("+QSSLCFG").literal(key).number(context);

        let version: u8 = match version {
            TlsVersion::Tls10 => 1,
            TlsVersion::Tls11 => 2,
            TlsVersion::Tls12 => 3,
            TlsVersion::Any => 4,
        };
        let authority = match &server.tls {
            Tls { insecure: true, .. } => None,
            Tls { ca_pem: Some(pem), .. } => {
                self.provide_authority(pem)?;
                Some(AUTHORITY.to_owned())
            }
            Tls { ca_pem: None, .. } => ca_file,
        };
        // 0 checks nobody, 1 the server, 2 the server, and shows a certificate of the module's own.
        let level: u8 = match (&authority, &client) {
            (None, _) => 0,
            (Some(_), None) => 1,
            (Some(_), Some(_)) => 2,
        };
        if level == 0 {
            warn!("{}: the server's certificate is not checked", self.engine.port());
        }
        self.set(key("\"ciphersuite\"").literal("0xffff"))?;
        self.set(key("\"seclevel\"").number(level))?;
        self.set(key("\"sslversion\"").number(version))?;
        if let Some(name) = &authority {
            self.set(key("\"cacert\"").text(&FILE, name))?;
        }
        if let (2, Some(client)) = (level, &client) {
            self.set(key("\"clientcert\"").text(&FILE, &client.certificate_file))?;
            self.set(key("\"clientkey\"").text(&FILE, &client.key_file))?;
        }
        self.set(key("\"ignorelocaltime\"").number(u8::from(!check_time || level == 0)))?;
        match self.set(key("\"sni\"").number(u8::from(server_name))) {
            // An older firmware knows no names; a server that needs its name will fail the handshake.
            Err(error) if is_refusal(error.kind()) => debug!("no server names here: {error}"),
            other => other?,
        }
        Ok(())
    }

    /// Makes sure that the authority's file holds `pem`. Flash wears out, so a file that holds it already is left alone.
    fn provide_authority(&mut self, pem: &[u8]) -> Result<()> {
        if let Some(size) = self.told_module_size(AUTHORITY)? {
            let mut present = Vec::new();
            if size == pem.len() as u64 {
                self.read_module_file(AUTHORITY, &Retrieve::whole(), &mut present)?;
            }
            if present == pem {
                return Ok(());
            }
            self.set(Command::set("+QFDEL").text(&FILE, AUTHORITY))?;
        }
        let mut source = pem;
        self.write_module_file(AUTHORITY, pem.len() as u64, false, &mut source, &mut 0)
    }
}
