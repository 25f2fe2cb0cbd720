//! What nobody can see: the faults after which a wrong result is no fault of the driver's.
//!
//! A serial line of this kind has no checksum, neither for commands nor for answers nor for payload. Whatever turns one valid text
//! into another valid text therefore arrives as if it were meant so. Everything that breaks a count, a form or an order is seen, and
//! is not excused here.

use ftp_modem::emulator::{Damage, Direction, Fate, Fault, ServerFault};
use ftp_modem::modem::Assurance;

use super::case::Case;
use super::operation::{Operation, Seen};
use super::rig::Rig;

/// Why the wrong result of `case` could not be known, if it could not.
pub fn excuse(case: &Case, seen: &Seen, got: &[u8], wanted: &[u8], rig: &Rig) -> Option<&'static str> {
    case.plan.faults.iter().find_map(|fault| match fault {
        Fault::Byte { direction, at, damage } => of_byte(case, *direction, *at, damage, got, wanted, rig),
        Fault::Line { fate: Fate::Number(_), .. } if case.operation.is_question() => {
            Some("the number that was asked for is another one")
        }
        Fault::Server(fault) => of_server(case.operation, fault, seen),
        _ => None,
    })
}

fn of_byte(
    case: &Case,
    direction: Direction,
    at: u64,
    damage: &Damage,
    got: &[u8],
    wanted: &[u8],
    rig: &Rig,
) -> Option<&'static str> {
    if !matches!(damage, Damage::Delete | Damage::Duplicate | Damage::Flip(_) | Damage::Insert(_)) {
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
        Direction::Output if operation.is_question() => Some("the answer is another one"),
        Direction::Input if !operation.is_whole_file() && is_command(&rig.wire.said(), at) => {
            Some("the command is another one, and the module did it")
        }
        _ => None,
    }
}

/// Whether byte `at` of what the host said belongs to a command line: from the last `AT` that begins a line to its carriage return.
fn is_command(said: &[u8], at: u64) -> bool {
    let at = at as usize;
    let before = said.get(..=at).unwrap_or(said);
    let start = before.iter().rposition(|byte| *byte == b'\r').map_or(0, |end| end + 1);
    let start =
        if start > at { before[..at].iter().rposition(|byte| *byte == b'\r').map_or(0, |end| end + 1) } else { start };
    said.get(start..).is_some_and(|line| line.starts_with(b"AT"))
}

fn of_server(operation: Operation, fault: &ServerFault, seen: &Seen) -> Option<&'static str> {
    // A result that rests on the size that the server states must not be wrong about it.
    let rests_on_size = match seen {
        Seen::Transfer(transfer) => transfer.assurance >= Assurance::ServerSize,
        Seen::File(_) => true,
        _ => false,
    };
    match fault {
        ServerFault::Listing { .. } if matches!(operation, Operation::List | Operation::Names) => {
            Some("the server calls a part of the listing all of it")
        }
        ServerFault::Short { .. } if operation.is_download() && !rests_on_size => {
            Some("the server calls a part of the file all of it")
        }
        ServerFault::PartStored { .. } if operation.is_upload() && !rests_on_size => {
            Some("the server calls a file stored of which it has a part")
        }
        ServerFault::IgnoreRest
            if matches!(operation, Operation::RetrieveFrom | Operation::StoreAt) && !rests_on_size =>
        {
            Some("the server takes an offset and ignores it")
        }
        _ => None,
    }
}

/// Whether one byte is another and all the rest is right.
fn differ_in_one_byte(got: &[u8], wanted: &[u8]) -> bool {
    got.len() == wanted.len() && got.iter().zip(wanted).filter(|(one, other)| one != other).count() == 1
}
