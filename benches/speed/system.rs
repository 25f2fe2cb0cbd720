//! What the operating system says of this process, where it is Linux.

use std::fs;
use std::time::Duration;

/// Time that this thread has spent on a processor.
pub fn thread_time() -> Duration {
    first_number("/proc/thread-self/schedstat").map(Duration::from_nanos).expect("a kernel with scheduler statistics")
}

/// Time that all threads of this process that are still running have spent on processors.
pub fn process_time() -> Duration {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let times = tasks.filter_map(|task| first_number(&format!("{}/schedstat", task.unwrap().path().display())));
    Duration::from_nanos(times.sum())
}

fn first_number(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.split_whitespace().next()?.parse().ok()
}

/// Forgets the most memory that this process has used so far.
pub fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// The most memory that was in use since [`forget_peak`], in KiB.
pub fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// How busy the machine was in the last minute, by everybody.
pub fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("?").to_owned()
}
