//! What the module does for an operation, from the command that opens its session to the first answer of the server.

use super::answer::{Answer, Refusal};
use super::incoming::{Download, Source};
use super::operation::Operation;
use super::reconnection::Reconnection;
use super::session::Session;
use super::state::Luat;
use super::transfer::Background;
use super::{coded, codes, token, upload};
use crate::emulator::choices::ResultOrder;
use crate::emulator::modem::Modem;
use crate::emulator::remote::{Listing, RemoteError};

impl Luat {
    /// A command that opens a session.
    pub(super) fn open(&mut self, operation: Operation, modem: &mut Modem) -> Answer {
        if self.slot.is_taken(&self.options, modem) {
            modem.ok();
            self.slot.refuse(operation, &self.options, modem);
            return Ok(());
        }
        self.slot.session = Session::Opening(operation);
        if let Some(loss) = &self.options.bearer_loss
            && !self.bearer_loss_set
        {
            self.bearer_loss_set = true;
            modem.timer(token::BEARER, loss.after);
        }
        let directory = matches!(operation, Operation::MakeDir | Operation::RemoveDir);
        let failure_at_once = directory && self.options.directory_failure_at_once;
        let ok_last = modem.options.result_order == ResultOrder::OkLast;
        if !failure_at_once && !ok_last {
            modem.ok();
            modem.network_timer(token::OPEN);
            return Ok(());
        }
        modem.clock.delay(modem.options.network_latency);
        let lines = match self.begin(operation, modem) {
            Err(code) if failure_at_once => return Err(Refusal::Code(code)),
            Err(code) => vec![operation.report(code, &self.options)],
            Ok(lines) => lines,
        };
        if ok_last {
            lines.iter().for_each(|line| modem.line(line));
            modem.ok();
        } else {
            modem.ok();
            lines.iter().for_each(|line| modem.urc(line));
        }
        Ok(())
    }

    /// Asks the server; returns the lines that report its answer, or a code. A session that goes on is in the slot.
    pub(super) fn begin(&mut self, operation: Operation, modem: &mut Modem) -> Result<Vec<String>, u16> {
        self.slot.session = Session::Idle;
        self.access.rest = self.access.settings.rest;
        let logged_in = self.access.log_in(operation, &self.options, modem);
        let lines = logged_in.and_then(|()| self.work(operation, modem));
        if matches!(self.slot.session, Session::Idle) {
            self.slot.close(modem);
        }
        lines
    }

    fn work(&mut self, operation: Operation, modem: &mut Modem) -> Result<Vec<String>, u16> {
        let failed = |error: RemoteError| codes::of(&error, codes::NETWORK);
        let Self { options, access, memory, slot, .. } = self;
        let target = access.settings.get_target();
        let done = match operation {
            Operation::Get | Operation::Stream | Operation::List => {
                let source = if operation == Operation::List {
                    let reader = modem.remote.list(&access.settings.get_path, Listing::Long);
                    Source::new(reader.map_err(failed)?, false)
                } else {
                    access.retrieve(0, options, modem)?
                };
                let (lines, download) = Download::start(operation, source, options, modem)?;
                slot.session = download.map_or(Session::Idle, Session::Download);
                return Ok(lines);
            }
            Operation::Put => {
                let prepared = memory.prepared_upload().transpose()?;
                let mut put = access.begin_put(None, options, modem)?;
                let Some(data) = prepared else {
                    let line = put.announce(options);
                    slot.session = Session::Upload(put);
                    upload::watch(options, modem);
                    return Ok(vec![line]);
                };
                let transfer = Background::upload(operation, put, data, Reconnection::default());
                slot.session = Session::background(transfer, modem);
                return Ok(Vec::new());
            }
            Operation::CodedPut => {
                let mut put = access.begin_put(None, options, modem)?;
                put.operation = operation;
                slot.session = Session::Upload(put);
                return Ok(vec!["+FTPETPUT: 1,1".to_owned()]);
            }
            // The file is sent to the host at once, whatever else the host does.
            Operation::CodedGet => {
                let reader = access.reader(0, options, modem)?;
                slot.session = Session::CodedDownload;
                modem.line("+FTPETGET: 1,1");
                modem.stream(coded::stream(reader));
                return Ok(Vec::new());
            }
            Operation::ToMemory | Operation::ToDirectory | Operation::ToFile => {
                let source = access.retrieve(0, options, modem)?;
                let path = (operation != Operation::ToMemory).then(|| memory.path.clone());
                let reconnection = match operation {
                    Operation::ToFile => memory.reconnection,
                    _ => Reconnection::default(),
                };
                let transfer = Background::download(operation, source, path, reconnection);
                slot.session = Session::background(transfer, modem);
                return Ok(Vec::new());
            }
            Operation::FromFile => {
                let data = memory.files.read(&memory.path).map_err(|_| codes::FILE)?;
                let put = access.begin_put(None, options, modem)?;
                let transfer = Background::upload(operation, put, data, memory.reconnection);
                slot.session = Session::background(transfer, modem);
                return Ok(Vec::new());
            }
            Operation::Size => {
                let size = modem.remote.size_text(&target).map_err(failed)?;
                let blank = operation.blank(codes::FINISHED, options);
                return Ok(vec![format!("+FTPSIZE:{blank}1,0,{size}")]);
            }
            Operation::Modified => {
                let time = modem.remote.modified(&target).map_err(failed)?;
                return Ok(vec![format!("+FTPMDTM: 1,0,{time}")]);
            }
            Operation::Delete => modem.remote.remove(&target),
            Operation::Rename => modem.remote.rename(&target, &access.settings.put_target()),
            Operation::MakeDir => modem.remote.make_dir(&access.settings.get_path),
            Operation::RemoveDir => modem.remote.remove_dir(&access.settings.get_path),
        };
        done.map_err(failed)?;
        Ok(vec![operation.report(codes::FINISHED, options)])
    }

    /// The next piece of a transfer in the background.
    pub(super) fn step(&mut self, modem: &mut Modem) {
        let Self { options, access, memory, slot, .. } = self;
        let Session::Background(mut transfer) = std::mem::take(&mut slot.session) else {
            return;
        };
        let operation = transfer.operation;
        let code = match transfer.advance(access, options, modem) {
            Ok(true) => {
                slot.session = Session::Background(transfer);
                return;
            }
            Ok(false) => {
                let length = transfer.received();
                let code = transfer.finish(memory);
                if code == codes::FINISHED && matches!(operation, Operation::ToFile | Operation::FromFile) {
                    slot.close(modem);
                    modem.urc(&format!("{}: 0,{length}", operation.name()));
                    return;
                }
                code
            }
            Err(code) => {
                drop(transfer);
                code
            }
        };
        slot.end(operation, code, options, modem);
    }
}
