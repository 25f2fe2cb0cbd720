//! The data connection below FTP: `AT+SAPBR` (Luat AT manual), `AT+CNACT` (SIM7000 and SIM7080 AT manuals) and
//! `AT+CPNETAPN` (Luat AT manual).

use super::options::{AddressForm, LuatOptions, LuatProfile};
use crate::emulator::command::{Command, Form, Malformed};
use crate::emulator::modem::Modem;

/// The parameters `AT+SAPBR=3` sets, in the order `AT+SAPBR=4` prints them.
const TAGS: [&str; 6] = ["CONTYPE", "APN", "USER", "PWD", "PHONENUM", "RATE"];

/// Why a bearer command fails.
pub(super) enum Failure {
    Format,
    /// Opening an open bearer, closing a closed one, or no network.
    NotAllowed,
}

impl From<Malformed> for Failure {
    fn from(_: Malformed) -> Self {
        Self::Format
    }
}

/// What follows the answer.
pub(super) enum Effect {
    None,
    /// A line after the `OK`.
    Line(String),
    /// A bearer went down.
    Closed(Option<String>),
}

#[derive(Clone, Debug, Default)]
struct Bearer {
    open: bool,
    values: [String; TAGS.len()],
}

/// What `AT+CPNETAPN` keeps over a restart.
#[derive(Clone, Debug, Default)]
pub(super) struct PrivateApn {
    mode: u64,
    apn: String,
    user: String,
    password: String,
    authentication: u64,
}

/// Bearers 1 to 3 of `AT+SAPBR`, which are 0 to 3 of `AT+CNACT` on the SIM7080.
#[derive(Clone, Debug)]
pub(super) struct Bearers {
    bearers: [Bearer; 4],
    /// The one application network of the SIM7000.
    application: bool,
    pub(super) private_apn: PrivateApn,
}

impl Bearers {
    pub(super) fn new(options: &LuatOptions) -> Self {
        let mut bearers: [Bearer; 4] = Default::default();
        let first = usize::from(options.profile != LuatProfile::Sim7080);
        if let Some(bearer) = bearers.get_mut(first) {
            bearer.open = options.bearer_open;
        }
        Self { bearers, application: false, private_apn: PrivateApn::default() }
    }

    /// Whether FTP sessions of this bearer have a network.
    pub(super) fn is_open(&self, cid: u8) -> bool {
        self.application || self.bearers.get(usize::from(cid)).is_some_and(|bearer| bearer.open)
    }

    pub(super) fn close_all(&mut self) {
        self.application = false;
        for bearer in &mut self.bearers {
            bearer.open = false;
        }
    }

    pub(super) fn execute(
        &mut self,
        options: &LuatOptions,
        command: &Command<'_>,
        modem: &mut Modem,
    ) -> Option<Result<Effect, Failure>> {
        let simcom_lte = options.is_simcom_lte();
        Some(match command.name.as_str() {
            "+SAPBR" if options.profile != LuatProfile::Sim7080 => self.sapbr(options, command, modem),
            "+CNACT" if simcom_lte => self.cnact(options, command, modem),
            "+CPNETAPN" if options.profile == LuatProfile::Air780e => self.private_network(command, modem),
            _ => return None,
        })
    }

    fn sapbr(&mut self, options: &LuatOptions, command: &Command<'_>, modem: &mut Modem) -> Result<Effect, Failure> {
        match command.form {
            Form::Test => {
                modem.line("+SAPBR: (0-4),(1-3),\"ConParamTag\",\"ConParamValue\"");
                return Ok(Effect::None);
            }
            Form::Set => {}
            Form::Execute | Form::Read => return Err(Failure::Format),
        }
        let mut list = command.parameters()?;
        let action = list.number(0..=4)?;
        let cid = list.number(1..=3)?;
        let index = usize::try_from(cid).map_err(|_| Failure::Format)?;
        let bearer = self.bearers.get_mut(index).ok_or(Failure::Format)?;
        if action != 3 {
            list.end()?;
        }
        match action {
            0 if bearer.open => {
                bearer.open = false;
                modem.basic.activate(cid, false);
                return Ok(Effect::Closed(None));
            }
            1 if !bearer.open && modem.basic.is_attached() => {
                bearer.open = true;
                modem.basic.activate(cid, true);
            }
            0 | 1 => return Err(Failure::NotAllowed),
            2 => {
                let status = if bearer.open { 1 } else { 3 };
                let address = if bearer.open { modem.options.ip_address.as_str() } else { "0.0.0.0" };
                let address = written(options.address_form, address);
                modem.line(&format!("+SAPBR: {cid},{status},{address}"));
            }
            3 => {
                // Ten and more programs that drive SIM800 modules send the tag without quotes.
                let tag = list.text(1..=8)?.to_ascii_uppercase();
                // Luat AT manual, AT+SAPBR: 50 each; SIM800 AT manual: 64, 32 and 32.
                let luat = options.profile == LuatProfile::Air780e;
                let limit = match tag.as_str() {
                    _ if luat => 50,
                    "APN" => 64,
                    _ => 32,
                };
                let value = list.text(0..=limit)?;
                list.end()?;
                let allowed = match tag.as_str() {
                    "CONTYPE" => matches!(value.as_str(), "GPRS" | "CSD"),
                    "RATE" => matches!(value.as_str(), "0" | "1" | "2" | "3"),
                    _ => true,
                };
                let place = TAGS.iter().position(|known| *known == tag);
                let slot = place.and_then(|place| bearer.values.get_mut(place));
                match slot {
                    Some(slot) if allowed => *slot = value,
                    _ => return Err(Failure::Format),
                }
            }
            _ => {
                for (tag, value) in TAGS.iter().zip(&bearer.values) {
                    modem.line(&format!("+SAPBR:{tag},{value}"));
                }
            }
        }
        Ok(Effect::None)
    }

    fn cnact(&mut self, options: &LuatOptions, command: &Command<'_>, modem: &mut Modem) -> Result<Effect, Failure> {
        if options.profile == LuatProfile::Sim7000 {
            return self.application_network(command, modem);
        }
        match command.form {
            Form::Execute => return Err(Failure::Format),
            Form::Test => modem.line("+CNACT: (0-3),(0-2)"),
            Form::Read => {
                for (index, bearer) in self.bearers.iter().enumerate() {
                    let address = if bearer.open { modem.options.ip_address.as_str() } else { "0.0.0.0" };
                    let text = format!("+CNACT: {index},{},\"{address}\"", u8::from(bearer.open));
                    modem.line(&text);
                }
            }
            Form::Set => {
                let mut list = command.parameters()?;
                let index = list.number(0..=3)?;
                let action = list.number(0..=2)?;
                list.end()?;
                let place = usize::try_from(index).map_err(|_| Failure::Format)?;
                let bearer = self.bearers.get_mut(place).ok_or(Failure::Format)?;
                let open = action != 0;
                if bearer.open == open || (open && !modem.basic.is_attached()) {
                    return Err(Failure::NotAllowed);
                }
                bearer.open = open;
                return Ok(if open {
                    Effect::Line(format!("+APP PDP: {index},ACTIVE"))
                } else {
                    Effect::Closed(Some(format!("+APP PDP: {index},DEACTIVE")))
                });
            }
        }
        Ok(Effect::None)
    }

    fn application_network(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<Effect, Failure> {
        match command.form {
            Form::Execute => return Err(Failure::Format),
            Form::Test => modem.line("+CNACT: (0-2),<apn>"),
            Form::Read => {
                let address = if self.application { modem.options.ip_address.as_str() } else { "0.0.0.0" };
                let text = format!("+CNACT: {},\"{address}\"", u8::from(self.application));
                modem.line(&text);
            }
            Form::Set => {
                let mut list = command.parameters()?;
                let open = list.number(0..=2)? != 0;
                list.text(0..=50)?;
                list.end()?;
                if self.application == open || (open && !modem.basic.is_attached()) {
                    return Err(Failure::NotAllowed);
                }
                self.application = open;
                return Ok(if open {
                    Effect::Line("+APP PDP: ACTIVE".to_owned())
                } else {
                    Effect::Closed(Some("+APP PDP: DEACTIVE".to_owned()))
                });
            }
        }
        Ok(Effect::None)
    }

    /// `AT+CPNETAPN=<mode>,<apn>,<user>,<password>,<authentication>`: 0 stores for the next start, 1 applies without
    /// storing, 2 does both, 3 clears.
    fn private_network(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<Effect, Failure> {
        match command.form {
            Form::Execute => return Err(Failure::Format),
            Form::Test => {}
            Form::Read => {
                let PrivateApn { mode, apn, user, password, authentication } = &self.private_apn;
                let text =
                    format!("MODE:{mode}\r\nAPN:{apn}\r\nUSR:{user}\r\nPWD:{password}\r\nAUTHMODE:{authentication}");
                modem.line(&text);
            }
            Form::Set => {
                let mut list = command.parameters()?;
                let mode = list.number(0..=3)?;
                if mode == 3 {
                    list.end()?;
                    self.private_apn = PrivateApn::default();
                } else {
                    let parsed = PrivateApn {
                        mode,
                        apn: list.text(1..=128)?,
                        user: list.text(0..=32)?,
                        password: list.text(0..=32)?,
                        authentication: list.number(0..=2)?,
                    };
                    list.end()?;
                    self.private_apn = parsed;
                }
                if matches!(mode, 1 | 2) {
                    // The protocol stack restarts.
                    self.close_all();
                    return Ok(Effect::Closed(None));
                }
            }
        }
        Ok(Effect::None)
    }
}

fn written(form: AddressForm, address: &str) -> String {
    match form {
        AddressForm::Quoted => format!("\"{address}\""),
        AddressForm::Bare => address.to_owned(),
        AddressForm::ZeroPadded => {
            let padded: Vec<_> = address.split('.').map(|part| format!("{part:0>3}")).collect();
            padded.join(".")
        }
    }
}
