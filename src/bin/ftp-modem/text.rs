//! Escapes text of servers and modules for terminals, and formats times as ISO 8601.

use ftp_modem::modem::{Modified, Precision};

/// Returns `text` with every character escaped that could control a terminal or change the writing direction.
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

/// Returns `json`, a document on one line, with every character escaped that could control a terminal. JSON itself
/// requires this only for control characters below U+0020 (RFC 8259 §7).
pub fn shown_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        if is_unsafe(character) {
            // All unsafe characters have at most four digits.
            safe.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Returns whether a character is a control character, or reorders or hides adjacent text.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(character, '\u{2028}' | '\u{2029}')
}

/// Formats a time as ISO 8601, with its precision. An unknown year gives `--MM-DD…`.
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
    fn characters_that_control_a_terminal_are_escaped() {
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
    fn json_is_escaped_for_terminals_and_keeps_its_value() {
        let text = "a\x1b[2J\u{9b}31m\x7f\u{202e}\u{2028}ü\"";
        let json = shown_json(&serde_json::to_string(text).unwrap());
        assert_eq!(json, "\"a\\u001b[2J\\u009b31m\\u007f\\u202e\\u2028ü\\\"\"");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn times_are_formatted_with_their_precision() {
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
