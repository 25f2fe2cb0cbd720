use super::PtyModule;
use crate::emulator::{Family, MemoryServer, Module, Options, Plan};
use std::io;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn open(path: &str) -> Box<dyn serialport::SerialPort> {
    serialport::new(path, 115_200).timeout(Duration::from_secs(5)).open().unwrap()
}

fn expect(port: &mut dyn serialport::SerialPort, expected: &[u8]) {
    let mut answer = vec![0; expected.len()];
    port.read_exact(&mut answer).unwrap();
    assert_eq!(answer.escape_ascii().to_string(), expected.escape_ascii().to_string());
}

#[test]
fn a_client_may_open_close_and_open_again() {
    let server = MemoryServer::new();
    let every_byte: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    server.put("f", every_byte.clone());
    let module = PtyModule::spawn(Family::Generic, server.remote(), Options::default().with_pdp_active(true)).unwrap();
    for _ in 0..3 {
        let mut port = open(module.path());
        port.write_all(b"AT\r").unwrap();
        expect(port.as_mut(), b"AT\r\r\nOK\r\n");
    }
    let mut port = open(module.path());
    for command in ["ATE0", "AT+FTPSERV=127.0.0.1", "AT+FTPUN=u", "AT+FTPPW=p", "AT+FTPGETNAME=f"] {
        port.write_all(format!("{command}\r").as_bytes()).unwrap();
        match command {
            "ATE0" => expect(port.as_mut(), b"ATE0\r\r\nOK\r\n"),
            "AT+FTPSERV=127.0.0.1" => expect(port.as_mut(), b"\r\n+FTPSERV:0\r\n\r\nOK\r\n"),
            _ => expect(port.as_mut(), b"\r\nOK\r\n"),
        }
    }
    port.write_all(b"AT+FTPGET\r").unwrap();
    expect(port.as_mut(), b"\r\n+FTPGET:100000,");
    expect(port.as_mut(), &every_byte);
    expect(port.as_mut(), b"\r\nOK\r\n");
    module.inject("RING");
    expect(port.as_mut(), b"\r\nRING\r\n");
}

#[test]
fn a_program_started_meanwhile_does_not_keep_the_port_open() {
    let module = PtyModule::spawn(Family::Quectel, MemoryServer::new().remote(), Options::default()).unwrap();
    let mut port = open(module.path());
    let mut program = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    drop(module);
    // The port of a module that is gone has ended; one that some program holds open is silent.
    let end = port.read(&mut [0]).map_err(|error| error.kind());
    program.kill().unwrap();
    program.wait().unwrap();
    assert_ne!(end, Err(io::ErrorKind::TimedOut));
}

#[test]
fn faults_happen_in_real_time() {
    let module =
        PtyModule::spawn(Family::Quectel, MemoryServer::new().remote(), Options::default().with_echo(false)).unwrap();
    let mut port = open(module.path());
    module.play("out@2 stall 50ms; out@4 delete".parse().unwrap());
    let before = Instant::now();
    port.write_all(b"AT\r").unwrap();
    expect(port.as_mut(), b"\r\nOK\n");
    assert!(before.elapsed() >= Duration::from_millis(50));
    module.heal();
    port.write_all(b"AT\r").unwrap();
    expect(port.as_mut(), b"\r\nOK\r\n");
}

#[test]
fn a_paced_line_keeps_its_rate_in_real_time() {
    // A tenth of a second each way; how late a busy machine makes it is no matter.
    for rate in [115_200, 3_000_000] {
        let count = rate as usize / 100;
        let least = Duration::from_millis(80);
        let server = MemoryServer::new();
        server.put("f", vec![b'x'; count]);
        let options = Options::default().with_echo(false).with_pdp_active(true).with_line_rate(rate);
        let module = PtyModule::spawn(Family::Quectel, server.remote(), options).unwrap();
        let mut port = open(module.path());
        port.write_all(b"AT+QFTPCFG=\"transmode\",1\rAT+QFTPOPEN=\"h\",21\r").unwrap();
        expect(port.as_mut(), b"\r\nOK\r\n\r\nOK\r\n\r\n+QFTPOPEN: 0,0\r\n");
        let before = Instant::now();
        port.write_all(b"AT+QFTPGET=\"f\",\"COM:\"\r").unwrap();
        expect(port.as_mut(), b"\r\nCONNECT\r\n");
        expect(port.as_mut(), &vec![b'x'; count]);
        assert!(before.elapsed() >= least, "{rate} down: {:?}", before.elapsed());
        expect(port.as_mut(), format!("\r\nOK\r\n\r\n+QFTPGET: 0,{count}\r\n").as_bytes());
        port.write_all(format!("AT+QFTPPUT=\"g\",\"COM:\",0,{count},1\r").as_bytes()).unwrap();
        expect(port.as_mut(), b"\r\nCONNECT\r\n");
        let before = Instant::now();
        port.write_all(&vec![b'y'; count]).unwrap();
        expect(port.as_mut(), format!("\r\nOK\r\n\r\n+QFTPPUT: 0,{count}\r\n").as_bytes());
        assert!(before.elapsed() >= least, "{rate} up: {:?}", before.elapsed());
        assert_eq!(server.file("g").unwrap().len(), count);
    }
}

#[test]
fn a_client_that_does_not_read_loses_nothing() {
    let server = MemoryServer::new();
    let every_byte: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    server.put("f", every_byte.clone());
    let module = PtyModule::spawn(Family::Quectel, server.remote(), Options::default().with_echo(false)).unwrap();
    let mut port = open(module.path());
    port.write_all(b"AT+QFTPCFG=\"transmode\",1\rAT+QICSGP=1,1,\"a\"\rAT+QIACT=1\rAT+QFTPOPEN=\"h\",21\r").unwrap();
    expect(port.as_mut(), b"\r\nOK\r\n\r\nOK\r\n\r\nOK\r\n\r\nOK\r\n\r\n+QFTPOPEN: 0,0\r\n");
    port.write_all(b"AT+QFTPGET=\"f\",\"COM:\"\r").unwrap();
    // The line is full of the file, and other threads reach the module all the same.
    expect(port.as_mut(), b"\r\nCONNECT\r\n");
    module.inject("RING");
    expect(port.as_mut(), &every_byte);
    expect(port.as_mut(), b"\r\nOK\r\n");
}

#[test]
fn modules_may_come_and_go() {
    // More than there are watches: 128 for a user by default.
    for round in 0..150 {
        let module =
            PtyModule::spawn(Family::Generic, MemoryServer::new().remote(), Options::default().with_echo(false))
                .unwrap();
        if round % 10 == 0 {
            let mut port = open(module.path());
            port.write_all(b"AT\r").unwrap();
            expect(port.as_mut(), b"\r\nOK\r\n");
        }
    }
}

#[test]
fn what_a_client_leaves_behind_is_still_read() {
    let module =
        PtyModule::spawn(Family::Generic, MemoryServer::new().remote(), Options::default().with_echo(false)).unwrap();
    for _ in 0..20 {
        let mut port = open(module.path());
        port.write_all(b"ATE1\r").unwrap();
        drop(port);
        let mut port = open(module.path());
        port.write_all(b"\rATE0\r").unwrap();
        let mut text = Vec::new();
        while !text.ends_with(b"ATE0\r\r\nOK\r\n") {
            let mut byte = [0];
            port.read_exact(&mut byte).unwrap();
            text.push(byte[0]);
        }
    }
}

#[test]
fn a_line_rate_holds_the_client_back() {
    let options = Options::default().with_echo(false).with_line_rate(115_200);
    let module = PtyModule::spawn(Family::Generic, MemoryServer::new().remote(), options).unwrap();
    let mut port = open(module.path());
    let before = Instant::now();
    // 200 lines of 5 characters in, 6 characters out each: about 90 ms in, at 86.8 µs a character.
    for _ in 0..200 {
        port.write_all(b"\n\nAT\r").unwrap();
    }
    for _ in 0..200 {
        expect(port.as_mut(), b"\r\nOK\r\n");
    }
    assert!(before.elapsed() > Duration::from_millis(80), "{:?}", before.elapsed());
}

#[test]
fn a_module_that_stops_reading_stops_its_client_too() {
    use std::io::{ErrorKind, Read, Write};
    use std::os::unix::fs::OpenOptionsExt;

    let module =
        PtyModule::spawn(Family::Generic, MemoryServer::new().remote(), Options::default().with_echo(false)).unwrap();
    module.play("in@0 hold forever".parse().unwrap());
    let mut options = std::fs::File::options();
    options.read(true).write(true).custom_flags((nix::fcntl::OFlag::O_NONBLOCK | nix::fcntl::OFlag::O_NOCTTY).bits());
    let mut port = options.open(module.path()).unwrap();
    // Line feeds are nothing to a module.
    let mut accepted = 0;
    let full = loop {
        match port.write(&[b'\n'; 4096]) {
            Ok(count) => accepted += count,
            Err(error) => break error,
        }
        assert!(accepted < 1_000_000, "the line takes everything");
    };
    assert_eq!(full.kind(), ErrorKind::WouldBlock);
    // The fault may not have struck yet.
    module.play(Plan::none());
    module.heal();
    let mut answer = Vec::new();
    let mut question: &[u8] = b"AT\r";
    let patience = Instant::now() + Duration::from_secs(60);
    while answer != b"\r\nOK\r\n" && Instant::now() < patience {
        if let Ok(count) = port.write(question) {
            question = &question[count..];
        }
        let mut space = [0; 64];
        match port.read(&mut space) {
            Ok(count) => answer.extend_from_slice(&space[..count]),
            Err(_) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
    assert_eq!(answer, b"\r\nOK\r\n");
}

#[test]
fn another_module_may_take_the_place() {
    let options = || Options::default().with_echo(false);
    let module = PtyModule::spawn(Family::Generic, MemoryServer::new().remote(), options()).unwrap();
    let mut port = open(module.path());
    port.write_all(b"AT+CGMI\r").unwrap();
    expect(port.as_mut(), b"\r\nUCchip\r\n\r\nOK\r\n");
    module.replace(Module::new(Family::Quectel, MemoryServer::new().remote(), options()));
    expect(port.as_mut(), b"\r\nRDY\r\n");
    port.write_all(b"AT+CGMI\r").unwrap();
    expect(port.as_mut(), b"\r\nQuectel\r\n\r\nOK\r\n");
}
