//! Transfers: Quectel EC2x FTP(S) application note V1.0 §2.5, §2.6 and §2.11 to §2.13.

pub(super) mod download;
pub(super) mod upload;

use super::failure::Refused;
use super::options::QuectelOptions;
use crate::emulator::command::{Command, Malformed, Parameters};
use crate::emulator::remote::Listing;
use upload::{Extent, Piece};

/// The longest name of a local file (§2.5).
const LOCAL_NAME: usize = 60;

/// What a download delivers.
pub(super) enum Source {
    File { file: String, start: u64 },
    Listing { path: String, listing: Listing },
}

/// A transfer over the serial line, `COM:`.
pub(super) enum Serial {
    Download {
        source: Source,
        /// The most that is delivered.
        limit: Option<u64>,
    },
    Upload(Piece),
}

/// A transfer to a file in RAM, in flash or on the SD card, or from one.
pub(super) enum Local {
    Download { source: Source, local: String },
    Upload { file: String, start: u64, local: String },
}

/// A command with data.
pub(super) enum Transfer {
    Serial(Serial),
    Local(Local),
}

impl Transfer {
    pub(super) fn parse(command: &Command<'_>, options: &QuectelOptions) -> Result<Self, Refused> {
        let mut list = command.parameters()?;
        let file = list.quoted(1..=options.name_limit)?;
        let transfer = match command.name.as_str() {
            "+QFTPPUT" => Self::put(file, &mut list, options)?,
            "+QFTPGET" => {
                let local = local_name(&mut list)?;
                let start = trailing_number(&mut list)?.unwrap_or(0);
                let source = Source::File { file, start };
                match local {
                    None => {
                        let length = trailing_number(&mut list)?;
                        let limit = length.into_iter().chain(options.longest_get).min();
                        Self::Serial(Serial::Download { source, limit })
                    }
                    Some(local) => Self::Local(Local::Download { source, local }),
                }
            }
            name => {
                let local = match list.len() {
                    0 => None,
                    _ => local_name(&mut list)?,
                };
                let source = Source::Listing {
                    path: if file == "." { String::new() } else { file },
                    listing: match name {
                        "+QFTPLIST" => Listing::Long,
                        "+QFTPNLST" => Listing::Names,
                        _ => Listing::Facts,
                    },
                };
                match local {
                    None => Self::Serial(Serial::Download { source, limit: None }),
                    Some(local) => Self::Local(Local::Download { source, local }),
                }
            }
        };
        list.end()?;
        Ok(transfer)
    }

    fn put(file: String, list: &mut Parameters<'_>, options: &QuectelOptions) -> Result<Self, Malformed> {
        let local = local_name(list)?;
        let start = trailing_number(list)?.unwrap_or(0);
        if let Some(local) = local {
            return Ok(Self::Local(Local::Upload { file, start, local }));
        }
        let extent = if list.len() > 0 {
            let least = u64::from(!options.empty_upload);
            Extent::Counted { length: list.number(least..=u64::MAX)?, last: list.number(0..=1)? == 1 }
        } else {
            Extent::Open
        };
        Ok(Self::Serial(Serial::Upload(Piece { file, start, extent })))
    }
}

/// A file in RAM, in flash or on the SD card; `None` for the serial line.
fn local_name(list: &mut Parameters<'_>) -> Result<Option<String>, Malformed> {
    let name = list.quoted(1..=LOCAL_NAME)?;
    Ok((name != "COM:").then_some(name))
}

/// A number that may be left out together with everything behind it.
fn trailing_number(list: &mut Parameters<'_>) -> Result<Option<u64>, Malformed> {
    if list.len() == 0 {
        return Ok(None);
    }
    list.number(0..=u64::MAX).map(Some)
}
