//! Files of the module (manual, §4.1: MFPUT, MFGET, MFDELETE and `local_fs`).

use ftp_modem::ErrorKind;
use ftp_modem::modem::{Retrieve, StoreMode};

use super::{every_operation_works, online};
use crate::support::payload::pattern;

#[test]
fn files_go_between_server_and_module() {
    let mut rig = online(|it| it.storage = 20_000);
    let bytes = pattern(15_000);
    rig.files.put("/f", bytes.clone());
    rig.files.put("/too-big", pattern(30_000));
    assert_eq!(rig.modem.retrieve_to_module("/f", "/usr/f", &Retrieve::whole()).unwrap().bytes, 15_000);
    rig.still_works();
    assert_eq!(rig.modem.store_from_module("/usr/f", "/g", StoreMode::Create).unwrap().bytes, 15_000);
    assert_eq!(rig.files.file("/g").unwrap(), bytes);
    let error = rig.modem.retrieve_to_module("/too-big", "/usr/h", &Retrieve::whole()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleStorage, "{error}");
    let error = rig.modem.retrieve_to_module("/missing", "/usr/h", &Retrieve::whole()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    let error = rig.modem.store_from_module("/usr/missing", "/h", StoreMode::Create).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    let error = rig.modem.store_from_module("/usr/f", "/h", StoreMode::At(7)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    let error = rig.modem.write_file("/usr/h", 10_000, &mut &pattern(10_000)[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleStorage, "{error}");
    let error = rig.modem.read_file("/usr/missing", &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    // A source that ends early: the block is padded.
    let error = rig.modem.write_file("/usr/h", 5000, &mut &pattern(4500)[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
    rig.still_works();
    rig.modem.remove_file("/usr/f").unwrap();
    assert_eq!(rig.modem.remove_file("/usr/f").unwrap_err().kind(), ErrorKind::Unavailable);
    for bad in ["", "a\"b", "a\rb"] {
        let (error, sent) = rig.line.clone().sent_by(|| rig.modem.read_file(bad, &mut Vec::new()).unwrap_err());
        assert_eq!((error.kind(), sent.as_str()), (ErrorKind::InvalidInput, ""));
    }
    every_operation_works(&mut rig);
}
