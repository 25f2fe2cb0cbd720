//! Where the editions and examples of the UC8088 FTP manual disagree.

use crate::emulator::choices::{DataEnd, setters};

/// The answer to `AT+FTPGET` (UC8088 FTP manual, "AT+FTPGET").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum GetFraming {
    /// `+FTPGET:<n>,<data>` on one line, as in the example session.
    #[default]
    OneLine,
    /// `+FTPGET:<n>`, line end, data, as in the command's table.
    TwoLines,
    /// The data without a count before them: the command's own example, in both editions, has no line but `OK`. What
    /// ends the data can be recognised by its text only.
    NoCount,
}

/// Where `AT+FTPGET` has the data and their length from. All of it is invented: no edition of the manual shows a
/// transfer that breaks, nor where the length comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum GetSource {
    /// The module asks for the size (`SIZE`) and gives up where the server refuses to tell it. It has all the data
    /// before it announces their length; a transfer that breaks gives `ERROR` alone.
    #[default]
    SizeThenBuffer,
    /// As [`GetSource::SizeThenBuffer`], without asking for the size: the reply to `RETR` decides.
    Buffer,
    /// The module announces the size that the server tells, and passes the data on as they come; a transfer that breaks
    /// leaves fewer bytes than announced before `ERROR`.
    Stream,
}

/// How the server's port is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PortForm {
    /// `AT+FTPPORT=<port>` before `AT+FTPSERV=<ip>`, as in the older edition.
    #[default]
    Command,
    /// `AT+FTPSERV=<ip>,<port>`, as in the newer edition; there is no `AT+FTPPORT`.
    InServer,
}

/// What follows the code of a connection that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerFailure {
    /// `+FTPSERV:<code>` and `OK`
    #[default]
    CodeThenOk,
    /// `+FTPSERV:<code>` and `ERROR`
    CodeThenError,
    /// `ERROR` alone
    ErrorOnly,
}

/// What `AT+FTPPATH` does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathEffect {
    /// It changes the working directory at once, as its title says.
    #[default]
    ChangesDirectory,
    /// It is put before the name of a file to get and names the directory to list, as its parameter says.
    Prefix,
}

/// The command that ends an upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PutEnd {
    /// Both forms.
    #[default]
    Either,
    /// `AT+FTPPUT=0,` only, as in the text.
    WithComma,
    /// `AT+FTPPUT=0` only, as in the example session.
    WithoutComma,
}

/// What the length in `+FTPLIST:<mode>,<length>` counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListLength {
    /// The listing without its last line end, which is not sent; the 48 of the manual's example.
    #[default]
    WithoutLastLineEnd,
    /// The whole listing.
    Everything,
    /// The characters of the lines, although their ends are sent too.
    WithoutLineEnds,
}

/// The answer to `AT+FTPGET` at or past the end of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndOfFile {
    /// A length of 0.
    #[default]
    Zero,
    /// `ERROR`
    Error,
}

/// How an emulated module of the generic `FTPSERV` dialect behaves where its manual leaves a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GenericOptions {
    /// One line or two before downloaded data.
    pub get_framing: GetFraming,
    /// What ends downloaded data and listings.
    pub data_end: DataEnd,
    /// The most one `AT+FTPGET` delivers; `None` is the whole rest of the file.
    pub get_limit: Option<u64>,
    /// Where `AT+FTPGET` has the length from, and what it does when a transfer breaks.
    pub get_source: GetSource,
    /// `AT+FTPGET` at the end of the file.
    pub end_of_file: EndOfFile,
    /// Where the port is set.
    pub port_form: PortForm,
    /// What follows a failed connection.
    pub server_failure: ServerFailure,
    /// Whether `AT+FTPSERV` takes host names; else they give code 2.
    pub host_names: bool,
    /// What `AT+FTPPATH` does.
    pub path_effect: PathEffect,
    /// Whether `AT+FTPRESET` stays in force after a download.
    pub reset_persists: bool,
    /// Whether `AT+FTPRESET` is accepted and has no effect.
    pub reset_ignored: bool,
    /// What ends an upload.
    pub put_end: PutEnd,
    /// The longest payload of one `AT+FTPPUT`.
    pub put_limit: usize,
    /// Whether payload is taken by count; else control characters in it act as in any command line.
    pub put_counted: bool,
    /// What the length of a listing counts.
    pub list_length: ListLength,
    /// Whether answers carry the manual's misprinted prefixes (`+FTPMODE` for `AT+FTPSERV=?`, and so on).
    pub misprints: bool,
    /// `AT+FTPMODE` after power-on: 0 active, 1 passive.
    pub initial_mode: u8,
    /// Whether `AT+FTPTYPE` is `I` after power-on; else `A`.
    pub initially_binary: bool,
}

impl Default for GenericOptions {
    fn default() -> Self {
        Self {
            get_framing: GetFraming::default(),
            data_end: DataEnd::default(),
            get_limit: None,
            get_source: GetSource::default(),
            end_of_file: EndOfFile::default(),
            port_form: PortForm::default(),
            server_failure: ServerFailure::default(),
            host_names: false,
            path_effect: PathEffect::default(),
            reset_persists: true,
            reset_ignored: false,
            put_end: PutEnd::default(),
            put_limit: 1024,
            put_counted: false,
            list_length: ListLength::default(),
            misprints: false,
            initial_mode: 1,
            initially_binary: true,
        }
    }
}

setters! { GenericOptions:
    with_get_framing(GetFraming) => get_framing,
    with_data_end(DataEnd) => data_end,
    with_get_limit(u64) => get_limit,
    with_get_source(GetSource) => get_source,
    with_end_of_file(EndOfFile) => end_of_file,
    with_port_form(PortForm) => port_form,
    with_server_failure(ServerFailure) => server_failure,
    with_host_names(bool) => host_names,
    with_path_effect(PathEffect) => path_effect,
    with_reset_persists(bool) => reset_persists,
    with_reset_ignored(bool) => reset_ignored,
    with_put_end(PutEnd) => put_end,
    with_put_limit(usize) => put_limit,
    with_put_counted(bool) => put_counted,
    with_list_length(ListLength) => list_length,
    with_misprints(bool) => misprints,
    with_initial_mode(u8) => initial_mode,
    with_initially_binary(bool) => initially_binary,
}
