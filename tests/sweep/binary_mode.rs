//! A bit that is changed in the command that chooses binary transfers: the module converts text then, and what comes
//! may be cut to the right length.

use std::fs;

use ftp_modem::emulator::{Damage, LuatProfile, Options};
use ftp_modem::modem::AccessPoint;
use ftp_modem::transfer::{Download, Reconnect, Upload};
use ftp_modem::{Error, FtpModem, Vendor};

use crate::kit::support::access::server;
use crate::kit::support::expected::expected;
use crate::kit::support::rig::{AnyRig, carrying};

fn rig(vendor: Vendor, profile: LuatProfile) -> AnyRig {
    let mut options: Options = carrying(vendor);
    options.luat.profile = profile;
    (expected(vendor).convert)(&mut options);
    let mut rig = AnyRig::open_with(vendor, options);
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.files.put("/a.bin", file());
    rig.line.clear();
    rig
}

/// Every byte value, and every kind of line end.
fn file() -> Vec<u8> {
    let lines = b"one\r\ntwo\nthree\r\n\n".repeat(20);
    (0..=255).chain(lines).collect()
}

/// A login and a transfer; what arrived.
fn transfer(rig: &mut AnyRig, is_upload: bool) -> Result<Vec<u8>, Error> {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("file.bin");
    rig.modem.login(&server())?;
    let reconnect = Reconnect::new(AccessPoint::default());
    if is_upload {
        fs::write(&local, file()).unwrap();
        let upload = Upload::new(&local, "/up.bin").force_binary(true).reconnect_with(reconnect);
        upload.on_clock(rig.line.clone()).run(&mut *rig.modem)?;
        return Ok(rig.files.file("/up.bin").unwrap());
    }
    let download = Download::new("/a.bin", &local).reconnect_with(reconnect);
    download.on_clock(rig.line.clone()).run(&mut *rig.modem)?;
    Ok(fs::read(&local).unwrap())
}

#[test]
fn a_type_that_was_changed_on_its_way_makes_no_wrong_file() {
    let mut failures = Vec::new();
    let types =
        Vendor::ALL.into_iter().flat_map(|vendor| expected(vendor).types.iter().map(move |text| (vendor, *text)));
    for (vendor, before) in types {
        let profiles = match vendor {
            Vendor::Luat => {
                &[LuatProfile::Air780e, LuatProfile::Sim800, LuatProfile::Sim7000, LuatProfile::Sim7080][..]
            }
            _ => &[LuatProfile::Air780e],
        };
        for (profile, is_upload) in profiles.iter().flat_map(|profile| [(*profile, false), (*profile, true)]) {
            let mut rehearsal = rig(vendor, profile);
            transfer(&mut rehearsal, is_upload).unwrap();
            let Some(place) = rehearsal.line.text().find(before) else { continue };
            for bit in 0..8 {
                let mut rig = rig(vendor, profile);
                rig.line.play(Damage::Flip(bit).of_input((place + before.len()) as u64).into());
                let outcome = transfer(&mut rig, is_upload);
                if outcome.as_ref().is_ok_and(|arrived| *arrived != file()) {
                    failures.push(format!("{vendor} {profile:?}, bit {bit} behind {before}, upload: {is_upload}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
