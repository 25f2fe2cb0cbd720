//! Traps 42 to 47: listings, sizes, directories, and codes of other tables.

use ftp_modem::emulator::{LuatOptions, Noise, Options};
use ftp_modem::modem::Retrieve;
use ftp_modem::{ErrorKind, FtpModem, Vendor};

use super::{SECOND, ok, online, online_on, pattern, play_logged_in, with};
use crate::support::bench::Bench;

#[test]
fn luat_trap_42_listing_lines_cut_by_blocks() {
    let line = |name: &[u8]| [b"-rw-------    1 ftp      ftp            62 Jul 22 04:09 ", name].concat();
    let mut names: Vec<Vec<u8>> = (0..60).map(|index| format!("{index}.txt").into_bytes()).collect();
    names.extend([b"OK".to_vec(), b"+FTPLIST: 1,0".to_vec(), b"\xb2\xe2\xca\xd4.txt".to_vec(), b"last".to_vec()]);
    let lines: Vec<Vec<u8>> = names.iter().map(|name| line(name)).collect();
    for last in [&b"\r\n"[..], b""] {
        for limit in [1460, 1459, 100, 1] {
            let mut bench = online(|options| options.read_limit = Some(limit));
            bench.files.set_listing("/", [&lines.join(&b"\r\n"[..]), last].concat());
            let entries = bench.modem.list("/").unwrap();
            let listed: Vec<Vec<u8>> = entries.into_iter().map(|entry| entry.name).collect();
            assert_eq!(listed, names, "in blocks of {limit}");
        }
    }
}

#[test]
fn luat_trap_43_empty_and_missing_directories() {
    for announced in [false, true] {
        let mut bench = online(|options| options.empty_announced = announced);
        bench.files.add_directory("/empty");
        let before = bench.line.elapsed();
        assert_eq!(bench.modem.list("/empty").unwrap(), []);
        assert_eq!(bench.modem.names("/empty").unwrap(), Vec::<Vec<u8>>::new());
        assert!(bench.line.elapsed() - before < 5 * SECOND);
        let error = bench.modem.list("/missing").unwrap_err();
        assert_eq!((error.kind(), error.module_code().unwrap().value.as_str()), (ErrorKind::Unavailable, "77"));
    }
}

#[test]
fn luat_trap_44_sizes_large_and_missing() {
    for profile in super::PROFILES {
        let error = online_on(profile).modem.size("/missing").unwrap_err();
        assert_eq!((error.kind(), error.module_code().unwrap().value.as_str()), (ErrorKind::Unavailable, "77"));
    }
    for size in [0, 2_147_483_647, 2_147_483_648, 4_294_967_295, 4_294_967_296, 1_099_511_627_777u64] {
        let commands = ok(&["AT+FTPGETPATH=\"/\"", "AT+FTPGETNAME=\"big.bin\"", "AT+FTPSIZE"]);
        play_logged_in(&(commands + &format!("<< \\r\\n+FTPSIZE:1,0,{size}\\r\\n")), |modem| {
            assert_eq!(modem.size("/big.bin").unwrap(), size);
        });
    }
}

#[test]
fn luat_trap_45_directories_that_exist_or_do_not() {
    for at_once in [false, true] {
        let mut bench = online(|options| options.directory_failure_at_once = at_once);
        bench.files.add_directory("/there");
        for error in [bench.modem.mkdir("/there").unwrap_err(), bench.modem.rmdir("/missing").unwrap_err()] {
            let code = error.module_code().unwrap();
            assert_eq!((code.table, code.value.as_str()), (if at_once { "CME" } else { "FTP" }, "77"), "{error}");
            assert!(error.to_string().contains("77"), "{error}");
            assert!(error.module_usable(), "{error}");
        }
        bench.still_works();
    }
}

// The driver has no transfers into or out of the module's files (FTPGETTOFS, FTPPUTFRMFS). What it has to do with trap 46 is not to
// take their lines for those of its own commands.
#[test]
fn luat_trap_46_lines_of_transfers_into_the_module() {
    for line in
        ["+FTPGETTOFS: 61", "+FTPGETTOFS: 0,245900", "+FTPGETTOFS: 1,5,5", "+FTPPUTFRMFS: 85", "+FTPEXTGET: 1,0"]
    {
        let mut noise = Noise::new(1);
        (noise.one_in, noise.lines) = (1, vec![line.to_owned()]);
        let mut bench = Bench::online_with(Vendor::Luat, Options::default().with_noise(noise));
        bench.files.put("/file.bin", pattern(3000));
        assert!(bench.download("/file.bin", &Retrieve::whole()).unwrap() == pattern(3000), "{line}");
        bench.upload("/up.bin", &pattern(3000)).unwrap();
        assert!(bench.files.file("/up.bin").unwrap() == pattern(3000), "{line}");
    }
}

#[test]
fn luat_trap_47_the_same_number_in_another_table() {
    let commands = ok(&["AT+FTPGETPATH=\"/new\""])
        + ">> AT+FTPMKD\\r\n<< \\r\\n+CME ERROR: 61\\r\\n\n"
        + &ok(&["AT+FTPMKD=?", "AT+FTPGETPATH=\"/new\"", "AT+FTPMKD"])
        + "<< \\r\\n+FTPMKD: 1,61\\r\\n\n>> AT+FTPSERV?\\r\n<< \\r\\n+FTPSERV:\"192.0.2.7\"\\r\\n\\r\\nOK\\r\\n\n";
    play_logged_in(&commands, |modem| {
        let error = modem.mkdir("/new").unwrap_err();
        let code = error.module_code().unwrap();
        assert_eq!((code.table, code.value.as_str(), error.kind()), ("CME", "61", ErrorKind::ModuleRefused));
        let error = modem.mkdir("/new").unwrap_err();
        let code = error.module_code().unwrap();
        assert_eq!((code.table, code.value.as_str(), error.kind()), ("FTP", "61", ErrorKind::BearerLost));
    });
}

/// A command that the firmware lacks is told from one that it refused.
#[test]
fn a_command_that_the_firmware_lacks() {
    type Call = fn(&mut dyn FtpModem) -> Result<(), ftp_modem::Error>;
    let calls: &[(&str, Call)] = &[
        ("+FTPSIZE", |modem| modem.size("/x").map(drop)),
        ("+FTPDELE", |modem| modem.remove("/x")),
        ("+FTPMKD", |modem| modem.mkdir("/x")),
        ("+FTPRMD", |modem| modem.rmdir("/x")),
        ("+FTPLIST", |modem| modem.list("/").map(drop)),
        ("+FTPSTATE", |modem| modem.status().map(drop)),
        ("+FTPPUT", |modem| modem.store("/x", &Default::default(), &mut &b"x"[..]).map(drop)),
    ];
    for (name, call) in calls {
        let lacking = |options: &mut LuatOptions| options.missing_commands = vec![(*name).into()];
        let mut bench = Bench::online_with(Vendor::Luat, with(lacking));
        let error = call(&mut *bench.modem).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{name}: {error}");
        bench.still_works();
    }
    // Some firmware has no FTP at all.
    let mut bench = Bench::with(Vendor::Luat, with(|options| options.missing_commands = vec!["+FTP*".into()]));
    bench.modem.attach(&Default::default()).unwrap();
    let error = bench.modem.login(&crate::support::bench::server()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}
