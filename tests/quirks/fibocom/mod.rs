//! Fibocom.
//!
//! Sources, as the tests name them:
//!
//! * guide: Fibocom L610 FTP application guide V1.0.0, 2020-02-10.
//! * G24 manual: Motorola G24 AT commands reference manual, 5 August 2008, and "Using FTP with G24", 15 July 2007. The
//!   commands of Fibocom come from there.
//! * MC66x SDK: headers of a Fibocom SDK (VyshakApmTech/fibocom_vts, fibocom/fibo-framework and components/atr).

mod arguments;
mod bearer;
mod download;
mod framing;
mod identification;
mod listing;
mod login;
mod payload;
mod recovery;
mod retries;
mod session;
mod streaming;
mod transcripts;
mod unsolicited;
mod upload;

use std::time::Duration;

use ftp_modem::backend::fibocom::Fibocom;
use ftp_modem::emulator::{FibocomOptions, Options};
use ftp_modem::{FtpModem, Result};

use crate::support::rig;

const SECOND: Duration = Duration::from_secs(1);

/// The longest that the guide grants an operation, with its tenth of tolerance, and the recovery behind it.
const LIMIT: Duration = Duration::from_secs(66 + 15);

/// Payload that looks like something else.
const DECEPTIVE: &[&[u8]] = &[
    b"\r\nOK\r\n",
    b"\r\n+FTPGET: 1\r\n",
    b"\r\n+FTPGET: 0\r\n",
    b"\r\n+FTPPUT: 0\r\n",
    b"\r\n+FTPRECV: 0\r\n\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"\0\0\x1a\x1a\x1b",
    b"\r\n+MIPCALL: 0\r\n",
    b"\r\nAT command ready\r\n",
    b"\x03\r\n+FTPRETR: 1\r\n",
];

/// Line ends that a transfer as text would change.
const TEXT: &[u8] = b"a\r\nb\nc\rd\n\n\r\r\n";

type Rig = rig::Rig<Fibocom>;

/// An operation, and its name.
type Step = (&'static str, fn(&mut Rig) -> Result<()>);

/// Options of the dialect.
fn with(change: impl FnOnce(&mut FibocomOptions)) -> Options {
    let mut options = Options::default();
    change(&mut options.fibocom);
    options
}

/// Attached and logged in.
fn online(change: impl FnOnce(&mut FibocomOptions)) -> Rig {
    Rig::online(with(change))
}

impl Rig {
    /// These bytes are uploaded as they are, from a source of unknown length.
    #[track_caller]
    fn uploads_stream(&mut self, bytes: &[u8]) {
        self.upload_stream("/up.bin", bytes).unwrap();
        assert!(self.files.file("/up.bin").unwrap() == bytes, "{} bytes", bytes.len());
    }

    /// Plain operations succeed: driver and module are in step.
    #[track_caller]
    fn works_both_ways(&mut self) {
        self.uploads_stream(b"up");
        self.downloads(b"down");
        assert_eq!(self.modem.pwd().unwrap(), "/");
    }
}
