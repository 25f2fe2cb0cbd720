//! The password, and the data of files.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ftp_modem::emulator::Options;
use ftp_modem::modem::Retrieve;
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, online, with};
use crate::support::access::{PASSWORD, USER};
use crate::support::streams::Cancelling;
use crate::support::watch::{LEAKS, PRIVATE};

/// FTPSCON prints it (manual).
#[test]
fn the_configuration_hides_the_password() {
    let mut rig = online(|_| {});
    let lines = rig.modem.configuration().unwrap();
    assert!(lines.iter().any(|line| line == "FTPPW:***"), "{lines:?}");
    assert!(lines.iter().any(|line| line == &format!("FTPUN:{USER}")), "{lines:?}");
    assert!(!lines.concat().contains(PASSWORD));
    assert!(!rig.line.text().contains("FTPPW?"));
    assert_eq!(*LEAKS.lock().unwrap(), Vec::<String>::new());
    // Before a login it would be that of another program, which the driver could not recognise in the log.
    let mut rig = Rig::open(with(|_| {}));
    let (error, sent) = rig.line.clone().sent_by(|| rig.modem.configuration().unwrap_err());
    assert_eq!((error.kind(), sent.as_str()), (ErrorKind::WrongState, ""), "{error}");
}

/// The rest of a download that was cancelled arrives between the lines of the module.
#[test]
fn file_data_are_not_logged_after_a_cancelled_download() {
    let mut rig = Rig::online(Options::default());
    rig.files.put("/a.txt", format!("{PRIVATE} data of a customer\r\n").repeat(10_000));
    let flag = Arc::new(AtomicBool::new(false));
    rig.cancel_with(&flag);
    rig.modem.retrieve("/a.txt", &Retrieve::whole(), &mut Cancelling::at_once(&flag)).unwrap_err();
    flag.store(false, Ordering::Relaxed);
    let _ = rig.modem.pwd();
    let _ = rig.modem.list("/");
    assert_eq!(*LEAKS.lock().unwrap(), Vec::<String>::new());
}
