//! Phases of an exchange, and how the message of an error names one that exceeded its time limit.

use std::fmt;
use std::time::Duration;

/// The part of an exchange whose time limit passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Writing to the port: the module, or its flow control, accepts no bytes.
    Send,
    /// Waiting for `OK`, `ERROR` or another final result code.
    Acknowledgement,
    /// Waiting for a data prompt (`>`, `CONNECT`, or the line that requests the data).
    Prompt,
    /// Waiting for the result: the line that says how the operation ended.
    Result,
    /// Transferring file data.
    Data,
    /// Probing a module after a failed exchange, until it answers commands again.
    Resynchronisation,
    /// All operations together: the limit of a whole transfer ([`Retry::total`](crate::transfer::Retry::total)) or the
    /// caller's budget ([`Controls::budget`](crate::Controls::budget)) passed.
    Budget,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Send => "sending",
            Phase::Acknowledgement => "waiting for the acknowledgement",
            Phase::Prompt => "waiting for the data prompt",
            Phase::Result => "waiting for the result",
            Phase::Data => "transferring data",
            Phase::Resynchronisation => "probing the module",
            Phase::Budget => "all operations together",
        })
    }
}

/// A phase that exceeded its time limit, as the message of an error says it.
pub struct Expired(pub Phase, pub Duration);

impl fmt::Display for Expired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let &Expired(phase, limit) = self;
        // An operation may start when the budget of all operations is already spent.
        if limit < Duration::from_millis(1) {
            return write!(f, "no time left for {phase}");
        }
        let limit = Seconds(limit);
        match phase {
            Phase::Send => write!(f, "the module accepted no data within {limit}"),
            Phase::Acknowledgement => write!(f, "no answer within {limit}"),
            Phase::Prompt => write!(f, "no data prompt within {limit}"),
            Phase::Result => write!(f, "no result within {limit}"),
            Phase::Data => write!(f, "the data transfer exceeded its time limit of {limit}"),
            Phase::Resynchronisation => write!(f, "no answer to probes within {limit}"),
            Phase::Budget => write!(f, "the time limit of {limit} for all operations together passed"),
        }
    }
}

/// A duration in seconds, with as many decimals as needed, at most three.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.3}", self.0.as_secs_f64());
        write!(f, "{} s", text.trim_end_matches('0').trim_end_matches('.'))
    }
}
