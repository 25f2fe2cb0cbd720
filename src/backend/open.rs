//! From the name of a port to a modem.

use std::time::Duration;

use super::{Backend, Vendor, detect, identify};
use crate::at::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{FtpModem, Identity};
use crate::ports::System;
use crate::transport::Transport;
use crate::transport::serial::{FlowControl, Serial, SerialSettings};
use crate::transport::tcp::Tcp;

/// How to open a module.
///
/// # Examples
/// ```no_run
/// use ftp_modem::OpenOptions;
///
/// let modem = OpenOptions::new().baud(921_600).open("/dev/ttyUSB0")?;
/// println!("{}", modem.identity());
/// # Ok::<(), ftp_modem::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    vendor: Option<Vendor>,
    pub(super) serial: SerialSettings,
    pub(super) finds_baud: bool,
    is_patient: bool,
    escapes_by_dtr: bool,
    command_limit: Option<Duration>,
    system: System,
}

impl OpenOptions {
    /// Creates options with the defaults: 115200 baud, no flow control, DTR left alone, the dialect detected.
    pub fn new() -> Self {
        OpenOptions::default()
    }

    /// Sets the rate of the serial line in bits per second, also of one behind a terminal server. Default: 115200.
    pub fn baud(mut self, baud: u32) -> Self {
        self.serial = self.serial.with_baud(baud);
        self.finds_baud = false;
        self
    }

    /// Tries the usual rates of a serial port until the module answers, half a second each: 115200, 9600, 921600,
    /// 460800, 230400, 57600, 38400, 19200. Default: one rate, that of [`Self::baud`].
    pub fn baud_auto(mut self) -> Self {
        self.finds_baud = true;
        self
    }

    /// Waits up to 95 seconds for a silent module that may be waiting for the rest of a file which an earlier program
    /// was sending. Default: no; opening fails, and the message names this cause.
    pub fn patient(mut self, patient: bool) -> Self {
        self.is_patient = patient;
        self
    }

    /// Sets the time limit of a command, as in [`TimeLimits`](crate::modem::TimeLimits). The wait for a silent module
    /// is shorter then: with a limit of 3 s opening fails within 5 s. Default: none; it fails after about 9 s.
    pub fn command_limit(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.command_limit = limit.into();
        self
    }

    /// Sets the flow control of a serial port. Default: none.
    pub fn flow(mut self, flow: FlowControl) -> Self {
        self.serial = self.serial.with_flow(flow);
        self
    }

    /// Sets the level of DTR. Default: unchanged.
    pub fn dtr(mut self, level: bool) -> Self {
        self.serial = self.serial.with_dtr(level);
        self
    }

    /// Leaves data mode by a drop of DTR instead of `+++`: a cancelled transfer ends without the guard times of a
    /// second before and behind the escape sequence, and a module that ignores `+++` in the middle of a counted upload
    /// needs no padding. The driver puts DTR on, and sets the module up for it with `AT&D1` (V.250 §6.2.9). Default:
    /// `+++`, because many cables, USB drivers and terminal servers do not carry the line. A cancelled transfer takes
    /// longer then, and ends by `+++` or padding.
    ///
    /// Only Quectel's manual documents it (FTP(S) application note V1.0 §1.4). Opening fails as
    /// [`Unsupported`](ErrorKind::Unsupported) on a port without the line, such as `tcp://` or a pseudo-terminal, and
    /// where the module refuses `AT&D1`.
    pub fn escape_by_dtr(mut self, by_dtr: bool) -> Self {
        self.escapes_by_dtr = by_dtr;
        self
    }

    /// Sets the dialect. Default: detected.
    pub fn vendor(mut self, vendor: Vendor) -> Self {
        self.vendor = Some(vendor);
        self
    }

    /// Sets the machine whose ports are listed for a [`Selector`](crate::ports::Selector) and explained in errors.
    /// Default: this machine.
    pub fn system(mut self, system: System) -> Self {
        self.system = system;
        self
    }

    /// Opens the module on `port`: the name of a serial device, a [`Selector`](crate::ports::Selector) such as
    /// `usb:2c7c:0125`, or `tcp://host:port` for a module behind a terminal server in raw mode.
    ///
    /// # Errors
    /// What opening the port gives ([`Self::transport`]); [`Timeout`](ErrorKind::Timeout) when nothing
    /// answers there; [`UnknownModule`](ErrorKind::UnknownModule) when what answers is none of the known dialects.
    pub fn open(&self, port: &str) -> Result<Box<dyn FtpModem>> {
        let opened = self.open_on(self.transport(port)?);
        opened.map_err(|error| self.system.explain(port, error))
    }

    /// Opens the module as [`Self::open`] does, for a program that uses what only one vendor has.
    ///
    /// # Errors
    /// As [`Self::open`]; [`UnknownModule`](ErrorKind::UnknownModule) when the module is of another dialect.
    ///
    /// # Examples
    /// ```no_run
    /// use ftp_modem::OpenOptions;
    /// use ftp_modem::backend::quectel::Quectel;
    ///
    /// let modem: Quectel = OpenOptions::new().open_as("/dev/ttyUSB2")?;
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    pub fn open_as<B: Backend>(&self, port: &str) -> Result<B> {
        let opened = self.open_as_on(self.transport(port)?);
        opened.map_err(|error| self.system.explain(port, error))
    }

    /// Opens the module at the other end of `transport`.
    ///
    /// # Errors
    /// [`Timeout`](ErrorKind::Timeout) when nothing answers there; [`UnknownModule`](ErrorKind::UnknownModule) when
    /// what answers is none of the known dialects.
    pub fn open_on(&self, transport: impl Transport + 'static) -> Result<Box<dyn FtpModem>> {
        let (engine, identity, vendor) = self.identified(transport)?;
        vendor.open(engine, identity)
    }

    /// Opens the module at the other end of `transport` as [`Self::open_as`] does.
    ///
    /// # Errors
    /// As [`Self::open_as`].
    pub fn open_as_on<B: Backend>(&self, transport: impl Transport + 'static) -> Result<B> {
        let (engine, identity, vendor) = self.identified(transport)?;
        if vendor != B::VENDOR {
            let detail = format!("{identity} speaks the {vendor} dialect, not {}", B::VENDOR);
            return Err(Error::new(ErrorKind::UnknownModule, detail).during("open"));
        }
        B::identified(engine, identity)
    }

    /// Opens the port alone, for a program that puts something between it and the driver, such as a
    /// [`Recorder`](crate::transport::recorder::Recorder).
    ///
    /// # Errors
    /// What opening the port gives ([`Serial::open`], [`Tcp::connect`]); the message names the program that holds a
    /// port and the group that may open it. [`InvalidInput`](ErrorKind::InvalidInput) for a selector that matches
    /// several ports.
    pub fn transport(&self, port: &str) -> Result<Box<dyn Transport>> {
        if port.is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "the name of the port is empty").during("open"));
        }
        if let Some(address) = port.strip_prefix("tcp://") {
            return Ok(Box::new(Tcp::connect(address)?.with_rate(self.serial.baud)));
        }
        let path = self.system.locate(port)?;
        let opened = if self.finds_baud { self.open_at_its_rate(&path) } else { Serial::open(&path, &self.serial) };
        Ok(Box::new(opened.map_err(|error| self.system.explain(&path, error))?))
    }

    fn identified(&self, transport: impl Transport + 'static) -> Result<(Engine, Identity, Vendor)> {
        let mut engine = Engine::new(Box::new(transport));
        engine.settings().limit(self.command_limit, None);
        if self.escapes_by_dtr {
            engine.settings().escape_by_dtr().map_err(|error| error.during("open"))?;
        }
        let mut identity = match self.is_patient {
            true => identify::identify_patiently(&mut engine)?,
            false => identify::identify(&mut engine)?,
        };
        let vendor = match self.vendor {
            Some(vendor) => vendor,
            None => detect::dialect(&mut engine, &mut identity)?,
        };
        // From now on the limits are those of the modem's controls.
        engine.settings().limit(None, None);
        Ok((engine, identity, vendor))
    }
}
