//! The largest share of the line that each dialect's manual leaves for payload: the largest block, and the lines around
//! it, with echo off.
//!
//! | line of the section | contents |
//! |---|---|
//! | `block <n>` | the largest number of payload bytes per command; without it one command carries the whole file |
//! | `piece <n>` | the number of payload bytes between two lines, where one command carries the whole file |
//! | `set-up <n>` | the number of commands of a transfer that carry no block |
//! | `line <bytes>` | the other bytes per block, in both directions |

use ftp_modem::Vendor;

use crate::dialect::section;
use crate::rig::Way;

/// One block of payload and its lines.
#[derive(Default)]
pub struct Exchange {
    /// Largest number of payload bytes per command. `None` if one command carries the whole file.
    pub command_block: Option<usize>,
    /// Largest number of payload bytes between two lines. `None` if no line interrupts the file.
    line_block: Option<usize>,
    /// Number of other bytes per block, in both directions.
    around: usize,
    /// Number of commands of a transfer that carry no block.
    pub set_up: usize,
}

impl Exchange {
    pub fn of(vendor: Vendor, way: Way) -> Exchange {
        let mut exchange = Exchange::default();
        for line in section(vendor, &format!("{} bound", way.name())) {
            let (word, value) = line.split_once(' ').unwrap_or((&line, ""));
            let number = || value.parse().unwrap_or_else(|error| panic!("{vendor}, {line:?}: {error}"));
            match word {
                "block" => (exchange.command_block, exchange.line_block) = (Some(number()), Some(number())),
                "piece" => exchange.line_block = Some(number()),
                "set-up" => exchange.set_up = number(),
                "line" => exchange.around += value.len(),
                _ => panic!("{vendor}: {line:?} is not part of a bound"),
            }
        }
        exchange
    }

    /// Returns the number of commands that carry `bytes` bytes.
    pub fn blocks(&self, bytes: usize) -> usize {
        self.command_block.map_or(1, |block| bytes.div_ceil(block))
    }

    /// Returns the largest share of the line that payload can have.
    pub fn bound(&self) -> f64 {
        self.line_block.map_or(1.0, |block| block as f64 / (block + self.around) as f64)
    }
}
