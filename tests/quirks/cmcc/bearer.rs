//! The bearer: MIPCALL, or CGACT.

use ftp_modem::emulator::Options;
use ftp_modem::modem::{AccessPoint, PdpType};
use ftp_modem::{ErrorKind, FtpModem, Server};

use super::{Rig, play, play_online_at, with};

/// ML305 drivers use CGACT and CGPADDR (RT-Thread-packages/at_device, class/ml305). An address may come late: a driver
/// queries up to ten times (78/esp-ml307).
#[test]
fn a_bearer_comes_up_with_and_without_mipcall() {
    // MIPCALL is unknown, or refused at the activation.
    for mipcall in [
        r"
>> AT+MIPCALL?\r
<< \r\nERROR\r\n
>> AT+CGACT?\r
<< \r\n+CGACT: 1,0\r\n\r\nOK\r\n
",
        r"
>> AT+MIPCALL?\r
<< \r\n+MIPCALL: 1,0\r\n\r\nOK\r\n
>> AT+MIPCALL=1,1\r
<< \r\n+CME ERROR: 3\r\n
",
    ] {
        let lines = r#"
>> AT+CGACT=1,1\r
@ 2
<< \r\nOK\r\n
>> AT+CGPADDR=1\r
<< \r\n+CGPADDR: 1,"10.1.2.3"\r\n\r\nOK\r\n
>> AT+MIPCALL=0,1\r
<< \r\nERROR\r\n
>> AT+CGACT=0,1\r
<< \r\nOK\r\n
"#;
        play(&format!("{mipcall}{lines}"), |modem| {
            let bearer = modem.attach(&AccessPoint::default()).unwrap();
            assert_eq!((bearer.address, bearer.was_up), (Some("10.1.2.3".parse().unwrap()), false));
            modem.detach().unwrap();
        });
    }
    play(
        r"
>> AT+MIPCALL?\r
<< \r\nERROR\r\n
>> AT+CGACT?\r
<< \r\n+CGACT: 1,1\r\n\r\nOK\r\n
>> AT+CGPADDR=1\r
<< \r\nERROR\r\n
",
        |modem| assert!(modem.attach(&AccessPoint::default()).unwrap().was_up),
    );
    // The address comes late, or the module prints no more than `OK`: the driver queries it.
    play(
        r#"
>> AT+MIPCALL?\r
<< \r\n+MIPCALL: 1,0\r\n\r\nOK\r\n
>> AT+MIPCALL=1,1\r
<< \r\nOK\r\n
@ 11
>> AT+MIPCALL?\r
<< \r\n+MIPCALL: 1,1,"10.1.2.3"\r\n\r\nOK\r\n
"#,
        |modem| assert!(modem.attach(&AccessPoint::default()).unwrap().address.is_some()),
    );
    let mut rig = Rig::open(Options::default().with_registered(false));
    let error = rig.modem.attach(&AccessPoint::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BearerFailed, "{error}");
    rig.modem.detach().unwrap();
}

/// A module that dials on its own has a bearer up, whatever access point the program names.
#[test]
fn a_bearer_with_another_access_point_is_not_joined() {
    let up = r"
>> AT+MIPCALL?\r
<< \r\n+MIPCALL: 1,1,10.1.2.3\r\n\r\nOK\r\n
";
    let in_use = |name: &str| {
        format!(">> AT+CGCONTRDP=1\\r\n<< \\r\\n+CGCONTRDP: 1,5,\"{name}\",\"10.1.2.3\"\\r\\n\\r\\nOK\\r\\n\n")
    };
    let private = AccessPoint::new("private");
    for name in ["private", "PRIVATE.MNC004.MCC460.GPRS"] {
        play(&format!("{up}{}", in_use(name)), |modem| assert!(modem.attach(&private).unwrap().was_up, "{name}"));
    }
    play(up, |modem| assert!(modem.attach(&AccessPoint::default()).unwrap().was_up));
    let hung_up = r#"
>> AT+MIPCALL=0,1\r
<< \r\nOK\r\n\r\n+MIPCALL: 1,0\r\n
>> AT+CGACT?\r
<< \r\n+CGACT: 1,1\r\n\r\nOK\r\n
>> AT+CGACT=0,1\r
"#;
    let dialled = r#"
<< \r\nOK\r\n
>> AT+CGDCONT=1,"IP","private"\r
<< \r\nOK\r\n
>> AT+MIPCALL=1,1\r
<< \r\nOK\r\n\r\n+MIPCALL: 1,1,10.9.9.9\r\n
"#;
    let unknown = r"
>> AT+CGCONTRDP=1\r
<< \r\nERROR\r\n
>> AT+CGDCONT?\r
<< \r\nERROR\r\n
";
    for used in [in_use("cmnet"), unknown.to_owned()] {
        play(&format!("{up}{used}{hung_up}{dialled}"), |modem| {
            let bearer = modem.attach(&private).unwrap();
            assert_eq!((bearer.address, bearer.was_up), (Some("10.9.9.9".parse().unwrap()), false));
        });
        play(&format!("{up}{used}{hung_up}<< \\r\\nERROR\\r\\n\n"), |modem| {
            let error = modem.attach(&private).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BearerFailed, "{error}");
            assert!(error.to_string().contains("access point"), "{error}");
        });
    }
}

/// MFTPCONN's second example has an address of IPv6 (manual, §3.2).
#[test]
fn the_type_of_the_context_is_sent() {
    for (pdp_type, name) in [(PdpType::Ipv6, "IPV6"), (PdpType::Ipv4v6, "IPV4V6")] {
        let mut rig = Rig::open(with(|_| {}));
        rig.modem.attach(&AccessPoint::new("iot")).unwrap();
        rig.line.clear();
        let access_point = AccessPoint::new("iot").with_pdp_type(pdp_type);
        assert!(!rig.modem.attach(&access_point).unwrap().was_up, "the context that is up is of type IPv4");
        assert!(rig.line.text().contains(&format!("AT+CGDCONT=1,\"{name}\",\"iot\"\r")), "{}", rig.line.text());
        let (bearer, sent) = rig.line.clone().sent_by(|| rig.modem.attach(&access_point).unwrap());
        assert!(bearer.was_up);
        assert_eq!(sent.matches("AT+CGDCONT?").count(), 1, "{sent}");
    }
    let mut server: Server = "ftp://u@[2001:608:c00:180::1:ea]".parse().unwrap();
    server.password = "p".into();
    play_online_at(&server, "", |modem| assert_eq!(modem.server().unwrap().host, "2001:608:c00:180::1:ea"));
}
