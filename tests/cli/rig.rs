//! A module on a pty, a server behind it, and the tool beside them.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use ftp_modem::Vendor;
use ftp_modem::emulator::{self, FtpRemote, Options, PtyModule};

use crate::ftp_server::{FtpServer, PASSWORD, USER};

/// The tool, with nothing of the environment that would steer it.
pub fn tool() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ftp-modem"));
    for name in ["PORT", "BAUD", "SERVER", "PASSWORD", "APN_PASSWORD", "PIN", "ROOT"] {
        command.env_remove(format!("FTP_MODEM_{name}"));
    }
    command.stdin(Stdio::null());
    command
}

/// How a run of the tool ended.
pub struct Ran {
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Ran {
    /// Checks what holds for every run: no secret in any output, one line for an error and none without.
    #[track_caller]
    pub fn of(output: Output) -> Self {
        let stderr = String::from_utf8(output.stderr).unwrap();
        let ran = Ran { status: output.status.code().unwrap_or(-1), stdout: output.stdout, stderr };
        assert!(!ran.text().contains(PASSWORD) && !ran.stderr.contains(PASSWORD), "{}\n{}", ran.text(), ran.stderr);
        let errors: Vec<&str> = ran.stderr.lines().filter(|line| !is_log(line)).collect();
        match ran.status {
            0 => assert!(errors.is_empty(), "{}", ran.stderr),
            // Of several files each that fails has a line.
            _ => assert!(
                !errors.is_empty() && errors.iter().all(|line| line.starts_with("ftp-modem: ")),
                "{}",
                ran.stderr
            ),
        }
        assert!(!ran.stderr.contains(['\x1b', '\r', '%']), "progress belongs to terminals: {}", ran.stderr);
        ran
    }

    /// stdout as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// One JSON document per line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        let text = self.text();
        assert_eq!(text.lines().count(), 1, "one document on one line: {text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    #[track_caller]
    pub fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "stdout: {}\nstderr: {}", self.text(), self.stderr);
        self
    }
}

fn is_log(line: &str) -> bool {
    let levels = ["error", "warn", "info", "debug", "trace"];
    levels.iter().any(|level| line.starts_with(&format!("[{level}] ")))
}

#[track_caller]
pub fn run(command: &mut Command) -> Ran {
    Ran::of(command.output().unwrap())
}

/// Waits for an event that comes, without a limit that a slow machine could miss.
pub fn wait_for(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < Duration::from_secs(120), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The emulated counterpart of a dialect.
pub fn emulated(vendor: Vendor) -> emulator::Family {
    vendor.to_string().parse().unwrap()
}

/// A module on a pty, and the server it reaches.
pub struct Rig {
    /// What the server serves.
    pub folder: tempfile::TempDir,
    /// Where the tool runs.
    pub local: tempfile::TempDir,
    pub server: FtpServer,
    pub module: PtyModule,
}

impl Rig {
    pub fn new(vendor: Vendor) -> Self {
        Rig::with(vendor, Options::default())
    }

    pub fn with(vendor: Vendor, options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = FtpServer::start(folder.path()).unwrap();
        let module = PtyModule::spawn(emulated(vendor), Box::new(FtpRemote::new()), options).unwrap();
        Rig { folder, local: tempfile::tempdir().unwrap(), server, module }
    }

    pub fn url(&self) -> String {
        format!("ftp://{USER}@{}", self.server.address())
    }

    /// The tool on this module and server, by default without retries.
    pub fn tool(&self, arguments: &[&str]) -> Command {
        let mut command = tool();
        command.current_dir(self.local.path());
        command.args(["--port", self.module.path(), "--server", &self.url()]);
        if !arguments.contains(&"--retries") {
            command.args(["--retries", "0"]);
        }
        command.args(arguments).env("FTP_MODEM_PASSWORD", PASSWORD);
        command
    }

    /// As [`Self::tool`], started by another program, which becomes the tool.
    pub fn tool_through(&self, program: &[&str], arguments: &[&str]) -> Command {
        let tool = self.tool(arguments);
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).arg(tool.get_program()).args(tool.get_args());
        command.current_dir(self.local.path()).stdin(Stdio::null());
        for (name, value) in tool.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(&mut self.tool(arguments))
    }

    /// Runs it and expects success; returns stdout.
    #[track_caller]
    pub fn ok(&self, arguments: &[&str]) -> String {
        self.run(arguments).expect(0).text()
    }

    /// Runs it with `input` on stdin.
    #[track_caller]
    pub fn run_with(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut child = spawn(&mut self.tool(arguments));
        child.stdin.take().unwrap().write_all(input).unwrap();
        Ran::of(child.wait_with_output().unwrap())
    }

    /// Puts a file on the server.
    pub fn serve(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.folder.path().join(name), content).unwrap();
    }

    /// A file of the server.
    #[track_caller]
    pub fn served(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(name)).unwrap()
    }

    /// A local file.
    pub fn here(&self, name: &str) -> PathBuf {
        self.local.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.here(name), content).unwrap();
    }

    #[track_caller]
    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.here(name)).unwrap()
    }
}

/// Waits for an event that `child` brings about, before it ends.
pub fn wait_while_running(child: &mut Child, what: &str, mut happened: impl FnMut() -> bool) {
    wait_for(what, || {
        if let Some(status) = child.try_wait().unwrap() {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("ended before {what} with {status}: {said}");
        }
        happened()
    });
}

/// Starts it with all three streams in our hands.
pub fn spawn(command: &mut Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Ctrl-C.
pub fn interrupt(child: &Child) {
    signal(child.id(), "INT");
}

/// Sends a signal.
pub fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Waits until the tool handles signals.
pub fn wait_for_handler(child: &mut Child) {
    let status = format!("/proc/{}/status", child.id());
    wait_while_running(child, "the handler for signals", || {
        let status = fs::read_to_string(&status).unwrap();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        // SIGTERM is 15.
        u64::from_str_radix(mask.trim(), 16).unwrap() & (1 << 14) != 0
    });
}

/// Every byte value, in a pattern that no block size divides.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8 ^ (index / 65_521) as u8).collect()
}

/// Text that every dialect can carry.
pub fn text(length: usize) -> Vec<u8> {
    (0..length).map(|index| b'a' + (index % 23) as u8).collect()
}

/// The length of a file; 0 while there is none.
pub fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

pub(crate) use crate::dialects::for_each_dialect;
