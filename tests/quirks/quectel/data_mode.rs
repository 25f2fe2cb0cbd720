//! Leaving data mode: the escape sequence.

use std::time::Duration;

use ftp_modem::modem::{Retrieve, SessionState};
use ftp_modem::{ErrorKind, FtpModem};

use super::{CLOSED, Rig, play_online, with};
use crate::support::payload::pattern;
use crate::support::streams::Full;

/// The note, §1.4: 1 s of silence, `+++`, 1 s of silence, no CR. On an EG800K it aborts: STAT reads 1, and ATO gives
/// `NO CARRIER` (NuModem).
#[test]
fn an_escape_has_guard_times_and_ends_the_transfer() {
    for resume in [false, true] {
        for late_bytes in [0, 700, 5000] {
            let mut rig = Rig::online(
                with(|o| {
                    o.resume = resume;
                    o.late_bytes = late_bytes;
                })
                .with_line_rate(115_200),
            );
            rig.files.put("/a", b"abc\r\nOK\r\n\r\n+QFTPGET: 0,3\r\n".repeat(10_000));
            rig.line.clear();
            let error = rig.modem.retrieve("/a", &Retrieve::whole(), &mut Full::after(100)).unwrap_err();
            assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, true), "{error}");
            let writes = rig.line.writes();
            let escape = writes.iter().position(|(_, bytes)| bytes == b"+++").expect("three bytes by themselves");
            assert!(writes[escape].0 - writes[escape - 1].0 >= Duration::from_secs(1), "silence before");
            assert!(writes[escape + 1].0 - writes[escape].0 >= Duration::from_secs(1), "silence behind");
            // `ATO` would give `NO CARRIER`.
            assert!(!rig.line.text().contains("ATO\r"));
            rig.works_both_ways();
            assert_eq!(rig.modem.status().unwrap(), SessionState::Idle);
        }
    }
    // The module has left data mode by itself: the escape would be the beginning of a command line.
    let session = format!(
        r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,2000\r\n
>> AT+QFTPGET="a","COM:",0,2001\r
<< \r\nCONNECT\r\n
<<* 1500
<~ \r\nOK\r\n\r\n+QFTPGET: 607,0\r\n
@ 1.1
>> ATI\r
<< Quectel\r\nEC25\r\nRevision: EC25EFAR06A11M4G\r\n\r\nOK\r\n
{CLOSED}
>> AT+QFTPSTAT\r
<< \r\nOK\r\n\r\n+QFTPSTAT: 0,4\r\n
"#
    );
    play_online(&session, |modem| {
        let error = modem.retrieve("a", &Retrieve::whole(), &mut Full::after(100)).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, true), "{error}");
        assert_eq!(modem.status().unwrap(), SessionState::Closed);
    });
}

/// The note, §1.4, resumes by `ATO`.
#[test]
fn an_escape_is_an_end_and_no_pause() {
    // Where `ATO` would resume, the transfer is still there until the session is closed.
    for resume in [false, true] {
        let mut rig = Rig::online(with(|o| o.resume = resume).with_line_rate(115_200));
        rig.files.put("/a", pattern(100_000));
        assert_eq!(
            rig.modem.retrieve("/a", &Retrieve::whole(), &mut Full::after(0)).unwrap_err().kind(),
            ErrorKind::LocalIo
        );
        assert!(rig.line.text().contains("AT+QFTPCLOSE\r") && !rig.line.text().contains("ATO\r"));
        rig.works_both_ways();
    }
}
