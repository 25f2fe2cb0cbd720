//! What the module opens a session for, and how it reports.

use super::codes;
use super::options::{LuatOptions, LuatProfile};

/// What a session with the server is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Get,
    List,
    Put,
    Size,
    Modified,
    Delete,
    Rename,
    MakeDir,
    RemoveDir,
    /// `AT+FTPEXTGET=1`
    ToMemory,
    /// `AT+FTPEXTGET=2` of the SIM7080
    ToDirectory,
    /// `AT+FTPEXTGET=4`
    Stream,
    /// `AT+FTPGETTOFS`
    ToFile,
    /// `AT+FTPPUTFRMFS`
    FromFile,
    /// `AT+FTPETPUT`
    CodedPut,
    /// `AT+FTPETGET`
    CodedGet,
}

impl Operation {
    /// What its lines begin with.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Get => "+FTPGET",
            Self::List => "+FTPLIST",
            Self::Put => "+FTPPUT",
            Self::Size => "+FTPSIZE",
            Self::Modified => "+FTPMDTM",
            Self::Delete => "+FTPDELE",
            Self::Rename => "+FTPRENAME",
            Self::MakeDir => "+FTPMKD",
            Self::RemoveDir => "+FTPRMD",
            Self::ToMemory | Self::Stream => "+FTPEXTGET",
            Self::ToDirectory => "+FTPEXTGETFILE",
            Self::ToFile => "+FTPGETTOFS",
            Self::FromFile => "+FTPPUTFRMFS",
            Self::CodedPut => "+FTPETPUT",
            Self::CodedGet => "+FTPETGET",
        }
    }

    /// The line that reports the end of the session.
    pub(super) fn report(self, code: u16, options: &LuatOptions) -> String {
        let name = self.name();
        let blank = self.blank(code, options);
        match self {
            Self::Size => format!("{name}:{blank}1,{code},0"),
            Self::ToFile | Self::FromFile => format!("{name}:{blank}{code}"),
            // The end of a stream is not documented; a length of 0 is the nearest thing to its other lines.
            Self::Stream if code == codes::FINISHED => format!("{name}: 4,0"),
            _ => format!("{name}:{blank}1,{code}"),
        }
    }

    /// What follows the colon of a result line. SIMCom's LTE manuals leave the blank out here and there; programs
    /// in use compare whole lines that have it (Zephyr's SIM7080 driver, Botletics' SIM7000 library). A walk-through on
    /// a SIM7000G shows `+FTPGET:1,0` (1NCE, "SIM7000G FTP GET").
    pub(super) fn blank(self, code: u16, options: &LuatOptions) -> &'static str {
        let finished = code == codes::FINISHED;
        let sim7080 = options.profile == LuatProfile::Sim7080;
        let left_out = match self {
            Self::Delete | Self::Size => options.manual_blanks,
            Self::Get | Self::CodedPut | Self::CodedGet if finished => options.manual_blanks || !sim7080,
            Self::Get | Self::Put => options.manual_blanks && code >= codes::NETWORK && sim7080,
            _ => false,
        };
        if left_out && options.is_simcom_lte() { "" } else { " " }
    }
}
