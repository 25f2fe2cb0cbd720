//! The settings of a session: MFTPCFG.

use ftp_modem::backend::china_mobile::Settings;
use ftp_modem::emulator::UnsupportedModes;
use ftp_modem::modem::{AccessPoint, Assurance, DataConnection, FileType, Operation, Retrieve, Security};
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, with};
use crate::support::access::server;
use crate::support::payload::pattern;

/// The keys and ranges of the manual, §3.1.
#[test]
fn every_key_can_be_set() {
    let mut rig = Rig::open(with(|it| it.unsupported_modes = UnsupportedModes::Supported));
    let mut settings = Settings::default();
    settings.file_type = FileType::Text;
    settings.data_connection = DataConnection::Active;
    settings.response_seconds = 2;
    settings.context = 3;
    settings.ssl_slot = Some(4);
    rig.modem.configure(settings).unwrap();
    assert_eq!(rig.modem.settings(), settings);
    assert!(rig.modem.capabilities().supports(Operation::Ftps));
    rig.modem.attach(&AccessPoint::new("internet")).unwrap();
    rig.modem.login(&server().with_security(Security::Explicit)).unwrap();
    let expected =
        [("data_type", "1"), ("transmode", "0"), ("rsptimeout", "2"), ("ssl", "2,4"), ("local_fs", "0"), ("cid", "3")];
    let found = rig.modem.configuration().unwrap();
    assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    // Text is converted by the server, so its length proves nothing.
    rig.files.put("/f", pattern(3000));
    let mut bytes = Vec::new();
    let transfer = rig.modem.retrieve("/f", &Retrieve::whole(), &mut bytes).unwrap();
    assert_eq!((transfer.bytes, transfer.assurance), (3000, Assurance::Unconfirmed));
    assert_eq!(rig.modem.configure(settings).unwrap_err().kind(), ErrorKind::WrongState);
    rig.modem.logout().unwrap();
    rig.modem.detach().unwrap();

    let broken: [fn(&mut Settings); 5] = [
        |it| it.response_seconds = 1,
        |it| it.response_seconds = 31,
        |it| it.ssl_slot = Some(6),
        |it| it.context = 0,
        |it| it.context = 16,
    ];
    for change in broken {
        let mut settings = Settings::default();
        change(&mut settings);
        assert_eq!(rig.modem.configure(settings).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    rig.modem.configure(Settings::default()).unwrap();
    let error = rig.modem.login(&server().with_security(Security::Explicit)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}
