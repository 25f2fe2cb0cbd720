//! Where China Mobile modules differ among themselves, and where their manual leaves a choice.

use std::time::Duration;

use crate::emulator::choices::{DataEnd, setters};

/// A family of modules (OneMO FTP AT manual V3.1.0 §1.1, and later ones).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChinaMobileModel {
    /// ML302A-DSLM
    Ml302a,
    /// ML305A-DS
    Ml305a,
    /// ML305U-DBLN: PDP contexts 1 to 7 only (§3.1 note 3).
    Ml305u,
    /// ML307A-DSLN
    Ml307a,
    /// ML307R-DC
    #[default]
    Ml307r,
    /// ML307N: `AT+MFTPCFG` has no `"cid"`.
    Ml307n,
    /// MR880A: `AT+MFTPCFG` has no `"cid"`.
    Mr880a,
}

/// Active mode and FTPS, which none of the modules listed has (OneMO FTP AT manual V3.1.0 §3.1 notes 1 and 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsupportedModes {
    /// Setting them is an error.
    #[default]
    Refused,
    /// They can be set and have no effect.
    Ignored,
    /// FTPS works; active mode can be set.
    Supported,
}

/// The errors for a command in the wrong state (OneMO FTP AT manual V3.1.0 §5, table 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateErrors {
    /// 801 "not running" without a connection, 802 "running" for a second one.
    #[default]
    Running,
    /// The command's own number, 803 to 813.
    PerCommand,
}

/// The answer to a command while the connection is busy with another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BusyAnswer {
    /// `OK` and result code 4.
    #[default]
    ResultCode,
    /// `+CME ERROR: 802`
    Error,
}

/// What ends the rows of a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListEnd {
    /// Nothing, as in all examples.
    #[default]
    Nothing,
    /// A line with result code 0 and nothing else.
    BareSuccess,
    /// A line with result code 14.
    EmptyCode,
}

/// The answer to the listing of an empty directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmptyListing {
    /// Result code 14.
    #[default]
    EmptyCode,
    /// Result code 0 and nothing else.
    BareSuccess,
    /// Nothing after `OK`.
    Nothing,
}

/// The first number before downloaded data (OneMO FTP AT manual V3.1.0 §3.10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SumSize {
    /// What has been delivered so far, this piece included: the parameter's description and all examples.
    #[default]
    Cumulative,
    /// The length of the whole file: the command's description.
    FileSize,
}

/// What `<sent_length>` counts when a file is uploaded in several pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SentLength {
    /// The piece of this command.
    #[default]
    Piece,
    /// All pieces so far.
    Total,
}

/// How an emulated China Mobile module behaves where real ones differ.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChinaMobileOptions {
    /// The family.
    pub model: ChinaMobileModel,
    /// Active mode and FTPS.
    pub unsupported_modes: UnsupportedModes,
    /// Errors for a command in the wrong state.
    pub state_errors: StateErrors,
    /// The answer while busy.
    pub busy_answer: BusyAnswer,
    /// Whether a line with result code 1 precedes every result.
    pub progress_line: bool,
    /// The next of these commands are refused with these `+CME ERROR` numbers: `("+MFTPPWD", 806)`.
    pub refusals: Vec<(String, u16)>,
    /// The next of these commands end with these result codes, without the server having been asked.
    pub results: Vec<(String, u8)>,
    /// The next of these commands end without a result line.
    pub lost_results: Vec<String>,
    /// Whether a command running on one connection blocks the others too.
    pub busy_together: bool,
    /// Whether `AT+MFTPDISC` is also confirmed with `+MFTPURC: <id>,"conn",0`.
    pub disconnect_urc: bool,
    /// How long after it was opened a connection is lost.
    pub drop_after: Option<Duration>,
    /// Whether `AT+MFTPPWD` gives the path in quotes.
    pub quoted_path: bool,
    /// Whether `AT+MFTPDEL` deletes directories too.
    pub delete_directories: bool,
    /// What ends a listing.
    pub list_end: ListEnd,
    /// Time from the last row of a listing to the line that ends it.
    pub list_end_delay: Duration,
    /// The listing of an empty directory.
    pub empty_list: EmptyListing,
    /// Pause between two rows of a listing.
    pub list_row_gap: Duration,
    /// Whether the time of change in a listing is in quotes.
    pub quoted_time: bool,
    /// Whether a directory's listing begins with `.` and `..`.
    pub dot_entries: bool,
    /// The year of files whose listing shows none.
    pub year: u16,
    /// The longest piece of downloaded data in one line.
    pub piece_size: usize,
    /// Pause between two pieces.
    pub piece_gap: Duration,
    /// The number before downloaded data.
    pub sum_size: SumSize,
    /// What follows the data of a piece: the end of the line that they belong to, or a line end of their own, too.
    /// Without [`ChinaMobileOptions::urc_line_end`] the former is missing.
    pub data_end: DataEnd,
    /// Whether downloaded data stand in quotes: the parameter is a string, and strings are in quotes everywhere else
    /// (OneMO FTP AT manual V3.1.0 §3.10). All examples are without.
    pub quoted_data: bool,
    /// Whether a line without data follows the last piece.
    pub final_empty_piece: bool,
    /// The piece, counted from power-on, that is lost: 1 is the first one.
    pub lost_piece: Option<u32>,
    /// The place in a file beyond which downloads deliver nothing, without an error.
    pub stall_at: Option<u64>,
    /// Whether offsets of downloads wrap at 65536.
    pub offset_wraps: bool,
    /// Whether a download to a module file reports both numbers; else only the first one.
    pub local_both_sizes: bool,
    /// What follows `>`.
    pub prompt_tail: String,
    /// Whether ESC cancels data that would be ended by Ctrl-Z, with `OK` and no result, as in the vendor's own code
    /// for files; else it is data.
    pub escape_cancels: bool,
    /// How long the module waits for the data of one piece.
    pub prompt_timeout: Option<Duration>,
    /// What `<sent_length>` counts.
    pub sent_length: SentLength,
    /// Silence before and after `+++`.
    pub escape_guard: Duration,
    /// Whether a result line follows the `OK` of a transparent upload that succeeded.
    pub transparent_result: bool,
    /// Whether result lines and other unsolicited lines end with CR LF.
    pub urc_line_end: bool,
    /// A byte sent before every unsolicited line, as by a module that wakes up.
    pub wake_byte: Option<u8>,
    /// Whether the assigned address is in quotes in `+MIPCALL`.
    pub quoted_address: bool,
    /// Whether `AT+MIPCALL=0` leaves the PDP context active, disconnecting the host only.
    pub call_keeps_context: bool,
    /// Whether the certificate of a real server must be made out to its name where it is checked at all. The manual
    /// does not mention the name.
    pub checks_server_name: bool,
    /// Whether a data connection to a real server negotiates a TLS session of its own; see
    /// [`Trust::fresh_sessions`](crate::emulator::Trust::fresh_sessions).
    pub fresh_tls_sessions: bool,
    /// Bytes for files in the module.
    pub storage: usize,
}

impl Default for ChinaMobileOptions {
    fn default() -> Self {
        Self {
            model: ChinaMobileModel::default(),
            unsupported_modes: UnsupportedModes::default(),
            state_errors: StateErrors::default(),
            busy_answer: BusyAnswer::default(),
            progress_line: false,
            refusals: Vec::new(),
            results: Vec::new(),
            lost_results: Vec::new(),
            busy_together: false,
            disconnect_urc: true,
            drop_after: None,
            quoted_path: true,
            delete_directories: true,
            list_end: ListEnd::default(),
            list_end_delay: Duration::ZERO,
            empty_list: EmptyListing::default(),
            list_row_gap: Duration::ZERO,
            quoted_time: false,
            dot_entries: false,
            year: 2024,
            piece_size: 1024,
            piece_gap: Duration::ZERO,
            sum_size: SumSize::default(),
            data_end: DataEnd::default(),
            quoted_data: false,
            final_empty_piece: false,
            lost_piece: None,
            stall_at: None,
            offset_wraps: false,
            local_both_sizes: true,
            prompt_tail: String::new(),
            escape_cancels: true,
            prompt_timeout: None,
            sent_length: SentLength::default(),
            escape_guard: Duration::from_secs(1),
            transparent_result: false,
            urc_line_end: true,
            wake_byte: None,
            quoted_address: true,
            call_keeps_context: true,
            checks_server_name: false,
            fresh_tls_sessions: false,
            storage: 4 * 1024 * 1024,
        }
    }
}

setters! { ChinaMobileOptions:
    with_model(ChinaMobileModel) => model,
    with_unsupported_modes(UnsupportedModes) => unsupported_modes,
    with_state_errors(StateErrors) => state_errors,
    with_busy_answer(BusyAnswer) => busy_answer,
    with_progress_line(bool) => progress_line,
    with_refusals(Vec<(String, u16)>) => refusals,
    with_results(Vec<(String, u8)>) => results,
    with_lost_results(Vec<String>) => lost_results,
    with_busy_together(bool) => busy_together,
    with_disconnect_urc(bool) => disconnect_urc,
    with_drop_after(Duration) => drop_after,
    with_quoted_path(bool) => quoted_path,
    with_delete_directories(bool) => delete_directories,
    with_list_end(ListEnd) => list_end,
    with_list_end_delay(Duration) => list_end_delay,
    with_empty_list(EmptyListing) => empty_list,
    with_list_row_gap(Duration) => list_row_gap,
    with_quoted_time(bool) => quoted_time,
    with_dot_entries(bool) => dot_entries,
    with_year(u16) => year,
    with_piece_size(usize) => piece_size,
    with_piece_gap(Duration) => piece_gap,
    with_sum_size(SumSize) => sum_size,
    with_data_end(DataEnd) => data_end,
    with_quoted_data(bool) => quoted_data,
    with_final_empty_piece(bool) => final_empty_piece,
    with_lost_piece(u32) => lost_piece,
    with_stall_at(u64) => stall_at,
    with_offset_wraps(bool) => offset_wraps,
    with_local_both_sizes(bool) => local_both_sizes,
    with_prompt_tail(&str) => prompt_tail,
    with_escape_cancels(bool) => escape_cancels,
    with_prompt_timeout(Duration) => prompt_timeout,
    with_sent_length(SentLength) => sent_length,
    with_escape_guard(Duration) => escape_guard,
    with_transparent_result(bool) => transparent_result,
    with_urc_line_end(bool) => urc_line_end,
    with_wake_byte(u8) => wake_byte,
    with_quoted_address(bool) => quoted_address,
    with_call_keeps_context(bool) => call_keeps_context,
    with_checks_server_name(bool) => checks_server_name,
    with_fresh_tls_sessions(bool) => fresh_tls_sessions,
    with_storage(usize) => storage,
}
