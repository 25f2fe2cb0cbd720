//! Serial ports: exclusive access, raw mode, 8 data bits, no parity, 1 stop bit.

mod port;

use std::io;
use std::time::Instant;

use serialport::{DataBits, Parity, StopBits};

use super::Transport;
use crate::error::{Error, ErrorKind, Result};
use port::Port;

/// The rate in bits per second that modules use as delivered, if they do not detect the host's.
pub const DEFAULT_BAUD: u32 = 115_200;

/// Flow control between host and module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum FlowControl {
    /// None. Safe where both sides always read fast enough, as over USB.
    #[default]
    None,
    /// The RTS and CTS lines. The module needs the same setting (`AT+IFC=2,2`).
    RtsCts,
}

/// Settings of a serial port.
///
/// # Examples
/// ```
/// use ftp_modem::transport::serial::{FlowControl, SerialSettings};
///
/// let settings = SerialSettings::default().with_baud(921_600).with_flow(FlowControl::RtsCts).with_dtr(true);
/// assert_eq!((settings.baud, settings.dtr), (921_600, Some(true)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SerialSettings {
    /// Rate in bits per second. Default: 115200.
    pub baud: u32,
    /// Flow control. Default: [`FlowControl::None`].
    pub flow: FlowControl,
    /// Level of the DTR line after opening. Default: `None`, which does not change the line. On many modules a change
    /// of DTR ends a data session or restarts the module (`AT&D`).
    pub dtr: Option<bool>,
}

impl Default for SerialSettings {
    fn default() -> Self {
        SerialSettings { baud: DEFAULT_BAUD, flow: FlowControl::None, dtr: None }
    }
}

impl SerialSettings {
    /// Sets the rate in bits per second.
    pub fn with_baud(mut self, baud: u32) -> Self {
        self.baud = baud;
        self
    }

    /// Sets the flow control.
    pub fn with_flow(mut self, flow: FlowControl) -> Self {
        self.flow = flow;
        self
    }

    /// Sets the level of the DTR line after opening.
    pub fn with_dtr(mut self, level: bool) -> Self {
        self.dtr = Some(level);
        self
    }
}

/// An open serial port.
pub struct Serial {
    /// `None` while the port is being opened again.
    port: Option<Port>,
    name: String,
    settings: SerialSettings,
}

impl Serial {
    /// Opens the port `path` with exclusive access.
    ///
    /// # Examples
    /// ```no_run
    /// use ftp_modem::OpenOptions;
    /// use ftp_modem::transport::serial::{Serial, SerialSettings};
    ///
    /// let port = Serial::open("/dev/ttyUSB0", &SerialSettings::default())?;
    /// let modem = OpenOptions::new().open_on(port)?;
    /// # Ok::<(), ftp_modem::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`PortNotFound`](ErrorKind::PortNotFound), [`PortDenied`](ErrorKind::PortDenied),
    /// [`PortBusy`](ErrorKind::PortBusy), and [`InvalidInput`](ErrorKind::InvalidInput) for a rate that the port does
    /// not support.
    pub fn open(path: &str, settings: &SerialSettings) -> Result<Self> {
        let flow = match settings.flow {
            FlowControl::None => serialport::FlowControl::None,
            FlowControl::RtsCts => serialport::FlowControl::Hardware,
        };
        let mut builder = serialport::new(path, settings.baud)
            .data_bits(DataBits::Eight)
            .parity(Parity::None)
            .stop_bits(StopBits::One)
            .flow_control(flow)
            .preserve_dtr_on_open();
        if let Some(level) = settings.dtr {
            builder = builder.dtr_on_open(level);
        }
        let port = Port::open(path, builder).map_err(|error| open_error(path, settings.baud, error))?;
        Ok(Serial { port: Some(port), name: path.to_owned(), settings: settings.clone() })
    }

    fn port(&mut self) -> io::Result<&mut Port> {
        self.port.as_mut().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Transport for Serial {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        self.port()?.read(buffer, deadline)
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        self.port()?.write(bytes, deadline)
    }

    fn unsent(&mut self) -> usize {
        self.port.as_ref().map_or(0, Port::unsent)
    }

    fn line_rate(&self) -> Option<u32> {
        Some(self.settings.baud)
    }

    fn reopen(&mut self) -> Result<()> {
        // The port must be closed first: access is exclusive.
        self.port = None;
        *self = Serial::open(&self.name, &self.settings)?;
        Ok(())
    }

    fn set_dtr(&mut self, level: bool) -> io::Result<()> {
        self.port()?.set_dtr(level)
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Maps an error of the serialport crate to an [`ErrorKind`].
fn open_error(path: &str, baud: u32, source: serialport::Error) -> Error {
    use serialport::ErrorKind as Serial;
    let text = source.to_string();
    let kind = match source.kind() {
        Serial::NoDevice if is_busy(&text) => ErrorKind::PortBusy,
        Serial::NoDevice | Serial::Io(io::ErrorKind::NotFound) => ErrorKind::PortNotFound,
        Serial::Io(io::ErrorKind::PermissionDenied) => ErrorKind::PortDenied,
        Serial::Io(io::ErrorKind::ResourceBusy | io::ErrorKind::WouldBlock) => ErrorKind::PortBusy,
        Serial::InvalidInput => ErrorKind::InvalidInput,
        Serial::Io(_) | Serial::Unknown if is_no_terminal(&text) => ErrorKind::PortNotFound,
        Serial::Io(_) | Serial::Unknown if is_busy(&text) => ErrorKind::PortBusy,
        Serial::Io(_) | Serial::Unknown => ErrorKind::PortLost,
    };
    let error = match is_no_terminal(&text) {
        true => Error::new(kind, format!("{path} is not a serial port")).advising("name the module's serial port"),
        false => Error::new(kind, format!("{path}, {baud} baud: {text}")),
    };
    error.during("open").with_source(source)
}

/// Returns whether the text means that another program has opened the port. The serialport crate reports it as a
/// missing device, with the text of the operating system.
fn is_busy(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["busy", "in use", "lock", "temporarily unavailable", "access is denied"].iter().any(|words| text.contains(words))
}

/// Returns whether the text means that the file is not a serial port (ENOTTY).
fn is_no_terminal(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["not a typewriter", "inappropriate ioctl", "not a terminal"].iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_opening_a_port_map_to_kinds() {
        let cases = [
            (serialport::ErrorKind::NoDevice, "Device or resource busy", ErrorKind::PortBusy),
            (serialport::ErrorKind::NoDevice, "Unable to acquire exclusive lock on serial port", ErrorKind::PortBusy),
            (serialport::ErrorKind::NoDevice, "No such file or directory", ErrorKind::PortNotFound),
            (serialport::ErrorKind::Unknown, "Not a typewriter", ErrorKind::PortNotFound),
            (serialport::ErrorKind::Io(io::ErrorKind::PermissionDenied), "Permission denied", ErrorKind::PortDenied),
            (serialport::ErrorKind::InvalidInput, "Invalid argument", ErrorKind::InvalidInput),
        ];
        for (kind, text, expected) in cases {
            let error = open_error("/dev/x", 9600, serialport::Error::new(kind, text));
            assert_eq!(error.kind(), expected, "{text}");
            assert_eq!(error.to_string().contains("is not a serial port"), text == "Not a typewriter", "{error}");
            assert!(error.to_string().contains("/dev/x"), "{error}");
        }
    }

    #[test]
    fn a_missing_port_is_port_not_found() {
        let Err(error) = Serial::open("/dev/no-such-port", &SerialSettings::default()) else {
            panic!("opened a port that does not exist");
        };
        assert_eq!(error.kind(), ErrorKind::PortNotFound, "{error}");
    }
}
