//! What the benches, fuzz targets and tests of this crate use of its inside. It is not part of the interface: any
//! release may change it.

pub use crate::at::{
    Command, Engine, ErrorCode, Expect, Field, FinalResult, Header, MAX_LINE, Parameter, Pattern, Repertoire, Reply,
    Rule, Sink, Style,
};

/// The framer, which cuts the bytes on the line into tokens.
pub mod framer {
    pub use crate::at::framer::{Step, Token, next};
}

/// The parser of one complete line.
pub mod reply {
    pub use crate::at::reply::parse;
}
