//! What FTPS checks a server with.

use std::collections::BTreeMap;

use super::code::{BAD_PARAMETER, Refused};
use crate::emulator::Trust;
use crate::emulator::command::Parameters;

/// How many settings there are (`<ssl_id>`).
const CONTEXTS: usize = 6;
/// The longest name of a certificate.
pub(super) const NAME: usize = 255;

/// One `<ssl_id>`.
#[derive(Clone, Debug, Default)]
struct Context {
    /// 0 nobody is checked, 1 the server, 2 both sides.
    auth: u64,
    /// The names of the authority's certificate, and of the module's own certificate and key.
    names: [String; 3],
    ignores_stamp: bool,
    ignores_verification: bool,
    names_server: bool,
}

/// All settings, and the certificates in the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Ssl {
    contexts: [Context; CONTEXTS],
    certificates: BTreeMap<String, Vec<u8>>,
}

impl Ssl {
    /// The settings are not stored; the certificates are.
    pub(super) fn restart(&mut self) {
        self.contexts = Default::default();
    }

    /// A certificate is complete.
    pub(super) fn keep(&mut self, name: String, content: Vec<u8>) {
        self.certificates.insert(name, content);
    }

    /// What the settings `id` demand of a server.
    pub(super) fn trust(&self, id: u64) -> Trust {
        let mut trust = Trust::default();
        let context = usize::try_from(id).ok().and_then(|id| self.contexts.get(id));
        let Some(Context { auth, names: [authority, ..], ignores_stamp, ignores_verification, names_server }) = context
        else {
            return trust;
        };
        if *auth > 0 && !ignores_verification {
            // Without the certificate no server is trusted.
            trust.authority = Some(self.certificates.get(authority).cloned().unwrap_or_default());
        }
        trust.ignores_clock = *ignores_stamp;
        trust.names_server = *names_server;
        trust
    }

    /// Sets what `list` names, or returns the line that shows it.
    pub(super) fn configure(&mut self, list: &mut Parameters<'_>) -> Result<Vec<String>, Refused> {
        let key = list.quoted(1..=16)?;
        let id = list.number(0..=CONTEXTS as u64 - 1)?;
        let context =
            usize::try_from(id).ok().and_then(|id| self.contexts.get_mut(id)).ok_or(Refused(BAD_PARAMETER))?;
        if list.len() == 0 {
            return Ok(vec![context.printed(&key, id).ok_or(Refused(BAD_PARAMETER))?]);
        }
        let mut changed = context.clone();
        match key.as_str() {
            "auth" => changed.auth = list.number(0..=2)?,
            "ignorestamp" => changed.ignores_stamp = list.number(0..=1)? == 1,
            "ignoreverify" => changed.ignores_verification = list.number(0..=1)? == 1,
            "sni" => changed.names_server = list.number(0..=1)? == 1,
            "cert" => {
                changed.names = Default::default();
                for name in &mut changed.names {
                    *name = list.optional_quoted(0..=NAME)?.unwrap_or_default();
                }
            }
            _ => return Err(Refused(BAD_PARAMETER)),
        }
        list.end()?;
        *context = changed;
        Ok(Vec::new())
    }
}

impl Context {
    fn printed(&self, key: &str, id: u64) -> Option<String> {
        let value = match key {
            "auth" => self.auth,
            "ignorestamp" => u64::from(self.ignores_stamp),
            "ignoreverify" => u64::from(self.ignores_verification),
            "sni" => u64::from(self.names_server),
            "cert" => {
                let names = self.names.each_ref().map(|name| if name.is_empty() { "NULL" } else { name });
                return Some(format!("+MSSLCFG: \"cert\",{id},\"{}\"", names.join("\",\"")));
            }
            _ => return None,
        };
        Some(format!("+MSSLCFG: \"{key}\",{id},{value}"))
    }
}
