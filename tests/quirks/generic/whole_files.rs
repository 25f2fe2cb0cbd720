//! Whole files, where the server or the line does not do what others do.

use std::fs;

use ftp_modem::emulator::{Damage, Operation, Plan, RemoteError};
use ftp_modem::modem::Assurance;
use ftp_modem::transfer::{Download, Retry, Upload};
use ftp_modem::{ErrorKind, FtpModem};

use super::online;
use crate::support::clock::Sleepless;
use crate::support::payload::pattern;

/// Bytes that are added to the data of FTPPUT push as many out at its end, which stand on a line without `AT` then:
/// V.250 ignores it, and the size on the server is right.
#[test]
fn bytes_added_to_an_upload_are_noticed_when_it_is_read_back() {
    let text: Vec<u8> = (b'a'..=b'z').cycle().take(1200).collect();
    for retry in [Retry::never(), Retry::default()] {
        let mut rig = online(|it| it.put_counted = true);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.txt");
        fs::write(&path, &text).unwrap();
        let mut rehearsal = online(|it| it.put_counted = true);
        rehearsal.line.clear();
        Upload::new(&path, "/up.txt").run(&mut *rehearsal.modem).unwrap();
        // In the last block, whose end is followed by the end of the upload.
        let place = rehearsal.line.text().rfind("AT+FTPPUT=176,").unwrap() + 50;
        rig.line.play(Plan::from(Damage::Insert(b"\r\n".to_vec()).of_input(place as u64)));
        let upload = Upload::new(&path, "/up.txt").retry(retry).on_clock(Sleepless::default());
        match upload.run(&mut *rig.modem) {
            Ok(report) => {
                assert!(report.attempts > 1 && retry.retries > 0, "{report:?}");
                assert_eq!(rig.files.file("/up.txt").unwrap(), text);
                assert!(report.assurance >= Assurance::ServerSize, "{report:?}");
            }
            Err(error) => assert!(error.is_retryable() && retry.retries == 0, "{error}"),
        }
    }
}

#[test]
fn a_complete_upload_that_cannot_be_listed_or_read_is_a_success() {
    let text: Vec<u8> = (b'a'..=b'z').cycle().take(1200).collect();
    let mut rig = online(|_| {});
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.txt");
    fs::write(&path, &text).unwrap();
    for operation in [Operation::List, Operation::List, Operation::Size, Operation::Retrieve] {
        rig.files.fail_next(operation, RemoteError::reply(550, "Refused."));
    }
    let report = Upload::new(&path, "/up.txt").retry(Retry::never()).run(&mut *rig.modem).unwrap();
    assert_eq!((report.size, report.assurance), (1200, Assurance::Unconfirmed));
    assert_eq!(rig.files.file("/up.txt").unwrap(), text);
}

#[test]
fn a_file_that_grew_is_fetched_without_a_word_of_the_offset() {
    for get_limit in [None, Some(1000)] {
        let mut rig = online(|it| it.get_limit = get_limit);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.bin");
        rig.files.put("/a.bin", pattern(3000));
        rig.files.habits().grow_after_size("/a.bin", [b'x'; 500]);
        let report = Download::new("/a.bin", &path).on_clock(Sleepless::default()).run(&mut *rig.modem).unwrap();
        let file = rig.files.file("/a.bin").unwrap();
        assert!(fs::read(&path).unwrap() == file[..report.size as usize], "{report:?}");
    }
}

/// The bare `ERROR` of the module does not say that it is the offset that was refused.
#[test]
fn a_download_that_the_server_cannot_resume_fails_or_begins_again() {
    let mut rig = online(|it| it.get_limit = Some(1000));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.bin");
    rig.files.put("/a.bin", pattern(3000));
    rig.files.habits().refuses_restart = Some(502);
    let download = Download::new("/a.bin", &path).on_clock(Sleepless::default());
    match download.run(&mut *rig.modem) {
        Ok(_) => assert!(fs::read(&path).unwrap() == pattern(3000)),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ServerRefused, "{error}"),
    }
    let _ = rig.modem.status().unwrap();
}
