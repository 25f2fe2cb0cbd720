//! The AT line engine: bytes, lines, prompts, counted blocks, deadlines, unsolicited result codes.
//!
//! From the wire upwards: `link` is the port with its buffer; [`framer`] cuts the byte stream into tokens as
//! it learns what comes next; [`reply`] understands one complete line; `inbox` decides what each line is for;
//! [`command`] writes command lines; [`Engine`] sends one command at a time, which is then a value that borrows the
//! line ([`Exchange`], [`Upload`], [`Block`](block::Block)). Nothing here knows FTP or a vendor.

mod block;
mod cancellation;
pub mod command;
mod data_end;
mod engine;
mod event;
mod exchange;
mod flight;
pub mod framer;
mod inbox;
mod limits;
mod line;
mod link;
mod parameter;
mod parts;
mod raw;
mod redactor;
mod repetition;
pub mod reply;
mod report;
mod settings;
mod short;
mod sink;
mod swallowed;
mod sync;
#[cfg(test)]
mod testing;
mod text;
mod tokens;
mod trailer;
mod unexpected;
mod upload;
mod urc;
mod wire;

pub use cancellation::Watch;
pub use command::{Answer, Command};
pub use data_end::DataEnd;
pub use engine::{Engine, Flow};
pub use event::{Acknowledgement, Event, ResultLine};
pub use exchange::{Exchange, Opened};
pub use framer::{Expect, Header, MAX_LINE};
pub use limits::Deadline;
pub use line::Line;
pub use parameter::{Parameter, Repertoire, Style};
pub use raw::{Secrets, secrets_in, without_secrets};
pub use reply::{ErrorCode, Field, FinalResult, Information, Reply};
pub use sink::Sink;
pub use swallowed::Swallowed;
pub use tokens::Tokens;
pub use trailer::{Expected, Trailer};
pub use unexpected::Unexpected;
pub use upload::Upload;
pub use urc::{Pattern, Rule, STARTING};
pub use wire::Wire;
