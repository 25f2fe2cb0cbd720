//! Uploads a file through a module, with retries.
//!
//! ```text
//! FTP_MODEM_PASSWORD=secret cargo run --example upload -- /dev/ttyUSB0 ftp://user@host:21 a.csv /logs/a.csv
//! ```

use std::time::Duration;

use ftp_modem::Server;
use ftp_modem::transfer::{Link, Retry};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, address, local, remote] = arguments.as_slice() else {
        return Err("usage: upload PORT ftp://USER@HOST[:PORT] LOCAL REMOTE   (password in FTP_MODEM_PASSWORD)".into());
    };
    let mut server: Server = address.parse()?;
    server.password = std::env::var("FTP_MODEM_PASSWORD").unwrap_or_default();

    // The module must be there. A module on USB that restarts comes back within 20 seconds.
    let mut link = Link::to(port, server).expect_module(Duration::from_secs(20)).retry(Retry::default());
    let outcome = link.upload(local, remote);
    link.close();
    let report = outcome?;
    println!("{} bytes in {:.1} s ({:?})", report.size, report.elapsed.as_secs_f64(), report.assurance);
    Ok(())
}
