//! Looks for the password of the test account, and for private file data, in everything the driver logs. With
//! `SHOW_LOG` in the environment the log is printed, too.

use std::sync::{Mutex, Once};

use log::{LevelFilter, Log, Metadata, Record};

use super::access::PASSWORD;

/// Marks the data of a file that must not be logged.
pub const PRIVATE: &str = "PRIVATE-PAYLOAD";

/// Keeps every log line that holds a secret.
struct Watch;

pub static LEAKS: Mutex<Vec<String>> = Mutex::new(Vec::new());
pub static LINES: Mutex<usize> = Mutex::new(0);

impl Log for Watch {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        if !record.target().starts_with("ftp_modem") || record.target().contains("emulator") {
            return;
        }
        *LINES.lock().unwrap() += 1;
        let line = format!("{} {}", record.level(), record.args());
        if std::env::var_os("SHOW_LOG").is_some() {
            eprintln!("{line}");
        }
        if line.contains(PASSWORD) || line.contains(PRIVATE) {
            LEAKS.lock().unwrap().push(line);
        }
    }

    fn flush(&self) {}
}

/// Starts to watch the log, at its most detailed level.
pub fn watch() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        log::set_logger(&Watch).unwrap();
        log::set_max_level(LevelFilter::Trace);
    });
}
