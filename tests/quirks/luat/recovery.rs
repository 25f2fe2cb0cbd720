//! Restarts of the module.

use ftp_modem::emulator::{LuatProfile, Options};
use ftp_modem::modem::SessionState;
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, recovers, with};
use crate::support::payload::pattern;

/// `RDY`, `+CFUN: 1`, `NORMAL POWER DOWN` and `UNDER-VOLTAGE POWER DOWN` on SIM800 (kosma/attentive,
/// src/modem/sim800.c). An Air780EP prints nothing of the kind.
#[test]
fn a_restart_is_recognised_with_and_without_its_lines() {
    for line in ["RDY", "+CFUN: 1", "NORMAL POWER DOWN", "UNDER-VOLTAGE POWER DOWN"] {
        let mut rig = Rig::online(with(|options| options.profile = LuatProfile::Sim800));
        rig.files.put("/file.bin", pattern(5000));
        rig.line.before("AT+FTPGET=2", move |module, now| {
            module.inject(now, line);
            module.restart(now);
        });
        let error = rig.download("/file.bin").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ModuleRestarted, "{line}: {error}");
        assert!(error.module_usable(), "{line}: {error}");
        // The other lines of the same restart do not end the next call, too.
        assert_eq!(rig.modem.status().unwrap(), SessionState::Closed, "{line}");
        let error = rig.download("/file.bin").unwrap_err();
        // The driver sends the server once more; there is no bearer yet.
        assert_eq!(error.kind(), ErrorKind::BearerLost, "{line}: {error}");
        recovers(&mut rig, line);
    }
    // This one alone says nothing of the kind.
    let mut rig = Rig::online(with(|options| options.profile = LuatProfile::Sim800));
    rig.line.say("Call Ready");
    rig.still_works();
    // An Air780E does not say it; the settings are gone all the same.
    let mut rig = Rig::online(Options::default());
    rig.line.act(|module, now| module.restart(now));
    let error = rig.modem.list("/").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleRestarted, "{error}");
    recovers(&mut rig, "silent restart");
    // While a command is under way.
    let mut rig = Rig::online(Options::default());
    rig.files.put("/file.bin", pattern(5000));
    rig.line.before("AT+FTPGET=2", |module, now| module.restart(now));
    rig.download("/file.bin").unwrap_err();
    assert_eq!(rig.modem.list("/").unwrap_err().kind(), ErrorKind::ModuleRestarted);
    recovers(&mut rig, "silent restart");
}
