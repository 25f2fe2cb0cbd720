//! The bearer: SAPBR, and CNACT on the SIM7080.

use std::time::Duration;

use ftp_modem::backend::luat::Family;
use ftp_modem::emulator::{AddressForm, BearerLoss, LuatOptions, LuatProfile, Options};
use ftp_modem::modem::{AccessPoint, Authentication};
use ftp_modem::{ErrorKind, FtpModem};

use super::{PROFILES, Rig, SECOND, online, online_on, opening, play, recovers, with};
use crate::support::access::server;
use crate::support::payload::pattern;
use crate::support::replay::ok;

/// `+SAPBR 1: DEACT` (Luat), without the blank (SIM7000 AT manual), `+PDP: DEACT`, `+CGEV:`, and `+APP PDP: DEACTIVE`
/// with or without an index. The failure of the operation follows it (Luat HTTP guide).
#[test]
fn every_line_that_reports_the_loss_of_the_bearer_is_known() {
    use LuatProfile::{Air780e, Sim800, Sim7000, Sim7080};
    for (profile, line) in [
        (Air780e, "+SAPBR 1: DEACT"),
        (Sim800, "+SAPBR 1: DEACT"),
        (Sim7000, "+SAPBR 1:DEACT"),
        (Air780e, "+PDP: DEACT"),
        (Air780e, "+CGEV: NW PDN DEACT 1"),
        (Air780e, "+CGEV: ME DETACH"),
        (Sim7000, "+APP PDP: DEACTIVE"),
        (Sim7080, "+APP PDP: 0,DEACTIVE"),
    ] {
        // It comes while the session is being opened; a second later the session's own result, 61.
        let options = with(|options| {
            options.profile = profile;
            options.bearer_loss = Some(BearerLoss { after: SECOND, line: line.to_owned() });
        });
        let mut rig = Rig::online(options.with_network_latency(2 * SECOND));
        let before = rig.line.elapsed();
        let error = rig.modem.list("/").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BearerLost, "{profile:?} {line}: {error}");
        assert!(error.module_usable() && error.is_retryable(), "{line}: {error}");
        assert!(rig.line.elapsed() - before < 4 * SECOND, "{line}: at once");
        recovers(&mut rig, line);
    }
    // The loss of another bearer has no effect.
    for (profile, line) in
        [(Air780e, "+SAPBR 2: DEACT"), (Sim7080, "+APP PDP: 3,DEACTIVE"), (Air780e, "+CGEV: NW PDN DEACT 3")]
    {
        let mut rig = Rig::online(with(|options| options.profile = profile));
        rig.line.say(line);
        rig.still_works();
    }
    // In the middle of the data, several lines, and one while nothing goes on.
    let mut rig = Rig::online(Options::default());
    rig.files.put("/file.bin", pattern(5000));
    rig.line.before("AT+FTPGET=2", |module, now| {
        module.inject(now, "+SAPBR 1: DEACT");
        module.inject(now, "+PDP: DEACT");
        module.inject(now, "+CGEV: NW PDN DEACT 1");
    });
    let error = rig.download("/file.bin").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BearerLost, "{error}");
    rig.modem.status().unwrap();
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.still_works();
    rig.line.say("+SAPBR 1: DEACT");
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.still_works();
}

/// Opening it a second time gives `ERROR` or `+CME ERROR: 3` (Luat HTTP guide, §8.2). The address is quoted (guide),
/// zero-padded and bare (AT manual), or 0.0.0.0.
#[test]
fn an_open_bearer_is_joined_whatever_form_its_address_has() {
    for form in [AddressForm::Quoted, AddressForm::Bare, AddressForm::ZeroPadded] {
        for open in [true, false] {
            let options = with(|options| {
                options.bearer_open = open;
                options.address_form = form;
            });
            let mut rig = Rig::open(options.with_ip_address("10.9.255.61"));
            let bearer = rig.modem.attach(&AccessPoint::default()).unwrap();
            assert_eq!((bearer.was_up, bearer.address), (open, Some("10.9.255.61".parse().unwrap())), "{form:?}");
            assert_eq!(rig.line.commands("AT+SAPBR=1,").is_empty(), open, "an open bearer is not opened");
            rig.modem.detach().unwrap();
            rig.modem.detach().unwrap();
        }
    }
    // Connected without an address: closed and opened again, but not used.
    for open in [true, false] {
        let options = with(|options| options.bearer_open = open).with_ip_address("0.0.0.0");
        let mut rig = Rig::open(options);
        let error = rig.modem.attach(&AccessPoint::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BearerFailed, "{error}");
        assert_eq!(rig.line.commands("AT+SAPBR=0,").len(), usize::from(open));
    }
    // Opened by another program between query and command.
    for answer in ["ERROR", "+CME ERROR: 3"] {
        let text = opening("AirM2M_780E_V1169_LTE_AT")
            + ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,3,\"0.0.0.0\"\\r\\n\\r\\nOK\\r\\n\n"
            + &ok(&["AT+SAPBR=3,1,\"CONTYPE\",\"GPRS\"", "AT+SAPBR=3,1,\"APN\",\"\""])
            + &format!(">> AT+SAPBR=1,1\\r\n<< \\r\\n{answer}\\r\\n\n")
            + ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,1,010.169.179.213\\r\\n\\r\\nOK\\r\\n\n";
        play(&text, |modem| {
            let bearer = modem.attach(&AccessPoint::default()).unwrap();
            assert_eq!(bearer.address, Some("10.169.179.213".parse().unwrap()));
        });
    }
}

/// Quoted in the guide, bare and padded in the AT manual; a padded number is decimal.
#[test]
fn an_address_may_be_quoted_or_padded_with_zeros() {
    for form in [AddressForm::Quoted, AddressForm::Bare, AddressForm::ZeroPadded] {
        let options = with(|options: &mut LuatOptions| options.address_form = form).with_ip_address("10.169.79.13");
        let mut rig = Rig::open(options);
        let bearer = rig.modem.attach(&AccessPoint::default()).unwrap();
        assert_eq!(bearer.address, Some("10.169.79.13".parse().unwrap()), "{form:?}");
    }
}

/// SIM7000 AT manual V1.06, SAPBR.
#[test]
fn a_bearer_may_take_85_seconds_to_open_and_65_to_close() {
    let text = opening("AirM2M_780E_V1169_LTE_AT")
        + ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,3,\"0.0.0.0\"\\r\\n\\r\\nOK\\r\\n\n"
        + &ok(&["AT+SAPBR=3,1,\"CONTYPE\",\"GPRS\"", "AT+SAPBR=3,1,\"APN\",\"\""])
        + ">> AT+SAPBR=1,1\\r\n@ 84.5\n<< \\r\\nOK\\r\\n\n"
        // Still connecting at the first query.
        + ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,0,\"0.0.0.0\"\\r\\n\\r\\nOK\\r\\n\n"
        + ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,1,\"10.39.255.61\"\\r\\n\\r\\nOK\\r\\n\n"
        + ">> AT+SAPBR=0,1\\r\n@ 64.5\n<< \\r\\nOK\\r\\n\n";
    play(&text, |modem| {
        assert!(!modem.attach(&AccessPoint::default()).unwrap().was_up);
        modem.detach().unwrap();
    });
}

/// On each family a bearer comes up, goes down and comes up; where the network gives none, attaching fails within its
/// limit.
#[test]
fn bearers_of_every_family() {
    for profile in PROFILES {
        let mut rig = online_on(profile);
        assert!(rig.modem.attach(&AccessPoint::default()).unwrap().was_up, "{profile:?}");
        rig.modem.detach().unwrap();
        rig.modem.status().unwrap();
        rig.modem.detach().unwrap();
        assert_eq!(rig.modem.list("/").unwrap_err().kind(), ErrorKind::BearerLost, "{profile:?}");
        recovers(&mut rig, &format!("{profile:?}"));

        let mut rig = Rig::open(with(|options| options.profile = profile).with_registered(false));
        let before = rig.line.elapsed();
        let error = rig.modem.attach(&AccessPoint::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BearerFailed, "{profile:?}: {error}");
        assert!(rig.line.elapsed() - before < Duration::from_secs(94));
    }
}

/// FTPCID takes 1 to 3, on the SIM7080 0 to 3 (AT manual; SIM7080 note).
#[test]
fn another_bearer_can_be_chosen() {
    for (profile, bearer, none) in
        [(LuatProfile::Air780e, 2, 0), (LuatProfile::Sim7000, 3, 4), (LuatProfile::Sim7080, 3, 4)]
    {
        let mut rig = Rig::open(with(|options| options.profile = profile));
        assert_eq!(rig.modem.use_bearer(none).unwrap_err().kind(), ErrorKind::InvalidInput);
        rig.modem.use_bearer(bearer).unwrap();
        assert!(!rig.modem.attach(&AccessPoint::default()).unwrap().was_up);
        rig.modem.login(&server()).unwrap();
        assert_eq!(rig.modem.use_bearer(1).unwrap_err().kind(), ErrorKind::WrongState);
        rig.files.put("/x", "12345");
        assert_eq!(rig.modem.size("/x").unwrap(), 5, "through bearer {bearer} of {profile:?}");
        rig.modem.logout().unwrap();
        rig.modem.detach().unwrap();
        rig.modem.use_bearer(if rig.modem.family() == Family::Sim7080 { 0 } else { 1 }).unwrap();
        assert!(!rig.modem.attach(&AccessPoint::default()).unwrap().was_up);
    }
}

/// 1 in the guide, 0 as a default in one copy of the manual, 0 to 3 on the SIM7080.
#[test]
fn the_bearer_of_ftp_is_always_set() {
    for (profile, bearer) in [(LuatProfile::Air780e, 1), (LuatProfile::Sim7000, 1), (LuatProfile::Sim7080, 0)] {
        for initial in [0, 1, 3] {
            let mut rig = online(|options| {
                options.profile = profile;
                options.initial_cid = Some(initial);
            });
            assert_eq!(rig.line.commands("AT+FTPCID"), [format!("AT+FTPCID={bearer}")]);
            rig.still_works();
        }
    }
}

/// SIM7080 AT manual V1.05, CNCFG and CNACT. The emulated module has no CNCFG.
#[test]
fn the_access_point_of_a_sim7080_is_set_by_cncfg() {
    let text = opening("SIMCOM_SIM7080G R1951.04")
        + ">> AT+CNACT?\\r\n<< \\r\\n+CNACT: 0,0,\"0.0.0.0\"\\r\\n+CNACT: 1,0,\"0.0.0.0\"\\r\\n\\r\\nOK\\r\\n\n"
        + &ok(&["AT+CNCFG=0,1,\"cmnbiot\",\"u\",\"p\",1", "AT+CNACT=0,1"])
        + ">> AT+CNACT?\\r\n<< \\r\\n+CNACT: 0,0,\"0.0.0.0\"\\r\\n+CNACT: 1,0,\"0.0.0.0\"\\r\\n\\r\\nOK\\r\\n\n"
        + "@ 0.2\n<< \\r\\n+APP PDP: 0,ACTIVE\\r\\n\n"
        + ">> AT+CNACT?\\r\n<< \\r\\n+CNACT: 0,1,\"10.94.36.44\"\\r\\n+CNACT: 1,0,\"0.0.0.0\"\\r\\n\\r\\nOK\\r\\n\n"
        + &ok(&["AT+CNACT=0,0"])
        + "<~ \\r\\n+APP PDP: 0,DEACTIVE\\r\\n\n";
    play(&text, |modem| {
        let access_point = AccessPoint::new("cmnbiot").with_credentials("u", "p", Authentication::Pap);
        let bearer = modem.attach(&access_point).unwrap();
        assert_eq!(bearer.address, Some("10.94.36.44".parse().unwrap()));
        modem.detach().unwrap();
    });
}

/// Air780E FTP guide §7: a module that has dialled on its own has a bearer up, whatever access point a program names.
#[test]
fn a_bearer_with_another_access_point_is_closed_and_opened_with_the_one_asked_for() {
    for profile in [LuatProfile::Air780e, LuatProfile::Sim800, LuatProfile::Sim7000] {
        let mut rig = Rig::open(with(|options| {
            options.profile = profile;
            options.bearer_open = true;
        }));
        assert!(rig.modem.attach(&AccessPoint::default()).unwrap().was_up);
        assert!(rig.line.commands("AT+SAPBR=4").is_empty(), "nothing is queried where any access point will do");
        for (name, is_joined) in [("private", false), ("PRIVATE", true), ("other", false), ("other", true)] {
            let bearer = rig.modem.attach(&AccessPoint::new(name)).unwrap();
            assert_eq!(bearer.was_up, is_joined, "{profile:?} {name}");
        }
        let set = rig.line.commands("AT+SAPBR=3,1,\"APN\"");
        assert_eq!(set, ["AT+SAPBR=3,1,\"APN\",\"private\"", "AT+SAPBR=3,1,\"APN\",\"other\""]);
    }
}

/// `+SAPBR:APN,cmnet` (Luat AT manual, SAPBR); SIM800 prints `APN: cmnet` on a line of its own. Without a name in the
/// profile the context tells what the network chose (3GPP TS 27.007 §10.1.23).
#[test]
fn the_access_point_of_a_bearer_is_found_in_every_form() {
    const UP: &str = ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,1,\"10.39.255.61\"\\r\\n\\r\\nOK\\r\\n\n";
    let of_profile = |lines: &str| format!(">> AT+SAPBR=4,1\\r\n<< \\r\\n{lines}\\r\\n\\r\\nOK\\r\\n\n");
    let of_context = ">> AT+CGCONTRDP=1\\r\n\
         << \\r\\n+CGCONTRDP: 1,5,\"private.mnc001.mcc460.gprs\",\"10.39.255.61\"\\r\\n\\r\\nOK\\r\\n\n";
    for text in [
        of_profile("+SAPBR:CONTYPE,GPRS\\r\\n+SAPBR:APN,private\\r\\n+SAPBR:USER,"),
        of_profile("+SAPBR:\\r\\nCONTYPE: GPRS\\r\\nAPN: private\\r\\nPHONENUM: "),
        of_profile("+SAPBR: \"CONTYPE\",\"GPRS\"\\r\\n+SAPBR: \"APN\",\"private\""),
        of_profile("+SAPBR:CONTYPE,GPRS\\r\\n+SAPBR:APN,") + of_context,
        ">> AT+SAPBR=4,1\\r\n<< \\r\\nERROR\\r\\n\n".to_owned() + of_context,
    ] {
        play(&(opening("AirM2M_780E_V1169_LTE_AT") + UP + &text), |modem| {
            assert!(modem.attach(&AccessPoint::new("private")).unwrap().was_up);
        });
    }
    // The module does not close it.
    let text = of_profile("+SAPBR:APN,cmnet") + ">> AT+SAPBR=0,1\\r\n@ 0.3\n<< \\r\\nERROR\\r\\n\n";
    play(&(opening("AirM2M_780E_V1169_LTE_AT") + UP + &text), |modem| {
        let error = modem.attach(&AccessPoint::new("private")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BearerFailed, "{error}");
        assert!(error.to_string().contains("not known to use this access point"), "{error}");
    });
}

/// SAPBR has no parameter for the authentication protocol; CGAUTH has (3GPP TS 27.007 §10.1.31).
#[test]
fn the_authentication_protocol_is_sent_or_refused() {
    let down = ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,3,\"0.0.0.0\"\\r\\n\\r\\nOK\\r\\n\n";
    let point = AccessPoint::new("private").with_credentials("u", "p", Authentication::Chap);
    let sent = opening("AirM2M_780E_V1169_LTE_AT")
        + down
        + &ok(&[
            "AT+CGAUTH=1,2,\"u\",\"p\"",
            "AT+SAPBR=3,1,\"CONTYPE\",\"GPRS\"",
            "AT+SAPBR=3,1,\"APN\",\"private\"",
            "AT+SAPBR=3,1,\"USER\",\"u\"",
            "AT+SAPBR=3,1,\"PWD\",\"p\"",
            "AT+SAPBR=1,1",
        ])
        + ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,1,\"10.39.255.61\"\\r\\n\\r\\nOK\\r\\n\n";
    play(&sent, |modem| assert!(!modem.attach(&point).unwrap().was_up));
    let refused = opening("SIM800 R14.18")
        + ">> AT+FTPRENAME=?\\r\n<< \\r\\nERROR\\r\\n\n"
        + down
        + ">> AT+CGAUTH=1,2,\"u\",\"p\"\\r\n<< \\r\\nERROR\\r\\n\n";
    play(&refused, |modem| {
        let error = modem.attach(&point).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(!error.is_retryable() && error.to_string().contains("CGAUTH"), "{error}");
    });
}
