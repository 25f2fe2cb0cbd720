//! The guide: how to use the crate and the tool, what is promised, how fast it is, how to extend it. Documentation
//! only.
//!
//! | chapter | contents |
//! |---|---|
//! | [`errors`] | from the port to the file on the server, and what to do about each kind of error |
//! | [`testing`] | tests of your program without hardware: emulated modules, virtual time, recorded sessions |
//! | [`serial_ports`] | which port, rate, flow control, permissions; what to check when the module does not answer |
//! | [`command_line`] | the tool `ftp-modem`: commands, exit statuses, JSON, traces |
//! | [`reliability`] | the guarantees, the limits of verification, the recovery steps, the results of the tests |
//! | [`speed`] | the rate of each dialect, its bound, and the choice of the baud rate |
//! | [`dialects`] | what each dialect can do, how its modules and servers behave, and what the driver does |
//! | [`adding_a_dialect`] | the files of a dialect, and the order in which to write them |

#[doc = include_str!("guide/errors.md")]
pub mod errors {}

#[doc = include_str!("guide/command_line.md")]
pub mod command_line {}

#[doc = include_str!("guide/serial_ports.md")]
pub mod serial_ports {}

#[doc = include_str!("guide/reliability.md")]
pub mod reliability {}

#[doc = include_str!("guide/speed.md")]
pub mod speed {}

#[doc = include_str!("guide/dialects.md")]
pub mod dialects {
    pub use crate::backend::chapters::*;
}

#[doc = include_str!("guide/testing.md")]
pub mod testing {}

#[doc = include_str!("guide/adding_a_dialect.md")]
pub mod adding_a_dialect {}
