//! Statistics of this process, on Linux.

use std::fs;
use std::time::Duration;

/// Returns the processor time of this thread.
pub fn thread_time() -> Duration {
    first_number("/proc/thread-self/schedstat").map(Duration::from_nanos).expect("a kernel with scheduler statistics")
}

/// Returns the processor time of all running threads of this process.
pub fn process_time() -> Duration {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let times = tasks.filter_map(|task| first_number(&format!("{}/schedstat", task.unwrap().path().display())));
    Duration::from_nanos(times.sum())
}

fn first_number(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.split_whitespace().next()?.parse().ok()
}

/// Resets the peak memory of this process.
pub fn reset_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// Returns the peak memory since [`reset_peak`] in KiB.
pub fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Returns the load average of the machine in the last minute.
pub fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("?").to_owned()
}
