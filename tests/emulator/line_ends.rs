//! The line feed of a command line that ends with CR LF, where data follow.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use crate::emulator::Options;
use crate::line::Line;

/// A profile, what opens its session, the command with data behind it, what asks for the data, and where they go.
type Case = (&'static str, &'static [&'static str], &'static str, &'static str, &'static str);

const CASES: &[Case] = &[
    (
        "sim800",
        &[
            "AT+SAPBR=1,1",
            "AT+FTPCID=1",
            "AT+FTPSERV=\"h\"",
            "AT+FTPUN=\"u\"",
            "AT+FTPPW=\"p\"",
            "AT+FTPPUTPATH=\"/\"",
            "AT+FTPPUTNAME=\"f\"",
            "AT+FTPPUT=1",
        ],
        "AT+FTPPUT=2,10",
        "+FTPPUT: 2,10\r\n",
        "/f",
    ),
    ("ec25", &["AT+QIACT=1", "AT+QFTPOPEN=\"h\",21"], "AT+QFTPPUT=\"f\",\"COM:\",0,10,1", "CONNECT\r\n", "/f"),
    ("ec25", &["AT+QIACT=1", "AT+QFTPOPEN=\"h\",21"], "AT+QFUPL=\"f\",10,60", "CONNECT\r\n", "UFS:f"),
    (
        "l610",
        &["AT+MIPCALL=1,\"internet\"", "AT+FTPOPEN=\"h\",\"u\",\"p\",\"\",,21,"],
        "AT+FTPPUT=\"f\",10,1",
        "+FTPPUT: 2,10\r\n",
        "/f",
    ),
    ("ml307", &["AT+MIPCALL=1,1", "AT+MFTPCONN=0,\"h\",\"u\",\"p\",21"], "AT+MFTPSTOR=0,\"f\",1,10", "\r\n>", "/f"),
];

#[test]
fn ten_bytes_behind_a_command_line_with_a_line_feed_are_stored_as_they_are() {
    for (profile, session, command, go_ahead, place) in CASES {
        for data in ["0123456789", "\n123456789", "\r\n3456789\n"] {
            let mut line = Line::new(profile, Options::with_real_times);
            for step in *session {
                let answer = line.exchange(format!("{step}\r\n").as_bytes());
                assert!(answer.contains("\r\nOK\r\n") && !answer.contains("ERROR"), "{profile}: {step}: {answer:?}");
                assert!(answer.starts_with(&format!("{step}\r\r\n")), "{profile}: the echo of {step}: {answer:?}");
            }
            let asked = line.exchange(format!("{command}\r\n").as_bytes());
            assert!(asked.ends_with(go_ahead), "{profile}: {command}: {asked:?}");
            let answer = line.exchange(data.as_bytes());
            assert!(answer.contains("\r\nOK\r\n"), "{profile}: {command}: {answer:?}");
            let stored = match place.strip_prefix("UFS:") {
                Some(file) => line.exchange(format!("AT+QFDWL=\"{file}\"\r\n").as_bytes()),
                None => {
                    line.exchange(b"AT+FTPPUT=2,0\r\n");
                    String::from_utf8(line.server.file(place).unwrap()).unwrap()
                }
            };
            assert!(stored == data || stored.contains(&format!("CONNECT\r\n{data}\r\n")), "{profile}: {stored:?}");
        }
    }
}
