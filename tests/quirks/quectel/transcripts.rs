//! Quectel FTP(S) application note, and public logs of modules.

use ftp_modem::backend::quectel::{ListFormat, Pacing, Quectel, Settings, Storage, TlsVersion};
use ftp_modem::modem::{
    AccessPoint, Assurance, Authentication, EntryKind, Retrieve, Security, Server, SessionState, Store, Tls, listing,
};
use ftp_modem::transport::transcript::pattern;
use ftp_modem::{ErrorKind, FtpModem};

use crate::support::streams::Full;
use crate::transcript::{play, play_as, shapes};

/// The server of the note.
fn log_in(modem: &mut dyn FtpModem) {
    modem.login(&Server::new("quectel.3322.org", "test", "test")).unwrap();
}

/// The server of the logs, whose name is not known.
fn logged() -> Server {
    Server::new("ftp.example.com", "test", "test")
}

fn rebex() -> Server {
    Server::new("test.rebex.net", "demo", "password")
}

fn download(modem: &mut dyn FtpModem, path: &str, what: &Retrieve) -> Vec<u8> {
    let mut file = Vec::new();
    let transfer = modem.retrieve(path, what, &mut file).unwrap();
    // The end of the file is observed where nothing but a length ends the download.
    let expected = if what.length.is_some() { Assurance::ModuleCount } else { Assurance::ServerSize };
    assert_eq!((transfer.bytes, transfer.assurance), (file.len() as u64, expected));
    file
}

fn upload(modem: &mut dyn FtpModem, path: &str, how: Store, count: usize) -> Assurance {
    let how = how.with_length(count as u64);
    let transfer = modem.store(path, &how, &mut pattern(count).as_slice()).unwrap();
    assert_eq!(transfer.bytes, count as u64);
    transfer.assurance
}

#[test]
fn login_then_logout() {
    play("quectel/login-then-logout.txt", |modem| {
        let access_point = AccessPoint::new("UNINET").with_credentials("", "", Authentication::Pap);
        let bearer = modem.attach(&access_point).unwrap();
        assert_eq!((bearer.address, bearer.was_up), (Some("10.7.157.1".parse().unwrap()), false));
        log_in(modem);
        modem.logout().unwrap();
        modem.detach().unwrap();
    });
}

#[test]
fn login_by_name_and_by_address() {
    play("quectel/login-by-name-and-by-address.txt", |modem| {
        let error = modem.login(&Server::new("quectel.3322.org", "test", "test")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NameResolution);
        assert_eq!(error.module_code().map(|code| code.value.as_str()), Some("604"));
        modem.login(&Server::new("101.95.183.122", "test", "test")).unwrap();
    });
}

#[test]
fn folder_operations() {
    play("quectel/folder-operations.txt", |modem| {
        log_in(modem);
        modem.cwd("/").unwrap();
        assert_eq!(modem.pwd().unwrap(), "/");
        modem.mkdir("TEST").unwrap();
        modem.rename("TEST", "TEST_NEW").unwrap();
        modem.rmdir("TEST_NEW").unwrap();
    });
}

#[test]
fn file_operations() {
    play("quectel/file-operations.txt", |modem| {
        log_in(modem);
        modem.cwd("/").unwrap();
        assert_eq!(modem.pwd().unwrap(), "/");
        assert_eq!(modem.size("test_my1.txt").unwrap(), 1000);
        modem.rename("test_my1.txt", "test_new.txt").unwrap();
        let time = modem.modified("test_new.txt").unwrap();
        assert_eq!((time.year, time.month, time.day), (Some(2014), 7, 8));
        assert_eq!((time.hour, time.minute, time.second), (11, 0, 39));
        modem.remove("test new.txt").unwrap();
    });
}

#[test]
fn listings_and_names() {
    play("quectel/list-and-names.txt", |modem| {
        log_in(modem);
        modem.cwd("/").unwrap();
        for path in ["", "TEST_2"] {
            assert_eq!(modem.list(path).unwrap(), listing::parse(&pattern(1000)));
        }
        for path in ["", "TEST_2"] {
            assert_eq!(modem.names(path).unwrap(), listing::names(&pattern(1000)));
        }
    });
}

#[test]
fn uploads_of_known_length() {
    play("quectel/upload-with-length.txt", |modem| {
        log_in(modem);
        modem.cwd("/").unwrap();
        assert_eq!(modem.status().unwrap(), SessionState::Idle);
        assert_eq!(upload(modem, "test_my1.txt", Store::create(), 1000), Assurance::ModuleCount);
        assert_eq!(upload(modem, "test_my1.txt", Store::at(1000), 500), Assurance::ServerSize);
        assert_eq!(upload(modem, "test_my1.txt", Store::create(), 1024), Assurance::ModuleCount);
        assert_eq!(upload(modem, "test_my1.txt", Store::append(), 1024), Assurance::ServerSize);
    });
}

#[test]
fn a_whole_download_and_parts() {
    play("quectel/download-whole-and-parts.txt", |modem| {
        log_in(modem);
        modem.cwd("/").unwrap();
        assert_eq!(download(modem, "test_my.txt", &Retrieve::whole()), pattern(1000));
        assert_eq!(download(modem, "test.txt", &Retrieve::whole().with_length(500)), pattern(500));
        assert_eq!(download(modem, "test.txt", &Retrieve::from(500).with_length(500)), pattern(500));
    });
}

#[test]
fn login_then_list() {
    play("quectel/login-then-list.txt", |modem| {
        modem.login(&logged()).unwrap();
        assert_eq!(modem.pwd().unwrap(), "/");
        modem.cwd("dir").unwrap();
        let names: Vec<_> = (1..=25).map(|number| (format!("dir-{number:02}"), EntryKind::Directory, None)).collect();
        assert_eq!(shapes(&modem.list("/").unwrap()), names);
        assert_eq!(modem.status().unwrap(), SessionState::Idle);
    });
}

#[test]
fn upload_then_rename() {
    play("quectel/upload-then-rename.txt", |modem| {
        modem.login(&logged()).unwrap();
        assert_eq!(upload(modem, "numodem-test.txt", Store::create(), 20), Assurance::ModuleCount);
        assert_eq!(modem.size("numodem-test.txt").unwrap(), 20);
        let time = modem.modified("numodem-test.txt").unwrap();
        assert_eq!((time.minute, time.second), (1, 17));
        modem.rename("numodem-test.txt", "numodem-new.txt").unwrap();
        modem.remove("numodem-new.txt").unwrap();
        let error = modem.size("numodem-new.txt").unwrap_err();
        assert_eq!((error.kind(), error.ftp_reply()), (ErrorKind::Unavailable, Some(550)));
        assert_eq!(error.module_code().map(|code| code.value.as_str()), Some("627"));
    });
}

#[test]
fn a_read_only_server() {
    play("quectel/read-only-server.txt", |modem| {
        let idle = |modem: &mut dyn FtpModem| assert_eq!(modem.status().unwrap(), SessionState::Idle);
        modem.login(&rebex()).unwrap();
        assert_eq!(modem.list("").unwrap(), listing::parse(&pattern(120)));
        idle(modem);
        assert_eq!(download(modem, "readme.txt", &Retrieve::whole()), pattern(379));
        idle(modem);
        assert_eq!(modem.names("").unwrap(), listing::names(&pattern(64)));
        idle(modem);
        assert_eq!(download(modem, "readme.txt", &Retrieve::whole()), pattern(379));
        idle(modem);
        assert_eq!(modem.size("readme.txt").unwrap(), 379);
        idle(modem);
    });
}

#[test]
fn a_download_then_a_closed_port() {
    play("quectel/download-then-closed-port.txt", |modem| {
        modem.login(&rebex()).unwrap();
        assert_eq!(modem.pwd().unwrap(), "/");
        assert_eq!(download(modem, "readme.txt", &Retrieve::whole()), pattern(379));
        modem.logout().unwrap();
        let error = modem.login(&Server::new("shut.example.com", "demo", "password")).unwrap_err();
        assert_eq!((error.kind(), error.ftp_reply()), (ErrorKind::ConnectFailed, None));
        assert_eq!(error.module_code().map(|code| code.value.as_str()), Some("606"));
    });
}

#[test]
fn a_whole_file_and_pieces() {
    play("quectel/whole-file-and-pieces.txt", |modem| {
        let bearer = modem.attach(&AccessPoint::default()).unwrap();
        assert_eq!((bearer.address, bearer.was_up), (Some("10.40.79.31".parse().unwrap()), true));
        modem.login(&logged()).unwrap();
        assert_eq!(modem.pwd().unwrap(), "/");
        modem.mkdir("new").unwrap();
        modem.rename("new", "old").unwrap();
        modem.rmdir("old").unwrap();
        assert_eq!(modem.size("nine.txt").unwrap(), 9);
        let time = modem.modified("nine.txt").unwrap();
        assert_eq!((time.year, time.month, time.day), (Some(2020), 6, 21));
        assert!(download(modem, "firmware.bin", &Retrieve::whole()) == pattern(505_927));
        for (offset, length) in [(0, 2048), (2048, 2048), (4096, 20480)] {
            let piece = download(modem, "firmware.bin", &Retrieve::from(offset).with_length(length));
            assert!(piece == pattern(length as usize));
        }
    });
}

#[test]
fn pieces_of_a_file_of_unknown_size() {
    play("quectel/pieces-of-a-file-of-unknown-size.txt", |modem| {
        modem.login(&logged()).unwrap();
        modem.cwd("firmware").unwrap();
        for (offset, count) in [(0, 480), (480, 480), (960, 20), (980, 0)] {
            let mut piece = Vec::new();
            let transfer = modem.retrieve("f.bin", &Retrieve::from(offset).with_length(480), &mut piece).unwrap();
            assert_eq!((transfer.bytes, transfer.assurance), (count as u64, Assurance::ModuleCount));
            assert_eq!(piece, pattern(count));
        }
        for _ in 0..2 {
            let mut piece = Vec::new();
            let error = modem.retrieve("f.bin", &Retrieve::from(980).with_length(480), &mut piece).unwrap_err();
            assert_eq!((error.kind(), error.ftp_reply()), (ErrorKind::Unavailable, Some(550)));
            assert_eq!((error.transferred(), piece.len()), (Some(0), 0));
        }
    });
}

#[test]
fn data_with_a_forged_end() {
    play("quectel/data-with-a-forged-end.txt", |modem| {
        modem.login(&logged()).unwrap();
        let file = b"first half\r\nOK\r\n\r\n+QFTPGET: 0,10\r\nsecond half, which ends in +QFTPGET: 0,";
        assert_eq!(download(modem, "f.bin", &Retrieve::whole()), file);
    });
}

#[test]
fn a_login_finds_a_session_left_open() {
    play("quectel/close-then-login.txt", |modem| {
        modem.login(&logged()).unwrap();
        modem.logout().unwrap();
        assert_eq!(modem.status().unwrap(), SessionState::Closed);
        modem.login(&logged()).unwrap();
    });
}

#[test]
fn a_login_while_the_session_is_being_closed() {
    play("quectel/login-while-closing.txt", |modem| {
        assert_eq!(modem.status().unwrap(), SessionState::Closing);
        modem.login(&logged()).unwrap();
    });
}

#[test]
fn no_data_connection() {
    play("quectel/no-data-connection.txt", |modem| {
        modem.attach(&AccessPoint::default()).unwrap();
        modem.login(&logged()).unwrap();
        let how = Store::create().with_length(20);
        let error = modem.store("numodem-test.txt", &how, &mut pattern(20).as_slice()).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::DataConnection, Some(0)));
        assert_eq!(error.module_code().map(|code| code.value.as_str()), Some("615"));
        let error = modem.retrieve("numodem-test.txt", &Retrieve::whole(), &mut Vec::new()).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::DataConnection, Some(0)));
        let error = modem.list("").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DataConnection);
        assert!(error.module_usable());
        modem.detach().unwrap();
        let error = modem.attach(&AccessPoint::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BearerFailed);
        assert_eq!(modem.pwd().unwrap_err().kind(), ErrorKind::ModuleRestarted);
    });
}

#[test]
fn login_over_tls() {
    play_as("quectel/login-over-tls.txt", |modem: &mut Quectel| {
        let mut settings = Settings::default();
        settings.tls.version = TlsVersion::Tls10;
        modem.configure(settings).unwrap();
        let server = Server::new("quectel.3322.org", "test", "test").with_port(990);
        modem.login(&server.with_security(Security::Implicit).with_tls(Tls::insecure())).unwrap();
    });
}

#[test]
fn uploads_by_way_of_the_modules_files() {
    play_as("quectel/uploads-by-way-of-module.txt", |modem: &mut Quectel| {
        log_in(modem);
        for (storage, name) in
            [(Storage::Ram, "RAM:test_ram.txt"), (Storage::Ufs, "UFS:test_ufs.txt"), (Storage::Sd, "SD:test_sd.txt")]
        {
            modem.store_to_module(name, 1000, Pacing::Acknowledged, &mut pattern(1000).as_slice()).unwrap();
            let files = modem.list_module(storage).unwrap();
            assert_eq!((files.len(), files[0].name.as_str(), files[0].size), (1, name, 1000));
            assert_eq!(modem.store_from_module(name, "test_my1.txt").unwrap().assurance, Assurance::ServerSize);
        }
        assert_eq!(modem.transfer_length().unwrap(), 1000);
        modem.remove_from_module("RAM:test_ram.txt").unwrap();
    });
}

#[test]
fn downloads_by_way_of_the_modules_files() {
    play_as("quectel/downloads-into-module.txt", |modem: &mut Quectel| {
        log_in(modem);
        for storage in ["RAM", "UFS", "SD"] {
            let whole = modem.retrieve_to_module("test_my1.txt", &format!("{storage}:test.txt"), 0).unwrap();
            let part = modem.retrieve_to_module("test_my1.txt", &format!("{storage}:test1.txt"), 450).unwrap();
            assert_eq!((whole.bytes, part.bytes), (1000, 550));
        }
        assert_eq!(modem.transfer_length().unwrap(), 550);
        let files = modem.list_module(Storage::Ram).unwrap();
        let shapes: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.size)).collect();
        assert_eq!(shapes, [("RAM:test.txt", 1000), ("RAM:test1.txt", 550)]);
    });
}

#[test]
fn facts_and_listings_on_the_module() {
    play_as("quectel/facts-and-listings-into-module.txt", |modem: &mut Quectel| {
        log_in(modem);
        modem.cwd("/").unwrap();
        assert_eq!(modem.list_to_module(ListFormat::Long, "", "RAM:list.txt").unwrap(), 1000);
        assert_eq!(modem.list_to_module(ListFormat::Names, "", "RAM:nlst.txt").unwrap(), 1000);
        assert_eq!(modem.list_facts("").unwrap(), listing::parse(&pattern(1000)));
        assert_eq!(modem.list_to_module(ListFormat::Facts, "", "RAM:mlsd.txt").unwrap(), 1000);
        assert_eq!(modem.list_facts("TEST_2").unwrap(), listing::parse(&pattern(1000)));
    });
}

#[test]
fn uploads_that_end_by_the_escape() {
    play_as("quectel/upload-with-escape.txt", |modem: &mut Quectel| {
        log_in(modem);
        let transfer = modem.store_uncounted("test_my1.txt", &Store::create(), &mut pattern(1000).as_slice()).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (1000, Assurance::ModuleCount));
        assert_eq!(modem.transfer_length().unwrap(), 1000);
        let transfer = modem.store_uncounted("test_my1.txt", &Store::at(1000), &mut pattern(500).as_slice()).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (500, Assurance::ServerSize));
    });
}

#[test]
fn a_large_file_into_the_module() {
    play_as("quectel/large-file-into-module.txt", |modem: &mut Quectel| {
        modem.login(&logged()).unwrap();
        assert_eq!(modem.status().unwrap(), SessionState::Idle);
        let fetch =
            |modem: &mut Quectel| modem.retrieve_to_module("./Upload/QuectelMSDocs.zip", "UFS:QuectelMSDocs.zip", 0);
        let error = fetch(modem).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::ModuleBusy, true));
        let error = fetch(modem).unwrap_err();
        assert_eq!((error.kind(), error.ftp_reply()), (ErrorKind::DataConnection, Some(150)));
        assert_eq!(fetch(modem).unwrap().bytes, 57_897_070);
    });
}

#[test]
fn an_escape_in_a_download() {
    play_as("quectel/escape-in-a-download.txt", |modem: &mut Quectel| {
        modem.login(&logged()).unwrap();
        let error = modem.retrieve("big.bin", &Retrieve::whole(), &mut Full::after(0)).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, true));
        assert_eq!(modem.status().unwrap(), SessionState::Closed);
    });
}

#[test]
fn a_file_on_the_module() {
    play_as("quectel/file-on-the-module.txt", |modem: &mut Quectel| {
        let put = |modem: &mut Quectel| {
            modem.store_to_module("isrgx1.pem", 1939, Pacing::Flow, &mut pattern(1939).as_slice())
        };
        assert_eq!(put(modem).unwrap().bytes, 1939);
        let files = modem.list_module(Storage::Ufs).unwrap();
        assert_eq!((files[0].name.as_str(), files[0].size), ("UFS:isrgx1.pem", 1939));
        let space = modem.module_space(Storage::Ufs).unwrap();
        assert_eq!((space.free, space.total), (176_128, 286_720));
        assert_eq!(put(modem).unwrap_err().kind(), ErrorKind::ModuleStorage);
    });
}

#[test]
fn a_file_of_the_module_is_read_in_pieces() {
    play_as("quectel/read-in-pieces.txt", |modem: &mut Quectel| {
        let mut bytes = Vec::new();
        modem.retrieve_from_module("UFS:a.bin", &Retrieve::from(251), &mut bytes).unwrap();
        assert!(bytes == pattern(1403));
    });
}
