//! Whole files and long-running links, on top of the single operations of [`FtpModem`](crate::FtpModem).
//!
//! [`Download`] stores a file under its name only when it is complete and verified. Until then it is in a partial file
//! beside it (`name.part`). [`Upload`] checks the uploaded file. Both retry after temporary failures, with growing
//! pauses, and resume if the dialect can resume and the file is proven to be the same. They report progress, and
//! another thread can cancel them. They work on any `dyn FtpModem` and know no vendor. A [`Link`] opens port, bearer
//! and session for them, and opens them again after they were lost.
//!
//! ```no_run
//! use ftp_modem::transfer::{Download, Upload};
//! use ftp_modem::{AccessPoint, Server};
//!
//! let mut modem = ftp_modem::open("/dev/ttyUSB0")?;
//! modem.attach(&AccessPoint::default())?;
//! modem.login(&Server::new("ftp.example.com", "logger", "secret"))?;
//! let report = Download::new("out/firmware.bin", "firmware.bin")
//!     .on_progress(|progress| println!("{} bytes", progress.bytes))
//!     .run(&mut *modem)?;
//! println!("{} bytes, {:?}", report.size, report.assurance);
//! Upload::new("report.csv", "in/report.csv").run(&mut *modem)?;
//! # Ok::<(), ftp_modem::Error>(())
//! ```

mod announcement;
mod attempts;
mod caller_controls;
mod content;
mod download;
mod fingerprint;
mod link;
mod lock;
mod name;
mod overlap;
mod partial;
mod permissions;
mod progress;
mod refusal;
#[cfg(test)]
mod scripted;
mod settings;
mod temporary;
mod upload;

pub use crate::clock::{Clock, SystemClock};
pub use attempts::{Reconnect, Retry};
pub use download::Download;
pub use link::{Attempt, Link, LinkFailure, LinkState, Needs};
pub use name::local_name;
pub use progress::Progress;
pub use upload::Upload;

use std::time::Duration;

use crate::modem::Assurance;

/// The result of a transfer of a whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Size of the file in bytes; of an appended upload, the number of appended bytes.
    pub size: u64,
    /// Number of bytes that passed the line. Repeated bytes count; the bytes of a comparison do not.
    pub moved: u64,
    /// Number of attempts, from 1.
    pub attempts: u32,
    /// How far it is known that the file is complete.
    pub assurance: Assurance,
    /// Size of the server's file after a download during which the file grew. It is larger than [`size`](Self::size)
    /// where bytes arrived at the server too late for this download. `None`: no growth was observed.
    pub grown_to: Option<u64>,
    /// Duration, with all attempts and pauses.
    pub elapsed: Duration,
}

impl Report {
    /// Adds the attempts of a [`Link`] before `attempt` to [`attempts`](Self::attempts).
    pub fn after(mut self, attempt: &Attempt) -> Self {
        self.attempts = self.attempts.saturating_add(attempt.before());
        self
    }
}
