//! `AT+QFTPCFG`: Quectel EC2x FTP(S) application note V1.0 §2.1.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::failure::{Answer, Refused};
use super::network::Network;
use super::options::QuectelOptions;
use crate::emulator::command::{Command, Malformed};
use crate::emulator::modem::Modem;
use crate::emulator::remote::Tls;

/// User and password have at most this many bytes.
const ACCOUNT: usize = 255;
const DATA_TIMEOUT: RangeInclusive<u64> = 15..=50;
/// What a masked password is printed as.
const MASK: &str = "*************************";

/// A setting that is one number.
#[derive(Clone, Debug)]
struct Number {
    key: String,
    range: RangeInclusive<u64>,
    value: u64,
}

impl Number {
    fn new(key: &str, range: RangeInclusive<u64>, value: u64) -> Self {
        Self { key: key.to_owned(), range, value }
    }

    /// The range as the test form shows it.
    fn shown(&self) -> String {
        let separator = if *self.range.end() == 1 { ',' } else { '-' };
        format!("({}{separator}{})", self.range.start(), self.range.end())
    }
}

/// What `AT+QFTPCFG` sets; nothing of it is stored.
#[derive(Clone, Debug)]
pub(super) struct Config {
    pub(super) user: String,
    pub(super) password: String,
    numbers: Vec<Number>,
    data_timeout: u64,
}

impl Config {
    pub(super) fn new(options: &QuectelOptions) -> Self {
        let mut numbers = vec![
            Number::new("filetype", 0..=1, 0),
            Number::new("transmode", 0..=1, 0),
            Number::new("contextid", 1..=options.contexts, 1),
            Number::new("rsptimeout", 20..=180, 90),
            Number::new("ssltype", 0..=2, 0),
            Number::new("sslctxid", 0..=5, 0),
            Number::new("data_address", 0..=options.highest_data_address, 0),
        ];
        numbers.extend(options.extra_keys.iter().map(|(key, highest)| Number::new(key, 0..=*highest, 0)));
        Self { user: String::new(), password: String::new(), numbers, data_timeout: 25 }
    }

    fn value(&self, key: &str) -> u64 {
        self.numbers.iter().find(|number| number.key == key).map_or(0, |number| number.value)
    }

    pub(super) fn is_ascii(&self) -> bool {
        self.value("filetype") == 1
    }

    pub(super) fn is_passive(&self) -> bool {
        self.value("transmode") == 1
    }

    pub(super) fn data_address(&self) -> u64 {
        self.value("data_address")
    }

    pub(super) fn context(&self) -> u64 {
        self.value("contextid")
    }

    /// `<timeout>`: the longest time to a result, and between two packets.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.value("rsptimeout"))
    }

    pub(super) fn tls(&self) -> Tls {
        match self.value("ssltype") {
            0 => Tls::Off,
            1 => Tls::Implicit,
            _ => Tls::Explicit,
        }
    }

    pub(super) fn tls_context(&self) -> u64 {
        self.value("sslctxid")
    }

    /// The lines of the test form.
    pub(super) fn test(&self) -> Vec<String> {
        let mut lines = vec!["+QFTPCFG: \"account\",<username>,<password>".to_owned()];
        for number in &self.numbers {
            let mut line = format!("+QFTPCFG: \"{}\",{}", number.key, number.shown());
            if number.key == "data_address" && *number.range.end() == 2 {
                line.push_str(&format!(",({}-{})", DATA_TIMEOUT.start(), DATA_TIMEOUT.end()));
            }
            lines.push(line);
        }
        lines
    }

    /// The set form.
    pub(super) fn change(
        &mut self,
        command: &Command<'_>,
        network: &Network,
        options: &QuectelOptions,
        modem: &mut Modem,
    ) -> Answer {
        let before = self.clone();
        let shown = self.set(command, options)?;
        let context = self.context();
        if options.contextid_needs_activation && context != before.context() && !network.contexts.is_active(context) {
            *self = before;
            return Err(Refused::Malformed);
        }
        if let Some(line) = shown {
            modem.line(&line);
        }
        modem.ok();
        Ok(())
    }

    /// Sets, or gives the line that shows the setting.
    fn set(&mut self, command: &Command<'_>, options: &QuectelOptions) -> Result<Option<String>, Malformed> {
        let mut list = command.parameters()?;
        let key = list.quoted(1..=20)?;
        if list.len() == 0 {
            return self.shown(&key, options).map(Some);
        }
        if key == "account" {
            let user = list.quoted(0..=ACCOUNT)?;
            let password = list.quoted(0..=ACCOUNT)?;
            list.end()?;
            self.user = user;
            self.password = password;
            return Ok(None);
        }
        let number = self.numbers.iter_mut().find(|number| number.key == key).ok_or(Malformed)?;
        let value = list.number(number.range.clone())?;
        if key == "data_address" && list.len() > 0 && *number.range.end() == 2 {
            self.data_timeout = list.number(DATA_TIMEOUT)?;
        }
        list.end()?;
        number.value = value;
        Ok(None)
    }

    fn shown(&self, key: &str, options: &QuectelOptions) -> Result<String, Malformed> {
        if key == "account" {
            let password = if options.masked_password && !self.password.is_empty() { MASK } else { &self.password };
            return Ok(format!("+QFTPCFG: \"account\",\"{}\",\"{password}\"", self.user));
        }
        let number = self.numbers.iter().find(|number| number.key == key).ok_or(Malformed)?;
        let mut line = format!("+QFTPCFG: \"{key}\",{}", number.value);
        if key == "data_address" && number.value == 2 {
            line.push_str(&format!(",{}", self.data_timeout));
        }
        Ok(line)
    }
}
