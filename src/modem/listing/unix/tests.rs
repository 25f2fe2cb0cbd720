//! Lines of `ls -l`, by server and by column.

use crate::modem::listing::parse_line;
use crate::modem::listing::tests::check;

#[test]
fn lines_of_known_servers_are_parsed() {
    check(&[
        // vsftpd
        ("drwxr-xr-x    2 1000     1000         4096 Jan 31 12:34 upload", "dir - --01-31 12:34 'upload'"),
        ("-rw-r--r--    1 0        0       104857600 Feb 29  2016 100MB.zip", "file 104857600 2016-02-29 '100MB.zip'"),
        (
            "lrwxrwxrwx    1 0        0              11 Oct 08  2021 pub -> srv/ftp/pub",
            "link 11 2021-10-08 'pub' -> 'srv/ftp/pub'",
        ),
        // proftpd
        ("-rw-r--r--   1 ftp      ftp          1802 Dec  9  2019 welcome.msg", "file 1802 2019-12-09 'welcome.msg'"),
        ("drwxrws--t   5 www-data read-only     4096 Nov 30 00:00 htdocs", "dir - --11-30 00:00 'htdocs'"),
        // pure-ftpd
        ("drwxr-xr-x    3 33         33               4096 Feb 25  2012 directory1", "dir - 2012-02-25 'directory1'"),
        (
            "-rw-------    1 501        staff            1234 Jul  4 23:59 .ftpquota",
            "file 1234 --07-04 23:59 '.ftpquota'",
        ),
        // wu-ftpd
        ("-r--r--r--   1 root     other        531 Jan 29 03:26 README", "file 531 --01-29 03:26 'README'"),
        ("dr-xr-xr-x   2 root                  512 Apr  8  1994 etc", "dir - 1994-04-08 'etc'"),
        // busybox ftpd
        ("-rw-r--r--    1 root     root          5 Jan  1  1970 boot.flag", "file 5 1970-01-01 'boot.flag'"),
        // FileZilla server
        ("-rw-r--r-- 1 ftp ftp        7045120 Sep 02  2012 music.mp3", "file 7045120 2012-09-02 'music.mp3'"),
        (
            "drwxr-xr-x 1 ftp ftp              0 Mar 13 09:05 System Volume Information",
            "dir - --03-13 09:05 'System Volume Information'",
        ),
        // Serv-U
        ("-rw-rw-rw-   1 user     group       12755 Feb  8  2006 test2.exe", "file 12755 2006-02-08 'test2.exe'"),
        ("drw-rw-rw-   1 user     group           0 Jun 29  2001 .hidden", "dir - 2001-06-29 '.hidden'"),
        // IIS set to Unix style
        (
            "-rwxrwxrwx   1 owner    group         1048576 Nov 22 11:31 dump.bin",
            "file 1048576 --11-22 11:31 'dump.bin'",
        ),
        // NetPresenz for the Mac
        (
            "-------r--         326  1391972  1392298 Nov 22  1995 MegaPhone.sit",
            "file 1392298 1995-11-22 'MegaPhone.sit'",
        ),
        ("drwxrwxr-x               folder        2 May 10  1996 network", "dir - 1996-05-10 'network'"),
        // libunftp
        (
            "-rw-r--r-- 1            0            0             42 Jan 31 12:34 hello.txt",
            "file 42 --01-31 12:34 'hello.txt'",
        ),
    ]);
}

#[test]
fn dates_are_parsed_in_every_order_and_precision() {
    check(&[
        ("-rw-r--r-- 1 root root 531 2024-01-31 12:34 long-iso", "file 531 2024-01-31 12:34 'long-iso'"),
        (
            "-rw-r--r-- 1 root root 531 2024-01-31 12:34:56.000000000 +0100 full-iso",
            "file 531 2024-01-31 12:34:56 'full-iso'",
        ),
        (
            "-rw-r--r-- 1 root root 531 2024-01-31 12:34:56 -0930 busybox --full-time",
            "file 531 2024-01-31 12:34:56 'busybox --full-time'",
        ),
        ("-rw-r--r-- 1 root root 531 2024-01-31 12:34:56 without zone", "file 531 2024-01-31 12:34:56 'without zone'"),
        ("-rw-r--r-- 1 root root 531 01-31 12:34 iso, of this year", "file 531 --01-31 12:34 'iso, of this year'"),
        ("-rw-r--r-- 1 root root 531 2023-01-31  iso, older", "file 531 2023-01-31 'iso, older'"),
        ("-rw-r--r-- 1 root root 531 2024/01/31 12:34 slashes", "file 531 2024-01-31 12:34 'slashes'"),
        ("-rw-r--r-- 1 root root 531 31 Jan 12:34 day first", "file 531 --01-31 12:34 'day first'"),
        ("-rw-r--r-- 1 root root 531  1 Jan  2023 day first, older", "file 531 2023-01-01 'day first, older'"),
        ("-rw-r--r-- 1 root wheel 531 Jan 31 12:34:56 2024 BSD ls -T", "file 531 2024-01-31 12:34:56 'BSD ls -T'"),
        ("-rw-r--r-- 1 root root 531 jan 31 12:34 lower", "file 531 --01-31 12:34 'lower'"),
        ("-rw-r--r-- 1 root root 531 DEC 31 1:02 UPPER", "file 531 --12-31 01:02 'UPPER'"),
        ("-rw-r--r-- 1 root root 531 Feb 29 12:34 of some leap year", "file 531 --02-29 12:34 'of some leap year'"),
    ]);
}

#[test]
fn a_date_in_another_language_does_not_affect_size_and_name() {
    check(&[
        ("drwxr-xr-x 2 root root 4096 31. Jan 12:34 deutsch", "dir - --01-31 12:34 'deutsch'"),
        ("-rw-r--r-- 1 root root 531 31. Mär 12:34 deutsch", "file 531 - 'deutsch'"),
        ("-rw-r--r-- 1 root root 531 févr. 3  2023 en français", "file 531 - 'en français'"),
        ("-rw-r--r-- 1 root root 531 31 дек 12:34 по-русски", "file 531 - 'по-русски'"),
        ("-rw-r--r-- 1 root root 531  1月 31 12:34 中文", "file 531 --01-31 12:34 '中文'"),
        ("-rw-r--r-- 1 root root 531 12月 31日 2023年 日本語", "file 531 2023-12-31 '日本語'"),
    ]);
    check(&[
        (&b"-rw-r--r-- 1 root root 531 31 M\xe4r 12:34 Windows-1252"[..], "file 531 - 'Windows-1252'"),
        (b"-rw-r--r-- 1 root root 531  4\x8c\x8e 18\x93\xfa 2003\x94\x4e Shift_JIS", "file 531 2003-04-18 'Shift_JIS'"),
        (b"-rw-r--r-- 1 root root 531  4\xd4\xc2 18 12:34 GBK", "file 531 --04-18 12:34 'GBK'"),
    ]);
}

#[test]
fn a_name_is_kept_byte_for_byte() {
    check(&[
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26  leading blank", "file 531 --01-29 03:26 ' leading blank'"),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29  2023 trailing blanks  ", "file 531 2023-01-29 'trailing blanks  '"),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 two  and   three", "file 531 --01-29 03:26 'two  and   three'"),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26   ", "file 531 --01-29 03:26 '  '"),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 OK", "file 531 --01-29 03:26 'OK'"),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 +FTPLIST: 1", "file 531 --01-29 03:26 '+FTPLIST: 1'"),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 total 5 apples.txt", "file 531 --01-29 03:26 'total 5 apples.txt'"),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 total 5", "file 531 --01-29 03:26 'total 5'"),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 Feb 30", "file 531 --01-29 03:26 'Feb 30'"),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 12 Feb 3 2024 report", "file 531 --01-29 03:26 '12 Feb 3 2024 report'"),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 2023 04:05", "file 531 2023-01-29 '04:05'"),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26:00 2024", "file 531 --01-29 03:26:00 '2024'"),
        ("-rw-r--r-- 1 ftp ftp 531 2024-01-29 03:26:00 +0100", "file 531 2024-01-29 03:26:00 '+0100'"),
        ("-rw-r--r-- 1 ftp ftp 531 2024-01-29 03:26 +0100 h", "file 531 2024-01-29 03:26 '+0100 h'"),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 a -> b", "file 531 --01-29 03:26 'a -> b'"),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 type=dir; x", "file 531 --01-29 03:26 'type=dir; x'"),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 a=b;size=1; x", "file 531 --01-29 03:26 'a=b;size=1; x'"),
        (
            "-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 01-31-24  03:39PM  <DIR>  x",
            "file 531 --01-29 03:26 '01-31-24  03:39PM  <DIR>  x'",
        ),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 ...", "file 531 --01-29 03:26 '...'"),
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 größe.txt", "file 531 --01-29 03:26 'größe.txt'"),
    ]);
    check(&[
        (&b"-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 gr\xf6\xdfe.txt"[..], r"file 531 --01-29 03:26 'gr\xf6\xdfe.txt'"),
        (
            b"-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 \xc4\xe3\xba\xc3\x81\x5c",
            r"file 531 --01-29 03:26 '\xc4\xe3\xba\xc3\x81\\'",
        ),
        (b"-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 a\0b\tc", "file 531 --01-29 03:26 'a\0b\tc'"),
    ]);
}

#[test]
fn a_link_has_a_name_and_a_target() {
    check(&[
        (
            "lrwxrwxrwx   1 root     other          7 Jan 25 00:17 bin -> usr/bin",
            "link 7 --01-25 00:17 'bin' -> 'usr/bin'",
        ),
        (
            "lrwxrwxrwx 1 root root 16 Jan 25 00:17 my files -> /home/me/a file ",
            "link 16 --01-25 00:17 'my files' -> '/home/me/a file '",
        ),
        // With several arrows the length of the target decides.
        ("lrwxrwxrwx 1 0 0 1 Jan 25 00:17 a -> b -> c", "link 1 --01-25 00:17 'a -> b' -> 'c'"),
        ("lrwxrwxrwx 1 0 0 6 Jan 25 00:17 a -> b -> c", "link 6 --01-25 00:17 'a' -> 'b -> c'"),
        ("lrwxrwxrwx 1 0 0 0 Jan 25 00:17 a -> b -> c", "link 0 --01-25 00:17 'a' -> 'b -> c'"),
        // Servers that do not state the target.
        ("lrwxrwxrwx 1 0 0 7 Jan 25 00:17 bin", "link 7 --01-25 00:17 'bin'"),
        ("lrwxrwxrwx 1 0 0 7 Jan 25 00:17 bin -> ", "link 7 --01-25 00:17 'bin -> '"),
        ("lrwxrwxrwx 1 0 0 7 Jan 25 00:17  -> b", "link 7 --01-25 00:17 ' -> b'"),
    ]);
}

#[test]
fn owners_and_groups_may_contain_blanks_and_months() {
    check(&[
        ("-rw-r--r--   1 DOM\\joe  Domain Users     531 Jan 29 03:26 a", "file 531 --01-29 03:26 'a'"),
        ("-rwx------ 1 NT AUTHORITY SYSTEM 531 Jan 29 03:26 a", "file 531 --01-29 03:26 'a'"),
        ("-rw-r--r--   1 John Q. Public   my group name  531 Jan 23  2014 a", "file 531 2014-01-23 'a'"),
        ("-rw-r--r-- 1 1000 1000 531 Jan 29 03:26 a", "file 531 --01-29 03:26 'a'"),
        ("-rw-r--r-- 1 may 31 2024 Jan 29 03:26 a", "file 2024 --01-29 03:26 'a'"),
        ("-rw-r--r-- 1 jan march 12 Jan 29 03:26 a", "file 12 --01-29 03:26 'a'"),
    ]);
}

#[test]
fn columns_may_be_added_missing_or_joined() {
    check(&[
        // Inode, blocks or both before the permissions.
        ("917516 -rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 a", "file 531 --01-29 03:26 'a'"),
        ("   8 -rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 a", "file 531 --01-29 03:26 'a'"),
        (" 917516    8 drwxr-xr-x 1 ftp ftp 531 Jan 29 03:26 a", "dir - --01-29 03:26 'a'"),
        // Without group, owner or link count, and without all three.
        ("-rw-r--r-- 1 ftp 531 Jan 29 03:26 a", "file 531 --01-29 03:26 'a'"),
        ("-rw-r--r-- 1 531 Jan 29 03:26 a", "file 531 --01-29 03:26 'a'"),
        ("-rw-r--r-- ftp ftp 531 Jan 29 03:26 a", "file 531 --01-29 03:26 'a'"),
        ("-rw-r--r-- 531 Jan 29 03:26 a", "file 531 --01-29 03:26 'a'"),
        // Columns without a blank between them.
        ("drwxr-xr-x1024 ftp ftp 531 Jan 29 03:26 a", "dir - --01-29 03:26 'a'"),
        ("-rw-r--r-- longowner longgroup123456 Feb 12 17:20 a", "file - --02-12 17:20 'a'"),
        // Other blanks.
        ("-rw-r--r--\t1\tftp\tftp\t531\tJan 29 03:26\ta", "file 531 --01-29 03:26 'a'"),
    ]);
}

#[test]
fn a_size_that_is_not_a_64_bit_number_is_omitted() {
    check(&[
        ("-rw-r--r-- 1 ftp ftp 0 Jan 29 03:26 a", "file 0 --01-29 03:26 'a'"),
        ("-rw-r--r-- 1 ftp ftp 4294967296 Jan 29 03:26 a", "file 4294967296 --01-29 03:26 'a'"),
        ("-rw-r--r-- 1 ftp ftp 18446744073709551615 Jan 29 03:26 a", "file 18446744073709551615 --01-29 03:26 'a'"),
        ("-rw-r--r-- 1 ftp ftp 18446744073709551616 Jan 29 03:26 a", "file - --01-29 03:26 'a'"),
        ("-rw-r--r-- 1 ftp ftp -2147483648 Jan 29 03:26 a", "file - --01-29 03:26 'a'"),
        ("-rw-r--r-- 1 ftp ftp 34.5k Jan 29 03:26 a", "file - --01-29 03:26 'a'"),
    ]);
}

#[test]
fn devices_pipes_sockets_and_doors_are_other() {
    check(&[
        ("brw-rw---- 1 root disk 8,   0 Nov 24 10:13 sda", "other - --11-24 10:13 'sda'"),
        ("crw-rw-rw- 1 root root 1,3 Nov 24 10:13 null", "other - --11-24 10:13 'null'"),
        ("prw-r--r-- 1 root root 0 Nov 24 10:13 pipe", "other - --11-24 10:13 'pipe'"),
        ("srwxrwxrwx 1 root root 0 Nov 24 10:13 socket", "other - --11-24 10:13 'socket'"),
        ("Dr--r--r-- 1 root root 0 Nov 24  2003 door", "other - 2003-11-24 'door'"),
    ]);
}

#[test]
fn permissions_are_kept_without_kind_and_suffix() {
    for (column, expected) in [
        ("-rw-r--r--", "rw-r--r--"),
        ("-rw-r--r--.", "rw-r--r--"),
        ("drwxrwx---+", "rwxrwx---"),
        ("drwxr-xr-x@", "rwxr-xr-x"),
        ("-rwsr-Sr-t", "rwsr-Sr-t"),
        ("drwxrwsrwT", "rwxrwsrwT"),
        ("----------", "---------"),
    ] {
        let line = format!("{column} 1 ftp ftp 531 Jan 29 03:26 a");
        let entry = parse_line(line.as_bytes()).unwrap();
        assert_eq!(entry.permissions.as_deref(), Some(expected), "{line}");
        assert_eq!(entry.name, b"a");
    }
}

#[test]
fn lines_that_only_resemble_this_format_are_rejected() {
    for line in [
        "-rw-r--r-- 1 ftp ftp 531 Feb 30 03:26 no such day",
        "-rw-r--r-- 1 ftp ftp 531 Jan 29 24:26 no such hour",
        "-rw-r--r-- 1 ftp ftp 531 2023-02-29 03:26 no such day",
        "-rw-r--r-- 1 ftp ftp 531 13月 29 03:26 no such month",
        "-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26",
        "-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 ",
        "-rw-r--r--x 1 ftp ftp 531 Jan 29 03:26 a",
        "-rw-r--r-q 1 ftp ftp 531 Jan 29 03:26 a",
        "zrw-r--r-- 1 ftp ftp 531 Jan 29 03:26 a",
        "1 2 3 -rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 a",
        "-rw-r--r-- Jan 29 03:26 a",
        "-rw-r--r-- 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 Jan 29 03:26 a",
    ] {
        assert_eq!(super::parse(line.as_bytes()), None, "{line}");
    }
}
