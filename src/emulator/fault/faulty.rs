//! A module on a line, and at a server, where things go wrong.

use std::time::Duration;

use super::channel::{Channel, Event};
use super::lines::Lines;
use super::{Direction, Fault, Plan};
use crate::emulator::Module;
use crate::emulator::intake::{Intake, IntakeEnd};

/// Silence before and after `+++`: V.250 and every module's default.
const GUARD: Duration = Duration::from_secs(1);
/// A line that is stalled takes no more than this of what the module has to say.
const BACKLOG: usize = 64 * 1024;

/// The module, and the data mode it may have fallen into.
#[derive(Debug)]
struct Host {
    module: Module,
    swallowing: Option<Intake>,
}

impl Host {
    fn receive(&mut self, now: Duration, bytes: &[u8]) {
        self.look(now);
        let mut rest = bytes;
        while !rest.is_empty() {
            let Some(intake) = &mut self.swallowing else {
                self.module.receive(now, rest);
                return;
            };
            let taken = intake.take(now, rest);
            rest = rest.get(taken.consumed..).unwrap_or_default();
        }
    }

    /// Ends the data mode when `+++` comes between its guard times.
    fn look(&mut self, now: Duration) {
        let due = self.due().filter(|due| *due <= now);
        let (Some(due), Some(intake)) = (due, &mut self.swallowing) else {
            return;
        };
        if intake.silence(due).end == Some(IntakeEnd::Escape) {
            self.swallowing = None;
            self.module.inject(due, "OK");
        }
    }

    fn due(&self) -> Option<Duration> {
        self.swallowing.as_ref().and_then(Intake::due)
    }
}

/// A [`Module`] to which the faults of a [`Plan`] happen.
///
/// It has the shape of a [`Module`] and costs nothing until a fault comes near.
#[derive(Debug)]
pub struct Faulty {
    host: Host,
    plan: Plan,
    input: Channel,
    lines: Lines,
    output: Channel,
    hung_up: bool,
    /// Until then the module is dead.
    dead: Option<Duration>,
    /// What has just left the module.
    raw: Vec<u8>,
    /// The same after the faults of lines.
    altered: Vec<u8>,
}

impl From<Module> for Faulty {
    /// Nothing goes wrong until a plan is [played](Self::play).
    fn from(module: Module) -> Self {
        Self::new(module, Plan::none())
    }
}

impl Faulty {
    /// Begins to play `plan` on a module.
    #[must_use]
    pub fn new(module: Module, plan: Plan) -> Self {
        let mut faulty = Self {
            host: Host { module, swallowing: None },
            plan: Plan::none(),
            input: Channel::default(),
            lines: Lines::default(),
            output: Channel::default(),
            hung_up: false,
            dead: None,
            raw: Vec::new(),
            altered: Vec::new(),
        };
        faulty.play(plan);
        faulty
    }

    /// Begins to play another plan: bytes, lines and payloads are counted from here. What has struck already lasts.
    pub fn play(&mut self, plan: Plan) {
        let all = || plan.faults.iter().enumerate();
        let bytes = |wanted: Direction| {
            all().filter_map(move |(index, fault)| match fault {
                Fault::Byte { direction, at, damage } if *direction == wanted => Some((index, *at, damage.clone())),
                _ => None,
            })
        };
        self.input.plan(bytes(Direction::Input));
        self.output.plan(bytes(Direction::Output));
        self.lines.plan(all());
        for (_, fault) in all() {
            match fault {
                Fault::Slow(latency) => self.host.module.set_network_latency(*latency),
                Fault::Memory(free) => self.host.module.limit_memory(*free),
                Fault::Byte { .. }
                | Fault::Line { .. }
                | Fault::Head { .. }
                | Fault::Payload { .. }
                | Fault::Server(_) => {}
            }
        }
        self.plan = plan;
    }

    /// Counts bytes from here; faults at bytes that have not struck wait for the new count.
    pub const fn rewind(&mut self) {
        self.input.rewind();
        self.output.rewind();
    }

    /// The line is as new: stalling, dripping and hanging up end, and what was held back is lost. Faults that have not
    /// struck yet still will.
    pub fn heal(&mut self) {
        self.hung_up = false;
        self.input.heal();
        self.output.heal();
        self.lines.heal();
    }

    /// The plan being played.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Those of its faults that have not struck yet. Faults of the server are not known to have struck.
    pub fn pending(&self) -> impl Iterator<Item = &Fault> {
        self.plan
            .faults
            .iter()
            .enumerate()
            .filter(|(index, fault)| {
                let is_waiting = matches!(fault, Fault::Server(_));
                is_waiting
                    || self
                        .input
                        .waiting()
                        .chain(self.output.waiting())
                        .chain(self.lines.waiting())
                        .any(|waiting| waiting == *index)
            })
            .map(|(_, fault)| fault)
    }

    /// How many bytes have come to the faults of a direction since the count began.
    #[must_use]
    pub const fn position(&self, direction: Direction) -> u64 {
        match direction {
            Direction::Input => self.input.position(),
            Direction::Output => self.output.position(),
        }
    }

    /// Whether nothing passes any more in either direction.
    #[must_use]
    pub const fn is_hung_up(&self) -> bool {
        self.hung_up
    }

    /// The module.
    #[must_use]
    pub const fn module(&self) -> &Module {
        &self.host.module
    }

    /// The module, past all faults.
    pub const fn module_mut(&mut self) -> &mut Module {
        &mut self.host.module
    }

    /// Puts another module at this end of the line at `now`, as when a device is unplugged and a different one appears
    /// under the name of its port. The line is [healed](Self::heal); what was on its way is lost. The new module
    /// starts and prints its boot lines.
    pub fn replace(&mut self, now: Duration, module: Module) {
        self.heal();
        self.host.module = module;
        self.restart(now);
    }

    /// The module, freed from its faults.
    #[must_use]
    pub fn into_module(self) -> Module {
        self.host.module
    }

    /// As [`Module::receive`].
    pub fn receive(&mut self, now: Duration, bytes: &[u8]) {
        self.rise(now);
        if self.hung_up || self.dead.is_some() {
            return;
        }
        if self.input.is_clear(bytes.len()) {
            self.input.skip(bytes.len());
            self.host.receive(now, bytes);
        } else {
            self.input.push(now, bytes);
            self.pump_input(now);
        }
    }

    /// As [`Module::transmit`].
    pub fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        self.rise(now);
        self.pump_input(now);
        if self.dead.is_some() {
            return;
        }
        self.host.look(now);
        if self.hung_up {
            self.host.module.transmit(now, &mut self.raw);
            self.raw.clear();
            return;
        }
        let before = out.len();
        self.pump_output(now, out);
        if out.len() > before || self.output.held() >= BACKLOG {
            return;
        }
        self.host.module.transmit(now, out);
        self.play_on(now, before, out);
    }

    /// As [`Module::transmit_waiting`].
    #[cfg(unix)]
    pub(crate) fn transmit_waiting(&mut self, now: Duration, out: &mut Vec<u8>) {
        if self.hung_up || self.dead.is_some() || self.output.held() > 0 {
            return;
        }
        let before = out.len();
        self.host.module.transmit_waiting(now, out);
        self.play_on(now, before, out);
    }

    /// As [`Module::next_event`].
    #[must_use]
    pub fn next_event(&self) -> Option<Duration> {
        if self.dead.is_some() {
            return self.dead.filter(|until| *until < Duration::MAX);
        }
        let is_taken = self.output.held() < BACKLOG;
        [
            self.host.module.next_event().filter(|_| is_taken),
            self.host.due(),
            self.input.next_event(),
            self.output.next_event(),
            self.lines.next_event(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// As [`Module::receive_capacity`].
    #[must_use]
    pub fn receive_capacity(&self, now: Duration) -> usize {
        let module = self.host.module.receive_capacity(now);
        if self.hung_up || self.dead.is_some() {
            usize::MAX
        } else if self.input.held_until(now).is_some() {
            0
        } else if self.input.held() > 0 {
            module.min(BACKLOG.saturating_sub(self.input.held()))
        } else {
            module
        }
    }

    /// As [`Module::receive_time`].
    #[cfg(unix)]
    pub(crate) fn receive_time(&self) -> Duration {
        if self.hung_up || self.dead.is_some() {
            return Duration::ZERO;
        }
        let held = self.input.held_until(Duration::ZERO).unwrap_or_default();
        self.host.module.receive_time().max(held)
    }

    /// As [`Module::keep_receiving`].
    #[cfg(unix)]
    pub(crate) const fn keep_receiving(&mut self, receiving: bool) {
        self.host.module.keep_receiving(receiving);
    }

    /// As [`Module::resume_pace`].
    #[cfg(unix)]
    pub(crate) fn resume_pace(&mut self, now: Duration) {
        self.host.module.resume_pace(now);
    }

    /// As [`Module::restart`].
    pub fn restart(&mut self, now: Duration) {
        self.dead = None;
        self.host.swallowing = None;
        self.output.discard();
        self.lines.heal();
        self.host.module.restart(now);
    }

    /// As [`Module::drop_dtr`].
    pub fn drop_dtr(&mut self, now: Duration) {
        self.rise(now);
        if self.dead.is_none() {
            self.host.module.drop_dtr(now);
        }
    }

    /// As [`Module::inject`].
    pub fn inject(&mut self, now: Duration, line: &str) {
        self.rise(now);
        if self.dead.is_none() {
            self.host.module.inject(now, line);
        }
    }

    /// A dead module starts when its time has come.
    fn rise(&mut self, now: Duration) {
        if let Some(until) = self.dead.filter(|until| *until <= now) {
            self.restart(until);
        }
    }

    /// What `out` has from `before` on has just left the module and meets its faults.
    fn play_on(&mut self, now: Duration, before: usize, out: &mut Vec<u8>) {
        let count = out.len().saturating_sub(before);
        if self.lines.is_idle() && self.output.is_clear(count) {
            self.output.skip(count);
            return;
        }
        self.raw.clear();
        self.raw.extend_from_slice(out.get(before..).unwrap_or_default());
        out.truncate(before);
        if self.lines.is_idle() {
            self.output.push(now, &self.raw);
        } else {
            self.altered.clear();
            let spans = self.host.module.spans();
            self.lines.pass(now, &self.raw, spans, &mut self.altered);
            self.output.push(now, &self.altered);
        }
        self.pump_output(now, out);
    }

    fn pump_input(&mut self, now: Duration) {
        while !self.hung_up && self.dead.is_none() {
            let host = &mut self.host;
            let mut pass = |time: Duration, bytes: &[u8]| host.receive(time, bytes);
            let Some((time, event)) = self.input.pump(now, &mut pass) else {
                return;
            };
            self.happen(time, event);
        }
    }

    fn pump_output(&mut self, now: Duration, out: &mut Vec<u8>) {
        while !self.hung_up && self.dead.is_none() {
            let mut pass = |_: Duration, bytes: &[u8]| out.extend_from_slice(bytes);
            let Some((time, event)) = self.output.pump(now, &mut pass) else {
                return;
            };
            self.happen(time, event);
        }
    }

    fn happen(&mut self, now: Duration, event: Event) {
        match event {
            Event::HangUp => {
                self.hung_up = true;
                self.input.heal();
                self.output.heal();
                self.lines.heal();
            }
            Event::Restart => self.restart(now),
            Event::Die(time) => {
                self.input.discard();
                self.output.discard();
                self.dead = Some(now.saturating_add(time));
            }
            Event::DataMode => {
                let mut intake = Intake::open().or_escape(GUARD);
                intake.begin(now);
                self.host.swallowing = Some(intake);
            }
        }
    }
}
