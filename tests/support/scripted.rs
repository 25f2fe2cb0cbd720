//! A module that answers by a table, for answers that no emulated module gives.

use std::collections::VecDeque;
use std::time::Duration;

use ftp_modem::transport::memory::Peer;

/// What a Quectel module answers to ATI.
pub const IDENTITY: &str = "\r\nQuectel\r\nEC20F\r\nRevision: EC20\r\n\r\nOK\r\n";

/// Each row is used once, in order of the commands that start with its text. A command without a row is answered by
/// `OK`, ATI by a Quectel's text. An answer is a delay in milliseconds, and bytes.
#[derive(Default)]
pub struct Scripted {
    rows: Vec<(&'static str, Vec<(u64, String)>)>,
    line: Vec<u8>,
    out: VecDeque<(Duration, Vec<u8>)>,
}

impl Scripted {
    pub fn new(rows: &[(&'static str, &[(u64, &str)])]) -> Self {
        let rows = rows
            .iter()
            .map(|(command, answers)| (*command, answers.iter().map(|(ms, text)| (*ms, (*text).to_owned())).collect()))
            .collect();
        Scripted { rows, ..Scripted::default() }
    }
}

impl Peer for Scripted {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        for byte in bytes {
            if *byte != b'\r' {
                self.line.push(*byte);
                continue;
            }
            let command = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
            if command.is_empty() {
                continue;
            }
            let row = self.rows.iter().position(|(text, _)| command.starts_with(text));
            let answers = match row {
                Some(row) => self.rows.remove(row).1,
                None if command == "ATI" => vec![(10, IDENTITY.to_owned())],
                None => vec![(10, "\r\nOK\r\n".to_owned())],
            };
            for (delay, text) in answers {
                let due = now + Duration::from_millis(delay);
                self.out.push_back((due, text.into_bytes()));
            }
            self.out.make_contiguous().sort_by_key(|(due, _)| *due);
        }
    }

    fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        while self.out.front().is_some_and(|(due, _)| *due <= now) {
            out.extend(self.out.pop_front().unwrap().1);
        }
    }

    fn next_event(&self) -> Option<Duration> {
        self.out.front().map(|(due, _)| *due)
    }
}
