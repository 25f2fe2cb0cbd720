//! Leaving data mode: the escape sequence, or a drop of DTR.

use std::io;
use std::time::{Duration, Instant};

use ftp_modem::emulator::Options;
use ftp_modem::modem::{Retrieve, SessionState, Store};
use ftp_modem::transport::Transport;
use ftp_modem::{AccessPoint, ErrorKind, FtpModem, OpenOptions, RecoveryStep, Vendor};

use super::{CLOSED, Rig, play_online, with};
use crate::support::payload::pattern;
use crate::support::rig;
use crate::support::streams::{Broken, Full};

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

/// A module behind a port with DTR, and a program that has chosen to leave data mode by it.
fn with_dtr(options: Options) -> Rig {
    let (line, files) = rig::module(Vendor::Quectel, options.with_line_rate(115_200));
    let host = line.host().with_line_rate(115_200);
    let modem = OpenOptions::new().escape_by_dtr(true).open_as_on(host).unwrap();
    let mut rig = Rig { modem: Box::new(modem), files, line };
    assert_eq!(rig.line.dtr(), [true]);
    rig.go_online();
    rig.line.clear();
    rig
}

/// The note, §1.4, names a drop of DTR beside `+++`, where `AT&D1` was sent. It has no guard times.
#[test]
fn a_drop_of_dtr_ends_a_transfer_without_guard_times() {
    // Whether the module heeds `+++` within a counted upload does not matter.
    for counted_escape in [true, false] {
        let mut rig = with_dtr(with(|o| o.counted_escape = counted_escape));
        rig.files.put("/a", b"abc\r\nOK\r\n\r\n+QFTPGET: 0,3\r\n".repeat(10_000));
        let ((), sent) = rig.line.clone().sent_by(|| {
            let begun = rig.line.elapsed();
            let error = rig.modem.retrieve("/a", &Retrieve::whole(), &mut Full::after(100)).unwrap_err();
            assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, true), "{error}");
            let time = rig.line.elapsed() - begun;
            assert!(time < Duration::from_secs(1), "{time:?}");
        });
        assert_eq!(rig.line.dtr(), [false, true]);
        assert!(!sent.contains("+++"));
        rig.works_both_ways();

        rig.line.clear();
        let how = Store::create().with_length(900_000);
        let error = rig.modem.store("/up", &how, &mut Broken(&pattern(20_000))).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, true), "{error}");
        assert_eq!(rig.line.dtr(), [false, true]);
        assert!(rig.line.sent().len() < 21_000, "no padding");
        assert!(pattern(20_000).starts_with(&rig.files.file("/up").unwrap()));
        rig.works_both_ways();
    }
}

/// An upload without count ends by what leaves data mode (the note, §2.5).
#[test]
fn a_drop_of_dtr_ends_an_upload_without_count() {
    let mut rig = with_dtr(with(|_| ()));
    rig.modem.store_uncounted("/up", &Store::create(), &mut &pattern(3000)[..]).unwrap();
    assert_eq!(rig.line.dtr(), [false, true]);
    assert!(rig.files.file("/up").unwrap() == pattern(3000));
    rig.uploads(b"");
    assert!(!rig.line.text().contains("+++"));
    rig.works_both_ways();
}

/// `AT&D1` does not outlive a restart, and a module in data mode is left by a drop of DTR when it is opened.
#[test]
fn a_module_is_set_up_for_a_drop_of_dtr() {
    let mut rig = with_dtr(with(|o| o.counted_escape = false));
    rig.line.restart();
    let _ = rig.modem.network();
    rig.line.clear();
    rig.modem.network().unwrap();
    rig.go_online();
    assert_eq!(rig.line.commands("AT&D"), ["AT&D1"]);
    // A program that ends in the middle of an upload.
    rig.line.talk(b"AT+QFTPPUT=\"/left\",\"COM:\",0,100000,1\r", Duration::from_secs(3));
    let reopened = OpenOptions::new().escape_by_dtr(true).open_as_on(rig.line.host()).unwrap();
    *rig.modem = reopened;
    rig.go_online();
    rig.works_both_ways();
}

#[test]
fn dtr_is_on_again_behind_a_port_that_was_reopened() {
    let mut rig = with_dtr(with(|_| ()));
    rig.modem.recover(RecoveryStep::ReopenPort, &AccessPoint::default()).unwrap();
    assert_eq!(rig.line.dtr(), [true]);
    assert_eq!(rig.line.commands("AT&D"), ["AT&D1"]);
}

/// Where the line is not wired the transfer ends all the same.
#[test]
fn a_drop_of_dtr_without_effect_is_followed_by_other_means() {
    let mut rig = with_dtr(with(|o| o.counted_escape = false));
    rig.modem.command("AT&D0").unwrap();
    rig.files.put("/a", pattern(100_000));
    let error = rig.modem.retrieve("/a", &Retrieve::whole(), &mut Full::after(100)).unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, true), "{error}");
    rig.works_both_ways();
    let how = Store::create().with_length(60_000);
    let error = rig.modem.store("/up", &how, &mut Broken(&pattern(20_000))).unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, true), "{error}");
    rig.works_both_ways();
}

#[test]
fn a_drop_of_dtr_is_refused_where_it_cannot_work() {
    // A port without the line.
    struct Wireless(Box<dyn Transport>);

    impl Transport for Wireless {
        fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
            self.0.read(buffer, deadline)
        }

        fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
            self.0.write(bytes, deadline)
        }

        fn now(&self) -> Instant {
            self.0.now()
        }

        fn name(&self) -> &str {
            "wireless"
        }
    }

    let (line, _) = rig::module(Vendor::Quectel, with(|_| ()));
    let options = OpenOptions::new().escape_by_dtr(true);
    let error = options.open_on(Wireless(Box::new(line.host()))).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert!(line.sent().is_empty());
    // A module that refuses AT&D1.
    line.answer("AT&D1", b"\r\nERROR\r\n");
    let error = options.open_on(line.host()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert!(error.to_string().contains("DTR"), "{error}");
}
