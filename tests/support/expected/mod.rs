//! What the tests of every dialect expect of each: `tests/support/expected/<dialect>.rs`.

use ftp_modem::emulator::Options;
use ftp_modem::modem::{Assurance, Operation};
use ftp_modem::{ErrorKind, FtpModem, Vendor};

use super::dialects::with_dialects;

/// What the tests of every dialect expect of one, and of its emulated module without options.
pub struct Expected {
    /// The name of a model by which the dialect is recognised.
    pub model: &'static str,
    /// Lets the module carry every byte value in uploads, if that takes an option.
    pub carry: fn(&mut Options),
    /// Lets a line end of its own follow the data of a download.
    pub end_data: fn(&mut Options),
    /// Lets the module convert text, if it does so in transfers as text only with an option.
    pub convert: fn(&mut Options),
    /// The command that brings the bearer up.
    pub activation: &'static str,
    /// What the access point's password is sent with, for CHAP; `None` if an access point cannot have one.
    pub chap: Option<&'static str>,
    /// The beginning of the command that chooses IPv4 and IPv6 for the access point `internet`; `None` if bearers have
    /// one type.
    pub pdp_type: Option<&'static str>,
    /// Whether the module attaches to the packet service on its own when the bearer is brought up.
    pub attaches_itself: bool,
    /// Data connections that the server opens to the module.
    pub active: Active,
    /// Whether files can be transferred as text.
    pub has_text: bool,
    /// What a login sends for active data connections and for the type of the file, where there is a choice.
    pub choice: &'static str,
    /// What precedes the byte that chooses binary transfers, in a login or in the transfer of `/a.bin` or `/up.bin`.
    pub types: &'static [&'static str],
    /// Whether every operation logs in, and sends all settings for that.
    pub logs_in_each_time: bool,
    /// The kind of the error of a login where the server's name is not known.
    pub unknown_host: ErrorKind,
    /// Whether the server's refusals are reported without a code or a reply, so that other failures look like one.
    pub refuses_without_reason: bool,
    /// Whether a failure of the data connection is reported as such.
    pub names_data_connection: bool,
    /// The operations that the tool's commands need and that are not supported.
    pub lacks: &'static [Operation],
    /// How an upload is verified.
    pub upload: Assurance,
    /// Whether uploaded data is a part of command lines: text, in short blocks, and no empty file.
    pub uploads_in_lines: bool,
    /// Whether an upload that is cancelled is completed with padding.
    pub pads_uploads: bool,
    /// Whether the driver repeats a refused upload, or begins a download at its start, within the same attempt.
    pub repeats_uploads: bool,
    pub repeats_downloads: bool,
    /// Whether the module sends the rest of a download that is cancelled, and takes no command meanwhile.
    pub sends_on: bool,
    /// Whether no part of a download that broke off is proven, so that all of it is downloaded again.
    pub proves_no_part: bool,
    /// Whether times of modification are to the second, so that they prove that a file is the same.
    pub has_exact_times: bool,
    /// Whether the time of modification comes from the listing of the file itself, not of its directory.
    pub lists_single_files: bool,
    /// How far a listing is counted.
    pub listing: Listing,
    /// Whether the emulated module writes the rows of listings itself, in UTF-8, with a folder that is empty as a file.
    pub writes_rows: bool,
    /// The commands of each operation of `tests/contract/commands.rs` that the dialect has.
    pub commands: &'static [(&'static str, &'static str)],
    /// Whether a modem is of the dialect's own type.
    pub is_own_type: fn(&mut dyn FtpModem) -> bool,
}

/// Data connections that the server opens to the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Active {
    Supported,
    /// The driver refuses them.
    Refused,
    /// The driver passes the choice on, and the emulated module refuses it.
    RefusedByModule,
}

/// How far a listing is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Not at all, or not reliably.
    Uncounted,
    /// Each piece by the line before it.
    CountedBefore,
    /// By the line behind it.
    CountedBehind,
    /// It has rows that begin so, which are not counted.
    Rows(&'static str),
}

impl Expected {
    /// What holds for most dialects.
    const USUAL: Self = Self {
        model: "",
        carry: |_| (),
        end_data: |_| (),
        convert: |_| (),
        activation: "+MIPCALL",
        chap: Some("AT+CGAUTH=1,2,"),
        pdp_type: None,
        attaches_itself: false,
        active: Active::Supported,
        has_text: true,
        choice: "",
        types: &[],
        logs_in_each_time: false,
        unknown_host: ErrorKind::NameResolution,
        refuses_without_reason: false,
        names_data_connection: false,
        lacks: &[],
        upload: Assurance::ServerSize,
        uploads_in_lines: false,
        pads_uploads: false,
        repeats_uploads: false,
        repeats_downloads: false,
        sends_on: false,
        proves_no_part: false,
        has_exact_times: false,
        lists_single_files: false,
        listing: Listing::Uncounted,
        writes_rows: false,
        commands: &[],
        is_own_type: |_| false,
    };
}

macro_rules! files {
    ($($dialect:ident: $vendor:ident;)*) => {
        $(mod $dialect;)*

        /// What is expected of a dialect.
        pub fn expected(vendor: Vendor) -> &'static Expected {
            match vendor {
                $(Vendor::$vendor => &$dialect::EXPECTED,)*
                _ => panic!("tests/support/dialects.rs has no row for {vendor}"),
            }
        }
    };
}

with_dialects! { files! }
