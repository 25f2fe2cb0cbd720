//! A unit test of a program that sends reports: emulated module, in-memory pipe, driver and upload, in virtual time.
//!
//! ```text
//! cargo test --example unit_test
//! ```

use ftp_modem::transfer::{Reconnect, Upload};
use ftp_modem::{AccessPoint, FtpModem, Result, Server};

/// The function under test: sends a report to the inbox of the server, and returns the number of attempts.
fn send(modem: &mut dyn FtpModem, server: &Server, report: Upload<'_>) -> Result<u32> {
    let access_point = AccessPoint::default();
    modem.attach(&access_point)?;
    modem.login(server)?;
    let sent = report.reconnect_with(Reconnect::new(access_point)).run(modem)?;
    modem.logout()?;
    modem.detach()?;
    Ok(sent.attempts)
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).ok_or("usage: unit_test PORT")?;
    let mut modem = ftp_modem::open(&port)?;
    let server = Server::new("192.0.2.1", "logger", "secret");
    println!("{} attempts", send(&mut *modem, &server, Upload::new("report.csv", "/in/report.csv"))?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use ftp_modem::emulator::{Family, MemoryServer, Module, NetworkCause, Operation, Options, RemoteError};
    use ftp_modem::transport::memory::{MemoryPipe, VirtualClock};
    use ftp_modem::{ErrorKind, OpenOptions};

    use super::*;

    const REPORT: &[u8] = b"12:00,21.5";

    /// A server, a module of `family` that reaches it, and the clock of the line between host and module.
    fn rig(family: Family) -> (MemoryServer, Box<dyn FtpModem>, VirtualClock) {
        let files = MemoryServer::new();
        files.add_directory("/in");
        files.add_user("logger", "secret");
        let pipe = MemoryPipe::new(Module::new(family, files.remote(), Options::default()));
        let clock = pipe.clock();
        (files, OpenOptions::new().open_on(pipe).unwrap(), clock)
    }

    /// Sends the report with this password. The pauses before retries take no time.
    fn send_report(modem: &mut dyn FtpModem, password: &str, clock: VirtualClock) -> Result<u32> {
        let report = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&report, REPORT).unwrap();
        let upload = Upload::new(report.path(), "/in/report.csv").on_clock(clock);
        send(modem, &Server::new("192.0.2.1", "logger", password), upload)
    }

    #[test]
    fn the_report_arrives_on_every_dialect() {
        for family in Family::ALL {
            let (files, mut modem, clock) = rig(family);
            assert_eq!(send_report(&mut *modem, "secret", clock).unwrap(), 1);
            assert_eq!(files.file("/in/report.csv").as_deref(), Some(REPORT), "{family}");
        }
    }

    #[test]
    fn a_lost_data_connection_is_retried() {
        let (files, mut modem, clock) = rig(Family::Quectel);
        files.fail_next(Operation::Store, RemoteError::Network(NetworkCause::Dropped));
        assert_eq!(send_report(&mut *modem, "secret", clock).unwrap(), 2);
        assert_eq!(files.file("/in/report.csv").as_deref(), Some(REPORT));
    }

    #[test]
    fn a_wrong_password_is_reported() {
        let (_, mut modem, clock) = rig(Family::Quectel);
        let error = send_report(&mut *modem, "wrong", clock).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LoginRefused);
    }
}
