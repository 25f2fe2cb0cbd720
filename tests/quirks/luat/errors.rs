//! Errors: which table a code is from, and what the firmware lacks.

use ftp_modem::emulator::{LuatOptions, LuatProfile, Operation, RemoteError};
use ftp_modem::modem::{Assurance, BinaryUpload, Retrieve, Store};
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, online, play_online, with};
use crate::support::access::server;
use crate::support::payload::pattern;
use crate::support::replay::ok;

/// As a result code of the session, or at once as `+CME ERROR` (AT manual, FTPMKD and FTPRMD).
#[test]
fn a_refused_directory_keeps_its_code() {
    for at_once in [false, true] {
        let mut rig = online(|options| options.directory_failure_at_once = at_once);
        rig.files.add_directory("/there");
        for error in [rig.modem.mkdir("/there").unwrap_err(), rig.modem.rmdir("/missing").unwrap_err()] {
            let code = error.module_code().unwrap();
            assert_eq!((code.table, code.value.as_str()), (if at_once { "CME" } else { "FTP" }, "77"), "{error}");
            assert!(error.to_string().contains("77"), "{error}");
            assert!(error.module_usable(), "{error}");
        }
        rig.still_works();
    }
}

/// 61 to 63 are file errors as `+CME ERROR` and network errors as FTP codes (AT manual, both tables).
#[test]
fn the_same_number_means_something_else_in_another_table() {
    let commands = ok(&["AT+FTPGETPATH=\"/new\""])
        + ">> AT+FTPMKD\\r\n<< \\r\\n+CME ERROR: 61\\r\\n\n"
        + &ok(&["AT+FTPMKD=?", "AT+FTPGETPATH=\"/new\"", "AT+FTPMKD"])
        + "<< \\r\\n+FTPMKD: 1,61\\r\\n\n>> AT+FTPSERV?\\r\n<< \\r\\n+FTPSERV:\"192.0.2.7\"\\r\\n\\r\\nOK\\r\\n\n";
    play_online(&commands, |modem| {
        let error = modem.mkdir("/new").unwrap_err();
        let code = error.module_code().unwrap();
        assert_eq!((code.table, code.value.as_str(), error.kind()), ("CME", "61", ErrorKind::ModuleRefused));
        let error = modem.mkdir("/new").unwrap_err();
        let code = error.module_code().unwrap();
        assert_eq!((code.table, code.value.as_str(), error.kind()), ("FTP", "61", ErrorKind::BearerLost));
    });
}

/// Its result before the refusal has shown that the firmware has the command.
#[test]
fn a_command_that_has_worked_is_not_queried_for_when_it_is_refused() {
    let commands = ok(&["AT+FTPPUTOPT=\"STOR\"", "AT+FTPREST=0", "AT+FTPPUTNAME=\"f\"", "AT+FTPPUTPATH=\"/\""])
        + &ok(&["AT+FTPPUT=1"])
        + "<< \\r\\n+FTPPUT: 1,78\\r\\n\n>> AT+FTPPUT=1\\r\n<< \\r\\n+CME ERROR: 3\\r\\n\n"
        + ">> AT+FTPQUIT\\r\n<< \\r\\n+CME ERROR: 3\\r\\n\n\
           >> AT+FTPSTATE\\r\n<< \\r\\n+FTPSTATE: 0\\r\\n\\r\\nOK\\r\\n\n";
    play_online(&commands, |modem| {
        let error = modem.store("/f", &Store::create(), &mut &b"abc"[..]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ModuleRefused, "{error}");
    });
}

/// Told from a command that the firmware refuses. Some EC716S variants have no FTP at all (firmware table in
/// openLuat/luatos-doc-pool).
#[test]
fn a_command_that_the_firmware_lacks_is_not_supported() {
    type Call = fn(&mut dyn FtpModem) -> Result<(), ftp_modem::Error>;
    let calls: &[(&str, Call)] = &[
        ("+FTPSIZE", |modem| modem.size("/x").map(drop)),
        ("+FTPDELE", |modem| modem.remove("/x")),
        ("+FTPMKD", |modem| modem.mkdir("/x")),
        ("+FTPRMD", |modem| modem.rmdir("/x")),
        ("+FTPLIST", |modem| modem.list("/").map(drop)),
        ("+FTPSTATE", |modem| modem.status().map(drop)),
        ("+FTPPUT", |modem| modem.store("/x", &Default::default(), &mut &b"x"[..]).map(drop)),
    ];
    for (name, call) in calls {
        let lacking = |options: &mut LuatOptions| options.missing_commands = vec![(*name).into()];
        let mut rig = Rig::online(with(lacking));
        let error = call(&mut *rig.modem).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{name}: {error}");
        rig.still_works();
    }
    // Some firmware has no FTP at all.
    let mut rig = Rig::open(with(|options| options.missing_commands = vec!["+FTP*".into()]));
    rig.modem.attach(&Default::default()).unwrap();
    let error = rig.modem.login(&server()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}

/// Old SIM800 firmware has no FTPQUIT (kosma/attentive, src/modem/sim800.c).
#[test]
fn a_transfer_works_without_the_commands_that_are_not_essential() {
    let lacking = |name: &str| online(|options| options.missing_commands = vec![name.to_owned()]);
    // Without FTPSIZE a download is possible, but not as sure.
    let mut rig = lacking("+FTPSIZE");
    rig.files.put("/file.bin", pattern(5000));
    let error = rig.modem.size("/file.bin").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    let mut bytes = Vec::new();
    let transfer = rig.modem.retrieve("/file.bin", &Retrieve::whole(), &mut bytes).unwrap();
    assert_eq!((bytes == pattern(5000), transfer.assurance), (true, Assurance::Unconfirmed));

    // Without FTPTYPE bytes may change: transfers need `force_binary`, everything else works.
    let mut rig = lacking("+FTPTYPE");
    assert_eq!(rig.modem.capabilities().binary_upload, BinaryUpload::OptIn);
    rig.files.put("/file.bin", pattern(50));
    assert_eq!(rig.download("/file.bin").unwrap_err().kind(), ErrorKind::Unsupported);
    let error = rig.modem.store("/up.bin", &Store::create(), &mut &b"text"[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert_eq!(rig.upload("/up.bin", b"text").unwrap().bytes, 4, "with force_binary");
    assert_eq!(rig.modem.size("/file.bin").unwrap(), 50);
    assert_eq!(rig.modem.list("/").unwrap().len(), 2);
    // The SIM7080 starts binary.
    let mut rig = online(|options| {
        options.profile = LuatProfile::Sim7080;
        options.missing_commands = vec!["+FTPTYPE".into()];
    });
    rig.still_works();

    // Without FTPQUIT a session that a download of a part leaves is waited for until it ends.
    let mut rig = lacking("+FTPQUIT");
    rig.still_works();
    rig.upload("/up.bin", &pattern(5000)).unwrap();
    rig.files.put("/file.bin", pattern(5000));
    assert_eq!(rig.download_part("/file.bin", &Retrieve::whole().with_length(5)).unwrap(), pattern(5));
    rig.still_works();
}

/// Server error (65) is what becomes of a 421: the next session may succeed.
#[test]
fn a_server_that_is_not_available_may_be_tried_later() {
    type Call = fn(&mut dyn FtpModem) -> Result<(), ftp_modem::Error>;
    let calls: [(Operation, Call); 3] = [
        (Operation::List, |modem| modem.list("/").map(drop)),
        (Operation::Retrieve, |modem| modem.retrieve("/f", &Retrieve::whole(), &mut vec![]).map(drop)),
        (Operation::Store, |modem| modem.store("/g", &Store::create(), &mut &b"x"[..]).map(drop)),
    ];
    for (operation, call) in calls {
        let mut rig = online(|_| {});
        rig.files.put("/f", "12345");
        rig.files.fail_next(operation, RemoteError::reply(421, "Timeout."));
        let error = call(&mut *rig.modem).unwrap_err();
        assert!(error.is_retryable() && error.module_usable(), "{error}");
        call(&mut *rig.modem).unwrap_or_else(|error| panic!("afterwards: {error}"));
    }
}

/// A data connection that cannot be opened is 75 (AT manual, FTP result codes); 78 before any data is the server's
/// refusal, if it comes twice. Some servers refuse APPE with 451: a whole upload begins again then.
#[test]
fn a_refused_upload_is_no_failed_data_connection() {
    let mut rig = online(|_| {});
    rig.files.put("/f", "12345");
    for _ in 0..2 {
        rig.files.fail_next(Operation::Store, RemoteError::reply(451, "Append not possible."));
    }
    let error = rig.modem.store("/f", &Store::append(), &mut &b"678"[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ServerRefused, "{error}");
    for (reply, kind) in [(552, ErrorKind::ServerRefused), (425, ErrorKind::DataConnection)] {
        let mut rig = online(|_| {});
        for _ in 0..if reply == 552 { 2 } else { 1 } {
            rig.files.fail_next(Operation::Store, RemoteError::reply(reply, "Refused."));
        }
        let error = rig.upload("/f", b"12345").unwrap_err();
        assert_eq!(error.kind(), kind, "{reply}: {error}");
        assert_eq!(error.to_string().contains("passive"), reply == 425, "{error}");
        rig.still_works();
    }
    // Between two blocks the code does not tell what has failed.
    let mut rig = online(|_| {});
    rig.files.habits().largest_file = Some(2000);
    let error = rig.upload("/f", &pattern(20_000)).unwrap_err();
    assert!(error.is_retryable() && !error.to_string().contains("passive"), "{error}");
}
