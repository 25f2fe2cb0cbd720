//! Whether host and module agree on what comes next.

use super::command::Answer;

/// The three states of host and module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Sync {
    /// No command is in flight: the next answer is that of the next command.
    #[default]
    InStep,
    /// One command is in flight; its final result code has not come.
    Awaiting(Answer),
    /// A command was abandoned before its end. Before the next command the module must be probed.
    Lost(Debt),
}

/// What is still outstanding of a command that was abandoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Debt {
    /// Number of payload bytes that the module was promised and did not get: it takes whatever comes next for them.
    pub to_module: u64,
    /// Number of announced bytes that have not come: they are dropped before anything is believed.
    pub from_module: u64,
    /// Number of probes that were not seen answered: a busy module may answer them all at once later.
    pub probes: u32,
}

impl Sync {
    /// The lines that belong to the command in flight.
    pub fn awaiting(&self) -> Option<Answer> {
        match self {
            Sync::Awaiting(answer) => Some(*answer),
            Sync::InStep | Sync::Lost(_) => None,
        }
    }

    pub fn is_lost(&self) -> bool {
        matches!(self, Sync::Lost(_))
    }

    /// What is outstanding; nothing while host and module are in step.
    pub fn debt(&self) -> Debt {
        match self {
            Sync::Lost(debt) => *debt,
            Sync::InStep | Sync::Awaiting(_) => Debt::default(),
        }
    }

    /// The command in flight is abandoned. What was outstanding already stays so.
    pub fn lose(&mut self) {
        *self = Sync::Lost(self.debt());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_debt_outlives_further_losses_but_not_the_way_back() {
        let debt = Debt { to_module: 5, from_module: 7, probes: 1 };
        let mut sync = Sync::Lost(debt);
        sync.lose();
        assert_eq!(sync.debt(), debt);
        for state in [Sync::InStep, Sync::Awaiting(Answer::Any)] {
            let mut sync = state;
            sync.lose();
            assert_eq!(sync, Sync::Lost(Debt::default()), "{state:?}");
        }
    }
}
