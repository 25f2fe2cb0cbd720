//! Which modules speak this dialect.

use ftp_modem::emulator::Identity;

use super::{Rig, every_operation_works, with};

/// Their answers have other prefixes in the manual: FTPMODE for FTPSERV, FTPUN for FTPPW.
#[test]
fn an_unknown_model_is_recognised_by_test_commands() {
    for misprints in [false, true] {
        let unknown = || String::from("X1");
        let identity = Identity { manufacturer: unknown(), model: unknown(), revision: unknown(), serial: unknown() };
        let mut rig = Rig::online(with(|it| it.misprints = misprints).with_identity(identity));
        assert!(rig.line.text().contains("AT+FTPSCON=?"));
        every_operation_works(&mut rig);
    }
}
