//! Which module it is, and which dialect it speaks.

use std::time::Duration;

use ftp_modem::modem::{AccessPoint, Server};
use ftp_modem::transport::memory::Peer;
use ftp_modem::transport::replay::Replay;
use ftp_modem::transport::transcript::Transcript;
use ftp_modem::{ErrorKind, OpenOptions, Vendor};

use crate::for_each_dialect;
use crate::support::expected::expected;
use crate::support::line::Line;
use crate::support::rig::{AnyRig, open_on};
use crate::support::scripted::Scripted;

/// A module that says nothing at all.
struct Silent;

impl Peer for Silent {
    fn receive(&mut self, _: Duration, _: &[u8]) {}
    fn transmit(&mut self, _: Duration, _: &mut Vec<u8>) {}
    fn next_event(&self) -> Option<Duration> {
        None
    }
}

#[test]
fn a_silent_module_is_reported_within_seconds() {
    let (opened, line) = open_on(Silent);
    let error = opened.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert_eq!(error.operation(), Some("identify"));
    assert!(line.elapsed() < Duration::from_secs(10), "{:?}", line.elapsed());
}

#[test]
fn a_short_limit_of_a_command_shortens_the_search_for_a_silent_module() {
    for (limit, longest) in [(Some(3), 4900), (Some(1), 4400), (Some(60), 9000), (None, 9000)] {
        let line = Line::new(Silent);
        let opened = OpenOptions::new().command_limit(limit.map(Duration::from_secs)).open_on(line.host());
        let error = opened.map(drop).unwrap_err();
        let elapsed = line.elapsed();
        assert!(elapsed < Duration::from_millis(longest), "{limit:?}: {elapsed:?}");
        let total = format!("within {} s", (elapsed.as_secs_f64() * 10.0).round() / 10.0);
        assert!(error.to_string().contains(&total), "{error}, {elapsed:?}");
    }
}

/// Answers every line, but is not a module that this crate knows.
struct Stranger(Vec<u8>);

impl Peer for Stranger {
    fn receive(&mut self, _: Duration, bytes: &[u8]) {
        let answer: &[u8] = match bytes {
            b"ATI\r" => b"\r\nACME Modem 9600\r\n\r\nOK\r\n",
            b"ATE0\r" => b"\r\nOK\r\n",
            _ => b"\r\nERROR\r\n",
        };
        self.0.extend_from_slice(answer);
    }
    fn transmit(&mut self, _: Duration, out: &mut Vec<u8>) {
        out.append(&mut self.0);
    }
    fn next_event(&self) -> Option<Duration> {
        (!self.0.is_empty()).then_some(Duration::ZERO)
    }
}

#[test]
fn an_unknown_module_is_described() {
    let (opened, _) = open_on(Stranger(Vec::new()));
    let error = opened.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownModule, "{error}");
    assert!(error.to_string().contains("ACME Modem 9600"), "{error}");
    assert!(error.to_string().contains("AT+QFTPCFG=?"), "{error}");
}

/// Every test command is answered by `OK` here; the first of them is one of Quectel.
#[test]
fn a_word_within_a_word_names_no_vendor() {
    let module = Scripted::new(&[("ATI", &[(10, "\r\nACME 5G Evaluation Board\r\n\r\nOK\r\n")])]);
    let dialect = open_on(module).0.map(|modem| modem.capabilities().dialect);
    assert_ne!(dialect.ok(), Some("luat"), "\"Evaluation\" holds \"luat\"");
}

/// SIM7500 and SIM7600 have an FTP dialect of their own (their AT manual, FTPS), which has no driver.
#[test]
fn a_module_with_cftps_commands_is_named() {
    let line = |command: &str, answer: &str| format!(">> {command}\\r\n<< \\r\\n{answer}\\r\\n\n");
    let refused = ["+QFTPCFG", "+MFTPCFG", "+FTPRECV", "+FTPGETPATH", "+FTPSCON"];
    let text = line("ATI", "SIMCOM_SIM7600E-H\\r\\n\\r\\nOK")
        + &line("ATE0", "OK")
        + &line("AT+CGMI", "SIMCOM INCORPORATED\\r\\n\\r\\nOK")
        + &line("AT+CGMM", "SIMCOM_SIM7600E-H\\r\\n\\r\\nOK")
        + &refused.map(|command| line(&format!("AT{command}=?"), "ERROR")).concat()
        + &line("AT+CFTPSSTART=?", "OK");
    let replay = Replay::new(Transcript::parse(&text).unwrap());
    let Err(error) = OpenOptions::new().open_on(replay.clone()) else { panic!("it was opened") };
    assert_eq!(error.kind(), ErrorKind::UnknownModule, "{error}");
    assert!(error.to_string().contains("CFTPS") && error.to_string().contains("not supported"), "{error}");
    assert!(!error.to_string().contains("name the vendor"), "{error}");
    replay.finish().unwrap();
}

/// Quectel M26 FTP AT commands V1.0: other commands under the same names.
#[test]
fn a_2g_module_of_quectel_is_named_at_the_login() {
    let refused: &[(u64, &str)] = &[(10, "\r\nERROR\r\n")];
    let module = Scripted::new(&[
        ("ATI", &[(10, "\r\nQuectel_Ltd\r\nQuectel_M26\r\nRevision: M26FAR03A06\r\n\r\nOK\r\n")]),
        ("AT+QFTPCFG", refused),
        ("AT+QFTPCFG", refused),
        ("AT+QFTPCFG", refused),
    ]);
    let mut modem = open_on(module).0.unwrap();
    modem.attach(&AccessPoint::default()).ok();
    let error = modem.login(&Server::new("h", "u", "p4ss")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert!(error.to_string().contains("2G"), "{error}");
}

for_each_dialect! {
    fn a_detected_modem_is_of_the_type_of_its_dialect(vendor: Vendor) {
        let mut rig = AnyRig::open(vendor);
        assert_eq!(rig.modem.vendor(), vendor.name());
        for other in Vendor::ALL {
            assert_eq!((expected(other).is_own_type)(&mut *rig.modem), other == vendor, "{other}");
        }
    }
}
