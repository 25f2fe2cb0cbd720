//! The SIM card.

/// Wrong attempts until the card asks for the PUK.
const TRIES: u8 = 3;

/// The card, as the module finds it and as the host has unlocked it.
#[derive(Clone, Debug)]
pub(super) struct Sim {
    ready: bool,
    pin: Option<String>,
    pin_entered: bool,
    wrong_pins: u8,
}

/// What a command that needs the card finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Card {
    Missing,
    Locked,
    Blocked,
    Ready,
}

impl Sim {
    /// The card after power-on.
    pub(super) const fn new(ready: bool, pin: Option<String>) -> Self {
        Self { ready, pin, pin_entered: false, wrong_pins: 0 }
    }

    pub(super) fn card(&self) -> Card {
        match &self.pin {
            _ if !self.ready => Card::Missing,
            Some(_) if self.wrong_pins >= TRIES => Card::Blocked,
            Some(_) if !self.pin_entered => Card::Locked,
            _ => Card::Ready,
        }
    }

    /// Unlocks the card if `pin` is right, and counts the attempt otherwise: whether it was right.
    pub(super) fn unlock(&mut self, pin: &str) -> bool {
        let is_right = self.pin.as_deref() == Some(pin);
        if is_right {
            self.pin_entered = true;
            self.wrong_pins = 0;
        } else {
            self.wrong_pins = self.wrong_pins.saturating_add(1);
        }
        is_right
    }
}
