//! Fibocom L610 FTP application guide.

use ftp_modem::backend::fibocom::Fibocom;
use ftp_modem::modem::{AccessPoint, Assurance, EntryKind, Retrieve, Server, Store};
use ftp_modem::transport::transcript::pattern;
use ftp_modem::{ErrorKind, FtpModem};

use crate::transcript::{play, play_as, shapes};

fn server() -> Server {
    Server::new("114.215.159.133", "ftpuser", "123456a?")
}

fn attach(modem: &mut dyn FtpModem, address: &str, was_up: bool) {
    let bearer = modem.attach(&AccessPoint::default()).unwrap();
    assert_eq!(bearer.address, Some(address.parse().unwrap()));
    assert_eq!(bearer.was_up, was_up);
}

#[test]
fn the_whole_log() {
    use EntryKind::{Directory, File, Link, Other};
    play("fibocom/whole-log.txt", |modem| {
        attach(modem, "10.225.11.107", false);
        attach(modem, "10.225.11.107", true);
        modem.login(&server()).unwrap();
        assert_eq!(
            shapes(&modem.list("").unwrap()),
            [
                ("CSCU_A1_2004_GO", Directory, None),
                ("city", Directory, None),
                ("config", Directory, None),
                ("ftp", Directory, None),
                ("javalogs ->", Link, Some(30)),
                ("/mnt/apache-tomcat-7.0.55/logs\t\t\t", Other, None),
                ("log", Directory, None),
                ("logs", Directory, None),
                ("tcpdump_cl", File, Some(981_668)),
                ("update", Directory, None),
                ("update_config", Directory, None),
            ]
            .map(|(name, kind, size)| (name.to_owned(), kind, size))
        );
        modem.cwd("update").unwrap();
        let mut start = Vec::new();
        let transfer =
            modem.retrieve("XA_altemate_V1.0.4.bin", &Retrieve::whole().with_length(100), &mut start).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (100, Assurance::ServerSize));
        assert_eq!(start, pattern(100));
        let log = pattern(1024).repeat(4);
        let transfer = modem.store("log.txt", &Store::create(), &mut log.as_slice()).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (4096, Assurance::ModuleCount));
        modem.logout().unwrap();
        modem.detach().unwrap();
    });
}

#[test]
fn a_listing_with_blanks() {
    play("fibocom/listing-with-blanks.txt", |modem| {
        modem.login(&server()).unwrap();
        let entries = modem.list("").unwrap();
        assert_eq!(entries.len(), 10);
        let link = entries.iter().find(|entry| entry.kind == EntryKind::Link).unwrap();
        assert_eq!(link.name, b"javalogs");
        assert_eq!(link.target.as_deref(), Some(&b"/mnt/apache-tomcat-7.0.55/logs"[..]));
        let files: Vec<_> = entries.iter().filter(|entry| entry.kind == EntryKind::File).collect();
        let [file] = files.as_slice() else { panic!("one file, got {files:?}") };
        assert_eq!((file.name.as_slice(), file.size), (&b"tcpdump_cl"[..], Some(981_668)));
        let modified = file.modified.unwrap();
        assert_eq!((modified.year, modified.month, modified.day), (Some(2016), 8, 18));
        modem.logout().unwrap();
    });
}

#[test]
fn every_command_of_the_table() {
    play("fibocom/every-command-of-the-table.txt", |modem| {
        attach(modem, "10.181.220.73", true);
        modem.login(&server()).unwrap();
        assert_eq!(modem.list("").unwrap(), []);
        modem.cwd("update").unwrap();
        modem.mkdir("test").unwrap();
        modem.rmdir("test").unwrap();
        assert_eq!(modem.pwd().unwrap(), "/home/ftp/update");
        modem.cdup().unwrap();
        modem.remove("log.txt").unwrap();
        modem.rename("a.txt", "b.txt").unwrap();
        assert_eq!(modem.store("log.txt", &Store::create(), &mut &b""[..]).unwrap().bytes, 0);
        let mut file = Vec::new();
        assert_eq!(modem.retrieve("log.txt", &Retrieve::whole(), &mut file).unwrap().bytes, 100);
        assert_eq!(file, pattern(100));
        let error = modem.store("log.txt", &Store::create(), &mut pattern(100).as_slice()).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(10)));
        assert!(error.module_usable());
        modem.detach().unwrap();
    });
}

#[test]
fn streams_with_an_end_mark() {
    const CONTENT: &[u8] = b"\x41\x03\x42\x10";
    play_as("fibocom/coded-streams.txt", |modem: &mut Fibocom| {
        modem.login(&server()).unwrap();
        let transfer = modem.store_streamed("log.txt", &Store::create(), &mut &CONTENT[..]).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (4, Assurance::Unconfirmed));
        let mut content = Vec::new();
        let transfer = modem.retrieve_streamed("log.txt", &Retrieve::whole(), &mut content).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (4, Assurance::ServerSize));
        assert_eq!(content, CONTENT);
        modem.logout().unwrap();
    });
}
