//! The progress on stderr: bytes, percentage, rate, remaining time. JSON lines, or a line that is shown only if stderr
//! is a terminal.

use std::cell::Cell;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ftp_modem::FtpModem;
use ftp_modem::transfer::Progress;
use indicatif::{FormattedDuration, HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use log::debug;
use serde::Serialize;

use crate::text::shown_json;
use crate::values::ProgressMode;

/// The progress line that is on the screen, for other writers to stderr.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

const WITH_TOTAL: &str = "{prefix} {bar:25} {bytes}/{total_bytes} {percent}% {msg}";
const WITHOUT_TOTAL: &str = "{prefix} {bytes} {msg}";

/// Runs `write` while the progress line is hidden.
pub fn hidden_during<T>(write: impl FnOnce() -> T) -> T {
    let shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match shown {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// The progress of one transfer: a line on the terminal, which dropping it removes, or JSON lines.
pub struct Bar {
    bar: ProgressBar,
    begun: Instant,
    /// `None` without JSON lines.
    json: Option<Json>,
}

/// What JSON lines need.
struct Json {
    file: String,
    /// Signal strength in dBm before the transfer, where known.
    signal_dbm: Option<i16>,
    /// When the last line was printed.
    last: Cell<Option<Instant>>,
}

/// Shortest interval between two JSON lines.
const JSON_INTERVAL: Duration = Duration::from_millis(500);

/// JSON of the progress.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    bytes: u64,
    total: Option<u64>,
    rate: f64,
    eta_seconds: Option<f64>,
    attempt: u32,
    signal_dbm: Option<i16>,
}

impl Bar {
    /// Creates a line that begins with `name`. It is hidden unless `mode` is auto and stderr a terminal. With JSON
    /// lines it asks `modem`, which is about to transfer the file, for the signal strength.
    pub fn new(name: String, mode: ProgressMode, modem: &mut dyn FtpModem) -> Self {
        let json = (mode == ProgressMode::Json).then(|| {
            // A transfer does not fail because its signal is unknown.
            let network = modem.network().map_err(|error| debug!("{error}")).ok();
            let signal_dbm = network.and_then(|network| network.signal);
            Json { file: name.clone(), signal_dbm, last: Cell::new(None) }
        });
        // indicatif hides its target on stderr unless stderr is a terminal.
        let target =
            if mode == ProgressMode::Auto { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target).with_prefix(name);
        if !bar.is_hidden() {
            *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
        }
        style(&bar, WITHOUT_TOTAL);
        Bar { bar, begun: Instant::now(), json }
    }

    /// Shows the progress of a whole-file transfer that was preceded by so many attempts.
    pub fn show(&self, progress: &Progress, before: u32) {
        let attempt = progress.attempt.saturating_add(before);
        self.draw(progress.bytes, progress.total, progress.rate, progress.remaining, attempt);
    }

    /// Shows the progress of a stream that started when this line was created.
    pub fn show_stream(&self, bytes: u64, total: Option<u64>) {
        let spent = self.begun.elapsed().as_secs_f64();
        let rate = if spent > 0.0 { bytes as f64 / spent } else { 0.0 };
        let left = total.map(|total| total.saturating_sub(bytes)).filter(|_| rate > 0.0);
        let remaining = left.and_then(|left| Duration::try_from_secs_f64(left as f64 / rate).ok());
        self.draw(bytes, total, rate, remaining, 1);
    }

    fn draw(&self, bytes: u64, total: Option<u64>, rate: f64, remaining: Option<Duration>, attempt: u32) {
        if let Some(Json { file, signal_dbm, last }) = &self.json {
            let is_due = last.get().is_none_or(|last| last.elapsed() >= JSON_INTERVAL);
            if is_due || total == Some(bytes) {
                last.set(Some(Instant::now()));
                let eta_seconds = remaining.map(|time| time.as_secs_f64());
                let signal_dbm = *signal_dbm;
                print(&Line { file, bytes, total, rate, eta_seconds, attempt, signal_dbm });
            }
        }
        if self.bar.is_hidden() {
            return;
        }
        if let Some(total) = total.filter(|total| self.bar.length() != Some(*total)) {
            style(&self.bar, WITH_TOTAL);
            self.bar.set_length(total);
        }
        self.bar.set_message(words(rate, remaining, attempt));
        self.bar.set_position(bytes);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn style(bar: &ProgressBar, template: &str) {
    // A unit test checks the templates. An invalid template would leave the default style.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}

fn words(rate: f64, remaining: Option<Duration>, attempt: u32) -> String {
    let rate = HumanBytes(rate as u64);
    let attempt = if attempt > 1 { format!(" attempt {attempt}") } else { String::new() };
    match remaining {
        Some(time) => format!("{rate}/s ETA {}{attempt}", FormattedDuration(time)),
        None => format!("{rate}/s{attempt}"),
    }
}

/// Prints a JSON line on stderr. If stderr is closed, nobody wants the progress.
fn print(line: &Line<'_>) {
    if let Ok(text) = serde_json::to_string(line) {
        let _ = writeln!(std::io::stderr(), "{}", shown_json(&text));
    }
}

/// A reader or writer that counts its bytes and shows the progress.
pub struct Counted<'a, T> {
    inner: T,
    bar: &'a Bar,
    total: Option<u64>,
    /// Number of bytes read or written.
    pub count: u64,
}

impl<'a, T> Counted<'a, T> {
    /// Wraps `inner` and shows the number of its bytes on `bar`.
    pub fn new(inner: T, bar: &'a Bar, total: Option<u64>) -> Self {
        Counted { inner, bar, total, count: 0 }
    }

    fn add(&mut self, count: usize) {
        self.count += count as u64;
        self.bar.show_stream(self.count, self.total);
    }
}

impl<T: std::io::Read> std::io::Read for Counted<'_, T> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.add(count);
        Ok(count)
    }
}

impl<T: Write> Write for Counted<'_, T> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.add(count);
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_valid() {
        for template in [WITH_TOTAL, WITHOUT_TOTAL] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn rate_and_remaining_time_are_formatted() {
        assert_eq!(words(2048.0, Some(Duration::from_secs(90)), 1), "2.00 KiB/s ETA 00:01:30");
        assert_eq!(words(0.0, None, 2), "0 B/s attempt 2");
    }
}
