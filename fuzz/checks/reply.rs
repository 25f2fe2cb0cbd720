//! The reply parser: the parsed fields are parts of the line.

use ftp_modem::internals::reply::parse;
use ftp_modem::internals::{ErrorCode, Field, FinalResult, Pattern, Reply};

const PATTERNS: [Pattern; 4] = [
    Pattern::Line("RDY"),
    Pattern::Prefix("+FTPGET"),
    Pattern::Fields("+FTPGET", &["1"]),
    Pattern::Numbered { prefix: "+QIURC", before: &["pdpdeact"], number: 1, after: &[] },
];

/// Largest number of fields that are checked: each one is searched from the beginning of the line.
const MOST_FIELDS: usize = 64;

/// Runs the check. The input is one line.
pub fn run(line: &[u8]) {
    let reply = parse(line);
    let matching = PATTERNS.iter().filter(|pattern| pattern.matches(&reply)).count();
    match &reply {
        Reply::Final(result) => {
            assert_eq!(matching, 0, "a final result code is not an unsolicited result code");
            if let FinalResult::Error(
                ErrorCode::Numbered(text) | ErrorCode::Cme(text) | ErrorCode::Cms(text) | ErrorCode::Cis(text),
            ) = result
            {
                // A byte that is not UTF-8 becomes U+FFFD, which has three bytes.
                assert!(text.len() <= 3 * line.len());
            }
        }
        Reply::Information(information) => {
            let commas = information.body.iter().filter(|byte| **byte == b',').count();
            assert!(information.fields.count() <= commas + 1);
            assert!(information.prefix.starts_with(['+', '^', '*', '#', '%', '$']));
            assert!(line.ends_with(information.body));
            let room: usize = information.fields.iter().map(|field| field.bytes().len()).sum();
            assert!(room <= information.body.len());
            for (index, field) in information.fields.iter().enumerate().take(MOST_FIELDS) {
                assert_eq!(information.fields.get(index).as_ref(), Some(&field));
                if let Field::Bare(bytes) = field {
                    assert!(!bytes.contains(&b','));
                }
                if let Some(number) = information.number(index) {
                    let digits = field.text();
                    assert_eq!(digits.trim_start_matches('0'), number.to_string().trim_start_matches('0'));
                }
            }
        }
        Reply::Text(text) => assert!(line.ends_with(text)),
    }
}
