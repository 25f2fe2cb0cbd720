//! FTPS: the SSL context (`AT+QSSLCFG`, SSL application note of the module; FTP(S) application note §3.2).
//!
//! The note's own example checks no certificate and uses TLS 1.0. Here the server is checked unless the caller demands
//! otherwise: security level, authority, name and clock are all sent, because as delivered each of them is off.

use log::{debug, warn};

use super::module_files::{self, FILE, check_module_name};
use super::{module_download, module_upload};
use crate::at::Command;
use crate::backend::context::Context;
use crate::backend::driver::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{Retrieve, Tls};

/// The module's file for an authority given as PEM.
const AUTHORITY: &str = "UFS:ftp-modem-ca.pem";
/// How every certificate in PEM begins (RFC 7468 §2).
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";
/// Longest PEM text taken: hundreds of certificates, and less than the smallest file system seen (280 KB on EG800K).
const LONGEST_PEM: usize = 64 * 1024;

/// Version of TLS (`sslversion`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.0, long broken; for servers that have nothing better.
    Tls10,
    /// TLS 1.1, also broken.
    Tls11,
    /// TLS 1.2.
    #[default]
    Tls12,
    /// The best that module and server both have, SSL 3.0 included.
    Any,
}

/// A certificate of the module's own, for servers that demand one: names of two of the module's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate (`clientcert`), PEM.
    pub certificate_file: String,
    /// Its private key (`clientkey`), PEM.
    pub key_file: String,
}

/// What of `AT+QSSLCFG` is particular to Quectel modules. Whether the server is checked, and by which authority, is in
/// [`Server::tls`](crate::Server::tls).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsSettings {
    /// Name of the module's file that holds the authority's certificate (`cacert`), used where
    /// [`Tls::ca_pem`](crate::modem::Tls::ca_pem) gives none. Default: none.
    pub ca_file: Option<String>,
    /// Certificate of the module's own (security level 2). Default: none.
    pub client: Option<ClientCertificate>,
    /// Version of TLS. Default: TLS 1.2.
    pub version: TlsVersion,
    /// Whether the module sends the server's name (`sni`), without which shared servers show the wrong certificate.
    /// Default: `true`.
    pub server_name: bool,
    /// Whether the times in certificates are checked (`ignorelocaltime` 0), which needs a module whose clock is right.
    /// Default: `true`.
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

    /// Checks that there is an authority to check the server by, unless the caller demands no check.
    pub(super) fn check_authority(&self, tls: &Tls) -> Result<()> {
        let refuse = |why: &'static str| Err(Error::new(ErrorKind::InvalidInput, why));
        match &tls.ca_pem {
            // QSSLCFG seclevel 2 shows a certificate, and checks the server's.
            _ if tls.insecure && self.client.is_some() => {
                refuse("a client certificate needs a check of the server: state the certificate of an authority")
            }
            _ if tls.insecure => Ok(()),
            Some(pem) if pem.len() > LONGEST_PEM => refuse("the authority's certificate is too long"),
            Some(pem) if pem.windows(CERTIFICATE.len()).any(|text| text == CERTIFICATE) => Ok(()),
            Some(_) => refuse("the authority's certificate is not one in PEM"),
            None if self.ca_file.is_some() => Ok(()),
            None => {
                refuse("FTPS needs the certificate of an authority, or the explicit choice to accept any certificate")
            }
        }
    }

    /// Sets SSL context `context` up.
    pub(super) fn send(&self, cx: &mut Context, context: u8, tls: &Tls) -> Result<()> {
        let key = |key: &'static str| Command::set("+QSSLCFG").literal(key).number(context);
        let version: u8 = match self.version {
            TlsVersion::Tls10 => 1,
            TlsVersion::Tls11 => 2,
            TlsVersion::Tls12 => 3,
            TlsVersion::Any => 4,
        };
        let authority = match &tls.ca_pem {
            _ if tls.insecure => None,
            Some(pem) => {
                provide_authority(cx, pem)?;
                Some(AUTHORITY)
            }
            None => self.ca_file.as_deref(),
        };
        // 0 checks nobody, 1 the server, 2 the server, and shows a certificate of the module's own.
        let level: u8 = match (authority, &self.client) {
            (None, _) => 0,
            (Some(_), None) => 1,
            (Some(_), Some(_)) => 2,
        };
        if level == 0 {
            warn!("{}: the server's certificate is not checked", cx.engine.link().name());
        }
        cx.set(key("\"ciphersuite\"").literal("0xffff"))?;
        cx.set(key("\"seclevel\"").number(level))?;
        cx.set(key("\"sslversion\"").number(version))?;
        if let Some(name) = authority {
            cx.set(key("\"cacert\"").text(&FILE, name))?;
        }
        if let (2, Some(client)) = (level, &self.client) {
            cx.set(key("\"clientcert\"").text(&FILE, &client.certificate_file))?;
            cx.set(key("\"clientkey\"").text(&FILE, &client.key_file))?;
        }
        cx.set(key("\"ignorelocaltime\"").number(u8::from(!self.check_time || level == 0)))?;
        // An older firmware sends no names; a server that needs its name will fail the handshake.
        if !cx.set_if_known(key("\"sni\"").number(u8::from(self.server_name)))? {
            debug!("{}: no server names in this firmware", cx.engine.link().name());
        }
        Ok(())
    }
}

/// Makes sure that the authority's file holds `pem`. Flash wears out, so a file that holds it already is left alone.
fn provide_authority(cx: &mut Context, pem: &[u8]) -> Result<()> {
    if let Some(size) = module_files::size(cx, AUTHORITY)? {
        let mut present = Vec::new();
        if size == pem.len() as u64 {
            module_download::read(cx, AUTHORITY, &Retrieve::whole(), &mut present)?;
        }
        if present == pem {
            return Ok(());
        }
        module_files::remove(cx, AUTHORITY)?;
    }
    let mut reader = pem;
    let mut source = Source::new(&mut reader, Some(pem.len() as u64));
    module_upload::write(cx, AUTHORITY, module_upload::Pacing::Flow, &mut source)
}
