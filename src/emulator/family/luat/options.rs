//! Where Luat and SIMCom modules, their manuals and their logs differ.

use std::time::Duration;

use crate::emulator::choices::{DataEnd, setters};
use crate::emulator::command::covers;

/// The module whose command set, limits and codes are emulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LuatProfile {
    /// Luat Air780E: the Luat AT manual.
    #[default]
    Air780e,
    /// SIMCom SIM800: SIM800 Series AT Command Manual V1.09.
    Sim800,
    /// SIMCom SIM7000: SIM7000 Series AT Command Manual V1.06.
    Sim7000,
    /// SIMCom SIM7070, SIM7080 and SIM7090: SIM7080 Series AT Command Manual V1.05.
    Sim7080,
}

/// How `AT+SAPBR=2` prints an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressForm {
    /// `"10.39.255.61"`, as in the logs.
    #[default]
    Quoted,
    /// `10.39.255.61`
    Bare,
    /// `010.039.255.061`, as in the Luat manual.
    ZeroPadded,
}

/// What `AT+FTPTYPE="A"` does to the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AsciiEffect {
    /// Uploads lose every carriage return and line feed (Luat Air780E FTP guide §9).
    DropLineEnds,
    /// Every byte loses its top bit in both directions (SIM7000 AT manual, `AT+FTPTYPE`).
    ClearTopBit,
    /// Nothing.
    None,
}

/// When a session the host neglects ends by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdleEnd {
    /// As the profile's documents and logs have it.
    #[default]
    AsProfile,
    /// Never.
    Never,
    /// After this long without a command of the session.
    After {
        /// The silence.
        time: Duration,
        /// The code of the last report: 0, or 64.
        code: u16,
    },
}

/// The answer to `AT+FTPPUT=2` asking for more than was announced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PutExcess {
    /// `ERROR`
    #[default]
    Error,
    /// The announced maximum is confirmed.
    Capped,
}

/// A report that comes when its session is long over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateReport {
    /// How long after the end of a session that was quit.
    pub after: Duration,
    /// The code reported once more: 1 or 0.
    pub code: u16,
}

/// What opening a session during another one does to that one; the new one is always refused with 66.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecondOpen {
    /// A session still being opened is aborted, and 66 hides its result (SIM7000 FTP application note V1.02 §5.5).
    #[default]
    Masks,
    /// Nothing.
    Ignored,
    /// It ends, whatever its state.
    Ends,
}

/// The answer to a download from an offset at or beyond the end of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestBeyondEnd {
    /// `1,0`, as for an empty file.
    #[default]
    Finished,
    /// `1,74`
    RestError,
}

/// The network takes the bearer away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BearerLoss {
    /// How long after the first session has been opened.
    pub after: Duration,
    /// The line that announces it, such as `+SAPBR 1: DEACT`, `+PDP: DEACT` or `+APP PDP: DEACTIVE`.
    pub line: String,
}

/// How an emulated Luat or SIMCom module behaves where real ones differ.
///
/// `None` means what the profile's documents say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LuatOptions {
    /// The module emulated.
    pub profile: LuatProfile,
    /// Commands the firmware lacks, with their prefix (`"+FTPSIZE"`); a final `*` matches anything.
    pub missing_commands: Vec<String>,
    /// The code of a session ended by `AT+FTPQUIT`: 86 (Luat, SIM800) or 80 (SIM7000, SIM7080).
    pub quit_code: Option<u16>,
    /// The code of a refused login: 72, or 71.
    pub login_code: u16,
    /// Whether `ATE0` has to be sent twice to take effect.
    pub stubborn_echo: bool,

    /// Whether bearer 1 is open after power-on.
    pub bearer_open: bool,
    /// How `AT+SAPBR=2` prints the address.
    pub address_form: AddressForm,
    /// A bearer lost in the middle of work.
    pub bearer_loss: Option<BearerLoss>,

    /// `AT+FTPCID` after power-on: 1, 0 on the SIM7080.
    pub initial_cid: Option<u8>,
    /// Whether `AT+FTPMODE=0` is accepted.
    pub active_mode: Option<bool>,
    /// Whether `AT+FTPTYPE` is `"I"` after power-on: on the SIM800 and the SIM7080.
    pub initially_binary: Option<bool>,
    /// What `AT+FTPTYPE="A"` does.
    pub ascii_effect: Option<AsciiEffect>,
    /// Whether every line feed of an upload becomes carriage return and line feed whatever the type (SIM900).
    pub line_feeds_expanded: bool,
    /// Whether read forms print texts in quotes.
    pub quoted_values: bool,
    /// Whether result lines lack the blank behind the colon wherever SIMCom's LTE manuals print none. Otherwise only
    /// the SIM7000's `+FTPGET:1,0` and similar lines lack it, as logs show.
    pub manual_blanks: bool,
    /// Whether `AT+FTPREST` stays in force after a download.
    pub rest_persists: bool,
    /// A download from beyond the end of the file.
    pub rest_beyond_end: RestBeyondEnd,

    /// Number of `1,1` that announce a download that has been opened.
    pub opening_announcements: u32,
    /// Number of `1,1` behind a read that left data unread.
    pub announcements_after_read: u32,
    /// Whether `1,1` comes between a read command and its answer.
    pub announcement_before_read: bool,
    /// Period of the `1,1` that are repeated while nothing is read; zero is never.
    pub repeated_announcement: Option<Duration>,
    /// Whether an empty file or listing is announced with `1,1` and read as `2,0` before its `1,0`.
    pub empty_announced: bool,
    /// This many reads at the beginning of a session give `2,0`.
    pub first_reads_empty: u32,
    /// Every so many reads one gives `2,0`; 0 is never.
    pub every_read_empty: u32,
    /// The most one read gives.
    pub read_limit: Option<usize>,
    /// What is between the data of a read and its `OK`.
    pub data_end: DataEnd,
    /// What is printed instead of the count of every read.
    pub count_text: Option<String>,
    /// `1,0` comes once this many bytes were read, although more are unread.
    pub early_end_after: Option<u64>,
    /// Whether data left unread at `1,0` can still be read.
    pub read_after_end: bool,
    /// Time between the last read and `1,0`.
    pub end_delay: Duration,
    /// Whether the report of a broken download comes before the answer to the read that met it.
    pub failure_first: bool,
    /// Whether an empty line precedes `1,0` at the end of a file and of a neglected upload.
    pub blank_before_end: Option<bool>,
    /// The end of a neglected `AT+FTPGET` session, counted from its last read.
    pub get_idle: IdleEnd,
    /// The end of a neglected `AT+FTPLIST` session.
    pub list_idle: IdleEnd,

    /// The maximum lengths announced, in turn; the last one stays.
    pub put_maximums: Vec<usize>,
    /// Whether `1,1` carries the maximum.
    pub put_maximum_shown: bool,
    /// Whether `1,1,<max>` comes again after each chunk.
    pub put_reannounced: bool,
    /// How long after the chunk.
    pub put_reannounce_delay: Duration,
    /// The most one `AT+FTPPUT=2` confirms.
    pub put_accepts: Option<usize>,
    /// This many `AT+FTPPUT=2` of a session are answered `2,0` first.
    pub put_refusals: u32,
    /// More asked for than announced.
    pub put_excess: PutExcess,
    /// The chunk, counted from 1, whose `OK` never comes.
    pub put_silent_chunk: Option<u32>,
    /// Time the server takes to store a file.
    pub store_delay: Duration,
    /// The end of a neglected `AT+FTPPUT` session.
    pub put_idle: IdleEnd,

    /// A session opened during another.
    pub second_open: SecondOpen,
    /// For this long after a session any other is refused with 66.
    pub settling: Duration,
    /// A report of a session that was quit already.
    pub late_report: Option<LateReport>,
    /// Whether `AT+FTPMKD` and `AT+FTPRMD` report failure by `+CME ERROR: <code>` instead of `OK`.
    pub directory_failure_at_once: bool,

    /// Whether `AT+FTPEXTPUT=1` is in force after power-on.
    pub ext_put_on: bool,
    /// Whether `+FTPEXTPUT: <pos>,<len>` precedes the data (missing in an example of the SIM7080 note).
    pub ext_put_line: bool,
    /// The memory of `AT+FTPEXTGET`.
    pub ext_get_limit: usize,
    /// The size of the module's file system.
    pub flash_size: usize,
    /// Files in it after power-on, with their whole paths.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Default for LuatOptions {
    fn default() -> Self {
        Self {
            profile: LuatProfile::default(),
            missing_commands: Vec::new(),
            quit_code: None,
            login_code: 72,
            stubborn_echo: false,
            bearer_open: false,
            address_form: AddressForm::default(),
            bearer_loss: None,
            initial_cid: None,
            active_mode: None,
            initially_binary: None,
            ascii_effect: None,
            line_feeds_expanded: false,
            quoted_values: true,
            manual_blanks: false,
            rest_persists: true,
            rest_beyond_end: RestBeyondEnd::default(),
            opening_announcements: 1,
            announcements_after_read: 0,
            announcement_before_read: false,
            repeated_announcement: None,
            empty_announced: false,
            first_reads_empty: 0,
            every_read_empty: 0,
            read_limit: None,
            data_end: DataEnd::default(),
            count_text: None,
            early_end_after: None,
            read_after_end: false,
            end_delay: Duration::ZERO,
            failure_first: false,
            blank_before_end: None,
            get_idle: IdleEnd::default(),
            list_idle: IdleEnd::default(),
            put_maximums: vec![1360],
            put_maximum_shown: true,
            put_reannounced: true,
            put_reannounce_delay: Duration::ZERO,
            put_accepts: None,
            put_refusals: 0,
            put_excess: PutExcess::default(),
            put_silent_chunk: None,
            store_delay: Duration::ZERO,
            put_idle: IdleEnd::default(),
            second_open: SecondOpen::default(),
            settling: Duration::ZERO,
            late_report: None,
            directory_failure_at_once: false,
            ext_put_on: false,
            ext_put_line: true,
            ext_get_limit: 302_512,
            flash_size: 1024 * 1024,
            files: Vec::new(),
        }
    }
}

setters! { LuatOptions:
    with_profile(LuatProfile) => profile,
    with_missing_commands(Vec<String>) => missing_commands,
    with_quit_code(u16) => quit_code,
    with_login_code(u16) => login_code,
    with_stubborn_echo(bool) => stubborn_echo,
    with_bearer_open(bool) => bearer_open,
    with_address_form(AddressForm) => address_form,
    with_bearer_loss(BearerLoss) => bearer_loss,
    with_initial_cid(u8) => initial_cid,
    with_active_mode(bool) => active_mode,
    with_initially_binary(bool) => initially_binary,
    with_ascii_effect(AsciiEffect) => ascii_effect,
    with_line_feeds_expanded(bool) => line_feeds_expanded,
    with_quoted_values(bool) => quoted_values,
    with_manual_blanks(bool) => manual_blanks,
    with_rest_persists(bool) => rest_persists,
    with_rest_beyond_end(RestBeyondEnd) => rest_beyond_end,
    with_opening_announcements(u32) => opening_announcements,
    with_announcements_after_read(u32) => announcements_after_read,
    with_announcement_before_read(bool) => announcement_before_read,
    with_repeated_announcement(Duration) => repeated_announcement,
    with_empty_announced(bool) => empty_announced,
    with_first_reads_empty(u32) => first_reads_empty,
    with_every_read_empty(u32) => every_read_empty,
    with_read_limit(usize) => read_limit,
    with_data_end(DataEnd) => data_end,
    with_count_text(String) => count_text,
    with_early_end_after(u64) => early_end_after,
    with_read_after_end(bool) => read_after_end,
    with_end_delay(Duration) => end_delay,
    with_failure_first(bool) => failure_first,
    with_blank_before_end(bool) => blank_before_end,
    with_get_idle(IdleEnd) => get_idle,
    with_list_idle(IdleEnd) => list_idle,
    with_put_maximums(Vec<usize>) => put_maximums,
    with_put_maximum_shown(bool) => put_maximum_shown,
    with_put_reannounced(bool) => put_reannounced,
    with_put_reannounce_delay(Duration) => put_reannounce_delay,
    with_put_accepts(usize) => put_accepts,
    with_put_refusals(u32) => put_refusals,
    with_put_excess(PutExcess) => put_excess,
    with_put_silent_chunk(u32) => put_silent_chunk,
    with_store_delay(Duration) => store_delay,
    with_put_idle(IdleEnd) => put_idle,
    with_second_open(SecondOpen) => second_open,
    with_settling(Duration) => settling,
    with_late_report(LateReport) => late_report,
    with_directory_failure_at_once(bool) => directory_failure_at_once,
    with_ext_put_on(bool) => ext_put_on,
    with_ext_put_line(bool) => ext_put_line,
    with_ext_get_limit(usize) => ext_get_limit,
    with_flash_size(usize) => flash_size,
    with_files(Vec<(String, Vec<u8>)>) => files,
}

impl LuatOptions {
    pub(super) fn lacks(&self, command: &str) -> bool {
        covers(&self.missing_commands, command)
    }

    pub(super) fn quit_code(&self) -> u16 {
        self.quit_code.unwrap_or(match self.profile {
            LuatProfile::Air780e | LuatProfile::Sim800 => 86,
            LuatProfile::Sim7000 | LuatProfile::Sim7080 => 80,
        })
    }

    pub(super) fn ascii_effect(&self) -> AsciiEffect {
        self.ascii_effect.unwrap_or(match self.profile {
            LuatProfile::Air780e => AsciiEffect::DropLineEnds,
            _ => AsciiEffect::ClearTopBit,
        })
    }

    pub(super) fn blank_before_end(&self) -> bool {
        self.blank_before_end.unwrap_or(self.profile == LuatProfile::Air780e)
    }

    /// Whether the module is one of SIMCom's LTE modules, which have their own code numbers and bearers.
    pub(super) fn is_simcom_lte(&self) -> bool {
        matches!(self.profile, LuatProfile::Sim7000 | LuatProfile::Sim7080)
    }

    pub(super) fn repeated_announcement(&self) -> Option<Duration> {
        match self.repeated_announcement {
            Some(Duration::ZERO) => None,
            // SIM7000 FTP application note V1.02 §5.3 shows the repetition, not its period.
            None => self.is_simcom_lte().then_some(Duration::from_secs(10)),
            period => period,
        }
    }
}
