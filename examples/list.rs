//! Lists a directory of an FTP server through a module.
//!
//! ```text
//! FTP_MODEM_PASSWORD=secret cargo run --example list -- /dev/ttyUSB0 ftp://user@host:21 /logs
//! ```

use ftp_modem::{AccessPoint, Server};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, address, path] = arguments.as_slice() else {
        return Err("usage: list PORT ftp://USER@HOST[:PORT] PATH   (password in FTP_MODEM_PASSWORD)".into());
    };
    let mut server: Server = address.parse()?;
    server.password = std::env::var("FTP_MODEM_PASSWORD").unwrap_or_default();

    let mut modem = ftp_modem::open(port)?;
    modem.attach(&AccessPoint::default())?;
    modem.login(&server)?;
    for entry in modem.list(path)? {
        let size = entry.size.map_or("-".to_owned(), |size| size.to_string());
        println!("{:<9} {size:>12} {}", format!("{:?}", entry.kind), entry.name_lossy().escape_debug());
    }
    modem.logout()?;
    modem.detach()?;
    Ok(())
}
