//! `ports`: the serial ports of this machine. `udev`: rules for them.

use ftp_modem::modem::Identity;
use ftp_modem::ports::{Port, rules};
use serde::Serialize;

use crate::args::{Options, Ports};
use crate::failure::{Failure, Stage};
use crate::text::shown;
use crate::{logging, output, port};

/// JSON of one port.
#[derive(Serialize)]
struct Row<'a> {
    port: &'a str,
    role: &'static str,
    evidence: &'static str,
    module: Option<&'static str>,
    vendor_id: Option<String>,
    product_id: Option<String>,
    interface: Option<String>,
    manufacturer: Option<&'a str>,
    product: Option<&'a str>,
    serial: Option<&'a str>,
    by_id: Option<&'a str>,
    by_path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
}

/// What a port answered.
#[derive(Serialize)]
struct Answer {
    information: Option<Vec<String>>,
    error: Option<String>,
}

/// Lists the ports, and asks each who it is if wanted.
///
/// # Errors
/// A list that cannot be read.
pub fn run(options: &Options, ports: &Ports) -> Result<(), Failure> {
    let listed = port::system().ports().map_err(|error| Failure::of(error, Stage::Opening))?;
    let mut answers = if ports.probe { probe(options, &listed) } else { listed.iter().map(|_| None).collect() };
    if options.json {
        let rows: Vec<Row<'_>> = listed.iter().zip(answers).map(|(port, answer)| row(port, answer)).collect();
        return output::json(&rows);
    }
    if listed.is_empty() && !options.quiet {
        logging::notice("there are no serial ports");
    }
    for (port, answer) in listed.iter().zip(&mut answers) {
        lines(port, answer.take()).iter().try_for_each(|line| output::line(&shown(line)))?;
    }
    Ok(())
}

/// Prints the rules for udev.
///
/// # Errors
/// stdout that cannot be written.
pub fn udev() -> Result<(), Failure> {
    output::line(rules().trim_end())
}

/// Asks all ports at once that may answer AT commands.
fn probe(options: &Options, ports: &[Port]) -> Vec<Option<Answer>> {
    let paths = ports.iter().filter(|port| port.role.may_answer()).map(|port| port.path.clone());
    let mut outcomes = port::opening(options).probe_all(&paths.collect::<Vec<_>>()).into_iter();
    let mut asked = |port: &Port| if port.role.may_answer() { outcomes.next().map(answer) } else { None };
    ports.iter().map(&mut asked).collect()
}

fn answer(outcome: ftp_modem::Result<Identity>) -> Answer {
    match outcome {
        Ok(identity) => Answer { information: Some(identity.information), error: None },
        Err(error) => Answer { information: None, error: Some(error.to_string()) },
    }
}

fn row(port: &Port, answer: Option<Answer>) -> Row<'_> {
    let usb = port.usb.as_ref();
    Row {
        port: &port.path,
        role: port.role.name(),
        evidence: port.evidence.name(),
        module: port.module().map(|module| module.name),
        vendor_id: usb.map(|usb| format!("{:04x}", usb.vendor_id)),
        product_id: usb.map(|usb| format!("{:04x}", usb.product_id)),
        interface: usb.and_then(|usb| usb.interface).map(|number| format!("{number:02x}")),
        manufacturer: usb.and_then(|usb| usb.manufacturer.as_deref()),
        product: usb.and_then(|usb| usb.product.as_deref()),
        serial: usb.and_then(|usb| usb.serial.as_deref()),
        by_id: port.by_id.as_deref(),
        by_path: port.by_path.as_deref(),
        answer,
    }
}

/// Formats a port: its name and role, what it is, its stable names, its answer.
fn lines(port: &Port, answer: Option<Answer>) -> Vec<String> {
    let mut lines = vec![format!("{}  {}", port.path, port.role)];
    if let Some(usb) = &port.usb {
        let name = port.module().map(|module| module.name).or(usb.product.as_deref()).unwrap_or("USB device");
        let interface = usb.interface.map(|number| format!(":{number:02x}")).unwrap_or_default();
        lines.push(format!("  {name}"));
        lines.push(format!("  usb:{usb}{interface}"));
        lines.extend(usb.serial.as_ref().map(|serial| format!("  serial:{serial}")));
    }
    lines.extend([&port.by_id, &port.by_path].into_iter().flatten().map(|link| format!("  {link}")));
    match answer {
        Some(Answer { information: Some(information), .. }) => {
            lines.push(format!("  answers {}", information.join(" ")));
        }
        Some(Answer { error: Some(error), .. }) => lines.push(format!("  {error}")),
        _ => {}
    }
    lines
}
