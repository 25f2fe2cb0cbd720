//! Downloads: FTPGET, its framings, and FTPRESET.

use ftp_modem::emulator::{EndOfFile, GetFraming, Spacing};
use ftp_modem::modem::{Assurance, FileType, Operation, Retrieve};
use ftp_modem::{ErrorKind, FtpModem};

use super::{PROBED, Rig, every_operation_works, get, listed, online, play_online, with};
use crate::support::access::server;
use crate::support::payload::pattern;

/// `+FTPGET:<n>` and the data on a line of their own in the table of FTPGET, `+FTPGET:3,345` in the example of the
/// manual. The first separator decides.
#[test]
fn data_follow_a_comma_or_a_line_end() {
    for get_framing in [GetFraming::OneLine, GetFraming::TwoLines] {
        for spacing in [Spacing::Native, Spacing::AfterColon, Spacing::None, Spacing::AfterCommas] {
            for fragment in [1, 2, 7, 64, usize::MAX] {
                let options = with(|it| it.get_framing = get_framing).with_spacing(spacing).with_fragment(fragment);
                let mut rig = Rig::online(options);
                for bytes in [&b","[..], b",,a", b"\r\n", b"\r\n,", b"\n", b"\r", b" ", b" 5,x", b"\r\n\r\nOK", b"345"]
                {
                    rig.files.put("/f", bytes);
                    assert_eq!(rig.download("/f").unwrap(), bytes, "{get_framing:?} {spacing:?} {fragment}");
                }
            }
        }
    }
}

/// The example in the section FTPGET of the manual answers `OK` alone: nothing can be counted then.
#[test]
fn both_framings_work_and_ok_alone_is_refused() {
    for get_framing in [GetFraming::OneLine, GetFraming::TwoLines] {
        every_operation_works(&mut online(|it| it.get_framing = get_framing));
    }
    play_online(
        &format!("{}>> AT+FTPRESET=0\\r\n<< \\r\\nOK\\r\\n\n>> AT+FTPGET\\r\n<< \\r\\nOK\\r\\n\n{PROBED}", listed(3)),
        |modem| assert_eq!(get(modem, &Retrieve::whole()).unwrap_err().kind(), ErrorKind::Protocol),
    );
}

/// The data may hold lines of the protocol.
#[test]
fn file_data_are_counted_and_never_searched() {
    for get_framing in [GetFraming::OneLine, GetFraming::TwoLines] {
        for get_limit in [None, Some(1), Some(5)] {
            let mut rig = online(|it| (it.get_framing, it.get_limit) = (get_framing, get_limit));
            for bytes in
                [&b"\r\nOK\r\n"[..], b"OK\r\n", b"x\r\nERROR\r\n", b"\r\n+FTPGET:3,abc\r\nOK\r\n", b"\r\nRDY\r\n"]
            {
                rig.files.put("/f", bytes);
                assert_eq!(rig.download("/f").unwrap(), bytes);
            }
            rig.files.put("/f", (0..=255).collect::<Vec<u8>>());
            assert_eq!(rig.download("/f").unwrap(), (0..=255).collect::<Vec<u8>>());
        }
    }
}

/// The manual gives no limit for FTPGET. The driver goes on with FTPRESET, and compares a few bytes, in case that the
/// module ignores it.
#[test]
fn a_piece_may_be_shorter_than_the_file() {
    for end_of_file in [EndOfFile::Zero, EndOfFile::Error] {
        for (get_limit, size) in [(1, 3), (1000, 999), (1000, 1000), (1000, 1001), (1000, 3000), (1024, 4096)] {
            let mut rig = online(|it| (it.end_of_file, it.get_limit) = (end_of_file, Some(get_limit)));
            rig.files.put("/f", pattern(size));
            assert_eq!(rig.download("/f").unwrap(), pattern(size));
            assert_eq!(rig.download_part("/f", &Retrieve::from(1)).unwrap(), pattern(size)[1..]);
            assert_eq!(rig.download_part("/f", &Retrieve::from(size as u64)).unwrap(), b"");
        }
    }
    // A part that ends within a piece, and one that begins behind the file.
    let mut rig = online(|it| it.get_limit = Some(1000));
    rig.files.put("/f", pattern(3000));
    assert_eq!(rig.download_part("/f", &Retrieve::whole().with_length(1500)).unwrap(), pattern(3000)[..1500]);
    assert_eq!(rig.download_part("/f", &Retrieve::from(10).with_length(1)).unwrap(), pattern(3000)[10..11]);
    // The last byte proves by itself that the offset was used.
    let (last, sent) = rig.line.clone().sent_by(|| rig.download_part("/f", &Retrieve::from(2999)).unwrap());
    assert_eq!((last.as_slice(), sent.matches("AT+FTPGET").count()), (&pattern(3000)[2999..], 2), "{sent}");
    let beyond = rig.download_part("/f", &Retrieve::from(3001)).unwrap_err();
    assert_eq!(beyond.kind(), ErrorKind::InvalidInput, "{beyond}");
    rig.still_works();
    // A module that ignores FTPRESET repeats the beginning, in pieces whose lengths add up to that of the file.
    for (get_limit, size, offset) in
        [(Some(1000), 3000, 0), (Some(1024), 2048, 1024), (Some(10), 3000, 5), (None, 3000, 1)]
    {
        let mut rig = online(|it| (it.reset_ignored, it.get_limit) = (true, get_limit));
        rig.files.put("/f", pattern(size));
        let mut bytes = Vec::new();
        let error = rig.modem.retrieve("/f", &Retrieve::from(offset), &mut bytes).unwrap_err();
        let kind = if offset == 0 { ErrorKind::VerificationFailed } else { ErrorKind::Unsupported };
        assert_eq!((error.kind(), error.transferred()), (kind, Some(bytes.len() as u64)), "{error}");
        assert!(pattern(size)[offset as usize..].starts_with(&bytes));
        assert!(error.module_usable());
        rig.still_works();
    }
    // No progress: the download ends.
    play_online(
        &format!(
            "{}>> AT+FTPRESET=0\\r\n<< \\r\\nOK\\r\\n\n>> AT+FTPGET\\r\n<< \\r\\n+FTPGET:0\\r\\n\\r\\nOK\\r\\n\n",
            listed(3)
        ),
        |modem| {
            let error = get(modem, &Retrieve::whole()).unwrap_err();
            assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(0)), "{error}");
        },
    );
}

/// The manual does not say whether FTPRESET lasts, so the driver sends it before every download.
#[test]
fn an_offset_may_persist() {
    for reset_persists in [false, true] {
        let mut rig = online(|it| it.reset_persists = reset_persists);
        rig.files.put("/f", "0123456789");
        for _ in 0..2 {
            assert_eq!(rig.download_part("/f", &Retrieve::from(5)).unwrap(), b"56789");
            let (bytes, sent) = rig.line.clone().sent_by(|| rig.download("/f").unwrap());
            assert_eq!(bytes, b"0123456789");
            assert!(sent.contains("AT+FTPRESET=0\rAT+FTPGET\r"), "{sent}");
        }
    }
    // It holds in type I only, which is set with every login.
    let mut rig = online(|it| it.initially_binary = false);
    rig.files.put("/f", "0123456789");
    assert_eq!(rig.download_part("/f", &Retrieve::from(5)).unwrap(), b"56789");
}

/// The manual, FTPRESET, says "bits"; its example counts bytes.
#[test]
fn an_offset_in_bits_is_noticed() {
    // A module that counts bits gives 15 bytes from "bit" 15 on, where the last one was requested.
    let lines = format!(
        r"
{}
>> AT+FTPRESET=15\r
<< \r\nOK\r\n
>> AT+FTPGET\r
<< \r\n+FTPGET:15,123456789abcdef\r\n\r\nOK\r\n
",
        listed(16)
    );
    play_online(&lines, |modem| {
        let error = get(modem, &Retrieve::from(8)).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Unsupported, Some(0)), "{error}");
    });
}

/// A link has no size of its own, and a listing may be in a form of the server's own: the end of the file is where the
/// next piece brings nothing new.
#[test]
fn a_file_of_unknown_size_is_fetched_to_its_end() {
    let rows = ["lrwxrwxrwx 1 0 0 15 May 01 2017 f -> old/f\r\n", "no form that is known /f\r\n"];
    for row in rows {
        for end_of_file in [EndOfFile::Zero, EndOfFile::Error] {
            for get_limit in [None, Some(1000), Some(2500)] {
                let mut rig = online(|it| (it.end_of_file, it.get_limit) = (end_of_file, get_limit));
                rig.files.put("/f", pattern(5000));
                rig.files.set_listing("/", row);
                let mut bytes = Vec::new();
                let transfer = rig.modem.retrieve("/f", &Retrieve::whole(), &mut bytes).unwrap();
                assert!(bytes == pattern(5000), "{row}, {end_of_file:?}, {get_limit:?}: {} bytes", bytes.len());
                assert_eq!(transfer.assurance, Assurance::Unconfirmed);
                assert_eq!(rig.modem.metadata("/f").unwrap().size, None);
            }
        }
    }
}

/// Between the listing and the download; the reason is never an offset that was not used.
#[test]
fn a_file_that_has_grown_is_fetched_whole() {
    for get_limit in [None, Some(1000)] {
        let mut rig = online(|it| it.get_limit = get_limit);
        rig.files.put("/f", pattern(5000));
        rig.files.set_listing("/", "-rw-r--r-- 1 u g 700 Sep 30 01:52 f\r\n");
        let mut bytes = Vec::new();
        let transfer = rig.modem.retrieve("/f", &Retrieve::whole(), &mut bytes).unwrap();
        assert!(bytes == pattern(5000), "{} bytes", bytes.len());
        assert_eq!(transfer.assurance, Assurance::Unconfirmed);
        let error = rig.download_part("/f", &Retrieve::from(699)).unwrap_err();
        assert!(error.to_string().contains("or the file has grown"), "{error}");
    }
}

/// A damaged row, or a file that was empty when it was listed.
#[test]
fn a_listed_size_of_0_is_not_believed() {
    for get_limit in [None, Some(1000)] {
        let mut rig = online(|it| it.get_limit = get_limit);
        rig.files.put("/f", pattern(5000));
        rig.files.set_listing("/", "-rw-r--r-- 1 u g 0 Sep 30 01:52 f\r\n");
        let mut bytes = Vec::new();
        let transfer = rig.modem.retrieve("/f", &Retrieve::whole(), &mut bytes).unwrap();
        assert!(bytes == pattern(5000), "{} bytes", bytes.len());
        assert_eq!(transfer.assurance, Assurance::Unconfirmed);
    }
    // A file that is empty; a module that answers `ERROR` may have another reason for it.
    for (end_of_file, assurance) in
        [(EndOfFile::Zero, Assurance::ServerSize), (EndOfFile::Error, Assurance::Unconfirmed)]
    {
        let mut rig = online(|it| it.end_of_file = end_of_file);
        rig.files.put("/f", "");
        let transfer = rig.modem.retrieve("/f", &Retrieve::whole(), &mut Vec::new()).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (0, assurance), "{end_of_file:?}");
        rig.still_works();
    }
    // Nothing was requested, and nothing is known.
    let mut rig = online(|_| {});
    rig.files.put("/f", "abc");
    let transfer = rig.modem.retrieve("/f", &Retrieve::from(1).with_length(0), &mut Vec::new()).unwrap();
    assert_eq!((transfer.bytes, transfer.assurance), (0, Assurance::Unconfirmed));
}

/// The manual gives no limit for FTPGET. On a module that was seen to have one, a piece of that length may be the end
/// of the file or not, whatever size is listed.
#[test]
fn a_size_that_equals_the_limit_of_a_piece_does_not_cut_the_file() {
    for (stated, content) in [
        (1000, pattern(5000)),
        (1000, pattern(1001)),
        // The last of several pieces, each but the first of which repeats 16 bytes.
        (1000 + 984, pattern(5000)),
        // A file that repeats itself.
        (1000, vec![0; 5000]),
    ] {
        let mut rig = online(|it| it.get_limit = Some(1000));
        rig.files.put("/before", pattern(2500));
        assert!(rig.download("/before").unwrap() == pattern(2500));
        rig.files.put("/f", content.clone());
        rig.files.set_listing("/", format!("-rw-r--r-- 1 u g {stated} Sep 30 01:52 f\r\n"));
        let mut bytes = Vec::new();
        let transfer = rig.modem.retrieve("/f", &Retrieve::whole(), &mut bytes).unwrap();
        assert!(bytes == content, "{stated}: {} of {} bytes", bytes.len(), content.len());
        assert_eq!(transfer.assurance, Assurance::Unconfirmed);
    }
}

/// The manual's FTPGET delivers the rest of the file; on a module that was seen to deliver less, one more shows the end
/// behind a piece of that length.
#[test]
fn the_end_of_a_file_is_looked_for_where_its_last_piece_may_have_been_cut() {
    for (limit, files) in [
        (None, &[(512, 1), (1000, 1), (3000, 1), (1000, 1)][..]),
        (Some(1000), &[(900, 1), (1000, 1), (2500, 4), (900, 1), (1000, 2), (999, 1)]),
    ] {
        let mut rig = online(|it| it.get_limit = limit);
        // The size, and the number of FTPGETs.
        for &(size, gets) in files {
            rig.files.put("/f", pattern(size));
            let (transfer, sent) = rig.line.clone().sent_by(|| {
                let mut bytes = Vec::new();
                let transfer = rig.modem.retrieve("/f", &Retrieve::whole(), &mut bytes).unwrap();
                assert!(bytes == pattern(size), "{size}");
                transfer
            });
            let seen = (sent.matches("AT+FTPGET\r").count(), transfer.assurance);
            assert_eq!(seen, (gets, Assurance::ServerSize), "{limit:?}, {size}");
        }
    }
    // Where the module ignores offsets, or the server refuses them since, the end cannot be seen.
    let mut rig = online(|it| (it.get_limit, it.reset_ignored) = (Some(1000), true));
    rig.files.put("/f", pattern(2500));
    rig.download("/f").unwrap_err();
    rig.files.put("/f", vec![0; 1000]);
    let mut bytes = Vec::new();
    let transfer = rig.modem.retrieve("/f", &Retrieve::whole(), &mut bytes).unwrap();
    assert_eq!((bytes, transfer.assurance), (vec![0; 1000], Assurance::Unconfirmed));
    let mut rig = online(|it| it.get_limit = Some(1000));
    rig.files.put("/f", pattern(2500));
    rig.download("/f").unwrap();
    rig.files.habits().refuses_restart = Some(502);
    rig.files.put("/f", pattern(1000));
    let mut bytes = Vec::new();
    let transfer = rig.modem.retrieve("/f", &Retrieve::whole(), &mut bytes).unwrap();
    assert_eq!((bytes == pattern(1000), transfer.assurance), (true, Assurance::Unconfirmed));
    rig.still_works();
}

/// Type A (manual, FTPTYPE); FTPRESET holds in type I only.
#[test]
fn files_can_be_transferred_as_text() {
    let mut rig = online(|_| {});
    assert_eq!(rig.modem.use_file_type(FileType::Text).unwrap_err().kind(), ErrorKind::WrongState);
    rig.modem.logout().unwrap();
    rig.modem.use_file_type(FileType::Text).unwrap();
    rig.modem.login(&server()).unwrap();
    assert!(rig.line.text().contains("AT+FTPTYPE=A\r"));
    rig.files.put("/f", "a text");
    assert_eq!(rig.download("/f").unwrap(), b"a text");
    for operation in [Operation::Size, Operation::RetrieveFrom] {
        assert!(!rig.modem.capabilities().supports(operation), "{operation}");
    }
    assert_eq!(rig.download_part("/f", &Retrieve::from(2)).unwrap_err().kind(), ErrorKind::Unsupported);
    rig.modem.logout().unwrap();
    rig.modem.use_file_type(FileType::Binary).unwrap();
    rig.modem.login(&server()).unwrap();
    every_operation_works(&mut rig);
}

/// The download was begun at the start of the file: there is no advice to do so.
#[test]
fn a_piece_that_is_not_where_it_was_requested_has_two_possible_causes() {
    let mut rig = online(|it| (it.get_limit, it.reset_ignored) = (Some(1000), true));
    rig.files.put("/f", pattern(3000));
    let error = rig.download("/f").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VerificationFailed, "{error}");
    let text = error.to_string();
    assert!(text.contains("ignores the offset") && text.contains("states a wrong size"), "{text}");
    assert!(!text.contains("from its beginning") && !text.contains("transfer the whole file again"), "{text}");
}
