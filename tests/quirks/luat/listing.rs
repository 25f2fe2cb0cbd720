//! Listings, sizes and directories.

use ftp_modem::{ErrorKind, FtpModem};

use super::{PROFILES, SECOND, online, online_on, play_online};
use crate::support::replay::ok;

/// The log of an Air780EP has a listing of 1460 bytes that ends within a line; an example of the AT manual has a name
/// in GBK.
#[test]
fn a_line_may_be_cut_between_two_blocks() {
    let line = |name: &[u8]| [b"-rw-------    1 ftp      ftp            62 Jul 22 04:09 ", name].concat();
    let mut names: Vec<Vec<u8>> = (0..60).map(|index| format!("{index}.txt").into_bytes()).collect();
    names.extend([b"OK".to_vec(), b"+FTPLIST: 1,0".to_vec(), b"\xb2\xe2\xca\xd4.txt".to_vec(), b"last".to_vec()]);
    let lines: Vec<Vec<u8>> = names.iter().map(|name| line(name)).collect();
    for last in [&b"\r\n"[..], b""] {
        for limit in [1460, 1459, 100, 1] {
            let mut rig = online(|options| options.read_limit = Some(limit));
            rig.files.set_listing("/", [&lines.join(&b"\r\n"[..]), last].concat());
            let entries = rig.modem.list("/").unwrap();
            let listed: Vec<Vec<u8>> = entries.into_iter().map(|entry| entry.name).collect();
            assert_eq!(listed, names, "in blocks of {limit}");
        }
    }
}

/// An empty one ends at once, with or without an empty block; a missing one gives 77 (nimaltd/gsm_v5, gprs.c).
#[test]
fn an_empty_directory_is_not_a_missing_one() {
    for announced in [false, true] {
        let mut rig = online(|options| options.empty_announced = announced);
        rig.files.add_directory("/empty");
        let before = rig.line.elapsed();
        assert_eq!(rig.modem.list("/empty").unwrap(), []);
        assert_eq!(rig.modem.names("/empty").unwrap(), Vec::<Vec<u8>>::new());
        assert!(rig.line.elapsed() - before < 5 * SECOND);
        let error = rig.modem.list("/missing").unwrap_err();
        assert_eq!((error.kind(), error.module_code().unwrap().value.as_str()), (ErrorKind::Unavailable, "77"));
    }
}

/// `+FTPSIZE: 1,77,0` is an error, not a size of 0 (AT manual, FTPSIZE).
#[test]
fn a_size_may_exceed_32_bits_and_a_missing_file_has_none() {
    for profile in PROFILES {
        let error = online_on(profile).modem.size("/missing").unwrap_err();
        assert_eq!((error.kind(), error.module_code().unwrap().value.as_str()), (ErrorKind::Unavailable, "77"));
    }
    for size in [0, 2_147_483_647, 2_147_483_648, 4_294_967_295, 4_294_967_296, 1_099_511_627_777u64] {
        let commands = ok(&["AT+FTPGETPATH=\"/\"", "AT+FTPGETNAME=\"big.bin\"", "AT+FTPSIZE"]);
        play_online(&(commands + &format!("<< \\r\\n+FTPSIZE:1,0,{size}\\r\\n")), |modem| {
            assert_eq!(modem.size("/big.bin").unwrap(), size);
        });
    }
}

/// A server that keeps sizes in 31 bits.
#[test]
fn a_negative_size_is_named_and_the_file_can_be_downloaded() {
    let commands = ok(&["AT+FTPGETPATH=\"/\"", "AT+FTPGETNAME=\"big.bin\"", "AT+FTPSIZE"]);
    let queried = commands + "<< \\r\\n+FTPSIZE:1,0,-1794967296\\r\\n";
    play_online(&queried, |modem| {
        let error = modem.size("/big.bin").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(error.to_string().contains("31 bits") && !error.is_retryable(), "{error}");
    });
}
