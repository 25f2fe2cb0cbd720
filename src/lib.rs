//! FTP through cellular modules.
pub mod at;
pub mod backend;
pub mod error;
pub mod modem;
pub mod transport;
