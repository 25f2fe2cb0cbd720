//! The dialects of FTP over AT commands, and the way to the right one.
//!
//! [`Driver`] implements [`FtpModem`](crate::FtpModem) once for all of them. Each dialect reads like the chapter of its
//! manual; the files of the same name hold the same matter in each: `facts` (limits, parameters, unsolicited and result
//! codes), `bearer`, `session` (login and logout), `listing`, `download`, `upload`, `settings` (what only this dialect
//! lets a program choose). What dialects share is beside them: `codes` (result codes), `blocks` (blocks that a line
//! announces), `pieces` (the pieces of an upload), `path` (paths where the module has no current directory), `network`
//! (signal and registration),
//! `access_point` (which one a bearer uses), `sim` (the PIN of the card), `search` (who answers on which port).

mod access_point;
mod blocks;
pub mod china_mobile;
mod codes;
mod context;
mod detect;
mod dialect;
mod driver;
mod facts;
pub mod fibocom;
pub mod generic;
mod identify;
mod listing_buffer;
pub mod luat;
mod network;
mod open;
mod part;
mod path;
mod pieces;
pub mod quectel;
mod registry;
mod search;
mod secrets;
mod session;
mod sim;
mod source;

pub use driver::Driver;
pub use open::OpenOptions;
pub(crate) use registry::chapters;
pub use registry::{Backend, Vendor};
pub use secrets::{secrets_in, without_secrets};
