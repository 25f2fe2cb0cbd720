//! Files of the host.

use std::fs;

use ftp_modem::transfer::{Download, Upload, local_name};
use ftp_modem::{ErrorKind, Vendor};

use crate::support::rig::AnyRig;
use crate::{names, target};

#[test]
fn local_errors_are_reported_as_such() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    let (folder, path) = target();
    let error = Upload::new(&path, "/x").run(&mut *rig.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
    assert!(error.to_string().contains("file.bin"), "{error}");
    rig.files.put("/a.bin", "x");
    let error = Download::new("/a.bin", folder.path()).run(&mut *rig.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
    let error = Download::new("/a.bin", folder.path().join("no/such/folder/x")).run(&mut *rig.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
}

#[test]
fn a_device_is_not_uploaded_as_an_empty_file() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    for path in ["/proc/cpuinfo", "/dev/zero"] {
        let outcome = Upload::new(path, "/x").run(&mut *rig.modem);
        assert!(
            outcome.as_ref().is_err() || outcome.as_ref().is_ok_and(|report| report.size > 0),
            "{path}: {outcome:?}"
        );
    }
}

#[test]
fn every_name_that_local_name_accepts_can_be_a_target() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    rig.files.put("/a.bin", "x");
    let folder = tempfile::tempdir().unwrap();
    let name = local_name(&[b'n'; 245]).unwrap();
    let outcome = Download::new("/a.bin", folder.path().join(name)).run(&mut *rig.modem);
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}

#[test]
fn a_symlink_stays_a_symlink() {
    let mut rig = AnyRig::online(Vendor::Quectel);
    rig.files.put("/a.bin", "new");
    let (folder, path) = target();
    let real = folder.path().join("real.bin");
    fs::write(&real, "old").unwrap();
    std::os::unix::fs::symlink(&real, &path).unwrap();
    Download::new("/a.bin", &path).run(&mut *rig.modem).unwrap();
    assert_eq!(fs::read(&real).unwrap(), b"new", "the link was replaced, the file it names was not");
}

#[test]
fn a_symlink_to_a_file_that_is_not_there_yet_stays_a_symlink() {
    use std::os::unix::fs::symlink;
    let mut rig = AnyRig::online(Vendor::Quectel);
    rig.files.put("/a.bin", "new");
    let (folder, path) = target();
    let (second, real) = (folder.path().join("second"), folder.path().join("real.bin"));
    symlink("second", &path).unwrap();
    symlink(&real, &second).unwrap();
    Download::new("/a.bin", &path).run(&mut *rig.modem).unwrap();
    assert!(path.is_symlink() && second.is_symlink());
    assert_eq!(fs::read(&real).unwrap(), b"new");
    assert_eq!(names(&folder), ["file.bin", "real.bin", "second"]);

    fs::remove_file(&real).unwrap();
    symlink(&path, &real).unwrap();
    let error = Download::new("/a.bin", &path).run(&mut *rig.modem).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
    assert!(error.to_string().contains("is a link that leads nowhere"), "{error}");
    assert!(path.is_symlink() && second.is_symlink() && real.is_symlink());
}
