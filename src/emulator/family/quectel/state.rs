//! The state of the Quectel FTP client.

use std::collections::VecDeque;

use super::config::Config;
use super::control::Control;
use super::data::{Data, Paused, Put, Transfer, Uploaded};
use super::failure::Failure;
use super::files::Files;
use super::gsm::GsmClient;
use super::network::Network;
use super::options::QuectelOptions;
use super::results::Results;
use super::tls::TlsContexts;

/// `<ftpstat>` of §2.17.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Opening = 0,
    Idle = 1,
    Transferring = 2,
    Closing = 3,
    Closed = 4,
}

/// The session, as far as it concerns all commands.
pub(super) struct Session {
    pub(super) state: State,
    /// The PDP context it was opened in.
    pub(super) context: u64,
    /// What is being done, and reported later.
    pub(super) job: Option<Job>,
    /// Commands accepted while another one is under way.
    pub(super) waiting: VecDeque<(String, Control)>,
    /// An upload from its `CONNECT` to its result, or to its last piece.
    pub(super) put: Option<Put>,
    /// Error 615 has left the client busy until it is closed.
    pub(super) wedged: bool,
    /// The answer to `AT+QFTPLEN`.
    pub(super) transferred: u64,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            state: State::Closed,
            context: 0,
            job: None,
            waiting: VecDeque::new(),
            put: None,
            wedged: false,
            transferred: 0,
        }
    }
}

/// Something the network takes time for.
pub(super) struct Job {
    /// The command it was begun by.
    pub(super) name: String,
    pub(super) work: Work,
    /// Whether it takes longer than the module waits.
    pub(super) expired: bool,
}

pub(super) enum Work {
    Open {
        host: String,
        port: u16,
    },
    Close,
    Control(Control),
    Transfer(Transfer),
    /// Only the result is left to say.
    Report(Result<String, Failure>),
    /// An upload is to be closed and reported.
    FinishPut(Uploaded),
}

/// The Quectel FTP client.
pub(crate) struct Quectel {
    pub(super) options: QuectelOptions,
    pub(super) config: Config,
    pub(super) network: Network,
    pub(super) tls: TlsContexts,
    pub(super) files: Files,
    pub(super) results: Results,
    pub(super) session: Session,
    pub(super) gsm_client: GsmClient,
    pub(super) data: Data,
    pub(super) paused: Option<Paused>,
    /// How many data connections could not be opened since power-on.
    pub(super) data_failures: u32,
    /// Where the next download stalls.
    pub(super) stall: Option<u64>,
    /// Whether the options of the common part have been looked at.
    pub(super) started: bool,
}

impl Quectel {
    pub(crate) fn new(options: &QuectelOptions) -> Self {
        Self {
            options: options.clone(),
            config: Config::new(options),
            network: Network::default(),
            tls: TlsContexts::default(),
            files: Files::new(options),
            results: Results::new(options),
            session: Session::default(),
            gsm_client: GsmClient::default(),
            data: Data::default(),
            paused: None,
            data_failures: 0,
            stall: options.stall_download_at,
            started: false,
        }
    }
}
