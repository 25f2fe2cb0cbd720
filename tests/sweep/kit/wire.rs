//! The line between driver and module: everything that passes is kept, and time is virtual.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ftp_modem::emulator::{Direction, Faulty, MemoryServer, Plan};
use ftp_modem::transfer::Clock;
use ftp_modem::transport::Transport;

/// More reads than this in one run is not waiting but spinning.
const MOST_READS: u64 = 2_000_000;

/// Both ends of a line, and the clock; clones share them.
#[derive(Clone)]
pub struct Wire(Arc<Mutex<State>>);

struct State {
    faulty: Faulty,
    epoch: Instant,
    now: Duration,
    arrived: Vec<u8>,
    taken: usize,
    reads: u64,
    /// What has come to the driver, and what it has said, since the plan was played.
    heard: Vec<u8>,
    said: Vec<u8>,
}

impl Wire {
    pub fn new(faulty: Faulty) -> Self {
        Wire(Arc::new(Mutex::new(State {
            faulty,
            epoch: Instant::now(),
            now: Duration::ZERO,
            arrived: Vec::new(),
            taken: 0,
            reads: 0,
            heard: Vec::new(),
            said: Vec::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A run that panicked is reported as such; the line itself is only bytes.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The driver's end.
    pub fn host(&self) -> Host {
        Host(self.clone())
    }

    pub fn elapsed(&self) -> Duration {
        self.state().now
    }

    /// Lets `plan` happen from here on, to the line, the module and the server.
    pub fn play(&self, plan: &Plan, files: &MemoryServer) {
        files.play(plan);
        let mut state = self.state();
        state.faulty.play(plan.clone());
        state.heard.clear();
        state.said.clear();
        state.reads = 0;
    }

    /// The faults are over; what was held back is lost.
    pub fn heal(&self, latency: Duration, files: &MemoryServer) {
        self.play(&Plan::none(), files);
        let mut state = self.state();
        state.faulty.heal();
        state.faulty.module_mut().set_network_latency(latency);
    }

    /// What the host has not read yet is lost with its end of the line.
    pub fn unplug(&self) {
        let mut state = self.state();
        state.arrived.clear();
        state.taken = 0;
    }

    /// How many bytes have passed since the plan was played.
    pub fn passed(&self, direction: Direction) -> u64 {
        self.state().faulty.position(direction)
    }

    /// What has come to the driver since the plan was played.
    pub fn heard(&self) -> Vec<u8> {
        self.state().heard.clone()
    }

    /// What the driver has said since the plan was played.
    pub fn said(&self) -> Vec<u8> {
        self.state().said.clone()
    }
}

impl Clock for Wire {
    fn now(&self) -> Duration {
        self.elapsed()
    }

    fn sleep(&self, time: Duration) {
        self.state().now += time;
    }
}

/// The driver's end of the line.
pub struct Host(Wire);

impl Transport for Host {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        let mut state = self.0.state();
        let state = &mut *state;
        let deadline = deadline.saturating_duration_since(state.epoch);
        loop {
            state.reads += 1;
            assert!(state.reads < MOST_READS, "it spins");
            if state.taken == state.arrived.len() {
                state.arrived.clear();
                state.taken = 0;
                state.faulty.transmit(state.now, &mut state.arrived);
                state.heard.extend_from_slice(&state.arrived);
            }
            let waiting = &state.arrived[state.taken..];
            if !waiting.is_empty() {
                let count = waiting.len().min(buffer.len());
                buffer[..count].copy_from_slice(&waiting[..count]);
                state.taken += count;
                return Ok(count);
            }
            match state.faulty.next_event() {
                Some(event) if event <= deadline && event > state.now => state.now = event,
                // An event that is due and brought no bytes must not stop the clock.
                Some(event) if event <= state.now && state.now < deadline => state.now += Duration::from_micros(1),
                _ => {
                    state.now = state.now.max(deadline);
                    return Err(io::ErrorKind::TimedOut.into());
                }
            }
        }
    }

    fn write(&mut self, bytes: &[u8], _deadline: Instant) -> io::Result<usize> {
        let mut state = self.0.state();
        state.said.extend_from_slice(bytes);
        let now = state.now;
        state.faulty.receive(now, bytes);
        Ok(bytes.len())
    }

    fn now(&self) -> Instant {
        let state = self.0.state();
        state.epoch + state.now
    }

    fn name(&self) -> &str {
        "memory"
    }
}
