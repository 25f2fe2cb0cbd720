use ftp_modem::ErrorKind;
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
    ..Expected::USUAL
};
