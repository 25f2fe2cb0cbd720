//! Listings and directories.

use std::time::Duration;

use ftp_modem::emulator::{EmptyListing, ListEnd, ResultOrder};
use ftp_modem::modem::EntryKind;
use ftp_modem::{ErrorKind, FtpModem, Server};

use super::{Rig, online, play_online, play_online_at, with};

/// The manual, §3.7, shows no closing line. 14 is "list empty" in a client (ec_ftpclient_api.h).
#[test]
fn a_listing_may_end_in_several_ways() {
    for list_end in [ListEnd::Nothing, ListEnd::BareSuccess, ListEnd::EmptyCode] {
        for empty_list in [EmptyListing::EmptyCode, EmptyListing::BareSuccess, EmptyListing::Nothing] {
            for (dot_entries, progress_line) in [(false, false), (true, false), (false, true)] {
                for order in [ResultOrder::OkFirst, ResultOrder::OkLast] {
                    let options = with(|it| {
                        it.list_end = list_end;
                        it.empty_list = empty_list;
                        it.dot_entries = dot_entries;
                        it.progress_line = progress_line;
                        it.list_row_gap = Duration::from_secs(1);
                    });
                    let mut rig = Rig::online(options.with_result_order(order));
                    rig.files.add_directory("/empty");
                    rig.files.put("/full/a", "1");
                    rig.files.put("/full/b", "22");
                    for _ in 0..2 {
                        assert_eq!(rig.modem.list("/empty").unwrap(), []);
                        assert_eq!(rig.modem.names("/full").unwrap(), [b"a", b"b"]);
                        assert_eq!(rig.modem.size("/full/b").unwrap(), 2);
                    }
                    let missing = rig.modem.list("/missing").unwrap_err();
                    assert_eq!(missing.kind(), ErrorKind::Unavailable, "{missing}");
                    rig.still_works();
                }
            }
        }
    }
}

/// The row of a file is enough; the line that ends its listing may come behind the next command.
#[test]
fn a_late_end_belongs_to_no_later_listing() {
    for end in ["0,0", "0,14"] {
        for rows in [r#"\r\n+MFTPLIST: 0,0,"x",1,20220816182200,"rw-"\r\n"#, ""] {
            let lines = format!(
                r#"
>> AT+MFTPLIST=0,"f"\r
<< \r\nOK\r\n\r\n+MFTPLIST: 0,0,"f",4,20220816182200,"rw-"\r\n
@ 0.4
>> AT+MFTPLIST=0,"/d"\r
<< \r\n+MFTPLIST: {end}\r\n\r\nOK\r\n
@ 0.1
<< {rows}
@ 0.4
>> AT+MFTPPWD=0\r
<< \r\nOK\r\n\r\n+MFTPPWD: 0,0,"/"\r\n
"#
            );
            let lines = lines.replace("<< \n", "");
            play_online(&lines, |modem| {
                assert_eq!(modem.size("f").unwrap(), 4);
                assert_eq!(modem.names("/d").unwrap().len(), usize::from(!rows.is_empty()), "{end}");
            });
        }
    }
}

/// Quoted names and permissions such as `rwx` (manual, §3.7).
#[test]
fn names_may_hold_commas_and_permissions_are_short() {
    let mut rig = online(|_| {});
    for name in ["a,b.txt", ",", "OK", "a, 9,20220818074000", "x;y z", "ü,ä"] {
        rig.files.put(format!("/{name}"), "12345");
        rig.files.add_directory(&format!("/d/{name}"));
    }
    let entries = rig.modem.list("/").unwrap();
    let of = |name: &str| entries.iter().find(|entry| entry.name == name.as_bytes()).unwrap();
    for name in ["a,b.txt", ",", "OK", "a, 9,20220818074000", "x;y z", "ü,ä"] {
        assert_eq!((of(name).kind, of(name).size), (EntryKind::File, Some(5)), "{name}");
        assert_eq!(of(name).permissions.as_deref(), Some("rw-"));
        assert_eq!(rig.download(&format!("/{name}")).unwrap(), b"12345", "{name}");
    }
    let directories = rig.modem.list("/d").unwrap();
    assert_eq!(directories.len(), 6);
    assert!(directories.iter().all(|it| it.kind == EntryKind::Directory && it.permissions.as_deref() == Some("rwx")));
}

/// `+MFTPPWD: 0,0,/home/uftp` and `0,0,"/home/uftp/test"` on one page of the manual, §4.1.
#[test]
fn the_path_may_have_quotes() {
    for quoted_path in [false, true] {
        let mut rig = online(|it| it.quoted_path = quoted_path);
        for path in ["/home/uftp", "/a,b", "/a b", "/"] {
            rig.files.add_directory(path);
            rig.modem.cwd(path).unwrap();
            assert_eq!(rig.modem.pwd().unwrap(), path);
            assert!(rig.modem.list("").is_ok());
        }
    }
}

/// The manual, §3.7, calls the time a string and prints bare digits.
#[test]
fn the_time_may_have_quotes() {
    for quoted_time in [false, true] {
        let mut rig = online(|it| it.quoted_time = quoted_time);
        rig.files.put("/f", "12345");
        let modified = rig.modem.modified("/f").unwrap();
        assert_eq!((modified.year, rig.modem.size("/f").unwrap()), (Some(2024), 5));
    }
}

/// MFTPDEL is documented for files and directories (manual, §3.8); the OpenCPU API has a call for each.
#[test]
fn removing_a_directory_may_be_refused() {
    for delete_directories in [false, true] {
        let mut rig = online(|it| it.delete_directories = delete_directories);
        rig.files.add_directory("/empty");
        rig.files.put("/full/f", "x");
        let outcome = rig.modem.rmdir("/empty");
        assert_eq!(outcome.is_ok(), delete_directories);
        assert_eq!(rig.files.is_directory("/empty"), !delete_directories);
        let error = rig.modem.rmdir("/full").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        rig.modem.remove("/full/f").unwrap();
        rig.still_works();
    }
}

/// Names in rows and in the current directory are in the server's charset.
#[test]
fn names_are_in_the_charset_of_the_server() {
    let cases = [("gbk", r"\xb2\xe2\xca\xd4", "测试"), ("latin1", r"r\xe9sum\xe9", "résumé")];
    for (charset, written, name) in cases {
        let lines = format!(
            r#"
>> AT+MFTPLIST=0,"/{written}"\r
<< \r\nOK\r\n\r\n+MFTPLIST: 0,0,"{written}",4,20220816182200,"rw-"\r\n\r\n+MFTPLIST: 0,0\r\n
>> AT+MFTPPWD=0\r
<< \r\nOK\r\n\r\n+MFTPPWD: 0,0,"/{written}"\r\n
"#
        );
        play_online_at(&Server::new("h", "u", "p").with_charset(charset.parse().unwrap()), &lines, |modem| {
            assert_eq!(modem.list(&format!("/{name}")).unwrap()[0].name_lossy(), name);
            assert_eq!(modem.pwd().unwrap(), format!("/{name}"));
        });
    }
}

/// Where the server does not list the parent, nothing shows whether the directory exists.
#[test]
fn an_empty_listing_stays_empty_where_the_parent_cannot_be_listed() {
    let lines = r#"
>> AT+MFTPLIST=0,"/d/e"\r
<< \r\nOK\r\n\r\n+MFTPLIST: 0,14\r\n
>> AT+MFTPLIST=0,"/d"\r
<< \r\nOK\r\n\r\n+MFTPLIST: 0,10\r\n
"#;
    play_online(lines, |modem| assert_eq!(modem.list("/d/e").unwrap(), []));
}
