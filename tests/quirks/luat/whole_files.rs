//! Whole files, where the server or the firmware does not state what others do.

use std::fs;

use ftp_modem::emulator::{FalseSize, LuatProfile};
use ftp_modem::modem::Assurance;
use ftp_modem::transfer::{Download, Retry, Upload};

use super::{Rig, online};
use crate::support::clock::Sleepless;
use crate::support::payload::pattern;

/// A module whose firmware has no FTPSIZE, and one whose server refuses SIZE.
fn without_sizes() -> Vec<(&'static str, Rig)> {
    let firmware = online(|options| options.missing_commands = vec!["+FTPSIZE".into()]);
    let rigs = [502, 550].map(|reply| {
        let rig = online(|_| {});
        for path in ["/a.bin", "/up.bin"] {
            rig.files.habits().answer_size(path, FalseSize::Refused(reply));
        }
        ("the server refuses SIZE", rig)
    });
    [("no FTPSIZE", firmware)].into_iter().chain(rigs).collect()
}

#[test]
fn a_complete_upload_whose_size_cannot_be_checked_is_a_success() {
    for (what, mut rig) in without_sizes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.bin");
        fs::write(&path, pattern(3000)).unwrap();
        let report = Upload::new(&path, "/up.bin").retry(Retry::never()).run(&mut *rig.modem).unwrap();
        assert_eq!((report.size, report.assurance), (3000, Assurance::ModuleCount), "{what}");
        assert!(rig.files.file("/up.bin").unwrap() == pattern(3000), "{what}");
    }
}

/// Each query is a session of its own with the server.
#[test]
fn a_size_that_is_not_stated_is_queried_once() {
    for (what, mut rig) in without_sizes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.bin");
        rig.files.put("/a.bin", pattern(3000));
        rig.line.clear();
        let report = Download::new("/a.bin", &path).retry(Retry::never()).run(&mut *rig.modem).unwrap();
        assert_eq!((report.size, report.assurance), (3000, Assurance::Unconfirmed), "{what}");
        assert!(fs::read(&path).unwrap() == pattern(3000), "{what}");
        let queries = rig.line.commands("AT+FTPSIZE").iter().filter(|command| !command.contains('?')).count();
        // A bare ERROR, as of a command that was garbled on its way, is answered by one repetition.
        let expected = if what == "no FTPSIZE" { 2 } else { 1 };
        assert_eq!(queries, expected, "{what}: {}", rig.line.text());
    }
}

#[test]
fn a_download_that_the_server_cannot_resume_begins_again() {
    let mut rig = online(|_| {});
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.bin");
    rig.files.put("/a.bin", pattern(20_000));
    rig.files.break_download_after(10_000);
    rig.files.habits().refuses_restart = Some(502);
    let report = Download::new("/a.bin", &path).on_clock(Sleepless::default()).run(&mut *rig.modem).unwrap();
    assert_eq!((report.size, report.assurance), (20_000, Assurance::ServerSize));
    assert!(fs::read(&path).unwrap() == pattern(20_000));
}

#[test]
fn a_file_that_grew_is_fetched_without_a_word_of_the_offset() {
    let mut rig = online(|_| {});
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.bin");
    rig.files.put("/a.bin", pattern(3000));
    rig.files.habits().grow_after_size("/a.bin", [b'x'; 500]);
    let report = Download::new("/a.bin", &path).on_clock(Sleepless::default()).run(&mut *rig.modem).unwrap();
    let file = rig.files.file("/a.bin").unwrap();
    assert!(fs::read(&path).unwrap() == file[..report.size as usize], "{report:?}");
    // Where there are no more attempts the error names the true cause.
    rig.files.habits().grow_after_size("/a.bin", [b'y'; 500]);
    let error = rig.download("/a.bin").unwrap_err();
    assert!(error.to_string().contains("grew") && !error.to_string().contains("offset"), "{error}");
}

/// Some servers count in 16 bits; a file that is being written looks the same.
#[test]
fn a_size_that_is_too_small_is_blamed_on_the_file_or_the_server() {
    let mut rig = online(|_| {});
    rig.files.put("/a.bin", pattern(5000));
    rig.files.habits().answer_size("/a.bin", FalseSize::Less(2000));
    let error = rig.download("/a.bin").unwrap_err().to_string();
    assert!(error.contains("grew") && error.contains("states a wrong size"), "{error}");
    assert!(!error.contains("transfer the whole file again"), "{error}");
}

/// Without SIZE only FTPMDTM, which SIMCom's modules have, tells that the file is still the same. The code of FTPSIZE
/// is that of a missing file, so the time is queried on request only.
#[test]
fn a_download_without_a_size_is_continued_where_ftpmdtm_proves_the_file() {
    for (profile, moved) in [(LuatProfile::Air780e, 50_000), (LuatProfile::Sim7000, 31_024)] {
        let mut rig = online(|it| it.profile = profile);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.bin");
        rig.files.put("/a.bin", pattern(30_000));
        rig.files.habits().answer_size("*", FalseSize::Refused(502));
        rig.files.break_download_after(20_000);
        let download = Download::new("/a.bin", &path).resume(true).on_clock(Sleepless::default());
        let report = download.run(&mut *rig.modem).unwrap();
        assert!(fs::read(&path).unwrap() == pattern(30_000), "{profile:?}");
        assert!(report.moved <= moved && report.moved > moved - 2000, "{profile:?}: {report:?}");
    }
}
