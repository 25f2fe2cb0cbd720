//! Losses of the session, the call and the SIM; restarts.

use std::time::Duration;

use ftp_modem::emulator::{Loss, LossKind, LossTime, Options};
use ftp_modem::modem::{DataConnection, Retrieve, SessionState, Store};
use ftp_modem::{ErrorKind, FtpModem};

use super::{LIMIT, Rig, SECOND, Step, online, with};
use crate::support::payload::pattern;

/// `+MIPCALL: 0` (public driver for the L716), `+FTPCLOSE: <n>` and `+SIM DROP` (public driver for the L610), `AT
/// command ready` (guide, §3.3).
#[test]
fn a_loss_in_any_state_is_recovered() {
    let kinds = [
        (LossKind::Session, ErrorKind::SessionLost),
        (LossKind::Call, ErrorKind::BearerLost),
        (LossKind::Sim, ErrorKind::BearerLost),
        (LossKind::Restart, ErrorKind::ModuleRestarted),
    ];
    let steps: &[Step] = &[
        ("download", |rig| rig.download("/a").map(drop)),
        ("upload", |rig| rig.upload_stream("/b", &pattern(10_000)).map(drop)),
        ("streamed download", |rig| rig.modem.retrieve_streamed("/a", &Retrieve::whole(), &mut Vec::new()).map(drop)),
        ("streamed upload", |rig| {
            rig.modem.store_streamed("/b", &Store::create(), &mut &pattern(10_000)[..]).map(drop)
        }),
    ];
    for (lost, kind) in kinds {
        for (name, call) in steps {
            for (after, reported) in [(0, true), (5000, true), (5000, false), (9999, false)] {
                let mut rig = online(|options| {
                    options.loss = Some(Loss { kind: lost, time: LossTime::AfterBytes(after), reported });
                });
                rig.files.put("/a", pattern(10_000));
                let before = rig.line.elapsed();
                let outcome = call(&mut rig);
                let what = format!("{lost:?} after {after}, {reported}, {name}: {outcome:?}");
                if let Err(error) = outcome {
                    // The first line of the module counts: the failure of the operation, or the loss.
                    let failed = matches!(error.kind(), ErrorKind::DataConnection | ErrorKind::ServerRefused);
                    assert!(error.kind() == kind || failed || error.kind() == ErrorKind::Timeout, "{what}");
                    assert!(error.module_usable(), "{what}");
                } else {
                    assert!(lost == LossKind::Session, "{what}: the session was reopened and the transfer resumed");
                }
                assert!(rig.line.elapsed() - before < 2 * LIMIT, "{what}");
                rig.go_online();
                rig.works_both_ways();
            }
        }
        // Between two operations, or in a short one.
        let loss = Loss { kind: lost, time: LossTime::AfterOpen(3 * SECOND), reported: false };
        let slow = with(|options| options.loss = Some(loss)).with_latency(Duration::from_millis(700));
        let mut rig = Rig::online(slow);
        let outcomes: Vec<_> = (0..10).map(|_| rig.modem.noop().map_err(|error| error.kind())).collect();
        assert!(outcomes[0].is_ok(), "{lost:?}: {outcomes:?}");
        assert!(outcomes.contains(&Err(kind)) || lost == LossKind::Session, "{outcomes:?}");
        rig.go_online();
        rig.works_both_ways();
    }
}

/// The lines arrive while no operation is in progress.
#[test]
fn a_loss_between_two_calls_is_recovered() {
    for line in ["+MIPCALL: 0", "+SIM DROP", "AT command ready"] {
        let mut rig = online(|_| ());
        rig.line.say(line);
        rig.line.say("+MIPCALL: 0");
        rig.line.say("+FTPCLOSE: 1");
        rig.modem.cwd("/").unwrap_err();
        // A loss that was reported already does not disturb attaching.
        rig.go_online();
        rig.works_both_ways();
        rig.line.say(line);
        assert_eq!(rig.modem.status().unwrap(), SessionState::Closed, "{line}");
        rig.line.say(line);
        rig.modem.logout().unwrap();
        rig.line.say(line);
        rig.modem.detach().unwrap();
        rig.go_online();
        rig.works_both_ways();
    }
    // A lost session alone is reopened, in the same directory.
    let mut rig = online(|_| ());
    rig.files.put("/a/b/file", "x");
    rig.modem.cwd("a").unwrap();
    rig.modem.cwd("b").unwrap();
    rig.line.by_another_program(&["AT+FTPCLOSE"]);
    rig.line.say("+FTPCLOSE: 0");
    assert_eq!(rig.modem.pwd().unwrap(), "/a/b");
    // Where that directory is missing, nothing is done in another.
    rig.line.by_another_program(&["AT+FTPDEL=\"file\"", "AT+FTPRMD=\"/a/b\"", "AT+FTPCLOSE"]);
    rig.line.say("+FTPCLOSE: 0");
    for _ in 0..2 {
        rig.modem.mkdir("new").unwrap_err();
        assert!(!rig.files.is_directory("/new"));
    }
}

/// Echo, call, mode and cache are set up once more.
#[test]
fn a_restart_forgets_all_settings() {
    let mut rig = Rig::open(Options::default());
    rig.modem.use_data_connection(DataConnection::Active).unwrap();
    rig.go_online();
    rig.modem.resize_cache(2048).unwrap();
    rig.line.restart();
    let error = rig.modem.pwd().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleRestarted, "{error}");
    rig.line.clear();
    // Without an attach the next error says that the bearer is missing.
    let error = rig.modem.pwd().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BearerLost, "{error}");
    rig.go_online();
    let sent = rig.line.commands("AT");
    for line in ["ATE0", "AT+MIPCALL=1", "AT+FTPMODE=1", "AT+FTPCACHE=2048"] {
        assert!(sent.iter().any(|sent| sent == line), "{line} is missing in {sent:?}");
    }
    assert_eq!(rig.modem.cache_size().unwrap(), 2048);
    rig.works_both_ways();
}
