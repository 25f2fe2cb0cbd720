//! Names and what a command line can carry.

use ftp_modem::emulator::LuatProfile;
use ftp_modem::{ErrorKind, FtpModem};

use super::online_on;

/// Limits: 49 bytes for host, user and password, 99 for names, 64 on the SIM7080, 255 for FTPGETPATH (AT manual;
/// SIM7000 and SIM7080 notes). No escape is defined for a quotation mark.
#[test]
fn a_name_that_a_line_cannot_carry_is_refused_before_it_is_sent() {
    // Longest file name, longest directory of an upload.
    for (profile, name, directory) in [
        (LuatProfile::Air780e, 99, 99),
        (LuatProfile::Sim800, 99, 255),
        (LuatProfile::Sim7000, 99, 255),
        (LuatProfile::Sim7080, 64, 255),
    ] {
        let mut rig = online_on(profile);
        assert_eq!(rig.modem.capabilities().limits.path, directory, "{profile:?}");
        let longest = format!("/{}", "n".repeat(name));
        rig.upload(&longest, b"12345").unwrap();
        assert_eq!(rig.download(&longest).unwrap(), b"12345");
        rig.modem.remove(&longest).unwrap();
        // A directory is sent with the slashes around it.
        let folder = format!("/{}", "d".repeat(directory - 2));
        rig.files.add_directory(&folder);
        rig.upload(&format!("{folder}/f"), b"12345").unwrap();

        let before = rig.line.sent();
        let too_long = [format!("{longest}n"), format!("{folder}d/f"), format!("/{}", "x".repeat(256))];
        let bad = ["/a\"b", "/a\rb", "/a\nb", "/a\rAT+FTPDELE\r"].map(str::to_owned);
        for path in too_long.iter().chain(&bad) {
            let error = rig.upload(path, b"x").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{profile:?} {path}: {error}");
        }
        for path in too_long.iter().filter(|path| !path.starts_with(&folder)).chain(&bad) {
            let error = rig.download(path).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{profile:?} {path}: {error}");
        }
        for host in ["h".repeat(50), "a\"b".into(), "a\rb".into(), String::new()] {
            let server = ftp_modem::Server::new(host, "u", "p");
            assert_eq!(rig.modem.login(&server).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        for (user, password) in [("u".repeat(50), "p".into()), ("u".into(), "p".repeat(50))] {
            let server = ftp_modem::Server::new("h", user, password);
            assert_eq!(rig.modem.login(&server).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        assert_eq!(rig.line.sent(), before, "{profile:?}: something was sent");
    }
}

/// FTPPUTPATH takes 99 bytes on Luat, 255 on SIMCom modules.
#[test]
fn the_longest_directory_of_an_upload_depends_on_the_family() {
    for (profile, most) in [(LuatProfile::Air780e, 99), (LuatProfile::Sim800, 255)] {
        let mut rig = online_on(profile);
        for (length, fits) in [(most, true), (most + 1, false)] {
            let folder = format!("/{}/", "d".repeat(length - 2));
            rig.files.add_directory(&folder);
            let outcome = rig.upload(&format!("{folder}f"), b"x").map_err(|error| error.kind());
            assert_eq!(outcome.map(drop), if fits { Ok(()) } else { Err(ErrorKind::InvalidInput) }, "{length}");
        }
    }
}
