//! The FTP client: Quectel EC2x FTP(S) application note V1.0.

mod download;
mod local;
mod upload;

use super::config::Config;
use super::connections::DataConnections;
use super::control::Control;
use super::data::Data;
use super::failure::{Answer, DATA_CLOSED, Failure, NETWORK, Refused};
use super::network::Network;
use super::options::QuectelOptions;
use super::results::{Results, end_failed};
use super::session::{Job, Session, Work};
use super::token::{OPERATION, STALL};
use super::transfer::Serial;
use super::transfer::download::Download;
use crate::emulator::command::{Command, Form};
use crate::emulator::modem::Modem;

/// The answer to the test form of an FTP command, apart from `OK`.
fn test_form(name: &str) -> Option<&'static str> {
    Some(match name {
        "+QFTPOPEN" => "+QFTPOPEN: <hostname>,<port>",
        "+QFTPCWD" => "+QFTPCWD: <path_name>",
        "+QFTPPUT" => "+QFTPPUT: <file_name>,<local_name>,<startpos>,<uploadlen>,<beof>",
        "+QFTPGET" => "+QFTPGET: <file_name>,<local_name>,<startpos>,<downloadlen>",
        "+QFTPSIZE" => "+QFTPSIZE: <file_name>",
        "+QFTPDEL" => "+QFTPDEL: <file_name>",
        "+QFTPMKDIR" => "+QFTPMKDIR: <folder_name>",
        "+QFTPRMDIR" => "+QFTPRMDIR: <folder_name>",
        "+QFTPLIST" => "+QFTPLIST: <dirname>,<local_name>",
        "+QFTPNLST" => "+QFTPNLST: <dirname>,<local_name>",
        "+QFTPMLSD" => "+QFTPMLSD: <dirname>,<local_name>",
        "+QFTPMDTM" => "+QFTPMDTM: <file_name>",
        "+QFTPRENAME" => "+QFTPRENAME: <old_name>,<new_name>",
        "+QFTPPWD" | "+QFTPLEN" | "+QFTPSTAT" | "+QFTPCLOSE" => "",
        _ => return None,
    })
}

/// The FTP client.
///
/// A command that it has taken ends with one result line, or, before the data of a transfer over the serial line, with
/// an error: also when its session is lost meanwhile.
pub(super) struct Client {
    pub(super) config: Config,
    pub(super) session: Session,
    pub(super) connections: DataConnections,
    pub(super) results: Results,
}

impl Client {
    pub(super) fn new(options: &QuectelOptions) -> Self {
        Self {
            config: Config::new(options),
            session: Session::default(),
            connections: DataConnections::new(options),
            results: Results::new(options),
        }
    }

    /// The module restarts. The port of result lines is kept.
    pub(super) fn restart(&mut self, options: &QuectelOptions) {
        self.config = Config::new(options);
        self.session = Session::default();
        self.connections.restart();
    }

    /// An `AT+QFTP…` command; `None` if there is no such form.
    pub(super) fn execute(
        &mut self,
        command: &Command<'_>,
        network: &Network,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Option<Answer> {
        let name = command.name.as_str();
        match (name, command.form) {
            ("+QFTPCFG", Form::Test) => {
                modem.lines(&self.config.test());
                modem.ok();
                return Some(Ok(()));
            }
            (_, Form::Test) => {
                let text = test_form(name)?;
                if !text.is_empty() {
                    modem.line(text);
                }
                modem.ok();
                return Some(Ok(()));
            }
            ("+QFTPCFG", Form::Set) => return Some(self.config.change(command, network, options, modem)),
            ("+QFTPPWD" | "+QFTPLEN" | "+QFTPSTAT" | "+QFTPCLOSE", Form::Execute) => {}
            (_, Form::Set) if test_form(name).is_some_and(|text| !text.is_empty()) => {}
            _ => return None,
        }
        // §4.1: a missing card is reported by ERROR.
        if !modem.basic.has_card() {
            return Some(Err(Refused::Plain));
        }
        let Self { config, session, results, .. } = self;
        Some(match name {
            "+QFTPOPEN" => session.open(command, config, options, modem),
            "+QFTPCLOSE" => session.close(config, options, modem),
            "+QFTPSTAT" => {
                results.answer(name, session.state() as u64, modem);
                Ok(())
            }
            "+QFTPLEN" if session.is_closed() => session.ready(options),
            "+QFTPLEN" => {
                results.answer(name, session.transferred, modem);
                Ok(())
            }
            "+QFTPGET" | "+QFTPLIST" | "+QFTPNLST" | "+QFTPMLSD" | "+QFTPPUT" => {
                session.transfer(command, config, options, modem)
            }
            _ => session.control(command, config, options, modem),
        })
    }

    /// The login is over.
    pub(super) fn end_login(&mut self, name: &str, result: Result<(), Failure>, modem: &mut Modem) {
        if result.is_err() {
            self.session.disconnect(modem);
        } else {
            self.session.opened();
        }
        self.results.report(name, result.map(|()| "0".to_owned()), modem);
    }

    /// A command without data is carried out.
    pub(super) fn control(&mut self, name: &str, control: &Control, options: &QuectelOptions, modem: &mut Modem) {
        let result = control.run(modem.remote.as_mut(), options.quoted_directory).map_err(|error| {
            self.session.notice(&error, modem);
            Failure::of_control(&error)
        });
        self.results.report(name, result, modem);
    }

    /// A transfer over the serial line begins, or is refused.
    pub(super) fn begin_serial(
        &mut self,
        name: &str,
        serial: Serial,
        data: &mut Data,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) {
        match serial {
            Serial::Download { source, limit } => {
                match self.connections.retrieve(&source, &mut self.session, &self.config, options, modem) {
                    Ok(reader) => self.download(Download::new(name, limit), reader, data, options, modem),
                    Err(failure) => self.results.refuse(name, failure, options, modem),
                }
            }
            Serial::Upload(piece) => self.begin_put(name, piece, data, options, modem),
        }
    }

    /// A context is gone: whatever the session was doing in it fails, and the session is closed.
    pub(super) fn lose_context(&mut self, id: u64, data: &mut Data, options: &QuectelOptions, modem: &mut Modem) {
        if self.session.is_closed() || self.session.context != id {
            return;
        }
        let failure = Failure::local(DATA_CLOSED);
        let failed = match std::mem::take(data) {
            Data::Download(download) | Data::Late(download) => {
                drop(modem.queue.stop_stream());
                modem.timers.cancel(STALL);
                Some(download.name)
            }
            Data::Put(_) => Some("+QFTPPUT".to_owned()),
            other => {
                *data = other;
                None
            }
        };
        if let Some(name) = failed {
            self.session.disconnect(modem);
            modem.leave_data_mode();
            end_failed(options, modem);
            self.results.report(&name, Err(failure), modem);
            return;
        }
        let job = self.session.job.take();
        self.session.disconnect(modem);
        modem.timers.cancel(OPERATION);
        let Some(Job { name, work, .. }) = job else {
            return;
        };
        let result = match work {
            Work::Serial(_) => return modem.cme(failure.code),
            Work::Local(_) | Work::FinishPut(_) => Err(failure),
            Work::Report(result) => result,
            Work::Open(_) | Work::Control(_) => Err(Failure::local(NETWORK)),
            Work::Close => Ok("0".to_owned()),
        };
        self.results.report(&name, result, modem);
    }
}
