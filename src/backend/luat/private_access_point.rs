//! The access point of a private network (CPNETAPN), which the module keeps in flash.
//!
//! Luat AT manual, CPNETAPN; Air780E FTP guide §7. Once one is set, the module no longer asks the network for the access point.

use std::time::Duration;

use super::bearer::authentication_number;
use super::{COMMAND_LIMIT, Luat};
use crate::at::{Answer, Command, Line, Parameter};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{AccessPoint, Authentication, Bearer};

/// Manual, CPNETAPN: 128, 32 and 32 bytes; the access point has a name.
const NAME: Parameter = Parameter::quoted("access point name", 128);
const USER: Parameter = Parameter::quoted("access point's user name", 32).or_empty();
const PASSWORD: Parameter = Parameter::quoted("access point's password", 32).or_empty().secret();

/// Writing the flash and restarting the protocol stack.
const STORE_LIMIT: Duration = Duration::from_secs(20);
/// How long the restarted protocol stack may take to find its network again, and how often to ask.
const REGISTRATION_LIMIT: Duration = Duration::from_secs(120);
const ASK_AGAIN: Duration = Duration::from_secs(1);

impl Luat {
    /// The private network's access point that the module has stored, if it has one. The password is part of it, as the module tells it.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) on SIMCom's modules, before anything is sent. Otherwise as any exchange with the module.
    pub fn private_access_point(&mut self) -> Result<Option<AccessPoint>> {
        self.on_private("private access point", Self::stored_access_point)
    }

    /// Stores the private network's access point and puts it in force (`AT+CPNETAPN=2`), until
    /// [`clear_private_access_point`](Self::clear_private_access_point). The module restarts its protocol stack with it: the bearer goes down. Some SIMs need
    /// the module to be restarted besides. One that is stored already is not stored again.
    ///
    /// Longest name 128 bytes, user name and password 32 bytes each.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when the name is empty or an argument too long; [`Unsupported`](ErrorKind::Unsupported) on SIMCom's modules;
    /// both before anything is sent. Otherwise as any exchange with the module.
    pub fn set_private_access_point(&mut self, access_point: &AccessPoint) -> Result<()> {
        self.on_private("set private access point", |luat| luat.store_access_point(access_point).map(drop))
    }

    /// Deletes the private network's access point (`AT+CPNETAPN=3`). The module asks the network for one again, from its next start on.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) on SIMCom's modules, before anything is sent. Otherwise as any exchange with the module.
    pub fn clear_private_access_point(&mut self) -> Result<()> {
        self.on_private("clear private access point", |luat| {
            luat.calm()?;
            luat.engine.execute(Command::set("+CPNETAPN").number(3u8), STORE_LIMIT).map(drop)
        })
    }

    /// As [`attach`](crate::FtpModem::attach), in a private network: stores its access point if need be
    /// ([`set_private_access_point`](Self::set_private_access_point)), waits until the module has found the network, for two minutes at most, and brings the
    /// bearer up.
    ///
    /// # Errors
    /// As [`set_private_access_point`](Self::set_private_access_point) and [`attach`](crate::FtpModem::attach).
    pub fn attach_private(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        self.on_private("attach", |luat| {
            if luat.store_access_point(access_point)? {
                luat.await_network()?;
            }
            // The bearer's own parameter is shorter than CPNETAPN's; empty, it means what the module has.
            match luat.check_access_point(access_point) {
                Ok(()) => luat.bring_up(access_point),
                Err(_) => luat.bring_up(&AccessPoint::default()),
            }
        })
    }

    fn on_private<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if !self.profile.private_access_points {
            let detail = "SIMCom's modules have no CPNETAPN: attach takes the access point";
            return Err(Error::new(ErrorKind::Unsupported, detail).during(name));
        }
        self.operation(name, work)
    }

    /// Stores the access point unless it is stored already; says whether it did.
    fn store_access_point(&mut self, access_point: &AccessPoint) -> Result<bool> {
        let AccessPoint { name, user, password, authentication } = access_point;
        Parameter::check_all(&[(&NAME, name), (&USER, user), (&PASSWORD, password)])?;
        self.calm()?;
        if self.stored_access_point()?.as_ref() == Some(access_point) {
            return Ok(false);
        }
        let command = Command::set("+CPNETAPN")
            .number(2u8)
            .text(&NAME, name)
            .text(&USER, user)
            .text(&PASSWORD, password)
            .number(authentication_number(*authentication));
        match self.engine.execute(command, STORE_LIMIT) {
            // That the bearer goes down is part of it, also where the module says so before OK.
            Err(error) if error.kind() == ErrorKind::BearerLost => self.calm()?,
            other => other.map(drop)?,
        }
        Ok(true)
    }

    fn stored_access_point(&mut self) -> Result<Option<AccessPoint>> {
        let question = Command::read("+CPNETAPN").answered_by(Answer::Hidden);
        let answer = self.engine.execute(question, COMMAND_LIMIT)?;
        match parse(&answer.lines) {
            Some(stored) => Ok(stored),
            None => Err(self.engine.protocol("the private access point is not told in five lines")),
        }
    }

    /// Waits until the module is attached to the packet network again (Air780E FTP guide §7, `AT+CGATT?`).
    fn await_network(&mut self) -> Result<()> {
        let deadline = self.engine.deadline(Phase::Result, REGISTRATION_LIMIT);
        loop {
            self.calm()?;
            let attached = match self.engine.execute(Command::read("+CGATT"), COMMAND_LIMIT) {
                Ok(answer) => answer.first().and_then(|line| line.number(0)) == Some(1),
                // While the stack restarts, the old bearer goes and the module may not know yet.
                Err(error) if matches!(error.kind(), ErrorKind::BearerLost | ErrorKind::ModuleRefused) => false,
                Err(error) => return Err(error),
            };
            if attached {
                return Ok(());
            }
            if self.engine.now() >= deadline.at() {
                return Err(deadline.passed().with_kind(ErrorKind::BearerFailed));
            }
            match self.listen(ASK_AGAIN) {
                Err(error) if error.kind() == ErrorKind::BearerLost => {}
                other => other?,
            }
        }
    }
}

/// Reads the five lines `MODE:`, `APN:`, `USR:`, `PWD:` and `AUTHMODE:`, which have no prefix; the values may stand in quotation marks.
/// Without a name there is no access point.
fn parse(lines: &[Line]) -> Option<Option<AccessPoint>> {
    let value = |label: &str| {
        lines.iter().find_map(|line| {
            let text = line.text();
            let (name, value) = text.split_once(':')?;
            let value = value.trim();
            let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
            (name.trim() == label).then(|| bare.to_owned())
        })
    };
    value("MODE")?;
    let name = value("APN")?;
    let authentication = match value("AUTHMODE")?.as_str() {
        "1" => Authentication::Pap,
        "2" => Authentication::Chap,
        _ => Authentication::None,
    };
    if name.is_empty() {
        return Some(None);
    }
    Some(Some(AccessPoint::new(name).with_credentials(value("USR")?, value("PWD")?, authentication)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_lines_without_a_prefix() {
        let chap = AccessPoint::new("jscmiot").with_credentials("u9682", "iot:98765", Authentication::Chap);
        let bare = AccessPoint::new("cmiot");
        for (text, expected) in [
            ("MODE:2|APN:jscmiot|USR:u9682|PWD:iot:98765|AUTHMODE:2", Some(Some(chap.clone()))),
            ("MODE: 2|APN: \"jscmiot\"|USR: \"u9682\"|PWD: \"iot:98765\"|AUTHMODE: 2", Some(Some(chap))),
            ("MODE:1|APN:cmiot|USR:|PWD:|AUTHMODE:0", Some(Some(bare))),
            ("MODE:0|APN:|USR:|PWD:|AUTHMODE:0", Some(None)),
            ("MODE:3|APN:\"\"|USR:\"\"|PWD:\"\"|AUTHMODE:0", Some(None)),
            ("APN:cmiot|USR:|PWD:|AUTHMODE:0", None),
            ("MODE:2|APN:cmiot|USR:", None),
            ("", None),
        ] {
            let lines: Vec<Line> = text.split('|').map(|line| Line::new(line.as_bytes())).collect();
            assert_eq!(parse(&lines), expected, "{text}");
        }
    }
}
