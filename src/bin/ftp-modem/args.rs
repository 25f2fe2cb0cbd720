//! The command line: options and commands.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgAction, Args as Group, Parser, Subcommand};
use clap_complete::Shell;

use ftp_modem::modem::Charset;

use crate::help;
use crate::values::{
    self, ApnAuth, Baud, BearerUse, Dtr, Flow, PdpTypeChoice, ProgressMode, Secret, TlsMode, VendorChoice,
};

/// Transfer files over FTP through the FTP client inside a cellular module.
#[derive(Parser, Debug)]
#[command(name = "ftp-modem", version, after_help = help::MORE, after_long_help = help::REFERENCE)]
#[command(max_term_width = 110, subcommand_required = true, arg_required_else_help = false)]
pub struct Args {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Group, Debug, Clone)]
#[command(next_help_heading = "Options of every command")]
pub struct Options {
    /// Serial port of the module, usb:VID:PID[:INTERFACE], serial:NUMBER, or tcp://host:port for a module behind
    /// ser2net or socat; default: the only AT port there is
    #[arg(short, long, global = true, env = "FTP_MODEM_PORT", hide_env_values = true)]
    pub port: Option<String>,

    /// Rate of the serial port in bits per second; auto tries the usual ones
    #[arg(short, long, global = true, value_name = "N|auto", default_value = "115200")]
    #[arg(env = "FTP_MODEM_BAUD", hide_env_values = true, allow_negative_numbers = true)]
    pub baud: Baud,

    /// Flow control of the serial port; the module needs the same setting (AT+IFC=2,2 for rts-cts)
    #[arg(long, global = true, value_name = "F", value_enum, default_value_t = Flow::None)]
    pub flow: Flow,

    /// Level of the DTR line; default: unchanged
    #[arg(long, global = true, value_name = "D", value_enum)]
    pub dtr: Option<Dtr>,

    /// Dialect of the module; auto identifies the module
    #[arg(long, global = true, value_name = "V", value_parser = VendorChoice::parser())]
    #[arg(default_value = VendorChoice::AUTO)]
    pub vendor: VendorChoice,

    /// Access point name (APN); empty means the default of the network
    #[arg(long, global = true, value_name = "NAME", default_value = "")]
    pub apn: String,

    /// User name for the access point
    #[arg(long, global = true, value_name = "USER", default_value = "", hide_default_value = true)]
    pub apn_user: String,

    /// Password for the access point; other users of this machine can see it, so prefer the environment variable
    #[arg(long, global = true, value_name = "PASSWORD", default_value = "", hide_default_value = true)]
    #[arg(env = "FTP_MODEM_APN_PASSWORD", hide_env_values = true)]
    pub apn_password: Secret,

    /// Authentication protocol of the access point
    #[arg(long, global = true, value_name = "A", value_enum, default_value_t = ApnAuth::Pap)]
    pub apn_auth: ApnAuth,

    /// Type of the bearer; other than ipv4 on Quectel and China Mobile modules only
    #[arg(long, global = true, value_name = "P", value_enum, default_value_t = PdpTypeChoice::Ipv4)]
    pub pdp_type: PdpTypeChoice,

    /// File with the PIN of the SIM card; default: FTP_MODEM_PIN. The PIN is entered once, and never as the last
    /// attempt
    #[arg(long, global = true, value_name = "F")]
    pub pin_file: Option<PathBuf>,

    /// AT command to send before the session; may be repeated
    #[arg(long, global = true, value_name = "AT...", action = ArgAction::Append)]
    pub init: Vec<Secret>,

    /// ftp://user@host[:port] or ftps://user@host[:port]; without user@ the login is anonymous; default port: 21 for
    /// ftp, 990 for ftps
    #[arg(short, long, global = true, value_name = "URL", env = "FTP_MODEM_SERVER", hide_env_values = true)]
    pub server: Option<String>,

    /// Charset of names on the server: utf-8, latin1, gbk, or another label of the Encoding Standard
    #[arg(long, global = true, value_name = "C", default_value = "utf-8", value_parser = charset)]
    pub charset: Charset,

    /// Let the server open the data connections; not on Luat modules, and rarely possible in mobile networks
    #[arg(long, global = true)]
    pub active: bool,

    /// TLS mode of the session; default: none for ftp://, implicit for ftps://
    #[arg(long, global = true, value_name = "T", value_enum)]
    pub tls: Option<TlsMode>,

    /// Certificate (PEM) of the authority that signed the server's certificate; FTPS needs --ca or --insecure
    #[arg(long, global = true, value_name = "PEM")]
    pub ca: Option<PathBuf>,

    /// Accept any certificate of the server: the session is encrypted, but the server is not authenticated
    #[arg(long, global = true, conflicts_with = "ca")]
    pub insecure: bool,

    /// File with the FTP password; default: FTP_MODEM_PASSWORD, or a prompt on the terminal
    #[arg(long, global = true, value_name = "F")]
    pub password_file: Option<PathBuf>,

    /// Time limit for a command that transfers no data; replaces longer limits of the dialect
    #[arg(long, global = true, value_name = "SECONDS", value_parser = values::seconds, allow_negative_numbers = true)]
    pub timeout: Option<Duration>,

    /// Wait up to 95 s for a silent module that may still expect the rest of a file of an earlier program
    #[arg(long, global = true)]
    pub patient: bool,

    /// Time limit for the whole run
    #[arg(long, global = true, value_name = "SECONDS", value_parser = values::seconds, allow_negative_numbers = true)]
    pub max_time: Option<Duration>,

    /// Number of retries of the whole operation after a temporary failure; on Fibocom the driver also repeats single
    /// commands within an attempt
    #[arg(long, global = true, value_name = "N", default_value_t = 3)]
    #[arg(value_parser = values::count, allow_negative_numbers = true)]
    pub retries: u32,

    /// Print JSON on stdout instead of text: one document, or one per line where there are several results
    #[arg(long, global = true)]
    pub json: bool,

    /// Progress of transfers on stderr
    #[arg(long, global = true, value_name = "P", value_enum, default_value_t = ProgressMode::Auto)]
    pub progress: ProgressMode,

    /// Print only errors on stderr: no warnings, no progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Print more on stderr: -v steps, -vv AT commands, -vvv every line on the wire (never passwords or file data)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,

    /// Record the serial traffic as a transcript, with secrets masked; it contains the transferred data
    #[arg(long, global = true, value_name = "FILE")]
    pub trace: Option<PathBuf>,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Show the module, its dialect, signal, registration and capabilities
    Info,
    /// List a directory
    #[command(visible_alias = "dir")]
    Ls {
        /// Directory; default: the directory in which a session begins
        #[arg(default_value = "", hide_default_value = true)]
        path: String,
    },
    /// Download files; afterwards each local file is complete or unchanged
    Get(Get),
    /// Upload files
    Put(Put),
    /// Upload what lies in a directory, oldest first, and wait for more until a signal
    Spool(Spool),
    /// Print a file on stdout, as get REMOTE -
    Cat {
        /// File on the server
        path: String,
    },
    /// Remove a file
    #[command(visible_alias = "del")]
    Rm {
        /// File on the server
        path: String,
    },
    /// Create a directory
    Mkdir {
        /// Directory on the server
        path: String,
    },
    /// Remove an empty directory
    Rmdir {
        /// Directory on the server
        path: String,
    },
    /// Rename or move a file or directory
    Mv {
        /// Current path
        from: String,
        /// New path
        to: String,
    },
    /// Print the size of a file in bytes
    Size {
        /// File on the server
        path: String,
    },
    /// Print the time of a file's last modification
    Mtime {
        /// File on the server
        path: String,
    },
    /// Print the directory in which a session begins
    Pwd,
    /// Check every step from the port to the data connection; name the first that fails and its cure
    Doctor(Doctor),
    /// Send AT commands as they are, and print their answers
    At(At),
    /// List the serial ports with USB identity, role and stable path
    Ports(Ports),
    /// Print udev rules that keep ModemManager away from the supported modules
    Udev,
    /// Print the script that completes command lines in a shell
    Completions {
        /// Shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
    /// Serve an emulated module on a pseudo-terminal and print its path; ends with Ctrl-C
    Emulate(Emulate),
}

/// Arguments of `get`.
#[derive(Group, Debug)]
#[command(override_usage = "ftp-modem get [OPTIONS] <REMOTE>... [LOCAL|-]")]
pub struct Get {
    /// File on the server; `*` and `?` in its name stand for any text and any character
    pub remote: String,
    /// More files on the server, then LOCAL: the local file or directory, or `-` for stdout; default: the working
    /// directory. Several files need a directory
    #[arg(value_name = "REMOTE|LOCAL")]
    pub rest: Vec<PathBuf>,
    /// Continue the partial file (LOCAL.part) of a failed `get --resume`, if size and time prove it to be the same:
    /// a time to the second, as on Quectel and on SIMCom's modules that have FTPMDTM; other partial files are removed
    #[arg(long)]
    pub resume: bool,
    /// Download the file a second time and compare every byte
    #[arg(long)]
    pub verify: bool,
    /// Give the local file the server's time of modification
    #[arg(long)]
    pub keep_time: bool,
    /// Leave out files whose local copy has the same size and time (see --keep-time)
    #[arg(long)]
    pub skip_same: bool,
    /// Remove the file on the server once its copy is confirmed
    #[arg(long)]
    pub delete_after: bool,
}

/// Arguments of `spool`.
#[derive(Group, Debug)]
pub struct Spool {
    /// Local directory; files that are hidden or end in .part or .tmp are left out
    pub dir: PathBuf,
    /// Directory on the server
    #[arg(value_name = "REMOTE_DIR")]
    pub remote: String,
    /// Upload what lies there now, then end
    #[arg(long)]
    pub once: bool,
    /// Interval at which the directory is looked at; default: 10
    #[arg(long, value_name = "SECONDS", value_parser = values::seconds, allow_negative_numbers = true)]
    pub every: Option<Duration>,
    /// Keep the bearer between the files, or deactivate it when all files were uploaded
    #[arg(long, value_name = "B", value_enum, default_value_t = BearerUse::Keep)]
    pub bearer: BearerUse,
}

/// Arguments of `put`.
#[derive(Group, Debug, Default)]
#[command(override_usage = "ftp-modem put [OPTIONS] <LOCAL|->... <REMOTE>")]
pub struct Put {
    /// Local file; `-` is stdin
    pub local: PathBuf,
    /// More local files, then REMOTE: the file on the server, or a directory there if REMOTE ends with / or there are
    /// several files
    #[arg(value_name = "LOCAL|REMOTE", required = true)]
    pub rest: Vec<PathBuf>,
    /// Append to REMOTE
    #[arg(long, conflicts_with = "resume")]
    pub append: bool,
    /// Continue a shorter REMOTE, if it is proven to be the beginning of LOCAL
    #[arg(long)]
    pub resume: bool,
    /// Download the uploaded file and compare every byte
    #[arg(long)]
    pub verify: bool,
    /// Upload to REMOTE.part, check it, then rename it to REMOTE: an interrupted upload leaves the old REMOTE untouched
    #[arg(long, conflicts_with = "append")]
    pub temp: bool,
    /// Create the directory of REMOTE, with those above it
    #[arg(long)]
    pub mkdir: bool,
    /// Leave out files that the server has with the same size and a later time
    #[arg(long)]
    pub skip_same: bool,
    /// Remove the local file once its copy is confirmed
    #[arg(long)]
    pub delete_after: bool,
    /// Send every byte value, even if the dialect is not proven to carry it (uploads of the generic dialect)
    #[arg(long)]
    pub force_binary: bool,
}

/// Arguments of `doctor`.
#[derive(Group, Debug)]
pub struct Doctor {
    /// Directory on the server to which a small file is uploaded, read back and removed
    #[arg(long, value_name = "DIR")]
    pub write: Option<String>,
}

/// Arguments of `at`.
#[derive(Group, Debug)]
pub struct At {
    /// Command lines such as AT+CSQ; other users of this machine can see them
    #[arg(required = true, value_name = "COMMAND")]
    pub commands: Vec<Secret>,
}

/// Arguments of `ports`.
#[derive(Group, Debug)]
pub struct Ports {
    /// Ask each port that may be a module's who it is (ATI); takes at most 2 seconds
    #[arg(long)]
    pub probe: bool,
}

/// Arguments of `emulate`.
#[derive(Group, Debug)]
pub struct Emulate {
    /// Model to emulate, such as ec25, sim800 or l610; default: the one that the manual of --vendor describes
    #[arg(long, value_name = "MODEL")]
    pub profile: Option<String>,
    /// Time from a command to its answer, such as 20ms; default: 3ms
    #[arg(long, value_name = "TIME", value_parser = values::time, allow_negative_numbers = true)]
    pub latency: Option<Duration>,
    /// Time that the network takes for one operation, such as 2s; default: 300ms
    #[arg(long, value_name = "TIME", value_parser = values::time, allow_negative_numbers = true)]
    pub network_latency: Option<Duration>,
    /// Rate of the emulated line in bits per second; default: unlimited
    #[arg(long, value_name = "N", value_parser = values::rate, allow_negative_numbers = true)]
    pub line_rate: Option<u32>,
    /// Faults of the line and the module, such as 'in@17 delete; line#0 "OK" delay 2s'
    #[arg(long, value_name = "PLAN")]
    pub faults: Option<String>,
    /// Serve the module on this TCP address, such as 127.0.0.1:0, one client at a time; default: on a pseudo-terminal
    #[arg(long, value_name = "ADDR", value_parser = values::address)]
    pub bind: Option<SocketAddr>,
    /// Start with command echo disabled
    #[arg(long)]
    pub no_echo: bool,
}

impl Command {
    /// Returns whether the command needs an FTP server.
    pub fn needs_server(&self) -> bool {
        use Command::{At, Completions, Doctor, Emulate, Info, Man, Ports, Udev};
        !matches!(self, Info | Doctor(_) | At(_) | Ports(_) | Udev | Completions { .. } | Man | Emulate(_))
    }

    /// Returns the raw commands that the command sends.
    pub fn raw(&self) -> &[Secret] {
        match self {
            Command::At(at) => &at.commands,
            _ => &[],
        }
    }

    /// Returns the command and its paths, for messages.
    pub fn words(&self) -> String {
        let local = |path: &Path| path.to_string_lossy().into_owned();
        match self {
            Command::Info => "info".to_owned(),
            Command::Ls { path } if path.is_empty() => "ls".to_owned(),
            Command::Ls { path } => format!("ls {path}"),
            Command::Get(get) => format!("get {}", get.remote),
            Command::Put(put) => {
                let paths: Vec<String> = put.rest.iter().map(|path| local(path)).collect();
                format!("put {} {}", local(&put.local), paths.join(" "))
            }
            Command::Cat { path } => format!("cat {path}"),
            Command::Spool(spool) => format!("spool {} {}", local(&spool.dir), spool.remote),
            Command::Rm { path } => format!("rm {path}"),
            Command::Mkdir { path } => format!("mkdir {path}"),
            Command::Rmdir { path } => format!("rmdir {path}"),
            Command::Mv { from, to } => format!("mv {from} {to}"),
            Command::Size { path } => format!("size {path}"),
            Command::Mtime { path } => format!("mtime {path}"),
            Command::Pwd => "pwd".to_owned(),
            Command::Doctor(_) => "doctor".to_owned(),
            Command::At(_) => "at".to_owned(),
            Command::Ports(_) => "ports".to_owned(),
            Command::Udev => "udev".to_owned(),
            Command::Completions { .. } => "completions".to_owned(),
            Command::Man => "man".to_owned(),
            Command::Emulate(_) => "emulate".to_owned(),
        }
    }
}

/// Parses the label of a charset. The name of the option is in the message already.
fn charset(label: &str) -> Result<Charset, &'static str> {
    label.parse().map_err(|_| "no charset of file names; there are utf-8, latin1, gbk, big5 and others")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use ftp_modem::Vendor;

    use super::*;

    #[test]
    fn the_definition_of_the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_dialect_is_a_value_of_vendor() {
        for vendor in Vendor::ALL {
            let args = Args::try_parse_from(["ftp-modem", "--vendor", vendor.name(), "info"]).unwrap();
            assert_eq!(args.options.vendor, VendorChoice(Some(vendor)));
        }
    }

    #[test]
    fn options_may_precede_or_follow_the_command() {
        let before = Args::try_parse_from(["ftp-modem", "--vendor", "luat", "emulate"]).unwrap();
        let after = Args::try_parse_from(["ftp-modem", "emulate", "--vendor", "luat"]).unwrap();
        assert_eq!(before.options.vendor, after.options.vendor);
    }

    #[test]
    fn the_ftp_password_is_no_argument_and_debug_output_masks_passwords() {
        assert!(Args::try_parse_from(["ftp-modem", "--password", "x", "pwd"]).is_err());
        let args = Args::try_parse_from(["ftp-modem", "--apn-password", "s3cret", "pwd"]).unwrap();
        assert!(!format!("{args:?}").contains("s3cret"));
    }
}
