//! The access point of a private network (CPNETAPN), which the module keeps in flash.
//!
//! Luat AT manual, CPNETAPN; Air780E FTP guide §7. Once one is set, the module no longer asks the network for the
//! access point.

use std::time::Duration;

use super::Luat;
use super::recovery::settle;
use crate::at::{Answer, Command, Line, Parameter};
use crate::backend::access_point;
use crate::backend::context::Context;
use crate::backend::dialect::Bearers;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{AccessPoint, Authentication, Bearer, PdpType};

/// Manual, CPNETAPN: 128, 32 and 32 bytes; the access point has a name.
const NAME: Parameter = Parameter::quoted("access point name", 128);
const USER: Parameter = access_point::user(32);
const PASSWORD: Parameter = access_point::password(32);

/// Writing the flash and restarting the protocol stack.
const STORE_LIMIT: Duration = Duration::from_secs(20);
/// How long the restarted protocol stack may take to find its network again, and the time between two queries.
const REGISTRATION_LIMIT: Duration = Duration::from_secs(120);
const QUERY_INTERVAL: Duration = Duration::from_secs(1);

impl Luat {
    /// Queries the private network's access point that the module has stored; `None` where it has none. The password is
    /// part of the answer, as the module sends it.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) on SIMCom's modules, before anything is sent. Otherwise as any exchange
    /// with the module.
    pub fn private_access_point(&mut self) -> Result<Option<AccessPoint>> {
        let checked = self.must_have_cpnetapn();
        self.checked_operation("private access point", checked, |_, cx| stored_access_point(cx))
    }

    /// Stores the private network's access point and puts it in force (`AT+CPNETAPN=2`), until
    /// [`clear_private_access_point`](Self::clear_private_access_point). The module restarts its protocol stack with
    /// it: the bearer goes down. Some SIMs need the module to be restarted besides. An access point that is stored
    /// already is not stored again.
    ///
    /// Longest name: 128 bytes. Longest user name and password: 32 bytes each.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when the name is empty or an argument is too long;
    /// [`Unsupported`](ErrorKind::Unsupported) on SIMCom's modules; both before anything is sent. Otherwise as any
    /// exchange with the module.
    ///
    /// # Examples
    /// ```
    /// # use ftp_modem::backend::luat::Luat;
    /// # use ftp_modem::emulator::{Family, MemoryServer, Module, Options};
    /// # use ftp_modem::transport::memory::MemoryPipe;
    /// # use ftp_modem::OpenOptions;
    /// # let files = MemoryServer::new();
    /// # let module = Module::new(Family::Luat, files.remote(), Options::default());
    /// let mut modem: Luat = OpenOptions::new().open_as_on(MemoryPipe::new(module))?;
    /// let access_point = ftp_modem::AccessPoint::new("private.example");
    /// modem.set_private_access_point(&access_point)?;
    /// assert_eq!(modem.private_access_point()?, Some(access_point));
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn set_private_access_point(&mut self, access_point: &AccessPoint) -> Result<()> {
        let checked = self.must_have_cpnetapn().and_then(|()| check(access_point));
        self.checked_operation("set private access point", checked, |_, cx| {
            store_access_point(cx, access_point).map(drop)
        })
    }

    /// Deletes the private network's access point (`AT+CPNETAPN=3`). From its next start on the module takes the access
    /// point from the network.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) on SIMCom's modules, before anything is sent. Otherwise as any exchange
    /// with the module.
    pub fn clear_private_access_point(&mut self) -> Result<()> {
        let checked = self.must_have_cpnetapn();
        self.checked_operation("clear private access point", checked, |_, cx| {
            cx.engine.execute(Command::set("+CPNETAPN").number(3u8), STORE_LIMIT).map(drop)
        })
    }

    /// Attaches as [`attach`](crate::FtpModem::attach) does, in a private network: stores its access point if necessary
    /// ([`set_private_access_point`](Self::set_private_access_point)), waits until the module has found the network,
    /// for two minutes at most, and brings the bearer up.
    ///
    /// # Errors
    /// As [`set_private_access_point`](Self::set_private_access_point) and [`attach`](crate::FtpModem::attach).
    pub fn attach_private(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
        let checked = self.must_have_cpnetapn().and_then(|()| check(access_point));
        self.checked_operation("attach", checked, |luat, cx| {
            if store_access_point(cx, access_point)? {
                await_network(cx)?;
                settle(cx)?;
            }
            // CPNETAPN has set the authentication protocol.
            let access_point = AccessPoint { authentication: Authentication::None, ..access_point.clone() };
            // The bearer's own parameter is shorter than CPNETAPN's; empty, it means the access point that is stored.
            match luat.bearer.check_access_point(&access_point) {
                Ok(()) => luat.attach(cx, &access_point),
                Err(_) => luat.attach(cx, &AccessPoint::default()),
            }
        })
    }

    fn must_have_cpnetapn(&self) -> Result<()> {
        if self.dialect().family.private_access_points {
            return Ok(());
        }
        let detail = "SIMCom's modules have no CPNETAPN: attach takes the access point";
        Err(Error::new(ErrorKind::Unsupported, detail))
    }
}

fn check(access_point: &AccessPoint) -> Result<()> {
    if access_point.pdp_type != PdpType::Ipv4 {
        return Err(Error::new(ErrorKind::Unsupported, "CPNETAPN has no type of the bearer"));
    }
    let AccessPoint { name, user, password, .. } = access_point;
    Parameter::check_all(&[(&NAME, name), (&USER, user), (&PASSWORD, password)])
}

/// Stores the access point unless it is stored already; returns whether it was not.
fn store_access_point(cx: &mut Context, access_point: &AccessPoint) -> Result<bool> {
    if stored_access_point(cx)?.as_ref() == Some(access_point) {
        return Ok(false);
    }
    let AccessPoint { name, user, password, authentication, .. } = access_point;
    let command = Command::set("+CPNETAPN")
        .number(2u8)
        .text(&NAME, name)
        .text(&USER, user)
        .text(&PASSWORD, password)
        .number(access_point::authentication_number(*authentication));
    match cx.engine.execute(command, STORE_LIMIT) {
        // The bearer goes down with it; some modules say so before OK.
        Err(error) if error.kind() == ErrorKind::BearerLost => settle(cx)?,
        other => other.map(drop)?,
    }
    Ok(true)
}

fn stored_access_point(cx: &mut Context) -> Result<Option<AccessPoint>> {
    let answer = cx.query(Command::read("+CPNETAPN").answered_by(Answer::Hidden))?;
    parse(&answer.lines).ok_or_else(|| cx.engine.protocol("the answer lacks a line of the private access point"))
}

/// Waits until the module is attached to the packet network again (Air780E FTP guide §7, `AT+CGATT?`).
fn await_network(cx: &mut Context) -> Result<()> {
    let deadline = cx.engine.deadline(Phase::Result, REGISTRATION_LIMIT);
    loop {
        settle(cx)?;
        let is_attached = match cx.query(Command::read("+CGATT")) {
            Ok(answer) => answer.first().and_then(|line| line.number(0)) == Some(1),
            // While the stack restarts, the old bearer goes, and the module may not know the state yet.
            Err(error) if matches!(error.kind(), ErrorKind::BearerLost | ErrorKind::ModuleRefused) => false,
            Err(error) => return Err(error),
        };
        if is_attached {
            return Ok(());
        }
        if cx.engine.now() >= deadline.at() {
            return Err(deadline.passed().with_kind(ErrorKind::BearerFailed));
        }
        match cx.engine.wait(Phase::Result, QUERY_INTERVAL) {
            Err(error) if error.kind() == ErrorKind::BearerLost => {}
            other => other?,
        }
    }
}

/// Reads the five lines `MODE:`, `APN:`, `USR:`, `PWD:` and `AUTHMODE:`, which have no prefix; the values may be
/// quoted. `None` where a line is missing. Without a name there is no access point.
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
