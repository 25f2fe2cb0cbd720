//! Transfers between the server and the module's own memory; the host hears of their end only: `AT+FTPEXTGET=1`,
//! `AT+FTPGETTOFS`, `AT+FTPPUTFRMFS`, and `AT+FTPPUT=1` under `AT+FTPEXTPUT=1` or `AT+FTPFILEPUT=1` (Luat AT manual).

use super::operation::Operation;
use super::session::Session;
use super::state::Luat;
use super::transfer::{Background, Way};
use super::{codes, token};
use crate::emulator::modem::Modem;
use crate::emulator::remote::StoreMode;

/// What is moved in the time the network takes for one operation.
const PIECE: usize = 32 * 1024;

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
