//! A unit test of a program that sends reports: emulated module, in-memory pipe, driver and upload, in virtual time.
//!
//! ```text
//! cargo test --example unit_test
//! ```

use std::path::Path;

use ftp_modem::transfer::{Reconnect, Upload};
use ftp_modem::{AccessPoint, FtpModem, Result, Server};

/// The function under test: sends a report to the inbox of the server, and returns its size.
fn send_report(modem: &mut dyn FtpModem, server: &Server, report: &Path) -> Result<u64> {
    let access_point = AccessPoint::default();
    modem.attach(&access_point)?;
    modem.login(server)?;
    let sent = Upload::new(report, "/in/report.csv").reconnect_with(Reconnect::new(access_point)).run(modem)?;
    modem.logout()?;
    modem.detach()?;
    Ok(sent.size)
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).ok_or("usage: unit_test PORT")?;
    let mut modem = ftp_modem::open(&port)?;
    let server = Server::new("192.0.2.1", "logger", "secret");
    println!("{} bytes", send_report(&mut *modem, &server, Path::new("report.csv"))?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
    use ftp_modem::transport::memory::MemoryPipe;
    use ftp_modem::{ErrorKind, OpenOptions};

    use super::*;

    /// The server, a module of `family` that reaches it, and the name and password it accepts.
    fn rig(family: Family) -> (MemoryServer, Box<dyn FtpModem>) {
        let server = MemoryServer::new();
        server.add_directory("/in");
        server.add_user("logger", "secret");
        let module = Module::new(family, server.remote(), Options::default());
        (server, OpenOptions::new().open_on(MemoryPipe::new(module)).unwrap())
    }

    #[test]
    fn the_report_arrives_on_every_dialect() {
        let report = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&report, "12:00,21.5").unwrap();
        for family in Family::ALL {
            let (files, mut modem) = rig(family);
            let size = send_report(&mut *modem, &Server::new("192.0.2.1", "logger", "secret"), report.path()).unwrap();
            assert_eq!(size, 10);
            assert_eq!(files.file("/in/report.csv").as_deref(), Some(&b"12:00,21.5"[..]), "{family}");
        }
    }

    #[test]
    fn a_wrong_password_is_reported() {
        let report = tempfile::NamedTempFile::new().unwrap();
        let (_, mut modem) = rig(Family::Quectel);
        let server = Server::new("192.0.2.1", "logger", "wrong");
        let error = send_report(&mut *modem, &server, report.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LoginRefused);
    }
}
