//! Whole listings and hostile text. The tables of each format are next to its code.

use super::*;
use crate::modem::Precision;

/// Checks that lines parse to `kind size time 'name' -> 'target'`, with `-` for a missing value.
#[track_caller]
pub(super) fn check<L: AsRef<[u8]> + ?Sized>(table: &[(&L, &str)]) {
    for (line, meaning) in table {
        let line = line.as_ref();
        let entry = parse_line(line).expect("the line lists an entry");
        assert_eq!(summary(&entry), *meaning, "{}", line.escape_ascii());
        assert_eq!(entry.raw, line);
    }
}

fn summary(entry: &Entry) -> String {
    let kind = match entry.kind {
        EntryKind::File => "file",
        EntryKind::Directory => "dir",
        EntryKind::Link => "link",
        EntryKind::Other => "other",
    };
    let size = entry.size.map_or_else(|| "-".to_owned(), |size| size.to_string());
    let target = entry.target.as_deref();
    let target = target.map_or_else(String::new, |target| format!(" -> '{}'", shown(target)));
    let name = shown(&entry.name);
    format!("{kind} {size} {} '{name}'{target}", time(entry))
}

fn time(entry: &Entry) -> String {
    let Some(time) = entry.modified else {
        return "-".to_owned();
    };
    let year = time.year.map_or_else(|| "-".to_owned(), |year| format!("{year:04}"));
    let day = format!("{year}-{:02}-{:02}", time.month, time.day);
    let (hour, minute, second) = (time.hour, time.minute, time.second);
    match time.precision {
        Precision::Day => day,
        Precision::Minute => format!("{day} {hour:02}:{minute:02}"),
        Precision::Second => format!("{day} {hour:02}:{minute:02}:{second:02}"),
    }
}

fn shown(text: &[u8]) -> String {
    std::str::from_utf8(text).map_or_else(|_| text.escape_ascii().to_string(), str::to_owned)
}

fn names_of(entries: &[Entry]) -> Vec<String> {
    entries.iter().map(|entry| shown(&entry.name)).collect()
}

const UNIX: &str = "-rw-r--r--   1 ftp      ftp           531 Jan 29 03:26 notes.txt";
const UNIX_LINK: &str = "lrwxrwxrwx 1 root root 7 2024-01-31 12:34:56.0 +0100 latest -> 2024/01";
const UNIX_DEVICE: &str = "crw-rw-rw-  1 root  tty      5,   0 31 jan 2023 tty";
const DOS: &str = "01-31-24  03:39PM       <DIR>          inetpub";
const DOS_FILE: &str = "2024-01-31  15:39             9,730 web.config";
const MLSD: &str = "type=OS.unix=slink:/a;size=12;modify=20240131123456.789;perm=adfr; name";

/// A server that keeps sizes in a signed number of 32 bits states a negative one for a file beyond 2 GiB.
#[test]
fn a_negative_size_is_no_size() {
    for line in [
        "-rw-r--r--   1 ftp      ftp      -1794967296 Jan 29 03:26 big.bin",
        "01-31-24  03:39PM          -1794967296 big.bin",
        "type=file;size=-1794967296;modify=20240131123456; big.bin",
    ] {
        let entry = parse_line(line.as_bytes()).unwrap();
        assert_eq!((shown(&entry.name).as_str(), entry.kind, entry.size), ("big.bin", EntryKind::File, None));
        assert!(entry.size_overflows && entry.modified.is_some(), "{line}");
    }
    for line in [UNIX, UNIX_LINK, UNIX_DEVICE, DOS, DOS_FILE, MLSD] {
        assert!(!parse_line(line.as_bytes()).unwrap().size_overflows, "{line}");
    }
}

#[test]
fn line_ends_are_cr_lf_or_lf_or_missing() {
    let text = format!("{UNIX}\r\n{DOS}\n{MLSD}\r\r\n{DOS_FILE}");
    assert_eq!(names_of(&parse(text.as_bytes())), ["notes.txt", "inetpub", "name", "web.config"]);
    assert_eq!(parse_line(format!("{UNIX}\r\n").as_bytes()), parse_line(UNIX.as_bytes()));
}

#[test]
fn lines_without_an_entry_are_skipped() {
    for line in [
        "",
        "\r\n",
        "   \t ",
        "total 12",
        "total 0\r\n",
        "Total  8 ",
        ".",
        "..",
        "drwxr-xr-x    3 1000     1000         4096 Jan 31 12:34 .",
        "drwxr-xr-x    3 1000     1000         4096 Jan 31 12:34 ..",
        "01-31-24  03:39PM       <DIR>          .",
        "01-31-24  03:39PM       <DIR>          ..",
        "type=cdir;modify=20240131123456; /home/ftp",
        "type=pdir;modify=20240131123456; /home",
        "Type=CDir;Perm=el; .",
        "type=dir;perm=el; ..",
    ] {
        assert_eq!(parse_line(line.as_bytes()), None, "{line}");
    }
}

#[test]
fn a_line_in_an_unknown_format_becomes_the_name() {
    check(&[
        // NetWare, OS/2, VMS, MVS and EPLF have formats of their own.
        (
            "d [R----F--] supervisor            512       Jan 16 18:53    login",
            "other - - 'd [R----F--] supervisor            512       Jan 16 18:53    login'",
        ),
        ("     0           DIR   02-11-103   16:15  OS2", "other - - '     0           DIR   02-11-103   16:15  OS2'"),
        (
            "CORE.DIR;1          1  8-SEP-1996 16:09 [SYSTEM] (RWE,RWE,RE,RE)",
            "other - - 'CORE.DIR;1          1  8-SEP-1996 16:09 [SYSTEM] (RWE,RWE,RE,RE)'",
        ),
        (
            "WYOSPT 3420   2003/05/21  1  200  FB      80  8053  PS  MVS.FILE",
            "other - - 'WYOSPT 3420   2003/05/21  1  200  FB      80  8053  PS  MVS.FILE'",
        ),
        ("+i8388621.48594,m825718503,r,s280,\tdjb.html", "other - - '+i8388621.48594,m825718503,r,s280,\tdjb.html'"),
        // Bare names, and lines of a module or server inside the text.
        ("OK", "other - - 'OK'"),
        ("+FTPLIST: 1", "other - - '+FTPLIST: 1'"),
        ("total 5 apples.txt", "other - - 'total 5 apples.txt'"),
        ("total", "other - - 'total'"),
        ("totally 5", "other - - 'totally 5'"),
        ("ls: cannot open directory", "other - - 'ls: cannot open directory'"),
        (" a ", "other - - ' a '"),
        ("...", "other - - '...'"),
        // Truncated before the name.
        ("-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26", "other - - '-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26'"),
        ("01-31-24  03:39PM       <DIR> ", "other - - '01-31-24  03:39PM       <DIR> '"),
        ("type=file;size=12; ", "other - - 'type=file;size=12; '"),
    ]);
}

#[test]
fn a_bad_line_does_not_affect_the_others() {
    let text = format!("total 3\n{UNIX}\n\0;=; \u{fffd}-rwx\n-rw-r--r-- 1\n{DOS}\n\n{MLSD}\n");
    let entries = parse(text.as_bytes());
    assert_eq!(
        entries.iter().map(|entry| entry.kind).collect::<Vec<_>>(),
        [EntryKind::File, EntryKind::Other, EntryKind::Other, EntryKind::Directory, EntryKind::Link]
    );
}

#[test]
fn names_of_nlst_are_kept_byte_for_byte() {
    let text = b".\r\n..\r\nOK\r\ntotal 12\r\n\r\n two  blanks \r\npub/a;b\n\xc4\xe3\xba\xc3.txt\n+FTPLIST: 1";
    let expected: [&[u8]; 6] =
        [b"OK", b"total 12", b" two  blanks ", b"pub/a;b", b"\xc4\xe3\xba\xc3.txt", b"+FTPLIST: 1"];
    assert_eq!(names(text), expected);
    assert!(names(b"").is_empty());
}

/// Checks what holds for every line, whatever its content.
fn check_any(line: &[u8]) {
    let Some(entry) = parse_line(line) else {
        return;
    };
    assert_eq!(entry.raw, without_line_end(line));
    assert!(!entry.name.is_empty() && !is_dot(&entry.name));
    assert!(entry.raw.ends_with(&entry.name) || entry.kind == EntryKind::Link);
    assert!(entry.size.is_none() || matches!(entry.kind, EntryKind::File | EntryKind::Link));
    assert!(entry.target.is_none() || entry.kind == EntryKind::Link);
}

#[test]
fn truncated_lines_do_not_break_the_parser() {
    for line in [UNIX, UNIX_LINK, UNIX_DEVICE, DOS, DOS_FILE, MLSD] {
        for length in 0..=line.len() {
            check_any(&line.as_bytes()[..length]);
            check_any(&line.as_bytes()[length..]);
        }
    }
}

#[test]
fn lines_with_a_changed_byte_do_not_break_the_parser() {
    for line in [UNIX, UNIX_LINK, UNIX_DEVICE, DOS, DOS_FILE, MLSD] {
        for position in 0..line.len() {
            let mut mutated = line.as_bytes().to_vec();
            for byte in 0..=u8::MAX {
                mutated[position] = byte;
                check_any(&mutated);
                assert!(parse(&mutated).len() <= 2);
            }
            mutated.remove(position);
            check_any(&mutated);
        }
    }
}

/// A parser with quadratic time would take hours.
#[test]
fn huge_lines_take_linear_time() {
    for piece in [
        " ",
        "a",
        "a ",
        "1 ",
        "1",
        "d",
        "=;",
        "a=b;",
        "; ",
        " -> ",
        " [",
        "1,",
        "1-",
        "1:",
        "Jan 1 ",
        "1 Jan 1 1999",
        "\u{6708} ",
    ] {
        let flood = piece.repeat(1 << 17);
        let beginnings = [
            "",
            "-rw-r--r-- ",
            "lrwxrwxrwx 1 ftp ftp 5 Jan 31 12:34 ",
            "lrwxrwxrwx 1 ftp ftp ",
            "01-31-24 03:39PM ",
            "01-31-24 03:39PM <SYMLINK> ",
            "type=",
        ];
        for beginning in beginnings {
            check_any(format!("{beginning}{flood}").as_bytes());
        }
    }
}
