//! FTPS.

use ftp_modem::backend::quectel::{ClientCertificate, TlsVersion};
use ftp_modem::emulator::{Options, ServerCertificate};
use ftp_modem::modem::{AccessPoint, DataConnection, Retrieve, Security, SessionState, Tls};
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, with};
use crate::support::access::server;

const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

/// Passive mode is required (note, §2.1). SNI, the check of the clock and of the certificate are off as delivered
/// (NuModem).
#[test]
fn ftps_verifies_the_server_as_configured() {
    let trusting = || server().with_security(Security::Implicit).with_port(990).with_tls(Tls::trusting(PEM));
    // Nothing is sent without a choice of verification, in active mode, or with something that is not a certificate.
    let mut rig = Rig::open(Options::default());
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.line.clear();
    for refused in [
        server().with_security(Security::Implicit),
        server().with_security(Security::Explicit),
        trusting().with_tls(Tls::trusting("rubbish")),
        trusting().with_tls(Tls::trusting([PEM, &[b'x'; 70_000]].concat())),
    ] {
        assert_eq!(rig.modem.login(&refused).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let mut settings = rig.modem.settings().clone();
    settings.data_connection = DataConnection::Active;
    rig.modem.configure(settings.clone()).unwrap();
    assert_eq!(rig.modem.login(&trusting()).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(rig.line.text(), "");
    settings.data_connection = DataConnection::Passive;
    rig.modem.configure(settings.clone()).unwrap();

    // The authority's file is put there, once; level, name and clock are set.
    rig.modem.login(&trusting()).unwrap();
    let sent = rig.line.text();
    for setting in [
        "\"ssltype\",1\r",
        "\"sslctxid\",1\r",
        "\"seclevel\",1,1\r",
        "\"sslversion\",1,3\r",
        "\"cacert\",1,\"UFS:ftp-modem-ca.pem\"\r",
        "\"ignorelocaltime\",1,0\r",
        "\"sni\",1,1\r",
        "+QFUPL=",
    ] {
        assert!(sent.contains(setting), "{setting} in {sent}");
    }
    rig.works_both_ways();
    rig.modem.logout().unwrap();
    rig.line.clear();
    rig.modem.login(&trusting().with_security(Security::Explicit)).unwrap();
    assert!(rig.line.text().contains("\"ssltype\",2\r"));
    assert!(!rig.line.text().contains("+QFUPL"), "the file is there already");
    rig.modem.logout().unwrap();
    // Other bytes of the same length are other bytes.
    let other = String::from_utf8(PEM.to_vec()).unwrap().replace("MIIB", "MIIC");
    rig.modem.login(&trusting().with_tls(Tls::trusting(other.as_str()))).unwrap();
    let mut stored = Vec::new();
    rig.modem.retrieve_from_module("UFS:ftp-modem-ca.pem", &Retrieve::whole(), &mut stored).unwrap();
    assert_eq!(stored, other.as_bytes());
    rig.modem.logout().unwrap();

    // A plain session afterwards is plain.
    rig.line.clear();
    rig.modem.login(&server()).unwrap();
    assert!(rig.line.text().contains("\"ssltype\",0\r"));
    rig.modem.logout().unwrap();

    // By a file that is on the module, with a certificate of the module's own.
    rig.modem.store_to_module("UFS:ca.pem", PEM.len() as u64, Default::default(), &mut &PEM[..]).unwrap();
    rig.modem.store_to_module("UFS:me.pem", PEM.len() as u64, Default::default(), &mut &PEM[..]).unwrap();
    settings.tls_context = 2;
    settings.tls.ca_file = Some("UFS:ca.pem".into());
    settings.tls.client =
        Some(ClientCertificate { certificate_file: "UFS:me.pem".into(), key_file: "UFS:me.pem".into() });
    rig.modem.configure(settings.clone()).unwrap();
    // The module shows a certificate of its own only to a server that it checks.
    let unchecked = server().with_security(Security::Explicit).with_tls(Tls::insecure());
    assert_eq!(rig.modem.login(&unchecked).unwrap_err().kind(), ErrorKind::InvalidInput);
    rig.modem.login(&server().with_security(Security::Explicit)).unwrap();
    let sent = rig.line.text();
    assert!(sent.contains("\"seclevel\",2,2\r") && sent.contains("\"clientkey\",2,\"UFS:me.pem\"\r"), "{sent}");
    rig.works_both_ways();
    rig.modem.logout().unwrap();
    settings.tls.ca_file = Some("ufs:ca.pem".into());
    assert_eq!(rig.modem.configure(settings).unwrap_err().kind(), ErrorKind::InvalidInput);

    // What fails the handshake, and what does not.
    type Change = fn(&mut ftp_modem::emulator::QuectelOptions);
    let cases: &[(Change, Tls, bool)] = &[
        (|o| o.certificate = ServerCertificate::Untrusted, Tls::trusting(PEM), false),
        (|o| o.certificate = ServerCertificate::Untrusted, Tls::insecure(), true),
        (|o| o.certificate = ServerCertificate::Expired, Tls::trusting(PEM), false),
        (|o| o.certificate = ServerCertificate::Expired, Tls::insecure(), true),
        (|o| o.clock_set = false, Tls::trusting(PEM), false),
        (|o| o.sni_needed = true, Tls::trusting(PEM), true),
        (|o| o.oldest_tls = 3, Tls::trusting(PEM), true),
    ];
    for (index, (change, tls, works)) in cases.iter().enumerate() {
        let mut rig = Rig::open(with(change));
        rig.modem.attach(&AccessPoint::default()).unwrap();
        match rig.modem.login(&trusting().with_tls(tls.clone())) {
            Ok(()) => assert!(*works, "{index}"),
            Err(error) => {
                assert!(!works, "{index}: {error}");
                assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Tls, true), "{index}: {error}");
                assert!(!error.is_retryable());
                // The checks of the clock, the name and the version can be switched off one by one.
                let mut settings = rig.modem.settings().clone();
                settings.tls.check_time = false;
                settings.tls.version = TlsVersion::Any;
                rig.modem.configure(settings).unwrap();
                assert_eq!(rig.modem.login(&trusting()).is_ok(), index != 0, "{index}");
            }
        }
    }
    // A handshake that takes too long.
    let mut rig = Rig::open(with(|o| *o = o.clone().with_result_delay("+QFTPOPEN", None)));
    rig.modem.attach(&AccessPoint::default()).unwrap();
    let error = rig.modem.login(&trusting()).unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Timeout, true), "{error}");
    assert_eq!(rig.modem.status().unwrap(), SessionState::Closed);
}

/// The note mentions neither SNI nor the clock; both are off on an EG800K (NuModem).
#[test]
fn checks_that_are_off_as_delivered_are_switched_on() {
    let pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
    let mut rig = Rig::open(Options::default());
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.modem.login(&server().with_security(Security::Explicit).with_tls(Tls::trusting(pem))).unwrap();
    let sent = rig.line.text();
    for on in ["\"seclevel\",1,1\r", "\"sni\",1,1\r", "\"ignorelocaltime\",1,0\r"] {
        assert!(sent.contains(on), "{on}");
    }
}

/// The note, §1.3, step 5, names 1 alone; §2.1 has 2, explicit.
#[test]
fn explicit_security_is_ssltype_2() {
    for (security, setting) in [(Security::Implicit, "\"ssltype\",1\r"), (Security::Explicit, "\"ssltype\",2\r")] {
        let mut rig = Rig::open(Options::default());
        rig.modem.attach(&AccessPoint::default()).unwrap();
        rig.modem.login(&server().with_security(security).with_tls(Tls::insecure())).unwrap();
        assert!(rig.line.text().contains(setting));
        rig.works_both_ways();
    }
}
