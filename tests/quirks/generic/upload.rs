//! Uploads: FTPPUT, within a command line.

use ftp_modem::emulator::{Operation, PutEnd, RemoteError};
use ftp_modem::modem::{Assurance, Store};
use ftp_modem::{ErrorKind, FtpModem};

use super::{every_operation_works, online, play_online};
use crate::support::streams::Broken;

/// The data are part of a command line; the manual does not say which bytes it can carry.
#[test]
fn binary_uploads_need_force_binary() {
    let mut rig = online(|it| it.put_counted = true);
    let bytes: Vec<u8> = (0..=255).cycle().take(3000).collect();
    let (error, sent) =
        rig.line.clone().sent_by(|| rig.modem.store("/f", &Store::create(), &mut &bytes[..]).unwrap_err());
    assert_eq!((error.kind(), sent.as_str()), (ErrorKind::InvalidInput, ""), "{error}");
    // The name of the tool's option is in it, too.
    let text = error.to_string();
    assert!(text.contains("--force-binary") && !text.contains("change the argument"), "{text}");
    let (_, sent) = rig.line.clone().sent_by(|| rig.upload_stream("/f", &bytes).unwrap());
    assert_eq!(rig.files.file("/f").unwrap(), bytes);
    assert_eq!(sent.matches("AT+FTPPUT=512,").count(), 5, "in small pieces");
    // Bytes behind a text that are not text are refused when they come, and the upload is closed.
    let mixed = [&[b'x'; 600][..], b"\r"].concat();
    let error = rig.modem.store("/f", &Store::create(), &mut &mixed[..]).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::InvalidInput, Some(512)), "{error}");
    rig.still_works();
}

/// The length precedes the data: commas, quotes and semicolons are data.
#[test]
fn all_printable_text_passes_without_force_binary() {
    let text: Vec<u8> = (b' '..=b'~').cycle().take(2000).collect();
    let csv = b"\"2024-07-22\";21,5;\"a, b\";;,,".repeat(40);
    for text in [text, csv] {
        let mut rig = online(|_| {});
        let transfer = rig.modem.store("/f", &Store::create(), &mut &text[..]).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (text.len() as u64, Assurance::Unconfirmed));
        assert_eq!(rig.files.file("/f").unwrap(), text);
    }
    for byte in (0..=255u8).filter(|byte| !matches!(byte, b' '..=b'~')) {
        let mut rig = online(|_| {});
        let error = rig.modem.store("/f", &Store::create(), &mut &[b'a', byte][..]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{byte:#04x}: {error}");
    }
}

/// FTPPATH, left over from a listing, may be put before the name of an upload: the manual does not say.
#[test]
fn an_upload_does_not_depend_on_the_last_ftppath() {
    let mut rig = online(|_| {});
    rig.files.put("/pub/f", "1");
    rig.modem.list("/pub").unwrap();
    rig.line.clear();
    rig.modem.store("/in.csv", &Store::create(), &mut &b"x"[..]).unwrap();
    let sent = rig.line.text();
    assert!(sent.starts_with("AT+FTPPATH=/\rAT+FTPPUTNAME=/in.csv\r"), "{sent}");
    // A server that lets nobody into its root refuses one reading; the name alone counts then.
    rig.modem.list("/pub").unwrap();
    rig.line.answer("AT+FTPPATH=/\r", b"\r\nERROR\r\n");
    rig.modem.store("/in.csv", &Store::create(), &mut &b"yz"[..]).unwrap();
    assert_eq!(rig.files.file("/in.csv").unwrap(), b"yz");
}

/// Otherwise "FTP stays in uploading state" (manual, FTPPUT).
#[test]
fn an_upload_is_always_closed() {
    for put_end in [PutEnd::Either, PutEnd::WithComma, PutEnd::WithoutComma] {
        let mut rig = online(|it| it.put_end = put_end);
        assert_eq!(rig.upload_stream("/f", b"12345").unwrap().bytes, 5);
        assert_eq!(rig.files.file("/f").unwrap(), b"12345");
        let error = rig.modem.store("/f", &Store::create(), &mut Broken(&[b'x'; 1000])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
        assert!(error.module_usable(), "{error}");
        rig.still_works();
        // The server fails: the module stays uploading until the upload is ended, and answers `ERROR` to that, too.
        rig.files.habits().largest_file = Some(1000);
        let error = rig.upload_stream("/f", &[b'x'; 3000]).unwrap_err();
        assert!(error.transferred().is_some_and(|bytes| bytes <= 1024) && error.module_usable(), "{error}");
        rig.still_works();
        assert_eq!(rig.upload_stream("/f", b"12345").unwrap().bytes, 5);
    }
    // An upload that cannot be closed ends with its session.
    let put = r"
>> AT+FTPPATH=/\r
<< \r\nOK\r\n
>> AT+FTPPUTNAME=/f\r
<< \r\nOK\r\n
>> AT+FTPPUT=2,ab\r
<< \r\nOK\r\n
>> AT+FTPPUT=0\r
<< \r\nERROR\r\n
>> AT+FTPPUT=0,\r
<< \r\nERROR\r\n
>> AT+FTPQUIT\r
";
    for (quit, usable) in [("<< \\r\\nOK\\r\\n\n", true), ("<< \\r\\nERROR\\r\\n\n", false)] {
        play_online(&format!("{put}{quit}"), |modem| {
            let error = modem.store("f", &Store::create(), &mut &b"ab"[..]).unwrap_err();
            assert_eq!((error.module_usable(), error.transferred()), (usable, Some(2)), "{error}");
        });
    }
}

/// `AT+FTPPUT=0,` in the section FTPPUT, `AT+FTPPUT=0` in the example of the manual.
#[test]
fn the_end_of_an_upload_has_two_forms() {
    for put_end in [PutEnd::Either, PutEnd::WithComma, PutEnd::WithoutComma] {
        let mut rig = online(|it| it.put_end = put_end);
        every_operation_works(&mut rig);
        let with_comma = rig.line.text().contains("AT+FTPPUT=0,\r");
        assert_eq!(with_comma, put_end == PutEnd::WithComma, "only where the plain form is refused");
    }
}

/// The manual gives no limit for FTPPUT.
#[test]
fn the_size_of_the_pieces_can_be_set() {
    for block in [1, 100, 1024] {
        let mut rig = online(|it| it.put_limit = block);
        rig.modem.use_upload_block(block).unwrap();
        assert_eq!(rig.modem.capabilities().limits.upload_block, block as u64);
        every_operation_works(&mut rig);
    }
    let mut rig = online(|it| it.put_limit = 100);
    for bad in [0, 4097] {
        assert_eq!(rig.modem.use_upload_block(bad).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    // The module refuses a piece that is too long, and the upload is closed.
    let error = rig.upload_stream("/f", &[b'x'; 300]).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::ServerRefused, Some(300)), "{error}");
    rig.modem.use_upload_block(100).unwrap();
    assert_eq!(rig.upload_stream("/f", &[b'x'; 300]).unwrap().bytes, 300);
}

/// The module answers a bare `ERROR`: only a session that is there, and a directory that can be entered, show what was
/// refused. Where the data connection is at fault the driver cannot tell.
#[test]
fn a_refused_upload_is_no_failed_data_connection() {
    for (path, reply, kind) in [
        ("/d/f", 552, ErrorKind::ServerRefused),
        ("/d/f", 553, ErrorKind::ServerRefused),
        ("/missing/f", 553, ErrorKind::Unavailable),
    ] {
        let mut rig = online(|_| {});
        rig.files.add_directory("/d");
        for _ in 0..2 {
            rig.files.fail_next(Operation::Store, RemoteError::reply(reply, "Refused."));
        }
        let error = rig.modem.store(path, &Store::create(), &mut &b"text"[..]).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (kind, true), "{path} {reply}: {error}");
        assert!(!error.to_string().contains("passive"), "{error}");
        rig.still_works();
    }
    // Behind the first piece a retry may help.
    let mut rig = online(|_| {});
    rig.files.habits().largest_file = Some(1000);
    let error = rig.upload_stream("/f", &[b'x'; 3000]).unwrap_err();
    assert!(error.is_retryable() && !error.to_string().contains("passive"), "{error}");
}
