//! Transfers between the server and the module's own memory; the host hears of their end only: `AT+FTPEXTGET=1`,
//! `AT+FTPGETTOFS`, `AT+FTPPUTFRMFS`, and `AT+FTPPUT=1` under `AT+FTPEXTPUT=1` or `AT+FTPFILEPUT=1` (Luat AT manual).

use super::access::Access;
use super::incoming::Source;
use super::kept::Memory;
use super::operation::Operation;
use super::options::LuatOptions;
use super::outgoing::Put;
use super::reconnection::Reconnection;
use super::{codes, token};
use crate::emulator::modem::Modem;
use crate::emulator::remote::StoreMode;

/// The file system is written in blocks of this size, behind the network.
const BLOCK: usize = 4096;
/// What is moved in the time the network takes for one operation.
const PIECE: usize = 32 * 1024;

pub(super) enum Way {
    /// From the server to a file, or to memory without a path.
    In { source: Source, path: Option<String> },
    /// From memory to the server.
    Out(Put),
    /// To be taken up again, to the server or from it.
    Broken { out: bool, path: Option<String> },
}

pub(super) struct Background {
    pub(super) operation: Operation,
    pub(super) way: Way,
    pub(super) data: Vec<u8>,
    /// How much of `data` has been sent.
    pub(super) sent: usize,
    pub(super) reconnection: Reconnection,
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

    /// Moves one piece: whether there is more to do.
    pub(super) fn advance(
        &mut self,
        access: &mut Access,
        options: &LuatOptions,
        modem: &mut Modem,
    ) -> Result<bool, u16> {
        let way = std::mem::replace(&mut self.way, Way::Broken { out: false, path: None });
        match way {
            Way::Broken { out, path } => {
                access.log_in(self.operation, options, modem)?;
                self.way = if out {
                    let mode = StoreMode::At(self.sent as u64);
                    Way::Out(access.begin_put(Some(mode), options, modem)?)
                } else {
                    let source = access.retrieve(self.data.len() as u64, options, modem)?;
                    Way::In { source, path }
                };
            }
            Way::In { mut source, path } => {
                source.fill(PIECE);
                self.data.extend(source.take(PIECE));
                if path.is_none() && self.data.len() > options.ext_get_limit {
                    return Err(codes::DOWNLOAD);
                }
                if !source.is_over() {
                    self.way = Way::In { source, path };
                } else if let Some(code) = source.failure {
                    return if self.interrupt(false, path, modem) { Ok(true) } else { Err(code) };
                } else {
                    self.way = Way::In { source, path };
                    return Ok(false);
                }
            }
            Way::Out(mut put) => {
                let rest = self.data.get(self.sent..).unwrap_or_default();
                let piece = rest.get(..PIECE).unwrap_or(rest);
                put.write(piece);
                if let Some(code) = put.failure {
                    return if self.interrupt(true, None, modem) { Ok(true) } else { Err(code) };
                }
                self.sent = self.sent.saturating_add(piece.len());
                let over = self.sent >= self.data.len();
                self.way = Way::Out(put);
                if over {
                    return Ok(false);
                }
            }
        }
        modem.network_timer(token::STEP);
        Ok(true)
    }

    /// Everything has been moved: the code of the outcome.
    pub(super) fn finish(self, memory: &mut Memory) -> u16 {
        match self.way {
            Way::Out(put) => put.finish(),
            Way::In { path: Some(path), .. } => match memory.files.write(&path, self.data) {
                Ok(()) => codes::FINISHED,
                Err(_) => codes::FILE,
            },
            _ => {
                memory.received = Some(self.data);
                codes::FINISHED
            }
        }
    }
}
