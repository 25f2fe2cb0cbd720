//! No call exceeds its time limit by more than a tenth.

use std::time::Duration;

use ftp_modem::emulator::Options;
use ftp_modem::modem::{AccessPoint, TimeLimits};
use ftp_modem::{Controls, Error, Vendor};

use crate::for_each_dialect;
use crate::support::access::server;
use crate::support::rig::AnyRig;

const LIMIT: Duration = Duration::from_secs(3);

type Call = (&'static str, fn(&mut AnyRig) -> Result<(), Error>);

/// What a program may call while the module is dead.
const CALLS: &[Call] = &[
    ("status", |rig| rig.modem.status().map(drop)),
    ("network", |rig| rig.modem.network().map(drop)),
    ("list", |rig| rig.modem.list("/").map(drop)),
    ("size", |rig| rig.modem.size("/a").map(drop)),
    ("mkdir", |rig| rig.modem.mkdir("/d")),
    ("download", |rig| rig.download("/a").map(drop)),
    ("upload", |rig| rig.upload("/b", b"hello").map(drop)),
    ("attach", |rig| rig.modem.attach(&AccessPoint::default()).map(drop)),
    ("login", |rig| rig.modem.login(&server())),
    ("logout", |rig| rig.modem.logout()),
    ("detach", |rig| rig.modem.detach()),
];

for_each_dialect! {
    fn a_dead_module_ends_every_call_within_the_limit_of_a_command(vendor: Vendor) {
        let mut late = Vec::new();
        for (name, call) in CALLS {
            let mut rig = AnyRig::online_with(vendor, Options::default());
            rig.files.put("/a", "x");
            let limits = TimeLimits::default().with_command(LIMIT);
            rig.modem.set_controls(Controls::new().with_time_limits(limits));
            rig.line.answer("", b"");
            // The module stays dead: the second call finds it so.
            for call in [*call, CALLS[0].1, CALLS[2].1, CALLS[2].1] {
                let begun = rig.line.elapsed();
                let outcome = call(&mut rig);
                let time = rig.line.elapsed() - begun;
                if time > LIMIT * 11 / 10 {
                    late.push(format!("{name}: {time:?} {outcome:?}"));
                }
            }
        }
        assert!(late.is_empty(), "\n{}", late.join("\n"));
    }
}
