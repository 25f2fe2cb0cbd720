//! What is data rather than sequence: the module's codes, and the lines that it sends on its own.

use crate::at::Dialect;
use crate::at::{ErrorCode, Information, Pattern, Rule};
use crate::backend::codes::{self, Code};
use crate::error::ErrorKind;

/// Note §5, table 3; the file errors are those of the FILE application note.
pub(super) const CODES: &[Code] = &[
    Code::new(400, ErrorKind::ModuleRefused, "invalid input value"),
    Code::new(401, ErrorKind::ModuleStorage, "larger than the size of the file"),
    Code::new(402, ErrorKind::ModuleStorage, "read zero byte"),
    Code::new(403, ErrorKind::ModuleStorage, "drive full"),
    Code::new(405, ErrorKind::ModuleStorage, "file not found"),
    Code::new(406, ErrorKind::ModuleStorage, "invalid file name"),
    Code::new(407, ErrorKind::ModuleStorage, "file already exist"),
    Code::new(410, ErrorKind::ModuleStorage, "fail to open the file"),
    Code::new(413, ErrorKind::ModuleStorage, "reach the max allowed number of opened files"),
    Code::new(416, ErrorKind::ModuleStorage, "invalid file descriptor"),
    Code::new(421, ErrorKind::Incomplete, "time out"),
    Code::new(426, ErrorKind::ModuleStorage, "file already opened"),
    Code::new(429, ErrorKind::ModuleStorage, "quit by escape"),
    Code::new(601, ErrorKind::ModuleRefused, "unknown error"),
    Code::new(602, ErrorKind::ServerBusy, "FTP(S) server blocked"),
    Code::new(603, ErrorKind::ModuleBusy, "FTP(S) server busy"),
    Code::new(604, ErrorKind::NameResolution, "DNS parse failed"),
    Code::new(605, ErrorKind::ConnectFailed, "network error"),
    Code::new(606, ErrorKind::SessionLost, "control connection closed"),
    Code::new(607, ErrorKind::DataConnection, "data connection closed"),
    Code::new(608, ErrorKind::SessionLost, "socket closed by peer"),
    Code::new(609, ErrorKind::NetworkTimeout, "timeout error"),
    Code::new(610, ErrorKind::ModuleRefused, "invalid parameter"),
    Code::new(611, ErrorKind::ModuleStorage, "failed to open file"),
    Code::new(612, ErrorKind::ModuleStorage, "file position invalid"),
    Code::new(613, ErrorKind::ModuleStorage, "file error"),
    Code::new(614, ErrorKind::ServerBusy, "service not available, closing control connection"),
    Code::new(615, ErrorKind::DataConnection, "open data connection failed"),
    Code::new(616, ErrorKind::DataConnection, "connection closed; transfer aborted"),
    Code::new(617, ErrorKind::ServerBusy, "requested file action not taken"),
    Code::new(618, ErrorKind::ServerRefused, "requested action aborted: local error in processing"),
    Code::new(619, ErrorKind::ServerStorage, "requested action not taken: insufficient system storage"),
    Code::new(620, ErrorKind::ServerRefused, "syntax error, command unrecognized"),
    Code::new(621, ErrorKind::ServerRefused, "syntax error in parameters or arguments"),
    Code::new(622, ErrorKind::ServerRefused, "command not implemented"),
    Code::new(623, ErrorKind::ServerRefused, "bad sequence of commands"),
    Code::new(624, ErrorKind::ServerRefused, "command parameter not implemented"),
    Code::new(625, ErrorKind::LoginRefused, "not logged in"),
    Code::new(626, ErrorKind::LoginRefused, "need account for storing files"),
    Code::new(627, ErrorKind::Unavailable, "requested action not taken"),
    Code::new(628, ErrorKind::ServerRefused, "requested action aborted: page type unknown"),
    Code::new(629, ErrorKind::ServerStorage, "requested file action aborted"),
    Code::new(630, ErrorKind::ServerRefused, "requested file name invalid"),
    Code::new(631, ErrorKind::Tls, "SSL authentication failed"),
];

/// The row of a code given as a number, or in words as under `AT+CMEE=2`; some firmware gives words in spite of `AT+CMEE=1`
/// (seen on EG800K), and also within result lines (seen on EC25).
pub(super) fn row(code: &str) -> Option<&'static Code> {
    if let Ok(number) = code.parse() {
        return codes::find(CODES, number);
    }
    let words = code.trim().trim_end_matches('.');
    CODES.iter().find(|row| row.meaning.eq_ignore_ascii_case(words))
}

/// The code of a result line that reports a failure: its first field, or all of it where it is in words.
pub(super) fn result_code(line: &Information<'_>) -> String {
    match line.text(0) {
        Some(code) if code.parse::<i64>().is_ok() => code.into_owned(),
        _ => String::from_utf8_lossy(line.body).trim().to_owned(),
    }
}

fn refusal(code: &ErrorCode) -> Option<(ErrorKind, &'static str)> {
    let worded = match code {
        ErrorCode::Cme(words) => row(words).map(|row| (row.kind, row.meaning)),
        _ => None,
    };
    worded.or_else(|| codes::refusal(CODES, code))
}

/// The dialect of a driver that uses PDP context `context`, 1 to 16.
pub(super) fn dialect(context: u8) -> Dialect {
    let index = usize::from(context).saturating_sub(1);
    let rules = RULES.get(index).or(RULES.first()).map_or(&[][..], |rules| &rules[..]);
    Dialect { rules, refusal }
}

/// The lines that the module sends on its own. The network may drop any context; only the one in use matters.
const fn rules(dropped: &'static [&'static str]) -> [Rule; 21] {
    const fn result(prefix: &'static str) -> Rule {
        Rule::keep(Pattern::Prefix(prefix))
    }
    [
        result("+QFTPOPEN"),
        result("+QFTPCLOSE"),
        result("+QFTPCWD"),
        result("+QFTPPWD"),
        result("+QFTPPUT"),
        result("+QFTPGET"),
        result("+QFTPSIZE"),
        result("+QFTPDEL"),
        result("+QFTPMKDIR"),
        result("+QFTPRMDIR"),
        result("+QFTPLIST"),
        result("+QFTPNLST"),
        result("+QFTPMLSD"),
        result("+QFTPMDTM"),
        result("+QFTPRENAME"),
        result("+QFTPLEN"),
        result("+QFTPSTAT"),
        Rule::alarm(Pattern::Fields("+QIURC", dropped), ErrorKind::BearerLost),
        Rule::alarm(Pattern::Line("RDY"), ErrorKind::ModuleRestarted),
        Rule::alarm(Pattern::Line("NORMAL POWER DOWN"), ErrorKind::ModuleRestarted),
        Rule::alarm(Pattern::Line("POWERED DOWN"), ErrorKind::ModuleRestarted),
    ]
}

static RULES: [[Rule; 21]; 16] = [
    rules(&["pdpdeact", "1"]),
    rules(&["pdpdeact", "2"]),
    rules(&["pdpdeact", "3"]),
    rules(&["pdpdeact", "4"]),
    rules(&["pdpdeact", "5"]),
    rules(&["pdpdeact", "6"]),
    rules(&["pdpdeact", "7"]),
    rules(&["pdpdeact", "8"]),
    rules(&["pdpdeact", "9"]),
    rules(&["pdpdeact", "10"]),
    rules(&["pdpdeact", "11"]),
    rules(&["pdpdeact", "12"]),
    rules(&["pdpdeact", "13"]),
    rules(&["pdpdeact", "14"]),
    rules(&["pdpdeact", "15"]),
    rules(&["pdpdeact", "16"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_in_numbers_and_in_words() {
        for (code, number) in [
            ("603", Some(603)),
            ("0603", Some(603)),
            ("FTP(S) server busy", Some(603)),
            ("Control connection closed.", Some(606)),
            ("file already exist", Some(407)),
            ("Time out", Some(421)),
            ("600", None),
            ("-1", None),
            ("Http unknown error", None),
            ("", None),
        ] {
            assert_eq!(row(code).map(|row| row.number), number, "{code}");
        }
    }

    #[test]
    fn each_context_has_its_own_alarm() {
        use crate::at::reply::parse;
        for context in 1..=16u8 {
            for dropped in 1..=16u8 {
                let line = format!("+QIURC: \"pdpdeact\",{dropped}");
                let rules = dialect(context).rules;
                let rung = rules.iter().any(|rule| rule.pattern.matches(&parse(line.as_bytes())));
                assert_eq!(rung, context == dropped, "{context} {dropped}");
            }
        }
    }
}
