//! Identifies the module on a port and prints its capabilities.
//!
//! ```text
//! cargo run --example identify -- /dev/ttyUSB0
//! ```

use ftp_modem::modem::Operation;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).ok_or("usage: identify PORT")?;
    let modem = ftp_modem::open(&port)?;
    let capabilities = modem.capabilities();
    println!("{} speaks the {} dialect", modem.identity(), capabilities.dialect);
    for operation in Operation::ALL {
        println!("  {operation:<22} {}", capabilities.support(operation));
    }
    let bytes = |block| if block == u64::MAX { "unlimited".to_owned() } else { format!("{block} bytes") };
    let limits = &capabilities.limits;
    println!("  blocks down, up        {}, {}", bytes(limits.download_block), bytes(limits.upload_block));
    Ok(())
}
