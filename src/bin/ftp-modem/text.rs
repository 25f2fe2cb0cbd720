//! What servers and modules say, made fit for a terminal; times in ISO 8601.

use ftp_modem::modem::{Modified, Precision};

/// `text` with everything escaped that could steer a terminal or turn the reading direction.
pub fn shown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            safe.extend(character.escape_default());
        } else {
            safe.push(character);
        }
    }
    safe
}

/// `json`, a document on one line, with everything escaped in its strings that could steer a terminal: JSON itself asks for that
/// of the control characters below U+0020 only (RFC 8259 §7).
pub fn shown_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        if is_unsafe(character) {
            // All of them have four digits.
            safe.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Control characters, and those that reorder or hide what stands around them.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(character, '\u{2028}' | '\u{2029}')
}

/// ISO 8601, as precise as known; `--MM-DD…` where the year is not.
pub fn iso(time: &Modified) -> String {
    let year = time.year.map_or("-".to_owned(), |year| format!("{year:04}"));
    let mut text = format!("{year}-{:02}-{:02}", time.month, time.day);
    if time.precision >= Precision::Minute {
        text.push_str(&format!("T{:02}:{:02}", time.hour, time.minute));
    }
    if time.precision >= Precision::Second {
        text.push_str(&format!(":{:02}", time.second));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        for (text, expected) in [
            ("plain ümläut 测试", "plain ümläut 测试"),
            ("a\x1b[2Jb", "a\\u{1b}[2Jb"),
            ("two\r\nlines", "two\\r\\nlines"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("cod\u{202e}exe", "cod\\u{202e}exe"),
            ("back\\slash \"quoted\"", "back\\slash \"quoted\""),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn nothing_in_json_steers_the_terminal_and_it_means_the_same() {
        let text = "a\x1b[2J\u{9b}31m\x7f\u{202e}\u{2028}ü\"";
        let json = shown_json(&serde_json::to_string(text).unwrap());
        assert_eq!(json, "\"a\\u001b[2J\\u009b31m\\u007f\\u202e\\u2028ü\\\"\"");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn times_are_as_precise_as_known() {
        let full = Modified {
            year: Some(2024),
            month: 6,
            day: 1,
            hour: 9,
            minute: 5,
            second: 7,
            precision: Precision::Second,
        };
        assert_eq!(iso(&full), "2024-06-01T09:05:07");
        assert_eq!(iso(&Modified { precision: Precision::Minute, ..full }), "2024-06-01T09:05");
        assert_eq!(iso(&Modified { precision: Precision::Day, ..full }), "2024-06-01");
        assert_eq!(iso(&Modified { year: None, precision: Precision::Minute, ..full }), "--06-01T09:05");
    }
}
