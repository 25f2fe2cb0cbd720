//! A file on its way to the server.

use std::io::Write;

use super::codes;
use super::operation::Operation;
use super::options::{AsciiEffect, LuatOptions};
use crate::emulator::remote::{RemoteError, Upload};

/// What happens to bytes on their way to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Conversion {
    pub(super) drop_line_ends: bool,
    pub(super) clear_top_bit: bool,
    pub(super) expand_line_feeds: bool,
}

impl Conversion {
    pub(super) fn new(options: &LuatOptions, binary: bool) -> Self {
        let effect = options.ascii_effect();
        Self {
            drop_line_ends: !binary && effect == AsciiEffect::DropLineEnds,
            clear_top_bit: !binary && effect == AsciiEffect::ClearTopBit,
            expand_line_feeds: options.line_feeds_expanded,
        }
    }

    pub(super) const fn is_needed(self) -> bool {
        self.drop_line_ends || self.clear_top_bit || self.expand_line_feeds
    }

    pub(super) fn convert(self, bytes: &[u8]) -> Vec<u8> {
        let mut converted = Vec::with_capacity(bytes.len());
        for byte in bytes {
            if self.drop_line_ends && matches!(byte, b'\r' | b'\n') {
                continue;
            }
            if self.expand_line_feeds && *byte == b'\n' {
                converted.push(b'\r');
            }
            converted.push(if self.clear_top_bit { byte & 0x7F } else { *byte });
        }
        converted
    }
}

/// A file on its way to the server.
pub(super) struct Put {
    pub(super) operation: Operation,
    pub(super) upload: Box<dyn Upload>,
    pub(super) conversion: Conversion,
    pub(super) failure: Option<u16>,
    pub(super) maximum: usize,
    pub(super) announcements: usize,
    pub(super) chunks: u32,
    pub(super) refusals: u32,
    /// The host has sent everything.
    pub(super) closing: bool,
}

impl Put {
    pub(super) const fn new(upload: Box<dyn Upload>, conversion: Conversion) -> Self {
        Self {
            operation: Operation::Put,
            upload,
            conversion,
            failure: None,
            maximum: 0,
            announcements: 0,
            chunks: 0,
            refusals: 0,
            closing: false,
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        if self.failure.is_some() {
            return;
        }
        let written = if self.conversion.is_needed() {
            let converted = self.conversion.convert(bytes);
            self.upload.write_all(&converted)
        } else {
            self.upload.write_all(bytes)
        };
        self.failure = written.err().map(|error| codes::of(&RemoteError::from_io(&error), codes::UPLOAD));
    }

    /// Closes the file on the server: the code of the outcome.
    pub(super) fn finish(self) -> u16 {
        match self.failure {
            Some(code) => code,
            None => self.upload.finish().map_or_else(|error| codes::of(&error, codes::UPLOAD), |()| codes::FINISHED),
        }
    }

    /// The next maximum, as announced.
    pub(super) fn announce(&mut self, options: &LuatOptions) -> String {
        let maximums = &options.put_maximums;
        let next = maximums.get(self.announcements).or(maximums.last());
        self.maximum = next.copied().unwrap_or(0);
        self.announcements = self.announcements.saturating_add(1);
        let name = Operation::Put.name();
        if options.put_maximum_shown { format!("{name}: 1,1,{}", self.maximum) } else { format!("{name}: 1,1") }
    }
}
