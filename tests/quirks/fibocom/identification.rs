//! Which modules speak this dialect.

use ftp_modem::emulator::{Identity, MemoryServer, Module, RecvName};
use ftp_modem::modem::{AccessPoint, SessionState};
use ftp_modem::transport::memory::MemoryPipe;
use ftp_modem::{Error, ErrorKind, FtpModem, OpenOptions};

use super::{Rig, with};
use crate::support::access::server;

/// RDA modules answer an FTPOPEN of their own with a plain `OK` and no result code (public boot loader for an RDA
/// module).
#[test]
fn ftpopen_alone_does_not_prove_the_dialect() {
    let stranger = |recv_name| {
        let identity = Identity {
            manufacturer: "RDA".into(),
            model: "8955".into(),
            revision: "1".into(),
            serial: "867698040023456".into(),
        };
        let options = with(|options| options.recv_name = recv_name).with_identity(identity);
        let module = Module::new(ftp_modem::emulator::Family::Fibocom, MemoryServer::new().remote(), options);
        OpenOptions::new().open_on(MemoryPipe::new(module)).map(|modem| modem.capabilities().dialect)
    };
    // FTPOPEN alone is no proof, FTPRECV is.
    assert_eq!(stranger(RecvName::Plain).unwrap(), "fibocom");
    assert_eq!(stranger(RecvName::Absent).unwrap_err().kind(), ErrorKind::UnknownModule);
    // Where the caller insists, an OK without a result is still no session.
    let mut rig = Rig::open(with(|_| ()));
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.line.answer("AT+FTPOPEN", b"\r\nOK\r\n");
    let error: Error = rig.modem.login(&server()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert_eq!(rig.modem.status().unwrap(), SessionState::Closed);
}
