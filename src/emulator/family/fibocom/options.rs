//! Where Fibocom modules, their documents and their relatives differ.

use std::time::Duration;

use crate::emulator::choices::{DataEnd, setters};

/// The field of `AT+FTPOPEN` that is the server's port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PortField {
    /// The 6th, behind the source port, as in the Motorola G24 manual and the vendor's own signature.
    #[default]
    Sixth,
    /// The 5th, as the example of the L610 FTP application guide V1.0.0 §3.3 reads.
    Fifth,
}

/// The name of the command that reads the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecvName {
    /// `AT+FTPRECV`, as in the log of the L610 FTP application guide V1.0.0 §3.3.
    #[default]
    Plain,
    /// `AT+FTP_RECV`, as in the table of its §3.2.
    Underscore,
    /// Both.
    Both,
    /// Neither: a module whose commands only look like Fibocom's.
    Absent,
}

/// The answer to `AT+FTPSIZE`, which no public document shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SizeAnswer {
    /// `+FTPSIZE: 2,<size>` and `+FTPSIZE: 1`, in analogy to `AT+FTPPWD`.
    #[default]
    DataThenResult,
    /// `+FTPSIZE: 1,<size>`
    InResult,
    /// `+FTPSIZE: <size>`
    Alone,
    /// There is no such command.
    Absent,
}

/// What happens when a file is larger than the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FullCache {
    /// The round ends with `+FTPGET: 1`; the rest takes another `AT+FTPGET` with an offset (L610 FTP application guide
    /// V1.0.0 §3.2 note 8).
    #[default]
    EndsRound,
    /// Reception pauses until the host has read; `+FTPGET: 1` comes when the whole file has been received. With a
    /// limit, a host that reads nothing for so long gets `+FTPGET: 0`.
    Pauses(Option<Duration>),
}

/// When `+FTPGET: 1` follows the last byte received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum GetCompletion {
    /// At once.
    #[default]
    Immediate,
    /// After this time; the cache can be read before.
    Delayed(Duration),
    /// Behind this many answers to `AT+FTPRECV`, at the latest after the time.
    AfterReads(u32, Duration),
}

/// The answer to `AT+FTPRECV` when nothing is cached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmptyRead {
    /// `+FTPRECV: 0` and `OK`
    #[default]
    Zero,
    /// `ERROR`
    Error,
}

/// The answer to `AT+FTPPUT` when the server refuses the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PutRefusal {
    /// `ERROR` instead of the go-ahead.
    #[default]
    Error,
    /// `OK` and `+FTPPUT: 0` instead of the go-ahead.
    OkThenZero,
    /// `+FTPPUT: 0` and `ERROR`
    ZeroThenError,
}

/// What ends a piece of `AT+FTPPUT` the server did not take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PutFailure {
    /// `OK`, because the module has taken the bytes, then `+FTPPUT: 0`.
    #[default]
    OkThenZero,
    /// `ERROR`
    Error,
}

/// When `+FTPSTOR: 0` comes if the transfer fails while the host is sending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreFailure {
    /// Behind the bare 0x03 that ends the data.
    #[default]
    AtEnd,
    /// At once, but what follows is still taken as data up to a bare 0x03.
    AtOnceStillTaking,
    /// At once, and the module is back in command mode.
    AtOnce,
}

/// How a directory listing is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListCoding {
    /// As the server gives it.
    #[default]
    Plain,
    /// The same with a bare 0x03 behind it.
    Terminated,
    /// Coded like `AT+FTPRETR`: 0x10 before 0x03 and 0x10, a bare 0x03 behind it.
    Escaped,
}

/// What comes for an empty listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmptyList {
    /// `+FTPLIST: 2` and `+FTPLIST: 1`
    #[default]
    DataThenResult,
    /// `+FTPLIST: 1` alone
    ResultAlone,
}

/// How a failed `AT+MIPCALL=1` shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallFailure {
    /// `OK`, later `+MIPCALL: 0`
    #[default]
    OkThenZero,
    /// `OK`, later `ERROR` ("wait for +MIPCALL, ERROR or a time-out", L610 FTP application guide V1.0.0 §3.3)
    OkThenError,
    /// `ERROR` at once
    Error,
    /// `OK`, then nothing
    Silence,
}

/// The answer to a command that fails in the same way whatever the network does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// `ERROR`
    #[default]
    Plain,
    /// `+CME ERROR` as `AT+CMEE` has it: 50 for parameters, 3 for a wrong state.
    Cme,
    /// `ERROR: <code>`, as the Motorola G24 has it: 302 when a session is active.
    Numbered,
}

/// What is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LossKind {
    /// The FTP session: `+FTPCLOSE: <digit>`.
    Session,
    /// The PDP context: `+MIPCALL: 0`.
    Call,
    /// The SIM card: `+SIM DROP`, and `+MIPCALL: 0`.
    Sim,
    /// Everything: the module restarts and prints its boot lines.
    Restart,
}

/// When it is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LossTime {
    /// This long after `+FTPOPEN: 1`.
    AfterOpen(Duration),
    /// When this many bytes of files have passed between module and server, in either direction.
    AfterBytes(u64),
}

/// An unsolicited loss, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What is lost.
    pub kind: LossKind,
    /// When it is lost.
    pub time: LossTime,
    /// Whether the operation in progress still ends with its `+FTP…: 0`.
    pub reported: bool,
}

/// A command during which the module is overloaded (L610 FTP application guide V1.0.0 §3.2 note 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overload {
    /// The command, with its prefix: `"+FTPOPEN"`.
    pub command: String,
    /// Whether `ABORT` is printed first; else nothing.
    pub abort: bool,
    /// How long the module answers nothing. Then comes the answer to the command.
    pub time: Duration,
}

/// How an emulated Fibocom module behaves where real ones differ.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FibocomOptions {
    /// Where the server's port is.
    pub port_field: PortField,
    /// Whether empty user names and passwords are passed on; else `+FTPOPEN: 0`.
    pub empty_login: bool,
    /// Whether `AT+MIPCALL=1` needs an APN, in itself or in an earlier `AT+CGDCONT`.
    pub apn_required: bool,
    /// How many `AT+MIPCALL=1` fail before one succeeds.
    pub failed_calls: u32,
    /// How a failed `AT+MIPCALL=1` shows.
    pub call_failure: CallFailure,
    /// Whether `AT+MIPCALL=1` is accepted and reports the address again when there is one; else `ERROR`.
    pub call_repeats: bool,
    /// Whether every `AT+MIPCALL=1` fails from `AT+GTRAT` until the next restart.
    pub search_order_needs_restart: bool,
    /// How a command is refused.
    pub refusal: Refusal,
    /// Whether a second `AT+FTPOPEN` gets `OK` and `+FTPOPEN: 0`; else it is refused.
    pub second_open_accepted: bool,
    /// Whether data connections can be opened in active mode; else every transfer fails after `AT+FTPMODE=1`.
    pub active_mode_works: bool,
    /// Whether type 0 makes the server convert line ends: CR LF to LF on the way there, and back.
    pub ascii_converts: bool,
    /// `AT+FTPSIZE`
    pub size_answer: SizeAnswer,
    /// Whether `AT+FTPLIST` without a path repeats the last list, as on the Motorola G24; else it lists the working
    /// directory.
    pub list_repeats: bool,
    /// How a listing is sent.
    pub list_coding: ListCoding,
    /// What comes for an empty listing.
    pub empty_list: EmptyList,
    /// A line feed more before `+FTPGET` and `+FTPLIST`.
    pub extra_line_feed: bool,
    /// Commands (`"+FTPLIST"`) whose result line never comes.
    pub silent: Vec<String>,
    /// Size of the download cache after power-on.
    pub cache_size: usize,
    /// Whether there is an `AT+FTPCACHE`.
    pub cache_command: bool,
    /// A file larger than the cache.
    pub full_cache: FullCache,
    /// How many bytes reach the cache per network operation; `None` is as many as fit.
    pub fill_piece: Option<usize>,
    /// When `+FTPGET: 1` comes.
    pub get_completion: GetCompletion,
    /// Whether the offset of `AT+FTPGET` has no effect.
    pub get_offset_ignored: bool,
    /// Whether what was received before `+FTPGET: 0` can still be read.
    pub failed_get_readable: bool,
    /// The name of `AT+FTPRECV`.
    pub recv_name: RecvName,
    /// The largest length `AT+FTPRECV` takes.
    pub recv_max: usize,
    /// The most one `AT+FTPRECV` gives, whatever it is asked for.
    pub recv_limit: Option<usize>,
    /// How many `AT+FTPRECV` before `+FTPGET: 1` answer 0 although data are on their way.
    pub zero_reads: u32,
    /// What is between the data of `AT+FTPRECV` and its `OK`.
    pub data_end: DataEnd,
    /// Nothing cached.
    pub empty_read: EmptyRead,
    /// The longest piece of `AT+FTPPUT`.
    pub put_max: u64,
    /// Whether a last piece may be empty.
    pub put_empty: bool,
    /// The most the go-ahead of `AT+FTPPUT` asks for, whatever was offered (`+FTPPUT: 2,10` for 100 in the table of the
    /// L610 FTP application guide V1.0.0 §3.2).
    pub put_announced: Option<u64>,
    /// Whether a last piece that was not asked for as a whole ends the file all the same.
    pub put_short_ends: bool,
    /// A file the server refuses.
    pub put_refusal: PutRefusal,
    /// A piece the server does not take.
    pub put_failure: PutFailure,
    /// A stream the server does not take.
    pub store_failure: StoreFailure,
    /// How long the host may be silent while the module waits for data.
    pub data_idle: Option<Duration>,
    /// The server closes the session after this long without a command.
    pub idle_close: Option<Duration>,
    /// The digit of an unsolicited `+FTPCLOSE`.
    pub lost_digit: u8,
    /// An unsolicited loss.
    pub loss: Option<Loss>,
    /// A command during which the module is overloaded, the first time it comes.
    pub overload: Option<Overload>,
}

impl FibocomOptions {
    /// Whether the command is one of this dialect, and the firmware has it; the rest is common to all modules or
    /// unknown.
    pub(super) fn has(&self, command: &str) -> bool {
        match command {
            "+FTPRECV" => matches!(self.recv_name, RecvName::Plain | RecvName::Both),
            "+FTP_RECV" => matches!(self.recv_name, RecvName::Underscore | RecvName::Both),
            "+FTPSIZE" => self.size_answer != SizeAnswer::Absent,
            "+FTPCACHE" => self.cache_command,
            "+MIPCALL" | "+GTRAT" | "+MSTART" | "+FTPOPEN" | "+FTPCLOSE" | "+FTPMODE" | "+FTPINFO" | "+FTPLIST"
            | "+FTPGET" | "+FTPRETR" | "+FTPPUT" | "+FTPSTOR" | "+FTPNOOP" | "+FTPSYST" | "+FTPSTAT" | "+FTPPWD"
            | "+FTPCWD" | "+FTPCDUP" | "+FTPMKD" | "+FTPRMD" | "+FTPDEL" | "+FTPREN" | "+FTPREST" => true,
            _ => false,
        }
    }
}

impl Default for FibocomOptions {
    fn default() -> Self {
        Self {
            port_field: PortField::default(),
            empty_login: false,
            apn_required: false,
            failed_calls: 0,
            call_failure: CallFailure::default(),
            call_repeats: false,
            search_order_needs_restart: false,
            refusal: Refusal::default(),
            second_open_accepted: false,
            active_mode_works: true,
            ascii_converts: false,
            size_answer: SizeAnswer::default(),
            list_repeats: false,
            list_coding: ListCoding::default(),
            empty_list: EmptyList::default(),
            extra_line_feed: false,
            silent: Vec::new(),
            cache_size: 512_000,
            cache_command: true,
            full_cache: FullCache::default(),
            fill_piece: None,
            get_completion: GetCompletion::default(),
            get_offset_ignored: false,
            failed_get_readable: true,
            recv_name: RecvName::default(),
            recv_max: 65_535,
            recv_limit: None,
            zero_reads: 0,
            data_end: DataEnd::default(),
            empty_read: EmptyRead::default(),
            put_max: 3072,
            put_empty: false,
            put_announced: None,
            put_short_ends: false,
            put_refusal: PutRefusal::default(),
            put_failure: PutFailure::default(),
            store_failure: StoreFailure::default(),
            data_idle: None,
            idle_close: None,
            lost_digit: 1,
            loss: None,
            overload: None,
        }
    }
}

setters! { FibocomOptions:
    with_port_field(PortField) => port_field,
    with_empty_login(bool) => empty_login,
    with_apn_required(bool) => apn_required,
    with_failed_calls(u32) => failed_calls,
    with_call_failure(CallFailure) => call_failure,
    with_call_repeats(bool) => call_repeats,
    with_search_order_needs_restart(bool) => search_order_needs_restart,
    with_refusal(Refusal) => refusal,
    with_second_open_accepted(bool) => second_open_accepted,
    with_active_mode_works(bool) => active_mode_works,
    with_ascii_converts(bool) => ascii_converts,
    with_size_answer(SizeAnswer) => size_answer,
    with_list_repeats(bool) => list_repeats,
    with_list_coding(ListCoding) => list_coding,
    with_empty_list(EmptyList) => empty_list,
    with_extra_line_feed(bool) => extra_line_feed,
    with_silent(Vec<String>) => silent,
    with_cache_size(usize) => cache_size,
    with_cache_command(bool) => cache_command,
    with_full_cache(FullCache) => full_cache,
    with_fill_piece(usize) => fill_piece,
    with_get_completion(GetCompletion) => get_completion,
    with_get_offset_ignored(bool) => get_offset_ignored,
    with_failed_get_readable(bool) => failed_get_readable,
    with_recv_name(RecvName) => recv_name,
    with_recv_max(usize) => recv_max,
    with_recv_limit(usize) => recv_limit,
    with_zero_reads(u32) => zero_reads,
    with_data_end(DataEnd) => data_end,
    with_empty_read(EmptyRead) => empty_read,
    with_put_max(u64) => put_max,
    with_put_empty(bool) => put_empty,
    with_put_announced(u64) => put_announced,
    with_put_short_ends(bool) => put_short_ends,
    with_put_refusal(PutRefusal) => put_refusal,
    with_put_failure(PutFailure) => put_failure,
    with_store_failure(StoreFailure) => store_failure,
    with_data_idle(Duration) => data_idle,
    with_idle_close(Duration) => idle_close,
    with_lost_digit(u8) => lost_digit,
    with_loss(Loss) => loss,
    with_overload(Overload) => overload,
}
