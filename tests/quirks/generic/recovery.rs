//! Restarts of the module.

use std::io::{self, Read};

use ftp_modem::modem::{AccessPoint, SessionState, Store};
use ftp_modem::{ErrorKind, FtpModem};

use super::{every_operation_works, online, play_online};
use crate::support::line::Line;

/// The manual shows no line of a start; `RDY` is common.
#[test]
fn a_restart_in_mid_session_is_reported_and_repaired() {
    for says_so in [true, false] {
        let mut rig = online(|_| {});
        rig.files.add_directory("/base");
        rig.modem.cwd("/base").unwrap();
        rig.line.restart();
        if says_so {
            rig.line.say("RDY");
        }
        let error = rig.modem.mkdir("x").unwrap_err();
        let kind = if says_so { ErrorKind::ModuleRestarted } else { ErrorKind::SessionLost };
        assert_eq!(error.kind(), kind, "{error}");
        let (_, sent) = rig.line.clone().sent_by(|| rig.modem.attach(&AccessPoint::default()).unwrap());
        assert!(sent.contains("ATE0\r") == says_so && sent.contains("AT+CGACT=1,1\r"), "{sent}");
        rig.modem.mkdir("x").unwrap();
        assert!(rig.files.is_directory("/base/x"));
        every_operation_works(&mut rig);
    }
    // In the middle of an upload.
    struct Restarting(Line, usize);
    impl Read for Restarting {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 += 1;
            if self.1 == 2 {
                self.0.restart();
                self.0.say("RDY");
            }
            buffer.fill(b'x');
            Ok(if self.1 > 5 { 0 } else { buffer.len() })
        }
    }
    let mut rig = online(|_| {});
    let mut source = Restarting(rig.line.clone(), 0);
    let error = rig.modem.store("/f", &Store::create(), &mut source).unwrap_err();
    // The second block was under way when it restarted.
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::ModuleRestarted, Some(1024)), "{error}");
    assert!(error.module_usable(), "{error}");
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.still_works();
    // A refusal counts only while the bearer is up.
    for (active, done) in [(0, true), (1, false)] {
        let lines = r"
>> AT+CGACT=0,1\r
<< \r\nERROR\r\n
>> AT+CGACT=0,1\r
<< \r\nERROR\r\n
>> AT+CGACT?\r
<< \r\n+CGACT: 1,";
        play_online(&format!("{lines}{active}\\r\\n\\r\\nOK\\r\\n\n"), |modem| {
            assert_eq!(modem.detach().is_ok(), done);
        });
    }
    // Hanging up ends the session; a second time is no error.
    let mut rig = online(|_| {});
    rig.modem.detach().unwrap();
    rig.modem.detach().unwrap();
    assert_eq!(rig.modem.status().unwrap(), SessionState::Closed);
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.still_works();
}
