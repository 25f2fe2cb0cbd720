//! The text after the options in `--help`, and the answer to an invalid command line.

use std::io::Write;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, CommandFactory};

use crate::args::Args;
use crate::text::shown;

/// The text after the options in `-h`.
pub const MORE: &str = "See --help for examples, environment variables, JSON and exit statuses.";

/// The text after the options in `--help`.
pub const REFERENCE: &str = "\
Paths:
  A PATH that starts with / is absolute. Any other PATH is relative to the
  directory in which a session begins. A PATH that starts with - needs -- before
  it: ftp-modem rm -- -name

Examples:
  ftp-modem -p /dev/ttyUSB2 info
  ftp-modem -p tcp://gateway:3001 -s ftp://logger@ftp.example.com --json ls /in
  export FTP_MODEM_PORT=/dev/ttyUSB2
  export FTP_MODEM_SERVER=ftp://logger@ftp.example.com
  ftp-modem get out/settings.json
  ftp-modem get 'out/*.bin' .
  ftp-modem put --delete-after *.csv in/
  producer | ftp-modem put - in/report.csv
  export FTP_MODEM_SERVER=ftps://logger@ftp.example.com
  ftp-modem --ca ca.pem --password-file ~/.ftp-password put --resume a.bin in/
  ftp-modem --init AT+CFUN=1 --pin-file ~/.sim-pin ls
  ftp-modem at AT+CSQ 'AT+COPS?'
  ftp-modem emulate --vendor quectel

Ports:
  Without --port the only AT port of a known module is used; if there is none,
  all ports whose role is unknown are asked (ATI), and the only one that answers
  is used. On a terminal you choose among several. usb:2c7c:0125 names the AT
  port of that device, usb:2c7c:0125:02 its interface 02, serial:NUMBER the
  device with that serial number. ftp-modem ports lists them.

Environment (an option takes precedence over its variable):
  FTP_MODEM_PORT          default of --port
  FTP_MODEM_BAUD          default of --baud
  FTP_MODEM_SERVER        default of --server
  FTP_MODEM_PASSWORD      the FTP password
  FTP_MODEM_APN_PASSWORD  default of --apn-password
  FTP_MODEM_PIN           the PIN of the SIM card
  FTP_MODEM_ROOT          in a container, the folder with /sys, /proc, /dev and
                          /etc of the host

Output:
  Data goes to stdout, everything else to stderr. Progress is shown only if
  stderr is a terminal. Control characters in names are escaped; with --json by
  the escapes of JSON. Times are ISO 8601, with the precision that the server
  states; a time without a year begins with --. The time zone of a listing is
  usually that of the server. A reader of stdout that goes away, such as head,
  changes nothing; only a download to stdout fails then.

JSON (--json), one document on one line:
  info
    {\"port\", \"manufacturer\", \"model\", \"information\": [string], \"dialect\",
     \"signal_dbm\": int|null,
     \"sim\":
       \"ready|not-inserted|pin-required|puk-required|locked|failed|unknown\",
     \"registration\":
       \"home|roaming|searching|not-searching|denied|unknown\",
     \"operations\": {name: \"native|built|unsupported\"},
     \"limits\": {\"host\", \"user\", \"password\", \"path\", \"download_block\",
                \"upload_block\": int|null},
     \"download_assurance\",
     \"upload_assurance\": \"server-size|module-count|unconfirmed\",
     \"binary_upload\": \"safe|opt-in\",
     \"login_check\": \"at-login|at-first-operation\", \"resolves_names\": bool}
  ls
    [{\"name\", \"kind\": \"file|dir|link|other\", \"size\": int|null,
      \"modified\": string|null}]
  get, put, spool
    {\"remote\", \"local\", \"size\", \"moved\", \"attempts\": int, \"assurance\":
       \"content-compared|server-size|module-count|unconfirmed\",
     \"grown_to\": int|null, \"skipped\": bool, \"seconds\": number};
    of several files one document per line, of one that fails
    {\"remote\", \"local\", \"error\", \"status\": int};
    no JSON if the file itself goes to stdout
  rm, mkdir, rmdir, pwd
    {\"path\"}
  mv
    {\"from\", \"to\"}
  size
    {\"path\", \"size\": int}
  mtime
    {\"path\", \"modified\": string}
  doctor
    {\"ok\": bool, \"steps\": [{\"step\", \"state\": \"ok|warning|failed|skipped\",
                            \"seen\", \"remedy\": string|null}]}
  at
    {\"command\", \"lines\": [string]}, one object a line
  ports
    [{\"port\", \"role\": \"at|modem|diag|nmea|other|unknown\",
      \"evidence\": \"documented|reported|none\", \"module\", \"vendor_id\",
      \"product_id\", \"interface\", \"manufacturer\", \"product\", \"serial\",
      \"by_id\", \"by_path\": string|null,
      \"answer\": {\"information\": [string]|null, \"error\": string|null}}];
    answer only with --probe, and only on ports that may answer
  emulate
    {\"port\", \"dialect\", \"profile\"}
  with --progress json, on stderr, one object a line
    {\"file\", \"bytes\": int, \"total\": int|null, \"rate\": number,
     \"eta_seconds\": number|null, \"attempt\": int, \"signal_dbm\": int|null}
  An error is one line on stderr, with --json too.

Ctrl-C, SIGTERM and SIGHUP:
  The first one ends the transfer cleanly: the module leaves data mode, the
  session is closed, and the bearer is deactivated unless it was active before.
  Closing takes as long as the network needs, at most 5 seconds. A block that
  was announced to the module is completed first: at a low rate of the line its
  rest takes seconds. A Quectel module that ignores +++ during an upload gets
  the rest of the file as padding; a warning says how long that takes, and the
  error says that the file on the server is padded.
  The second one ends the program immediately.

Exit status:
  0    success
  1    other failure, for example a SIM card that is not usable
  2    invalid command line, or an argument that this module does not accept
  3    port not found, access denied, or in use
  4    no answer on the port, or not a supported module
  5    temporary failure: a retry may help
  6    login refused
  7    not supported by this module
  8    remote path not found, or refused by the server
  9    local file error
  11   verification failed or transfer incomplete
  130  interrupted by Ctrl-C; 143 by SIGTERM, 129 by SIGHUP";

/// Prints the requested help or version, or one line that says what is wrong with the command line and what to type.
pub fn answer(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // A closed stdout is not an error here.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let mut commands = Args::command();
    commands.build();
    let text = error.to_string();
    // What follows is the usage, or clap's own reference to the help.
    let (cause, rest) =
        ["\n\nUsage:", "\n\nFor more information"].iter().find_map(|end| text.split_once(end)).unwrap_or((&text, ""));
    let names = commands.get_subcommands().map(Command::get_name).filter(|name| *name != "help");
    let names = names.collect::<Vec<_>>().join(", ");
    let cause = match error.kind() {
        ErrorKind::MissingSubcommand => format!("no command given; name one of {names}"),
        ErrorKind::InvalidSubcommand if !cause.contains("tip: ") => {
            format!("{cause}; the commands are {names}").replace("unrecognized subcommand", "no command")
        }
        // clap takes each letter of a name for an option.
        ErrorKind::UnknownArgument if cause.contains("tip: to pass") => {
            let what = cause.split("\n\n").next().unwrap_or_default();
            format!("{what}; a PATH that starts with - needs -- before it")
        }
        _ => cause.replace("\n\n  tip: ", "; tip: ").replace("unrecognized subcommand", "no command"),
    };
    let words: Vec<&str> = cause.split_whitespace().collect();
    let mut cause = words.join(" ");
    cause.push_str(&source(error, &commands));
    // The usage names the options that were given, too: a command that is found in it has a usage of its own.
    let mut named = rest.split_whitespace().skip(1).filter_map(|word| commands.find_subcommand(word).cloned());
    let (usage, command) = match named.next().filter(|_| error.kind() != ErrorKind::InvalidSubcommand) {
        Some(mut command) if !cause.contains("tip: ") => {
            (format!("; {}", command.render_usage()).replace("Usage: ", "usage: "), format!(" {}", command.get_name()))
        }
        Some(command) => (String::new(), format!(" {}", command.get_name())),
        None => (String::new(), String::new()),
    };
    let cause = cause.strip_prefix("error: ").unwrap_or(&cause);
    let _ = writeln!(std::io::stderr(), "ftp-modem: {}{usage}; see ftp-modem{command} --help", shown(cause));
    ExitCode::from(2)
}

/// Names the environment variable that a refused value comes from, if it does.
fn source(error: &clap::Error, commands: &Command) -> String {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let named = context(ContextKind::InvalidArg);
    let is_refused = |argument: &&Arg| named == Some(argument.to_string().as_str());
    let variable = commands.get_arguments().find(is_refused).and_then(Arg::get_env).and_then(|name| name.to_str());
    let refused = context(ContextKind::InvalidValue);
    let is_given = |name: &&str| refused.is_some() && std::env::var(name).ok().as_deref() == refused;
    variable.filter(is_given).map_or(String::new(), |name| format!(" (from {name})"))
}
