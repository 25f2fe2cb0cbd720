//! Which module is this? Asked without side effects, in a few short exchanges.

use std::time::Duration;

use log::debug;

use super::Vendor;
use crate::at::{Acknowledgement, Answer, Command, Engine, Line};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::Identity;

/// How long one question may take. A module answers these from its own memory.
const ANSWER_LIMIT: Duration = Duration::from_millis(1500);

/// How often a silent module is called before and after it is knocked at. A module that finds the rate by itself may miss the
/// first call.
const CALLS: u32 = 2;

/// Silence around `+++`, with room for clocks that differ (V.250 and most manuals: one second).
const GUARD: Duration = Duration::from_millis(1100);

/// How words begin in what a module says of itself, in lower case, and the dialect behind them. Not every module of a vendor
/// speaks its dialect: of SIMCom's, SIM7600 has another.
const WORDS: &[(&str, Vendor)] = &[
    ("quectel", Vendor::Quectel),
    ("fibocom", Vendor::Fibocom),
    ("airm2m", Vendor::Luat),
    ("luat", Vendor::Luat),
    ("sim800", Vendor::Luat),
    ("sim808", Vendor::Luat),
    ("sim868", Vendor::Luat),
    ("sim900", Vendor::Luat),
    ("sim7000", Vendor::Luat),
    ("sim7070", Vendor::Luat),
    ("sim7080", Vendor::Luat),
    ("sim7090", Vendor::Luat),
    ("cmiot", Vendor::ChinaMobile),
    ("cmcc", Vendor::ChinaMobile),
    ("chinamobile", Vendor::ChinaMobile),
    ("onemo", Vendor::ChinaMobile),
    ("ml302", Vendor::ChinaMobile),
    ("ml305", Vendor::ChinaMobile),
    ("ml307", Vendor::ChinaMobile),
    ("mr880", Vendor::ChinaMobile),
    ("uc8088", Vendor::Generic),
    ("ucchip", Vendor::Generic),
];

/// Test commands that only one dialect knows, in the order in which they are tried where the words say nothing. The last
/// two dialects share most of their commands; what tells them apart is FTPGETPATH against FTPSCON.
const COMMANDS: &[(&str, Vendor)] = &[
    ("+QFTPCFG", Vendor::Quectel),
    ("+MFTPCFG", Vendor::ChinaMobile),
    ("+FTPRECV", Vendor::Fibocom),
    ("+FTPGETPATH", Vendor::Luat),
    ("+FTPSCON", Vendor::Generic),
];

/// Calls the module, switches its echo off and asks who it is. One that does not answer may have been left in data mode by a
/// program that ended in the middle of a transfer: it is brought out of it.
pub fn identify(engine: &mut Engine) -> Result<Identity> {
    match call(engine) {
        Err(error) if error.kind() != ErrorKind::PortLost => {
            debug!("{}: {error}; perhaps it was left in data mode", engine.port());
            engine.knock(GUARD)?;
            call(engine)
        }
        other => other,
    }
}

fn call(engine: &mut Engine) -> Result<Identity> {
    let mut last = None;
    for _ in 0..CALLS {
        match engine.execute(Command::run("I"), ANSWER_LIMIT) {
            // An answer without text is the late answer to somebody's earlier command.
            Ok(answer) if answer.lines.is_empty() => engine.mark_out_of_step(),
            Ok(answer) => {
                let lines = own_lines(&answer);
                if let Some(first) = lines.first() {
                    engine.set_signature(first.bytes());
                }
                let information = lines.iter().map(|line| engine.shown(line.bytes())).collect();
                switch_echo_off(engine, &lines)?;
                return Ok(Identity { information, ..Identity::default() });
            }
            Err(error) if matches!(error.kind(), ErrorKind::PortLost | ErrorKind::LocalIo) => return Err(error),
            Err(error) => {
                // Nothing is known of the module yet, so there is nothing to come back into step with: just call again.
                engine.forget_exchange();
                last = Some(error);
            }
        }
    }
    let silent = || Error::timeout(Phase::Acknowledgement, ANSWER_LIMIT).at_command("ATI");
    Err(last.unwrap_or_else(silent).during("identify").module_left_unusable())
}

/// Switches the echo off. A slow module may still have calls to answer, with the lines `told`: their answers come first.
fn switch_echo_off(engine: &mut Engine, told: &[&Line]) -> Result<()> {
    let command = Command::run("E0").answered_by(Answer::Any);
    let deadline = engine.start(command, Phase::Acknowledgement, ANSWER_LIMIT * CALLS * 2)?;
    for _ in 0..CALLS * 2 {
        let answer = engine.acknowledgement(deadline)?;
        let repeats = |first: &&Line| answer.lines.iter().any(|line| line.bytes().ends_with(first.bytes()));
        if !told.first().is_some_and(repeats) {
            return Ok(());
        }
        engine.expect_more(Answer::Any);
    }
    Err(engine.protocol("the answers to ATI do not end"))
}

/// The dialect of an identified module. `identity` is completed by what else had to be asked.
pub fn dialect(engine: &mut Engine, identity: &mut Identity) -> Result<Vendor> {
    if let Some(vendor) = by_words(&identity.information.join(" ")) {
        return Ok(vendor);
    }
    identity.manufacturer = ask(engine, "+CGMI")?;
    identity.model = ask(engine, "+CGMM")?;
    if let Some(vendor) = by_words(&format!("{} {}", identity.manufacturer, identity.model)) {
        return Ok(vendor);
    }
    for (command, vendor) in COMMANDS {
        if knows(engine, command)? {
            log_found(engine, command, *vendor);
            return Ok(*vendor);
        }
    }
    let commands: Vec<String> = COMMANDS.iter().map(|(command, _)| format!("AT{command}=?")).collect();
    let saw = format!(
        "ATI answered {:?}, AT+CGMI {:?}, AT+CGMM {:?}, and {} all failed",
        identity.information.join(" "),
        identity.manufacturer,
        identity.model,
        commands.join(", ")
    );
    Err(Error::new(ErrorKind::UnknownModule, saw).during("detect"))
}

fn log_found(engine: &Engine, command: &str, vendor: Vendor) {
    debug!("{}: the module says no known name, but it knows {command}: taken for {vendor}", engine.port());
}

fn by_words(text: &str) -> Option<Vendor> {
    let text = text.to_lowercase().replace("china mobile", "chinamobile");
    let mut words = text.split(|character: char| !character.is_ascii_alphanumeric());
    words.find_map(|word| WORDS.iter().find(|(start, _)| word.starts_with(start)).map(|(_, vendor)| *vendor))
}

/// The lines of ATI's answer that are its own: modules that have just started say other things in between.
fn own_lines(answer: &Acknowledgement) -> Vec<&Line> {
    const BOOT: &[&[u8]] = &[b"RDY", b"Call Ready", b"SMS Ready", b"PB DONE", b"AT command ready"];
    let is_own = |line: &&Line| !line.bytes().starts_with(b"+") && !BOOT.contains(&line.bytes());
    let own: Vec<&Line> = answer.lines.iter().filter(is_own).collect();
    if own.is_empty() { answer.lines.iter().collect() } else { own }
}

/// The text of an answer; empty where the module does not know the command.
fn ask(engine: &mut Engine, command: &'static str) -> Result<String> {
    let question = Command::run(command).answered_by(Answer::Any);
    match engine.execute(question, ANSWER_LIMIT) {
        Ok(answer) => Ok(answer.lines.iter().map(|line| engine.shown(line.bytes())).collect::<Vec<_>>().join(" ")),
        Err(error) if is_refusal(&error) => Ok(String::new()),
        Err(error) => Err(error),
    }
}

fn knows(engine: &mut Engine, command: &'static str) -> Result<bool> {
    match engine.execute(Command::test(command), ANSWER_LIMIT) {
        Ok(_) => Ok(true),
        Err(error) if is_refusal(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the module answered, but did not want to.
fn is_refusal(error: &Error) -> bool {
    !matches!(error.kind(), ErrorKind::Timeout | ErrorKind::PortLost | ErrorKind::Protocol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_or_begin_so() {
        let cases = [
            ("AirM2M_780E_V1169_LTE_AT", Some(Vendor::Luat)),
            ("LuatOS-Air_V4010", Some(Vendor::Luat)),
            ("SIM800 R14.18", Some(Vendor::Luat)),
            ("SIMCOM_Ltd SIMCOM_SIM7600E", None),
            ("Quectel EC25 Revision: EC25EFAR06A01M4G", Some(Vendor::Quectel)),
            ("Fibocom Wireless Inc. L610", Some(Vendor::Fibocom)),
            ("CMCC ML307R-DC", Some(Vendor::ChinaMobile)),
            ("China Mobile IOT", Some(Vendor::ChinaMobile)),
            ("UCchip UC8088", Some(Vendor::Generic)),
            ("ACME 5G Evaluation Board", None),
            ("", None),
        ];
        for (text, vendor) in cases {
            assert_eq!(by_words(text), vendor, "{text}");
        }
    }
}
