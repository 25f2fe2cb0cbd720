//! Times of servers and of local files.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use ftp_modem::modem::{Modified, Precision};

/// Returns the time that the server states, taken for UTC. `None` without a year.
pub fn system_time(modified: &Modified) -> Option<SystemTime> {
    let days = days_before(modified.year?, modified.month, modified.day)?;
    let clock = u64::from(modified.hour) * 3600 + u64::from(modified.minute) * 60 + u64::from(modified.second);
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(days * 86_400 + clock))
}

/// Returns whether a local file was modified at `modified`, as precisely as the server states it.
pub fn is_same(local: SystemTime, modified: &Modified) -> bool {
    let unit = match modified.precision {
        Precision::Second => 1,
        Precision::Minute => 60,
        _ => 86_400,
    };
    let units = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs() / unit);
    system_time(modified).is_some_and(|time| units(time).is_some() && units(time) == units(local))
}

/// Gives a local file the time that the server states, if that has a year.
pub fn keep(local: &Path, modified: &Modified) -> io::Result<()> {
    let Some(time) = system_time(modified) else { return Ok(()) };
    // Windows sets times only through a handle that may write; Unix sets those of a read-only file, too.
    File::options().read(true).write(cfg!(windows)).open(local)?.set_modified(time)
}

/// Returns the number of days from 1970-01-01 to a day of the Gregorian calendar.
fn days_before(year: u16, month: u8, day: u8) -> Option<u64> {
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let (years, month) = (u64::from(year), usize::from(month));
    let of_month = before.get(month.checked_sub(1)?)?;
    let is_leap = years.is_multiple_of(4) && !years.is_multiple_of(100) || years.is_multiple_of(400);
    let leaps = |until: u64| until / 4 - until / 100 + until / 400;
    let leap_day = u64::from(is_leap && month > 2);
    let since_year = leaps(years.checked_sub(1)?) - leaps(1969);
    Some((years.checked_sub(1970)?) * 365 + since_year + of_month + leap_day + u64::from(day).checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_utc() {
        for (year, month, day, hour, seconds) in [
            (1970, 1, 1, 0, 0),
            (1972, 3, 1, 1, 68_256_000 + 3600),
            (2000, 2, 29, 0, 951_782_400),
            (2024, 7, 22, 4, 1_721_620_800),
            (2100, 3, 1, 0, 4_107_542_400),
        ] {
            let precision = Precision::Second;
            let time = Modified { year: Some(year), month, day, hour, minute: 0, second: 0, precision };
            let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(system_time(&time), Some(expected), "{year}-{month}-{day}");
            let minute = Modified { precision: Precision::Minute, ..time };
            let later = expected + Duration::from_secs(59);
            assert_eq!((is_same(later, &time), is_same(later, &minute)), (false, true));
        }
    }
}
