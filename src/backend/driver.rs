//! The driver: everything that is the same for every vendor.
//!
//! [`Driver`] is the only implementation of [`FtpModem`] on a module. Two lifetimes run through it: that of an
//! operation, which is written here (`scope`), and that of a command, which is written in [`crate::at`].

mod data_end;
mod empty_listing;
mod modem;
mod recovery;

pub use super::part::Part;
pub use super::session::{Session, Unstated};
pub use super::source::{Placement, Source};

use log::warn;

use super::codes::is_refusal;
use super::context::Context;
use super::dialect::Dialect;
use crate::at::{Command, Engine, Watch};
use crate::error::{Error, ErrorKind, Phase, Recovery, Result};
use crate::modem::{Controls, Identity};

/// What is opened once a module was identified.
pub trait Identified: Sized {
    fn identified(engine: Engine, identity: Identity) -> Result<Self>;
}

impl<D: Dialect> Identified for Driver<D> {
    fn identified(mut engine: Engine, identity: Identity) -> Result<Self> {
        engine.settings().speak(D::FACTS.rules, D::FACTS.refusal);
        let mut cx = Context {
            engine,
            identity,
            capabilities: D::FACTS.capabilities,
            session: Session::new(D::FACTS.session),
            is_identified: true,
            has_forgotten: false,
        };
        let dialect = D::open(&mut cx)?;
        set_up_dtr(&mut cx)?;
        Ok(Driver { dialect, cx, controls: Controls::default() })
    }
}

/// A module of the dialect `D`.
///
/// It implements [`FtpModem`](crate::FtpModem); each dialect adds methods of its own for what only its modules have.
/// A program names it by its alias ([`Quectel`](super::quectel::Quectel), …) and opens it by
/// [`OpenOptions::open_as`](super::OpenOptions::open_as), or reaches it from a `dyn FtpModem` by
/// [`downcast_mut`](trait.FtpModem.html#method.downcast_mut).
pub struct Driver<D> {
    dialect: D,
    cx: Context,
    controls: Controls,
}

impl<D: Dialect> Driver<D> {
    /// The dialect, for its own settings.
    pub(super) fn dialect(&self) -> &D {
        &self.dialect
    }

    /// Dialect and context, for settings that are not sent now.
    pub(super) fn parts(&mut self) -> (&mut D, &mut Context) {
        (&mut self.dialect, &mut self.cx)
    }

    /// Runs an operation that needs no session. What was lost meanwhile does not matter to it.
    pub(super) fn operation<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce(&mut D, &mut Context) -> Result<T>,
    ) -> Result<T> {
        self.without_session(name, Watch::On, work)
    }

    /// As [`Self::operation`], for an operation that undoes an earlier one: a cancellation does not end it.
    pub(super) fn leaving<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce(&mut D, &mut Context) -> Result<T>,
    ) -> Result<T> {
        self.without_session(name, Watch::Off, work)
    }

    fn without_session<T>(
        &mut self,
        name: &'static str,
        watch: Watch,
        work: impl FnOnce(&mut D, &mut Context) -> Result<T>,
    ) -> Result<T> {
        let caught_up = |dialect: &mut D, cx: &mut Context| dialect.catch_up(cx);
        self.scope(name, watch, caught_up, work, |_, _, error| error)
    }

    /// As [`Self::operation`], behind a check of the arguments; where that fails, nothing is sent.
    pub(super) fn checked_operation<T>(
        &mut self,
        name: &'static str,
        checked: Result<()>,
        work: impl FnOnce(&mut D, &mut Context) -> Result<T>,
    ) -> Result<T> {
        checked.map_err(|error| error.during(name))?;
        self.operation(name, work)
    }

    /// Runs an operation that needs a session; one that was lost is opened again, in its directory.
    pub(super) fn at_server<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce(&mut D, &mut Context) -> Result<T>,
    ) -> Result<T> {
        let in_session = |dialect: &mut D, cx: &mut Context| {
            reopen_session(dialect, cx)?;
            work(dialect, cx)
        };
        self.scope(name, Watch::On, |_, _| Ok(()), in_session, D::recover)
    }

    /// The life of an operation: a module that may have forgotten its settings is set up again, and an error is
    /// explained, noted, recovered from and named.
    fn scope<T>(
        &mut self,
        name: &'static str,
        watch: Watch,
        before: impl FnOnce(&mut D, &mut Context) -> Result<()>,
        work: impl FnOnce(&mut D, &mut Context) -> Result<T>,
        recover: impl FnOnce(&mut D, &mut Context, Error) -> Error,
    ) -> Result<T> {
        let Driver { dialect, cx, controls } = self;
        cx.engine.begin_operation(watch).map_err(|error| error.during(name))?;
        cx.engine.payload().data_end().forget_doubts();
        recovery::identify_again(cx).map_err(|error| error.during(name))?;
        let outcome = before(dialect, cx).and_then(|()| set_up(dialect, cx)).and_then(|()| work(dialect, cx));
        let outcome = outcome.map_err(|error| {
            let error = dialect.explain(cx, error);
            note(dialect, cx, &error);
            let error = recover(dialect, cx, error);
            let error = cx.engine.ended(error, name);
            // A wait that the budget has cut short.
            match controls.budget.filter(|_| cx.engine.limits().is_spent(cx.engine.now())) {
                Some(budget) if error.kind() == ErrorKind::Timeout => error.with_phase(Phase::Budget, budget),
                _ => error,
            }
        });
        let dropped = cx.engine.inbox().take_dropped();
        if dropped > 0 {
            warn!("{}: {dropped} unsolicited result codes more than are kept were dropped", cx.engine.link().name());
        }
        outcome
    }
}

/// Sends the settings again that the module may have forgotten.
fn set_up<D: Dialect>(dialect: &mut D, cx: &mut Context) -> Result<()> {
    if cx.has_forgotten {
        cx.engine.note_recovery(Recovery::Reconfigure);
        dialect.set_up(cx)?;
        set_up_dtr(cx)?;
        cx.has_forgotten = false;
    }
    Ok(())
}

/// Lets a drop of DTR leave data mode, and no more than that (V.250 §6.2.9), where the program has chosen it.
fn set_up_dtr(cx: &mut Context) -> Result<()> {
    if !cx.engine.link().escapes_by_dtr() {
        return Ok(());
    }
    cx.set(Command::run("&D1")).map_err(|error| match is_refusal(error.kind()) {
        true => {
            let error = error.with_kind(ErrorKind::Unsupported).explained_further("DTR does not leave data mode here");
            error.advising("open it without escape_by_dtr (--dtr escape)")
        }
        false => error,
    })
}

/// Opens the session again where it was lost, and goes back to its directory.
pub(super) fn reopen_session<D: Dialect>(dialect: &mut D, cx: &mut Context) -> Result<()> {
    cx.session.look(&mut cx.engine)?;
    if cx.session.is_open() {
        return Ok(());
    }
    dialect.session_lost(cx);
    let (server, trail) = cx.session.recall()?;
    dialect.log_in(cx, &server)?;
    for directory in trail {
        dialect.enter(cx, &directory)?;
    }
    // Not before: in another directory than the caller believes to be in, nothing may be done.
    cx.session.reopened();
    Ok(())
}

/// Notes what `error` says about session and module.
fn note<D: Dialect>(dialect: &mut D, cx: &mut Context, error: &Error) {
    use ErrorKind::{PortLost, Protocol, Timeout};
    cx.note(error);
    let is_silent = matches!(error.kind(), Timeout | Protocol | PortLost) || !error.module_usable();
    cx.has_forgotten |= D::FACTS.restarts_silently && is_silent;
    if !cx.session.is_open() {
        dialect.session_lost(cx);
    }
}

/// Switches the echo off, and error codes in numbers on (3GPP TS 27.007 §9.1); a firmware that knows only one style
/// is understood as well.
pub(super) fn set_up_answers(cx: &mut Context) -> Result<()> {
    cx.set(Command::run("E0"))?;
    number_errors(cx)
}

/// Asks the module for numbered error codes instead of a bare `ERROR`.
pub(super) fn number_errors(cx: &mut Context) -> Result<()> {
    cx.set_if_known(Command::set("+CMEE").number(1u8)).map(drop)
}

/// Whether the firmware has a command.
pub(super) fn knows(cx: &mut Context, command: &'static str) -> Result<bool> {
    cx.set_if_known(Command::test(command))
}
