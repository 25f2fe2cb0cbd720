//! What the dialect lacks.

use std::io;

use ftp_modem::backend::generic::Generic;
use ftp_modem::modem::{Operation, Store};
use ftp_modem::{ErrorKind, FtpModem, Result};

use super::online;

/// No command removes, renames or appends to files (manual).
#[test]
fn what_is_missing_is_not_attempted() {
    // Size, names and the current directory are built from the listing and from paths.
    let mut rig = online(|_| {});
    rig.files.put("/f", "12345");
    for operation in [Operation::Remove, Operation::Rename, Operation::Append, Operation::StoreAt, Operation::Ftps] {
        assert!(!rig.modem.capabilities().supports(operation), "{operation}");
    }
    let mut unsupported = |work: &dyn Fn(&mut Generic) -> Result<()>| {
        let (error, sent) = rig.line.clone().sent_by(|| work(&mut rig.modem).unwrap_err());
        assert_eq!((error.kind(), sent.as_str()), (ErrorKind::Unsupported, ""), "{error}");
    };
    unsupported(&|modem| modem.remove("/f"));
    unsupported(&|modem| modem.rename("/f", "/g"));
    unsupported(&|modem| modem.store("/f", &Store::append(), &mut &b"x"[..]).map(drop));
    unsupported(&|modem| modem.store("/f", &Store::at(5), &mut &b"x"[..]).map(drop));
    unsupported(&|modem| modem.store("/f", &Store::create(), &mut io::empty()).map(drop));
    assert_eq!((rig.modem.size("/f").unwrap(), rig.modem.pwd().unwrap()), (5, "/".to_owned()));
}
