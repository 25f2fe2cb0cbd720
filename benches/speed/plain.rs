//! FOR COMPARISON ONLY: a script that follows the examples of each manual. Blocking reads, line by line, fixed blocks,
//! no recovery, no checks except for the expected answer. It does not use the engine of this crate.
//!
//! | line of a script | what it does |
//! |---|---|
//! | `send <command>` | sends a command line |
//! | `run <command>` | sends a command line and waits for `OK`; information responses are ignored |
//! | `write <bytes>` | sends bytes without a line end |
//! | `until <start>` | reads lines until one begins so |
//! | `count <start>` | the same; the rest of the line is the number of bytes that follow |
//! | `find <text>` | reads up to and including a text that no line end follows |
//! | `number <text>` | the same; what precedes the text is the number of bytes that follow |
//! | `data` | download: reads that many bytes, or all; upload: writes the block, or the file |
//! | `blocks <n>` … `end` | upload: once for each block of at most that many bytes |
//! | `repeat until whole` … `end` | download: until the file is complete |
//! | `repeat until whole or empty` … `end` | the same, or until no bytes came |
//!
//! `{name}` is the name of the file, `{size}` its size, `{offset}` the number of bytes received, `{length}` the length
//! of the block, `{last}` 1 for the last block and 0 for all others.

use std::time::Duration;
use std::time::Instant;

use ftp_modem::Vendor;
use ftp_modem::transport::Transport;

use crate::dialect::section;
use crate::rig::{FILE, Way};

const PATIENCE: Duration = Duration::from_secs(120);

/// A serial port with blocking calls.
pub struct Plain<T> {
    port: T,
    buffer: Vec<u8>,
}

impl<T: Transport> Plain<T> {
    pub fn new(port: T) -> Self {
        Plain { port, buffer: Vec::new() }
    }

    fn deadline(&self) -> Instant {
        self.port.now() + PATIENCE
    }

    fn more(&mut self) {
        let mut piece = [0; 4096];
        let deadline = self.deadline();
        let count = self.port.read(&mut piece, deadline).unwrap();
        self.buffer.extend_from_slice(&piece[..count]);
    }

    fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line).trim().to_owned();
                if !line.is_empty() {
                    return line;
                }
            } else {
                self.more();
            }
        }
    }

    /// Reads lines until one begins with `start`.
    fn until(&mut self, start: &str) -> String {
        loop {
            let line = self.line();
            assert!(!line.contains("ERROR"), "expected {start}, got {line}");
            if line.starts_with(start) {
                return line;
            }
        }
    }

    /// Reads up to and including `end`, which has no line end.
    fn until_bytes(&mut self, end: &[u8]) -> Vec<u8> {
        loop {
            if let Some(start) = self.buffer.windows(end.len()).position(|window| window == end) {
                return self.buffer.drain(..start + end.len()).collect();
            }
            self.more();
        }
    }

    fn exactly(&mut self, count: usize, to: &mut Vec<u8>) {
        let end = to.len() + count;
        while to.len() < end {
            let here = self.buffer.len().min(end - to.len());
            to.extend(self.buffer.drain(..here));
            if to.len() < end {
                self.more();
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let deadline = self.deadline();
            let count = self.port.write(rest, deadline).unwrap();
            rest = &rest[count..];
        }
    }

    fn send(&mut self, command: &str) {
        self.write(format!("{command}\r").as_bytes());
    }

    /// Sends a command and waits for `OK`. Information responses are ignored.
    fn run(&mut self, command: &str) {
        self.send(command);
        self.until("OK");
    }

    /// Configures the module, attaches and logs in.
    pub fn log_in(&mut self, vendor: Vendor) {
        self.play(&section(vendor, "log in"), &mut Moved::default());
    }

    /// Everything behind the last transfer.
    pub fn log_out(&mut self, vendor: Vendor) {
        self.play(&section(vendor, "log out"), &mut Moved::default());
    }

    /// Transfers a file whose size the script knows. Returns what was downloaded.
    pub fn transfer(&mut self, vendor: Vendor, way: Way, file: &[u8]) -> Vec<u8> {
        let upload = (way == Way::Put).then_some(file);
        let mut moved = Moved { upload, block: file, size: file.len(), count: file.len(), ..Moved::default() };
        self.play(&section(vendor, way.name()), &mut moved);
        moved.received
    }

    fn play(&mut self, script: &[String], moved: &mut Moved<'_>) {
        let mut rest = script;
        while let [line, behind @ ..] = rest {
            rest = behind;
            let line = moved.fill(line);
            let (word, value) = line.split_once(' ').unwrap_or((&line, ""));
            match word {
                "send" => self.send(value),
                "run" => self.run(value),
                "write" => self.write(value.as_bytes()),
                "until" => drop(self.until(value)),
                "count" => moved.count = self.until(value)[value.len()..].trim().parse().unwrap(),
                "find" => drop(self.until_bytes(value.as_bytes())),
                "number" => {
                    let before = self.until_bytes(value.as_bytes());
                    moved.count = std::str::from_utf8(&before[..before.len() - value.len()]).unwrap().parse().unwrap();
                }
                "data" if moved.upload.is_some() => self.write(moved.block),
                "data" => self.exactly(moved.count, &mut moved.received),
                "blocks" => {
                    let inner = inner(&mut rest);
                    let (file, most) = (moved.upload.unwrap(), value.parse().unwrap());
                    let count = file.len().div_ceil(most);
                    for (index, block) in file.chunks(most).enumerate() {
                        (moved.block, moved.is_last) = (block, index + 1 == count);
                        self.play(inner, moved);
                    }
                }
                "repeat" => {
                    let inner = inner(&mut rest);
                    while moved.received.len() < moved.size {
                        self.play(inner, moved);
                        if value == "until whole or empty" && moved.count == 0 {
                            break;
                        }
                    }
                }
                _ => panic!("{line:?} is not part of a script"),
            }
        }
    }
}

/// Cuts the lines of a loop, behind its head, from the front of a script. Its `end` is cut, too.
fn inner<'a>(rest: &mut &'a [String]) -> &'a [String] {
    let mut depth = 1;
    let is_end = |line: &String| {
        depth += i32::from(line.starts_with("blocks ") || line.starts_with("repeat ")) - i32::from(line == "end");
        depth == 0
    };
    let end = rest.iter().position(is_end).expect("a loop without end");
    let (inner, behind) = rest.split_at(end);
    *rest = &behind[1..];
    inner
}

/// The payload of a transfer, and how far it is.
#[derive(Default)]
struct Moved<'a> {
    /// The file that is uploaded.
    upload: Option<&'a [u8]>,
    /// What is written next.
    block: &'a [u8],
    is_last: bool,
    /// The size of the file.
    size: usize,
    /// The number of bytes that are read next.
    count: usize,
    received: Vec<u8>,
}

impl Moved<'_> {
    /// Returns a line with the values in it.
    fn fill(&self, line: &str) -> String {
        line.replace("{name}", &FILE[1..])
            .replace("{size}", &self.size.to_string())
            .replace("{offset}", &self.received.len().to_string())
            .replace("{length}", &self.block.len().to_string())
            .replace("{last}", if self.is_last { "1" } else { "0" })
    }
}
