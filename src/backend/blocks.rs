//! Blocks that a line announces: `+FTPGET: 2,<n>` before data that come, `+FTPPUT: 2,<n>` before data that the module
//! takes.

use std::io;
use std::time::Duration;

use super::codes::is_refusal;
use super::source::Source;
use crate::at::{Command, Engine, Exchange, Expect, Sink};
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

/// How soon a module acknowledges a block.
const EARLY: Duration = Duration::from_secs(1);

/// Sends a command that is answered by a line whose field `field` announces a number of bytes, these bytes, and `OK`.
/// Returns how many there were; more than `asked` are an error.
pub fn read(
    engine: &mut Engine,
    command: Command,
    field: usize,
    asked: u64,
    sink: &mut Sink<'_>,
    limits: BlockLimits,
) -> Result<u64> {
    let (count, mut exchange) = announced(engine, command, field, asked, limits)?;
    if count > 0 {
        exchange.wire().payload().block(count, limits.inactivity).copy_to(sink)?;
        exchange.wire().payload().line_end(sink, limits.acknowledgement)?;
    }
    let unexpected = exchange.wire().inbox().unexpected();
    let _ = exchange.within(Phase::Acknowledgement, limits.acknowledgement).acknowledged()?;
    if count > 0 {
        // Between a block and its OK they are the end of the block: something else took their place in it.
        engine.no_more_lines(unexpected)?;
    }
    sink.release();
    Ok(count)
}

/// Sends a command that is answered by a line whose field `field` tells how many of `bytes` the module wants, then so
/// many of them, and waits for `OK`. Returns how many it wanted; `source` notes what is at risk meanwhile.
pub fn write(
    engine: &mut Engine,
    command: Command,
    field: usize,
    bytes: &[u8],
    limits: BlockLimits,
    source: &mut Source<'_>,
) -> Result<usize> {
    source.announce(engine, bytes.len() as u64);
    let (count, exchange) = announced(engine, command, field, bytes.len() as u64, limits)?;
    let wanted = bytes.get(..usize::try_from(count).unwrap_or(bytes.len())).unwrap_or(bytes);
    if count > 0 {
        source.begin();
    }
    let mut upload = exchange.upload(count);
    if !source.is_capped() && is_cut(wanted.len(), bytes.len()) {
        upload.write_apart(wanted, EARLY, limits.inactivity)?;
        source.cap();
    } else {
        upload.write_all(wanted, limits.inactivity)?;
    }
    let limit = limits.acknowledgement + upload.wire().link().line_time(count);
    let _ = upload.acknowledged(limit)?;
    Ok(wanted.len())
}

/// Whether `wanted` is what is left of the number `offered` when a line end within it ends the command early: the rest
/// of it is payload then, and the module has enough of it before all was sent.
fn is_cut(wanted: usize, offered: usize) -> bool {
    wanted < offered && offered.to_string().starts_with(&wanted.to_string())
}

/// Sends a command and returns the number in field `field` of the line that answers it, at most `asked`.
fn announced(
    engine: &mut Engine,
    command: Command,
    field: usize,
    asked: u64,
    limits: BlockLimits,
) -> Result<(u64, Exchange<'_>)> {
    let mut exchange = engine.send(command, Phase::Prompt, limits.announcement)?;
    let Some(line) = exchange.first_line(Expect::Line)? else {
        return Err(exchange.wire().protocol("expected the line that announces the payload"));
    };
    match line.number(field) {
        Some(count) if count <= asked => Ok((count, exchange)),
        _ => {
            let said = exchange.wire().report().outline(line.bytes());
            let detail = format!("asked for at most {asked} bytes, the module announced {said}");
            Err(exchange.wire().protocol(detail))
        }
    }
}

/// Checks that `command`, which reads one byte behind the `expected` ones, finds none: their number may not be the size
/// of the file, or the file has grown.
pub fn check_surplus(engine: &mut Engine, command: Command, expected: u64, limits: BlockLimits) -> Result<()> {
    let mut surplus = io::sink();
    match read(engine, command, 1, 1, &mut Sink::new(&mut surplus), limits) {
        Ok(0) => Ok(()),
        Ok(_) => {
            let detail = format!("more came than the {expected} bytes that were expected");
            Err(engine.error(ErrorKind::VerificationFailed, detail))
        }
        // Nothing to read behind the end of the session.
        Err(error) if is_refusal(error.kind()) => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::is_cut;

    #[test]
    fn a_number_may_be_the_beginning_of_the_one_that_was_sent() {
        for (wanted, offered, cut) in
            [(18, 180, true), (1, 1360, true), (180, 180, false), (80, 180, false), (1000, 1360, false)]
        {
            assert_eq!(is_cut(wanted, offered), cut, "{wanted} of {offered}");
        }
    }
}
