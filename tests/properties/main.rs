//! Properties: what holds for all arguments of the encoder, however bytes are cut, wherever transfers break.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod encoder;
mod framer;
mod resume;
#[path = "../support/mod.rs"]
mod support;
