//! The steps up to the bearer: SIM card, signal, registration, attach.

use ftp_modem::modem::{Network, Registration, SimState};
use ftp_modem::transfer::Needs;
use ftp_modem::{Error, ErrorKind, FtpModem};

use super::report::{Report, Step};
use crate::connection::Connection;
use crate::failure::Failure;

/// A signal below this many dBm loses data (about 3 of 31 in `AT+CSQ`).
const WEAK: i16 = -107;

/// Checks the steps, and brings the bearer up.
///
/// # Errors
/// The failure of the step.
pub fn check(report: &mut Report, connection: &mut Connection, mut pin: Option<String>) -> Result<(), Failure> {
    let is_attached = connection.run(Needs::Module, |modem, _| {
        let network = match modem.network() {
            Ok(network) => network,
            Err(error) => return report.fail(Step::Sim, error.into()),
        };
        let network = card(report, modem, pin.take(), network)?;
        signal(report, network)?;
        registration(report, network)?;
        attach(report, modem)
    })?;
    match connection.run(Needs::Bearer, |_, _| Ok(())) {
        Ok(()) => {
            if is_attached == Some(false) {
                report.ok(Step::Attach, "attached with the bearer")?;
            }
            let bearer = connection.link.bearer();
            let address = bearer.and_then(|bearer| bearer.address);
            let address = address.map_or("the module reports no address".to_owned(), |ip| ip.to_string());
            let was_up = bearer.is_some_and(|bearer| bearer.was_up);
            report.ok(Step::Bearer, if was_up { format!("{address}, was up before") } else { address })
        }
        Err(failure) if is_attached == Some(false) => report.fail(Step::Attach, failure),
        Err(failure) => report.fail(Step::Bearer, failure),
    }
}

/// Checks the card, and unlocks it if there is a PIN.
fn card(
    report: &mut Report,
    modem: &mut dyn FtpModem,
    pin: Option<String>,
    network: Network,
) -> Result<Network, Failure> {
    let unusable = |detail: &'static str| Failure::from(Error::new(ErrorKind::SimUnavailable, detail));
    let failure = match network.sim {
        SimState::Ready => {
            report.ok(Step::Sim, "ready")?;
            return Ok(network);
        }
        SimState::PinRequired => {
            let Some(pin) = pin else {
                let failure = unusable("the SIM card waits for its PIN");
                return report.fail(Step::Sim, failure.with_remedy("use --pin-file or FTP_MODEM_PIN"));
            };
            match modem.unlock(&pin).and_then(|_| modem.network()) {
                Ok(network) => {
                    report.ok(Step::Sim, "ready, unlocked with the PIN")?;
                    return Ok(network);
                }
                Err(error) => error.into(),
            }
        }
        SimState::NotInserted => unusable("no SIM card found").with_remedy("insert a SIM card, or check its contacts"),
        SimState::PukRequired => {
            unusable("the SIM card is blocked after wrong PINs").with_remedy("unlock it with its PUK in a telephone")
        }
        SimState::Locked => unusable("module and SIM card are locked to each other or to an operator")
            .with_remedy("use the SIM card of that operator, or unlock the module"),
        SimState::Failed => unusable("the SIM card cannot be read").with_remedy("check or replace the SIM card"),
        _ => {
            report.warn(
                Step::Sim,
                "the module does not report the state of the SIM card",
                "check the card if a later step fails",
            )?;
            return Ok(network);
        }
    };
    report.fail(Step::Sim, failure)
}

fn signal(report: &mut Report, network: Network) -> Result<(), Failure> {
    match network.signal {
        Some(dbm) if dbm <= WEAK => {
            report.warn(Step::Signal, format!("{dbm} dBm, which is weak"), "move the antenna, or use a better one")
        }
        Some(dbm) => report.ok(Step::Signal, format!("{dbm} dBm")),
        None => report.warn(Step::Signal, "the module reports no signal", "check the antenna and its connector"),
    }
}

fn registration(report: &mut Report, network: Network) -> Result<(), Failure> {
    let unregistered = |detail: &'static str| Failure::from(Error::new(ErrorKind::BearerFailed, detail));
    let failure = match network.registration {
        Registration::Home => return report.ok(Step::Registration, "registered in the home network"),
        Registration::Roaming => return report.ok(Step::Registration, "registered in another network (roaming)"),
        Registration::Searching => unregistered("not registered: the module is searching for a network")
            .with_remedy("check antenna and coverage, and wait a minute"),
        Registration::NotSearching => {
            unregistered("not registered: the module has found no network and does not search for one")
                .with_remedy("check antenna and coverage, and that the radio is on (ftp-modem at AT+CFUN=1)")
        }
        Registration::Denied => unregistered("not registered: the network denies the registration")
            .with_remedy("check the contract of the SIM card and its permission to roam"),
        _ => {
            let remedy = "check antenna and coverage if a later step fails";
            return report.warn(Step::Registration, "the module does not report a registration", remedy);
        }
    };
    report.fail(Step::Registration, failure)
}

/// Returns whether the module is attached to the packet service. If it is not, the bearer shows whether that matters:
/// on some modules its activation attaches.
fn attach(report: &mut Report, modem: &mut dyn FtpModem) -> Result<Option<bool>, Failure> {
    let answer = match modem.command("AT+CGATT?") {
        Ok(lines) => lines.iter().find_map(|line| line.split(':').nth(1)).map(|state| state.trim().to_owned()),
        Err(error) if error.kind() == ErrorKind::Cancelled || !error.module_usable() => {
            return report.fail(Step::Attach, error.into());
        }
        Err(_) => None,
    };
    match answer.as_deref() {
        Some("1") => report.ok(Step::Attach, "attached to the packet service").map(|()| Some(true)),
        Some("0") => Ok(Some(false)),
        _ => report.skip(Step::Attach, "the module does not report it").map(|()| None),
    }
}
