//! `emulate`: the module it serves, as other programs meet it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::rig::{run, tool};

/// A running `emulate`, and the port that it printed.
struct Emulated {
    child: Child,
    port: String,
}

impl Emulated {
    fn start(arguments: &[&str]) -> Self {
        let mut child = tool().arg("emulate").args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Emulated { child, port: port.trim_end().to_owned() }
    }

    fn connect(&self) -> TcpStream {
        let client = TcpStream::connect(self.port.strip_prefix("tcp://").unwrap()).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        client
    }
}

impl Drop for Emulated {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Sends a command and reads up to the end of its answer.
fn exchange(client: &mut TcpStream, line: &str, end: &str) -> String {
    client.write_all(format!("{line}\r").as_bytes()).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(end.as_bytes()) {
        let mut byte = [0];
        client.read_exact(&mut byte).unwrap();
        answer.extend(byte);
    }
    String::from_utf8(answer).unwrap()
}

#[test]
fn a_profile_names_the_module_and_its_dialect() {
    let module = Emulated::start(&["--profile", "sim7080", "--bind", "127.0.0.1:0"]);
    let answer = exchange(&mut module.connect(), "ATI", "OK\r\n");
    assert!(answer.contains("SIMCOM_SIM7080"), "{answer}");
    let json = Emulated::start(&["--profile", "EC25", "--json", "--bind", "127.0.0.1:0"]);
    let document: serde_json::Value = serde_json::from_str(&json.port).unwrap();
    assert_eq!((&document["dialect"], &document["profile"]), (&"quectel".into(), &"ec25".into()));
}

#[test]
fn an_answer_takes_as_long_as_it_is_told_to() {
    let times = ["--latency", "150ms", "--network-latency", "1s"];
    let module = Emulated::start(&[&["--vendor", "luat", "--bind", "127.0.0.1:0"], &times[..]].concat());
    let mut client = module.connect();
    let begun = Instant::now();
    exchange(&mut client, "AT", "OK\r\n");
    assert!(begun.elapsed() >= Duration::from_millis(150), "{:?}", begun.elapsed());
    exchange(&mut client, "AT+SAPBR=1,1", "OK\r\n");
    exchange(&mut client, "AT+FTPGETPATH=\"/\";+FTPGETNAME=f;+FTPSERV=127.0.0.1;+FTPPORT=9", "OK\r\n");
    let begun = Instant::now();
    exchange(&mut client, "AT+FTPSIZE", "+FTPSIZE: 1,63,0\r\n");
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[test]
fn faults_are_played() {
    let module = Emulated::start(&["--vendor", "generic", "--faults", "out@0 insert \"!\"", "--bind", "127.0.0.1:0"]);
    let mut client = module.connect();
    assert_eq!(exchange(&mut client, "AT", "OK\r\n"), "!AT\r\r\nOK\r\n");
    assert_eq!(exchange(&mut client, "AT", "OK\r\n"), "AT\r\r\nOK\r\n");
}

#[test]
fn what_cannot_be_emulated_is_a_usage_error() {
    let cases: [(&[&str], &str); 6] = [
        (&[], "--vendor"),
        (&["--profile", "nokia"], "ec25"),
        (&["--profile", "ec25", "--vendor", "luat"], "quectel"),
        (&["--vendor", "luat", "--faults", "nonsense"], "--faults"),
        (&["--vendor", "luat", "--faults", "server norest"], "real server"),
        (&["--vendor", "luat", "--latency", "20"], "unit"),
    ];
    for (arguments, said) in cases {
        let output = tool().arg("emulate").args(arguments).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
    run(tool().args(["emulate", "--vendor", "luat", "--bind", "192.0.2.1:9"])).expect(1);
}
