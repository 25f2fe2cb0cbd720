use ftp_modem::ErrorKind;
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
    ..Expected::USUAL
};
