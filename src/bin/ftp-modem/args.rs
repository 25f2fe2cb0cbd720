//! The command line: options and commands.

use std::path::{Path, PathBuf};

use clap::{ArgAction, Args as Group, Parser, Subcommand};

use crate::help;
use crate::values::{ApnAuth, Secret, TlsMode, VendorName};

/// Files over FTP through a cellular module's own FTP client, driven by AT commands, whatever the vendor.
#[derive(Parser, Debug)]
#[command(name = "ftp-modem", version, after_help = help::MORE, after_long_help = help::REFERENCE)]
#[command(max_term_width = 110, subcommand_required = true, arg_required_else_help = false)]
pub struct Args {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Group, Debug, Clone)]
pub struct Options {
    /// Serial device of the module, or tcp://host:port for one behind ser2net or socat
    #[arg(short, long, global = true, env = "FTP_MODEM_PORT", hide_env_values = true)]
    pub port: Option<String>,

    /// Bits per second of the serial device
    #[arg(short, long, global = true, value_name = "N", default_value_t = 115_200)]
    #[arg(env = "FTP_MODEM_BAUD", hide_env_values = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub baud: u32,

    /// Dialect of the module; auto asks the module
    #[arg(long, global = true, value_name = "V", value_enum, default_value_t = VendorName::Auto)]
    pub vendor: VendorName,

    /// Access point of the mobile network; empty means the network's default
    #[arg(long, global = true, value_name = "NAME", default_value = "")]
    pub apn: String,

    /// User name for the access point
    #[arg(long, global = true, value_name = "USER", default_value = "", hide_default_value = true)]
    pub apn_user: String,

    /// Password for the access point; other users of this machine see it here, so prefer the environment
    #[arg(long, global = true, value_name = "PASSWORD", default_value = "", hide_default_value = true)]
    #[arg(env = "FTP_MODEM_APN_PASSWORD", hide_env_values = true)]
    pub apn_password: Secret,

    /// How user name and password of the access point are presented
    #[arg(long, global = true, value_name = "A", value_enum, default_value_t = ApnAuth::Pap)]
    pub apn_auth: ApnAuth,

    /// ftp://user@host[:port] or ftps://user@host[:port]; the port defaults to 21, for ftps to 990
    #[arg(short, long, global = true, value_name = "URL", env = "FTP_MODEM_SERVER", hide_env_values = true)]
    pub server: Option<String>,

    /// Protection of the session; without it none for ftp://, implicit for ftps://
    #[arg(long, global = true, value_name = "T", value_enum)]
    pub tls: Option<TlsMode>,

    /// Certificate (PEM) of the authority that must have signed the server's certificate; FTPS needs this or --insecure
    #[arg(long, global = true, value_name = "PEM")]
    pub ca: Option<PathBuf>,

    /// Accept any certificate of the server: encrypted, but nobody knows with whom
    #[arg(long, global = true, conflicts_with = "ca")]
    pub insecure: bool,

    /// File that holds the FTP password; without it FTP_MODEM_PASSWORD, else it is asked for on a terminal
    #[arg(long, global = true, value_name = "F")]
    pub password_file: Option<PathBuf>,

    /// Upper limit for a command that has nothing to transfer; replaces the dialect's own, longer limits
    #[arg(long, global = true, value_name = "SECONDS")]
    pub timeout: Option<f64>,

    /// How often the whole operation is retried after a failure that may pass
    #[arg(long, global = true, value_name = "N", default_value_t = 3)]
    pub retries: u32,

    /// Machine-readable output on stdout, one JSON document
    #[arg(long, global = true)]
    pub json: bool,

    /// No warnings, no progress: nothing but errors on stderr
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// More on stderr: -v what is done, -vv AT commands, -vvv every line on the wire (never passwords or file data)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,

    /// Record the serial traffic as a transcript, secrets masked; it holds the transferred data
    #[arg(long, global = true, value_name = "FILE")]
    pub trace: Option<PathBuf>,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Show who the module is, its dialect, signal, registration and capabilities
    Info,
    /// List a directory
    Ls {
        /// The directory; the current one unless told
        #[arg(default_value = "", hide_default_value = true)]
        path: String,
    },
    /// Download a file; LOCAL is complete afterwards, or untouched
    Get(Get),
    /// Upload a file
    Put(Put),
    /// Remove a file
    Rm {
        /// The file
        path: String,
    },
    /// Create a directory
    Mkdir {
        /// The directory
        path: String,
    },
    /// Remove an empty directory
    Rmdir {
        /// The directory
        path: String,
    },
    /// Rename or move a file or directory
    Mv {
        /// Its path now
        from: String,
        /// Its path afterwards
        to: String,
    },
    /// Print the size of a file in bytes, and nothing else
    Size {
        /// The file
        path: String,
    },
    /// Print when a file was last modified
    Mtime {
        /// The file
        path: String,
    },
    /// Print the directory that a session begins in
    Pwd,
    /// Serve an emulated module on a pty, print its path, until interrupted
    Emulate(Emulate),
}

/// `get`.
#[derive(Group, Debug)]
pub struct Get {
    /// The file on the server
    pub remote: String,
    /// The file to become; `-` is stdout. Unless told the last part of REMOTE, in the current folder
    pub local: Option<PathBuf>,
    /// Continue the partial file (LOCAL.part) of an earlier, failed download, once it is proven to be of the same file
    #[arg(long)]
    pub resume: bool,
}

/// `put`.
#[derive(Group, Debug)]
pub struct Put {
    /// The file to send; `-` is stdin
    pub local: PathBuf,
    /// The file to become on the server
    pub remote: String,
    /// Add to the end of REMOTE
    #[arg(long, conflicts_with = "resume")]
    pub append: bool,
    /// Continue a shorter REMOTE, once it is proven to be the beginning of LOCAL
    #[arg(long)]
    pub resume: bool,
    /// Send every byte value even where the dialect is not proven to carry it (generic upload)
    #[arg(long)]
    pub force_binary: bool,
}

/// `emulate`.
#[derive(Group, Debug)]
pub struct Emulate {
    /// Bits per second that the emulated line carries; as fast as it goes unless told
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub line_rate: Option<u32>,
    /// Begin without echo
    #[arg(long)]
    pub no_echo: bool,
}

impl Command {
    /// Whether it needs an FTP server.
    pub fn needs_server(&self) -> bool {
        !matches!(self, Command::Info | Command::Emulate(_))
    }

    /// The command and what it is about, for messages.
    pub fn words(&self) -> String {
        let local = |path: &Path| path.to_string_lossy().into_owned();
        match self {
            Command::Info => "info".to_owned(),
            Command::Ls { path } if path.is_empty() => "ls".to_owned(),
            Command::Ls { path } => format!("ls {path}"),
            Command::Get(get) => format!("get {}", get.remote),
            Command::Put(put) => format!("put {} {}", local(&put.local), put.remote),
            Command::Rm { path } => format!("rm {path}"),
            Command::Mkdir { path } => format!("mkdir {path}"),
            Command::Rmdir { path } => format!("rmdir {path}"),
            Command::Mv { from, to } => format!("mv {from} {to}"),
            Command::Size { path } => format!("size {path}"),
            Command::Mtime { path } => format!("mtime {path}"),
            Command::Pwd => "pwd".to_owned(),
            Command::Emulate(_) => "emulate".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, ValueEnum};
    use ftp_modem::Vendor;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_dialect_has_its_name() {
        for vendor in Vendor::ALL {
            let name = VendorName::from_str(vendor.name(), false).unwrap();
            assert_eq!(name.vendor(), Some(vendor));
        }
    }

    #[test]
    fn options_may_stand_on_both_sides_of_the_command() {
        let before = Args::try_parse_from(["ftp-modem", "--vendor", "luat", "emulate"]).unwrap();
        let after = Args::try_parse_from(["ftp-modem", "emulate", "--vendor", "luat"]).unwrap();
        assert_eq!(before.options.vendor, after.options.vendor);
    }

    #[test]
    fn a_password_has_no_argument_and_no_debug_output() {
        assert!(Args::try_parse_from(["ftp-modem", "--password", "x", "pwd"]).is_err());
        let args = Args::try_parse_from(["ftp-modem", "--apn-password", "s3cret", "pwd"]).unwrap();
        assert!(!format!("{args:?}").contains("s3cret"));
    }
}
