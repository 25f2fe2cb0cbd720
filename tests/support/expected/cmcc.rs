use ftp_modem::emulator::DataEnd;
use ftp_modem::modem::Assurance;

use super::{Active, Expected, Listing};

pub const EXPECTED: Expected = Expected {
    model: "CMIOT ML307R",
    end_data: |options| options.china_mobile.data_end = DataEnd::OwnLineEnd,
    pdp_type: Some("AT+CGDCONT=1,\"IPV4V6\",\"internet\""),
    active: Active::RefusedByModule,
    choice: "\"data_type\",1\r",
    types: &["\"data_type\","],
    upload: Assurance::ModuleCount,
    sends_on: true,
    listing: Listing::Rows("+MFTPLIST"),
    writes_rows: true,
    ..Expected::USUAL
};
