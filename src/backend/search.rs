//! The search for modules: who answers on which port, and at which rate.

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use log::{debug, info};

use super::OpenOptions;
use super::identify::{self, ANSWER_LIMIT};
use crate::at::Engine;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::Identity;
use crate::transport::serial::{DEFAULT_BAUD, Serial};

/// The rates that are tried, the most frequent first: those of modules as delivered, then what users set.
const RATES: [u32; 8] = [DEFAULT_BAUD, 9600, 921_600, 460_800, 230_400, 57_600, 38_400, 19_200];

/// The time in which a module answers at its rate.
const RATE_LIMIT: Duration = Duration::from_millis(500);

/// The time after which [`OpenOptions::probe_all`] waits for no port any longer: the limit of one probe, and the time
/// that the operating system needs to open and close a port.
const PROBES_LIMIT: Duration = Duration::from_millis(1900);

impl OpenOptions {
    /// Asks who is on `port` (`ATI`), and changes nothing. A port that stays silent is abandoned after 1.5 s.
    ///
    /// Unlike [`Self::open`] it does not bring a module out of data mode.
    ///
    /// # Errors
    /// What opening the port gives ([`Self::transport`]); [`Timeout`](ErrorKind::Timeout) when nothing answers.
    pub fn probe(&self, port: &str) -> Result<Identity> {
        identify::probe(&mut Engine::new(self.transport(port)?))
    }

    /// Asks who is on each of `ports`, on all of them at once. It returns within 2 s, or 6 s with
    /// [`Self::baud_auto`], with one result a port in the same order.
    ///
    /// # Examples
    /// ```no_run
    /// use ftp_modem::OpenOptions;
    ///
    /// let ports: Vec<String> = ftp_modem::ports()?.into_iter().map(|port| port.path).collect();
    /// for (port, identity) in ports.iter().zip(OpenOptions::new().probe_all(&ports)) {
    ///     match identity {
    ///         Ok(identity) => println!("{port}: {identity}"),
    ///         Err(error) => println!("{port}: {error}"),
    ///     }
    /// }
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn probe_all(&self, ports: &[String]) -> Vec<Result<Identity>> {
        let search = if self.finds_baud { RATE_LIMIT * RATES.len() as u32 } else { Duration::ZERO };
        let end = Instant::now() + PROBES_LIMIT + search;
        let (sender, results) = channel();
        for (index, port) in ports.iter().enumerate() {
            let (options, port, sender) = (self.clone(), port.clone(), sender.clone());
            // The threads are not joined: the operating system may take long to close a port whose device takes no
            // bytes. A thread that cannot be started leaves its port without an answer.
            let started = thread::Builder::new().name("probe".to_owned()).spawn(move || {
                // Nobody may be waiting any longer.
                let _ = sender.send((index, options.probe(&port)));
            });
            if let Err(error) = started {
                debug!("no thread for a probe: {error}");
            }
        }
        drop(sender);
        let mut outcomes: Vec<Option<Result<Identity>>> = ports.iter().map(|_| None).collect();
        while let Ok((index, outcome)) = results.recv_timeout(end.saturating_duration_since(Instant::now())) {
            if let Some(place) = outcomes.get_mut(index) {
                *place = Some(outcome);
            }
        }
        let silent = || Err(Error::timeout(Phase::Acknowledgement, ANSWER_LIMIT).at_command("ATI").during("identify"));
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(silent)).collect()
    }

    /// Opens `path` at the rate at which a module answers there. Where none answers at any rate, the port is opened at
    /// the default rate: the module may be in data mode.
    pub(super) fn open_at_its_rate(&self, path: &str) -> Result<Serial> {
        for rate in RATES {
            let settings = self.serial.clone().with_baud(rate);
            let port = match Serial::open(path, &settings) {
                // A port that does not have this rate.
                Err(error) if error.kind() == ErrorKind::InvalidInput => continue,
                other => other?,
            };
            if identify::answers(&mut Engine::new(Box::new(port)), RATE_LIMIT)? {
                info!("{path}: the module answers at {rate} baud");
                return Serial::open(path, &settings);
            }
        }
        Serial::open(path, &self.serial.clone().with_baud(DEFAULT_BAUD))
    }
}
