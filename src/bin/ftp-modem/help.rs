//! The rest of `--help`, and answers to command lines that are not understood.

use std::io::Write;
use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::text::shown;

/// Below `-h`.
pub const MORE: &str = "See --help for examples, environment, JSON and exit statuses.";

/// Below `--help`.
pub const REFERENCE: &str = "\
Paths:
  A PATH that starts with / is absolute, any other is relative to the directory a session begins in.
  What begins with - stands behind --, as in: ftp-modem rm -- -name

Examples:
  ftp-modem -p /dev/ttyUSB2 info
  ftp-modem -p /dev/ttyUSB2 -s ftp://logger@ftp.example.com get out/settings.json
  ftp-modem -p tcp://gateway:3001 -s ftp://logger@ftp.example.com --json ls /in
  producer | ftp-modem -p /dev/ttyUSB2 -s ftp://logger@ftp.example.com put - in/report.csv
  export FTP_MODEM_PORT=/dev/ttyUSB2 FTP_MODEM_SERVER=ftps://logger@ftp.example.com
  ftp-modem --ca authority.pem --password-file ~/.ftp-password put --resume big.bin in/big.bin
  ftp-modem emulate --vendor quectel

Environment:
  FTP_MODEM_PORT, FTP_MODEM_BAUD, FTP_MODEM_SERVER   in place of --port, --baud, --server
  FTP_MODEM_PASSWORD                                 the FTP password
  FTP_MODEM_APN_PASSWORD                             in place of --apn-password

Output:
  Data goes to stdout, everything else to stderr. Progress shows where stderr is a terminal, and
  never otherwise. Control characters in names are shown escaped; with --json names stand as they
  are, in JSON's own escapes. Times are ISO 8601, as precise as known; without a year they begin
  with --. Those of a listing are mostly in the server's own time zone.

JSON (--json), one document on one line:
  info       {\"port\",\"manufacturer\",\"model\",\"information\":[string],\"dialect\",\"signal_dbm\":int|null,
              \"registration\":\"home|roaming|searching|not-searching|denied|unknown\",
              \"operations\":{name:\"native|built|unsupported\"},
              \"limits\":{\"host\",\"user\",\"password\",\"path\",\"download_block\",
                        \"upload_block\":int|null},
              \"download_assurance\",\"upload_assurance\":\"server-size|module-count|unconfirmed\",
              \"binary_upload\":\"safe|opt-in\",\"login_check\":\"at-login|at-first-operation\",
              \"resolves_names\":bool}
  ls         [{\"name\",\"kind\":\"file|dir|link|other\",\"size\":int|null,\"modified\":string|null}]
  get, put   {\"remote\",\"local\",\"size\",\"moved\",\"attempts\":int,
              \"assurance\":\"server-size|module-count|unconfirmed\",\"seconds\":number};
              none when the file itself goes to stdout
  rm, mkdir, rmdir, pwd   {\"path\"}
  mv         {\"from\",\"to\"}
  size       {\"path\",\"size\":int}
  mtime      {\"path\",\"modified\":string}
  emulate    {\"port\",\"dialect\"}
  Errors are one line on stderr, with --json too.

Ctrl-C:
  The first ends the transfer cleanly: the module leaves data mode, the session closes, the bearer
  stays as it was found.
  The second ends the program at once.

Exit status:
  0    done
  1    another failure
  2    the command line is wrong, or holds what this module cannot take
  3    port missing, denied or busy
  4    module silent, or not a module
  5    temporary: a retry may help
  6    login refused
  7    not supported by this module
  8    remote path not found or refused
  9    local file error
  11   verification failed or transfer incomplete
  130  interrupted by Ctrl-C";

/// Prints help or version as asked for, or says on one line what is wrong with the command line.
pub fn answer(told: &clap::Error) -> ExitCode {
    if matches!(told.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // Nobody reads it when stdout is closed.
        let _ = told.print();
        return ExitCode::SUCCESS;
    }
    let text = told.to_string();
    let cause = text.split("\n\nUsage:").next().unwrap_or(&text);
    let words: Vec<&str> = cause.split_whitespace().collect();
    let cause = words.join(" ");
    let cause = cause.strip_prefix("error: ").unwrap_or(&cause);
    let _ = writeln!(std::io::stderr(), "ftp-modem: {}; see ftp-modem --help", shown(cause));
    ExitCode::from(2)
}
