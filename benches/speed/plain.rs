//! FOR COMPARISON ONLY: a script that follows the examples of each manual. Blocking reads, line by line, fixed blocks,
//! no recovery, no checks except for the expected answer. It does not use the engine of this crate.

use std::time::Duration;
use std::time::Instant;

use ftp_modem::Vendor;
use ftp_modem::transport::Transport;

use crate::rig::{FILE, Way};

const PATIENCE: Duration = Duration::from_secs(120);

/// A serial port with blocking calls.
pub struct Plain<T> {
    port: T,
    buffer: Vec<u8>,
}

impl<T: Transport> Plain<T> {
    pub fn new(port: T) -> Self {
        Plain { port, buffer: Vec::new() }
    }

    fn deadline(&self) -> Instant {
        self.port.now() + PATIENCE
    }

    fn more(&mut self) {
        let mut piece = [0; 4096];
        let deadline = self.deadline();
        let count = self.port.read(&mut piece, deadline).unwrap();
        self.buffer.extend_from_slice(&piece[..count]);
    }

    fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line).trim().to_owned();
                if !line.is_empty() {
                    return line;
                }
            } else {
                self.more();
            }
        }
    }

    /// Reads lines until one begins with `start`.
    fn until(&mut self, start: &str) -> String {
        loop {
            let line = self.line();
            assert!(!line.contains("ERROR"), "expected {start}, got {line}");
            if line.starts_with(start) {
                return line;
            }
        }
    }

    /// Reads up to and including `end`, which has no line end.
    fn until_bytes(&mut self, end: &[u8]) -> Vec<u8> {
        loop {
            if let Some(start) = self.buffer.windows(end.len()).position(|window| window == end) {
                return self.buffer.drain(..start + end.len()).collect();
            }
            self.more();
        }
    }

    fn exactly(&mut self, count: usize, to: &mut Vec<u8>) {
        let end = to.len() + count;
        while to.len() < end {
            let here = self.buffer.len().min(end - to.len());
            to.extend(self.buffer.drain(..here));
            if to.len() < end {
                self.more();
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let deadline = self.deadline();
            let count = self.port.write(rest, deadline).unwrap();
            rest = &rest[count..];
        }
    }

    fn send(&mut self, command: &str) {
        self.write(format!("{command}\r").as_bytes());
    }

    /// Sends a command and waits for `OK`. Information responses are ignored.
    fn run(&mut self, command: &str) {
        self.send(command);
        self.until("OK");
    }

    /// Configures the module, attaches and logs in.
    pub fn log_in(&mut self, vendor: Vendor) {
        let commands: &[&str] = match vendor {
            Vendor::Luat => &[
                "ATE0",
                "AT+SAPBR=3,1,\"CONTYPE\",\"GPRS\"",
                "AT+SAPBR=3,1,\"APN\",\"\"",
                "AT+SAPBR=1,1",
                "AT+FTPCID=1",
                "AT+FTPSERV=\"192.0.2.7\"",
                "AT+FTPPORT=21",
                "AT+FTPUN=\"logger\"",
                "AT+FTPPW=\"secret\"",
                "AT+FTPTYPE=\"I\"",
            ],
            Vendor::Fibocom => &["ATE0", "AT+MIPCALL=1"],
            Vendor::Quectel => &["ATE0", "AT+QIACT=1", "AT+QFTPCFG=\"account\",\"logger\",\"secret\""],
            Vendor::ChinaMobile => &["ATE0", "AT+MIPCALL=1,1"],
            _ => &["ATE0", "AT+CGACT=1,1", "AT+FTPPORT=21", "AT+FTPMODE=1"],
        };
        for command in commands {
            self.run(command);
        }
        match vendor {
            Vendor::Fibocom => {
                self.until("+MIPCALL:");
                self.run("AT+FTPOPEN=\"192.0.2.7\",\"logger\",\"secret\",\"\",,21,");
                self.until("+FTPOPEN:");
            }
            Vendor::Quectel => {
                self.run("AT+QFTPOPEN=\"192.0.2.7\",21");
                self.until("+QFTPOPEN: 0");
            }
            Vendor::ChinaMobile => {
                self.until("+MIPCALL:");
                self.send("AT+MFTPCONN=0,\"192.0.2.7\",\"logger\",\"secret\",21");
                self.until("+MFTPCONN:");
            }
            Vendor::Generic => {
                for command in ["AT+FTPSERV=192.0.2.7", "AT+FTPUN=logger", "AT+FTPPW=secret", "AT+FTPTYPE=I"] {
                    self.run(command);
                }
            }
            _ => {}
        }
    }

    /// Everything behind the last transfer.
    pub fn log_out(&mut self, vendor: Vendor) {
        let (command, result) = match vendor {
            // Each transfer has its own session.
            Vendor::Luat => return,
            Vendor::Fibocom => ("AT+FTPCLOSE", "+FTPCLOSE:"),
            Vendor::Quectel => ("AT+QFTPCLOSE", "+QFTPCLOSE: 0"),
            Vendor::ChinaMobile => ("AT+MFTPDISC=0", "+MFTPDISC: 0"),
            _ => return self.run("AT+FTPQUIT"),
        };
        self.send(command);
        self.until(result);
    }

    pub fn transfer(&mut self, vendor: Vendor, way: Way, file: &[u8]) -> Vec<u8> {
        let mut received = Vec::new();
        match way {
            Way::Get => self.get(vendor, file.len(), &mut received),
            Way::Put => self.put(vendor, file),
        }
        received
    }

    /// Downloads a file whose `size` the script knows.
    fn get(&mut self, vendor: Vendor, size: usize, received: &mut Vec<u8>) {
        match vendor {
            Vendor::Luat => {
                self.run("AT+FTPGETPATH=\"/\"");
                self.run(&format!("AT+FTPGETNAME=\"{}\"", &FILE[1..]));
                self.run("AT+FTPGET=1");
                self.until("+FTPGET: 1,1");
                while received.len() < size {
                    self.send("AT+FTPGET=2,1024");
                    let count = self.until("+FTPGET: 2,")[11..].parse().unwrap();
                    self.exactly(count, received);
                    self.until("OK");
                }
                self.until("+FTPGET: 1,0");
            }
            Vendor::Fibocom => {
                while received.len() < size {
                    // One command fills the cache of the module, which is smaller than the file.
                    self.run(&format!("AT+FTPGET=\"{FILE}\",1,{}", received.len()));
                    self.until("+FTPGET:");
                    loop {
                        self.send("AT+FTPRECV=1024");
                        let count = self.until("+FTPRECV: ")[10..].parse().unwrap();
                        self.exactly(count, received);
                        self.until("OK");
                        if count == 0 || received.len() == size {
                            break;
                        }
                    }
                }
            }
            Vendor::Quectel => {
                self.send(&format!("AT+QFTPGET=\"{FILE}\",\"COM:\""));
                self.until("CONNECT");
                self.exactly(size, received);
                self.until("+QFTPGET: 0,");
            }
            Vendor::ChinaMobile => {
                self.send(&format!("AT+MFTPRETR=0,\"{FILE}\",,0,{size}"));
                while received.len() < size {
                    self.until_bytes(b"+MFTPRETR: 0,0,");
                    self.until_bytes(b",");
                    let count = self.until_bytes(b",");
                    let count = std::str::from_utf8(&count[..count.len() - 1]).unwrap().parse().unwrap();
                    self.exactly(count, received);
                }
            }
            _ => {
                self.run("AT+FTPPATH=/");
                self.run(&format!("AT+FTPGETNAME={}", &FILE[1..]));
                self.send("AT+FTPGET");
                self.until_bytes(b"+FTPGET:");
                let count = self.until_bytes(b",");
                let count = std::str::from_utf8(&count[..count.len() - 1]).unwrap().parse().unwrap();
                self.exactly(count, received);
                self.until("OK");
            }
        }
    }

    fn put(&mut self, vendor: Vendor, file: &[u8]) {
        match vendor {
            Vendor::Luat => {
                self.run(&format!("AT+FTPPUTNAME=\"{}\"", &FILE[1..]));
                self.run("AT+FTPPUTPATH=\"/\"");
                self.run("AT+FTPPUT=1");
                for block in file.chunks(1024) {
                    self.until("+FTPPUT: 1,1,");
                    self.send(&format!("AT+FTPPUT=2,{}", block.len()));
                    self.until("+FTPPUT: 2,");
                    self.write(block);
                    self.until("OK");
                }
                self.until("+FTPPUT: 1,1,");
                self.run("AT+FTPPUT=2,0");
                self.until("+FTPPUT: 1,0");
            }
            Vendor::Fibocom => {
                let blocks = file.len().div_ceil(1024);
                for (index, block) in file.chunks(1024).enumerate() {
                    let last = u8::from(index + 1 == blocks);
                    self.send(&format!("AT+FTPPUT=\"{FILE}\",{},{last},1", block.len()));
                    self.until("+FTPPUT: 2,");
                    self.write(block);
                    self.until("OK");
                }
                self.until("+FTPPUT: 1");
            }
            Vendor::Quectel => {
                self.send(&format!("AT+QFTPPUT=\"{FILE}\",\"COM:\",0,{},1", file.len()));
                self.until("CONNECT");
                self.write(file);
                self.until("+QFTPPUT: 0,");
            }
            Vendor::ChinaMobile => {
                let blocks = file.len().div_ceil(1024);
                for (index, block) in file.chunks(1024).enumerate() {
                    let last = u8::from(index + 1 == blocks);
                    self.send(&format!("AT+MFTPSTOR=0,\"{FILE}\",{last},{}", block.len()));
                    self.until_bytes(b">");
                    self.write(block);
                    self.until("+MFTPSTOR: 0,0,");
                }
            }
            _ => {
                self.run(&format!("AT+FTPPUTNAME={FILE}"));
                for block in file.chunks(64) {
                    self.write(format!("AT+FTPPUT={},", block.len()).as_bytes());
                    self.write(block);
                    self.write(b"\r");
                    self.until("OK");
                }
                self.run("AT+FTPPUT=0");
            }
        }
    }
}
