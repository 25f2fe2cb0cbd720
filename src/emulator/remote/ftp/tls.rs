//! FTPS, as a module's TLS client does it.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use suppaftp::{FtpError, RustlsConnector, RustlsFtpStream};

use super::{dial, patient};
use crate::emulator::remote::{NetworkCause, RemoteError, Tls, Trust};

const REFUSED: RemoteError = RemoteError::Network(NetworkCause::Tls);

/// Opens a control connection to `address`, protected as `tls` says.
pub(super) fn connect(
    address: std::net::SocketAddr,
    host: &str,
    tls: Tls,
    trust: &Trust,
) -> Result<RustlsFtpStream, RemoteError> {
    let connector = RustlsConnector::from(Arc::new(config(trust)?));
    let stream = match tls {
        Tls::Implicit => RustlsFtpStream::connect_secure_implicit(address, connector, host).and_then(|stream| {
            patient(&stream.get_ref()).map_err(FtpError::ConnectionError)?;
            Ok(stream)
        }),
        Tls::Explicit => dial(address)
            .map_err(FtpError::ConnectionError)
            .and_then(RustlsFtpStream::connect_with_stream)
            .and_then(|stream| stream.into_secure(connector, host)),
        Tls::Off => dial(address).map_err(FtpError::ConnectionError).and_then(RustlsFtpStream::connect_with_stream),
    };
    stream.map_err(super::translate)
}

fn config(trust: &Trust) -> Result<ClientConfig, RemoteError> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier { provider: Arc::clone(&provider), inner: inner(trust, &provider)?, trust: trust.clone() };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = builder
        .map_err(|_| REFUSED)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.enable_sni = trust.names_server;
    if trust.fresh_sessions {
        config.resumption = Resumption::disabled();
    }
    Ok(config)
}

/// What checks the chain of certificates; `None` if nothing does.
fn inner(trust: &Trust, provider: &Arc<CryptoProvider>) -> Result<Option<Arc<WebPkiServerVerifier>>, RemoteError> {
    let Some(authority) = &trust.authority else {
        return Ok(None);
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority) {
        roots.add(certificate.map_err(|_| REFUSED)?).map_err(|_| REFUSED)?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
    verifier.map(Some).map_err(|_| REFUSED)
}

/// Checks the chain of a server's certificate, and its name only on demand: no document of a module mentions the name.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    inner: Option<Arc<WebPkiServerVerifier>>,
    trust: Trust,
}

impl Verifier {
    fn excuses(&self, error: &Error) -> bool {
        let Error::InvalidCertificate(error) = error else {
            return false;
        };
        match error {
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                !self.trust.checks_name
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => self.trust.ignores_clock,
            _ => false,
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        status: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(inner) = &self.inner else {
            return Ok(ServerCertVerified::assertion());
        };
        match inner.verify_server_cert(certificate, intermediates, name, status, now) {
            Err(error) if self.excuses(&error) => Ok(ServerCertVerified::assertion()),
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
