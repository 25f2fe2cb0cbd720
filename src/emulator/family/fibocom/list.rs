//! `AT+FTPLIST`: the server's own text between `+FTPLIST: 2` and `+FTPLIST: 1`.

use std::io::Read;

use super::options::ListCoding;
use super::tag;
use crate::emulator::queue::Stream;

/// The bare 0x03 that ends a coded stream.
pub(super) const END: &[u8] = b"\x03";

/// A listing as the server sends it.
pub(super) struct Rows {
    pub(super) is_empty: bool,
    pub(super) reader: Box<dyn Read + Send>,
}

impl Rows {
    /// The listing on its way to the host.
    pub(super) fn stream(self, coding: ListCoding) -> Stream {
        let stream = Stream::new(self.reader, tag::LIST);
        match coding {
            ListCoding::Plain => stream,
            ListCoding::Terminated => stream.tail(END),
            ListCoding::Escaped => stream.escaped().tail(END),
        }
    }
}
