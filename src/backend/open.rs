//! From the name of a port to a modem.

use super::{Vendor, detect};
use crate::at::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::FtpModem;
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
    serial: SerialSettings,
}

impl OpenOptions {
    /// The defaults: 115200 baud, no flow control, DTR left alone, the dialect found by asking the module.
    pub fn new() -> Self {
        OpenOptions::default()
    }

    /// The rate of a serial port in bits per second. Defaults to 115200.
    pub fn baud(mut self, baud: u32) -> Self {
        self.serial = self.serial.with_baud(baud);
        self
    }

    /// The flow control of a serial port. Defaults to none.
    pub fn flow(mut self, flow: FlowControl) -> Self {
        self.serial = self.serial.with_flow(flow);
        self
    }

    /// The level to put DTR to. Defaults to leaving it alone.
    pub fn dtr(mut self, level: bool) -> Self {
        self.serial = self.serial.with_dtr(level);
        self
    }

    /// The dialect. Defaults to asking the module.
    pub fn vendor(mut self, vendor: Vendor) -> Self {
        self.vendor = Some(vendor);
        self
    }

    /// Opens the module on `port`: the name of a serial device, or `tcp://host:port` for a module behind a terminal
    /// server in raw mode.
    ///
    /// # Errors
    /// What opening the port gives ([`Serial::open`], [`Tcp::connect`]); [`Timeout`](ErrorKind::Timeout) when nothing answers
    /// there; [`UnknownModule`](ErrorKind::UnknownModule) when what answers is none of the known dialects.
    pub fn open(&self, port: &str) -> Result<Box<dyn FtpModem>> {
        if port.is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "the name of the port is empty").during("open"));
        }
        match port.strip_prefix("tcp://") {
            Some(address) => self.open_on(Tcp::connect(address)?),
            None => self.open_on(Serial::open(port, &self.serial)?),
        }
    }

    /// Opens the module at the other end of `transport`.
    ///
    /// # Errors
    /// [`Timeout`](ErrorKind::Timeout) when nothing answers there; [`UnknownModule`](ErrorKind::UnknownModule) when what answers is
    /// none of the known dialects.
    pub fn open_on(&self, transport: impl Transport + 'static) -> Result<Box<dyn FtpModem>> {
        let mut engine = Engine::new(Box::new(transport));
        let mut identity = detect::identify(&mut engine)?;
        let vendor = match self.vendor {
            Some(vendor) => vendor,
            None => detect::dialect(&mut engine, &mut identity)?,
        };
        vendor.backend(engine, identity)
    }
}
