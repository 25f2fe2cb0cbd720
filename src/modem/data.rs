//! How files are transferred between module and server.

/// Who opens the data connections (RFC 959 §3.2).
///
/// # Examples
/// ```
/// use ftp_modem::FtpModem;
/// use ftp_modem::modem::DataConnection;
///
/// fn without_passive_ports(modem: &mut dyn FtpModem) -> ftp_modem::Result<()> {
///     modem.use_data_connection(DataConnection::Active)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum DataConnection {
    /// The module, to a port that the server names (PASV). It works behind the address translation of mobile networks.
    #[default]
    Passive,
    /// The server, to a port that the module names (PORT).
    Active,
}

/// How files are represented on the way (RFC 959 §3.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum FileType {
    /// Byte for byte (`TYPE I`).
    #[default]
    Binary,
    /// As text, whose line ends may change on the way (`TYPE A`). The server's size is not the number of bytes that
    /// arrive, so that downloads are not compared with the size, and parts of files are not supported.
    Text,
}

/// The address that passive data connections go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum DataAddress {
    /// The address that the server states.
    #[default]
    Stated,
    /// The address of the control connection, for servers behind a router that state their private address.
    Control,
    /// The address of the control connection first; after this number of seconds, the one that the server states.
    ControlThenStated(u8),
}
