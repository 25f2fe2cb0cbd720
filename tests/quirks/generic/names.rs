//! Names and what a command line can carry.

use ftp_modem::backend::generic::Generic;
use ftp_modem::modem::{Retrieve, Store};
use ftp_modem::{ErrorKind, FtpModem, Result, Server};

use super::online;
use crate::support::access::HOST;

/// The manual: FTPUN, FTPPW, FTPGETNAME, FTPPUTNAME, FTPPATH, FTPMKD and FTPRMD take 64 bytes.
#[test]
fn an_argument_beyond_64_bytes_is_refused_before_it_is_sent() {
    let mut rig = online(|_| {});
    let fits = "x".repeat(64);
    let long = "x".repeat(65);
    let in_root = format!("/{}", "x".repeat(63));
    rig.modem.mkdir(&in_root).unwrap();
    rig.modem.rmdir(&in_root).unwrap();
    rig.files.put(format!("/{fits}"), "1");
    assert_eq!(rig.download(&fits).unwrap(), b"1", "the name alone has 64 bytes");
    let mut refused = |work: &dyn Fn(&mut Generic) -> Result<()>| {
        let (error, sent) = rig.line.clone().sent_by(|| work(&mut rig.modem).unwrap_err());
        assert_eq!((error.kind(), sent.as_str()), (ErrorKind::InvalidInput, ""), "{error}");
    };
    refused(&|modem| modem.mkdir(&long));
    refused(&|modem| modem.rmdir(&long));
    refused(&|modem| modem.cwd(&long));
    refused(&|modem| modem.size(&long).map(drop));
    refused(&|modem| modem.list(&long).map(drop));
    refused(&|modem| modem.retrieve(&long, &Retrieve::whole(), &mut Vec::new()).map(drop));
    refused(&|modem| modem.store(&long, &Store::create(), &mut &b"x"[..]).map(drop));
    refused(&|modem| modem.login(&Server::new(HOST, long.as_str(), "p")));
    refused(&|modem| modem.login(&Server::new(HOST, "u", long.as_str())));
    rig.modem.cwd("/").unwrap();
}
