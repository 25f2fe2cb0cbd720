//! The lines behind a payload whose length is not known, or not to be relied on.

use super::line::Line;

const LINE_END: &[u8] = b"\r\n";
pub(super) const ACKNOWLEDGEMENT: &[u8] = b"\r\nOK\r\n";

/// How a payload of [`Engine::receive_until_trailer`](super::Engine::receive_until_trailer) ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trailer {
    /// Bytes of payload there were.
    pub payload: u64,
    /// The line that ended it; none when the expected number of bytes came, and the lines behind them are still to be read.
    pub line: Option<Line>,
}

/// An end of the payload within the last bytes that came.
pub(super) struct End {
    /// Bytes before it.
    pub(super) payload: usize,
    /// Bytes of the lines that make it up.
    pub(super) trailer: usize,
    /// The information line.
    pub(super) line: Line,
    /// Whether it reports success with exactly the number of bytes that came.
    pub(super) agrees: bool,
}

/// Looks for the end of the payload in `tail`, before which `received` bytes have passed.
pub(super) fn find_end(tail: &[u8], prefix: &str, received: u64) -> Option<End> {
    let begins =
        |rest: &[u8]| rest.strip_prefix(LINE_END)?.strip_prefix(prefix.as_bytes())?.strip_prefix(b":").map(drop);
    let start = (0..tail.len()).rev().find(|start| tail.get(*start..).and_then(begins).is_some())?;
    let text = tail.get(start + 2..)?;
    let length = text.windows(2).position(|window| window == b"\r\n")?;
    let line = Line::new(text.get(..length)?);
    let before = tail.get(..start)?;
    let end =
        |payload: usize, agrees| End { payload, trailer: start + 2 + length + 2 - payload, line: line.clone(), agrees };

    match (line.number(0), line.number(1)) {
        (Some(0), Some(count)) => {
            let payload = usize::try_from(count.checked_sub(received)?).ok()?;
            let lines = before.get(payload..)?;
            let acknowledged = lines.windows(ACKNOWLEDGEMENT.len()).any(|window| window == ACKNOWLEDGEMENT);
            (lines.starts_with(b"\r\n") && acknowledged).then(|| end(payload, true))
        }
        // An error, with or without an OK before it.
        _ => {
            let acknowledgement =
                before.windows(ACKNOWLEDGEMENT.len()).rposition(|window| window == ACKNOWLEDGEMENT).unwrap_or(start);
            Some(end(acknowledgement, false))
        }
    }
}
