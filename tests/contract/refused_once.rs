//! One byte that changes on the line makes a command unreadable: the module answers a bare `ERROR`.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use ftp_modem::emulator::Faulty;
use ftp_modem::modem::{AccessPoint, Operation};
use ftp_modem::transport::Transport;
use ftp_modem::{FtpModem, OpenOptions, Result, Vendor};

use crate::for_each_dialect;
use crate::support::access::server;
use crate::support::host::Host;
use crate::support::rig;

/// The host's end of a line on which one command is not readable. `left` counts down to it.
struct Unreadable {
    host: Host<Faulty>,
    left: Arc<AtomicUsize>,
    answer: &'static [u8],
    refused: Arc<std::sync::Mutex<String>>,
    /// Whether payload has left last. That the first command behind it is not understood may be the only sign of bytes
    /// that were pushed out of the payload: it is never sent twice.
    is_behind_payload: bool,
}

impl Transport for Unreadable {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        if self.answer.is_empty() {
            return self.host.read(buffer, deadline);
        }
        let count = self.answer.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.answer[..count]);
        self.answer = &self.answer[count..];
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        let line = bytes.strip_prefix(b"AT").and_then(|line| line.strip_suffix(b"\r"));
        // Test commands find out what the firmware has.
        let is_question = line.is_some_and(|line| line.ends_with(b"=?"));
        let is_behind_payload = std::mem::replace(&mut self.is_behind_payload, line.is_none());
        if line.is_none() || is_question || is_behind_payload {
            return self.host.write(bytes, deadline);
        }
        match self.left.fetch_sub(1, Ordering::Relaxed) {
            0 => {
                *self.refused.lock().unwrap() = String::from_utf8_lossy(bytes).trim().to_owned();
                self.answer = b"\r\nERROR\r\n";
                Ok(bytes.len())
            }
            _ => self.host.write(bytes, deadline),
        }
    }

    fn now(&self) -> Instant {
        self.host.now()
    }

    fn name(&self) -> &str {
        self.host.name()
    }
}

/// What a program does in a session, as far as the dialect can.
fn session(modem: &mut dyn FtpModem) -> Result<Vec<u8>> {
    modem.attach(&AccessPoint::default())?;
    modem.login(&server())?;
    modem.mkdir("/made")?;
    modem.list("/")?;
    modem.store("/made/up.txt", &ftp_modem::modem::Store::create().with_length(5), &mut &b"hello"[..])?;
    let mut received = Vec::new();
    modem.retrieve("/made/up.txt", &ftp_modem::modem::Retrieve::whole(), &mut received)?;
    if modem.capabilities().supports(Operation::Rename) {
        modem.rename("/made/up.txt", "/made/renamed.txt")?;
        modem.remove("/made/renamed.txt")?;
        modem.rmdir("/made")?;
    }
    modem.logout()?;
    modem.detach()?;
    Ok(received)
}

for_each_dialect! {
    fn any_one_command_may_be_unreadable(vendor: Vendor) {
        let mut failures = Vec::new();
        for index in 0.. {
            let (line, _files) = rig::module(vendor, rig::carrying(vendor));
            let left = Arc::new(AtomicUsize::new(index));
            let refused = Arc::default();
            let host = line.host();
            let (counter, answer, is_behind_payload) = (Arc::clone(&left), &[], false);
            let host = Unreadable { host, left: counter, answer, refused: Arc::clone(&refused), is_behind_payload };
            let outcome = OpenOptions::new().open_on(host).and_then(|mut modem| session(modem.as_mut()));
            let refused = refused.lock().unwrap().clone();
            if refused.is_empty() {
                assert!(index > 10, "{index}");
                break;
            }
            match outcome {
                Ok(received) => assert_eq!(received, b"hello", "{refused}"),
                // The transfer repeats all of it.
                Err(error) if error.is_retryable() => {}
                Err(error) => failures.push(format!("{refused}: {error}")),
            }
        }
        assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    }
}
