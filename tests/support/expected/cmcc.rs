use ftp_modem::backend::china_mobile::ChinaMobile;
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
    commands: &[
        ("attach", "MIPCALL MIPCALL"),
        ("network", "CPIN CSQ CEREG"),
        ("login", "MFTPCFG MFTPCFG MFTPCFG MFTPCFG MFTPCFG MFTPCFG MFTPCONN"),
        ("logout", "MFTPDISC"),
        ("pwd", "MFTPPWD"),
        ("cwd", "MFTPCWD"),
        ("cdup", "MFTPCWD"),
        ("list", "MFTPLIST MFTPPWD"),
        ("list of an empty directory", "MFTPLIST MFTPLIST MFTPPWD"),
        ("names", "MFTPLIST MFTPPWD"),
        ("metadata", "MFTPLIST"),
        ("size", "MFTPLIST"),
        ("modified", "MFTPLIST"),
        ("mkdir", "MFTPMKD"),
        ("rmdir", "MFTPLIST MFTPDEL"),
        ("remove", "MFTPLIST MFTPDEL"),
        ("rename", "MFTPRN"),
        ("retrieve", "MFTPLIST MFTPRETR MFTPSTATE"),
        ("retrieve of a known size", "MFTPRETR MFTPSTATE"),
        ("retrieve from an offset", "MFTPLIST MFTPRETR MFTPSTATE"),
        ("retrieve from an offset of a known size", "MFTPRETR MFTPSTATE"),
        ("store", "MFTPSTOR"),
        ("append", "MFTPAPPE"),
        ("append to a known size", "MFTPAPPE"),
        ("store at", "MFTPLIST MFTPAPPE"),
        ("store at a known size", "MFTPAPPE"),
        ("whole file down", "MFTPLIST MFTPRETR MFTPSTATE"),
        ("whole file down, resumable", "MFTPLIST MFTPRETR MFTPSTATE"),
        ("whole file of a known size down", "MFTPRETR MFTPSTATE"),
        ("whole file up", "MFTPSTOR MFTPSTATE"),
        ("whole file up, appended", "MFTPLIST MFTPAPPE MFTPSTATE"),
        ("whole file up, present already", "MFTPLIST MFTPRETR MFTPSTATE"),
    ],
    is_own_type: |modem| modem.downcast_mut::<ChinaMobile>().is_some(),
    ..Expected::USUAL
};
