//! One run of the sweep, as a line of text by which it is replayed.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use ftp_modem::Vendor;
use ftp_modem::emulator::Plan;

use super::form::Form;
use super::operation::Operation;
use super::rig::Rig;

/// The time limit of the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// So long that only the limits of the driver end anything.
    Patient,
    /// So short that it ends what makes no progress.
    Hurried,
    /// So short that a recovery hardly fits: `+++` alone takes 2.2 s with its guard times.
    Pressed,
}

impl Pace {
    pub const ALL: [Pace; 3] = [Pace::Patient, Pace::Hurried, Pace::Pressed];

    fn name(self) -> &'static str {
        match self {
            Pace::Patient => "",
            Pace::Hurried => "hurried",
            Pace::Pressed => "pressed",
        }
    }

    pub fn limit(self) -> Duration {
        Duration::from_secs(match self {
            Pace::Patient => 1800,
            Pace::Hurried => 20,
            Pace::Pressed => 3,
        })
    }
}

/// What is done, and what goes wrong meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub vendor: Vendor,
    pub operation: Operation,
    pub pace: Pace,
    pub form: Form,
    pub plan: Plan,
}

impl Case {
    /// The bytes that are moved.
    pub fn content(&self) -> Vec<u8> {
        self.form.content(self.vendor, self.operation)
    }

    /// The module and the server.
    ///
    /// # Errors
    /// Those of opening the module.
    pub fn rig(&self) -> ftp_modem::Result<Rig> {
        Rig::open(self.vendor, self.operation, self.form)
    }
}

/// `dialect operation [hurried|pressed] [payload] [framing]: plan`.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.vendor, self.operation)?;
        if self.pace != Pace::Patient {
            write!(f, " {}", self.pace.name())?;
        }
        write!(f, "{}: {}", self.form, self.plan)
    }
}

impl FromStr for Case {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (what, plan) = text.split_once(':').ok_or("expected `dialect operation: plan`")?;
        let mut words = what.split_whitespace();
        let vendor = words.next().unwrap_or_default().parse().map_err(|error: ftp_modem::Error| error.to_string())?;
        let operation = words.next().unwrap_or_default().parse()?;
        let rest: Vec<&str> = words.collect();
        let pace = Pace::ALL.into_iter().find(|pace| rest.first() == Some(&pace.name()));
        let form = rest[usize::from(pace.is_some())..].join(" ").parse()?;
        let pace = pace.unwrap_or(Pace::Patient);
        let plan = plan.trim().parse().map_err(|error: ftp_modem::emulator::InvalidPlan| error.to_string())?;
        Ok(Case { vendor, operation, pace, form, plan })
    }
}
