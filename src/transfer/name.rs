//! From a name that a server sent to a name in a local folder.

use std::path::PathBuf;

/// Most bytes of a name: 255 is what file systems take, and a partial file has a suffix behind it.
const LONGEST: usize = 255 - super::partial::LONGEST_SUFFIX;

/// Names that mean devices on Windows, whatever their extension.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"];

/// Returns the name under which a server's file `name` may be created in a local folder. `None` if no name is safe.
///
/// The result is a single, ordinary component: no separators of any system, no `.` or `..`, no drive letters or streams
/// (`:`), no control characters, no names that Windows keeps for devices, no trailing dots or blanks, at most 245
/// bytes. Names that are not UTF-8 are not safe.
///
/// The folder is not examined. A [`Download`](super::Download) follows a link of that name in the folder: a program
/// that does not trust the folder checks for a link first.
///
/// # Examples
/// ```
/// use ftp_modem::transfer::local_name;
///
/// assert_eq!(local_name(b"report.csv").unwrap().to_str(), Some("report.csv"));
/// for hostile in [&b"../report.csv"[..], b"/etc/passwd", b"C:evil", b"a\\b", b"..", b"nul.txt", b"a\x1bb"] {
///     assert_eq!(local_name(hostile), None);
/// }
/// ```
pub fn local_name(name: &[u8]) -> Option<PathBuf> {
    let name = std::str::from_utf8(name).ok()?;
    let is_bad = |character: char| character.is_control() || "/\\:*?\"<>|".contains(character);
    if name.is_empty() || name.len() > LONGEST || name.chars().any(is_bad) {
        return None;
    }
    if name.ends_with(['.', ' ']) || name.starts_with(' ') {
        return None;
    }
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_lowercase();
    let is_numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            matches!(rest.chars().next(), Some('0'..='9' | '¹' | '²' | '³')) && rest.chars().count() == 1
        })
    };
    if DEVICES.contains(&stem.as_str()) || is_numbered("com") || is_numbered("lpt") {
        return None;
    }
    Some(PathBuf::from(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Component;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in [
            "a",
            "report 2024.csv",
            ".profile",
            "ümläut.txt",
            "测试.bin",
            "a..b",
            "console.txt",
            "com10",
            "lpt",
            "...a",
        ] {
            assert_eq!(local_name(name.as_bytes()), Some(PathBuf::from(name)), "{name}");
        }
    }

    #[test]
    fn ten_thousand_hostile_names_never_leave_the_folder() {
        let pieces = [
            "", ".", "..", "/", "\\", "C:", "a", "nul", "COM1", "\0", "\x1b[2J", "\n", " ", "~", "*", "\u{202e}",
            "etc", "aux.txt",
        ];
        let mut count = 0;
        for one in pieces {
            for two in pieces {
                for three in pieces {
                    for four in ["", "/x", "\\x"] {
                        let name = format!("{one}{two}{three}{four}");
                        count += 1;
                        let Some(local) = local_name(name.as_bytes()) else { continue };
                        let parts: Vec<Component<'_>> = local.components().collect();
                        assert!(matches!(parts.as_slice(), [Component::Normal(_)]), "{name:?}");
                        assert!(!name.chars().any(char::is_control), "{name:?}");
                    }
                }
            }
        }
        assert!(count > 10_000, "{count}");
        for bytes in [&b"\xff\xfe"[..], &[b'x'; 256]] {
            assert_eq!(local_name(bytes), None);
        }
    }
}
