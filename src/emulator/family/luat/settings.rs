//! The parameters an FTP session is opened with.

use super::options::{LuatOptions, LuatProfile};
use crate::emulator::command::{Command, Form, Malformed};

/// How `AT+FTPPUT` stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PutMode {
    Append,
    Unique,
    Store,
}

impl PutMode {
    const fn name(self) -> &'static str {
        match self {
            Self::Append => "APPE",
            Self::Unique => "STOU",
            Self::Store => "STOR",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) server: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) cid: u8,
    mode: u8,
    pub(super) binary: bool,
    pub(super) put_mode: PutMode,
    pub(super) rest: u64,
    pub(super) get_name: String,
    pub(super) get_path: String,
    pub(super) put_name: String,
    pub(super) put_path: String,
    /// `AT+FTPSSL`: 0 off, 1 implicit, 2 explicit.
    pub(super) tls: u8,
}

impl Settings {
    pub(super) fn new(options: &LuatOptions) -> Self {
        let sim7080 = options.profile == LuatProfile::Sim7080;
        Self {
            server: String::new(),
            port: 21,
            user: String::new(),
            password: String::new(),
            cid: options.initial_cid.unwrap_or(u8::from(!sim7080)),
            mode: 1,
            // Programs that never send AT+FTPTYPE move JPEG, PNG and DBF files through SIM800 modules
            // (carrascoacd/ArduinoSIM800L, pull request 32).
            binary: options.initially_binary.unwrap_or(sim7080 || options.profile == LuatProfile::Sim800),
            put_mode: PutMode::Store,
            rest: 0,
            get_name: String::new(),
            get_path: String::new(),
            put_name: String::new(),
            put_path: String::new(),
            tls: 0,
        }
    }

    /// Where `AT+FTPGETPATH` and `AT+FTPGETNAME` point to.
    pub(super) fn get_target(&self) -> String {
        join(&self.get_path, &self.get_name)
    }

    /// Where `AT+FTPPUTPATH` and `AT+FTPPUTNAME` point to.
    pub(super) fn put_target(&self) -> String {
        join(&self.put_path, &self.put_name)
    }

    /// Executes a parameter command: a line to print before `OK`, if any.
    pub(super) fn execute(
        &mut self,
        options: &LuatOptions,
        command: &Command<'_>,
    ) -> Option<Result<Option<String>, Malformed>> {
        let has_tls = matches!(options.profile, LuatProfile::Sim800 | LuatProfile::Sim7080);
        if command.name == "+FTPSSL" && !has_tls {
            return None;
        }
        let value = self.value(options, command.name.as_str())?;
        Some(match command.form {
            Form::Execute => Err(Malformed),
            Form::Read => Ok(Some(printed(options, &command.name, &value))),
            Form::Test => Ok(test_answer(options, &command.name)),
            Form::Set => self.set(options, command).map(|()| None),
        })
    }

    /// A parameter as the read form prints it.
    fn value(&self, options: &LuatOptions, name: &str) -> Option<String> {
        let text = |text: &str| {
            if options.quoted_values { format!("\"{text}\"") } else { text.to_owned() }
        };
        Some(match name {
            "+FTPSERV" => text(&self.server),
            "+FTPPORT" => self.port.to_string(),
            "+FTPUN" => text(&self.user),
            "+FTPPW" => text(&self.password),
            "+FTPCID" => self.cid.to_string(),
            "+FTPMODE" => self.mode.to_string(),
            "+FTPTYPE" => text(if self.binary { "I" } else { "A" }),
            "+FTPPUTOPT" => text(self.put_mode.name()),
            "+FTPREST" => self.rest.to_string(),
            "+FTPGETNAME" => text(&self.get_name),
            "+FTPGETPATH" => text(&self.get_path),
            "+FTPPUTNAME" => text(&self.put_name),
            "+FTPPUTPATH" => text(&self.put_path),
            "+FTPSSL" => self.tls.to_string(),
            _ => return None,
        })
    }

    fn set(&mut self, options: &LuatOptions, command: &Command<'_>) -> Result<(), Malformed> {
        let sim7080 = options.profile == LuatProfile::Sim7080;
        let luat = options.profile == LuatProfile::Air780e;
        let name_limit = if sim7080 { 64 } else { 99 };
        let mut list = command.parameters()?;
        let mut parsed = self.clone();
        match command.name.as_str() {
            "+FTPSERV" => parsed.server = list.text(1..=49)?,
            "+FTPPORT" => parsed.port = narrow(list.number(1..=65_535)?)?,
            "+FTPUN" => parsed.user = list.text(0..=49)?,
            "+FTPPW" => parsed.password = list.text(0..=49)?,
            "+FTPCID" => {
                let lowest = u64::from(!sim7080);
                parsed.cid = narrow(list.number(lowest..=3)?)?;
            }
            "+FTPMODE" => {
                // Luat AT manual, AT+FTPMODE: active mode is not supported yet.
                let lowest = u64::from(!options.active_mode.unwrap_or(!luat));
                parsed.mode = narrow(list.number(lowest..=1)?)?;
            }
            "+FTPTYPE" => {
                parsed.binary = match list.text(1..=1)?.as_str() {
                    "I" => true,
                    "A" => false,
                    _ => return Err(Malformed),
                }
            }
            "+FTPPUTOPT" => {
                let wanted = list.text(4..=4)?;
                parsed.put_mode = [PutMode::Append, PutMode::Unique, PutMode::Store]
                    .into_iter()
                    .find(|mode| mode.name() == wanted)
                    .ok_or(Malformed)?;
            }
            "+FTPREST" => parsed.rest = list.number(0..=u64::from(u32::MAX))?,
            "+FTPGETNAME" => parsed.get_name = list.text(0..=name_limit)?,
            "+FTPGETPATH" => parsed.get_path = list.text(0..=255)?,
            "+FTPPUTNAME" => parsed.put_name = list.text(0..=name_limit)?,
            "+FTPPUTPATH" => {
                let limit = if luat { 99 } else { 255 };
                parsed.put_path = list.text(0..=limit)?;
            }
            "+FTPSSL" => {
                parsed.tls = narrow(list.number(0..=2)?)?;
                if sim7080 {
                    // Context and certificate names.
                    list.optional_number(0..=5)?;
                    list.text(0..=64)?;
                    list.text(0..=64)?;
                }
            }
            _ => return Err(Malformed),
        }
        list.end()?;
        *self = parsed;
        Ok(())
    }

    /// The answer to `AT+FTPSCONT?`; `saved` is whether the values come from the memory that outlives power.
    pub(super) fn report(&self, options: &LuatOptions, saved: bool) -> String {
        const LISTED: [&str; 13] = [
            "+FTPSERV",
            "+FTPPORT",
            "+FTPUN",
            "+FTPPW",
            "+FTPCID",
            "+FTPMODE",
            "+FTPTYPE",
            "+FTPPUTOPT",
            "+FTPREST",
            "+FTPGETNAME",
            "+FTPGETPATH",
            "+FTPPUTNAME",
            "+FTPPUTPATH",
        ];
        let mut lines = vec![format!("+FTPSCONT: {}", u8::from(!saved))];
        lines
            .extend(LISTED.iter().filter_map(|name| self.value(options, name).map(|value| format!("{name}: {value}"))));
        lines.push("+FTPTIMEOUT: 75".to_owned());
        lines.join("\r\n")
    }
}

fn narrow<T: TryFrom<u64>>(number: u64) -> Result<T, Malformed> {
    T::try_from(number).map_err(|_| Malformed)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{}/{name}", path.trim_end_matches('/')) }
}

/// The Luat manual prints no blank in read forms, SIMCom's do.
fn printed(options: &LuatOptions, name: &str, value: &str) -> String {
    match options.profile {
        LuatProfile::Air780e => format!("{name}:{value}"),
        _ => format!("{name}: {value}"),
    }
}

/// Test forms print nothing, except this misprint of the SIM7080 manual.
fn test_answer(options: &LuatOptions, name: &str) -> Option<String> {
    (options.profile == LuatProfile::Sim7080 && name == "+FTPTYPE").then(|| "+FTPPORT: (\"A\",\"I\")".to_owned())
}
