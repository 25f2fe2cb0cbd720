//! The examples, run as a user runs them: as processes, on a pty, against a real FTP server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Once;
use std::time::Duration;

use ftp_modem::Vendor;
use ftp_modem::emulator::{Family, FtpRemote, Options, PtyModule};

#[path = "../examples/demo/ftp_server.rs"]
mod ftp_server;

use ftp_server::{FtpServer, PASSWORD, USER};

/// The built example `name`: cargo puts it beside the folder of this test. The examples are built first, because a test
/// run alone does not build them.
fn example(name: &str) -> Command {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let built = Command::new(env!("CARGO")).args(["build", "--quiet", "--examples"]).status().unwrap();
        assert!(built.success());
    });
    let mut path: PathBuf = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.push("examples");
    path.push(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is not built", path.display());
    let mut command = Command::new(path);
    command.env("FTP_MODEM_PASSWORD", PASSWORD);
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    text(&output)
}

#[test]
fn demo_does_the_main_job_in_every_dialect() {
    let said = succeeds(example("demo").arg("20000"));
    let names = Vendor::ALL.map(Vendor::name);
    for word in names.into_iter().chain(["resume", "all files were transferred without a difference"]) {
        assert!(said.contains(word), "{word} is missing in\n{said}");
    }
}

#[test]
fn demo_refuses_a_size_that_is_none() {
    let output = example("demo").arg("large").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("usage"), "{}", text(&output));
}

#[test]
fn identify_list_upload_and_download_work_on_an_emulated_module() {
    let folder = tempfile::tempdir().unwrap();
    let server = FtpServer::start(folder.path()).unwrap();
    let url = format!("ftp://{USER}@{}", server.address());
    for family in Family::ALL {
        let module = PtyModule::spawn(family, Box::new(FtpRemote::new()), Options::default()).unwrap();
        let port = module.path();
        let local = tempfile::tempdir().unwrap();
        let there = local.path().join("there.txt");
        let back = local.path().join("back.txt");
        std::fs::write(&there, "a line of text without anything special").unwrap();

        assert!(succeeds(example("identify").arg(port)).contains("dialect"));
        succeeds(example("upload").arg(port).arg(&url).arg(&there).arg("/there.txt"));
        let listed = succeeds(example("list").arg(port).arg(&url).arg("/"));
        assert!(listed.contains("39 there.txt"), "{listed}");
        succeeds(example("download").arg(port).arg(&url).arg("/there.txt").arg(&back));
        assert_eq!(std::fs::read(&there).unwrap(), std::fs::read(&back).unwrap(), "{family}");

        std::fs::write(&back, "mine").unwrap();
        let failed = example("download").arg(port).arg(&url).arg("/missing.txt").arg(&back).output().unwrap();
        assert!(!failed.status.success());
        assert_eq!(std::fs::read(&back).unwrap(), b"mine", "a failed download leaves what was there");
        assert!(!text(&failed).contains(PASSWORD), "{}", text(&failed));
    }
}

#[test]
fn logger_sends_the_file_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = FtpServer::start(folder.path()).unwrap();
    let url = format!("ftp://{USER}@{}", server.address());
    let module = PtyModule::spawn(Family::Quectel, Box::new(FtpRemote::new()), Options::default()).unwrap();
    let local = tempfile::tempdir().unwrap();
    let report = local.path().join("report.csv");
    let sent = folder.path().join("report.csv");
    std::fs::write(&report, "first").unwrap();
    let mut logger = example("logger");
    logger.arg(module.path()).arg(url).arg(&report).arg("/report.csv").arg("1");
    let mut logger = Killed(logger.stdout(Stdio::null()).spawn().unwrap());
    for content in ["first", "second"] {
        std::fs::write(&report, content).unwrap();
        while !std::fs::read_to_string(&sent).is_ok_and(|text| text == content) {
            assert_eq!(logger.0.try_wait().unwrap(), None, "logger ended");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A process that ends with its test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn every_example_says_how_it_is_used() {
    for name in ["identify", "list", "upload", "download", "logger", "unit_test"] {
        let output = example(name).output().unwrap();
        assert!(!output.status.success());
        assert!(text(&output).contains("usage"), "{name}: {}", text(&output));
    }
}
