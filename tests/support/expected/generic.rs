use ftp_modem::ErrorKind;
use ftp_modem::backend::generic::Generic;
use ftp_modem::emulator::DataEnd;
use ftp_modem::modem::{Assurance, Operation};

use super::Expected;

pub const EXPECTED: Expected = Expected {
    model: "UC8088",
    carry: |options| options.generic.put_counted = true,
    end_data: |options| options.generic.data_end = DataEnd::OwnLineEnd,
    activation: "+CGACT",
    chap: None,
    choice: "AT+FTPMODE=0\r",
    types: &["AT+FTPTYPE="],
    // The module is given an address, which it calls wrong.
    unknown_host: ErrorKind::InvalidInput,
    refuses_without_reason: true,
    lacks: &[Operation::Remove, Operation::Rename, Operation::Append],
    // Nothing but a comparison is a proof.
    upload: Assurance::ContentCompared,
    uploads_in_lines: true,
    sends_on: true,
    // It delivers a file in one block.
    proves_no_part: true,
    commands: &[
        ("attach", "CGACT CFUN CGACT"),
        ("network", "CPIN CSQ CEREG"),
        ("login", "FTPPORT FTPMODE FTPSERV FTPUN FTPPW FTPTYPE"),
        ("logout", "FTPQUIT"),
        ("pwd", ""),
        ("cwd", "FTPPATH"),
        ("cdup", "FTPPATH"),
        ("list", "FTPPATH FTPLIST"),
        ("list of an empty directory", "FTPPATH FTPLIST FTPPATH FTPLIST"),
        ("names", "FTPPATH FTPLIST"),
        ("metadata", "FTPPATH FTPLIST"),
        ("size", "FTPPATH FTPLIST"),
        ("modified", "FTPPATH FTPLIST"),
        ("mkdir", "FTPMKD"),
        ("rmdir", "FTPRMD"),
        ("retrieve", "FTPPATH FTPLIST FTPGETNAME FTPRESET FTPGET"),
        ("retrieve of a known size", "FTPPATH FTPGETNAME FTPRESET FTPGET"),
        ("retrieve from an offset", "FTPPATH FTPLIST FTPGETNAME FTPRESET FTPGET FTPRESET FTPGET"),
        ("retrieve from an offset of a known size", "FTPPATH FTPGETNAME FTPRESET FTPGET FTPRESET FTPGET"),
        ("store", "FTPPATH FTPPUTNAME FTPPUT FTPPUT"),
        ("whole file down", "FTPPATH FTPLIST FTPGETNAME FTPRESET FTPGET"),
        ("whole file down, resumable", "FTPPATH FTPLIST FTPGETNAME FTPRESET FTPGET"),
        ("whole file of a known size down", "FTPPATH FTPGETNAME FTPRESET FTPGET"),
        ("whole file down, missing", "FTPPATH FTPLIST"),
        ("whole file up", "FTPPATH FTPPUTNAME FTPPUT FTPPUT FTPPATH FTPGETNAME FTPRESET FTPGET"),
    ],
    is_own_type: |modem| modem.downcast_mut::<Generic>().is_some(),
    ..Expected::USUAL
};
