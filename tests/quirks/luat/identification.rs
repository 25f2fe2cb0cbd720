//! Luat and the families of SIMCom.

use ftp_modem::backend::luat::{Family, Luat};
use ftp_modem::emulator::{Identity, LuatProfile};
use ftp_modem::modem::{Modified, Operation, Precision, Retrieve, Support};
use ftp_modem::transport::replay::Replay;
use ftp_modem::transport::transcript::Transcript;
use ftp_modem::{ErrorKind, FtpModem, OpenOptions, Vendor};

use super::{PROFILES, Rig, online_on, opening, with};
use crate::support::payload::pattern;

/// FTPRENAME and FTPMDTM: not on Luat, on newer SIM800 firmware only, on SIM7000 and SIM7080 always.
#[test]
fn the_family_decides_the_capabilities() {
    let families = [Family::Luat, Family::Sim800, Family::Sim7000, Family::Sim7080];
    for (profile, family) in PROFILES.into_iter().zip(families) {
        let rig = Rig::open(with(|options| options.profile = profile));
        assert_eq!(rig.modem.family(), family);
        assert_eq!(rig.modem.bearer(), u8::from(family != Family::Sim7080));
        let renames = if family == Family::Luat { Support::Unsupported } else { Support::Native };
        assert_eq!(rig.modem.capabilities().support(Operation::Rename), renames, "{family}");
        assert_eq!(rig.modem.capabilities().support(Operation::Modified), renames, "{family}");
    }
    // Older SIM800 firmware has neither.
    for missing in ["+FTPRENAME", "+FTPMDTM"] {
        let mut rig = Rig::open(with(|options| {
            options.profile = LuatProfile::Sim800;
            options.missing_commands = vec![missing.to_owned()];
        }));
        assert!(!rig.modem.capabilities().supports(Operation::Rename));
        assert_eq!(rig.modem.rename("/a", "/b").unwrap_err().kind(), ErrorKind::Unsupported);
        assert_eq!(rig.modem.modified("/a").unwrap_err().kind(), ErrorKind::Unsupported);
    }
    let mut options = with(|options| options.profile = LuatProfile::Sim7000);
    options.identity = Some(Identity {
        manufacturer: "SIMCOM_Ltd".into(),
        model: "SIM7000".into(),
        revision: "R1".into(),
        serial: "867698040023456".into(),
    });
    assert_eq!(Rig::open(options).modem.family(), Family::Sim7000);
}

/// A module that names neither is taken for the family with the narrowest limits.
#[test]
fn a_model_that_ati_does_not_name_is_queried() {
    for (model, family, bearer) in [("SIMCOM_SIM7090", Family::Sim7080, 0), ("L218", Family::Luat, 1)] {
        let model_query = format!(">> AT+CGMM\\r\n<< \\r\\n{model}\\r\\n\\r\\nOK\\r\\n\n");
        let refused = |command: &str| format!(">> AT{command}=?\\r\n<< \\r\\nERROR\\r\\n\n");
        // Several dialects share the name of a vendor; a module of unknown model is recognised by its commands.
        let mut found = format!(">> AT+CGMI\\r\n<< \\r\\nSIMCOM_Ltd\\r\\n\\r\\nOK\\r\\n\n{model_query}");
        if family == Family::Luat {
            found += &["+QFTPCFG", "+MFTPCFG", "+FTPRECV"].map(refused).concat();
            found += ">> AT+FTPGETPATH=?\\r\n<< \\r\\nOK\\r\\n\n";
        }
        for (vendor, exchanges) in [(None, found), (Some(Vendor::Luat), model_query)] {
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
fn every_operation_works_on_every_family() {
    for profile in PROFILES {
        let mut rig = online_on(profile);
        let bytes = pattern(5000);
        rig.upload("/dir/../file.bin", &bytes).unwrap();
        assert!(rig.download("/file.bin").unwrap() == bytes, "{profile:?}");
        assert!(rig.download_part("/file.bin", &Retrieve::from(20)).unwrap() == bytes[20..], "{profile:?}");
        assert_eq!(rig.modem.list("/").unwrap().len(), 1, "{profile:?}");
        assert_eq!(rig.modem.size("/file.bin").unwrap(), 5000, "{profile:?}");
        if rig.modem.capabilities().supports(Operation::Rename) {
            let expected = Modified {
                year: Some(2024),
                month: 7,
                day: 22,
                hour: 4,
                minute: 9,
                second: 0,
                precision: Precision::Second,
            };
            assert_eq!(rig.modem.modified("/file.bin").unwrap(), expected);
            rig.modem.rename("/file.bin", "/new.bin").unwrap();
            assert!(rig.files.file("/new.bin").unwrap() == bytes);
            let error = rig.modem.rename("/file.bin", "/new.bin").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
            assert_eq!(rig.modem.modified("/file.bin").unwrap_err().kind(), ErrorKind::Unavailable);
        } else {
            let before = rig.line.sent();
            assert_eq!(rig.modem.rename("/a", "/b").unwrap_err().kind(), ErrorKind::Unsupported);
            assert_eq!(rig.line.sent(), before);
        }
        rig.modem.detach().unwrap();
    }
}
