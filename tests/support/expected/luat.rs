use ftp_modem::backend::luat::Luat;
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
    commands: &[
        ("attach", "SAPBR SAPBR SAPBR SAPBR SAPBR"),
        ("network", "CPIN CSQ CEREG"),
        ("login", "FTPCID FTPSERV FTPPORT FTPUN FTPPW FTPTYPE FTPMODE FTPEXTPUT FTPFILEPUT"),
        ("logout", ""),
        ("pwd", ""),
        ("cwd", ""),
        ("cdup", ""),
        ("list", "FTPGETPATH FTPLIST FTPLIST FTPLIST FTPSTATE"),
        (
            "list of an empty directory",
            "FTPGETPATH FTPLIST FTPLIST FTPSTATE FTPGETPATH FTPLIST FTPLIST FTPLIST FTPSTATE",
        ),
        ("names", "FTPGETPATH FTPLIST FTPLIST FTPLIST FTPSTATE"),
        ("metadata", "FTPGETPATH FTPGETNAME FTPSIZE"),
        ("size", "FTPGETPATH FTPGETNAME FTPSIZE"),
        ("mkdir", "FTPGETPATH FTPMKD"),
        ("rmdir", "FTPGETPATH FTPRMD"),
        ("remove", "FTPGETPATH FTPGETNAME FTPDELE"),
        ("retrieve", "FTPGETPATH FTPGETNAME FTPSIZE FTPREST FTPGET FTPGET"),
        ("retrieve of a known size", "FTPGETPATH FTPGETNAME FTPREST FTPGET FTPGET"),
        ("retrieve from an offset", "FTPGETPATH FTPGETNAME FTPSIZE FTPREST FTPGET FTPGET"),
        ("retrieve from an offset of a known size", "FTPGETPATH FTPGETNAME FTPREST FTPGET FTPGET"),
        ("store", "FTPPUTOPT FTPREST FTPPUTNAME FTPPUTPATH FTPPUT FTPPUT FTPPUT"),
        ("append", "FTPPUTOPT FTPREST FTPPUTNAME FTPPUTPATH FTPPUT FTPPUT FTPPUT"),
        ("append to a known size", "FTPPUTOPT FTPREST FTPPUTNAME FTPPUTPATH FTPPUT FTPPUT FTPPUT"),
        ("store at", "FTPGETPATH FTPGETNAME FTPSIZE FTPPUTOPT FTPREST FTPPUTNAME FTPPUTPATH FTPPUT FTPPUT FTPPUT"),
        ("store at a known size", "FTPPUTOPT FTPREST FTPPUTNAME FTPPUTPATH FTPPUT FTPPUT FTPPUT"),
        ("whole file down", "FTPGETPATH FTPGETNAME FTPSIZE FTPREST FTPGET FTPGET"),
        ("whole file down, resumable", "FTPGETPATH FTPGETNAME FTPSIZE FTPREST FTPGET FTPGET"),
        ("whole file of a known size down", "FTPGETPATH FTPGETNAME FTPREST FTPGET FTPGET"),
        (
            "whole file down, missing",
            "FTPGETPATH FTPGETNAME FTPSIZE FTPGETPATH FTPGETNAME FTPREST FTPGET FTPQUIT FTPSTATE",
        ),
        ("whole file up", "FTPPUTOPT FTPREST FTPPUTNAME FTPPUTPATH FTPPUT FTPPUT FTPPUT FTPGETPATH FTPGETNAME FTPSIZE"),
        (
            "whole file up, appended",
            "FTPGETPATH FTPGETNAME FTPSIZE FTPPUTOPT FTPREST FTPPUTNAME FTPPUTPATH FTPPUT FTPPUT FTPPUT \
             FTPGETPATH FTPGETNAME FTPSIZE",
        ),
        ("whole file up, present already", "FTPGETPATH FTPGETNAME FTPSIZE FTPREST FTPGET FTPGET"),
    ],
    is_own_type: |modem| modem.downcast_mut::<Luat>().is_some(),
    ..Expected::USUAL
};
