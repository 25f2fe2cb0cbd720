//! A data logger: sends a file to the server at an interval, as long as the program runs.
//!
//! ```text
//! FTP_MODEM_PASSWORD=secret cargo run --example logger -- /dev/ttyUSB2 ftp://user@host report.csv /in/report.csv 3600
//! ```

use std::time::Duration;

use ftp_modem::transfer::{Reconnect, Report, Upload};
use ftp_modem::{AccessPoint, Result, Server};

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, address, local, remote, seconds] = arguments.as_slice() else {
        return Err(
            "usage: logger PORT ftp://USER@HOST[:PORT] LOCAL REMOTE SECONDS   (password in FTP_MODEM_PASSWORD)".into(),
        );
    };
    let mut server: Server = address.parse()?;
    server.password = std::env::var("FTP_MODEM_PASSWORD").unwrap_or_default();
    let interval = Duration::from_secs(seconds.parse()?);
    loop {
        // A failure is not the end: the next interval tries again, with a port that was opened anew.
        match send(port, &server, local, remote) {
            Ok(report) => println!("{} bytes in {:.1} s", report.size, report.elapsed.as_secs_f64()),
            Err(error) => eprintln!("{error}"),
        }
        std::thread::sleep(interval);
    }
}

/// Sends the file once. Without a bearer between two files, the module saves energy and data volume.
fn send(port: &str, server: &Server, local: &str, remote: &str) -> Result<Report> {
    let access_point = AccessPoint::default();
    let mut modem = ftp_modem::open(port)?;
    modem.attach(&access_point)?;
    modem.login(server)?;
    let report = Upload::new(local, remote).reconnect_with(Reconnect::new(access_point)).run(&mut *modem)?;
    modem.logout()?;
    modem.detach()?;
    Ok(report)
}
