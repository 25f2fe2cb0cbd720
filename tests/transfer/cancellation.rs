//! Cancelling from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ftp_modem::emulator::Operation;
use ftp_modem::transfer::{Clock, Download};
use ftp_modem::{ErrorKind, Vendor};

use crate::support::clock::Sleepless;
use crate::support::payload::pattern;
use crate::support::rig::AnyRig;
use crate::{broken, names, target};

#[test]
fn cancelling_ends_a_transfer_and_leaves_the_module_usable() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online(vendor);
        let (folder, path) = target();
        rig.files.put("/a.bin", pattern(200_000));
        let flag = Arc::new(AtomicBool::new(false));
        let set = flag.clone();
        let outcome = Download::new("/a.bin", &path)
            .cancel_with(flag)
            .on_progress(move |_| set.store(true, Ordering::Relaxed))
            .run(&mut *rig.modem);
        match outcome {
            // All of it had come before anybody looked.
            Ok(report) => assert_eq!(report.size, 200_000, "{vendor}"),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Cancelled, "{vendor}: {error}");
                assert!(error.module_usable(), "{vendor}: {error}");
                assert!(!names(&folder).contains(&"file.bin".to_owned()), "{vendor}");
            }
        }
        rig.still_works();
    }
}

#[test]
fn cancelling_ends_the_pause_before_a_retry() {
    struct CancellingClock(Sleepless, Arc<AtomicBool>);
    impl Clock for CancellingClock {
        fn now(&self) -> Duration {
            self.0.now()
        }
        fn sleep(&self, time: Duration) {
            self.0.sleep(time);
            self.1.store(true, Ordering::Relaxed);
        }
    }
    let mut rig = AnyRig::online(Vendor::Luat);
    let (_folder, path) = target();
    rig.files.put("/a.bin", pattern(1000));
    rig.files.fail_next(Operation::Retrieve, broken());
    let flag = Arc::new(AtomicBool::new(false));
    let clock = CancellingClock(Sleepless::default(), flag.clone());
    let error = Download::new("/a.bin", &path).cancel_with(flag).on_clock(clock).run(&mut *rig.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    rig.still_works();
}

#[test]
fn cancelling_during_a_recovery_cancels() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    rig.files.put("/a.bin", vec![1; 50_000]);
    rig.files.break_download_after(20_000);
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    rig.line.before("AT+QFTPCLOSE", move |_, _| set.store(true, Ordering::Relaxed));
    let (_folder, path) = target();
    let download = Download::new("/a.bin", &path).cancel_with(flag).on_clock(Sleepless::default());
    assert_eq!(download.run(&mut *rig.modem).unwrap_err().kind(), ErrorKind::Cancelled);
}
