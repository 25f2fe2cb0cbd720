//! The thread that serves a module on its end of a pseudo-terminal.

use std::io::{self, PipeReader, Read};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::Duration;

use nix::errno::Errno;
use nix::unistd;
use serialport::TTYPort;

use super::shared::Shared;
use super::wait::{Openings, Ready, never_block, wait};
use crate::emulator::Faulty;

/// The shortest and the longest pause between two looks at a pseudo-terminal that no program has open, where there is
/// no signal of its being opened. A wait for it would end at once.
const LOOK: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(20));

/// The time after which something counts as held up.
const HELD_UP: Duration = Duration::from_millis(5);

/// What belongs to the thread alone.
pub(super) struct Server {
    port: TTYPort,
    openings: Openings,
    heard: PipeReader,
    shared: Arc<Shared>,
    /// Bytes that have left the module and not yet gone to the client.
    waiting: Vec<u8>,
    /// Whether the client has left some of them waiting.
    blocked: bool,
    /// Whether a program has the other end open, as far as is known.
    open: bool,
    /// Whether the client may have gone on sending since the last bytes were read.
    busy: bool,
    /// The pause until the next look, while no program has the pseudo-terminal open. `None`: there is a signal.
    look: Option<Duration>,
}

impl Server {
    pub(super) fn new(port: TTYPort, path: &str, heard: PipeReader, shared: Arc<Shared>) -> io::Result<Self> {
        never_block(port.as_raw_fd())?;
        Ok(Self {
            port,
            openings: Openings::of(path),
            heard,
            shared,
            waiting: Vec::new(),
            blocked: false,
            open: false,
            busy: false,
            look: Some(LOOK.0),
        })
    }

    pub(super) fn run(mut self) {
        while !self.shared.served.is_stopped() {
            if let Err(error) = self.turn() {
                log::error!("the pseudo-terminal of an emulated module failed: {error}");
                break;
            }
        }
    }

    /// Brings out what is due, then waits for input, room for output, the next event or the bell.
    fn turn(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            self.collect();
        }
        self.write()?;
        self.wait()
    }

    fn collect(&mut self) {
        let now = self.shared.served.now();
        let mut module = self.shared.served.module();
        // What has been said already is to leave before anything is begun that may take the remote side some time.
        module.transmit_waiting(now, &mut self.waiting);
        if self.waiting.is_empty() {
            module.transmit(now, &mut self.waiting);
        }
        self.resume_pace(&mut module, now);
    }

    /// Ends what was begun at `start`. If the remote side has held it up, the line has stood still meanwhile. That this
    /// thread itself was late is made up for.
    fn resume_pace(&self, module: &mut Faulty, start: Duration) {
        let now = self.shared.served.now();
        if now.saturating_sub(start) >= HELD_UP {
            module.module_mut().resume_pace(now);
        }
    }

    fn write(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        if !self.open {
            self.look()?;
        }
        if !self.open {
            // As on a wire without a host, the bytes are lost.
            self.waiting.clear();
            self.blocked = false;
            return Ok(());
        }
        match unistd::write(self.port.as_raw_fd(), &self.waiting) {
            Ok(count) => {
                self.waiting.drain(..count);
                if !self.waiting.is_empty() {
                    self.blocked = true;
                } else if std::mem::take(&mut self.blocked) {
                    self.shared.served.module().module_mut().resume_pace(self.shared.served.now());
                }
            }
            Err(Errno::EAGAIN | Errno::EINTR) => self.blocked = true,
            Err(Errno::EIO) => self.open = false,
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn wait(&mut self) -> io::Result<()> {
        let now = self.shared.served.now();
        let (capacity, room, next) = {
            let module = self.shared.served.module();
            (module.receive_capacity(now), module.receive_time(), module.next_event())
        };
        let takes_input = capacity > 0 && room <= now;
        let is_blocked = !self.waiting.is_empty();
        // What waits for the client is all that the module has to say until it has gone.
        let next = next.filter(|_| !is_blocked);
        let room = Some(room).filter(|room| *room > now);
        let look = self.look.filter(|_| !self.open).map(|look| now.saturating_add(look));
        let until = [next, room, look].into_iter().flatten().min();
        // Whether the client has gone on sending is seen only at once.
        let is_certain = !(self.busy && takes_input);
        let time = if is_certain { until.map(|until| until.saturating_sub(now)) } else { Some(Duration::ZERO) };
        let bell = Ready { input: true, ..Ready::default() };
        let port = Ready { input: takes_input, output: is_blocked, hung_up: false };
        // A port that no program has open would end the wait at once, and so would one that may not be read.
        let ready = if self.open && (takes_input || is_blocked) {
            let [bell, port] = wait([(&self.heard, bell), (&self.port, port)], time)?;
            self.hear(bell)?;
            self.open = !port.hung_up;
            port
        } else if let Some(opening) = self.openings.signal().filter(|_| !self.open) {
            let [bell, _] = wait([(&self.heard, bell), (opening, bell)], time)?;
            self.hear(bell)?;
            self.look()?
        } else {
            let [bell] = wait([(&self.heard, bell)], time)?;
            self.hear(bell)?;
            if self.open { Ready::default() } else { self.look()? }
        };
        if ready.input && takes_input {
            return self.read(capacity);
        }
        if !is_certain {
            self.keep_receiving(false);
        }
        Ok(())
    }

    fn keep_receiving(&mut self, busy: bool) {
        if self.busy != busy {
            self.busy = busy;
            self.shared.served.module().module_mut().keep_receiving(busy);
        }
    }

    /// Looks whether a program has opened the other end, or left input behind.
    fn look(&mut self) -> io::Result<Ready> {
        let wanted = Ready { input: true, ..Ready::default() };
        self.openings.forget();
        let [ready] = wait([(&self.port, wanted)], Some(Duration::ZERO))?;
        self.open = !ready.hung_up;
        self.look = if self.open || ready.input {
            Some(LOOK.0)
        } else if self.openings.signal().is_some() {
            None
        } else {
            self.look.map(|look| look.saturating_mul(2).min(LOOK.1))
        };
        Ok(ready)
    }

    /// Takes notice of the bell, if it has rung.
    fn hear(&mut self, bell: Ready) -> io::Result<()> {
        if bell.input {
            self.heard.read_exact(&mut [0])?;
            self.shared.heard();
        }
        Ok(())
    }

    fn read(&mut self, capacity: usize) -> io::Result<()> {
        let mut space = [0; 4096];
        let space = space.get_mut(..capacity.min(4096)).unwrap_or_default();
        match unistd::read(self.port.as_raw_fd(), space) {
            Ok(0) | Err(Errno::EIO) => self.open = false,
            Ok(count) => {
                let bytes = space.get(..count).unwrap_or_default();
                let now = self.shared.served.now();
                let mut module = self.shared.served.module();
                module.receive(now, bytes);
                self.resume_pace(&mut module, now);
                drop(module);
                // Until it is seen that nothing more has come.
                self.keep_receiving(true);
            }
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
