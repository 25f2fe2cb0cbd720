//! Models.

use ftp_modem::backend::china_mobile::Settings;
use ftp_modem::emulator::{ChinaMobileModel, Identity};
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, code, online, with};
use crate::support::access::server;

/// MR880A and ML307N refuse it, and have five keys (public test suite for MFTP).
#[test]
fn models_may_lack_the_key_cid() {
    for (model, items) in [(ChinaMobileModel::Ml307n, 5), (ChinaMobileModel::Mr880a, 5), (ChinaMobileModel::Ml305u, 6)]
    {
        let mut rig = online(|it| it.model = model);
        rig.still_works();
        assert_eq!(rig.modem.configuration().unwrap().len(), items);
        rig.modem.logout().unwrap();
        rig.modem.detach().unwrap();
        // Another context than theirs is not available there.
        let mut settings = Settings::default();
        settings.context = 8;
        rig.modem.configure(settings).unwrap();
        let error = rig.modem.login(&server()).unwrap_err();
        assert_eq!((error.kind(), code(&error)), (ErrorKind::ModuleRefused, "50"), "{error}");
    }
}

/// Its answer has bare commas (manual, §3.2); the driver needs no more than `OK`.
#[test]
fn an_unknown_model_is_recognised_by_a_test_command() {
    let unknown = || String::from("X1");
    let identity = Identity { manufacturer: unknown(), model: unknown(), revision: unknown(), serial: unknown() };
    let mut rig = Rig::online(with(|_| {}).with_identity(identity));
    assert!(rig.line.text().contains("AT+MFTPCFG=?"), "{}", rig.line.text());
    rig.still_works();
}
