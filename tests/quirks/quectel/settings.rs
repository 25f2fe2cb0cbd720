//! The settings of a session: QFTPCFG.

use std::time::Duration;

use ftp_modem::emulator::{Identity, Options};
use ftp_modem::modem::{AccessPoint, Assurance, DataAddress, FileType, Operation, Retrieve};
use ftp_modem::{ErrorKind, FtpModem, Server};

use super::{OPENED, Rig, SETTINGS, play, with};
use crate::support::access::server;

/// The ranges of the note, §2.1.
#[test]
fn settings_out_of_range_are_refused() {
    let mut rig = Rig::online(Options::default());
    let mut settings = rig.modem.settings().clone();
    assert_eq!(rig.modem.configure(settings.clone()).unwrap_err().kind(), ErrorKind::WrongState, "logged in");
    rig.modem.logout().unwrap();
    rig.modem.configure(settings.clone()).unwrap();
    settings.context = 17;
    assert_eq!(rig.modem.configure(settings.clone()).unwrap_err().kind(), ErrorKind::InvalidInput);
    settings.context = 3;
    settings.response_seconds = 19;
    assert_eq!(rig.modem.configure(settings.clone()).unwrap_err().kind(), ErrorKind::InvalidInput);
    settings.response_seconds = 180;
    settings.data_address = DataAddress::ControlThenStated(14);
    assert_eq!(rig.modem.configure(settings.clone()).unwrap_err().kind(), ErrorKind::InvalidInput);
    settings.data_address = DataAddress::Control;
    rig.modem.configure(settings).unwrap();
    rig.go_online();
    rig.works_both_ways();
    let sent = rig.line.text();
    assert!(
        sent.contains("AT+QIACT=3\r") && sent.contains("\"contextid\",3\r") && sent.contains("\"rsptimeout\",180\r")
    );
}

/// `filetype` 1 is ASCII, and set by several products that mean binary.
#[test]
fn binary_is_set_for_every_session() {
    let mut rig = Rig::open(Options::default());
    let text = b"unix\nline\nends\n\r\n".repeat(50);
    rig.files.put("/a", text.clone());
    for _ in 0..2 {
        // Another program has left ASCII behind.
        assert!(rig.line.talk(b"AT+QFTPCFG=\"filetype\",1\r", Duration::ZERO).ends_with(b"OK\r\n"));
        rig.replace_program();
        rig.go_online();
        assert_eq!(rig.download("/a").unwrap(), text);
        rig.modem.logout().unwrap();
    }
    // Text on demand: the size proves nothing then, and parts are not available.
    let mut settings = rig.modem.settings().clone();
    settings.file_type = FileType::Text;
    rig.modem.configure(settings).unwrap();
    rig.go_online();
    let mut bytes = Vec::new();
    let transfer = rig.modem.retrieve("/a", &Retrieve::whole(), &mut bytes).unwrap();
    assert_eq!(transfer.assurance, Assurance::ModuleCount);
    assert!(bytes.len() > text.len(), "line ends were changed on the way");
    let error = rig.modem.retrieve("/a", &Retrieve::from(3), &mut bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let error = rig.modem.store("/a", &ftp_modem::Store::append(), &mut &b"x"[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

/// The model session of the note, §3.1, sets `filetype` 1.
#[test]
fn transfers_are_binary() {
    let mut rig = Rig::online(Options::default());
    assert!(rig.line.text().contains("AT+QFTPCFG=\"filetype\",0\r"));
    let content = b"\r\n\n\r\0\x1a\xff\n";
    rig.upload("/a", content).unwrap();
    assert_eq!(rig.files.file("/a").unwrap(), content);
    assert_eq!(rig.download("/a").unwrap(), content);
}

/// The size that the server states is not that of the text, and an offset counts other bytes.
#[test]
fn files_as_text_have_no_sizes_and_no_parts() {
    let mut rig = Rig::open(Options::default());
    rig.modem.use_file_type(FileType::Text).unwrap();
    rig.go_online();
    let capabilities = rig.modem.capabilities();
    assert_eq!(capabilities.download_assurance, Assurance::ModuleCount);
    assert!(!capabilities.supports(Operation::RetrieveFrom) && !capabilities.supports(Operation::StoreAt));
    rig.modem.logout().unwrap();
    rig.modem.use_file_type(FileType::Binary).unwrap();
    assert!(rig.modem.capabilities().supports(Operation::RetrieveFrom));
}

/// BG95 takes 0 and 1 only (demo library of Quectel, user-friendly-project); EG25-G and EG800K have keys that the note
/// lacks. `data_address` is written and never read.
#[test]
fn data_address_and_unknown_keys() {
    for highest in [1, 2] {
        let unknown =
            Identity { manufacturer: "ACME".into(), model: "M1".into(), revision: "1".into(), serial: "1".into() };
        let mut rig = Rig::open(
            with(|o| {
                o.highest_data_address = highest;
                o.extra_keys = vec![("restenable".into(), 1), ("cache".into(), 1), ("ipv6/extend".into(), 9)];
                o.private_passive_address = true;
            })
            .with_identity(unknown),
        );
        rig.modem.attach(&AccessPoint::default()).unwrap();
        rig.modem.login(&server()).unwrap();
        assert_eq!(rig.modem.list("").unwrap_err().kind(), ErrorKind::DataConnection);
        rig.modem.logout().unwrap();
        let mut settings = rig.modem.settings().clone();
        settings.data_address = DataAddress::ControlThenStated(25);
        rig.modem.configure(settings.clone()).unwrap();
        assert_eq!(rig.modem.login(&server()).is_ok(), highest == 2, "BG95 has no such choice");
        assert!(rig.line.text().contains("AT+QFTPCFG=\"data_address\",2,25\r"), "{}", rig.line.text());
        rig.modem.logout().unwrap();
        settings.data_address = DataAddress::Control;
        rig.modem.configure(settings).unwrap();
        rig.modem.login(&server()).unwrap();
        rig.works_both_ways();
    }
}

/// `restenable` on an EG25-G (lukejenkins/cwd, outputs.md), `cache` on an EG800K; `data_address` may be missing.
#[test]
fn a_firmware_may_have_other_keys() {
    let keys = vec![("restenable".to_owned(), 1), ("cache".to_owned(), 1)];
    let mut rig = Rig::online(with(|o| o.extra_keys = keys.clone()));
    rig.works_both_ways();
    // Nor need a firmware have all keys of the note: `data_address` is optional where the default is wanted.
    let without_address = SETTINGS
        .replace("\"data_address\",0\\r\n<< \\r\\nOK\\r\\n", "\"data_address\",0\\r\n<< \\r\\n+CME ERROR: 610\\r\\n");
    play(&format!("{without_address}{OPENED}"), |modem| modem.login(&Server::new("h", "u", "p4ss")).unwrap());
}

/// The note, §2.1, prints the password; an EG800K prints asterisks (NuModem).
#[test]
fn the_account_is_never_read_back() {
    for masked in [false, true] {
        let mut rig = Rig::online(with(|o| o.masked_password = masked));
        rig.works_both_ways();
        assert!(!rig.line.text().contains("AT+QFTPCFG=\"account\"\r"));
    }
}
