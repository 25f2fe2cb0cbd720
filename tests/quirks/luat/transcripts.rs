//! Luat Air780E FTP guide.

use ftp_modem::FtpModem;
use ftp_modem::modem::{AccessPoint, Assurance, Retrieve, Server, Store};

use crate::transcript::play;

fn log_in(modem: &mut dyn FtpModem) {
    let bearer = modem.attach(&AccessPoint::default()).unwrap();
    assert!(!bearer.was_up);
    modem.login(&Server::new("airtest.openluat.com", "luat", "123456")).unwrap();
}

#[test]
fn download_in_nine_blocks() {
    play("luat/download-in-nine-blocks.txt", |modem| {
        log_in(modem);
        let mut file = Vec::new();
        let transfer = modem.retrieve("/1222.txt", &Retrieve::whole(), &mut file).unwrap();
        assert_eq!(transfer.bytes, 12848);
        assert_eq!(transfer.assurance, Assurance::ServerSize);
        assert!(file.starts_with(b"2321414D520A") && file.ends_with(b"7A006D0"), "the file as printed");
    });
}

#[test]
fn upload_in_two_blocks() {
    play("luat/upload-in-two-blocks.txt", |modem| {
        log_in(modem);
        let transfer = modem.store("/test.txt", &Store::create(), &mut &b"1234567890asdfghjklz"[..]).unwrap();
        assert_eq!(transfer.bytes, 20);
    });
}

#[test]
fn five_bytes_and_then_ten_from_offset_five() {
    play("luat/download-from-an-offset.txt", |modem| {
        log_in(modem);
        let mut start = Vec::new();
        modem.retrieve("/test.txt", &Retrieve::whole().with_length(5), &mut start).unwrap();
        assert_eq!(start, b"12345");
        let mut next = Vec::new();
        modem.retrieve("/test.txt", &Retrieve::from(5).with_length(10), &mut next).unwrap();
        assert_eq!(next, b"67890asdfg");
    });
}
