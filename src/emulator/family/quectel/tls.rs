//! `AT+QSSLCFG`: Quectel SSL application note; EC2x FTP(S) application note V1.0 §3.2.

use super::failure::Answer;
use super::files::Files;
use super::options::{QuectelOptions, ServerCertificate};
use crate::emulator::command::{Command, Form, Malformed, Parameters, Value, number};
use crate::emulator::modem::Modem;
use crate::emulator::remote::Trust;

/// How many SSL contexts there are.
const CONTEXTS: usize = 6;
/// The longest name of a certificate file.
const NAME: usize = 255;

/// One SSL context.
#[derive(Clone, Debug)]
pub(super) struct TlsContext {
    /// 0 SSL 3.0, 1 to 3 TLS 1.0 to 1.2, 4 all of them.
    version: u64,
    suite: u64,
    authority: String,
    client_certificate: String,
    client_key: String,
    /// 0 no check, 1 of the server, 2 of both sides.
    level: u64,
    ignores_clock: bool,
    patience: u64,
    sni: bool,
}

impl Default for TlsContext {
    fn default() -> Self {
        Self {
            version: 4,
            suite: 0xFFFF,
            authority: String::new(),
            client_certificate: String::new(),
            client_key: String::new(),
            level: 0,
            ignores_clock: true,
            patience: 300,
            sni: false,
        }
    }
}

/// All SSL contexts; nothing of them is stored.
#[derive(Clone, Debug)]
pub(super) struct TlsContexts {
    contexts: [TlsContext; CONTEXTS],
}

impl Default for TlsContexts {
    fn default() -> Self {
        Self { contexts: std::array::from_fn(|_| TlsContext::default()) }
    }
}

/// The lines of the test form.
const TEST: [&str; 9] = [
    "+QSSLCFG: \"sslversion\",(0-5),(0-4)",
    concat!(
        "+QSSLCFG: \"ciphersuite\",(0-5),(",
        "0X0035,0X002F,0X0005,0X0004,0X000A,0X003D,0XC002,0XC003,0XC004,0XC005,0XC007,0XC008,0XC009,0XC00A,",
        "0XC011,0XC012,0XC013,0XC014,0XC00C,0XC00D,0XC00E,0XC00F,0XC023,",
        "0XC024,0XC025,0XC026,0XC027,0XC028,0XC029,0XC02A,0XC02F,0XFFFF)",
    ),
    "+QSSLCFG: \"cacert\",(0-5),<cacertpath>",
    "+QSSLCFG: \"clientcert\",(0-5),<client_cert_path>",
    "+QSSLCFG: \"clientkey\",(0-5),<client_key_path>",
    "+QSSLCFG: \"seclevel\",(0-5),(0-2)",
    "+QSSLCFG: \"ignorelocaltime\",(0-5),(0,1)",
    "+QSSLCFG: \"negotiatetime\",(0-5),(10-300)",
    "+QSSLCFG: \"sni\",(0-5),(0,1)",
];

impl TlsContexts {
    pub(super) fn context(&self, id: u64) -> TlsContext {
        usize::try_from(id).ok().and_then(|id| self.contexts.get(id)).cloned().unwrap_or_default()
    }

    /// `AT+QSSLCFG`; `None` if there is no such form.
    pub(super) fn execute(&mut self, command: &Command<'_>, modem: &mut Modem) -> Option<Answer> {
        match command.form {
            Form::Test => modem.lines(&TEST),
            Form::Set => match self.set(command) {
                Ok(shown) => shown.iter().for_each(|line| modem.line(line)),
                Err(malformed) => return Some(Err(malformed.into())),
            },
            _ => return None,
        }
        modem.ok();
        Some(Ok(()))
    }

    /// The set form: sets, or gives the line that shows the setting.
    fn set(&mut self, command: &Command<'_>) -> Result<Option<String>, Malformed> {
        let mut list = command.parameters()?;
        let key = list.quoted(1..=20)?;
        let id = usize::try_from(list.number(0..=5)?).map_err(|_| Malformed)?;
        let context = self.contexts.get_mut(id).ok_or(Malformed)?;
        if list.len() == 0 {
            return Ok(Some(format!("+QSSLCFG: \"{key}\",{id},{}", context.shown(&key)?)));
        }
        context.set(&key, &mut list)?;
        list.end()?;
        Ok(None)
    }
}

impl TlsContext {
    /// What the settings demand of a real server.
    pub(super) fn trust(&self, files: &Files, options: &QuectelOptions) -> Trust {
        let mut trust = Trust::default();
        if self.level > 0 {
            // Without the file no server is trusted.
            trust.authority = Some(files.content(&self.authority).unwrap_or_default().to_vec());
        }
        trust.ignores_clock = self.ignores_clock;
        trust.names_server = self.sni;
        trust.checks_name = options.checks_server_name;
        trust.fresh_sessions = options.fresh_tls_sessions;
        trust
    }

    /// Whether the handshake succeeds with the server that the options describe.
    pub(super) fn accepts_server(&self, files: &Files, options: &QuectelOptions) -> bool {
        if self.version < options.oldest_tls || (options.sni_needed && !self.sni) {
            return false;
        }
        if self.level == 0 {
            return true;
        }
        let has = |name| files.content(name).is_some();
        let clock = self.ignores_clock || (options.clock_set && options.certificate != ServerCertificate::Expired);
        let client = self.level < 2 || (has(&self.client_certificate) && has(&self.client_key));
        clock && client && options.certificate != ServerCertificate::Untrusted && has(&self.authority)
    }

    fn shown(&self, key: &str) -> Result<String, Malformed> {
        Ok(match key {
            "sslversion" => self.version.to_string(),
            "ciphersuite" => format!("0X{:04X}", self.suite),
            "cacert" => format!("\"{}\"", self.authority),
            "clientcert" => format!("\"{}\"", self.client_certificate),
            "clientkey" => format!("\"{}\"", self.client_key),
            "seclevel" => self.level.to_string(),
            "ignorelocaltime" => u8::from(self.ignores_clock).to_string(),
            "negotiatetime" => self.patience.to_string(),
            "sni" => u8::from(self.sni).to_string(),
            _ => return Err(Malformed),
        })
    }

    fn set(&mut self, key: &str, list: &mut Parameters<'_>) -> Result<(), Malformed> {
        match key {
            "sslversion" => self.version = list.number(0..=4)?,
            "ciphersuite" => self.suite = suite(list.value())?,
            "cacert" => self.authority = list.quoted(0..=NAME)?,
            "clientcert" => self.client_certificate = list.quoted(0..=NAME)?,
            "clientkey" => self.client_key = list.quoted(0..=NAME)?,
            "seclevel" => self.level = list.number(0..=2)?,
            "ignorelocaltime" => self.ignores_clock = list.number(0..=1)? == 1,
            "negotiatetime" => self.patience = list.number(10..=300)?,
            "sni" => self.sni = list.number(0..=1)? == 1,
            _ => return Err(Malformed),
        }
        Ok(())
    }
}

/// Four hexadecimal digits behind `0x`; which suites there are is not checked.
fn suite(value: Value<'_>) -> Result<u64, Malformed> {
    let Value::Bare(text) = value else {
        return Err(Malformed);
    };
    let digits = text
        .strip_prefix(b"0x")
        .or_else(|| text.strip_prefix(b"0X"))
        .filter(|digits| digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit));
    match digits.and_then(|digits| std::str::from_utf8(digits).ok()) {
        Some(digits) => u64::from_str_radix(digits, 16).map_err(|_| Malformed),
        None => number(text, 0..=0xFFFF),
    }
}
