use ftp_modem::ErrorKind;
use ftp_modem::backend::fibocom::Fibocom;
use ftp_modem::emulator::DataEnd;
use ftp_modem::modem::Operation;

use super::Expected;

pub const EXPECTED: Expected = Expected {
    model: "Fibocom L610",
    end_data: |options| options.fibocom.data_end = DataEnd::OwnLineEnd,
    convert: |options| options.fibocom.ascii_converts = true,
    has_text: false,
    choice: "AT+FTPMODE=1\r",
    types: &["AT+FTPGET=\"/a.bin\",", "AT+FTPPUT=\"/up.bin\","],
    // No reason is given.
    unknown_host: ErrorKind::ConnectFailed,
    lacks: &[Operation::Append],
    repeats_downloads: true,
    lists_single_files: true,
    commands: &[
        ("attach", "MIPCALL MIPCALL"),
        ("network", "CPIN CSQ CEREG"),
        ("login", "FTPMODE FTPINFO FTPOPEN FTPINFO"),
        ("logout", "FTPCLOSE"),
        ("pwd", "FTPPWD"),
        ("cwd", "FTPCWD"),
        ("cdup", "FTPCDUP"),
        ("list", "FTPLIST"),
        ("list of an empty directory", "FTPLIST FTPLIST"),
        ("names", "FTPLIST"),
        ("metadata", "FTPSIZE"),
        ("size", "FTPSIZE"),
        ("modified", "FTPLIST"),
        ("mkdir", "FTPMKD"),
        ("rmdir", "FTPRMD"),
        ("remove", "FTPDEL"),
        ("rename", "FTPREN"),
        ("retrieve", "FTPSIZE FTPGET FTPRECV FTPRECV"),
        ("retrieve of a known size", "FTPGET FTPRECV FTPRECV"),
        ("retrieve from an offset", "FTPSIZE FTPGET FTPRECV FTPRECV"),
        ("retrieve from an offset of a known size", "FTPGET FTPRECV FTPRECV"),
        ("store", "FTPPUT"),
        ("whole file down", "FTPSIZE FTPGET FTPRECV FTPRECV"),
        ("whole file down, resumable", "FTPSIZE FTPLIST FTPGET FTPRECV FTPRECV"),
        ("whole file of a known size down", "FTPGET FTPRECV FTPRECV"),
        ("whole file down, missing", "FTPSIZE FTPLIST FTPLIST FTPGET"),
        ("whole file up", "FTPPUT FTPSIZE"),
    ],
    is_own_type: |modem| modem.downcast_mut::<Fibocom>().is_some(),
    ..Expected::USUAL
};
