//! Uploads a file through a module.
//!
//! ```text
//! FTP_MODEM_PASSWORD=secret cargo run --example upload -- /dev/ttyUSB0 ftp://user@host:21 a.csv /logs/a.csv
//! ```

use std::fs::File;
use std::time::Instant;

use ftp_modem::{AccessPoint, Server, Store};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, address, local, remote] = arguments.as_slice() else {
        return Err("usage: upload PORT ftp://USER@HOST[:PORT] LOCAL REMOTE   (password in FTP_MODEM_PASSWORD)".into());
    };
    let mut server: Server = address.parse()?;
    server.password = std::env::var("FTP_MODEM_PASSWORD").unwrap_or_default();
    let mut file = File::open(local)?;
    let how = Store::create().with_length(file.metadata()?.len());

    let mut modem = ftp_modem::open(port)?;
    modem.attach(&AccessPoint::default())?;
    modem.login(&server)?;
    let start = Instant::now();
    let transfer = modem.store(remote, &how, &mut file)?;
    println!("{} bytes in {:.1} s ({:?})", transfer.bytes, start.elapsed().as_secs_f64(), transfer.assurance);
    modem.logout()?;
    modem.detach()?;
    Ok(())
}
