//! Lines in the format of MLSD (RFC 3659 §7.2): one or more `fact=value;`, a blank, the name.

use super::columns::{is_overflow, number, split_once};
use super::{meaningful_size, timestamp};
use crate::modem::{Entry, EntryKind, Modified};

/// The facts of RFC 3659 §7.5. At least one must occur: a file name may contain `=` and `;` too.
const STANDARD_FACTS: [&[u8]; 9] =
    [b"type", b"size", b"modify", b"create", b"perm", b"unique", b"lang", b"media-type", b"charset"];

/// Parses a line that has only facts before its name. `None` for other lines.
///
/// The directory itself and its parent get the names `.` and `..`, because servers use different names for them.
pub(super) fn parse(line: &[u8]) -> Option<Entry> {
    // The RFC forbids blanks inside a value, but link targets contain them. Only the last fact ends with `; `.
    let (facts, name) = split_once(line, b"; ").filter(|(_, name)| !name.is_empty())?;
    let facts = Facts::read(facts)?;
    let (kind, name, target) = match facts.node {
        Node::File => (EntryKind::File, name, None),
        Node::Directory => (EntryKind::Directory, name, None),
        Node::CurrentDirectory => (EntryKind::Directory, &b"."[..], None),
        Node::ParentDirectory => (EntryKind::Directory, &b".."[..], None),
        Node::Link(target) => (EntryKind::Link, name, target),
        Node::Other => (EntryKind::Other, name, None),
    };
    Some(Entry {
        size: meaningful_size(kind, facts.size),
        size_overflows: facts.size_overflows,
        modified: facts.modified,
        permissions: facts.permissions,
        target: target.map(<[u8]>::to_vec),
        ..Entry::listed(line, name, kind)
    })
}

/// The facts that an [`Entry`] can hold.
struct Facts<'a> {
    node: Node<'a>,
    size: Option<u64>,
    size_overflows: bool,
    modified: Option<Modified>,
    permissions: Option<String>,
}

impl<'a> Facts<'a> {
    /// Parses `type=file;size=12;modify=20240131123456`. A fact with an invalid value is ignored.
    fn read(text: &'a [u8]) -> Option<Self> {
        let mut facts =
            Self { node: Node::Other, size: None, size_overflows: false, modified: None, permissions: None };
        let mut has_standard_fact = false;
        for fact in text.split(|byte| *byte == b';') {
            let (name, value) = split_once(fact, b"=").filter(|(name, _)| is_fact_name(name))?;
            let name = name.to_ascii_lowercase();
            has_standard_fact |= STANDARD_FACTS.contains(&name.as_slice());
            match name.as_slice() {
                b"type" => facts.node = Node::read(value),
                b"size" => (facts.size, facts.size_overflows) = (number(value), is_overflow(value)),
                b"modify" => facts.modified = timestamp(value),
                b"perm" => facts.permissions = Some(String::from_utf8_lossy(value).into_owned()),
                _ => {}
            }
        }
        has_standard_fact.then_some(facts)
    }
}

/// The `type` fact (RFC 3659 §7.5.1).
enum Node<'a> {
    File,
    Directory,
    CurrentDirectory,
    ParentDirectory,
    Link(Option<&'a [u8]>),
    /// Another type, such as a device, or no type.
    Other,
}

impl<'a> Node<'a> {
    fn read(value: &'a [u8]) -> Self {
        let (class, target) = split_once(value, b":").map_or((value, None), |(class, target)| (class, Some(target)));
        match class.to_ascii_lowercase().as_slice() {
            b"file" => Self::File,
            b"dir" => Self::Directory,
            b"cdir" => Self::CurrentDirectory,
            b"pdir" => Self::ParentDirectory,
            b"os.unix=slink" | b"os.unix=symlink" => Self::Link(target.filter(|target| !target.is_empty())),
            _ => Self::Other,
        }
    }
}

/// A blank rules out this format: names in other formats may contain text like a fact.
fn is_fact_name(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use crate::modem::listing::parse_line;
    use crate::modem::listing::tests::check;

    #[test]
    fn lines_of_known_servers_are_parsed() {
        check(&[
            // RFC 3659 §8
            (
                "Type=file;Size=44242;Modify=19990217230400; character-sets",
                "file 44242 1999-02-17 23:04:00 'character-sets'",
            ),
            ("Type=dir;Modify=19990219073522;Perm=fcpmel; media-types", "dir - 1999-02-19 07:35:22 'media-types'"),
            // proftpd
            (
                "modify=20240131123456;perm=adfrw;size=12;type=file;unique=FD01U3A0;UNIX.group=33;UNIX.mode=0644;\
                 UNIX.owner=33; index.html",
                "file 12 2024-01-31 12:34:56 'index.html'",
            ),
            (
                "modify=20240131123456;perm=flcdmpe;type=dir;unique=FD01U3A1;UNIX.mode=0755; a dir",
                "dir - 2024-01-31 12:34:56 'a dir'",
            ),
            (
                "modify=20240131123456;perm=adfr;size=7;type=OS.unix=symlink;UNIX.mode=0777; bin",
                "link 7 2024-01-31 12:34:56 'bin'",
            ),
            // pure-ftpd
            (
                "type=file;size=4294967296;modify=20240131123456;UNIX.mode=0600;unique=801g1; big",
                "file 4294967296 2024-01-31 12:34:56 'big'",
            ),
            (
                "type=dir;sizd=4096;modify=20240131123456;UNIX.mode=0755;unique=801g2; pub",
                "dir - 2024-01-31 12:34:56 'pub'",
            ),
            // FileZilla server, with fractions of seconds
            ("type=file;size=0;modify=20240131123456.789;perm=awrfd; .empty", "file 0 2024-01-31 12:34:56 '.empty'"),
            (
                "type=OS.unix=slink:/srv/my files/a;modify=20240131123456; short cut",
                "link - 2024-01-31 12:34:56 'short cut' -> '/srv/my files/a'",
            ),
            ("type=OS.unix=slink:;size=3; l", "link 3 - 'l'"),
            ("type=OS.unix=chr-1/3;size=0; null", "other - - 'null'"),
            ("size=12;modify=20240131123456; untyped", "other - 2024-01-31 12:34:56 'untyped'"),
            ("TYPE=FILE;SIZE=12; CAPITALS", "file 12 - 'CAPITALS'"),
            ("unique=801g3; only one fact", "other - - 'only one fact'"),
        ]);
    }

    #[test]
    fn a_name_is_kept_byte_for_byte() {
        check(&[
            ("type=file;  leading and trailing ", "file - - ' leading and trailing '"),
            ("type=file; a; b=c; d", "file - - 'a; b=c; d'"),
            ("type=file; total 5", "file - - 'total 5'"),
            ("type=file; +FTPLIST: 1", "file - - '+FTPLIST: 1'"),
            ("type=dir; ...", "dir - - '...'"),
        ]);
        check(&[(&b"type=file; \xc4\xe3"[..], r"file - - '\xc4\xe3'")]);
    }

    #[test]
    fn an_invalid_value_does_not_discard_the_entry() {
        check(&[
            ("type=file;size=18446744073709551616; a", "file - - 'a'"),
            ("type=file;size=-1;modify=; a", "file - - 'a'"),
            ("type=file;size=1;modify=20241331123456; a", "file 1 - 'a'"),
            ("type=;perm=; a", "other - - 'a'"),
        ]);
    }

    #[test]
    fn permissions_come_from_the_perm_fact() {
        let permissions = |line: &str| parse_line(line.as_bytes()).unwrap().permissions;
        assert_eq!(permissions("type=file;perm=adfr; a").as_deref(), Some("adfr"));
        assert_eq!(permissions("type=file;Perm=; a").as_deref(), Some(""));
        assert_eq!(permissions("type=file;UNIX.mode=0644; a"), None);
    }

    #[test]
    fn lines_that_only_resemble_this_format_are_rejected() {
        for line in [
            "type=file;",
            "type=file; ",
            "type=file;size=1;name",
            "type=file;size; a",
            "type=file;;size=1; a",
            "x=1;y=2; a",
            "=1;type=file; a",
            "-rw-r--r-- 1 ftp ftp 531 Jan 29 03:26 x=1;type=dir; a",
            "; a",
            "a; b",
        ] {
            assert_eq!(super::parse(line.as_bytes()), None, "{line}");
        }
    }
}
