//! OneMO FTP AT command manual.

use ftp_modem::FtpModem;
use ftp_modem::backend::china_mobile::ChinaMobile;
use ftp_modem::modem::{
    AccessPoint, Assurance, EntryKind, Precision, Retrieve, Server, SessionState, Store, StoreMode,
};
use ftp_modem::transport::transcript::pattern;

use crate::transcript::{play, play_as, shapes};

fn log_in(modem: &mut dyn FtpModem) {
    modem.login(&Server::new("115.29.109.79", "uftp", "12341")).unwrap();
}

fn download(modem: &mut dyn FtpModem, path: &str, what: &Retrieve) -> Vec<u8> {
    let mut file = Vec::new();
    let transfer = modem.retrieve(path, what, &mut file).unwrap();
    assert_eq!((transfer.bytes, transfer.assurance), (file.len() as u64, Assurance::ServerSize));
    file
}

#[test]
fn logging_out_with_and_without_the_third_line() {
    play("cmcc/logout-with-and-without-notice.txt", |modem| {
        let bearer = modem.attach(&AccessPoint::default()).unwrap();
        assert_eq!((bearer.address, bearer.was_up), (Some("10.88.3.21".parse().unwrap()), false));
        for _ in 0..2 {
            log_in(modem);
            modem.logout().unwrap();
        }
    });
}

#[test]
fn directories_names_and_listings() {
    use EntryKind::{Directory, File};
    play("cmcc/directories-and-names.txt", |modem| {
        log_in(modem);
        assert_eq!(modem.pwd().unwrap(), "/home/uftp");
        modem.cwd("/home/uftp/test").unwrap();
        assert_eq!(modem.pwd().unwrap(), "/home/uftp/test");
        modem.mkdir("test1").unwrap();
        let transfer = modem.store("1.txt", &Store::create(), &mut &b"1111111111"[..]).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (10, Assurance::ModuleCount));
        modem.rename("test1", "test2").unwrap();
        modem.rename("1.txt", "2.txt").unwrap();
        let file = ("2.txt".to_owned(), File, Some(10));
        let entries = modem.list("2.txt").unwrap();
        assert_eq!(shapes(&entries), std::slice::from_ref(&file));
        let entry = entries.first().unwrap();
        assert_eq!(entry.permissions.as_deref(), Some("rw-"));
        let time = entry.modified.unwrap();
        assert_eq!((time.year, time.month, time.day), (Some(2022), 8, 16));
        assert_eq!((time.hour, time.minute, time.second, time.precision), (17, 38, 0, Precision::Second));
        let entries = modem.list("/home/uftp/test").unwrap();
        assert_eq!(shapes(&entries), [file, ("test2".to_owned(), Directory, None)]);
        modem.remove("2.txt").unwrap();
        modem.rmdir("test2").unwrap();
        modem.logout().unwrap();
    });
}

#[test]
fn appending_and_storing() {
    for (file, store) in [("cmcc/append.txt", Store::append()), ("cmcc/store.txt", Store::create())] {
        play(file, |modem| {
            log_in(modem);
            modem.cwd("/home/uftp/test").unwrap();
            let transfer = modem.store("1.txt", &store, &mut &b"1234567890"[..]).unwrap();
            assert_eq!((transfer.bytes, transfer.assurance), (10, Assurance::ModuleCount));
            assert_eq!(modem.size("1.txt").unwrap(), 10);
            modem.remove("1.txt").unwrap();
            modem.logout().unwrap();
        });
    }
}

#[test]
fn storing_and_retrieving() {
    play("cmcc/retrieve.txt", |modem| {
        log_in(modem);
        modem.cwd("/home/uftp/test").unwrap();
        assert_eq!(modem.store("1.txt", &Store::create(), &mut &b"1234567890"[..]).unwrap().bytes, 10);
        assert_eq!(download(modem, "1.txt", &Retrieve::whole()), b"1234567890");
        modem.remove("1.txt").unwrap();
        modem.logout().unwrap();
    });
}

#[test]
fn data_that_look_like_a_result() {
    play("cmcc/retrieve-deceptive-data.txt", |modem| {
        log_in(modem);
        assert_eq!(download(modem, "test1.txt", &Retrieve::whole()), b"BBBBBbbbbb+MFTPAPP TEST");
        assert_eq!(download(modem, "test1.txt", &Retrieve::from(5)), b"bbbbb+MFTPAPP TEST");
        assert_eq!(download(modem, "test1.txt", &Retrieve::from(5).with_length(5)), b"bbbbb");
    });
}

#[test]
fn a_download_in_two_pieces() {
    play("cmcc/retrieve-in-two-pieces.txt", |modem| {
        log_in(modem);
        assert_eq!(download(modem, "pieces.bin", &Retrieve::whole()), [pattern(1024), pattern(476)].concat());
    });
}

#[test]
fn the_examples_of_the_single_commands() {
    use EntryKind::{Directory, File};
    play("cmcc/every-command.txt", |modem| {
        modem.login(&Server::anonymous("2001:608:c00:180::1:ea")).unwrap();
        assert_eq!(modem.status().unwrap(), SessionState::Idle);
        modem.cwd("/home/uftp/test").unwrap();
        assert_eq!(modem.pwd().unwrap(), "/home/uftp/test");
        modem.mkdir("/home/uftp/test/new").unwrap();
        let file = ("old.txt".to_owned(), File, Some(9));
        let entries = modem.list("/home/uftp/test").unwrap();
        assert_eq!(shapes(&entries), [("old".to_owned(), Directory, None), file.clone()]);
        assert_eq!(shapes(&modem.list("old.txt").unwrap()), [file]);
        modem.remove("new.txt").unwrap();
        modem.rmdir("new").unwrap();
        modem.rename("a.txt", "d.txt").unwrap();
        for data in [&b"BBBBB"[..], b"bbbbb"] {
            for store in [Store::append(), Store::create()] {
                assert_eq!(modem.store("test1.txt", &store, &mut &data[..]).unwrap().bytes, 5);
            }
        }
        modem.logout().unwrap();
    });
}

#[test]
fn appending_a_file_of_the_module() {
    play_as("cmcc/append-from-module.txt", |modem: &mut ChinaMobile| {
        modem.write_file("/usr/test.txt", 12, &mut &b"CESHI1111111"[..]).unwrap();
        log_in(modem);
        modem.cwd("/home/uftp/test").unwrap();
        let transfer = modem.store_from_module("/usr/test.txt", "2.txt", StoreMode::Append).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (12, Assurance::ModuleCount));
        assert_eq!(modem.size("2.txt").unwrap(), 12);
        modem.remove("2.txt").unwrap();
        modem.logout().unwrap();
    });
}

#[test]
fn retrieving_into_a_file_of_the_module() {
    play_as("cmcc/retrieve-to-module.txt", |modem: &mut ChinaMobile| {
        modem.write_file("/usr/test.txt", 12, &mut &b"CESHI3333333"[..]).unwrap();
        log_in(modem);
        modem.cwd("/home/uftp/test").unwrap();
        assert_eq!(modem.store_from_module("/usr/test.txt", "2.txt", StoreMode::Create).unwrap().bytes, 12);
        let part = Retrieve::from(5).with_length(7);
        let transfer = modem.retrieve_to_module("2.txt", "/usr/test.txt", &part).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (7, Assurance::ServerSize));
        let mut file = Vec::new();
        assert_eq!(modem.read_file("/usr/test.txt", &mut file).unwrap(), 7);
        assert_eq!(file, b"3333333");
        modem.remove("2.txt").unwrap();
        modem.logout().unwrap();
    });
}

#[test]
fn what_is_set_and_what_goes_on() {
    use SessionState::{Busy, Closed, Idle};
    play_as("cmcc/read-configuration.txt", |modem: &mut ChinaMobile| {
        let found = modem.configuration().unwrap();
        let values = [
            ("data_type", "0"),
            ("transmode", "1"),
            ("rsptimeout", "10"),
            ("ssl", "0,0"),
            ("local_fs", "0"),
            ("cid", "1"),
        ];
        assert_eq!(found, values.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(modem.connections().unwrap(), [Idle, Closed, Busy, Busy, Closed, Closed]);
    });
}
