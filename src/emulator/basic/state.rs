//! The settings the common commands keep.

use super::context::Context;
use super::sim::Sim;
use crate::emulator::choices::Identity;
use crate::emulator::options::Options;

/// The settings the common commands keep.
#[derive(Clone, Debug)]
pub(crate) struct Basic {
    pub(crate) echo: bool,
    pub(crate) cmee: u8,
    pub(crate) dtr: u64,
    pub(super) identity: Identity,
    pub(super) function: u64,
    pub(super) registration: [u64; 3],
    pub(super) attached: bool,
    pub(super) registered: bool,
    pub(super) registration_state: Option<u8>,
    pub(super) sim: Sim,
    pub(super) contexts: Vec<Context>,
    pub(super) rate: u64,
    pub(super) flow: (u64, u64),
}

impl Basic {
    /// The settings after power-on, with what the dialect says of the module.
    pub(crate) fn new(options: &Options, identity: Identity, cmee: u8) -> Self {
        let first = Context::first(options.pdp_active);
        Self {
            echo: options.echo,
            cmee: options.cmee.unwrap_or(cmee),
            dtr: 1,
            identity: options.identity.clone().unwrap_or(identity),
            function: 1,
            registration: [0; 3],
            attached: options.attached,
            registered: options.registered,
            registration_state: options.registration_state,
            sim: Sim::new(options.sim_ready, options.sim_pin.clone()),
            contexts: vec![first],
            rate: options.line_rate.map_or(115_200, u64::from),
            flow: (0, 0),
        }
    }

    /// Whether the radio is on (`AT+CFUN=1`).
    pub(crate) const fn is_on(&self) -> bool {
        self.function == 1
    }
}
