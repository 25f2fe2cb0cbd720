//! A transfer between the server and the module's own memory.

use std::time::Duration;

use super::incoming::Source;
use super::operation::Operation;
use super::outgoing::Put;
use super::token;
use crate::emulator::modem::Modem;

/// The file system is written in blocks of this size, behind the network.
const BLOCK: usize = 4096;

/// Number and interval of the attempts to resume a broken transfer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reconnection {
    pub(super) count: u64,
    pub(super) pause: Duration,
}

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
    pub(super) fn interrupt(&mut self, out: bool, path: Option<String>, modem: &mut Modem) -> bool {
        let Some(left) = self.reconnection.count.checked_sub(1) else {
            return false;
        };
        self.reconnection.count = left;
        self.way = Way::Broken { out, path };
        modem.timer(token::STEP, self.reconnection.pause);
        true
    }
}
