use ftp_modem::emulator::DataEnd;
use ftp_modem::modem::Operation;

use super::{Active, Expected, Listing};

pub const EXPECTED: Expected = Expected {
    model: "AirM2M_780E",
    end_data: |options| options.luat.data_end = DataEnd::OwnLineEnd,
    activation: "+SAPBR",
    active: Active::Refused,
    has_text: false,
    choice: "AT+FTPTYPE=\"I\"\r",
    types: &["AT+FTPTYPE=\""],
    logs_in_each_time: true,
    names_data_connection: true,
    lacks: &[Operation::Modified, Operation::Rename],
    repeats_uploads: true,
    listing: Listing::CountedBefore,
    ..Expected::USUAL
};
