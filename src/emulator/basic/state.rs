//! The settings the common commands keep.

use super::context::Context;
use super::sim::Sim;
use crate::emulator::choices::Identity;
use crate::emulator::options::Options;

/// 3GPP TS 27.007 §9.2: operation not allowed.
pub(crate) const NOT_ALLOWED: u16 = 3;
/// 3GPP TS 27.007 §9.2: SIM not inserted.
pub(super) const NO_SIM: u16 = 10;
/// 3GPP TS 27.007 §9.2: SIM PIN required.
pub(super) const PIN_REQUIRED: u16 = 11;
/// 3GPP TS 27.007 §9.2: SIM PUK required.
pub(super) const PUK_REQUIRED: u16 = 12;
/// 3GPP TS 27.007 §9.2: incorrect password.
pub(super) const WRONG_PASSWORD: u16 = 16;
/// 3GPP TS 27.007 §9.2: no network service.
pub(super) const NO_NETWORK: u16 = 30;
/// 3GPP TS 27.007 §9.2: incorrect parameters.
pub(crate) const BAD_PARAMETERS: u16 = 50;

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
            sim: Sim { ready: options.sim_ready, pin: options.sim_pin.clone(), pin_entered: false, wrong_pins: 0 },
            contexts: vec![first],
            rate: options.line_rate.map_or(115_200, u64::from),
            flow: (0, 0),
        }
    }

    /// Returns the words of an error of 3GPP TS 27.007 §9.2.
    pub(crate) const fn error_text(code: u16) -> Option<&'static str> {
        Some(match code {
            0 => "phone failure",
            NOT_ALLOWED => "operation not allowed",
            4 => "operation not supported",
            NO_SIM => "SIM not inserted",
            PIN_REQUIRED => "SIM PIN required",
            PUK_REQUIRED => "SIM PUK required",
            WRONG_PASSWORD => "incorrect password",
            20 => "memory full",
            21 => "invalid index",
            22 => "not found",
            24 => "text string too long",
            25 => "invalid characters in text string",
            NO_NETWORK => "no network service",
            31 => "network timeout",
            BAD_PARAMETERS => "Incorrect parameters",
            100 => "unknown",
            _ => return None,
        })
    }

    /// Whether the radio is on (`AT+CFUN=1`).
    pub(crate) const fn is_on(&self) -> bool {
        self.function == 1
    }
}
