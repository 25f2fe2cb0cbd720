//! Undetectable faults, after which a wrong result is not an error of the driver.
//!
//! A serial line of this kind has no checksum, neither for commands nor for answers nor for payload. A fault that turns
//! one valid text into another valid text cannot be detected. A fault that breaks a count, a form or an order can, and
//! is not excused here.

use ftp_modem::emulator::{Damage, Direction, Fate, Fault, ServerFault};
use ftp_modem::modem::Assurance;

use super::case::Case;
use super::operation::{Operation, Seen};
use super::rig::Rig;
use super::support::expected::{Listing, expected};

/// The bytes that are pushed out precede the next command, which fails.
pub const ADDED: &str = "bytes added to payload on its way up push as many out at its end, and every count agrees";

const ANOTHER_SIZE: &str = "the size on which the result rests is another one";

/// Why the wrong result of `case` could not be known, if it could not.
pub fn excuse(case: &Case, seen: &Seen, got: &[u8], wanted: &[u8], rig: &Rig) -> Option<&'static str> {
    case.plan.faults.iter().find_map(|fault| match fault {
        Fault::Byte { direction, at, damage } => of_byte(case, *direction, *at, damage, seen, (got, wanted), rig),
        Fault::Line { fate: Fate::Number(_), .. } if case.operation.is_question() => {
            Some("the number that was queried is another one")
        }
        Fault::Line { prefix, fate: Fate::Number(_), .. } if !case.operation.is_whole_file() => {
            (prefix.contains("SIZE") && rests_on_another_size(got, wanted)).then_some(ANOTHER_SIZE)
        }
        Fault::Line { prefix, fate: Fate::Lose | Fate::Delay(_) | Fate::Repeat(_) | Fate::Swap, .. } => {
            let listing = expected(case.vendor).listing;
            let is_row = matches!(listing, Listing::Rows(start) if prefix == start)
                && matches!(case.operation, Operation::List | Operation::Names);
            is_row.then_some("a row of a listing that is not counted")
        }
        Fault::Payload { .. } => {
            let has_no_count = expected(case.vendor).listing == Listing::Uncounted;
            let is_listing = matches!(case.operation, Operation::List | Operation::Names);
            (has_no_count && is_listing).then_some("text of a listing whose length is not announced, or not reliably")
        }
        Fault::Server(fault) => of_server(case.operation, fault, seen, got.len() == wanted.len()),
        _ => None,
    })
}

/// Whether the operation may have succeeded before the fault shows: the fault changes a command, which the module
/// executes, or the last line end, or it adds a byte to an upload that pushes an equal one out at its end.
pub fn shows_late(case: &Case, said: &[u8], heard: &[u8]) -> bool {
    case.plan.faults.iter().any(|fault| match fault {
        Fault::Byte { damage: Damage::DataMode, .. } => true,
        Fault::Byte { direction, at, damage } if changes_bytes(damage) => match direction {
            Direction::Input => is_command(said, *at) || added(damage) > 0 && case.operation.is_upload(),
            Direction::Output => *at as usize + 4 >= heard.len(),
        },
        _ => false,
    })
}

/// Whether all that it does is that other bytes come.
fn changes_bytes(damage: &Damage) -> bool {
    added(damage) > 0 || matches!(damage, Damage::Delete | Damage::Lose(_) | Damage::Exchange | Damage::Flip(_))
}

/// Whether the answer is a counted listing whose count does not agree then. Two bytes that are added or lost may push
/// out the line end behind it, or be replaced by it.
fn breaks_count(case: &Case, damage: &Damage) -> bool {
    let listing = expected(case.vendor).listing;
    let is_counted = matches!(listing, Listing::CountedBefore | Listing::CountedBehind)
        && matches!(case.operation, Operation::List | Operation::Names);
    let agrees = added(damage) == 2 || matches!(damage, Damage::Lose(2) | Damage::Flip(_) | Damage::Exchange);
    is_counted && !agrees
}

/// How many bytes come that were not sent.
fn added(damage: &Damage) -> usize {
    match damage {
        Damage::Insert(bytes) => bytes.len(),
        Damage::Duplicate => 1,
        Damage::Repeat(count) => *count as usize,
        _ => 0,
    }
}

fn of_byte(
    case: &Case,
    direction: Direction,
    at: u64,
    damage: &Damage,
    seen: &Seen,
    (got, wanted): (&[u8], &[u8]),
    rig: &Rig,
) -> Option<&'static str> {
    if *damage == Damage::Restart
        && matches!(case.operation, Operation::Pwd | Operation::Size)
        && direction == Direction::Output
    {
        return Some("the module restarts in the middle of an answer, whose beginning is one, too");
    }
    if !changes_bytes(damage) {
        return None;
    }
    let operation = case.operation;
    let is_flip = matches!(damage, Damage::Flip(_));
    match direction {
        Direction::Output if operation.is_download() && is_flip && differ_in_one_byte(got, wanted) => {
            Some("a bit of payload on its way down")
        }
        Direction::Input if operation.is_upload() && is_flip && differ_in_one_byte(got, wanted) => {
            Some("a bit of payload on its way up")
        }
        _ if *damage == Damage::Exchange && operation.moves_bytes() && differ_in_their_order(got, wanted) => {
            Some("two bytes of payload in the wrong order")
        }
        Direction::Input if operation.is_upload() && is_shifted(got, wanted, damage) => Some(ADDED),
        Direction::Output if !operation.is_whole_file() && rests_on_another_size(got, wanted) => Some(ANOTHER_SIZE),
        Direction::Output if operation.is_question() && !breaks_count(case, damage) => {
            Some("the answer is another one")
        }
        Direction::Input if !is_proven_by_size(operation, seen) && is_command(&rig.line.sent(), at) => {
            Some("the command is another one, and the module did it")
        }
        _ => None,
    }
}

/// Whether byte `at` of what the host sent belongs to a command line: `AT+` precedes it, without a carriage return
/// between.
fn is_command(said: &[u8], at: u64) -> bool {
    let at = at as usize;
    let before = said.get(..at).unwrap_or(said);
    let start = before.iter().rposition(|byte| *byte == b'\r').map_or(0, |end| end + 1);
    // Behind payload a command line need not begin a line; its own first bytes belong to it, too.
    let line = said.get(start..(at + 3).min(said.len())).unwrap_or_default();
    line.windows(3).any(|begin| begin == b"AT+")
}

fn of_server(operation: Operation, fault: &ServerFault, seen: &Seen, agrees: bool) -> Option<&'static str> {
    let rests_on_size = rests_on_size(seen);
    match fault {
        ServerFault::Listing { .. } if matches!(operation, Operation::List | Operation::Names) => {
            Some("the server reports a part of the listing as all of it")
        }
        ServerFault::Short { .. } if operation.is_download() && !rests_on_size => {
            Some("the server reports a part of the file as all of it")
        }
        ServerFault::PartStored { .. } if operation.is_upload() && !rests_on_size => {
            Some("the server reports a file as stored of which it has a part")
        }
        ServerFault::IgnoreRest if operation == Operation::RetrieveFrom && (agrees || !rests_on_size) => {
            Some("the server takes an offset and ignores it")
        }
        _ => None,
    }
}

/// Whether a result rests on the size that the server states, about which it must not be wrong.
fn rests_on_size(seen: &Seen) -> bool {
    match seen {
        Seen::Transfer(transfer) => transfer.assurance >= Assurance::ServerSize,
        Seen::File(report) => report.assurance >= Assurance::ServerSize,
        _ => false,
    }
}

/// Whether a whole file was compared with what the server has: a single operation only knows what it was told.
fn is_proven_by_size(operation: Operation, seen: &Seen) -> bool {
    operation.is_whole_file() && rests_on_size(seen)
}

/// Whether `got` is what a download or an upload gives that believes in another size of the file.
fn rests_on_another_size(got: &[u8], wanted: &[u8]) -> bool {
    got != wanted && (wanted.starts_with(got) || wanted.ends_with(got))
}

/// Whether what was added to `wanted` by `damage` is in `got`, and as much is missing at the end.
fn is_shifted(got: &[u8], wanted: &[u8], damage: &Damage) -> bool {
    let added = added(damage);
    let first = got.iter().zip(wanted).take_while(|(one, other)| one == other).count();
    // What was added may begin like what follows it.
    added > 0
        && got.len() == wanted.len()
        && (0..=added).filter_map(|same| first.checked_sub(same)).any(|place| {
            let end = wanted.len().saturating_sub(added).max(place);
            got.get(place + added..).is_none_or(|rest| rest == &wanted[place..end])
        })
}

/// Whether two bytes are exchanged and all the rest is right.
fn differ_in_their_order(got: &[u8], wanted: &[u8]) -> bool {
    let first = got.iter().zip(wanted).take_while(|(one, other)| one == other).count();
    let mut put_right = got.to_vec();
    if first + 1 < got.len() {
        put_right.swap(first, first + 1);
    }
    put_right == wanted
}

/// Whether one byte is another and all the rest is right.
fn differ_in_one_byte(got: &[u8], wanted: &[u8]) -> bool {
    got.len() == wanted.len() && got.iter().zip(wanted).filter(|(one, other)| one != other).count() == 1
}
