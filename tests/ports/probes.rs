//! Who answers on which port, and at which rate, on pseudo-terminals.

use std::io::{ErrorKind as Io, Read, Write};
use std::sync::mpsc::{TryRecvError, channel};
use std::time::Duration;

use ftp_modem::emulator::{Family, MemoryServer, Options, PtyModule};
use ftp_modem::{ErrorKind, OpenOptions};
use serialport::{SerialPort, TTYPort};

fn module(family: Family) -> PtyModule {
    PtyModule::spawn(family, MemoryServer::new().remote(), Options::default()).unwrap()
}

/// A pseudo-terminal, and its name.
fn terminal() -> (TTYPort, String) {
    let (mut peer, host) = TTYPort::pair().unwrap();
    peer.set_timeout(Duration::from_secs(60)).unwrap();
    (peer, host.name().unwrap())
}

#[test]
fn all_ports_are_asked_at_once_and_silent_ones_abandoned() {
    let (quectel, luat) = (module(Family::Quectel), module(Family::Luat));
    let silent: Vec<_> = (0..6).map(|_| terminal()).collect();
    let mut ports: Vec<String> = silent.iter().map(|(_, name)| name.clone()).collect();
    ports.insert(0, quectel.path().to_owned());
    ports.push(luat.path().to_owned());
    ports.push("/dev/no-such-port".to_owned());

    let outcomes = OpenOptions::new().probe_all(&ports);
    assert_eq!(outcomes.len(), ports.len());
    assert!(outcomes[0].as_ref().unwrap().to_string().contains("Quectel"));
    for outcome in &outcomes[1..7] {
        assert_eq!(outcome.as_ref().unwrap_err().kind(), ErrorKind::Timeout);
    }
    assert!(outcomes[7].as_ref().unwrap().to_string().contains("AirM2M"));
    assert_eq!(outcomes[8].as_ref().unwrap_err().kind(), ErrorKind::PortNotFound);
}

#[test]
fn a_probe_sends_no_escape_sequence() {
    let (mut peer, name) = terminal();
    let (finished, end) = channel::<()>();
    let listener = std::thread::spawn(move || {
        let mut heard = Vec::new();
        let mut byte = [0];
        peer.set_timeout(Duration::from_millis(1)).unwrap();
        // An error means that no program has the terminal open.
        while end.try_recv() == Err(TryRecvError::Empty) {
            if peer.read(&mut byte).is_ok_and(|count| count == 1) {
                heard.push(byte[0]);
            }
        }
        String::from_utf8(heard).unwrap()
    });
    let outcome = OpenOptions::new().probe(&name);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout);
    drop(finished);
    assert_eq!(listener.join().unwrap(), "ATI\rATI\r");
}

/// Answers on a terminal like a module that knows only the rate `rate`.
fn module_at(rate: u32) -> String {
    let (mut peer, name) = terminal();
    std::thread::spawn(move || {
        let mut line = Vec::new();
        let mut byte = [0];
        loop {
            match peer.read(&mut byte) {
                Ok(1) if byte[0] == b'\r' => {
                    // The rate that the tool has set: both ends of a pseudo-terminal share it.
                    let is_mine = peer.baud_rate().is_ok_and(|set| set == rate);
                    let answer: &[u8] = match line.as_slice() {
                        _ if !is_mine => b"\x9c\xfe\x80",
                        b"ATI" => b"\r\nQuectel\r\nEC25\r\nRevision: EC25EFAR06A01M4G\r\n\r\nOK\r\n",
                        _ => b"\r\nOK\r\n",
                    };
                    line.clear();
                    if peer.write_all(answer).is_err() {
                        return;
                    }
                }
                Ok(count) => line.extend(&byte[..count]),
                Err(error) if error.kind() == Io::TimedOut => {}
                // No program has the terminal open.
                Err(_) => std::thread::sleep(Duration::from_millis(1)),
            }
        }
    });
    name
}

#[test]
fn the_rate_of_a_module_is_found() {
    let name = module_at(57_600);
    let transport = OpenOptions::new().baud_auto().transport(&name).unwrap();
    assert_eq!(transport.line_rate(), Some(57_600));
    drop(transport);
    assert!(OpenOptions::new().baud_auto().open(&name).unwrap().identity().to_string().contains("EC25"));
    let found = OpenOptions::new().baud_auto().probe_all(std::slice::from_ref(&name));
    assert!(found[0].as_ref().unwrap().to_string().contains("EC25"));
    assert_eq!(OpenOptions::new().probe(&name).unwrap_err().kind(), ErrorKind::Timeout, "115200 is wrong");
}
