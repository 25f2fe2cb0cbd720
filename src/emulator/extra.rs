//! Commands that programs send when they start and that change nothing of what is emulated. They are accepted, and
//! what they set is read back until the module restarts.
//!
//! The tables hold what drivers that work on hardware were seen to send. Numbers of cards, times, cells and strengths
//! are samples. A row whose comment says "invented" has an answer whose form was found in no document.

use super::command::{Command, Form};
use super::modem::Modem;

/// How a command is answered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Extra {
    /// Any value can be set; this is the one after power-on.
    Setting(&'static str),
    /// Every form but the test form prints these lines.
    Answer(&'static [&'static str]),
    /// `OK`, and this line when the network is done; `{}` is the first parameter.
    Later(&'static str),
}

use Extra::{Answer, Later, Setting};

/// A command's name and its answers.
pub(crate) type Row = (&'static str, Extra);

/// 3GPP TS 27.005 and 27.007.
pub(crate) const STANDARD: &[Row] = &[
    ("+CCLK", Setting("\"24/08/09,09:34:58+32\"")),
    ("+CGAUTH", Setting("1,0")),
    ("+CLCC", Setting("0")),
    ("+CLIP", Setting("0,1")),
    ("+CMGF", Setting("0")),
    ("+CNMI", Setting("2,1,0,0,0")),
    ("+COLP", Setting("0,2")),
    // Values after power-on are those of no particular module: invented, here and in the tables of the families.
    ("+CPAS", Answer(&["+CPAS: 0"])),
    ("+CPMS", Setting("\"SM\",0,50,\"SM\",0,50,\"SM\",0,50")),
    ("+CSAS", Answer(&[])),
    ("+CSCS", Setting("\"IRA\"")),
    ("+CTZR", Setting("0")),
    ("+CTZU", Setting("0")),
];

/// Answers `command` if it is standard or in one of the tables; otherwise returns `false`.
pub(crate) fn command(tables: &[&[Row]], command: &Command<'_>, modem: &mut Modem) -> bool {
    let rows = tables.iter().copied().flatten().chain(STANDARD);
    let Some((name, extra)) = rows.copied().find(|(name, _)| *name == command.name) else {
        return false;
    };
    match (extra, command.form) {
        (_, Form::Test) | (Setting(_), Form::Execute) => modem.ok(),
        (Setting(initial), Form::Read) => {
            let value = modem.remembered.get(name).map_or(initial, String::as_str);
            let line = format!("{name}: {value}");
            modem.line(&line);
            modem.ok();
        }
        (Setting(_), Form::Set) => {
            modem.remembered.insert(name, String::from_utf8_lossy(command.arguments).into_owned());
            modem.ok();
        }
        (Answer(lines), _) => {
            lines.iter().for_each(|line| modem.line(line));
            modem.ok();
        }
        (Later(line), _) => {
            let arguments = String::from_utf8_lossy(command.arguments);
            let first = arguments.split(',').next().unwrap_or_default();
            modem.ok();
            modem.urc_after(modem.options.network_latency, &line.replace("{}", first));
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::emulator::testing::Bench;
    use crate::emulator::{Family, LuatProfile, Options};

    #[test]
    fn commands_that_programs_start_with_are_accepted_remembered_and_read_back() {
        let families = Family::ALL.into_iter().map(|family| (family, LuatProfile::default(), family.sample().extras));
        let simcom = [
            (LuatProfile::Sim800, &["+CLTS=1", "+CIURC=0", "+CLCC=1", "+CIPMUX=1", "+CIPRXGET=1", "+CIPQSEND=1"][..]),
            (LuatProfile::Sim7080, &["+CNMP=38", "+CMNB=1", "+CBANDCFG=\"CAT-M\",3", "+CNCFG=0,1,\"a\""]),
        ];
        let simcom = simcom.into_iter().map(|(profile, lines)| (Family::Luat, profile, lines));
        for (family, profile, lines) in families.chain(simcom) {
            let mut options = Options::default().with_echo(false);
            options.luat.profile = profile;
            let mut bench = Bench::new(family, options);
            for line in lines {
                assert!(bench.command(&format!("AT{line}")).ends_with("\r\nOK\r\n"), "{line}");
                if let Some((name, value)) = line.split_once('=') {
                    let read = bench.command(&format!("AT{name}?"));
                    assert_eq!(read, format!("\r\n{name}: {value}\r\n\r\nOK\r\n"));
                }
            }
        }
    }

    #[test]
    fn a_restart_forgets_what_was_set() {
        let mut bench = Bench::new(Family::Quectel, Options::default().with_echo(false));
        bench.command("AT+QSCLK=1");
        bench.module.restart(bench.now);
        bench.output();
        assert!(bench.command("AT+QSCLK?").contains("\r\n+QSCLK: 0\r\n"));
    }

    #[test]
    fn answers_of_the_network_come_behind_ok() {
        let mut options = Options::default().with_echo(false);
        options.luat.profile = LuatProfile::Sim800;
        let mut bench = Bench::new(Family::Luat, options);
        let found = "\r\nOK\r\n\r\n+CDNSGIP: 1,\"h\",\"192.0.2.7\"\r\n";
        assert_eq!(bench.command("AT+CDNSGIP=\"h\""), found);
    }
}
