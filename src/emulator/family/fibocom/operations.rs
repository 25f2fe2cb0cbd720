//! What the module does when the server answers, and how operations end.

use super::due;
use super::fill::Fill;
use super::list::END;
use super::options::{EmptyList, LossKind};
use super::put::Put;
use super::state::Fibocom;
use super::step::Step;
use super::tag;
use super::task::Task;
use super::then::Then;
use super::transfer::Transfer;
use crate::emulator::modem::Modem;
use crate::emulator::queue::Stream;
use crate::emulator::remote::{NetworkCause, RemoteError};

impl Fibocom {
    /// The server is asked and answers.
    pub(super) fn perform(&mut self, task: Task, modem: &mut Modem) -> Result<Then, RemoteError> {
        let Self { options, troubles, lines, access, session, .. } = self;
        let left = troubles.bytes_to_loss();
        match task {
            Task::Open(server) => {
                let opened = server.log_in(lines, options, modem);
                lines.report("FTPOPEN", u8::from(opened), modem);
                if opened {
                    session.open(options, modem);
                    if let Some(time) = troubles.time_to_loss() {
                        modem.timer(due::LOSS, time);
                    }
                }
            }
            Task::Close => {
                lines.inform("QUIT", modem);
                // A connection that is broken already is closed too.
                drop(modem.remote.quit());
                lines.inform("221 Goodbye.", modem);
                session.forget(modem);
                lines.report("FTPCLOSE", 1, modem);
            }
            Task::Step(step) => {
                step.converse(options.size_answer, lines, modem)?;
                if let Step::Restart(offset) = step {
                    session.control.restart_at(offset);
                }
            }
            Task::List(path) => {
                let rows = access.list(&path, lines, options, modem)?;
                if rows.is_empty && options.empty_list == EmptyList::ResultAlone {
                    lines.report("FTPLIST", 1, modem);
                    return Ok(Then::Nothing);
                }
                lines.inform("150 Here comes the directory listing.", modem);
                // The text follows it at once.
                modem.clock.settle();
                lines.report("FTPLIST", 2, modem);
                modem.stream(rows.stream(options.list_coding));
                session.transfer = Transfer::List;
                // Motorola G24, "FTP Connection": the line is in data mode as for file transfers.
                session.transfer.receive(options, modem);
            }
            Task::Get(mut request) => {
                session.cache.clear();
                request.offset = request.offset.or(session.control.take_restart());
                let reader = access.retrieve(&request, left, lines, options, modem)?;
                lines.report("FTPGET", 2, modem);
                session.transfer = Transfer::Fill(Fill::start(reader, request.size, modem));
            }
            Task::Retrieve(mut request) => {
                request.offset = request.offset.or(session.control.take_restart());
                let reader = access.retrieve(&request, left, lines, options, modem)?;
                lines.report("FTPRETR", 2, modem);
                let stream = Stream::new(reader, tag::RETRIEVE).escaped().tail(END);
                modem.stream(match request.size {
                    Some(size) => stream.limit(size),
                    None => stream,
                });
                session.transfer = Transfer::Retrieve;
                // The line is in data mode: what the host sends meanwhile is no command.
                session.transfer.receive(options, modem);
            }
            Task::Store(mut target) => {
                target.offset = target.offset.or(session.control.take_restart());
                session.transfer = Transfer::Store(access.store(&target, left, lines, options, modem)?);
                lines.report("FTPSTOR", 2, modem);
                session.transfer.receive(options, modem);
            }
            Task::Put(mut target, piece) => {
                target.offset = target.offset.or(session.control.take_restart());
                let sink = match access.store(&target, left, lines, options, modem) {
                    Ok(sink) => sink,
                    Err(error) => return Ok(options.put_refusal.answer(error, modem)),
                };
                session.transfer = Transfer::Put(Put::new(target.name, sink));
                return Ok(session.transfer.go_ahead(piece, options, modem));
            }
            Task::FinishStore(sink) => return Ok(Then::Ends("FTPSTOR", sink.finish())),
            Task::FinishPut(sink) => return Ok(Then::Ends("FTPPUT", sink.finish())),
        }
        Ok(Then::Nothing)
    }

    /// A step of an operation has been made.
    pub(super) fn go_on(&mut self, then: Then, modem: &mut Modem) {
        match then {
            Then::Nothing => {}
            Then::Asks(task) => self.session.ask(task, modem),
            Then::Ends(name, Ok(())) => {
                self.session.transfer = Transfer::None;
                let reply = if name == "FTPLIST" { "226 Directory send OK." } else { "226 Transfer complete." };
                self.lines.inform(reply, modem);
                self.lines.report(name, 1, modem);
            }
            Then::Ends(name, Err(error)) => self.fail(Some(name), &error, modem),
            Then::Failed(error) => self.fail(None, &error, modem),
        }
    }

    /// An operation failed. `name` is that of the command whose result line is due. A connection that broke with it is
    /// noticed now.
    fn fail(&mut self, name: Option<&'static str>, error: &RemoteError, modem: &mut Modem) {
        self.session.transfer = Transfer::None;
        if let RemoteError::Reply { code, text } = error
            && name.is_some()
        {
            self.lines.inform(&format!("{code} {text}"), modem);
        }
        let broken =
            matches!(error, RemoteError::Network(NetworkCause::Dropped) | RemoteError::Reply { code: 421, .. });
        let loss = if broken { self.troubles.take_loss_after_bytes() } else { None };
        if let Some(name) = name
            && loss.is_none_or(|loss| loss.reported)
        {
            self.lines.report(name, 0, modem);
        }
        if broken {
            let kind = loss.map_or(LossKind::Session, |loss| loss.kind);
            self.lose(kind, false, modem);
        }
    }

    /// Something is lost, and the module says so of its own accord.
    pub(super) fn lose(&mut self, kind: LossKind, reported: bool, modem: &mut Modem) {
        let open = self.session.lose(reported, &self.lines, &self.options, modem);
        match kind {
            LossKind::Session if open => {
                let digit = self.options.lost_digit;
                announce(&format!("+FTPCLOSE: {digit}"), modem);
            }
            LossKind::Session => {}
            LossKind::Sim => {
                announce("+SIM DROP", modem);
                self.call.hang_up(modem);
                announce("+MIPCALL: 0", modem);
            }
            LossKind::Call => {
                self.call.hang_up(modem);
                announce("+MIPCALL: 0", modem);
            }
            LossKind::Restart => {
                drop(modem.queue.stop_stream());
                modem.leave_data_mode();
                modem.finish();
                modem.restart_requested = true;
            }
        }
    }
}

/// Reports a loss, even while the host is sending data.
fn announce(text: &str, modem: &mut Modem) {
    if modem.in_data {
        modem.line(text);
    } else {
        modem.urc(text);
    }
}
