//! Transfers: Quectel EC2x FTP(S) application note V1.0 §2.5, §2.6 and §2.11 to §2.13.

mod download;
mod upload;

use super::data::{Download, Local, Source, Transfer};
use super::failure::{BUSY, DATA_CONNECTION, FILE_POSITION, Failure, NOT_TAKEN, Refused, TIMEOUT};
use super::options::TransferRefusal;
use super::state::{Quectel, State, Work};
use crate::emulator::command::{Command, Parameters};
use crate::emulator::modem::Modem;
use crate::emulator::remote::{Listing, RemoteError};

/// The longest name of a local file (§2.5).
const LOCAL_NAME: usize = 60;

fn local_name(list: &mut Parameters<'_>) -> Result<Local, Refused> {
    let name = list.quoted(1..=LOCAL_NAME)?;
    Ok(if name == "COM:" { Local::Serial } else { Local::File(name) })
}

/// A number that may be left out together with everything behind it.
fn trailing_number(list: &mut Parameters<'_>) -> Result<Option<u64>, Refused> {
    if list.len() == 0 {
        return Ok(None);
    }
    Ok(Some(list.number(0..=u64::MAX)?))
}

impl Quectel {
    /// The commands with data.
    pub(super) fn transfer(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let name = command.name.as_str();
        let mut list = command.parameters()?;
        let file = self.remote_name(&mut list)?;
        let transfer = match name {
            "+QFTPPUT" => self.parse_put(file, &mut list)?,
            "+QFTPGET" => {
                let local = local_name(&mut list)?;
                let start = trailing_number(&mut list)?.unwrap_or(0);
                let length = match local {
                    Local::Serial => trailing_number(&mut list)?,
                    Local::File(_) => None,
                };
                let source = Source::File { file, start, length };
                Transfer::Download { source, local }
            }
            _ => {
                let local = match list.len() {
                    0 => Local::Serial,
                    _ => local_name(&mut list)?,
                };
                let source = Source::Listing {
                    path: if file == "." { String::new() } else { file },
                    listing: match name {
                        "+QFTPLIST" => Listing::Long,
                        "+QFTPNLST" => Listing::Names,
                        _ => Listing::Facts,
                    },
                };
                Transfer::Download { source, local }
            }
        };
        list.end()?;
        self.check_continuation(&transfer)?;
        if transfer.is_serial() {
            let delay = modem.options.network_latency.saturating_add(self.options.connect_delay);
            self.begin_within(name, Work::Transfer(transfer), Some(delay), modem);
        } else {
            self.session.state = State::Transferring;
            self.session.transferred = 0;
            modem.ok();
            self.begin(name, Work::Transfer(transfer), modem);
        }
        Ok(())
    }

    fn parse_put(&self, file: String, list: &mut Parameters<'_>) -> Result<Transfer, Refused> {
        let local = local_name(list)?;
        let start = trailing_number(list)?.unwrap_or(0);
        let length = match local {
            Local::Serial if list.len() > 0 => {
                let least = u64::from(!self.options.empty_upload);
                Some((list.number(least..=u64::MAX)?, list.number(0..=1)? == 1))
            }
            _ => None,
        };
        Ok(Transfer::Upload { file, start, local, length })
    }

    /// Between two pieces of an upload only the next piece is taken.
    fn check_continuation(&self, transfer: &Transfer) -> Result<(), Refused> {
        let Some(put) = &self.session.put else {
            return self.ready();
        };
        match transfer {
            Transfer::Upload { file, start, local: Local::Serial, .. }
                if put.is_of(file) && self.session.job.is_none() =>
            {
                if put.continues_at(*start) {
                    Ok(())
                } else {
                    Err(Refused::Code(FILE_POSITION))
                }
            }
            _ => Err(Refused::Code(BUSY)),
        }
    }

    pub(super) fn begin_transfer(&mut self, name: &str, transfer: Transfer, expired: bool, modem: &mut Modem) {
        match transfer {
            transfer if expired && transfer.is_serial() => modem.cme(TIMEOUT),
            Transfer::Download { source, local: Local::Serial } => match self.open_source(&source, modem) {
                Ok(reader) => {
                    let limit = match source {
                        Source::File { length, .. } => length.into_iter().chain(self.options.longest_get).min(),
                        Source::Listing { .. } => None,
                    };
                    self.download(Download::new(name, limit), reader, modem);
                }
                Err(failure) => self.refuse(name, failure, modem),
            },
            Transfer::Upload { file, start, local: Local::Serial, length } => {
                self.begin_put(name, file, start, length, modem)
            }
            Transfer::Download { source, local: Local::File(local) } => {
                let result =
                    if expired { Err(Failure::local(TIMEOUT)) } else { self.download_to_file(&source, &local, modem) };
                self.end_local(name, result, modem);
            }
            Transfer::Upload { file, start, local: Local::File(local), .. } => {
                let result = if expired {
                    Err(Failure::local(TIMEOUT))
                } else {
                    self.upload_from_file(&file, start, &local, modem)
                };
                self.end_local(name, result, modem);
            }
        }
    }

    /// A transfer without the serial line is over.
    fn end_local(&mut self, name: &str, result: Result<u64, Failure>, modem: &mut Modem) {
        if self.session.state == State::Transferring {
            self.session.state = State::Idle;
        }
        if let Ok(count) = result {
            self.session.transferred = count;
        }
        self.results.report(name, result.map(|count| count.to_string()), modem);
    }

    /// What a transfer that does not begin means for the session, and for its result line.
    fn not_begun(&mut self, error: &RemoteError, modem: &mut Modem) -> Failure {
        let failure = Failure::of_beginning(error);
        self.notice_data_failure(failure.code);
        self.notice(error, modem);
        failure
    }

    /// A data connection that fails whatever the server says.
    fn check_data_connection(&mut self) -> Result<(), Failure> {
        let options = &self.options;
        let unreachable = if self.config.is_passive() {
            options.private_passive_address && self.config.data_address() == 0
        } else {
            options.active_mode_fails
        };
        if unreachable || self.is_stuck() || self.data_failures < options.failing_data_connections {
            self.notice_data_failure(DATA_CONNECTION);
            return Err(Failure::local(DATA_CONNECTION));
        }
        Ok(())
    }

    fn converts(&self) -> bool {
        self.options.ascii_converts && self.config.is_ascii()
    }

    /// Whether a transfer that does not begin for this reason is answered with an error rather than a result.
    fn is_reported_by_error(&self, failure: Failure) -> bool {
        if failure.code == DATA_CONNECTION {
            !self.options.data_failure_in_result
        } else {
            failure.reply == 0 || self.options.refusal == TransferRefusal::CmeError
        }
    }

    /// A transfer over the serial line that the server, or the network, does not let begin.
    fn refuse(&mut self, name: &str, failure: Failure, modem: &mut Modem) {
        if self.is_reported_by_error(failure) {
            modem.cme(failure.code);
            return;
        }
        match self.options.refusal {
            TransferRefusal::Connect => {
                modem.line("CONNECT");
                self.end_failed(modem);
            }
            TransferRefusal::OkThenResult | TransferRefusal::CmeError => modem.ok(),
            TransferRefusal::ResultOnly => modem.finish(),
        }
        self.results.report(name, Err(failure), modem);
    }

    /// The end of a command whose result line reports the failure.
    pub(super) fn end_failed(&self, modem: &mut Modem) {
        if self.options.ok_before_failure {
            modem.ok();
        } else {
            modem.finish();
        }
    }

    /// What a transfer that breaks off means. The module may remember the reply to its beginning only.
    fn broken(&mut self, error: &RemoteError, modem: &mut Modem) -> Failure {
        self.notice(error, modem);
        if self.options.stale_reply {
            return Failure { code: NOT_TAKEN, reply: 150 };
        }
        Failure::of_data(error)
    }
}
