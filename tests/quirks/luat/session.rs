//! Sessions, and what earlier ones leave behind.

use std::time::Duration;

use ftp_modem::emulator::{IdleEnd, LateReport, Operation, Options, RemoteError};
use ftp_modem::modem::{Retrieve, Store};
use ftp_modem::{ErrorKind, FtpModem};

use super::{PROFILES, Rig, SECOND, online, online_on, play_online, with};
use crate::support::payload::pattern;
use crate::support::replay::ok;
use crate::support::streams::{Broken, Full};

/// `ERROR` where no session is open (guide, §6.2); else `OK` and 86, or 80 on SIM7000 and SIM7080 (SIM7000 note,
/// §5.16). The code is consumed.
#[test]
fn quitting_an_idle_session_gives_an_error_and_an_open_one_a_code() {
    for profile in PROFILES {
        let mut rig = online_on(profile);
        rig.files.put("/file.bin", pattern(5000));
        let before = rig.line.elapsed();
        // Idle: the whole file came in one block, and the session was over before the writer failed.
        rig.files.put("/short.bin", "12345");
        let error = rig.modem.retrieve("/short.bin", &Retrieve::whole(), &mut Full::after(0)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalIo, "{profile:?}: {error}");
        assert!(error.module_usable(), "{profile:?}: {error}");
        // Open: its result is consumed, and the next operation starts at once.
        for _ in 0..3 {
            let part = rig.download_part("/file.bin", &Retrieve::whole().with_length(5)).unwrap();
            assert!(part == pattern(5), "{profile:?}");
        }
        rig.still_works();
        assert_eq!(rig.line.commands("AT+FTPQUIT").len(), 4, "{profile:?}");
        assert!(rig.line.elapsed() - before < 5 * SECOND, "{profile:?}: the driver waited for no result");
    }
}

/// 86 in the guide, 80 in the SIM7000 and SIM7080 notes; a module may have either.
#[test]
fn a_quit_reports_80_or_86() {
    // 86 in the guide, 80 on the SIM7000 and SIM7080; and any module may have either.
    for profile in PROFILES {
        for code in [80, 86] {
            let mut rig = online(|options| {
                options.profile = profile;
                options.quit_code = Some(code);
            });
            rig.files.put("/file.bin", pattern(5000));
            let before = rig.line.elapsed();
            assert!(rig.download_part("/file.bin", &Retrieve::whole().with_length(5)).unwrap() == pattern(5));
            rig.still_works();
            assert!(rig.line.elapsed() - before < 4 * SECOND, "{profile:?} {code}: taken for the result it is");
        }
    }
}

/// A second opening gives 66 (SIM7000 note, §5.4), which can hide the cause of an earlier failure
/// (botletics/SIM7000-LTE-Shield, issue 168), and comes right after a session (SodaqMoja/GPRSbee).
#[test]
fn code_66_is_a_session_that_is_still_open() {
    for other in ["AT+FTPLIST=1\r", "AT+FTPGET=1\r"] {
        let mut rig = Rig::online(Options::default());
        rig.files.put("/x", pattern(10));
        rig.modem.size("/x").unwrap();
        // Another program opens one and leaves it.
        rig.line.act(|module, now| module.receive(now, other.as_bytes()));
        let before = rig.line.elapsed();
        rig.still_works();
        assert!(!rig.line.commands("AT+FTPQUIT").is_empty(), "{other}");
        assert!(rig.line.elapsed() - before < 5 * SECOND, "{other}");
    }
    // Refused for a while behind every session.
    let mut rig = online(|options| options.settling = 5 * SECOND);
    rig.upload("/a.txt", b"12345").unwrap();
    rig.still_works();
    // Refused for ever: the error says so.
    let mut rig = online(|options| options.settling = 3600 * SECOND);
    rig.modem.list("/").unwrap();
    let error = rig.modem.list("/").unwrap_err();
    assert_eq!((error.kind(), error.module_code().unwrap().value.as_str()), (ErrorKind::ModuleBusy, "66"), "{error}");
    // Never opened twice: the code of a failure is not hidden by 66 (the server is gone).
    let mut rig = online(|_| {});
    rig.files.refuse_port(2121);
    let error = rig.modem.list("/").unwrap_err();
    assert_eq!(error.module_code().unwrap().value, "63", "{error}");
}

/// A listing that is cancelled when its first block is requested.
fn cancelled_listing(rig: &mut Rig) {
    rig.cancel_at("AT+FTPLIST=2");
    let error = rig.modem.list("/many").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    assert!(error.module_usable(), "{error}");
    rig.cancel_no_more();
}

/// One session at a time: an open listing is quit before the next command (AT manual, FTP examples).
#[test]
fn a_listing_that_is_cancelled_is_ended() {
    for profile in PROFILES {
        let mut rig = Rig::online(with(|options| options.profile = profile));
        for index in 0..100 {
            rig.files.put(format!("/many/{index}.txt"), "x");
        }
        cancelled_listing(&mut rig);
        assert_eq!(rig.line.commands("AT+FTPQUIT").len(), 1, "{profile:?}");
        rig.still_works();
        assert_eq!(rig.modem.list("/many").unwrap().len(), 100);
    }
}

/// While the next session is being opened, read, and closed.
#[test]
fn a_late_report_of_an_earlier_session_is_ignored() {
    for after in [100, 400, 600, 900, 1300, 1700, 2300, 2900] {
        for code in [0, 1] {
            let options = with(|options| {
                options.late_report = Some(LateReport { after: Duration::from_millis(after), code });
                options.every_read_empty = 2;
            });
            let options = options.with_network_latency(Duration::from_millis(500));
            let what = format!("1,{code} after {after} ms");

            let mut rig = Rig::online(options.clone());
            rig.files.put("/first.bin", pattern(5000));
            rig.files.put("/second.bin", pattern(7000));
            for index in 0..100 {
                rig.files.put(format!("/many/{index}.txt"), "x");
            }
            rig.download_part("/first.bin", &Retrieve::whole().with_length(5)).unwrap();
            assert!(rig.download("/second.bin").unwrap() == pattern(7000), "{what}");
            cancelled_listing(&mut rig);
            assert_eq!(rig.modem.list("/many").unwrap().len(), 100, "{what}");
        }
    }
}

/// A success that belongs to the session before must not confirm this one.
#[test]
fn a_late_end_is_not_taken_for_the_end_of_an_upload() {
    for after in (200..8000).step_by(400) {
        for fails in [false, true] {
            let mut options = with(|options| {
                options.late_report = Some(LateReport { after: Duration::from_millis(after), code: 0 });
                options.store_delay = 3 * SECOND;
                // So that some of it comes in the middle of the upload.
                options.put_reannounce_delay = SECOND;
            });
            options.network_latency = SECOND;
            let mut rig = Rig::online(options);
            rig.modem.store("/first.bin", &Store::create(), &mut Broken(b"")).unwrap_err();
            if fails {
                rig.files.fail_next(Operation::Finish, RemoteError::Reply { code: 552, text: "full".into() });
            }
            let outcome = rig.upload("/second.bin", &pattern(3000));
            assert_eq!(outcome.is_ok(), !fails, "after {after} ms: {outcome:?}");
        }
    }
}

/// Not in the guide: 0 after 7 s (download) and 32 s (upload) on an Air780EP, 64 on a SIM7000. A download that is slow
/// to come is not idle.
#[test]
fn a_session_may_end_while_idle() {
    // Not in the guide: 1,0 after 7 s and 32 s (Air780EP), 1,64 (SIM7000). A download that is slow to come is not one.
    let idle = |code| IdleEnd::After { time: 7 * SECOND, code };
    for (code, kind) in [(0, ErrorKind::Incomplete), (64, ErrorKind::NetworkTimeout)] {
        let options = with(|options| {
            options.every_read_empty = 3;
            options.get_idle = idle(code);
        });
        let mut rig = Rig::online(options.with_network_latency(SECOND / 10));
        rig.files.put("/file.bin", pattern(10_000));
        assert!(rig.download("/file.bin").unwrap() == pattern(10_000));

        let options = with(|options| {
            options.put_reannounced = false;
            options.put_idle = IdleEnd::After { time: SECOND, code };
        });
        let mut rig = Rig::online(options);
        assert_eq!(rig.upload("/up.bin", &pattern(5000)).unwrap_err().kind(), kind);
        rig.still_works();
    }
}

/// No limit in the guide; 75 s in the SIM800 AT manual V1.09 and the SIM7000 AT manual V1.06.
#[test]
fn an_operation_may_take_75_seconds() {
    let mut rig = Rig::online(Options::default().with_network_latency(74 * SECOND));
    rig.still_works();
    assert_eq!(rig.modem.list("/").unwrap().len(), 1);
    rig.upload("/up.bin", b"12345").unwrap();
}

/// A program that was killed behind its FTPQUIT leaves a session that is ending: another FTPQUIT is refused meanwhile,
/// and FTPSTATE is 1.
#[test]
fn a_session_that_is_ending_is_waited_for() {
    let state = |state| format!(">> AT+FTPSTATE\\r\n<< \\r\\n+FTPSTATE: {state}\\r\\n\\r\\nOK\\r\\n\n");
    let before = ok(&["AT+FTPGETPATH=\"/\"", "AT+FTPGETNAME=\"f\"", "AT+FTPSIZE"])
        + "<< \\r\\n+FTPSIZE: 1,66,0\\r\\n\n"
        + ">> AT+FTPSERV?\\r\n<< \\r\\n+FTPSERV:\"192.0.2.7\"\\r\\n\\r\\nOK\\r\\n\n"
        + ">> AT+FTPQUIT\\r\n<< \\r\\nERROR\\r\\n\n"
        + &state(1);
    let ends = "<< \\r\\n+FTPPUT: 1,86\\r\\n\n@ 0.5\n".to_owned() + &state(0);
    let size = ok(&["AT+FTPSIZE"]) + "<< \\r\\n+FTPSIZE: 1,0,5\\r\\n\n";
    play_online(&(before.clone() + &ends + &size), |modem| assert_eq!(modem.size("/f").unwrap(), 5));
    // One that stays open.
    let stays = ("@ 0.5\n".to_owned() + &state(1)).repeat(20) + &ok(&["AT+FTPSIZE=?"]);
    play_online(&(before + &stays), |modem| {
        let error = modem.size("/f").unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::ModuleRefused, false), "{error}");
        assert!(error.to_string().contains("cannot be ended"), "{error}");
    });
}
