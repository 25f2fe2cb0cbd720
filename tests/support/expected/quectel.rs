use ftp_modem::emulator::DataEnd;

use super::{Expected, Listing};

pub const EXPECTED: Expected = Expected {
    model: "Quectel EC20F",
    end_data: |options| options.quectel.data_end = DataEnd::OwnLineEnd,
    convert: |options| options.quectel.ascii_converts = true,
    activation: "+QIACT",
    chap: Some("\"apn-s3cret\",2"),
    pdp_type: Some("AT+QICSGP=1,3,\"internet\""),
    attaches_itself: true,
    choice: "\"filetype\",1\rAT+QFTPCFG=\"transmode\",0\r",
    types: &["\"filetype\","],
    names_data_connection: true,
    pads_uploads: true,
    has_exact_times: true,
    listing: Listing::CountedBehind,
    ..Expected::USUAL
};
