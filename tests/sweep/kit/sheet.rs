//! All the cases of one dialect, operation and pace, and a choice from them.

use std::path::Path;

use ftp_modem::Vendor;
use ftp_modem::emulator::{Damage, Plan};

use super::case::{Case, Pace};
use super::form::Form;
use super::operation::Operation;
use super::plans::Plans;
use super::run::rehearse;
use super::support::chance::Chance;
use super::verdict::Reference;

/// The cases of one dialect, operation, pace and form of the file.
pub struct Sheet {
    pub vendor: Vendor,
    pub operation: Operation,
    pub pace: Pace,
    pub form: Form,
    pub reference: Reference,
    plans: Plans,
}

impl Sheet {
    /// Rehearses the operation without a fault to see what can befall it: everything, or `damage` alone. None where the
    /// module cannot do it.
    pub fn of(
        vendor: Vendor,
        operation: Operation,
        pace: Pace,
        form: Form,
        damage: Option<&Damage>,
        folder: &Path,
    ) -> Option<Self> {
        let case = Case { vendor, operation, pace, form, plan: Plan::none() };
        let rig = case.rig().unwrap_or_else(|error| panic!("{vendor}: {error}"));
        if !operation.is_supported(rig.modem.capabilities()) {
            return None;
        }
        let (reference, trace) = rehearse(&case, folder).unwrap_or_else(|error| panic!("{case} {error}"));
        let plans = damage.map_or_else(|| Plans::of(&trace), |damage| Plans::of_damage(&trace, damage));
        Some(Sheet { vendor, operation, pace, form, reference, plans })
    }

    /// The sheets of these dialects and operations, with every fault or with `damage` alone. Each form of a file is
    /// swept where there is time for everything.
    pub fn all(vendors: &[Vendor], operations: &[Operation], damage: Option<&Damage>, folder: &Path) -> Vec<Sheet> {
        let mut sheets = Vec::new();
        for vendor in vendors {
            for operation in operations {
                for pace in Pace::ALL {
                    let mut forms = Form::all(*vendor, *operation);
                    forms.retain(|form| pace == Pace::Patient || *form == Form::default());
                    let sheet = |form| Sheet::of(*vendor, *operation, pace, form, damage, folder);
                    sheets.extend(forms.into_iter().filter_map(sheet));
                }
            }
        }
        sheets
    }

    /// How many cases there are.
    pub fn count(&self) -> usize {
        self.plans.count()
    }

    pub fn case(&self, index: usize) -> Case {
        let Sheet { vendor, operation, pace, form, .. } = *self;
        Case { vendor, operation, pace, form, plan: self.plans.plan(index) }
    }

    /// The indices of about `count` cases, the same for the same `seed`: a third of them strike no single byte, and the
    /// rest is spread evenly over the exchange.
    pub fn sample(&self, count: usize, seed: u64) -> Vec<usize> {
        if count >= self.count() {
            return (0..self.count()).collect();
        }
        let others = self.plans.others();
        let at_bytes = self.count() - others;
        let of_others = (count / 3).min(others);
        let of_bytes = (count - of_others).min(at_bytes);
        let mut chance = Chance(seed);
        let mut spread = |from: usize, range: usize, wanted: usize| -> Vec<usize> {
            let place = |index: usize| from + index * range / wanted;
            (0..wanted).map(|index| place(index) + chance.below(place(index + 1) - place(index))).collect()
        };
        let mut indices = spread(0, at_bytes, of_bytes.max(1));
        indices.extend(spread(at_bytes, others, of_others.max(1.min(others))));
        indices
    }
}
