//! Data mode, restarts, and modules that only a power cycle helps.

use ftp_modem::emulator::{Faulty, Options};
use ftp_modem::modem::{AccessPoint, Retrieve, Store};
use ftp_modem::{Error, ErrorKind, FtpModem, Vendor};

use super::{Rig, SECOND, with};
use crate::support::access::server;
use crate::support::payload::pattern;
use crate::support::rig::module;

/// It takes all commands for file data until `+++` between guard times (note, §1.4).
#[test]
fn a_module_that_was_left_in_data_mode_is_brought_out_of_it() {
    let prepared: [&[u8]; 5] = [
        b"AT+QIACT=1\r",
        b"AT+QFTPCFG=\"account\",\"logger\",\"pa55word-s3cret\"\r",
        b"AT+QFTPCFG=\"transmode\",1\r",
        b"AT+QFTPOPEN=\"192.0.2.7\",21\r",
        b"AT+QFTPCWD=\"/\"\r",
    ];
    for (left, rate) in [
        (&b"AT+QFTPPUT=\"/a\",\"COM:\",0\r"[..], None),
        (b"AT+QFTPPUT=\"/a\",\"COM:\",0\rsome of the file", None),
        (b"AT+QFTPPUT=\"/a\",\"COM:\",0,100000,1\rsome of the file", None),
        (b"AT+QFUPL=\"UFS:a\",100000,60\rsome of the file", None),
        (b"AT+QFTPGET=\"/big\",\"COM:\"\r", Some(9600)),
    ] {
        let mut options = Options::default().with_echo(false);
        options.line_rate = rate;
        let (line, files) = module(Vendor::Quectel, options);
        files.put("/big", pattern(200_000));
        for command in prepared {
            let answer = line.talk(command, 3 * SECOND);
            assert!(answer.ends_with(b"OK\r\n") || answer.ends_with(b"0,0\r\n"), "{}", answer.escape_ascii());
        }
        // The program that did this has died.
        let answer = line.talk(left, SECOND);
        assert!(answer.windows(7).any(|window| window == b"CONNECT"), "{}", answer.escape_ascii());
        let host = line.host();
        let host = match rate {
            Some(rate) => host.with_line_rate(rate),
            None => host,
        };
        let mut rig = Rig::through(host, line, files);
        rig.go_online();
        rig.works_both_ways();
    }
}

/// `RDY` about 3.3 s after power on (NuModem). Nothing that QFTPCFG and QICSGP set is saved (note, §2.1).
#[test]
fn a_restart_at_any_moment_is_reported_and_repaired() {
    type Call = fn(&mut Rig) -> Result<(), Error>;
    const CALLS: &[(&str, Call)] = &[
        ("+QFTPCWD", |rig| rig.modem.cwd("/")),
        ("+QFTPSIZE", |rig| rig.modem.size("/a").map(drop)),
        ("+QFTPLIST", |rig| rig.modem.list("").map(drop)),
        ("+QFTPGET", |rig| rig.download("/a").map(drop)),
        ("+QFTPPUT", |rig| rig.upload("/b", b"12345").map(drop)),
        ("the file's bytes", |rig| rig.upload("/b", b"these are the file's bytes").map(drop)),
        ("the file's bytes", |rig| {
            rig.modem.store_uncounted("/b", &Store::create(), &mut &b"these are the file's bytes"[..]).map(drop)
        }),
        ("+QFTPSTAT", |rig| rig.modem.status().map(drop)),
        ("+QFTPCLOSE", |rig| rig.modem.logout()),
        ("+QIDEACT", |rig| rig.modem.detach()),
        ("+QFUPL", |rig| rig.modem.store_to_module("UFS:b", 5, Default::default(), &mut &b"12345"[..]).map(drop)),
        ("the file's bytes", |rig| {
            rig.modem
                .store_to_module("UFS:b", 26, Default::default(), &mut &b"these are the file's bytes"[..])
                .map(drop)
        }),
        ("+QFDWL", |rig| rig.modem.retrieve_from_module("UFS:a", &Retrieve::whole(), &mut Vec::new()).map(drop)),
        ("+QFREAD", |rig| rig.modem.retrieve_from_module("UFS:a", &Retrieve::from(1), &mut Vec::new()).map(drop)),
        ("+QFTPGET", |rig| rig.modem.retrieve_to_module("/a", "UFS:c", 0).map(drop)),
    ];
    for cmee in [0, 2] {
        for (index, (moment, call)) in CALLS.iter().enumerate() {
            let mut rig = Rig::online(Options::default().with_cmee(cmee));
            rig.files.put("/a", "12345");
            rig.modem.store_to_module("UFS:a", 5, Default::default(), &mut &b"12345"[..]).unwrap();
            rig.line.after(moment, Faulty::restart);
            let error = call(&mut rig).expect_err(moment);
            assert_eq!(error.kind(), ErrorKind::ModuleRestarted, "{index} {moment}: {error}");
            // Everything is set up once more: echo, form of errors, context, settings, session.
            rig.line.clear();
            rig.go_online();
            let sent = rig.line.text();
            for command in ["ATE0\r", "AT+CMEE=1\r", "AT+QIACT=1\r", "\"account\"", "\"filetype\",0", "+QFTPOPEN"] {
                assert!(sent.contains(command), "{moment}: {command} is missing in {sent}");
            }
            rig.works_both_ways();
        }
    }
    // While no operation is in progress: an attach does not fail, everything else reports the restart.
    let mut rig = Rig::online(Options::default());
    rig.line.restart();
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.modem.login(&server()).unwrap();
    rig.works_both_ways();
    rig.line.restart();
    assert_eq!(rig.modem.size("/a").unwrap_err().kind(), ErrorKind::ModuleRestarted);
    assert_eq!(rig.modem.size("/a").unwrap_err().kind(), ErrorKind::BearerLost);
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.works_both_ways();
    // While the session is being set up.
    for moment in ["+QIACT=1", "\"account\"", "+QFTPOPEN", "+CMEE"] {
        let mut rig = Rig::open(Options::default());
        rig.modem.attach(&AccessPoint::default()).unwrap();
        rig.line.restart();
        rig.line.after(moment, Faulty::restart);
        let first = rig.modem.attach(&AccessPoint::default()).and_then(|_| rig.modem.login(&server()));
        assert_eq!(first.unwrap_err().kind(), ErrorKind::ModuleRestarted, "{moment}");
        rig.go_online();
        rig.works_both_ways();
    }
}

/// Seen on an EG800K after many failed data connections: QFTPCLOSE, QIDEACT and QIACT all fail (NuModem).
#[test]
fn a_data_stack_that_only_a_power_cycle_helps_is_reported() {
    let mut rig = Rig::online(with(|o| {
        o.stuck_after = Some(1);
        o.failing_data_connections = 1;
        *o = o.clone().with_result_delay("+QFTPCLOSE", None);
    }));
    let begun = rig.line.elapsed();
    let error = rig.modem.list("").unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::DataConnection, false), "{error}");
    assert!(rig.line.elapsed() - begun < 330 * SECOND, "a bounded number of attempts");
    let error = rig.modem.attach(&AccessPoint::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BearerFailed, "{error}");
    assert!(error.to_string().contains("switching the module off"), "{error}");
    rig.line.clear();
    rig.modem.attach(&AccessPoint::default()).unwrap_err();
    assert!(rig.line.text().matches("AT+QIACT=1").count() <= 2, "a bounded number of attempts");
    rig.line.restart();
    assert_eq!(rig.modem.attach(&AccessPoint::default()).map(|bearer| bearer.was_up).ok(), Some(false));
}
