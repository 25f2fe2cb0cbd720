//! `AT+MFTPCFG` (OneMO FTP AT manual V3.1.0 §3.1).

use std::ops::RangeInclusive;
use std::time::Duration;

use super::code::{BAD_PARAMETER, Refused};
use super::options::{ChinaMobileModel, ChinaMobileOptions, UnsupportedModes};
use crate::emulator::Tls;
use crate::emulator::command::Parameters;

/// What is set for one connection id.
#[derive(Clone, Debug)]
pub(super) struct Config {
    data_type: u64,
    transmode: u64,
    rsptimeout: u64,
    ssl: (u64, u64),
    local_fs: u64,
    pub(super) cid: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { data_type: 0, transmode: 1, rsptimeout: 10, ssl: (0, 0), local_fs: 0, cid: 1 }
    }
}

/// The PDP contexts the module lets a connection use; `None` if it has no such setting.
const fn contexts(model: ChinaMobileModel) -> Option<RangeInclusive<u64>> {
    match model {
        ChinaMobileModel::Ml305u => Some(1..=7),
        ChinaMobileModel::Ml307n | ChinaMobileModel::Mr880a => None,
        _ => Some(1..=15),
    }
}

const KEYS: [&str; 6] = ["data_type", "transmode", "rsptimeout", "ssl", "local_fs", "cid"];

fn keys(options: &ChinaMobileOptions) -> impl Iterator<Item = &'static str> {
    let has_cid = contexts(options.model).is_some();
    KEYS.into_iter().filter(move |key| *key != "cid" || has_cid)
}

impl Config {
    /// The lines of the test form.
    pub(super) fn ranges(options: &ChinaMobileOptions) -> Vec<String> {
        let all = options.unsupported_modes != UnsupportedModes::Refused;
        keys(options)
            .map(|key| {
                let range = match key {
                    "transmode" if !all => "(1)".to_owned(),
                    "rsptimeout" => "(2-30)".to_owned(),
                    "ssl" if all => "(0-2),(0-5)".to_owned(),
                    "ssl" => "(0),(0-5)".to_owned(),
                    "cid" => contexts(options.model)
                        .map(|range| format!("({}-{})", range.start(), range.end()))
                        .unwrap_or_default(),
                    _ => "(0-1)".to_owned(),
                };
                format!("+MFTPCFG: (0-5),\"{key}\",{range}")
            })
            .collect()
    }

    /// What follows the connection id: sets one value, or gives the lines that print one or all.
    pub(super) fn access(
        &mut self,
        id: usize,
        list: &mut Parameters<'_>,
        options: &ChinaMobileOptions,
    ) -> Result<Vec<String>, Refused> {
        if list.len() == 0 {
            return Ok(keys(options).map(|key| self.printed(id, key)).collect());
        }
        let wanted = list.quoted(1..=16)?;
        let key = keys(options).find(|key| *key == wanted).ok_or(Refused(BAD_PARAMETER))?;
        if list.len() == 0 {
            return Ok(vec![self.printed(id, key)]);
        }
        let mut changed = self.clone();
        changed.set(key, list, options)?;
        list.end()?;
        *self = changed;
        Ok(Vec::new())
    }

    fn set(&mut self, key: &str, list: &mut Parameters<'_>, options: &ChinaMobileOptions) -> Result<(), Refused> {
        let all = options.unsupported_modes != UnsupportedModes::Refused;
        match key {
            "data_type" => self.data_type = list.number(0..=1)?,
            "transmode" => self.transmode = list.number(if all { 0..=1 } else { 1..=1 })?,
            "rsptimeout" => self.rsptimeout = list.number(2..=30)?,
            "ssl" => {
                self.ssl = (list.number(if all { 0..=2 } else { 0..=0 })?, list.number(0..=5)?);
            }
            "local_fs" => self.local_fs = list.number(0..=1)?,
            _ => self.cid = list.number(contexts(options.model).ok_or(Refused(BAD_PARAMETER))?)?,
        }
        Ok(())
    }

    fn printed(&self, id: usize, key: &str) -> String {
        let value = match key {
            "data_type" => self.data_type,
            "transmode" => self.transmode,
            "rsptimeout" => self.rsptimeout,
            "ssl" => return format!("+MFTPCFG: {id},\"ssl\",{},{}", self.ssl.0, self.ssl.1),
            "local_fs" => self.local_fs,
            _ => self.cid,
        };
        format!("+MFTPCFG: {id},\"{key}\",{value}")
    }

    /// Whether transfers use files in the module instead of the serial line.
    pub(super) const fn uses_files(&self) -> bool {
        self.local_fs == 1
    }

    pub(super) const fn patience(&self) -> Duration {
        Duration::from_secs(self.rsptimeout)
    }

    /// Which settings of `AT+MSSLCFG` apply.
    pub(super) const fn ssl_id(&self) -> u64 {
        self.ssl.1
    }

    pub(super) fn tls(&self, options: &ChinaMobileOptions) -> Tls {
        if options.unsupported_modes != UnsupportedModes::Supported {
            return Tls::Off;
        }
        match self.ssl.0 {
            1 => Tls::Implicit,
            2 => Tls::Explicit,
            _ => Tls::Off,
        }
    }
}
