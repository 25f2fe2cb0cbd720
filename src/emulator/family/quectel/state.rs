//! The parts of the module.

use super::client::Client;
use super::data::Data;
use super::files::Files;
use super::gsm::GsmClient;
use super::network::Network;
use super::options::QuectelOptions;
use super::tls::TlsContexts;

/// A Quectel module.
///
/// A part knows no other part but those it is given. What concerns several of them is decided here: a login needs a
/// context and certificates, a context that goes takes its session along, and the data mode serves one transfer at a
/// time.
pub(crate) struct Quectel {
    pub(super) options: QuectelOptions,
    pub(super) network: Network,
    pub(super) tls: TlsContexts,
    pub(super) files: Files,
    pub(super) client: Client,
    /// The client of [`QuectelOptions::gsm_client`], which takes the place of the other one.
    pub(super) gsm_client: GsmClient,
    pub(super) data: Data,
    /// Whether the options of the common part have been looked at.
    pub(super) started: bool,
}

impl Quectel {
    pub(crate) fn new(options: &QuectelOptions) -> Self {
        Self {
            options: options.clone(),
            network: Network::default(),
            tls: TlsContexts::default(),
            files: Files::new(options),
            client: Client::new(options),
            gsm_client: GsmClient::default(),
            data: Data::default(),
            started: false,
        }
    }
}
