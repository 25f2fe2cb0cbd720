//! SIMCom's families, and what only this dialect lets a program choose.

use ftp_modem::backend::luat::{DataMode, Family, Luat};
use ftp_modem::emulator::{Identity, LuatProfile, Options};
use ftp_modem::modem::{AccessPoint, Authentication, Modified, Operation, Precision, Retrieve, Support};
use ftp_modem::transport::replay::Replay;
use ftp_modem::transport::transcript::Transcript;
use ftp_modem::{ErrorKind, FtpModem, OpenOptions, Vendor};

use super::{PROFILES, luat, ok, online_on, opening, pattern, play, sent, with};
use crate::support::bench::{Bench, server};

#[test]
fn families_and_their_capabilities() {
    let families = [Family::Luat, Family::Sim800, Family::Sim7000, Family::Sim7080];
    for (profile, family) in PROFILES.into_iter().zip(families) {
        let (modem, _) = luat(with(|options| options.profile = profile));
        assert_eq!(modem.family(), family);
        assert_eq!(modem.bearer(), u8::from(family != Family::Sim7080));
        let renames = if family == Family::Luat { Support::Unsupported } else { Support::Native };
        assert_eq!(modem.capabilities().support(Operation::Rename), renames, "{family}");
        assert_eq!(modem.capabilities().support(Operation::Modified), renames, "{family}");
    }
    // Older SIM800 firmware has neither.
    for missing in ["+FTPRENAME", "+FTPMDTM"] {
        let (mut modem, _) = luat(with(|options| {
            options.profile = LuatProfile::Sim800;
            options.missing_commands = vec![missing.to_owned()];
        }));
        assert!(!modem.capabilities().supports(Operation::Rename));
        assert_eq!(modem.rename("/a", "/b").unwrap_err().kind(), ErrorKind::Unsupported);
        assert_eq!(modem.modified("/a").unwrap_err().kind(), ErrorKind::Unsupported);
    }
    let mut options = with(|options| options.profile = LuatProfile::Sim7000);
    options.identity = Some(Identity {
        manufacturer: "SIMCOM_Ltd".into(),
        model: "SIM7000".into(),
        revision: "R1".into(),
        serial: "867698040023456".into(),
    });
    assert_eq!(luat(options).0.family(), Family::Sim7000);
}

/// A module whose ATI does not tell is asked for its model; one that tells nothing is taken for what has the narrowest limits.
#[test]
fn a_model_that_has_to_be_asked_for() {
    for (model, family, bearer) in [("SIMCOM_SIM7090", Family::Sim7080, 0), ("L218", Family::Luat, 1)] {
        let asked = format!(">> AT+CGMM\\r\n<< \\r\\n{model}\\r\\n\\r\\nOK\\r\\n\n");
        let refused = |command: &str| format!(">> AT{command}=?\\r\n<< \\r\\nERROR\\r\\n\n");
        // A vendor name alone is that of several dialects; a model that is not known is told by its commands.
        let mut found = format!(">> AT+CGMI\\r\n<< \\r\\nSIMCOM_Ltd\\r\\n\\r\\nOK\\r\\n\n{asked}");
        if family == Family::Luat {
            found += &["+QFTPCFG", "+MFTPCFG", "+FTPRECV"].map(refused).concat();
            found += ">> AT+FTPGETPATH=?\\r\n<< \\r\\nOK\\r\\n\n";
        }
        for (vendor, exchanges) in [(None, found), (Some(Vendor::Luat), asked)] {
            let replay = Replay::new(Transcript::parse(&(opening("SIMCOM_Ltd") + &exchanges)).unwrap());
            let mut options = OpenOptions::new();
            if let Some(vendor) = vendor {
                options = options.vendor(vendor);
            }
            let modem: Luat = options.open_as_on(replay.clone()).unwrap();
            assert_eq!((modem.family(), modem.bearer()), (family, bearer));
            assert_eq!(modem.identity().model, model);
            replay.finish().unwrap();
        }
    }
}

#[test]
fn everything_on_every_family() {
    for profile in PROFILES {
        let mut bench = online_on(profile);
        let bytes = pattern(5000);
        bench.upload("/dir/../file.bin", &bytes).unwrap();
        assert!(bench.download("/file.bin", &Retrieve::whole()).unwrap() == bytes, "{profile:?}");
        assert!(bench.download("/file.bin", &Retrieve::from(20)).unwrap() == bytes[20..], "{profile:?}");
        assert_eq!(bench.modem.list("/").unwrap().len(), 1, "{profile:?}");
        assert_eq!(bench.modem.size("/file.bin").unwrap(), 5000, "{profile:?}");
        if bench.modem.capabilities().supports(Operation::Rename) {
            let expected = Modified {
                year: Some(2024),
                month: 7,
                day: 22,
                hour: 4,
                minute: 9,
                second: 0,
                precision: Precision::Second,
            };
            assert_eq!(bench.modem.modified("/file.bin").unwrap(), expected);
            bench.modem.rename("/file.bin", "/new.bin").unwrap();
            assert!(bench.files.file("/new.bin").unwrap() == bytes);
            let error = bench.modem.rename("/file.bin", "/new.bin").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
            assert_eq!(bench.modem.modified("/file.bin").unwrap_err().kind(), ErrorKind::Unavailable);
        } else {
            let before = bench.line.sent();
            assert_eq!(bench.modem.rename("/a", "/b").unwrap_err().kind(), ErrorKind::Unsupported);
            assert_eq!(bench.line.sent(), before);
        }
        bench.modem.detach().unwrap();
    }
}

#[test]
fn another_bearer() {
    for (profile, bearer, none) in
        [(LuatProfile::Air780e, 2, 0), (LuatProfile::Sim7000, 3, 4), (LuatProfile::Sim7080, 3, 4)]
    {
        let (mut modem, files) = luat(with(|options| options.profile = profile));
        assert_eq!(modem.use_bearer(none).unwrap_err().kind(), ErrorKind::InvalidInput);
        modem.use_bearer(bearer).unwrap();
        assert!(!modem.attach(&AccessPoint::default()).unwrap().was_up);
        modem.login(&server()).unwrap();
        assert_eq!(modem.use_bearer(1).unwrap_err().kind(), ErrorKind::WrongState);
        files.put("/x", "12345");
        assert_eq!(modem.size("/x").unwrap(), 5, "through bearer {bearer} of {profile:?}");
        modem.logout().unwrap();
        modem.detach().unwrap();
        modem.use_bearer(if modem.family() == Family::Sim7080 { 0 } else { 1 }).unwrap();
        assert!(!modem.attach(&AccessPoint::default()).unwrap().was_up);
    }
}

#[test]
fn another_data_mode() {
    let (mut modem, _) = luat(Options::default());
    assert_eq!(modem.use_data_mode(DataMode::Active).unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(modem.data_mode(), DataMode::Passive);
    for profile in [LuatProfile::Sim800, LuatProfile::Sim7000, LuatProfile::Sim7080] {
        let (mut modem, files) = luat(with(|options| options.profile = profile));
        modem.use_data_mode(DataMode::Active).unwrap();
        modem.attach(&AccessPoint::default()).unwrap();
        modem.login(&server()).unwrap();
        modem.use_data_mode(DataMode::Passive).unwrap();
        modem.use_data_mode(DataMode::Active).unwrap();
        files.put("/x", "12345");
        assert_eq!(modem.size("/x").unwrap(), 5);
    }
}

/// The emulated SIM7080 has no CNCFG.
#[test]
fn the_access_point_of_an_application_network() {
    let text = opening("SIMCOM_SIM7080G R1951.04")
        + ">> AT+CNACT?\\r\n<< \\r\\n+CNACT: 0,0,\"0.0.0.0\"\\r\\n+CNACT: 1,0,\"0.0.0.0\"\\r\\n\\r\\nOK\\r\\n\n"
        + &ok(&["AT+CNCFG=0,1,\"cmnbiot\",\"u\",\"p\",1", "AT+CNACT=0,1"])
        + ">> AT+CNACT?\\r\n<< \\r\\n+CNACT: 0,0,\"0.0.0.0\"\\r\\n+CNACT: 1,0,\"0.0.0.0\"\\r\\n\\r\\nOK\\r\\n\n"
        + "@ 0.2\n<< \\r\\n+APP PDP: 0,ACTIVE\\r\\n\n"
        + ">> AT+CNACT?\\r\n<< \\r\\n+CNACT: 0,1,\"10.94.36.44\"\\r\\n+CNACT: 1,0,\"0.0.0.0\"\\r\\n\\r\\nOK\\r\\n\n"
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

#[test]
fn what_an_earlier_user_left_on_is_switched_off() {
    for (profile, expected) in [
        (LuatProfile::Air780e, &["AT+FTPFILEPUT=0"][..]),
        (LuatProfile::Sim800, &["AT+FTPSSL=0"]),
        (LuatProfile::Sim7080, &["AT+FTPSSL=0,0,\"\",\"\""]),
    ] {
        let bench: Bench = online_on(profile);
        for command in expected {
            assert_eq!(sent(&bench, command).len(), 1, "{profile:?}");
        }
        assert_eq!(bench.modem.capabilities().dialect, Vendor::Luat.name());
    }
}
