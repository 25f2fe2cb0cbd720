//! The tool as a process, on an emulated module on a pty.

use std::process::{Command, Stdio};

use ftp_modem::emulator::PtyModule;

use crate::support::access::PASSWORD;

/// The tool, with nothing of the environment that would steer it.
pub fn tool() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ftp-modem"));
    for name in ["PORT", "BAUD", "SERVER", "PASSWORD", "APN_PASSWORD"] {
        command.env_remove(format!("FTP_MODEM_{name}"));
    }
    command.stdin(Stdio::null());
    command
}

/// The tool on a module, with an account, once.
pub fn tool_on(module: &PtyModule) -> Command {
    let mut command = tool();
    command.args(["--port", module.path(), "--server", "ftp://u@192.0.2.7", "--retries", "0"]);
    command.env("FTP_MODEM_PASSWORD", PASSWORD);
    command
}

/// How a run of the tool ended.
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        // To the letter: a byte that is no text must not pass for one that is harmless.
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { status: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}
