//! Opening and closing the session, and losing it.

use super::due;
use super::limits::NAME;
use super::list::END;
use super::options::{LossKind, PortField, StoreFailure};
use super::refused::Refused;
use super::state::Fibocom;
use super::task::{Server, Task};
use super::transfer::Transfer;
use crate::emulator::command::{Command, Value};
use crate::emulator::modem::Modem;
use crate::emulator::remote::{NetworkCause, RemoteError, Tls};

/// Where FTP servers listen.
const PORT: u64 = 21;

impl Fibocom {
    /// `AT+FTPOPEN="<host>","<user>","<password>"[,"<account>"[,<source port>[,<port>[,<source data port>]]]]`
    pub(super) fn connect(&mut self, command: &Command<'_>, modem: &mut Modem) -> Result<(), Refused> {
        let mut list = command.parameters()?;
        if list.len() < 3 {
            return Err(Refused::Parameters);
        }
        let host = list.quoted(1..=NAME)?;
        let user = list.quoted(0..=NAME)?;
        let password = list.quoted(0..=NAME)?;
        list.optional_quoted(0..=NAME)?;
        let fifth = list.optional_number(0..=65_535)?;
        let sixth = list.optional_number(0..=65_535)?;
        list.optional_number(0..=65_535)?;
        list.end()?;
        let port = match self.options.port_field {
            PortField::Fifth => fifth,
            PortField::Sixth => sixth,
        };
        let port = u16::try_from(port.unwrap_or(PORT)).map_err(|_| Refused::Parameters)?;
        if port == 0 {
            return Err(Refused::Parameters);
        }
        if !self.call.is_up(modem) || self.task.is_some() {
            return Err(Refused::State);
        }
        if self.open {
            if !self.options.second_open_accepted {
                return Err(Refused::Active);
            }
            modem.ok();
            self.lines.report("FTPOPEN", 0, modem);
            return Ok(());
        }
        modem.ok();
        self.ask(Task::Open(Server { host, user, password, port }), modem);
        Ok(())
    }

    pub(super) fn connected(&mut self, server: &Server, modem: &mut Modem) {
        let Server { host, user, password, port } = server;
        let named = !user.is_empty() && !password.is_empty();
        if !named && !self.options.empty_login {
            self.lines.report("FTPOPEN", 0, modem);
            return;
        }
        let connected = modem.remote.connect(host, *port, Tls::Off);
        if connected.is_ok() {
            self.lines.inform("220 Service ready.", modem);
            self.lines.inform(&format!("USER {user}"), modem);
            self.lines.inform("331 Please specify the password.", modem);
            self.lines.inform(&format!("PASS {password}"), modem);
        }
        let opened = connected.and_then(|()| modem.remote.login(user, password));
        if let Err(error) = opened {
            if let Some(code) = error.code() {
                self.lines.inform(&format!("{code}"), modem);
            }
            // The connection is of no use without a login.
            drop(modem.remote.quit());
            self.lines.report("FTPOPEN", 0, modem);
            return;
        }
        self.lines.inform("230 Login successful.", modem);
        self.open = true;
        self.settings.restart_at = None;
        self.lines.report("FTPOPEN", 1, modem);
        self.wake(modem);
        if let Some(time) = self.troubles.time_to_loss() {
            modem.timer(due::LOSS, time);
        }
    }

    /// `AT+FTPCLOSE`; whatever is going on is aborted.
    pub(super) fn close(&mut self, modem: &mut Modem) -> Result<(), Refused> {
        if !self.open {
            return Err(Refused::State);
        }
        self.abandon(modem);
        modem.ok();
        self.ask(Task::Close, modem);
        Ok(())
    }

    pub(super) fn closed(&mut self, modem: &mut Modem) {
        self.lines.inform("QUIT", modem);
        // A connection that is broken already is closed too.
        drop(modem.remote.quit());
        self.lines.inform("221 Goodbye.", modem);
        self.forget(modem);
        self.lines.report("FTPCLOSE", 1, modem);
    }

    /// Stops all that goes on in the session; says what it was. Data the host is sending are taken to their end.
    fn abandon(&mut self, modem: &mut Modem) -> Option<&'static str> {
        for token in [due::TASK, due::FILL, due::COMPLETION, due::DRAIN] {
            modem.timers.cancel(token);
        }
        let task = self.task.take().map(|task| task.name());
        let name = task.or(self.transfer.name());
        let dropped = RemoteError::Network(NetworkCause::Dropped);
        match &mut self.transfer {
            Transfer::Put(put) if modem.in_data => put.sink.give_up(dropped),
            Transfer::Store(sink) if modem.in_data && self.options.store_failure != StoreFailure::AtOnce => {
                sink.give_up(dropped);
            }
            transfer => {
                if let Transfer::List | Transfer::Retrieve = transfer
                    && modem.queue.stop_stream().is_some()
                {
                    modem.bytes(END);
                }
                *transfer = Transfer::None;
                modem.leave_data_mode();
            }
        }
        name
    }

    /// The session is over.
    fn forget(&mut self, modem: &mut Modem) {
        modem.timers.cancel(due::IDLE);
        modem.timers.cancel(due::LOSS);
        self.open = false;
        self.cache.clear();
    }

    /// The server sees that the client is alive.
    pub(super) fn wake(&self, modem: &mut Modem) {
        if let Some(time) = self.options.idle_close
            && self.open
        {
            modem.timer(due::IDLE, time);
        }
    }

    pub(super) fn idle_close(&mut self, modem: &mut Modem) {
        if matches!(self.transfer, Transfer::None) && self.task.is_none() {
            self.lose(LossKind::Session, false, modem);
        } else {
            self.wake(modem);
        }
    }

    pub(super) fn scheduled_loss(&mut self, modem: &mut Modem) {
        if let Some(loss) = self.troubles.take_loss() {
            self.lose(loss.kind, loss.reported, modem);
        }
    }

    /// The operation `name`, which has cleared its own state, failed. A connection that broke with it is noticed now.
    pub(super) fn notice(&mut self, name: Option<&'static str>, error: &RemoteError, modem: &mut Modem) {
        let broken =
            matches!(error, RemoteError::Network(NetworkCause::Dropped) | RemoteError::Reply { code: 421, .. });
        let loss = if broken { self.troubles.take_loss_after_bytes() } else { None };
        if let Some(name) = name
            && loss.is_none_or(|loss| loss.reported)
        {
            self.lines.report(name, 0, modem);
        }
        if broken {
            let kind = loss.map_or(LossKind::Session, |loss| loss.kind);
            self.lose(kind, false, modem);
        }
    }

    /// Drops the session, if there is one; says whether there was.
    pub(super) fn lose_session(&mut self, reported: bool, modem: &mut Modem) -> bool {
        if let Some(name) = self.abandon(modem) {
            if name == "FTPPUT" && modem.progress.is_busy() && !modem.in_data {
                modem.error();
            } else if reported {
                self.lines.report(name, 0, modem);
            }
        }
        let open = self.open;
        if open {
            // There is nobody left to say goodbye to.
            drop(modem.remote.quit());
            self.forget(modem);
        }
        open
    }

    /// Something is lost, and the module says so of its own accord.
    pub(super) fn lose(&mut self, kind: LossKind, reported: bool, modem: &mut Modem) {
        let open = self.lose_session(reported, modem);
        match kind {
            LossKind::Session if open => {
                let digit = self.options.lost_digit;
                announce(&format!("+FTPCLOSE: {digit}"), modem);
            }
            LossKind::Session => {}
            LossKind::Sim => {
                announce("+SIM DROP", modem);
                self.call.hang_up(modem);
                announce("+MIPCALL: 0", modem);
            }
            LossKind::Call => {
                self.call.hang_up(modem);
                announce("+MIPCALL: 0", modem);
            }
            LossKind::Restart => {
                drop(modem.queue.stop_stream());
                modem.leave_data_mode();
                modem.finish();
                modem.restart_requested = true;
            }
        }
    }
}

/// Reports a loss, even while the host is sending data.
fn announce(text: &str, modem: &mut Modem) {
    if modem.in_data {
        modem.line(text);
    } else {
        modem.urc(text);
    }
}

/// A file type: 0 is ASCII, 1 binary.
pub(super) fn is_ascii(value: Option<u64>) -> bool {
    value == Some(0)
}

/// A count; any negative value means everything.
pub(super) fn optional_size(value: Value<'_>) -> Result<Option<u64>, Refused> {
    match value {
        Value::Absent => Ok(None),
        Value::Quoted(_) => Err(Refused::Parameters),
        Value::Bare(text) => {
            let digits = text.strip_prefix(b"-");
            let number = crate::emulator::command::number(digits.unwrap_or(text), 0..=u64::MAX)?;
            if digits == Some(b"") {
                return Err(Refused::Parameters);
            }
            Ok(digits.is_none().then_some(number))
        }
    }
}
