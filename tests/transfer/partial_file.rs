//! The partial file beside the target: resumed only when it is of the same file.

use std::fs;
use std::path::Path;
use std::time::Duration;

use ftp_modem::emulator::{FalseSize, Operation as ServerOperation, Options, RemoteError, ServerFault};
use ftp_modem::modem::{AccessPoint, Assurance};
use ftp_modem::transfer::{Download, Retry};
use ftp_modem::{Controls, ErrorKind, FtpModem, RecoveryStep, Vendor};

use crate::support::clock::Sleepless;
use crate::support::expected::expected;
use crate::support::payload::{padded, pattern};
use crate::support::rig::AnyRig;
use crate::{names, reconnect, target};

#[test]
fn a_partial_file_is_resumed_only_when_it_is_of_the_same_file() {
    let bytes = pattern(30_000);
    let mut other = bytes.clone();
    other[19_999] ^= 1;
    // What the server has at the second try, and whether the first half of it may be kept.
    let cases = [(bytes.clone(), true), (other, false), (pattern(30_001), false), (pattern(10_000), false)];
    for vendor in [Vendor::Luat, Vendor::Quectel, Vendor::Fibocom] {
        // The other modules state no time to the second, so that nothing proves that the file is the same.
        let is_proven = expected(vendor).has_exact_times;
        for (index, (now, same)) in cases.iter().enumerate() {
            let mut rig = AnyRig::online(vendor);
            let (_folder, path) = target();
            let download = || Download::new("/a.bin", &path).resume(true).retry(Retry::never());
            rig.files.put("/a.bin", bytes.clone());
            rig.files.break_download_after(20_000);
            if download().run(&mut *rig.modem).is_ok() {
                // This dialect retries by itself.
                continue;
            }
            assert!(!path.exists(), "{vendor}: nothing under the name before it is complete");
            rig.files.put("/a.bin", now.clone());
            let report = download().run(&mut *rig.modem).unwrap();
            assert!(fs::read(&path).unwrap() == *now, "{vendor}, case {index}");
            let is_resumed = report.moved < now.len() as u64;
            assert_eq!(is_resumed, *same && is_proven, "{vendor}, case {index}: {report:?}");
            assert_eq!(report.assurance, Assurance::ServerSize, "{vendor}, case {index}");
        }
    }
}

/// Listings state minutes or days, and a file may be replaced by one of the same size and end within these.
#[test]
fn a_file_that_was_replaced_within_the_same_minute_is_not_combined_with_the_old_one() {
    for vendor in Vendor::ALL.into_iter().filter(|vendor| !expected(*vendor).has_exact_times) {
        let mut rig = AnyRig::online(vendor);
        let (_folder, path) = target();
        let download = || Download::new("/a.bin", &path).resume(true).retry(Retry::never());
        let old = pattern(30_000);
        let mut new = old.clone();
        new[5] ^= 1;
        rig.files.put("/a.bin", old);
        rig.files.break_download_after(20_000);
        if download().run(&mut *rig.modem).is_ok() {
            // This dialect retries by itself.
            continue;
        }
        rig.files.put("/a.bin", new.clone());
        let report = download().run(&mut *rig.modem).unwrap();
        assert!(fs::read(&path).unwrap() == new, "{vendor}: {report:?}");
    }
}

#[test]
fn only_a_download_that_noted_the_time_is_resumed_by_a_later_one() {
    // Whether the first download was to be resumable, and the second to resume it.
    for (begun, resume) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut rig = AnyRig::online(Vendor::Quectel);
        let (_folder, path) = target();
        rig.files.put("/a.bin", pattern(30_000));
        rig.files.break_download_after(20_000);
        Download::new("/a.bin", &path).resume(begun).retry(Retry::never()).run(&mut *rig.modem).unwrap_err();
        // The attempts of one download are continued in any case.
        rig.files.break_download_after(5_000);
        let download = Download::new("/a.bin", &path).resume(resume).on_clock(Sleepless::default());
        let report = download.reconnect_with(reconnect()).run(&mut *rig.modem).unwrap();
        let is_resumed = report.moved < 30_000;
        assert_eq!(is_resumed, begun && resume, "{begun}, {resume}: {report:?}");
        assert!(fs::read(&path).unwrap() == pattern(30_000), "{begun}, {resume}");
    }
}

/// Neither says anything about the bytes that came before: what was lost there the comparison of the end finds.
#[test]
fn what_came_before_the_port_was_lost_or_the_time_was_over_is_kept_for_a_later_run() {
    let unplug: fn(&mut AnyRig) = |rig| rig.line.unplug_after(20_000, Duration::from_secs(1));
    let never = Retry::never();
    let cases = [
        (unplug, never, ErrorKind::PortLost),
        // 30 000 bytes take 31 s at this rate.
        ((|_| ()) as fn(&mut AnyRig), never.with_total(Duration::from_secs(20)), ErrorKind::Timeout),
        (|rig| rig.modem.set_controls(Controls::new().with_budget(Duration::from_secs(20))), never, ErrorKind::Timeout),
    ];
    for (index, (disturb, retry, kind)) in cases.into_iter().enumerate() {
        // Whether bytes were lost before, too.
        for is_shifted in [false, true] {
            let mut rig = AnyRig::online_with(Vendor::Quectel, Options::default().with_line_rate(9_600));
            let (folder, path) = target();
            let download = || Download::new("/a.bin", &path).resume(true).on_clock(Sleepless::default());
            rig.files.put("/a.bin", pattern(30_000));
            disturb(&mut rig);
            let error = download().retry(retry).run(&mut *rig.modem).unwrap_err();
            assert_eq!(error.kind(), kind, "{index}: {error}");
            let part = folder.path().join("file.bin.part");
            let kept = fs::metadata(&part).unwrap().len();
            assert!(kept > 15_000, "{index}: {kept} bytes");
            if is_shifted {
                let mut bytes = fs::read(&part).unwrap();
                bytes.remove(1000);
                fs::write(&part, bytes).unwrap();
            }
            rig.line.calm();
            rig.modem.set_controls(Controls::new());
            if kind == ErrorKind::PortLost {
                rig.modem.recover(RecoveryStep::ReopenPort, &AccessPoint::default()).unwrap();
            }
            let report = download().reconnect_with(reconnect()).run(&mut *rig.modem).unwrap();
            assert_eq!(report.size, 30_000, "{index}");
            assert_eq!(report.moved < 30_000, !is_shifted, "{index}, shifted: {is_shifted}: {report:?}");
            assert!(fs::read(&path).unwrap() == pattern(30_000), "{index}, shifted: {is_shifted}");
        }
    }
}

/// Without a size nothing but an exact time tells that the file is still the same.
#[test]
fn a_download_without_a_size_is_continued_where_the_time_proves_the_file() {
    // An error without a reason is taken for the server's refusal, which no retry cures.
    for vendor in Vendor::ALL.into_iter().filter(|vendor| !expected(*vendor).refuses_without_reason) {
        let mut rig = AnyRig::online(vendor);
        let (_folder, path) = target();
        rig.files.put("/a.bin", pattern(30_000));
        let refuse = |rig: &AnyRig| {
            rig.files.habits().answer_size("*", FalseSize::Refused(502));
            for _ in 0..20 {
                rig.files.fail_next(ServerOperation::List, RemoteError::reply(502, "LIST not implemented."));
            }
        };
        refuse(&rig);
        // The attempts of one download.
        rig.files.break_download_after(20_000);
        let download = || Download::new("/a.bin", &path).on_clock(Sleepless::default()).reconnect_with(reconnect());
        let report = download().run(&mut *rig.modem).unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert!(fs::read(&path).unwrap() == pattern(30_000), "{vendor}");
        let moved = if expected(vendor).has_exact_times { 30_000 + 1024 } else { 50_000 };
        assert!(report.moved <= moved, "{vendor}: {report:?}");
        // The next run; the size is stated to one of the two.
        for is_stated_first in [true, false] {
            fs::remove_file(&path).unwrap();
            let mut rig = AnyRig::online(vendor);
            rig.files.put("/a.bin", pattern(30_000));
            if !is_stated_first {
                refuse(&rig);
            }
            rig.files.break_download_after(20_000);
            let broken = download().resume(true).retry(Retry::never()).run(&mut *rig.modem);
            if is_stated_first {
                refuse(&rig);
            }
            if broken.is_err() {
                let report = download().resume(true).run(&mut *rig.modem).unwrap();
                let is_resumed = report.moved < 30_000;
                assert_eq!(is_resumed, expected(vendor).has_exact_times, "{vendor}, {is_stated_first}: {report:?}");
            }
            assert!(fs::read(&path).unwrap() == pattern(30_000), "{vendor}, {is_stated_first}");
        }
    }
}

#[test]
fn a_partial_file_belongs_to_the_whole_path_of_its_file() {
    {
        let vendor = Vendor::Quectel;
        // The directory and the name of the first try, whether it was made with `resume`, directory and name of the
        // second, and whether it is known to be the same file.
        let cases = [
            ("/one", "a.bin", true, "/two", "a.bin", false),
            ("/one", "a.bin", true, "/one", "a.bin", true),
            ("/one", "/one/a.bin", true, "/two", "/one/a.bin", true),
            // The directory takes a command, which is sent only for what is to be resumed.
            ("/one", "a.bin", false, "/one", "a.bin", false),
            ("/one", "a.bin", false, "/two", "a.bin", false),
        ];
        for (first, name, resume, then, name_then, same) in cases {
            let mut rig = AnyRig::online(vendor);
            let (_folder, path) = target();
            for file in ["/one/a.bin", "/two/a.bin"] {
                rig.files.put(file, pattern(30_000));
            }
            rig.modem.cwd(first).unwrap();
            rig.files.break_download_after(20_000);
            let broken = Download::new(name, &path).resume(resume).retry(Retry::never()).run(&mut *rig.modem);
            if broken.is_ok() {
                continue;
            }
            rig.modem.cwd(then).unwrap();
            let report = Download::new(name_then, &path).resume(true).run(&mut *rig.modem).unwrap();
            assert_eq!(
                report.moved < 30_000,
                same,
                "{vendor}: {name} in {first}, then {name_then} in {then}: {report:?}"
            );
        }
    }
}

#[test]
fn a_partial_file_of_another_server_is_not_resumed() {
    // `r.bin` of another current directory stands for the file of another server.
    let mut rig = AnyRig::online(Vendor::Luat);
    let one = padded(5_000, 25_000);
    let mut two = one.clone();
    two[5] ^= 1;
    rig.files.put("/one/r.bin", one);
    rig.files.put("/two/r.bin", two.clone());
    let (_folder, path) = target();
    rig.modem.cwd("/one").unwrap();
    rig.files.break_download_after(20_000);
    Download::new("r.bin", &path).retry(Retry::never()).run(&mut *rig.modem).unwrap_err();
    rig.modem.cwd("/two").unwrap();
    Download::new("r.bin", &path).run(&mut *rig.modem).unwrap();
    assert!(fs::read(&path).unwrap() == two, "half of it is of /one/r.bin");
}

#[test]
fn without_resume_a_partial_file_is_ignored() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    let (_folder, path) = target();
    rig.files.put("/a.bin", pattern(30_000));
    rig.files.break_download_after(20_000);
    Download::new("/a.bin", &path).retry(Retry::never()).run(&mut *rig.modem).unwrap_err();
    let report = Download::new("/a.bin", &path).resume(false).run(&mut *rig.modem).unwrap();
    assert_eq!(report.moved, 30_000);
}

#[test]
fn two_files_of_the_same_size_are_not_mixed() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online(vendor);
        let old = padded(5_000, 25_000);
        let mut new = old.clone();
        new[5] ^= 1;
        let (_folder, path) = target();
        rig.files.put("/fw.bin", old);
        rig.files.break_download_after(20_000);
        if Download::new("/fw.bin", &path).retry(Retry::never()).run(&mut *rig.modem).is_ok() {
            // This dialect retries by itself.
            continue;
        }
        rig.files.put("/fw.bin", new.clone());
        let report = Download::new("/fw.bin", &path).run(&mut *rig.modem).unwrap();
        assert!(fs::read(&path).unwrap() == new, "{vendor}: {report:?}, but half of it is of the old file");
    }
}

/// The size of the old file was once taken for that of the one that had replaced it.
#[test]
fn a_file_that_is_replaced_while_it_is_compared_is_downloaded_whole() {
    for vendor in Vendor::ALL {
        let mut rig = AnyRig::online(vendor);
        let folder = tempfile::tempdir().unwrap();
        let local = folder.path().join("a.bin");
        let download = || Download::new("/a.bin", &local).resume(true).retry(Retry::never());
        rig.files.put("/a.bin", vec![1; 9_000]);
        rig.files.misbehave(ServerFault::Abort { after: 7_000 });
        rig.files.misbehave(ServerFault::Replace { content: vec![3; 30_000] });
        if download().run(&mut *rig.modem).is_ok() {
            // This dialect retries by itself.
            continue;
        }
        let report = download().run(&mut *rig.modem).unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert!(fs::read(&local).unwrap() == vec![3; 30_000], "{vendor}: {report:?}");
    }
}

/// Two programs with two modules.
#[test]
fn a_second_download_to_the_same_file_does_not_touch_the_first_one() {
    let (folder, path) = target();
    let mut rig = AnyRig::online(Vendor::Quectel);
    rig.files.put("/a.bin", pattern(30_000));
    let mut other = AnyRig::online(Vendor::Luat);
    other.files.put("/b.bin", "another one");
    let same = path.clone();
    rig.line.before("+QFTPGET", move |_, _| {
        let error = Download::new("/b.bin", same).run(&mut *other.modem).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
        assert!(error.to_string().contains("another program is downloading to"), "{error}");
    });
    Download::new("/a.bin", &path).run(&mut *rig.modem).unwrap();
    assert!(fs::read(&path).unwrap() == pattern(30_000));
    assert_eq!(names(&folder), ["file.bin"]);
}

#[test]
fn a_file_that_took_the_name_of_the_partial_file_is_not_published() {
    let (folder, path) = target();
    let mut rig = AnyRig::online(Vendor::Quectel);
    rig.files.put("/a.bin", pattern(30_000));
    fs::write(&path, "mine").unwrap();
    let part = folder.path().join("file.bin.part");
    let replaced = part.clone();
    rig.line.before("+QFTPGET", move |_, _| {
        fs::remove_file(&replaced).unwrap();
        fs::write(&replaced, "another one").unwrap();
    });
    let error = Download::new("/a.bin", &path).run(&mut *rig.modem).unwrap_err();
    assert!(error.to_string().contains("another program has replaced"), "{error}");
    assert_eq!((fs::read(&path).unwrap(), fs::read(&part).unwrap()), (b"mine".to_vec(), b"another one".to_vec()));
}

#[test]
fn a_file_with_the_name_of_the_note_is_kept() {
    let (folder, path) = target();
    let mut rig = AnyRig::online(Vendor::Quectel);
    rig.files.put("/a.bin", "x");
    let note = folder.path().join("file.bin.part.of");
    fs::write(&note, "a file of its own").unwrap();
    let error = Download::new("/a.bin", &path).run(&mut *rig.modem).unwrap_err();
    assert!(error.to_string().contains("file.bin.part.of is in the way"), "{error}");
    assert_eq!(fs::read(&note).unwrap(), b"a file of its own");
    assert_eq!(names(&folder), ["file.bin.part.of"]);
}

#[test]
fn the_new_file_has_the_permissions_of_the_old_one() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for permissions in [0o600, 0o640, 0o444, 0o666] {
        let (folder, path) = target();
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(permissions)).unwrap();
        let mut rig = AnyRig::online(Vendor::Quectel);
        rig.files.put("/a.bin", "new");
        let part = folder.path().join("file.bin.part");
        rig.line.before("+QFTPGET", move |_, _| {
            for beside in [part.clone(), part.with_extension("part.of")] {
                assert_eq!(mode(&beside), permissions | 0o600, "{}", beside.display());
            }
        });
        Download::new("/a.bin", &path).run(&mut *rig.modem).unwrap();
        assert_eq!((fs::read(&path).unwrap(), mode(&path)), (b"new".to_vec(), permissions));
    }
}

#[test]
fn another_file_with_the_name_of_the_partial_file_is_kept() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    rig.files.put("/file.bin", vec![1; 1000]);
    rig.files.put("/file.bin.part", "a file of its own");
    let (folder, path) = target();
    let part = folder.path().join("file.bin.part");
    // As a copy of the whole folder does.
    Download::new("/file.bin.part", &part).run(&mut *rig.modem).unwrap();
    let error = Download::new("/file.bin", &path).run(&mut *rig.modem).unwrap_err();
    assert!(error.to_string().contains("file.bin.part is in the way"), "{error}");
    assert_eq!(fs::read(&part).unwrap(), b"a file of its own");
}

#[test]
fn a_link_with_the_name_of_the_partial_file_is_not_followed() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    rig.files.put("/a.bin", "new");
    let (folder, path) = target();
    let victim = folder.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    std::os::unix::fs::symlink(&victim, folder.path().join("file.bin.part")).unwrap();
    let _ = Download::new("/a.bin", &path).run(&mut *rig.modem);
    assert_eq!(fs::read(&victim).unwrap(), b"precious");
}

/// A crash between the steps, or a power cut, which leaves files that were not synced cut off.
#[test]
fn what_an_interruption_leaves_of_part_and_note_is_taken_over() {
    // The partial file, its note, the draft of the note, and what is in the way, if anything is.
    let cases = [
        (Some(""), None, None, None),
        (Some(""), Some(""), None, None),
        (Some("half"), Some(""), None, None),
        (Some("half"), Some("ftp-modem part"), None, None),
        (Some("half"), Some("ftp-modem partial file of Some("), None, None),
        (None, Some("ftp-modem partial file of Some("), None, None),
        (None, Some(""), None, None),
        (None, None, Some(""), None),
        (Some(""), None, Some("ftp-modem partial file of Some("), None),
        (Some("a file of its own"), None, None, Some("file.bin.part")),
        (Some(""), Some("a file of its own"), None, Some("file.bin.part.of")),
        (None, None, Some("a file of its own"), Some("file.bin.part.of~")),
    ];
    for (part, note, draft, in_the_way) in cases {
        for resume in [false, true] {
            let mut rig = AnyRig::online(Vendor::Quectel);
            rig.files.put("/a.bin", pattern(3_000));
            let (folder, path) = target();
            let left = [("file.bin.part", part), ("file.bin.part.of", note), ("file.bin.part.of~", draft)];
            for (name, content) in left.iter().filter_map(|(name, content)| content.map(|content| (name, content))) {
                fs::write(folder.path().join(name), content).unwrap();
            }
            let outcome = Download::new("/a.bin", &path).resume(resume).run(&mut *rig.modem);
            let case = format!("{left:?}, resume: {resume}: {outcome:?}");
            match in_the_way {
                None => {
                    assert!(fs::read(&path).unwrap() == pattern(3_000), "{case}");
                    assert_eq!(names(&folder), ["file.bin"], "{case}");
                }
                Some(name) => {
                    let error = outcome.unwrap_err().to_string();
                    assert!(error.contains(&format!("{name} is in the way")), "{case}");
                    assert_eq!(fs::read(folder.path().join(name)).unwrap(), b"a file of its own", "{case}");
                }
            }
        }
    }
}

#[test]
fn a_complete_file_that_cannot_get_its_name_is_kept() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    rig.files.put("/a.bin", pattern(3_000));
    let (folder, path) = target();
    let blocked = path.clone();
    rig.line.before("+QFTPGET", move |_, _| fs::create_dir(&blocked).unwrap());
    let error = Download::new("/a.bin", &path).run(&mut *rig.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
    let part = folder.path().join("file.bin.part");
    let advice = format!("the complete file is {}: rename it to {}", part.display(), path.display());
    assert!(error.to_string().contains(&advice), "{error}");
    assert!(fs::read(&part).unwrap() == pattern(3_000));
}
