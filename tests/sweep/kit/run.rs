//! One run: the operation under its fault, its judgement, and whether the driver works afterwards.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use ftp_modem::emulator::{Damage, Direction, Fate, Fault, Plan};
use ftp_modem::{Error, Retrieve};

use super::case::Case;
use super::excuse;
use super::operation::{Moved, Operation, wants_connecting};
use super::plans::Trace;
use super::rig::{PLAIN, PLAIN_TEXT, Rig};
use super::verdict::{self, Reference, Stock, Verdict};

/// No plain operation takes longer, whatever the module is still doing.
const PLAIN_LIMIT: Duration = Duration::from_secs(1800);

/// How long after a fault its last late answers may come.
const SETTLING: Duration = Duration::from_secs(1);

/// How the next call went once the fault was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum After {
    /// It worked.
    Clean,
    /// It said what was lost; after attaching and logging in it worked.
    Reconnected,
    /// The operation ended before the fault showed: the next call failed with an error, and the one after it worked.
    Late,
    /// The line was cut for good; another driver on another line worked.
    NewDriver,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub verdict: Verdict,
    /// How the driver worked afterwards, or what failed.
    pub after: Result<After, String>,
}

impl Outcome {
    /// What must not be, if something must not be.
    pub fn failure(&self) -> Option<String> {
        match (&self.verdict, &self.after) {
            (Verdict::Wrong(words), _) => Some(words.clone()),
            (_, Err(words)) => Some(format!("{:?}, then {words}", self.verdict)),
            _ => None,
        }
    }
}

/// The operation of `case` when nothing goes wrong, and the exchange it takes.
///
/// # Errors
/// Those of the operation, which then cannot be swept.
pub fn rehearse(case: &Case, folder: &Path) -> Result<(Reference, Trace), Error> {
    let mut rig = case.rig()?;
    case.operation.prepare(&mut rig)?;
    rig.play(&Plan::none());
    let seen = case.operation.perform(&mut rig, case.pace.limit(), folder, &mut Moved::default())?;
    let trace = Trace {
        input: rig.line.passed(Direction::Input),
        output: rig.line.passed(Direction::Output),
        heard: rig.line.heard(),
    };
    Ok((Reference { seen, stock: Stock::of(&rig.files) }, trace))
}

/// Runs `case` and judges it; a panic is an outcome, too.
pub fn run(case: &Case, reference: &Reference, folder: &Path) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| play(case, reference, folder))).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
        let verdict = Verdict::Wrong(format!("panic: {}", words.unwrap_or_default()));
        Outcome { verdict, after: Ok(After::Clean) }
    })
}

fn play(case: &Case, reference: &Reference, folder: &Path) -> Outcome {
    let mut rig = case.rig().unwrap_or_else(|error| panic!("before the fault: {error}"));
    case.operation.prepare(&mut rig).unwrap_or_else(|error| panic!("before the fault: {error}"));

    rig.play(&case.plan);
    let begun = rig.line.elapsed();
    let mut moved = Moved::default();
    let result = case.operation.perform(&mut rig, case.pace.limit(), folder, &mut moved);
    let took = rig.line.elapsed() - begun;

    let mut verdict = match &result {
        Ok(seen) => verdict::of_result(case, seen, &moved, &rig, reference),
        Err(error) => verdict::of_error(case, error, &moved, &rig),
    };
    if took > case.pace.limit() + case.pace.limit() / 10 {
        let result = result.as_ref().map(drop);
        verdict = Verdict::Wrong(format!("it took {} s: {result:?}", took.as_secs()));
    }
    let after = recover(case, &mut rig, result.is_ok(), &verdict);
    Outcome { verdict, after }
}

/// The fault is over: does the next call work?
fn recover(case: &Case, rig: &mut Rig, succeeded: bool, verdict: &Verdict) -> Result<After, String> {
    // A module that is still at what took so long has not recovered, and a line that is late has not come.
    let lasting = case.plan.faults.iter().map(|fault| match fault {
        Fault::Slow(time) => *time * 5,
        Fault::Line { fate: Fate::Delay(time), .. } | Fault::Head { fate: Fate::Delay(time), .. } => *time,
        _ => Duration::ZERO,
    });
    let shows_late = excuse::shows_late(case, &rig.line.sent(), &rig.line.heard());
    rig.heal_after(lasting.max().unwrap_or_default() + SETTLING);
    let is_cut = case
        .plan
        .faults
        .iter()
        .any(|fault| matches!(fault, Fault::Byte { damage: Damage::HangUp | Damage::Stall(None), .. }));
    let begun = rig.line.elapsed();
    let after = if is_cut {
        rig.replace_driver().map_err(|error| format!("a new driver: {error}"))?;
        rig.connect().map_err(|error| format!("a new driver, connecting: {error}"))?;
        plain(rig, PLAIN, PLAIN_TEXT)?.map_err(|error| format!("a new driver, plain operation: {error}"))?;
        After::NewDriver
    } else {
        same_driver(case, rig, succeeded, shows_late, verdict)?
    };
    let took = rig.line.elapsed() - begun;
    if took > PLAIN_LIMIT {
        return Err(format!("the plain operation took {} s", took.as_secs()));
    }
    Ok(after)
}

fn same_driver(
    case: &Case,
    rig: &mut Rig,
    succeeded: bool,
    shows_late: bool,
    verdict: &Verdict,
) -> Result<After, String> {
    use Operation::{Attach, Cdup, Cwd, Detach, Login, Logout, Network};
    let may_be_late = succeeded && shows_late || *verdict == Verdict::Undetectable(excuse::ADDED);
    let next = |rig: &mut Rig| -> Result<Result<(), Error>, String> {
        match case.operation {
            Network | Attach | Login | Logout | Detach => Ok(rig.connect()),
            _ => plain(rig, PLAIN, PLAIN_TEXT),
        }
    };
    let mut after = After::Clean;
    if let Err(error) = next(rig)? {
        after = After::Reconnected;
        if wants_connecting(&error) {
            rig.connect().map_err(|second| format!("the next call: {error}; connecting: {second}"))?;
        } else if may_be_late {
            after = After::Late;
            next(rig)?.map_err(|second| format!("the next call: {error}; the one after it: {second}"))?;
        } else {
            return Err(format!("the next call: {error}"));
        }
    }
    // Where the operation changed the directory successfully, the driver must be there.
    let is_there = after == After::Clean && !shows_late;
    let (path, wanted) = match case.operation {
        Cwd if succeeded && is_there => ("source.bin", rig.content.clone()),
        Cdup if succeeded && is_there => ("plain-operation.txt", PLAIN_TEXT.to_vec()),
        _ => (PLAIN, PLAIN_TEXT.to_vec()),
    };
    plain(rig, path, &wanted)?.map_err(|error| format!("a second plain operation: {error}"))?;
    Ok(after)
}

/// A download of a small file. Wrong bytes are no error but a failure.
fn plain(rig: &mut Rig, path: &str, wanted: &[u8]) -> Result<Result<(), Error>, String> {
    let mut bytes = Vec::new();
    match rig.modem.retrieve(path, &Retrieve::whole(), &mut bytes) {
        Ok(_) if bytes == wanted => Ok(Ok(())),
        Ok(transfer) => {
            Err(format!("the plain operation gave wrong bytes: {transfer:?} {:?}", bytes.escape_ascii().to_string()))
        }
        Err(error) => Ok(Err(error)),
    }
}
