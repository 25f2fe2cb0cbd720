//! The listing parser: lines are independent, names are parts of their lines, times are in range.

use ftp_modem::Entry;
use ftp_modem::modem::listing::{names, parse, parse_line};

/// Runs the check. The input is a whole listing.
pub fn run(text: &[u8]) {
    let entries = parse(text);
    let single: Vec<Entry> = text.split(|byte| *byte == b'\n').filter_map(parse_line).collect();
    assert_eq!(entries, single, "the meaning of a line does not depend on its position");
    let kept: usize = entries.iter().map(|entry| entry.raw.len()).sum();
    assert!(kept <= text.len());
    entries.iter().for_each(check);
    for name in names(text) {
        assert!(!name.is_empty() && !is_dot(&name) && !name.contains(&b'\n'));
    }
}

fn check(entry: &Entry) {
    assert!(!entry.raw.contains(&b'\n') && !is_dot(&entry.name));
    let stands_in_line = |text: &[u8]| text.is_empty() || entry.raw.windows(text.len()).any(|window| window == text);
    assert!(stands_in_line(&entry.name) && !entry.name.is_empty(), "{entry:?}");
    assert!(entry.target.as_deref().is_none_or(stands_in_line), "{entry:?}");
    if let Some(time) = entry.modified {
        assert!((1..=12).contains(&time.month) && (1..=31).contains(&time.day), "{time:?}");
        assert!(time.hour <= 23 && time.minute <= 59 && time.second <= 60, "{time:?}");
    }
}

fn is_dot(name: &[u8]) -> bool {
    matches!(name, b"." | b"..")
}
