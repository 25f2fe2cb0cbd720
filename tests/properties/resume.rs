//! However often and wherever transfers break, and whatever happens to the file meanwhile: a file that is reported as
//! complete is complete, and never a mix of two files.

use std::fs;
use std::path::{Path, PathBuf};

use ftp_modem::emulator::{Damage, Fault, Plan, ServerFault};
use ftp_modem::modem::Assurance;
use ftp_modem::transfer::{Download, Reconnect, Report, Retry, Upload};
use ftp_modem::{AccessPoint, Vendor};

use crate::support::chance::{Chance, for_all};
use crate::support::clock::Sleepless;
use crate::support::rig::{AnyRig, carrying};

/// A rig, and a local file.
struct Case {
    rig: AnyRig,
    local: PathBuf,
    _folder: tempfile::TempDir,
}

impl Case {
    fn new(vendor: Vendor) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rig = AnyRig::online_with(vendor, carrying(vendor));
        Case { rig, local: folder.path().join("file.bin"), _folder: folder }
    }

    /// Lets `plan` happen from now on.
    fn play(&self, plan: &Plan) {
        self.rig.files.play(plan);
        self.rig.line.play(plan.clone());
    }

    fn download(&mut self) -> ftp_modem::Result<Report> {
        let download = Download::new("/a.bin", &self.local).resume(true);
        download.retry(Retry::never()).on_clock(Sleepless::default()).run(&mut *self.rig.modem)
    }

    fn upload(&self) -> Upload<'static> {
        Upload::new(&self.local, "/a.bin").force_binary(true).on_clock(Sleepless::default())
    }
}

/// A file of so many bytes: a part that differs from that of every other file, then padding.
fn content(seed: u8, length: usize, padding: usize) -> Vec<u8> {
    let mut state = u32::from(seed).wrapping_mul(0x9e37_79b9) | 1;
    let different = (0..length.saturating_sub(padding)).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    different.chain(std::iter::repeat_n(0xff, padding.min(length))).collect()
}

const SIZES: [usize; 4] = [30_000, 30_000, 30_001, 9_000];

/// What happens between two tries.
#[derive(Debug, Clone)]
struct Step {
    /// The file becomes another one, of one of the [`SIZES`].
    change: Option<(u8, usize)>,
    /// What goes wrong with the next try.
    plan: Plan,
}

fn step(chance: &mut Chance, faults: fn(&mut Chance) -> Plan) -> Step {
    let change = chance.percent(30).then(|| (chance.byte(), chance.below(SIZES.len())));
    Step { change, plan: faults(chance) }
}

/// One to four of them.
fn steps(chance: &mut Chance, faults: fn(&mut Chance) -> Plan) -> Vec<Step> {
    (0..=chance.below(4)).map(|_| step(chance, faults)).collect()
}

fn of_server(fault: ServerFault) -> Plan {
    Fault::Server(fault).into()
}

/// Whatever may end a download early or change what is downloaded.
fn down_faults(chance: &mut Chance) -> Plan {
    match chance.below(17) {
        0..4 => of_server(ServerFault::Abort { after: chance.between(0, 31_000) }),
        4..10 => {
            // In the lines before the data as often as in the data.
            let end = chance.of(&[300, 40_000]);
            let damage = if chance.percent(50) { Damage::Delete } else { Damage::Duplicate };
            damage.of_output(chance.between(0, end)).into()
        }
        10..12 => of_server(ServerFault::Short { by: chance.between(1, 20_000) }),
        12 => of_server(ServerFault::IgnoreRest),
        13 => of_server(ServerFault::Replace { content: content(chance.byte(), chance.of(&SIZES), 5_000) }),
        14 => of_server(ServerFault::Drop { after: chance.below(6) as u32 }),
        15 => of_server(ServerFault::Unavailable { after: chance.below(6) as u32 }),
        _ => Plan::none(),
    }
}

/// Whatever may end an upload early.
fn up_faults(chance: &mut Chance) -> Plan {
    match chance.below(11) {
        0..4 => of_server(ServerFault::Abort { after: chance.between(0, 31_000) }),
        4..7 => of_server(ServerFault::PartStored { keep: chance.between(0, 30_000) }),
        7 => of_server(ServerFault::Full { after: chance.between(0, 31_000), code: 452 }),
        8 => of_server(ServerFault::Drop { after: chance.below(8) as u32 }),
        9 => of_server(ServerFault::Unavailable { after: chance.below(8) as u32 }),
        _ => Plan::none(),
    }
}

/// Whether a server reports a file as stored that it has not. Its size shows that. Where it has none, the report claims
/// no more than what the module has counted.
fn is_lie(fault: &Fault) -> bool {
    matches!(fault, Fault::Server(ServerFault::PartStored { .. }))
}

/// Where a file that is there differs from the one it should be.
fn difference(there: &[u8], wanted: &[u8]) -> String {
    let first = there.iter().zip(wanted).position(|(one, other)| one != other);
    format!("{} bytes, expected {}, the first difference at {first:?}", there.len(), wanted.len())
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

#[test]
fn a_download_is_the_servers_file_or_an_error() {
    for_all(100, |chance| {
        let mut case = Case::new(chance.of(&Vendor::ALL));
        case.rig.files.put("/a.bin", content(0, 30_000, 5_000));
        for step in steps(chance, down_faults) {
            if let Some((seed, size)) = step.change {
                case.rig.files.put("/a.bin", content(seed, SIZES[size], 5_000));
            }
            let before = case.rig.files.file("/a.bin").unwrap();
            case.play(&step.plan);
            let outcome = case.download();
            case.play(&Plan::none());
            let after = case.rig.files.file("/a.bin").unwrap();
            if let Ok(report) = outcome {
                let there = read(&case.local);
                // A file may be replaced between SIZE and RETR: a dialect that requests the number of bytes of the old
                // file gets so many of the new one.
                let is_replaced = matches!(step.plan.faults[..], [Fault::Server(ServerFault::Replace { .. })]);
                let is_beginning = is_replaced && there.len() == before.len() && after.starts_with(&there);
                let is_right = there == before || there == after || is_beginning;
                assert!(is_right, "{}, {report:?}", difference(&there, &after));
            }
        }
    });
}

#[test]
fn an_upload_is_the_local_file_or_an_error() {
    for_all(100, |chance| {
        let mut case = Case::new(chance.of(&Vendor::ALL));
        fs::write(&case.local, content(0, 30_000, 5_000)).unwrap();
        for step in steps(chance, up_faults) {
            if let Some((seed, size)) = step.change {
                fs::write(&case.local, content(seed, SIZES[size], 5_000)).unwrap();
            }
            case.play(&step.plan);
            let outcome = case.upload().resume(true).retry(Retry::never()).run(&mut *case.rig.modem);
            case.play(&Plan::none());
            let can_lie = step.plan.faults.iter().any(is_lie);
            if let Ok(report) = outcome
                && !(can_lie && report.assurance < Assurance::ServerSize)
            {
                let (there, wanted) = (case.rig.files.file("/a.bin").unwrap(), read(&case.local));
                assert!(there == wanted, "{}, {report:?}", difference(&there, &wanted));
            }
        }
    });
}

#[test]
fn an_append_adds_the_local_file_once_or_a_beginning_of_it() {
    for_all(100, |chance| {
        let mut case = Case::new(chance.of(&[Vendor::Luat, Vendor::Quectel, Vendor::ChinaMobile]));
        let (base, ours) = (content(1, 4_000, 0), content(2, 30_000, 5_000));
        case.rig.files.put("/a.bin", base.clone());
        fs::write(&case.local, &ours).unwrap();
        let plan = Plan { faults: [up_faults(chance).faults, up_faults(chance).faults].concat() };
        case.play(&plan);
        let reconnect = Reconnect::new(AccessPoint::default());
        let can_lie = plan.faults.iter().any(is_lie);
        let outcome = case.upload().append(true).reconnect_with(reconnect).run(&mut *case.rig.modem);
        let there = case.rig.files.file("/a.bin").unwrap();
        let whole = [base.as_slice(), &ours].concat();
        match outcome {
            Ok(report) if can_lie && report.assurance < Assurance::ServerSize => {}
            Ok(report) => assert!(there == whole, "{}, {report:?}", difference(&there, &whole)),
            Err(error) => assert!(
                there.len() >= base.len() && whole.starts_with(&there),
                "{}, {error}",
                difference(&there, &whole)
            ),
        }
    });
}
