//! Where Quectel modules differ among themselves, and from their manual.

use std::time::Duration;

use crate::emulator::choices::{DataEnd, setters};

/// The ports of the module, as `AT+QURCCFG="urcport"` names them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrcPort {
    /// `usbat`
    #[default]
    UsbAt,
    /// `usbmodem`
    UsbModem,
    /// `uart1`
    Uart1,
}

impl UrcPort {
    pub(super) const ALL: [Self; 3] = [Self::UsbAt, Self::UsbModem, Self::Uart1];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::UsbAt => "usbat",
            Self::UsbModem => "usbmodem",
            Self::Uart1 => "uart1",
        }
    }
}

/// How a transfer over the serial line is refused when the server refuses it (550, for example).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransferRefusal {
    /// `CONNECT`, no data (or data for nothing), `OK`, then the result with the error.
    #[default]
    Connect,
    /// `OK` without `CONNECT`, then the result with the error.
    OkThenResult,
    /// The result with the error, and nothing else.
    ResultOnly,
    /// `+CME ERROR: <err>`
    CmeError,
}

/// When an upload over the serial line ends that the server has broken off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UploadFailure {
    /// With the last byte announced, or the escape: what comes until then is swallowed.
    #[default]
    AfterData,
    /// At once: the rest of the data is read as command lines.
    AtOnce,
}

/// How the checksum of the file commands is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChecksumForm {
    /// Lower case without leading zeros: `707`.
    #[default]
    Bare,
    /// Lower case, four digits: `0707`.
    Padded,
    /// Upper case, four digits: `4F64`.
    Upper,
}

/// The certificate the server shows to an FTPS client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerCertificate {
    /// Signed by whatever the CA file of the SSL context holds.
    #[default]
    Trusted,
    /// Signed by somebody else.
    Untrusted,
    /// Signed by the right one, but no longer valid.
    Expired,
}

/// How an emulated Quectel module behaves where real ones differ.
///
/// The default is an EC25 as its manual and recorded sessions show it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuectelOptions {
    /// What the module prints when it has started.
    pub boot_lines: Vec<String>,
    /// The port the host is connected to.
    pub port: UrcPort,
    /// `AT+QURCCFG="urcport"` as delivered. On any other port than [`QuectelOptions::port`] no result line reaches
    /// the host.
    pub initial_urc_port: UrcPort,

    /// Whether reading back `AT+QFTPCFG="account"` shows asterisks instead of the password.
    pub masked_password: bool,
    /// Keys of `AT+QFTPCFG` beyond the manual's, with their highest value.
    pub extra_keys: Vec<(String, u64)>,
    /// The highest value of `AT+QFTPCFG="data_address"`; without 2 there is no time-out beside it either.
    pub highest_data_address: u64,
    /// Whether `AT+QFTPCFG="contextid"` is refused unless the context is active.
    pub contextid_needs_activation: bool,
    /// How many PDP contexts there are.
    pub contexts: u64,
    /// How long the network leaves each successive activation of a context alone before it drops it
    /// (`+QIURC: "pdpdeact"`); activations beyond the list last.
    pub context_lifetimes: Vec<Duration>,

    /// Whether the FTP client is the one of the 2G modules (M26 and relatives), with results such as `+QFTPCFG:0`: a
    /// dialect of its own under the same names. Login, sizes and logout are emulated.
    pub gsm_client: bool,
    /// The error of a command that needs a session when there is none.
    pub not_open_error: u16,
    /// Whether `AT+QFTPCLOSE` succeeds when nothing is open.
    pub close_when_closed: bool,
    /// Whether the server's directory is in quotes in `+QFTPPWD`.
    pub quoted_directory: bool,
    /// Whether `+QFTPSIZE` is printed as in the manual's §3.4: `+QFTPSIZE:0, 1000`.
    pub odd_size_blanks: bool,
    /// Whether under `AT+CMEE=2` the error in a result line is given in words.
    pub words_in_results: bool,
    /// The longest name of a file or directory on the server.
    pub name_limit: usize,
    /// Time from a command to its result line (`"+QFTPCWD"`), instead of the network latency; `None` is never.
    pub result_delays: Vec<(String, Option<Duration>)>,
    /// What follows the colon of the next result line of a command (`"+QFTPCWD"`, `"999,0"`), whatever the
    /// result is; several for one command are used up in order.
    pub forced_results: Vec<(String, String)>,
    /// Whether commands without data are taken while another one is under way, and done afterwards; else they are
    /// answered with 603.
    pub overlapping_commands: bool,
    /// Time to `CONNECT` in addition to the network latency.
    pub connect_delay: Duration,

    /// How a transfer the server refuses ends.
    pub refusal: TransferRefusal,
    /// Whether a transfer that fails after `CONNECT` prints `OK` before its result.
    pub ok_before_failure: bool,
    /// Whether a transfer that fails after it has begun shows the reply to its beginning, as in `627,150`.
    pub stale_reply: bool,
    /// Whether the server gives an address for passive data connections that only `AT+QFTPCFG="data_address"` other
    /// than 0 helps against.
    pub private_passive_address: bool,
    /// Whether the network lets no data connection in, as active mode needs.
    pub active_mode_fails: bool,
    /// The first download longer than this stalls after so many bytes.
    pub stall_download_at: Option<u64>,
    /// This many data connections cannot be opened after power-on.
    pub failing_data_connections: u32,
    /// Whether the result line carries error 615, as it does for a refusal by the server; otherwise `+CME ERROR: 615`.
    pub data_failure_in_result: bool,
    /// Whether everything is answered with 603 after error 615 until the session is closed.
    pub busy_after_data_failure: bool,
    /// After this many errors 615 nothing works any more until the module is restarted.
    pub stuck_after: Option<u32>,
    /// Whether `AT+QFTPGET` from the end of the file on is refused (`627,550`) rather than empty (`0,0`).
    pub past_end_refused: bool,
    /// The most one `AT+QFTPGET` delivers over the serial line.
    pub longest_get: Option<u64>,
    /// What is between data, or a listing, and `OK`. The examples of the manual's §2.6 have an empty line there, as
    /// they have between all lines.
    pub data_end: DataEnd,
    /// Whether `ATO` resumes a download after `+++`, as the manual's §1.4 has it; else `+++` breaks it off.
    pub resume: bool,
    /// How many bytes still come after `+++`, before `OK`.
    pub late_bytes: u64,
    /// Whether file type 1 (ASCII) changes line ends on the way, as a Unix server does.
    pub ascii_converts: bool,

    /// Whether `AT+QFTPPUT` with a start position overwrites from there on; else it appends, whatever the position.
    pub put_seeks: bool,
    /// Whether the start position of `AT+QFTPPUT` from a local file also skips that much of the local file.
    pub local_put_skips: bool,
    /// Whether `AT+QFTPPUT` takes a length of 0.
    pub empty_upload: bool,
    /// Silence before and after `+++` (§1.4). Default: 1 s.
    pub escape_guard: Duration,
    /// Whether `+++` ends an upload of announced length too.
    pub counted_escape: bool,
    /// Whether such an upload then ends with error 616; else with the bytes that came.
    pub escaped_upload_fails: bool,
    /// When a failed upload ends.
    pub upload_failure: UploadFailure,
    /// The module loses this many bytes at the beginning of each upload, and does not count them.
    pub lost_upload_bytes: u64,

    /// Whether there is a RAM disk.
    pub ram: bool,
    /// Whether there is an SD card.
    pub sd: bool,
    /// The size of the flash disk.
    pub ufs_size: u64,
    /// Directories shown by `AT+QFLST="*"`.
    pub directories: Vec<String>,
    /// Whether names in `+QFLST` stand in quotes.
    pub quoted_listing: bool,
    /// Whether names in `+QFLST` show the storage (`UFS:`).
    pub storage_in_listing: bool,
    /// Whether `AT+QFLST` of a name that does not exist is an error; else only `OK`.
    pub missing_listing_fails: bool,
    /// How checksums are printed.
    pub checksum: ChecksumForm,
    /// Whether `+QFUPL` follows the data without a line end before it.
    pub glued_upload_result: bool,
    /// Whether acknowledgements of `AT+QFUPL` come two at a time.
    pub paired_acknowledgements: bool,
    /// This acknowledgement, counted from 1, never comes.
    pub lost_acknowledgement: Option<u64>,
    /// Whether `AT+QFREAD` at the end of the file says `CONNECT 0`; else it is error 402.
    pub empty_read: bool,

    /// The server's certificate.
    pub certificate: ServerCertificate,
    /// Whether the module's clock is right.
    pub clock_set: bool,
    /// Whether the certificate of a real server must be made out to its name where it is checked at all. The manual
    /// does not mention the name.
    pub checks_server_name: bool,
    /// Whether a data connection to a real server negotiates a TLS session of its own; see
    /// [`Trust::fresh_sessions`](crate::emulator::Trust::fresh_sessions).
    pub fresh_tls_sessions: bool,
    /// Whether the server requires its name in the handshake (SNI).
    pub sni_needed: bool,
    /// The oldest TLS version the server takes, as `AT+QSSLCFG="sslversion"` counts them.
    pub oldest_tls: u64,
}

impl Default for QuectelOptions {
    fn default() -> Self {
        Self {
            boot_lines: vec!["RDY".to_owned()],
            port: UrcPort::default(),
            initial_urc_port: UrcPort::default(),
            masked_password: true,
            extra_keys: vec![("restenable".to_owned(), 1)],
            highest_data_address: 2,
            contextid_needs_activation: false,
            contexts: 16,
            context_lifetimes: Vec::new(),
            gsm_client: false,
            not_open_error: 606,
            close_when_closed: false,
            quoted_directory: false,
            odd_size_blanks: false,
            words_in_results: false,
            name_limit: 255,
            result_delays: Vec::new(),
            forced_results: Vec::new(),
            overlapping_commands: false,
            connect_delay: Duration::ZERO,
            refusal: TransferRefusal::default(),
            ok_before_failure: true,
            stale_reply: false,
            private_passive_address: false,
            active_mode_fails: false,
            stall_download_at: None,
            failing_data_connections: 0,
            data_failure_in_result: false,
            busy_after_data_failure: true,
            stuck_after: None,
            past_end_refused: false,
            longest_get: None,
            data_end: DataEnd::default(),
            resume: false,
            late_bytes: 0,
            ascii_converts: true,
            put_seeks: false,
            local_put_skips: true,
            empty_upload: false,
            escape_guard: Duration::from_secs(1),
            counted_escape: true,
            escaped_upload_fails: false,
            upload_failure: UploadFailure::default(),
            lost_upload_bytes: 0,
            ram: true,
            sd: true,
            ufs_size: 64 * 1024 * 1024,
            directories: Vec::new(),
            quoted_listing: true,
            storage_in_listing: true,
            missing_listing_fails: true,
            checksum: ChecksumForm::default(),
            glued_upload_result: false,
            paired_acknowledgements: false,
            lost_acknowledgement: None,
            empty_read: false,
            certificate: ServerCertificate::default(),
            clock_set: true,
            checks_server_name: false,
            fresh_tls_sessions: false,
            sni_needed: false,
            oldest_tls: 0,
        }
    }
}

setters! { QuectelOptions:
    with_boot_lines(Vec<String>) => boot_lines,
    with_port(UrcPort) => port,
    with_initial_urc_port(UrcPort) => initial_urc_port,
    with_masked_password(bool) => masked_password,
    with_extra_keys(Vec<(String, u64)>) => extra_keys,
    with_highest_data_address(u64) => highest_data_address,
    with_contextid_needs_activation(bool) => contextid_needs_activation,
    with_contexts(u64) => contexts,
    with_context_lifetimes(Vec<Duration>) => context_lifetimes,
    with_gsm_client(bool) => gsm_client,
    with_not_open_error(u16) => not_open_error,
    with_close_when_closed(bool) => close_when_closed,
    with_quoted_directory(bool) => quoted_directory,
    with_odd_size_blanks(bool) => odd_size_blanks,
    with_words_in_results(bool) => words_in_results,
    with_name_limit(usize) => name_limit,
    with_result_delays(Vec<(String, Option<Duration>)>) => result_delays,
    with_forced_results(Vec<(String, String)>) => forced_results,
    with_overlapping_commands(bool) => overlapping_commands,
    with_connect_delay(Duration) => connect_delay,
    with_refusal(TransferRefusal) => refusal,
    with_ok_before_failure(bool) => ok_before_failure,
    with_stale_reply(bool) => stale_reply,
    with_private_passive_address(bool) => private_passive_address,
    with_active_mode_fails(bool) => active_mode_fails,
    with_stall_download_at(u64) => stall_download_at,
    with_failing_data_connections(u32) => failing_data_connections,
    with_data_failure_in_result(bool) => data_failure_in_result,
    with_busy_after_data_failure(bool) => busy_after_data_failure,
    with_stuck_after(u32) => stuck_after,
    with_past_end_refused(bool) => past_end_refused,
    with_longest_get(u64) => longest_get,
    with_data_end(DataEnd) => data_end,
    with_resume(bool) => resume,
    with_late_bytes(u64) => late_bytes,
    with_ascii_converts(bool) => ascii_converts,
    with_put_seeks(bool) => put_seeks,
    with_local_put_skips(bool) => local_put_skips,
    with_empty_upload(bool) => empty_upload,
    with_escape_guard(Duration) => escape_guard,
    with_counted_escape(bool) => counted_escape,
    with_escaped_upload_fails(bool) => escaped_upload_fails,
    with_upload_failure(UploadFailure) => upload_failure,
    with_lost_upload_bytes(u64) => lost_upload_bytes,
    with_ram(bool) => ram,
    with_sd(bool) => sd,
    with_ufs_size(u64) => ufs_size,
    with_directories(Vec<String>) => directories,
    with_quoted_listing(bool) => quoted_listing,
    with_storage_in_listing(bool) => storage_in_listing,
    with_missing_listing_fails(bool) => missing_listing_fails,
    with_checksum(ChecksumForm) => checksum,
    with_glued_upload_result(bool) => glued_upload_result,
    with_paired_acknowledgements(bool) => paired_acknowledgements,
    with_lost_acknowledgement(u64) => lost_acknowledgement,
    with_empty_read(bool) => empty_read,
    with_certificate(ServerCertificate) => certificate,
    with_clock_set(bool) => clock_set,
    with_checks_server_name(bool) => checks_server_name,
    with_fresh_tls_sessions(bool) => fresh_tls_sessions,
    with_sni_needed(bool) => sni_needed,
    with_oldest_tls(u64) => oldest_tls,
}

impl QuectelOptions {
    /// Delays the result line of `command` (`"+QFTPCWD"`); `None` is for ever.
    #[must_use]
    pub fn with_result_delay(mut self, command: &str, delay: Option<Duration>) -> Self {
        self.result_delays.push((command.to_ascii_uppercase(), delay));
        self
    }

    /// Forces the next result line of `command` (`"+QFTPCWD"`) to end in `text` (`"999,0"`).
    #[must_use]
    pub fn with_forced_result(mut self, command: &str, text: &str) -> Self {
        self.forced_results.push((command.to_ascii_uppercase(), text.to_owned()));
        self
    }

    /// The delay set for the result of `command`, if one is.
    pub(super) fn result_delay(&self, command: &str) -> Option<Option<Duration>> {
        self.result_delays.iter().rev().find(|(name, _)| name == command).map(|(_, delay)| *delay)
    }
}
