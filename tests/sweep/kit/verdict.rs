//! Whether an operation did what it reported.

use std::fs;

use ftp_modem::Error;
use ftp_modem::ErrorKind;
use ftp_modem::emulator::MemoryServer;
use ftp_modem::modem::Registration;

use super::case::Case;
use super::excuse::excuse;
use super::operation::{BEFORE, GROWING, Moved, OFFSET, Operation, Seen, TARGET};
use super::rig::Rig;
use super::support::access::PASSWORD;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The result was right.
    Right,
    /// An error of this kind said that it was not.
    Refused(ErrorKind),
    /// The result was wrong, and nothing that reaches the host can show it; the reason.
    Undetectable(&'static str),
    /// It must not end so.
    Wrong(String),
}

/// What there is on the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Stock {
    files: Vec<(String, Vec<u8>)>,
    folders: Vec<bool>,
}

impl Stock {
    pub fn of(files: &MemoryServer) -> Self {
        let content = |path: String| {
            let bytes = files.file(&path).unwrap_or_default();
            (path, bytes)
        };
        let folders = ["/store/created", "/store/emptied"].map(|path| files.is_directory(path));
        Stock { files: files.files().into_iter().map(content).collect(), folders: folders.to_vec() }
    }
}

/// What an operation gives, and leaves on the server, when nothing goes wrong.
#[derive(Clone, Debug)]
pub struct Reference {
    pub seen: Seen,
    pub stock: Stock,
}

/// The bytes that a download of `case` must give.
fn truth(case: &Case) -> Vec<u8> {
    let content = case.content();
    match case.operation {
        Operation::RetrieveFrom => content[OFFSET as usize..].to_vec(),
        _ => content,
    }
}

/// Judges a result.
pub fn of_result(case: &Case, seen: &Seen, moved: &Moved, rig: &Rig, reference: &Reference) -> Verdict {
    let operation = case.operation;
    let local = moved.local.as_ref().map(|path| fs::read(path).unwrap_or_default());
    let (got, wanted) = match operation {
        Operation::Download => (local.unwrap_or_default(), truth(case)),
        _ if operation.is_download() => (moved.bytes.clone(), truth(case)),
        Operation::Append => {
            let wanted = [b"begun ", &case.content()[..]].concat();
            (rig.files.file(GROWING).unwrap_or_default(), wanted)
        }
        _ if operation.is_upload() => (rig.files.file(TARGET).unwrap_or_default(), case.content()),
        _ => (Vec::new(), Vec::new()),
    };
    let reported = match seen {
        Seen::Transfer(transfer) => Some(transfer.bytes),
        Seen::File(report) => Some(report.size),
        _ => None,
    };
    if operation.is_download() && reported != Some(got.len() as u64) {
        return Verdict::Wrong(format!("{} bytes came, reported {reported:?}", got.len()));
    }
    let is_answer_right = match (seen, &reference.seen) {
        // What a module does not report is missing in this answer.
        (Seen::Network(network), Seen::Network(right)) => {
            (network.signal.is_none() || network.signal == right.signal)
                && (network.registration == Registration::Unknown || network.registration == right.registration)
        }
        (Seen::Bearer(bearer), Seen::Bearer(right)) => bearer.address.is_none() || bearer == right,
        _ => !operation.is_question() || *seen == reference.seen,
    };
    let is_stock_right = got == wanted && (operation.is_download() || Stock::of(&rig.files) == reference.stock);
    if is_answer_right && is_stock_right {
        return Verdict::Right;
    }
    match excuse(case, seen, &got, &wanted, rig) {
        Some(reason) => Verdict::Undetectable(reason),
        None if !is_answer_right => Verdict::Wrong(format!("it says {seen:?}")),
        None if got != wanted => {
            let first = got.iter().zip(&wanted).position(|(one, other)| one != other);
            let place = first.unwrap_or(got.len().min(wanted.len()));
            let (got, wanted) = (got.len(), wanted.len());
            Verdict::Wrong(format!("it says {seen:?}, but byte {place} on differs; {got} bytes of {wanted}"))
        }
        None => Verdict::Wrong("the server has not what it says".to_owned()),
    }
}

/// Judges an error.
pub fn of_error(case: &Case, error: &Error, moved: &Moved, rig: &Rig) -> Verdict {
    if format!("{error} {error:#?}").contains(PASSWORD) {
        return Verdict::Wrong("the error holds the password".to_owned());
    }
    let reported = error.transferred().unwrap_or(0);
    match case.operation {
        Operation::Download
            if moved.local.as_ref().is_some_and(|path| fs::read(path).ok().as_deref() != Some(BEFORE)) =>
        {
            return Verdict::Wrong(format!("the local file is not what it was: {error}"));
        }
        Operation::Retrieve | Operation::RetrieveFrom => {
            if reported != moved.bytes.len() as u64 {
                return Verdict::Wrong(format!("{} bytes came, the error says {reported}: {error}", moved.bytes.len()));
            }
            let proven = error.proven().unwrap_or(0) as usize;
            let wanted = truth(case);
            let (got, wanted) = (&moved.bytes[..proven.min(moved.bytes.len())], &wanted[..proven.min(wanted.len())]);
            if got != wanted && excuse(case, &Seen::Done, got, wanted, rig).is_none() {
                return Verdict::Wrong(format!("{proven} bytes are called proven and are wrong: {error}"));
            }
        }
        Operation::Store | Operation::StoreAt | Operation::Append | Operation::Upload => {
            let (path, before) = match case.operation {
                Operation::StoreAt => (TARGET, OFFSET),
                Operation::Append => (GROWING, 6),
                _ => (TARGET, 0),
            };
            let there = rig.files.file(path).map_or(0, |bytes| bytes.len() as u64).saturating_sub(before);
            if there > reported && excuse(case, &Seen::Done, &[], &[], rig).is_none() {
                return Verdict::Wrong(format!("the server has {there} bytes, the error says {reported}: {error}"));
            }
        }
        _ => {}
    }
    Verdict::Refused(error.kind())
}
