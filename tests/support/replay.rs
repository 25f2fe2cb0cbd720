//! Sessions that are written down line by line, played against the driver.

use std::time::Duration;

use ftp_modem::backend::Backend;
use ftp_modem::transport::Transport;
use ftp_modem::transport::replay::Replay;
use ftp_modem::transport::transcript::Transcript;
use ftp_modem::{FtpModem, OpenOptions, Result};

use super::watch;

/// Plays a session from identification to its end, delivered in pieces of every size; returns the longest time that
/// `scenario` took.
#[track_caller]
pub fn play<B: Backend>(text: &str, scenario: impl Fn(&mut B)) -> Duration {
    play_with(text, |replay| OpenOptions::new().open_as_on(replay), scenario)
}

/// As [`play`], with a driver of the dialect that the session identifies.
#[track_caller]
pub fn play_any(text: &str, scenario: impl Fn(&mut dyn FtpModem)) -> Duration {
    play_with(text, |replay| OpenOptions::new().open_on(replay), |modem| scenario(&mut **modem))
}

#[track_caller]
fn play_with<M>(text: &str, open: impl Fn(Replay) -> Result<M>, scenario: impl Fn(&mut M)) -> Duration {
    watch::watch();
    let transcript = Transcript::parse(text).unwrap();
    let mut longest = Duration::ZERO;
    for fragment in [1, 2, 7, 64, usize::MAX] {
        let replay = Replay::new(transcript.clone()).with_fragment(fragment);
        let mut modem = open(replay.clone()).unwrap_or_else(|error| panic!("in pieces of {fragment}: {error}"));
        let begun = replay.now();
        scenario(&mut modem);
        longest = longest.max(replay.now() - begun);
        replay.finish().unwrap_or_else(|difference| panic!("in pieces of {fragment}: {difference}"));
    }
    longest
}

/// Commands and their `OK`, as lines of a session.
pub fn ok(commands: &[&str]) -> String {
    commands.iter().map(|command| format!(">> {command}\\r\n<< \\r\\nOK\\r\\n\n")).collect()
}
