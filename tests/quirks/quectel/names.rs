//! Names and what a command line can carry.

use ftp_modem::backend::quectel::Quectel;
use ftp_modem::emulator::Options;
use ftp_modem::modem::{Retrieve, Store};
use ftp_modem::{ErrorKind, FtpModem, Result};

use super::Rig;

/// At most 255 bytes on the server, 60 for local names of QFTPGET and QFTPPUT (note, §2.5 and §2.6), 80 for files of
/// the module (BG96 FILE manual). The operations of every dialect are tested by the contract; here are those of this
/// one.
#[test]
fn a_name_that_a_line_cannot_carry_is_refused_before_it_is_sent() {
    type Call = fn(&mut Quectel, &str) -> Result<()>;
    const ON_PATH: &[Call] = &[
        |modem, path| modem.list_facts(path).map(drop),
        |modem, path| modem.store_uncounted(path, &Store::create(), &mut &b"x"[..]).map(drop),
        |modem, path| modem.retrieve_to_module(path, "UFS:a", 0).map(drop),
        |modem, path| modem.store_from_module("UFS:a", path).map(drop),
        |modem, path| modem.list_to_module(ftp_modem::backend::quectel::ListFormat::Names, path, "UFS:a").map(drop),
    ];
    const ON_MODULE: &[(usize, Call)] = &[
        (80, |modem, name| modem.module_file_size(name).map(drop)),
        (80, |modem, name| modem.remove_from_module(name)),
        (80, |modem, name| modem.store_to_module(name, 1, Default::default(), &mut &b"x"[..]).map(drop)),
        (80, |modem, name| modem.retrieve_from_module(name, &Retrieve::whole(), &mut Vec::new()).map(drop)),
        (60, |modem, name| modem.retrieve_to_module("/a", name, 0).map(drop)),
        (60, |modem, name| modem.store_from_module(name, "/a").map(drop)),
        (60, |modem, name| modem.list_to_module(ftp_modem::backend::quectel::ListFormat::Names, "", name).map(drop)),
    ];
    let mut rig = Rig::online(Options::default());
    let before = rig.line.text();
    let refused = |rig: &mut Rig, call: &Call, name: &str| {
        let error = call(&mut rig.modem, name).expect_err(name);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name:?}: {error}");
        assert_eq!(rig.line.text(), before, "{name:?}: something was sent");
    };
    let bad = ["a\"b", "a\",\"COM:", "a\rb", "a\nAT+CFUN=0\r", "a\0b", "a\u{1b}", "a\u{7f}"];
    for name in bad.into_iter().chain([&*"x".repeat(256)]) {
        ON_PATH.iter().for_each(|call| refused(&mut rig, call, name));
    }
    for (limit, call) in ON_MODULE {
        for name in bad.into_iter().chain(["ä", "", "*", "UFS:*", "ufs:a", "COM:", "UFS:", &*"x".repeat(limit + 1)]) {
            refused(&mut rig, call, name);
        }
    }
    rig.works_both_ways();
}

/// The note does not restrict paths to ASCII; the other dialects pass such bytes, too.
#[test]
fn paths_may_hold_bytes_outside_ascii() {
    let mut rig = Rig::online(Options::default());
    for path in ["/ä.txt", "/报告.csv"] {
        rig.upload(path, b"abc").unwrap();
        assert_eq!(rig.files.file(path).unwrap(), b"abc");
        assert_eq!(rig.download(path).unwrap(), b"abc");
        rig.modem.remove(path).unwrap();
    }
}
