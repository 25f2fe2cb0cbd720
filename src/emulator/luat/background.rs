//! Transfers between the server and the module's own memory, of which the host hears the end only: `AT+FTPEXTGET=1`,
//! `AT+FTPGETTOFS`, `AT+FTPPUTFRMFS`, and `AT+FTPPUT=1` under `AT+FTPEXTPUT=1` or `AT+FTPFILEPUT=1` (Luat AT manual).

use std::time::Duration;

use super::download::Source;
use super::session::{Operation, Session};
use super::upload::Put;
use super::{Luat, codes, token};
use crate::emulator::modem::Modem;
use crate::emulator::remote::StoreMode;

/// What is moved in the time the network takes for one operation.
const PIECE: usize = 32 * 1024;
/// The file system is written in blocks of this size, behind the network.
const BLOCK: usize = 4096;

/// How often and when a broken transfer is taken up again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reconnection {
    pub(super) count: u64,
    pub(super) pause: Duration,
}

enum Way {
    /// From the server to a file, or to memory without a path.
    In { source: Source, path: Option<String> },
    /// From memory to the server.
    Out(Put),
    /// To be taken up again, to the server or from it.
    Broken { out: bool, path: Option<String> },
}

pub(super) struct Background {
    pub(super) operation: Operation,
    way: Way,
    data: Vec<u8>,
    /// How much of `data` has been sent.
    sent: usize,
    reconnection: Reconnection,
}

impl Background {
    pub(super) const fn download(
        operation: Operation,
        source: Source,
        path: Option<String>,
        reconnection: Reconnection,
    ) -> Self {
        Self { operation, way: Way::In { source, path }, data: Vec::new(), sent: 0, reconnection }
    }

    pub(super) const fn upload(operation: Operation, put: Put, data: Vec<u8>, reconnection: Reconnection) -> Self {
        Self { operation, way: Way::Out(put), data, sent: 0, reconnection }
    }

    pub(super) const fn received(&self) -> usize {
        self.data.len()
    }

    pub(super) const fn written(&self) -> usize {
        self.data.len() / BLOCK * BLOCK
    }

    pub(super) const fn sent(&self) -> usize {
        self.sent
    }

    /// The transfer broke: it is taken up again after a pause, unless that has been done too often.
    fn interrupt(&mut self, out: bool, path: Option<String>, modem: &mut Modem) -> bool {
        let Some(left) = self.reconnection.count.checked_sub(1) else {
            return false;
        };
        self.reconnection.count = left;
        self.way = Way::Broken { out, path };
        modem.timer(token::STEP, self.reconnection.pause);
        true
    }
}

impl Luat {
    /// The next piece of a transfer.
    pub(super) fn step(&mut self, modem: &mut Modem) {
        let Session::Background(mut transfer) = std::mem::replace(&mut self.session, Session::Idle) else {
            return;
        };
        match self.advance(&mut transfer, modem) {
            Ok(true) => self.session = Session::Background(transfer),
            Ok(false) => self.finish_background(*transfer, modem),
            Err(code) => {
                let operation = transfer.operation;
                drop(transfer);
                self.end(operation, code, modem);
            }
        }
    }

    /// Moves one piece: whether there is more to do.
    fn advance(&mut self, transfer: &mut Background, modem: &mut Modem) -> Result<bool, u16> {
        let way = std::mem::replace(&mut transfer.way, Way::Broken { out: false, path: None });
        match way {
            Way::Broken { out, path } => {
                self.log_in(transfer.operation, modem)?;
                transfer.way = if out {
                    let mode = StoreMode::At(transfer.sent as u64);
                    Way::Out(self.begin_put(Some(mode), modem)?)
                } else {
                    let source = self.retrieve(transfer.data.len() as u64, modem)?;
                    Way::In { source, path }
                };
            }
            Way::In { mut source, path } => {
                source.fill(PIECE);
                transfer.data.extend(source.take(PIECE));
                if path.is_none() && transfer.data.len() > self.options.ext_get_limit {
                    return Err(codes::DOWNLOAD);
                }
                if !source.is_over() {
                    transfer.way = Way::In { source, path };
                } else if let Some(code) = source.failure {
                    return if transfer.interrupt(false, path, modem) { Ok(true) } else { Err(code) };
                } else {
                    transfer.way = Way::In { source, path };
                    return Ok(false);
                }
            }
            Way::Out(mut put) => {
                let rest = transfer.data.get(transfer.sent..).unwrap_or_default();
                let piece = rest.get(..PIECE).unwrap_or(rest);
                put.write(piece);
                if let Some(code) = put.failure {
                    return if transfer.interrupt(true, None, modem) { Ok(true) } else { Err(code) };
                }
                transfer.sent = transfer.sent.saturating_add(piece.len());
                let over = transfer.sent >= transfer.data.len();
                transfer.way = Way::Out(put);
                if over {
                    return Ok(false);
                }
            }
        }
        modem.network_timer(token::STEP);
        Ok(true)
    }

    fn finish_background(&mut self, transfer: Background, modem: &mut Modem) {
        let operation = transfer.operation;
        let length = transfer.data.len();
        let code = match transfer.way {
            Way::Out(put) => put.finish(),
            Way::In { path: Some(path), .. } => match self.files.write(&path, transfer.data) {
                Ok(()) => codes::FINISHED,
                Err(_) => codes::FILE,
            },
            _ => {
                self.memory.received = Some(transfer.data);
                codes::FINISHED
            }
        };
        let with_length = matches!(operation, Operation::ToFile | Operation::FromFile);
        if code == codes::FINISHED && with_length {
            self.close(modem);
            modem.urc(&format!("{}: 0,{length}", operation.name()));
        } else {
            self.end(operation, code, modem);
        }
    }
}
