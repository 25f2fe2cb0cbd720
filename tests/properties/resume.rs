//! However often and wherever transfers break, and whatever happens to the file meanwhile: a file that is reported as
//! complete is complete, and never a mix of two files.

use std::fs;
use std::path::{Path, PathBuf};

use ftp_modem::emulator::{Damage, Fault, Plan, ServerFault};
use ftp_modem::modem::Assurance;
use ftp_modem::transfer::{Download, Reconnect, Report, Retry, Upload};
use ftp_modem::{AccessPoint, Vendor};
use proptest::prelude::*;

use crate::config;
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

fn step(faults: impl Strategy<Value = Plan>) -> impl Strategy<Value = Step> {
    let change = proptest::option::weighted(0.3, (any::<u8>(), 0..SIZES.len()));
    (change, faults).prop_map(|(change, plan)| Step { change, plan })
}

fn of_server(fault: ServerFault) -> Plan {
    Fault::Server(fault).into()
}

/// Whatever may end a download early or change what is downloaded.
fn down_faults() -> impl Strategy<Value = Plan> {
    let lost = prop_oneof![Just(Damage::Delete), Just(Damage::Duplicate)];
    prop_oneof![
        4 => (0..31_000u64).prop_map(|after| of_server(ServerFault::Abort { after })),
        // In the lines before the data as often as in the data.
        6 => (prop_oneof![0..300u64, 0..40_000u64], lost).prop_map(|(at, damage)| damage.of_output(at).into()),
        2 => (1..20_000u64).prop_map(|by| of_server(ServerFault::Short { by })),
        1 => Just(of_server(ServerFault::IgnoreRest)),
        1 => (any::<u8>(), 0..SIZES.len()).prop_map(|(seed, size)| {
            of_server(ServerFault::Replace { content: content(seed, SIZES[size], 5_000) })
        }),
        1 => (0..6u32).prop_map(|after| of_server(ServerFault::Drop { after })),
        1 => (0..6u32).prop_map(|after| of_server(ServerFault::Unavailable { after })),
        1 => Just(Plan::none()),
    ]
}

/// Whatever may end an upload early.
fn up_faults() -> impl Strategy<Value = Plan> {
    prop_oneof![
        4 => (0..31_000u64).prop_map(|after| of_server(ServerFault::Abort { after })),
        3 => (0..30_000u64).prop_map(|keep| of_server(ServerFault::PartStored { keep })),
        1 => (0..31_000u64).prop_map(|after| of_server(ServerFault::Full { after, code: 452 })),
        1 => (0..8u32).prop_map(|after| of_server(ServerFault::Drop { after })),
        1 => (0..8u32).prop_map(|after| of_server(ServerFault::Unavailable { after })),
        1 => Just(Plan::none()),
    ]
}

/// Whether a server reports a file as stored that it has not. Its size shows that. Where it has none, the report claims
/// no more than what the module has counted.
fn is_lie(fault: &Fault) -> bool {
    matches!(fault, Fault::Server(ServerFault::PartStored { .. }))
}

fn vendor() -> impl Strategy<Value = Vendor> {
    proptest::sample::select(&Vendor::ALL[..])
}

/// Where a file that is there differs from the one it should be.
fn difference(there: &[u8], wanted: &[u8]) -> String {
    let first = there.iter().zip(wanted).position(|(one, other)| one != other);
    format!("{} bytes, expected {}, the first difference at {first:?}", there.len(), wanted.len())
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn a_download_is_the_servers_file_or_an_error(
        vendor in vendor(),
        steps in proptest::collection::vec(step(down_faults()), 1..5),
    ) {
        let mut case = Case::new(vendor);
        case.rig.files.put("/a.bin", content(0, 30_000, 5_000));
        for step in steps {
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
                prop_assert!(is_right, "{}, {report:?}", difference(&there, &after));
            }
        }
    }

    #[test]
    fn an_upload_is_the_local_file_or_an_error(
        vendor in vendor(),
        steps in proptest::collection::vec(step(up_faults()), 1..5),
    ) {
        let mut case = Case::new(vendor);
        fs::write(&case.local, content(0, 30_000, 5_000)).unwrap();
        for step in steps {
            if let Some((seed, size)) = step.change {
                fs::write(&case.local, content(seed, SIZES[size], 5_000)).unwrap();
            }
            case.play(&step.plan);
            let outcome = case.upload().resume(true).retry(Retry::never()).run(&mut *case.rig.modem);
            case.play(&Plan::none());
            let can_lie = step.plan.faults.iter().any(is_lie);
            if let Ok(report) = outcome && !(can_lie && report.assurance < Assurance::ServerSize) {
                let (there, wanted) = (case.rig.files.file("/a.bin").unwrap(), read(&case.local));
                prop_assert!(there == wanted, "{}, {report:?}", difference(&there, &wanted));
            }
        }
    }

    #[test]
    fn an_append_adds_the_local_file_once_or_a_beginning_of_it(
        vendor in proptest::sample::select(&[Vendor::Luat, Vendor::Quectel, Vendor::ChinaMobile][..]),
        plan in up_faults(),
        other in up_faults(),
    ) {
        let mut case = Case::new(vendor);
        let (base, ours) = (content(1, 4_000, 0), content(2, 30_000, 5_000));
        case.rig.files.put("/a.bin", base.clone());
        fs::write(&case.local, &ours).unwrap();
        let plan = Plan { faults: [plan.faults, other.faults].concat() };
        case.play(&plan);
        let reconnect = Reconnect::new(AccessPoint::default());
        let can_lie = plan.faults.iter().any(is_lie);
        let outcome = case.upload().append(true).reconnect_with(reconnect).run(&mut *case.rig.modem);
        let there = case.rig.files.file("/a.bin").unwrap();
        let whole = [base.as_slice(), &ours].concat();
        match outcome {
            Ok(report) if can_lie && report.assurance < Assurance::ServerSize => {}
            Ok(report) => prop_assert!(there == whole, "{}, {report:?}", difference(&there, &whole)),
            Err(error) => prop_assert!(
                there.len() >= base.len() && whole.starts_with(&there),
                "{}, {error}", difference(&there, &whole)
            ),
        }
    }
}
