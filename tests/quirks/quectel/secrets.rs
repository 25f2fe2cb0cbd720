//! The password.

use ftp_modem::FtpModem;
use ftp_modem::emulator::Faulty;

use super::{Rig, with};
use crate::support::access::{PASSWORD, server};
use crate::support::watch::{LEAKS, LINES};

/// A module that has just started echoes the command with the account.
#[test]
fn the_password_is_in_no_log_and_no_error() {
    for masked in [true, false] {
        // Echoed by a module that has just started.
        let mut rig = Rig::online(with(|o| o.masked_password = masked));
        rig.line.after("+QFTPCWD", Faulty::restart);
        let error = rig.modem.cwd("/").unwrap_err();
        rig.go_online();
        rig.works_both_ways();
        let text = format!("{error} {error:#?} {:?}", server());
        assert!(!text.contains(PASSWORD));
        assert!(!rig.line.text().contains("\"account\"\r"), "it is never read back, so never compared with asterisks");
    }
    assert!(*LINES.lock().unwrap() > 0);
    assert_eq!(*LEAKS.lock().unwrap(), Vec::<String>::new());
}
