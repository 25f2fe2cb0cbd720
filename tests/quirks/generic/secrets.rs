//! The password.

use ftp_modem::ErrorKind;

use super::{Rig, online, with};
use crate::support::access::{PASSWORD, USER};
use crate::support::watch::LEAKS;

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
