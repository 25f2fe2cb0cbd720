//! UC8088 FTP manual.

use ftp_modem::backend::generic::Generic;
use ftp_modem::modem::{AccessPoint, Assurance, EntryKind, Retrieve, Server, Store};
use ftp_modem::{ErrorKind, FtpModem};

use crate::transcript::{play, play_as, shapes};

/// The manual's example, in either of its two framings of downloads.
fn example(modem: &mut dyn FtpModem) {
    assert!(!modem.attach(&AccessPoint::default()).unwrap().was_up);
    modem.login(&Server::new("47.104.157.10", "xs", "123").with_port(15881)).unwrap();
    let transfer = modem.store("12.txt", &Store::create(), &mut &b"12345"[..]).unwrap();
    assert_eq!((transfer.bytes, transfer.assurance), (5, Assurance::Unconfirmed));
    let mut rest = Vec::new();
    let transfer = modem.retrieve("12.txt", &Retrieve::from(2), &mut rest).unwrap();
    assert_eq!((transfer.bytes, transfer.assurance), (3, Assurance::ServerSize));
    assert_eq!(rest, b"345");
    assert_eq!(shapes(&modem.list("").unwrap()), [("12.txt".to_owned(), EntryKind::File, Some(5))]);
    modem.logout().unwrap();
}

#[test]
fn the_example_with_length_and_data_on_one_line() {
    play("generic/session-with-data-on-one-line.txt", example);
}

#[test]
fn the_example_with_length_and_data_on_two_lines() {
    play("generic/session-with-data-on-two-lines.txt", example);
}

#[test]
fn the_examples_of_the_single_commands() {
    play("generic/every-command.txt", |modem| {
        modem.login(&Server::new("129.168.0.1", "xs", "123")).unwrap();
        modem.cwd("/docs").unwrap();
        assert_eq!(modem.pwd().unwrap(), "/docs");
        modem.mkdir("/invoker").unwrap();
        modem.rmdir("/invoker").unwrap();
        assert_eq!(modem.store("123.txt", &Store::create(), &mut &b"12"[..]).unwrap().bytes, 2);
        let entries = modem.list("").unwrap();
        assert_eq!(entries.len(), 6);
        let first = entries.first().unwrap();
        assert_eq!((first.name.as_slice(), first.kind, first.size), (&b"123.txt"[..], EntryKind::File, Some(5)));
        let modified = first.modified.unwrap();
        assert_eq!((modified.month, modified.day, modified.hour, modified.minute), (7, 7, 9, 30));
        let mut file = Vec::new();
        let error = modem.retrieve("123.txt", &Retrieve::whole(), &mut file).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Protocol, Some(0)));
        assert_eq!(file, b"");
    });
}

#[test]
fn the_configuration() {
    play_as("generic/read-configuration.txt", |modem: &mut Generic| {
        modem.attach(&AccessPoint::default()).unwrap();
        modem.login(&Server::new("47.104.157.10", "xs", "123").with_port(15881)).unwrap();
        assert_eq!(modem.configuration().unwrap(), ["+FTPSCON ：", "XXX"]);
    });
}
