//! Listings and paths.

use std::time::Duration;

use ftp_modem::emulator::{ListLength, PathEffect};
use ftp_modem::modem::{Assurance, EntryKind, Retrieve, Store};
use ftp_modem::{ErrorKind, FtpModem, Vendor};

use super::{Rig, online, play_online, with};
use crate::support::rig;
use crate::support::streams::Full;

/// The example of the manual announces 48 bytes for a line of 48 without its line end.
#[test]
fn the_length_of_a_listing_may_leave_out_line_ends() {
    let text = concat!(
        "-rw-r--r-- 1 u g 5 Sep 30 01:52 a.txt\r\ndrwxr-xr-x 2 u g 4096 Sep 30 01:52 OK\r\n",
        "-rw-r--r-- 1 u g 7 Sep 30 01:52 b.txt\r\n"
    );
    for list_length in [ListLength::WithoutLastLineEnd, ListLength::Everything, ListLength::WithoutLineEnds] {
        for fragment in [1, 7, usize::MAX] {
            let options = with(|it| it.list_length = list_length).with_fragment(fragment);
            let mut rig = Rig::online(options);
            assert_eq!(rig.modem.list("/").unwrap(), []);
            rig.files.set_listing("/d", text);
            rig.files.add_directory("/d");
            let entries = rig.modem.list("/d").unwrap();
            let shapes: Vec<_> = entries.iter().map(|entry| (entry.name_lossy().into_owned(), entry.kind)).collect();
            let file = |name: &str| (name.to_owned(), EntryKind::File);
            assert_eq!(shapes, [file("a.txt"), ("OK".to_owned(), EntryKind::Directory), file("b.txt")]);
            for index in 0..100 {
                rig.files.put(format!("/many/{index:03}"), "x");
            }
            assert_eq!(rig.modem.list("/many").unwrap().len(), 100);
            rig.still_works();
        }
    }
    // The section FTPLIST of the manual announces fewer bytes than its text has.
    let row = "-rw-rw-r--  1  xisen xisen 5 jul 07 09:30 123.txt";
    play_online(
        &format!(
            r"
>> AT+FTPPATH=/\r
<< \r\nOK\r\n
>> AT+FTPLIST\r
<< \r\n+FTPLIST:1,20\r\n{row}\r\n{row}\r\n\r\nOK\r\n
"
        ),
        |modem| assert_eq!(modem.list("").unwrap().len(), 2),
    );
}

/// The manual, FTPPATH, does not say which.
#[test]
fn ftppath_may_change_the_directory_or_be_a_prefix() {
    for path_effect in [PathEffect::ChangesDirectory, PathEffect::Prefix] {
        let mut rig = online(|it| it.path_effect = path_effect);
        rig.files.put("/a/b/f", "deep");
        rig.files.put("/f", "flat");
        for (path, content) in [("/a/b/f", &b"deep"[..]), ("/f", b"flat"), ("a/b/f", b"deep")] {
            assert_eq!(rig.download(path).unwrap(), content, "{path_effect:?}");
        }
        let transfer = rig.modem.store("/a/new", &Store::create(), &mut &b"x"[..]).unwrap();
        assert_eq!(transfer.assurance, Assurance::Unconfirmed);
        assert_eq!(rig.files.file("/a/new").unwrap(), b"x");
    }
}

/// Some servers put the path before the name, or tabs between the columns.
#[test]
fn a_file_is_found_by_the_last_component_of_its_name() {
    for name in ["f.bin", "dir/f.bin", "/dir/f.bin"] {
        for blank in [" ", "\t"] {
            let mut rig = online(|_| {});
            rig.files.put("/dir/f.bin", "12345");
            let row = format!("-rw-r--r-- 1 u g 5 Sep 30 01:52 {name}\r\n").replace(' ', blank);
            rig.files.set_listing("/dir", row);
            assert_eq!(rig.modem.size("/dir/f.bin").unwrap(), 5, "{name}");
            assert_eq!(rig.download("/dir/f.bin").unwrap(), b"12345", "{name}");
        }
    }
}

/// A server that keeps sizes in 31 bits.
#[test]
fn a_negative_size_is_named_and_the_file_can_be_downloaded() {
    let mut rig = online(|_| {});
    rig.files.put("/big.bin", "abc");
    rig.files.set_listing("/", "-rw-r--r-- 1 u g -1794967296 Sep 30 01:52 big.bin\r\n");
    let error = rig.modem.size("/big.bin").unwrap_err();
    assert!(error.kind() == ErrorKind::Unavailable && error.to_string().contains("31 bits"), "{error}");
    assert_eq!(rig.download("/big.bin").unwrap(), b"abc");
}

/// More than any server lists: the announcement was damaged, or the module is hostile.
#[test]
fn a_listing_of_an_absurd_length_is_refused_at_once() {
    let lines = r"
>> AT+FTPPATH=/\r
<< \r\nOK\r\n
>> AT+FTPLIST\r
<< \r\n+FTPLIST:1,100000000000\r\n-rw-r--r-- 1 u g 5 Sep 30 01:52 a.txt\r\n
>> ATI\r
<< \r\nUC8088_V1.0\r\n\r\nOK\r\n
";
    play_online(lines, |modem| {
        let error = modem.list("/").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
        assert!(error.to_string().contains("100000000000 bytes"), "{error}");
    });
}

/// The rest of the file is not waited for.
#[test]
fn a_writer_that_is_full_ends_a_large_download_soon() {
    const RATE: u32 = 115_200;
    let (line, files) = rig::module(Vendor::Generic, with(|_| {}).with_line_rate(RATE));
    let mut rig = Rig::through(line.host().with_line_rate(RATE), line.clone(), files);
    rig.go_online();
    rig.files.put("/large.bin", vec![0xa5; 1_000_000]);
    let begun = line.elapsed();
    let error = rig.modem.retrieve("/large.bin", &Retrieve::whole(), &mut Full::after(100)).unwrap_err();
    assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, false), "{error}");
    assert!(error.to_string().contains("still sending"), "{error}");
    assert!(line.elapsed() - begun < Duration::from_secs(3));
    rig.still_works();
}
