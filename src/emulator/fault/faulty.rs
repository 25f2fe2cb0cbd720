//! A module on a line, and at a server, where things go wrong.

use std::time::Duration;

use super::channel::Event;
use super::faulty_line::FaultyLine;
use super::{Fault, Plan};
use crate::emulator::Module;
use crate::emulator::intake::{Intake, IntakeEnd};

/// Silence before and after `+++`: V.250 and every module's default.
const GUARD: Duration = Duration::from_secs(1);
/// The number of bytes that a stalled line takes from the module.
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
    line: FaultyLine,
    /// When the module starts again, if it is dead.
    dead: Option<Duration>,
}

impl From<Module> for Faulty {
    /// Returns the module on a line where nothing goes wrong until a plan is [played](Self::play).
    fn from(module: Module) -> Self {
        Self::new(module, Plan::none())
    }
}

impl Faulty {
    /// Begins to play `plan` on a module.
    #[must_use]
    pub fn new(module: Module, plan: Plan) -> Self {
        let host = Host { module, swallowing: None };
        let mut faulty = Self { host, line: FaultyLine::default(), dead: None };
        faulty.play(plan);
        faulty
    }

    /// Begins to play another plan: bytes, lines and payloads are counted from here. What has struck already lasts.
    pub fn play(&mut self, plan: Plan) {
        for fault in &plan.faults {
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
        self.line.play(plan);
    }

    /// Returns the line between the module and its host.
    #[must_use]
    pub const fn line(&self) -> &FaultyLine {
        &self.line
    }

    /// Returns the line between the module and its host, to be repaired.
    pub const fn line_mut(&mut self) -> &mut FaultyLine {
        &mut self.line
    }

    /// Returns the module.
    #[must_use]
    pub const fn module(&self) -> &Module {
        &self.host.module
    }

    /// Returns the module. What is done to it directly passes all faults by.
    pub const fn module_mut(&mut self) -> &mut Module {
        &mut self.host.module
    }

    /// Puts another module at this end of the line at `now`, as when a device is unplugged and a different one appears
    /// under the name of its port. The line is [healed](FaultyLine::heal); what was on its way is lost. The new module
    /// starts and prints its boot lines.
    pub fn replace(&mut self, now: Duration, module: Module) {
        self.line.heal();
        self.host.module = module;
        self.restart(now);
    }

    /// Returns the module, freed from its faults.
    #[must_use]
    pub fn into_module(self) -> Module {
        self.host.module
    }

    /// As [`Module::receive`].
    pub fn receive(&mut self, now: Duration, bytes: &[u8]) {
        self.rise(now);
        if self.line.is_hung_up() || self.dead.is_some() {
            return;
        }
        if self.line.input.is_clear(bytes.len()) {
            self.line.input.skip(bytes.len());
            self.host.receive(now, bytes);
        } else {
            self.line.input.push(now, bytes);
            self.pump(now, None);
        }
    }

    /// As [`Module::transmit`].
    pub fn transmit(&mut self, now: Duration, out: &mut Vec<u8>) {
        self.rise(now);
        self.pump(now, None);
        if self.dead.is_some() {
            return;
        }
        self.host.look(now);
        if self.line.is_hung_up() {
            self.host.module.transmit(now, &mut Vec::new());
            return;
        }
        let before = out.len();
        self.pump(now, Some(out));
        if out.len() > before || self.line.output.held() >= BACKLOG {
            return;
        }
        self.host.module.transmit(now, out);
        self.line.take(now, self.host.module.spans(), before, out);
        self.pump(now, Some(out));
    }

    /// As [`Module::transmit_waiting`].
    #[cfg(unix)]
    pub(crate) fn transmit_waiting(&mut self, now: Duration, out: &mut Vec<u8>) {
        if self.line.is_hung_up() || self.dead.is_some() || self.line.output.held() > 0 {
            return;
        }
        let before = out.len();
        self.host.module.transmit_waiting(now, out);
        self.line.take(now, self.host.module.spans(), before, out);
        self.pump(now, Some(out));
    }

    /// As [`Module::next_event`].
    #[must_use]
    pub fn next_event(&self) -> Option<Duration> {
        if self.dead.is_some() {
            return self.dead.filter(|until| *until < Duration::MAX);
        }
        let is_taken = self.line.output.held() < BACKLOG;
        [
            self.host.module.next_event().filter(|_| is_taken),
            self.host.due(),
            self.line.input.next_event(),
            self.line.output.next_event(),
            self.line.lines.next_event(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// As [`Module::receive_capacity`].
    #[must_use]
    pub fn receive_capacity(&self, now: Duration) -> usize {
        let module = self.host.module.receive_capacity(now);
        if self.line.is_hung_up() || self.dead.is_some() {
            usize::MAX
        } else if self.line.input.held_until(now).is_some() {
            0
        } else if self.line.input.held() > 0 {
            module.min(BACKLOG.saturating_sub(self.line.input.held()))
        } else {
            module
        }
    }

    /// As [`Module::receive_time`].
    #[cfg(unix)]
    pub(crate) fn receive_time(&self) -> Duration {
        if self.line.is_hung_up() || self.dead.is_some() {
            return Duration::ZERO;
        }
        let held = self.line.input.held_until(Duration::ZERO).unwrap_or_default();
        self.host.module.receive_time().max(held)
    }

    /// As [`Module::restart`].
    pub fn restart(&mut self, now: Duration) {
        self.dead = None;
        self.host.swallowing = None;
        self.line.output.discard();
        self.line.lines.heal();
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

    /// Starts a dead module when its time has come.
    fn rise(&mut self, now: Duration) {
        if let Some(until) = self.dead.filter(|until| *until <= now) {
            self.restart(until);
        }
    }

    /// Passes on what may pass by `now`: into `out`, or else into the module.
    fn pump(&mut self, now: Duration, mut out: Option<&mut Vec<u8>>) {
        while !self.line.is_hung_up() && self.dead.is_none() {
            let host = &mut self.host;
            let event = match &mut out {
                Some(out) => self.line.output.pump(now, &mut |_, bytes| out.extend_from_slice(bytes)),
                None => self.line.input.pump(now, &mut |time, bytes| host.receive(time, bytes)),
            };
            match event {
                None => return,
                Some((_, Event::HangUp)) => self.line.hang_up(),
                Some((time, Event::Restart)) => self.restart(time),
                Some((time, Event::Die(dead))) => {
                    self.line.input.discard();
                    self.line.output.discard();
                    self.dead = Some(time.saturating_add(dead));
                }
                Some((time, Event::DataMode)) => {
                    let mut intake = Intake::open().or_escape(GUARD);
                    intake.begin(time);
                    self.host.swallowing = Some(intake);
                }
            }
        }
    }
}
