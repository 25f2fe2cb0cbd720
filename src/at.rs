//! The AT line engine: bytes, lines, prompts, counted blocks, deadlines, unsolicited result codes.
//!
//! From the wire upwards: [`framer`] cuts the byte stream into tokens as it is told what comes next; [`reply`] understands one
//! complete line; [`urc`] says which lines the module sends on its own; [`command`] writes command lines; [`engine`] puts one
//! exchange after the other. Nothing here knows FTP or a vendor.

pub mod command;
pub mod engine;
pub mod exchange;
pub mod framer;
mod line;
pub mod payload;
pub mod reply;
mod short;
pub mod sink;
pub mod trailer;
pub mod urc;

pub use command::{Answer, Charset, Command, Parameter, Style};
pub use engine::{Engine, Unheard};
pub use exchange::{Acknowledgement, Deadline, Dialect, Event, Flow, Verdict};
pub use framer::{Expect, Header, MAX_LINE};
pub use line::Line;
pub use reply::{ErrorCode, Field, Fields, FinalResult, Information, Reply};
pub use sink::{Drain, Sink};
pub use urc::{Effect, Pattern, Rule};
