//! A module on a pseudo-terminal that answers some commands as the test says, and the others as an emulated module.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ftp_modem::Vendor;
use ftp_modem::emulator::{FtpRemote, Module, Options, Remote};
use serialport::{SerialPort, TTYPort};

use crate::rig::emulated;

/// The module, until dropped.
pub struct Wire {
    path: String,
    shared: Arc<Shared>,
    alive: Arc<()>,
}

/// What the test and the module's thread know of one another.
#[derive(Default)]
struct Shared {
    commands: Mutex<Vec<String>>,
    /// Whether the module takes everything for file data.
    is_deaf: AtomicBool,
    /// What the module sends next on its own.
    pending: Mutex<String>,
}

impl Wire {
    /// Serves a module; commands that start with the text of a row get the row's lines and `OK`, or only the final
    /// result code behind a `!`.
    pub fn new(vendor: Vendor, options: Options, rows: &'static [(&'static str, &'static str)]) -> Self {
        Wire::to(Box::new(FtpRemote::new()), vendor, options, rows)
    }

    /// As `new`, with a way to a server.
    pub fn to(
        remote: Box<dyn Remote>,
        vendor: Vendor,
        options: Options,
        rows: &'static [(&'static str, &'static str)],
    ) -> Self {
        let (port, host) = TTYPort::pair().unwrap();
        let path = host.name().unwrap();
        drop(host);
        let (shared, alive) = (Arc::<Shared>::default(), Arc::new(()));
        let module = Module::new(emulated(vendor), remote, options);
        let (known, watch) = (Arc::clone(&shared), Arc::downgrade(&alive));
        std::thread::spawn(move || serve(port, module, rows, &known, || watch.strong_count() > 0));
        Wire { path, shared, alive }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// The commands so far that start with `start`.
    pub fn commands(&self, start: &str) -> Vec<String> {
        self.shared.commands.lock().unwrap().iter().filter(|line| line.starts_with(start)).cloned().collect()
    }

    /// From now on the module answers nothing.
    pub fn be_deaf(&self) {
        self.shared.is_deaf.store(true, Ordering::SeqCst);
    }

    /// The module sends `line`, and answers from now on.
    pub fn hear_again(&self, line: &str) {
        self.shared.pending.lock().unwrap().push_str(line);
        self.shared.is_deaf.store(false, Ordering::SeqCst);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        // The thread watches it.
        let _ = &self.alive;
    }
}

fn serve(mut port: TTYPort, mut module: Module, rows: &[(&str, &str)], shared: &Shared, is_wanted: impl Fn() -> bool) {
    let begun = Instant::now();
    let mut line = Vec::new();
    port.set_timeout(Duration::from_millis(2)).unwrap();
    while is_wanted() {
        let mut byte = [0];
        // An error means that nothing came, or that no program has the terminal open.
        let is_read = port.read(&mut byte).is_ok_and(|count| count == 1);
        if shared.is_deaf.load(Ordering::SeqCst) {
            continue;
        }
        if is_read {
            line.push(byte[0]);
        }
        port.write_all(std::mem::take(&mut *shared.pending.lock().unwrap()).as_bytes()).unwrap();
        // Data, and the escape sequence, are no commands.
        if !line.starts_with(b"AT") && !b"AT".starts_with(&line) {
            module.receive(begun.elapsed(), &line);
            line.clear();
        }
        if line.ends_with(b"\r") {
            let text = String::from_utf8_lossy(&line).trim().to_owned();
            match rows.iter().find(|(command, _)| text.starts_with(command)) {
                Some((_, answer)) => {
                    let answer = match answer.strip_prefix('!') {
                        Some(code) => format!("\r\n{code}\r\n"),
                        None => format!("\r\n{answer}\r\n\r\nOK\r\n"),
                    };
                    port.write_all(answer.as_bytes()).unwrap();
                }
                None => module.receive(begun.elapsed(), &line),
            }
            shared.commands.lock().unwrap().push(text);
            line.clear();
        }
        let mut out = Vec::new();
        module.transmit(begun.elapsed(), &mut out);
        let _ = port.write_all(&out);
    }
}
