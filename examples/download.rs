//! Downloads a file through a module.
//!
//! ```text
//! FTP_MODEM_PASSWORD=secret cargo run --example download -- /dev/ttyUSB0 ftp://user@host:21 /logs/a.csv a.csv
//! ```

use std::fs::File;
use std::time::Instant;

use ftp_modem::{AccessPoint, Retrieve, Server};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, address, remote, local] = arguments.as_slice() else {
        return Err(
            "usage: download PORT ftp://USER@HOST[:PORT] REMOTE LOCAL   (password in FTP_MODEM_PASSWORD)".into()
        );
    };
    let mut server: Server = address.parse()?;
    server.password = std::env::var("FTP_MODEM_PASSWORD").unwrap_or_default();

    let mut modem = ftp_modem::open(port)?;
    modem.attach(&AccessPoint::default())?;
    modem.login(&server)?;
    let start = Instant::now();
    // The file is renamed when it is complete, so that a failed download does not replace an existing file.
    let partial = format!("{local}.part");
    let mut file = File::create(&partial)?;
    let transfer = modem.retrieve(remote, &Retrieve::whole(), &mut file)?;
    file.sync_all()?;
    std::fs::rename(&partial, local)?;
    println!("{} bytes in {:.1} s ({:?})", transfer.bytes, start.elapsed().as_secs_f64(), transfer.assurance);
    modem.logout()?;
    modem.detach()?;
    Ok(())
}
