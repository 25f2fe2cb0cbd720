//! A data logger: sends a file to the server at an interval, as long as the program runs.
//!
//! ```text
//! FTP_MODEM_PASSWORD=secret cargo run --example logger -- /dev/ttyUSB2 ftp://user@host report.csv /in/report.csv 3600
//! ```

use std::time::Duration;

use ftp_modem::Server;
use ftp_modem::transfer::{Link, LinkState};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, address, local, remote, seconds] = arguments.as_slice() else {
        return Err(
            "usage: logger PORT ftp://USER@HOST[:PORT] LOCAL REMOTE SECONDS   (password in FTP_MODEM_PASSWORD)".into(),
        );
    };
    let mut server: Server = address.parse()?;
    server.password = std::env::var("FTP_MODEM_PASSWORD").unwrap_or_default();
    let interval = Duration::from_secs(seconds.parse()?);

    // The link repeats what fails for a reason that may pass: a lost port, bearer or session, a server that is down.
    let mut link = Link::to(port, server).on_state(|state| {
        if let LinkState::Waiting { error, pause, .. } = state {
            eprintln!("{error}; retry in {:.0} s", pause.as_secs_f64());
        }
    });
    loop {
        // What no retry cures, such as a file that changed meanwhile, may be different at the next interval.
        match link.upload(local, remote) {
            Ok(report) => println!("{} bytes in {:.1} s", report.size, report.elapsed.as_secs_f64()),
            Err(error) => eprintln!("{error}"),
        }
        // Without a bearer between two files, the module saves energy.
        link.close();
        std::thread::sleep(interval);
    }
}
