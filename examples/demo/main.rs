//! Complete sessions without hardware: an emulated module of each dialect on a pseudo-terminal, and a real FTP server
//! on loopback. Files are uploaded, downloaded and compared.
//!
//! ```text
//! cargo run --example demo [SIZE]
//! ```
//!
//! `SIZE` is the size of the file in bytes. Default: 256 KiB. Uploads of the generic dialect are part of the command
//! line: its uploaded file has 4 KiB of text, and a file of `SIZE` bytes is only downloaded.

mod ftp_server;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use ftp_modem::emulator::{self, FtpRemote, Options, PtyModule};
use ftp_modem::modem::BinaryUpload;
use ftp_modem::{AccessPoint, FtpModem, Retrieve, Server, Store};
use ftp_server::{FtpServer, PASSWORD, USER};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const DEFAULT_SIZE: usize = 256 * 1024;
const TEXT_SIZE: usize = 4 * 1024;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    env_logger::init();
    let size = match std::env::args().nth(1).map(|text| text.parse()) {
        None => DEFAULT_SIZE,
        Some(Ok(size)) => size,
        Some(Err(_)) => {
            eprintln!("usage: demo [SIZE]   (size of the file in bytes)");
            return ExitCode::from(2);
        }
    };
    match run(size) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(size: usize) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let server = FtpServer::start(folder.path())?;
    println!("FTP server on {} serves {}", server.address(), folder.path().display());
    for family in emulator::Family::ALL {
        let module = PtyModule::spawn(family, Box::new(FtpRemote::new()), Options::default())?;
        println!("\n{family} module on {}", module.path());
        session(module.path(), &server, folder.path(), size)?;
    }
    println!("\nall files were transferred without a difference");
    Ok(())
}

/// Runs one session on the module at `port`.
fn session(port: &str, server: &FtpServer, folder: &Path, size: usize) -> Outcome<()> {
    let mut modem = step("identify", || ftp_modem::open(port))?;
    println!("  {:<10} {} (dialect {})", "", modem.identity(), modem.capabilities().dialect);
    step("attach", || modem.attach(&AccessPoint::default()))?;
    let address = server.address();
    let account = Server::new(address.ip().to_string(), USER, PASSWORD).with_port(address.port());
    step("login", || modem.login(&account))?;

    let file = content(&*modem, size);
    let name = format!("/{}.bin", modem.capabilities().dialect);
    let how = Store::create().with_length(file.len() as u64);
    transfer("upload", file.len(), |bar| modem.store(&name, &how, &mut bar.wrap_read(&file[..])).map(drop))?;
    same("the uploaded file", &std::fs::read(folder.join(name.trim_start_matches('/')))?, &file)?;

    let entries = step("list", || modem.list("/"))?;
    let listed = entries.iter().find(|entry| name.as_bytes().ends_with(&entry.name));
    let listed = listed.ok_or("the uploaded file is not listed")?;
    println!("  {:<10} {} entries, {} has {} bytes", "", entries.len(), name, listed.size.unwrap_or_default());

    let back = download(&mut *modem, "download", &name, 0, file.len())?;
    same("the downloaded file", &back, &file)?;
    if file.len() < size {
        let large: Vec<u8> = (0..size).map(byte).collect();
        std::fs::write(folder.join("large.bin"), &large)?;
        same("the large file", &download(&mut *modem, "download", "/large.bin", 0, size)?, &large)?;
    }
    let offset = file.len() / 3;
    let rest = download(&mut *modem, "resume", &name, offset, file.len() - offset)?;
    same("the resumed part", &rest, file.get(offset..).unwrap_or_default())?;

    step("logout", || modem.logout())?;
    step("detach", || modem.detach())?;
    Ok(())
}

/// Returns the content of a file that the module can upload: every byte value if that is safe, otherwise text.
fn content(modem: &dyn FtpModem, size: usize) -> Vec<u8> {
    match modem.capabilities().binary_upload {
        BinaryUpload::Safe => (0..size).map(byte).collect(),
        // A module that carries only text cannot store an empty file either.
        _ => (0..size.clamp(1, TEXT_SIZE)).map(|index| b'a' + (index % 26) as u8).collect(),
    }
}

/// Returns byte `index` of a file whose content does not repeat with any block size.
fn byte(index: usize) -> u8 {
    (index % 251) as u8 ^ (index / 65_521) as u8
}

fn download(modem: &mut dyn FtpModem, what: &str, name: &str, offset: usize, size: usize) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::with_capacity(size);
    transfer(what, size, |bar| {
        modem.retrieve(name, &Retrieve::from(offset as u64), &mut bar.wrap_write(&mut bytes)).map(drop)
    })?;
    Ok(bytes)
}

fn same(what: &str, got: &[u8], expected: &[u8]) -> Outcome<()> {
    if got == expected {
        return Ok(());
    }
    Err(format!("{what} differs: {} bytes, expected {}", got.len(), expected.len()).into())
}

/// Runs one step and prints its duration.
fn step<T>(name: &str, work: impl FnOnce() -> ftp_modem::Result<T>) -> Outcome<T> {
    let start = Instant::now();
    let result = work()?;
    println!("  {name:<10} {:>34}", millis(start.elapsed()));
    Ok(result)
}

/// Runs a transfer and prints bytes, duration and rate. Shows a progress bar if stdout is a terminal.
fn transfer(name: &str, size: usize, work: impl FnOnce(&ProgressBar) -> ftp_modem::Result<()>) -> Outcome<()> {
    let bar = ProgressBar::with_draw_target(Some(size as u64), ProgressDrawTarget::stdout());
    bar.set_style(ProgressStyle::with_template("  {prefix:<10} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}")?);
    bar.set_prefix(name.to_owned());
    let start = Instant::now();
    work(&bar)?;
    let elapsed = start.elapsed();
    bar.finish_and_clear();
    let rate = size as f64 / elapsed.as_secs_f64() / 1024.0;
    println!("  {name:<10} {size:>10} bytes in {:>9}  {rate:>10.0} KiB/s", millis(elapsed));
    Ok(())
}

fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
