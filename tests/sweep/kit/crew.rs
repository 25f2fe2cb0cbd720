//! Many runs on all processors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::run::run;
use super::sheet::Sheet;
use super::tally::Tally;

/// Runs `chosen` cases, each a sheet's index and a case's in it.
pub fn sweep(sheets: &[Sheet], chosen: &[(usize, usize)]) -> Tally {
    // A panic is an outcome that is printed with its case; the message of the hook would only repeat it.
    std::panic::set_hook(Box::new(|_| {}));
    let next = AtomicUsize::new(0);
    let total = Mutex::new(Tally::default());
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let folder = scratch();
                let mut tally = Tally::default();
                while let Some((sheet, index)) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let sheet = &sheets[*sheet];
                    let case = sheet.case(*index);
                    tally.note(&case, &run(&case, &sheet.reference, folder.path()));
                }
                total.lock().unwrap_or_else(PoisonError::into_inner).add(tally);
            });
        }
    });
    let _ = std::panic::take_hook();
    let mut tally = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    tally.failures.sort();
    tally
}

/// A folder for local files, in memory where the system has such a place: every download ends by waiting for the disk.
pub fn scratch() -> tempfile::TempDir {
    let in_memory = tempfile::tempdir_in("/dev/shm");
    in_memory.or_else(|_| tempfile::tempdir()).unwrap_or_else(|error| panic!("no folder: {error}"))
}

/// About `runs` cases of `sheets`, the same for the same `seed`.
pub fn sample(sheets: &[Sheet], runs: usize, seed: u64) -> Vec<(usize, usize)> {
    let each = runs.div_ceil(sheets.len().max(1));
    // Short exchanges have fewer cases than their share; the others make up for it.
    let mut chosen = Vec::new();
    let mut order: Vec<usize> = (0..sheets.len()).collect();
    order.sort_by_key(|index| sheets[*index].count());
    for (done, index) in order.iter().enumerate() {
        let share = (runs.saturating_sub(chosen.len())).div_ceil(sheets.len() - done).max(each);
        let seed = seed.wrapping_mul(1_000_003).wrapping_add(*index as u64);
        chosen.extend(sheets[*index].sample(share, seed).into_iter().map(|case| (*index, case)));
    }
    chosen
}
