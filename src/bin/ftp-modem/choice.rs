//! The choice of a port if none is named.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use ftp_modem::OpenOptions;
use ftp_modem::ports::{Port, Role};

use crate::args::Options;
use crate::failure::{Failure, NO_PORT, Stage};
use crate::text::shown;
use crate::{logging, port};

/// Returns the name of the port: the one that `options` name, otherwise the only AT port, otherwise the one that the
/// user chooses on the terminal.
///
/// # Errors
/// No AT port, or several without a terminal to ask on.
pub fn port(options: &Options) -> Result<String, Failure> {
    if let Some(name) = &options.port {
        return check(name).map(|()| name.clone());
    }
    let ports = port::system().ports().map_err(|error| Failure::of(error, Stage::Opening))?;
    let mut candidates: Vec<Port> = ports.iter().filter(|port| port.role == Role::At).cloned().collect();
    if candidates.is_empty() {
        candidates = answering(&port::opening(options), ports);
    }
    let chosen = match candidates.as_slice() {
        [] => {
            let remedy = "check the cable, see ftp-modem ports, or use --port or FTP_MODEM_PORT";
            return Err(Failure::new(NO_PORT, "no AT port found", remedy));
        }
        [one] => one,
        several => ask(several)?,
    };
    if !options.quiet {
        logging::notice(&format!("using port {chosen}"));
    }
    Ok(chosen.stable_path().to_owned())
}

/// Refuses the name of a port that cannot be one.
fn check(name: &str) -> Result<(), Failure> {
    if name.is_empty() {
        return Err(Failure::usage(
            "the name of the port is empty",
            "name one, or leave out --port and FTP_MODEM_PORT",
        ));
    }
    if let Some(address) = name.strip_prefix("tcp://") {
        let port = address.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        if port.and_then(|(_, port)| port.parse::<u16>().ok()).is_none_or(|port| port == 0) {
            return Err(Failure::usage(format!("{name:?} has no host or no port"), "write it as tcp://HOST:PORT"));
        }
    }
    if Path::new(name).is_dir() {
        let remedy = "name a serial port; ftp-modem ports lists them";
        return Err(Failure::new(NO_PORT, format!("{name:?} is a directory"), remedy));
    }
    Ok(())
}

/// Returns the ports on which a module answers, among those whose role is unknown.
fn answering(open: &OpenOptions, ports: Vec<Port>) -> Vec<Port> {
    let unknown: Vec<Port> = ports.into_iter().filter(|port| port.role.may_answer()).collect();
    let paths: Vec<String> = unknown.iter().map(|port| port.path.clone()).collect();
    let outcomes = open.probe_all(&paths);
    unknown.into_iter().zip(outcomes).filter_map(|(port, outcome)| outcome.is_ok().then_some(port)).collect()
}

/// Asks which of `ports` to use.
fn ask(ports: &[Port]) -> Result<&Port, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let paths: Vec<&str> = ports.iter().map(Port::stable_path).collect();
        let remedy = format!("use --port with one of {}", paths.join(", "));
        return Err(Failure::usage("there are several AT ports", remedy));
    }
    let closed = |error: io::Error| Failure::usage(format!("no port chosen ({error})"), "use --port");
    let mut terminal = io::stderr();
    for (index, port) in ports.iter().enumerate() {
        writeln!(terminal, "{}  {}", index + 1, shown(&port.to_string())).map_err(closed)?;
    }
    loop {
        write!(terminal, "Port (1-{}): ", ports.len()).map_err(closed)?;
        let mut answer = String::new();
        if io::stdin().lock().read_line(&mut answer).map_err(closed)? == 0 {
            return Err(Failure::usage("no port chosen", "use --port"));
        }
        let chosen = answer.trim().parse::<usize>().ok().and_then(|number| ports.get(number.checked_sub(1)?));
        if let Some(port) = chosen {
            return Ok(port);
        }
    }
}
