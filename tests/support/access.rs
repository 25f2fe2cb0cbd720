//! The account and the server of every test, and the emulated counterpart of each dialect.

use ftp_modem::modem::Server;
use ftp_modem::{Vendor, emulator};

pub const HOST: &str = "192.0.2.7";
pub const USER: &str = "logger";
/// Looked for in everything that is logged or printed.
pub const PASSWORD: &str = "pa55word-s3cret";

pub fn server() -> Server {
    Server::new(HOST, USER, PASSWORD).with_port(2121)
}

/// The emulated counterpart of a dialect.
pub fn emulated(vendor: Vendor) -> emulator::Family {
    vendor.to_string().parse().unwrap()
}
