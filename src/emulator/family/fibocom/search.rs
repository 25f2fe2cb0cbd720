//! `AT+GTRAT`: the order in which the module looks for a network.

use super::refused::Refused;
use crate::emulator::command::Command;

/// The order in which the module looks for a network; a new one is in force after the next restart.
pub(super) struct SearchOrder {
    text: String,
    in_force: bool,
}

impl SearchOrder {
    /// As the module comes from the factory.
    pub(super) fn new() -> Self {
        Self { text: "10".to_owned(), in_force: true }
    }

    pub(super) const fn is_in_force(&self) -> bool {
        self.in_force
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// `AT+GTRAT=<act>[,<preferred>[,<preferred>]]`
    pub(super) fn set(&mut self, command: &Command<'_>) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        let mut order = Vec::new();
        order.push(list.number(0..=10)?);
        while list.len() > 0 && order.len() < 3 {
            order.push(list.number(2..=6)?);
        }
        list.end()?;
        if matches!(order.first(), Some(7..=9)) {
            return Err(Refused::Parameters);
        }
        let order: Vec<_> = order.iter().map(u64::to_string).collect();
        self.text = order.join(",");
        self.in_force = false;
        Ok(())
    }

    /// The module restarts.
    pub(super) const fn restart(&mut self) {
        self.in_force = true;
    }
}
