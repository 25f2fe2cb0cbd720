//! Steps that two or more dialects share.

use std::time::Duration;

use super::sent::Sent;
use crate::at::{Command, Engine, Event, Expect, Line, Sink};
use crate::error::{ErrorKind, Phase, Result};

/// Time limits of a block of payload.
#[derive(Debug, Clone, Copy)]
pub struct BlockLimits {
    /// From the command to the line that announces the payload.
    pub announcement: Duration,
    /// Longest silence within the payload.
    pub inactivity: Duration,
    /// From the last byte of the payload to `OK`.
    pub acknowledgement: Duration,
}

/// Sends a command that is answered by a line whose field `field` announces a number of bytes, these bytes, and `OK`.
/// Returns how many there were; more than `asked` are an error.
pub fn read_announced(
    engine: &mut Engine,
    command: Command,
    field: usize,
    asked: u64,
    sink: &mut Sink<'_>,
    limits: BlockLimits,
) -> Result<u64> {
    let count = announced(engine, command, field, asked, limits)?;
    let deadline = |engine: &Engine| engine.deadline(Phase::Acknowledgement, limits.acknowledgement);
    if count > 0 {
        engine.receive_block(count, sink, limits.inactivity)?;
        let deadline = deadline(engine);
        engine.end_of_block(deadline)?;
    }
    let unclaimed = engine.unclaimed();
    let deadline = deadline(engine);
    let _ = engine.acknowledgement(deadline)?;
    if count > 0 {
        // Between a block and its OK they are the end of the block: something else stands in it in their place.
        engine.nothing_unclaimed_since(unclaimed)?;
    }
    sink.release();
    Ok(count)
}

/// Sends a command that is answered by a line whose field `field` says how many of `bytes` the module wants, then so many of
/// them, and waits for `OK`. Returns how many it wanted; `sent` is told what is at risk meanwhile.
pub fn write_announced(
    engine: &mut Engine,
    command: Command,
    field: usize,
    bytes: &[u8],
    limits: BlockLimits,
    sent: &mut Sent,
) -> Result<usize> {
    sent.announce(engine, bytes.len() as u64);
    let count = announced(engine, command, field, bytes.len() as u64, limits)?;
    let wanted = bytes.get(..usize::try_from(count).unwrap_or(bytes.len())).unwrap_or(bytes);
    if count > 0 {
        sent.begin();
    }
    engine.send_payload(wanted, count, limits.inactivity)?;
    let deadline = engine.deadline(Phase::Acknowledgement, limits.acknowledgement + engine.line_time(count));
    let _ = engine.acknowledgement(deadline)?;
    Ok(wanted.len())
}

/// Sends a command and returns the number in field `field` of the line that answers it, at most `asked`.
fn announced(engine: &mut Engine, command: Command, field: usize, asked: u64, limits: BlockLimits) -> Result<u64> {
    let deadline = engine.start(command, Phase::Prompt, limits.announcement)?;
    loop {
        match engine.next_event(Expect::Line, deadline)? {
            Event::Information(line) => return checked_count(engine, &line, field, asked),
            Event::Unsolicited => {}
            _ => return Err(engine.protocol("expected the line that announces the payload")),
        }
    }
}

/// The number in field `field` of `line`, at most `asked`.
fn checked_count(engine: &mut Engine, line: &Line, field: usize, asked: u64) -> Result<u64> {
    match line.number(field) {
        Some(count) if count <= asked => Ok(count),
        _ => {
            let said = engine.shown(line.bytes());
            Err(engine.protocol(format!("asked for at most {asked} bytes, the module announced {said}")))
        }
    }
}

/// `true` for an error by which the module refused a command and nothing worse.
pub fn is_refusal(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ModuleRefused | ErrorKind::Unsupported | ErrorKind::WrongState)
}
