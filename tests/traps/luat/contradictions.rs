//! Where the Air780E FTP guide disagrees with other documents and with what modules were seen doing.

use std::time::Duration;

use ftp_modem::backend::luat::{DataMode, Luat};
use ftp_modem::emulator::{AddressForm, IdleEnd, LuatOptions, LuatProfile, Options, Spacing};
use ftp_modem::modem::{AccessPoint, Assurance, Retrieve};
use ftp_modem::{ErrorKind, FtpModem, Vendor};

use super::{PROFILES, SECOND, luat, online, online_on, pattern, sent, with};
use crate::support::bench::{Bench, server};

#[test]
fn luat_contradiction_01_the_code_of_a_quit() {
    // 86 in the guide, 80 on the SIM7000 and SIM7080; and any module may have either.
    for profile in PROFILES {
        for code in [80, 86] {
            let mut bench = online(|options| {
                options.profile = profile;
                options.quit_code = Some(code);
            });
            bench.files.put("/file.bin", pattern(5000));
            let before = bench.line.elapsed();
            assert!(bench.download("/file.bin", &Retrieve::whole().with_length(5)).unwrap() == pattern(5));
            bench.still_works();
            assert!(bench.line.elapsed() - before < 4 * SECOND, "{profile:?} {code}: taken for the result it is");
        }
    }
}

#[test]
fn luat_contradiction_02_how_an_upload_ends() {
    // The guide quits; every manual closes by FTPPUT=2,0 and waits for the result.
    let mut bench = online(|_| {});
    bench.upload("/up.bin", b"12345").unwrap();
    assert_eq!(sent(&bench, "12345AT+FTPPUT=2,0").len(), 1);
    assert!(sent(&bench, "AT+FTPQUIT").is_empty());
}

#[test]
fn luat_contradiction_03_fifteen_bytes_left_and_ten_asked_for() {
    // The guide's comment says that 15 were read; its lines, that 10 were.
    let mut bench = online(|options| (options.opening_announcements, options.announcements_after_read) = (2, 1));
    bench.files.put("/test.txt", "1234567890asdfghjklz");
    assert_eq!(bench.download("/test.txt", &Retrieve::from(5).with_length(10)).unwrap(), b"67890asdfg");
    assert_eq!(bench.download("/test.txt", &Retrieve::from(5)).unwrap(), b"67890asdfghjklz");
}

#[test]
fn luat_contradiction_04_a_file_that_is_not_there_yet() {
    // The guide makes an empty file on the server first; no manual does.
    let mut bench = online(|_| {});
    bench.upload("/new.bin", b"12345").unwrap();
    bench.upload("/new.bin", b"678").unwrap();
    assert_eq!(bench.files.file("/new.bin").unwrap(), b"678", "and one that is there is replaced");
}

#[test]
fn luat_contradiction_05_announcements_between_reads() {
    // None in §6.2, one after each read in §6.4, and two after the second opening there.
    for (opening, reading) in [(1, 0), (2, 0), (1, 1), (2, 1), (2, 2)] {
        let mut bench = online(|options| {
            options.opening_announcements = opening;
            options.announcements_after_read = reading;
        });
        bench.files.put("/file.bin", pattern(10_000));
        for _ in 0..3 {
            assert!(bench.download("/file.bin", &Retrieve::whole()).unwrap() == pattern(10_000));
            assert!(
                bench.download("/file.bin", &Retrieve::from(7).with_length(3000)).unwrap() == pattern(10_000)[7..3007]
            );
        }
    }
}

#[test]
fn luat_contradiction_06_announcements_between_blocks_of_an_upload() {
    // After every block in the guide; after none in the log of an Air780EP.
    for (announced, delay) in [(true, 0), (true, 300), (true, 5000), (false, 0)] {
        let mut bench = online(|options| {
            options.put_reannounced = announced;
            options.put_reannounce_delay = Duration::from_millis(delay);
        });
        bench.upload("/up.bin", &pattern(10_000)).unwrap();
        assert!(bench.files.file("/up.bin").unwrap() == pattern(10_000), "{announced} {delay}");
    }
}

#[test]
fn luat_contradiction_07_the_end_of_a_session_is_not_all_data() {
    // The log of an Air780EP has it with 42 of 62 bytes unread.
    for (after_end, expected) in [(true, Some(62)), (false, None)] {
        let mut bench = online(|options| {
            options.read_limit = Some(20);
            options.early_end_after = Some(20);
            options.read_after_end = after_end;
        });
        bench.files.put("/file.bin", pattern(62));
        let mut received = Vec::new();
        let outcome = bench.modem.retrieve("/file.bin", &Retrieve::whole(), &mut received);
        assert_eq!(outcome.as_ref().ok().map(|transfer| transfer.bytes), expected, "{outcome:?}");
        // Where the size is not to be had, it is not claimed to be whole either.
        let mut bench = online(|options| {
            options.read_limit = Some(20);
            options.early_end_after = Some(20);
            options.missing_commands = vec!["+FTPSIZE".into()];
        });
        bench.files.put("/file.bin", pattern(62));
        let transfer = bench.modem.retrieve("/file.bin", &Retrieve::whole(), &mut Vec::new()).unwrap();
        assert_eq!(transfer.assurance, Assurance::Unconfirmed);
    }
}

#[test]
fn luat_contradiction_08_line_ends_both_ways() {
    // The guide has them vanish from uploads; the AT manual's download keeps them. Both ways are binary.
    let text = b"a\r\nb\nc\rd\r\n";
    let mut bench = online(|_| {});
    bench.upload("/up.txt", text).unwrap();
    assert_eq!(bench.files.file("/up.txt").unwrap(), text);
    assert_eq!(bench.download("/up.txt", &Retrieve::whole()).unwrap(), text);
}

#[test]
fn luat_contradiction_09_sessions_that_end_while_idle() {
    // Not in the guide: 1,0 after 7 s and 32 s (Air780EP), 1,64 (SIM7000). A download that is slow to come is not one.
    let idle = |code| IdleEnd::After { time: 7 * SECOND, code };
    for (code, kind) in [(0, ErrorKind::Incomplete), (64, ErrorKind::NetworkTimeout)] {
        let options = with(|options| {
            options.every_read_empty = 3;
            options.get_idle = idle(code);
        });
        let mut bench = Bench::online_with(Vendor::Luat, options.with_network_latency(SECOND / 10));
        bench.files.put("/file.bin", pattern(10_000));
        assert!(bench.download("/file.bin", &Retrieve::whole()).unwrap() == pattern(10_000));

        let options = with(|options| {
            options.put_reannounced = false;
            options.put_idle = IdleEnd::After { time: SECOND, code };
        });
        let mut bench = Bench::online_with(Vendor::Luat, options);
        assert_eq!(bench.upload("/up.bin", &pattern(5000)).unwrap_err().kind(), kind);
        bench.still_works();
    }
}

#[test]
fn luat_contradiction_10_the_longest_block_of_an_upload() {
    // 1360 in the guide as if it were fixed; 1000 to 1460 were seen.
    for most in [1, 10, 1000, 1280, 1360, 1460] {
        let mut bench = online(|options| options.put_maximums = vec![most]);
        let length = most.min(100) * 30;
        bench.upload("/up.bin", &pattern(length)).unwrap();
        assert!(bench.files.file("/up.bin").unwrap() == pattern(length), "{most}");
    }
}

#[test]
fn luat_contradiction_11_active_mode() {
    // Passive only in the guide, both at SIMCom; an older Luat manual lists both without a word. The guide decides.
    for accepts in [true, false] {
        let (mut modem, _): (Luat, _) = luat(with(|options| options.active_mode = Some(accepts)));
        assert_eq!(modem.use_data_mode(DataMode::Active).unwrap_err().kind(), ErrorKind::Unsupported);
    }
    assert_eq!(sent(&online_on(LuatProfile::Sim800), "AT+FTPMODE"), ["AT+FTPMODE=1"], "where it has to be chosen");
    // A firmware without the command is passive.
    online(|options| options.missing_commands = vec!["+FTPMODE".into()]).still_works();
}

#[test]
fn luat_contradiction_12_the_longest_directory_of_an_upload() {
    for (profile, most) in [(LuatProfile::Air780e, 99), (LuatProfile::Sim800, 255)] {
        let mut bench = online_on(profile);
        for (length, fits) in [(most, true), (most + 1, false)] {
            let folder = format!("/{}/", "d".repeat(length - 2));
            bench.files.add_directory(&folder);
            let outcome = bench.upload(&format!("{folder}f"), b"x").map_err(|error| error.kind());
            assert_eq!(outcome.map(drop), if fits { Ok(()) } else { Err(ErrorKind::InvalidInput) }, "{length}");
        }
    }
}

#[test]
fn luat_contradiction_13_the_bearer_that_ftp_uses() {
    // 1 in the guide, 0 as a default in one copy of the manual, 0 to 3 on the SIM7080: it is always set.
    for (profile, bearer) in [(LuatProfile::Air780e, 1), (LuatProfile::Sim7000, 1), (LuatProfile::Sim7080, 0)] {
        for initial in [0, 1, 3] {
            let mut bench = online(|options| {
                options.profile = profile;
                options.initial_cid = Some(initial);
            });
            assert_eq!(sent(&bench, "AT+FTPCID"), [format!("AT+FTPCID={bearer}")]);
            bench.still_works();
        }
    }
}

#[test]
fn luat_contradiction_14_quotation_marks() {
    // The guide leaves user name and password bare, the manual quotes all. Quoted, they can hold blanks and commas.
    let mut bench = Bench::open(Vendor::Luat);
    bench.modem.attach(&AccessPoint::default()).unwrap();
    bench.files.add_user("a, b", "c;d e");
    let account = ftp_modem::Server::new("192.0.2.7", "a, b", "c;d e");
    bench.modem.login(&account).unwrap();
    bench.still_works();
    assert_eq!(sent(&bench, "AT+FTPUN"), ["AT+FTPUN=\"a, b\""]);
    // Values are read back with and without them.
    for quoted in [true, false] {
        let mut bench = online(|options| (options.quoted_values, options.settling) = (quoted, SECOND));
        bench.modem.list("/").unwrap();
        bench.modem.list("/").unwrap();
        assert_eq!(sent(&bench, "AT+FTPSERV?").len(), 1, "the server is still set");
    }
}

#[test]
fn luat_contradiction_15_blanks_behind_the_colon() {
    for spacing in [Spacing::AfterColon, Spacing::None] {
        let mut bench = Bench::online_with(Vendor::Luat, Options::default().with_spacing(spacing));
        bench.still_works();
        bench.upload("/up.bin", &pattern(3000)).unwrap();
        assert_eq!(bench.modem.list("/").unwrap().len(), 2);
    }
}

#[test]
fn luat_contradiction_16_time_limits() {
    // None in the guide; 75 s for FTP in the manuals (85 s and 65 s for the bearer: trap 51).
    let mut bench = Bench::online_with(Vendor::Luat, Options::default().with_network_latency(74 * SECOND));
    bench.still_works();
    assert_eq!(bench.modem.list("/").unwrap().len(), 1);
    bench.upload("/up.bin", b"12345").unwrap();
}

#[test]
fn luat_contradiction_17_an_error_after_the_end() {
    // Told of FTPQUIT only in the guide; of FTPGET=2 and FTPPUT=2, too, in SIMCom's notes.
    for profile in PROFILES {
        let mut bench = online(|options| {
            options.profile = profile;
            options.missing_commands = vec!["+FTPSIZE".into()];
        });
        bench.files.put("/file.bin", pattern(2920));
        assert!(bench.download("/file.bin", &Retrieve::whole()).unwrap() == pattern(2920), "{profile:?}");
        bench.still_works();
    }
}

#[test]
fn luat_contradiction_18_how_an_address_is_written() {
    for form in [AddressForm::Quoted, AddressForm::Bare, AddressForm::ZeroPadded] {
        let options = with(|options: &mut LuatOptions| options.address_form = form).with_ip_address("10.169.79.13");
        let mut bench = Bench::with(Vendor::Luat, options);
        let bearer = bench.modem.attach(&AccessPoint::default()).unwrap();
        assert_eq!(bearer.address, Some("10.169.79.13".parse().unwrap()), "{form:?}");
    }
}

#[test]
fn luat_contradiction_19_what_setting_a_private_access_point_does() {
    // One line in the guide; in the manual it is stored, restarts the protocol stack, and stays in force. So the bearer is down
    // afterwards, and the module has it still after a restart.
    let (mut modem, _) = luat(Options::default());
    modem.attach(&AccessPoint::default()).unwrap();
    modem.login(&server()).unwrap();
    modem.set_private_access_point(&AccessPoint::new("cmiot")).unwrap();
    assert_eq!(modem.list("/").unwrap_err().kind(), ErrorKind::BearerLost);
    assert!(!modem.attach_private(&AccessPoint::new("cmiot")).unwrap().was_up);
    modem.list("/").unwrap();
}
