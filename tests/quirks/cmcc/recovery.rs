//! Restarts of the module.

use std::io::{self, Read};

use ftp_modem::modem::{AccessPoint, Retrieve, Store};
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, code, play_online, with};
use crate::support::line::Line;
use crate::support::payload::pattern;

/// `+MATREADY` at the start (78/esp-ml307, src/ml307).
#[test]
fn a_restart_in_mid_session_is_reported_and_repaired() {
    /// Everything that MFTPCFG and CMEE set is sent once more, and the bearer comes up.
    fn comes_back(rig: &mut Rig, was_set_up: bool) {
        let (_, sent) = rig.line.clone().sent_by(|| rig.modem.attach(&AccessPoint::default()).unwrap());
        assert!(sent.contains("ATE0\rAT+CMEE=1\r") != was_set_up && sent.contains("+MIPCALL=1,1"), "{sent}");
        let (_, sent) = rig.line.clone().sent_by(|| rig.modem.cwd("/").unwrap());
        for setting in ["\"rsptimeout\",30", "\"local_fs\",0", "\"data_type\",0", "+MFTPCONN"] {
            assert!(sent.contains(setting), "{setting}: {sent}");
        }
        rig.still_works();
    }

    // While no operation is in progress.
    let mut rig = Rig::online(with(|_| {}));
    rig.line.restart();
    let error = rig.modem.pwd().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleRestarted, "{error}");
    assert!(error.is_retryable() && error.module_usable());
    comes_back(&mut rig, false);
    // Without an attach the next error says that the bearer is missing.
    rig.line.restart();
    rig.modem.pwd().unwrap_err();
    let error = rig.modem.pwd().unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::BearerLost, "20"), "{error}");
    comes_back(&mut rig, true);
    // After files of the module were used: `local_fs` is back at its default.
    rig.files.put("/f", "12345");
    rig.modem.retrieve_to_module("/f", "/usr/f", &Retrieve::whole()).unwrap();
    rig.line.restart();
    rig.modem.pwd().unwrap_err();
    comes_back(&mut rig, false);
    // In the middle of a download, and of an upload.
    struct Restarting(Line, usize);
    impl io::Write for Restarting {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1 += bytes.len();
            if self.1 == 3072 {
                self.0.restart();
            }
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let lines = r#"
>> AT+MFTPLIST=0,"f"\r
<< \r\nOK\r\n\r\n+MFTPLIST: 0,0,"f",9,20220816182200,"rw-"\r\n
>> AT+MFTPRETR=0,"f",,0\r
<< \r\nOK\r\n\r\n+MFTPRETR: 0,0,4,4,abcd\r\n\r\n+MATREADY\r\n
"#;
    play_online(lines, |modem| {
        let error = modem.retrieve("f", &Retrieve::whole(), &mut Vec::new()).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::ModuleRestarted, Some(4)), "{error}");
    });
    let mut sink = Restarting(rig.line.clone(), 0);
    rig.files.put("/big", pattern(50_000));
    let error = rig.modem.retrieve("/big", &Retrieve::whole(), &mut sink);
    if let Err(error) = error {
        assert!(error.is_retryable(), "{error}");
    }
    let _ = rig.modem.status();
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.still_works();
    struct Source(Line, usize);
    impl Read for Source {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 += 1;
            if self.1 == 3 {
                self.0.restart();
            }
            buffer.fill(b'x');
            Ok(if self.1 > 5 { 0 } else { buffer.len() })
        }
    }
    let mut source = Source(rig.line.clone(), 0);
    let error = rig.modem.store("/up", &Store::create(), &mut source).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleRestarted, "{error}");
    comes_back(&mut rig, false);
}
