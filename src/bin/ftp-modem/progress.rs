//! The progress line on stderr: bytes, per cent, rate, time left. Only where stderr is a terminal.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ftp_modem::transfer::Progress;
use indicatif::{FormattedDuration, HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The line that is shown now, for whoever else writes to stderr.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

const WITH_TOTAL: &str = "{prefix} {bar:25} {bytes}/{total_bytes} {percent}% {msg}";
const WITHOUT_TOTAL: &str = "{prefix} {bytes} {msg}";

/// Runs `write` while the progress line is out of the way.
pub fn aside<T>(write: impl FnOnce() -> T) -> T {
    let shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match shown {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// The progress line of one transfer; it goes away with this value.
pub struct Bar {
    bar: ProgressBar,
    begun: Instant,
}

impl Bar {
    /// A line that begins with `name`; none when `quiet`, and none where stderr is not a terminal.
    pub fn new(name: String, quiet: bool) -> Self {
        // The terminal is looked for by indicatif itself: its target on stderr is hidden unless stderr is one.
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target).with_prefix(name);
        if !bar.is_hidden() {
            *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
        }
        style(&bar, WITHOUT_TOTAL);
        Bar { bar, begun: Instant::now() }
    }

    /// Shows how far a whole-file transfer is.
    pub fn show(&self, progress: &Progress) {
        self.draw(progress.bytes, progress.total, progress.rate, progress.remaining);
    }

    /// Shows how far a stream is that began with this line.
    pub fn show_stream(&self, bytes: u64, total: Option<u64>) {
        let spent = self.begun.elapsed().as_secs_f64();
        let rate = if spent > 0.0 { bytes as f64 / spent } else { 0.0 };
        let left = total.map(|total| total.saturating_sub(bytes)).filter(|_| rate > 0.0);
        let remaining = left.and_then(|left| Duration::try_from_secs_f64(left as f64 / rate).ok());
        self.draw(bytes, total, rate, remaining);
    }

    fn draw(&self, bytes: u64, total: Option<u64>, rate: f64, remaining: Option<Duration>) {
        if self.bar.is_hidden() {
            return;
        }
        if let Some(total) = total.filter(|total| self.bar.length() != Some(*total)) {
            style(&self.bar, WITH_TOTAL);
            self.bar.set_length(total);
        }
        self.bar.set_message(words(rate, remaining));
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
    // The templates are constants that a test draws; one that failed would leave the default style.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}

fn words(rate: f64, remaining: Option<Duration>) -> String {
    let rate = HumanBytes(rate as u64);
    match remaining {
        Some(time) => format!("{rate}/s ETA {}", FormattedDuration(time)),
        None => format!("{rate}/s"),
    }
}

/// Passes bytes on and shows how many there were.
pub struct Counted<'a, T> {
    inner: T,
    bar: &'a Bar,
    total: Option<u64>,
    /// Bytes that have passed.
    pub count: u64,
}

impl<'a, T> Counted<'a, T> {
    /// Shows on `bar` what passes through `inner`.
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
    fn the_templates_can_be_drawn() {
        for template in [WITH_TOTAL, WITHOUT_TOTAL] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn rate_and_time_left_in_words() {
        assert_eq!(words(2048.0, Some(Duration::from_secs(90))), "2.00 KiB/s ETA 00:01:30");
        assert_eq!(words(0.0, None), "0 B/s");
    }
}
