//! A serial line in memory, in virtual time, between a driver and an emulated module; the test listens in.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ftp_modem::emulator::{Direction, Faulty, Plan};
use ftp_modem::transfer::Clock;
use ftp_modem::transport::memory::Peer;

use super::host::Host;

/// More reads than this since the last [`Line::clear`] is not waiting but spinning.
const MOST_READS: u64 = 2_000_000;

type Action<P> = Box<dyn FnOnce(&mut P, Duration) + Send>;

type Event<P> = Box<dyn FnOnce(&mut State<P>) + Send>;

/// When an action takes place: before or after the module receives what the host writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moment {
    Before,
    After,
}

/// The line, and the module `P` at its end; clones share both.
pub struct Line<P = Faulty>(Arc<Mutex<State<P>>>);

impl<P> Clone for Line<P> {
    fn clone(&self) -> Self {
        Line(Arc::clone(&self.0))
    }
}

pub(super) struct State<P> {
    peer: P,
    pub(super) epoch: Instant,
    pub(super) now: Duration,
    reads: u64,
    /// What the host has written, write by write.
    writes: Vec<(Duration, Vec<u8>)>,
    /// The levels that the host has put DTR to.
    dtr: Vec<bool>,
    /// What has reached the host.
    heard: Vec<u8>,
    /// What happens once the host writes a text.
    triggers: Vec<(Moment, Vec<u8>, Action<P>)>,
    /// Commands, by how they start, that get an answer of the test's own.
    answers: Vec<(Vec<u8>, Vec<u8>)>,
    /// Such answers on their way to the host.
    answered: Vec<u8>,
    /// What happens once so many more bytes have passed, in both directions together.
    due: Option<(usize, Event<P>)>,
    /// The port is gone until then.
    unplugged_until: Duration,
}

impl<P: Peer> Line<P> {
    /// A line to `peer`, at time zero.
    pub fn new(peer: P) -> Self {
        Line(Arc::new(Mutex::new(State {
            peer,
            epoch: Instant::now(),
            now: Duration::ZERO,
            reads: 0,
            writes: Vec::new(),
            dtr: Vec::new(),
            heard: Vec::new(),
            triggers: Vec::new(),
            answers: Vec::new(),
            answered: Vec::new(),
            due: None,
            unplugged_until: Duration::ZERO,
        })))
    }

    /// The lock is good even if a test panicked while it had it: the line is only bytes.
    pub(super) fn state(&self) -> MutexGuard<'_, State<P>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The host's end, for one program. What another program has not read yet is lost to this one.
    pub fn host(&self) -> Host<P> {
        Host::new(self.clone())
    }

    /// The virtual time since the line was made.
    pub fn elapsed(&self) -> Duration {
        self.state().now
    }

    /// Everything that the host has written since the last [`Line::clear`].
    pub fn sent(&self) -> Vec<u8> {
        self.state().writes.iter().flat_map(|(_, bytes)| bytes).copied().collect()
    }

    /// As [`Line::sent`], as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.sent()).into_owned()
    }

    /// Each write since the last [`Line::clear`], and its time.
    pub fn writes(&self) -> Vec<(Duration, Vec<u8>)> {
        self.state().writes.clone()
    }

    /// The levels that the host has put DTR to since the last [`Line::clear`].
    pub fn dtr(&self) -> Vec<bool> {
        self.state().dtr.clone()
    }

    /// The command lines since the last [`Line::clear`] that start with `start`.
    pub fn commands(&self, start: &str) -> Vec<String> {
        self.text().split('\r').filter(|line| line.starts_with(start)).map(str::to_owned).collect()
    }

    /// What `work` returns, and what the host writes meanwhile.
    pub fn sent_by<T>(&self, work: impl FnOnce() -> T) -> (T, String) {
        let before = self.sent().len();
        let outcome = work();
        (outcome, String::from_utf8_lossy(&self.sent()[before..]).into_owned())
    }

    /// What has reached the host since the last [`Line::clear`].
    pub fn heard(&self) -> Vec<u8> {
        self.state().heard.clone()
    }

    /// Forgets what was written and heard so far.
    pub fn clear(&self) {
        let mut state = self.state();
        state.writes.clear();
        state.dtr.clear();
        state.heard.clear();
        state.reads = 0;
    }

    /// Does something to the module.
    pub fn act<T>(&self, action: impl FnOnce(&mut P, Duration) -> T) -> T {
        let mut state = self.state();
        let now = state.now;
        action(&mut state.peer, now)
    }

    /// Does something to the module, once, when the host next writes `text`, before the module receives it.
    pub fn before(&self, text: &str, action: impl FnOnce(&mut P, Duration) + Send + 'static) {
        self.state().triggers.push((Moment::Before, text.into(), Box::new(action)));
    }

    /// Does something to the module, once, when it has received `text` from the host.
    pub fn after(&self, text: &str, action: impl FnOnce(&mut P, Duration) + Send + 'static) {
        self.state().triggers.push((Moment::After, text.into(), Box::new(action)));
    }

    /// From now on commands that start with `command` get `answer`; the module does not receive them.
    pub fn answer(&self, command: &str, answer: &[u8]) {
        self.state().answers.push((command.into(), answer.into()));
    }

    /// Sets `flag` once `bytes` more bytes have passed, in both directions together.
    pub fn stop_after(&self, bytes: usize, flag: Arc<AtomicBool>) {
        self.state().due = Some((bytes, Box::new(move |_| flag.store(true, Ordering::Relaxed))));
    }

    /// Unplugs the port once `bytes` more bytes have passed, in both directions together: it is gone for `time`, and
    /// what was on its way is lost.
    pub fn unplug_after(&self, bytes: usize, time: Duration) {
        self.state().due = Some((bytes, Box::new(move |state| state.unplugged_until = state.now + time)));
    }

    /// The port is there, and nothing more happens to it.
    pub fn calm(&self) {
        let mut state = self.state();
        (state.due, state.unplugged_until) = (None, Duration::ZERO);
    }

    /// Sends bytes to the module past the driver, and returns what the module answers within `patience`.
    pub fn talk(&self, bytes: &[u8], patience: Duration) -> Vec<u8> {
        let mut state = self.state();
        let state = &mut *state;
        let deadline = state.now + patience;
        state.peer.receive(state.now, bytes);
        let mut answer = Vec::new();
        loop {
            state.peer.transmit(state.now, &mut answer);
            match state.peer.next_event() {
                Some(event) if event <= deadline => state.now = event.max(state.now),
                _ => return answer,
            }
        }
    }

    /// Another program sends these commands to the module, and leaves without a word.
    pub fn by_another_program(&self, commands: &[&str]) {
        for command in commands {
            self.talk(format!("{command}\r").as_bytes(), Duration::ZERO);
        }
    }
}

impl Line<Faulty> {
    /// The module says `line` of its own accord.
    pub fn say(&self, line: &str) {
        self.act(|module, now| module.inject(now, line));
    }

    /// The module is switched off and on.
    pub fn restart(&self) {
        self.act(Faulty::restart);
    }

    /// Lets `plan` happen to the line and the module; bytes are counted from here.
    pub fn play(&self, plan: Plan) {
        self.clear();
        self.act(|module, _| module.play(plan));
    }

    /// The number of bytes that have passed since a plan was played.
    pub fn passed(&self, direction: Direction) -> u64 {
        self.act(|module, _| module.line().position(direction))
    }
}

/// Pauses between attempts pass on the line.
impl<P: Peer> Clock for Line<P> {
    fn now(&self) -> Duration {
        self.elapsed()
    }

    fn sleep(&self, time: Duration) {
        self.state().now += time;
    }
}

impl<P: Peer> State<P> {
    /// The host writes `bytes`.
    pub(super) fn receive(&mut self, bytes: &[u8]) {
        self.writes.push((self.now, bytes.to_vec()));
        self.trigger(Moment::Before, bytes);
        let answer = self.answers.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, answer)| answer.clone());
        match answer {
            Some(answer) => self.answered.extend(answer),
            None => self.peer.receive(self.now, bytes),
        }
        self.trigger(Moment::After, bytes);
        self.pass(bytes.len());
    }

    /// The host changes DTR.
    pub(super) fn dtr(&mut self, level: bool) {
        self.dtr.push(level);
        self.peer.dtr(self.now, level);
    }

    /// Counts bytes towards the action that is due.
    fn pass(&mut self, bytes: usize) {
        self.due = match self.due.take() {
            Some((left, action)) if left <= bytes => {
                action(self);
                None
            }
            Some((left, action)) => Some((left - bytes, action)),
            None => None,
        };
    }

    /// Whether the port is there.
    pub(super) fn is_plugged(&self) -> bool {
        self.now >= self.unplugged_until
    }

    fn trigger(&mut self, moment: Moment, bytes: &[u8]) {
        let holds = |text: &Vec<u8>| bytes.windows(text.len()).any(|window| window == text);
        if let Some(index) = self.triggers.iter().position(|(when, text, _)| *when == moment && holds(text)) {
            let (_, _, action) = self.triggers.remove(index);
            action(&mut self.peer, self.now);
        }
    }

    /// Appends to `out` what has reached the host by now.
    pub(super) fn transmit(&mut self, out: &mut Vec<u8>) {
        self.reads += 1;
        assert!(self.reads < MOST_READS, "the driver spins");
        let before = out.len();
        out.append(&mut self.answered);
        self.peer.transmit(self.now, out);
        self.heard.extend_from_slice(&out[before..]);
        self.pass(out.len() - before);
    }

    /// Puts the clock to the next event; returns whether there is one before `deadline`.
    pub(super) fn wait(&mut self, deadline: Duration) -> bool {
        match self.peer.next_event() {
            Some(event) if event <= deadline && event > self.now => self.now = event,
            // An event that is due and brought no bytes must not stop the clock.
            Some(event) if event <= self.now && self.now < deadline => self.now += Duration::from_micros(1),
            _ => {
                self.now = self.now.max(deadline);
                return false;
            }
        }
        true
    }
}
