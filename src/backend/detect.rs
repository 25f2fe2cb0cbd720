//! Which dialect does a module speak? Found without side effects, in a few short exchanges.

use log::debug;

use super::identify::ANSWER_LIMIT;
use super::registry::Vendor;
use crate::at::{Acknowledgement, Answer, Command, Engine};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::Identity;

/// A command of the FTP dialect of SIMCom's SIM7500 and SIM7600 (their AT manual, FTPS), which has no driver.
const OTHER_DIALECT: &str = "+CFTPSSTART";

/// The dialect of an identified module. `identity` is completed by what else had to be queried.
pub fn dialect(engine: &mut Engine, identity: &mut Identity) -> Result<Vendor> {
    if let Some(vendor) = by_words(&identity.information.join(" ")) {
        return Ok(vendor);
    }
    identity.manufacturer = query(engine, "+CGMI")?;
    identity.model = query(engine, "+CGMM")?;
    if let Some(vendor) = by_words(&format!("{} {}", identity.manufacturer, identity.model)) {
        return Ok(vendor);
    }
    let mut candidates = Vendor::ALL;
    candidates.sort_by_key(|vendor| vendor.row().test.0);
    for vendor in candidates {
        let (_, command) = vendor.row().test;
        if knows(engine, command)? {
            debug!("{}: the module has no known name, but knows {command}: taken for {vendor}", engine.link().name());
            return Ok(vendor);
        }
    }
    if knows(engine, OTHER_DIALECT)? {
        let detail = "the module has SIMCom's AT+CFTPS commands (SIM7500, SIM7600), a dialect that is not supported";
        let error = Error::new(ErrorKind::UnknownModule, detail).advising("use a module of a supported dialect");
        return Err(error.during("detect"));
    }
    let commands: Vec<String> = candidates.iter().map(|vendor| format!("AT{}=?", vendor.row().test.1)).collect();
    let saw = format!(
        "ATI answered {:?}, AT+CGMI {:?}, AT+CGMM {:?}, and {} all failed",
        identity.information.join(" "),
        identity.manufacturer,
        identity.model,
        commands.join(", ")
    );
    Err(Error::new(ErrorKind::UnknownModule, saw).during("detect"))
}

fn by_words(text: &str) -> Option<Vendor> {
    let text = text.to_lowercase().replace("china mobile", "chinamobile");
    let mut words = text.split(|character: char| !character.is_ascii_alphanumeric());
    words.find_map(|word| {
        let speaks = |vendor: &Vendor| vendor.row().words.iter().any(|start| word.starts_with(start));
        Vendor::ALL.into_iter().find(speaks)
    })
}

/// The text of an answer; empty where the module does not know the command.
fn query(engine: &mut Engine, command: &'static str) -> Result<String> {
    let query = Command::run(command).answered_by(Answer::Any);
    let lines = ask(engine, query)?.map_or(Vec::new(), |answer| answer.lines);
    Ok(lines.iter().map(|line| engine.report().shown(line.bytes())).collect::<Vec<_>>().join(" "))
}

fn knows(engine: &mut Engine, command: &'static str) -> Result<bool> {
    Ok(ask(engine, Command::test(command))?.is_some())
}

/// The answer to a command; none where the module answered, but did not want to.
fn ask(engine: &mut Engine, command: Command) -> Result<Option<Acknowledgement>> {
    match engine.execute(command, ANSWER_LIMIT) {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if matches!(error.kind(), ErrorKind::Timeout | ErrorKind::PortLost | ErrorKind::Protocol) => {
            Err(error)
        }
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_or_begin_so() {
        let cases = [
            ("AirM2M_780E_V1169_LTE_AT", Some(Vendor::Luat)),
            ("SIMCOM_Ltd SIMCOM_SIM7600E", None),
            ("China Mobile IOT", Some(Vendor::ChinaMobile)),
            ("ACME 5G Evaluation Board", None),
            ("", None),
        ];
        for (text, vendor) in cases {
            assert_eq!(by_words(text), vendor, "{text}");
        }
        for vendor in Vendor::ALL {
            for word in vendor.row().words {
                assert_eq!(by_words(&format!("Revision: {}_V1.0", word.to_uppercase())), Some(vendor), "{word}");
            }
        }
    }
}
