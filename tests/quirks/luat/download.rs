//! Downloads: FTPGET and its blocks, the end of a session, restart offsets.

use std::time::Duration;

use ftp_modem::emulator::{
    FalseSize, IdleEnd, LuatOptions, Operation, Options, RemoteError, RestBeyondEnd, ResultOrder,
};
use ftp_modem::modem::{Assurance, Retrieve};
use ftp_modem::{ErrorKind, FtpModem};

use super::{PROFILES, Rig, SECOND, online, play_online, with};
use crate::support::access::server;
use crate::support::payload::pattern;
use crate::support::replay::ok;

/// A download of `length` bytes arrives whole.
#[track_caller]
fn arrives(mut rig: Rig, length: usize) -> Rig {
    let bytes = pattern(length);
    rig.files.put("/file.bin", bytes.clone());
    assert!(rig.download("/file.bin").unwrap() == bytes);
    rig
}

/// AT manual, FTPGET: the number announced is at most the number requested.
#[test]
fn a_block_may_be_shorter_than_requested() {
    for (limit, length) in [(1, 60), (2, 61), (100, 3000), (1459, 5000)] {
        arrives(online(|options| options.read_limit = Some(limit)), length);
    }
}

/// A damaged line must not make the driver read, or allocate, what it never requested.
#[test]
fn a_count_beyond_the_request_or_without_a_number_is_refused() {
    for count in ["2000", "18446744073709551615", "99999999999999999999999", "-1", "x", ""] {
        let mut rig = online(|options| options.count_text = Some(count.to_owned()));
        rig.files.put("/a.bin", pattern(1460));
        let mut received = Vec::new();
        let error = rig.modem.retrieve("/a.bin", &Retrieve::whole(), &mut received).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{count}: {error}");
        assert!(received.is_empty(), "{count}");
        assert!(error.module_usable(), "{count}: {error}");
        rig.upload("/b.bin", b"works").unwrap();
    }
}

/// `+FTPGET: 2,0` says that nothing is buffered now (SIM7000 note, §5.1). The driver waits for more, within its time
/// limit.
#[test]
fn an_empty_block_is_not_the_end_of_the_file() {
    let changes: &[fn(&mut LuatOptions)] = &[
        |options| options.first_reads_empty = 1,
        |options| options.first_reads_empty = 5,
        |options| options.every_read_empty = 2,
        |options| options.every_read_empty = 3,
    ];
    for change in changes {
        arrives(online(*change), 10_000);
        let options = with(*change).with_network_latency(20 * SECOND);
        arrives(Rig::online(options), 5000);
    }
    // A module that never delivers anything: the download ends within its time limit.
    let mut rig = online(|options| options.first_reads_empty = u32::MAX);
    rig.files.put("/file.bin", "x");
    let before = rig.line.elapsed();
    let error = rig.download("/file.bin").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.module_usable());
    assert!(rig.line.elapsed() - before < 83 * SECOND, "{:?}", rig.line.elapsed() - before);
}

/// `+FTPGET: 1,1` comes between blocks in the guide, §6.4, not in §6.2; it comes twice at an opening there; SIMCom
/// repeats it while data are unread (SIM7000 note, §5.3).
#[test]
fn data_announcements_may_be_missing_repeated_or_misplaced() {
    let changes: &[fn(&mut LuatOptions)] = &[
        |options| options.announcements_after_read = 0,
        |options| options.announcements_after_read = 1,
        |options| options.announcements_after_read = 2,
        |options| options.announcement_before_read = true,
        |options| options.opening_announcements = 2,
        |options| options.repeated_announcement = Some(Duration::from_millis(1)),
    ];
    for change in changes {
        let rig = arrives(online(*change), 10_000);
        // 6 full blocks and 1240 bytes: nothing was lost, nothing was read twice.
        assert_eq!(rig.line.commands("AT+FTPGET=2,").len(), 7);
    }
}

/// A server or module that counts in 16 bits states 0 for 65536 bytes, and a digit may be changed on the line.
#[test]
fn a_size_that_is_too_small_is_not_taken_for_the_end_of_the_file() {
    for (stated, length) in [(0, 1), (0, 5000), (1460, 1461), (1460, 5000), (3000, 5000)] {
        let mut rig = online(|_| {});
        rig.files.put("/file.bin", pattern(length));
        rig.files.habits().answer_size("/file.bin", FalseSize::Less(length as u64 - stated));
        let error = rig.download("/file.bin").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::VerificationFailed, "{stated} of {length}: {error}");
        rig.still_works();
    }
    // Through the module's memory.
    for stated in [0, 3000] {
        let mut rig = online(|_| {});
        rig.modem.use_memory(true).unwrap();
        rig.files.put("/file.bin", pattern(5000));
        rig.files.habits().answer_size("/file.bin", FalseSize::Less(5000 - stated));
        let error = rig.download("/file.bin").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::VerificationFailed, "{stated} by memory: {error}");
        rig.still_works();
    }
}

/// A block is short where the rest of the file is late, not only at its end. `+FTPGET: 1,0` may come with data unread
/// (log of an Air780EP).
#[test]
fn the_end_behind_short_blocks_is_looked_for() {
    let text = ok(&["AT+FTPGETPATH=\"/\"", "AT+FTPGETNAME=\"f\"", "AT+FTPSIZE"])
        + "<< \\r\\n+FTPSIZE: 1,0,6\\r\\n\n"
        + &ok(&["AT+FTPREST=0", "AT+FTPGET=1"])
        + "<< \\r\\n+FTPGET: 1,1\\r\\n\n"
        + ">> AT+FTPGET=2,1460\\r\n<< \\r\\n+FTPGET: 2,2\\r\\nab\\r\\nOK\\r\\n\n"
        + ">> AT+FTPGET=2,1460\\r\n<< \\r\\n+FTPGET: 2,4\\r\\ncdef\\r\\nOK\\r\\n\n"
        + "@ 1\n<< \\r\\n+FTPGET: 1,0\\r\\n\n"
        + ">> AT+FTPGET=2,1\\r\n<< \\r\\n+FTPGET: 2,1\\r\\ng\\r\\nOK\\r\\n\n"
        + ">> AT+FTPQUIT\\r\n<< \\r\\nERROR\\r\\n\n>> AT+FTPSTATE\\r\n<< \\r\\n+FTPSTATE: 0\\r\\n\\r\\nOK\\r\\n\n";
    play_online(&text, |modem| {
        let error = modem.retrieve("/f", &Retrieve::whole(), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::VerificationFailed, "{error}");
    });
}

/// One at the opening and none between blocks (guide, §6.2), one after each block and two at the second opening
/// (§6.4), and everything between.
#[test]
fn data_announcements_of_the_guide() {
    // None in §6.2, one after each read in §6.4, and two after the second opening there.
    for (opening, reading) in [(1, 0), (2, 0), (1, 1), (2, 1), (2, 2)] {
        let mut rig = online(|options| {
            options.opening_announcements = opening;
            options.announcements_after_read = reading;
        });
        rig.files.put("/file.bin", pattern(10_000));
        for _ in 0..3 {
            assert!(rig.download("/file.bin").unwrap() == pattern(10_000));
            assert!(
                rig.download_part("/file.bin", &Retrieve::from(7).with_length(3000)).unwrap()
                    == pattern(10_000)[7..3007]
            );
        }
    }
}

/// `+FTPGET: 1,0` right behind the last `OK` (guide, §6.2): the driver requests no further block, unless the last
/// one was full, so that the file may be longer than its size said.
#[test]
fn the_end_may_come_with_the_last_block() {
    for length in [1, 1459, 1460, 1461, 2920] {
        let rig = arrives(online(|_| {}), length);
        assert_eq!(rig.line.commands("AT+FTPGET=2,").len(), length / 1460 + 1, "no read behind the end");
        assert!(rig.line.commands("AT+FTPQUIT").is_empty());
    }
}

/// An Air780EP ended the session with 42 of 62 bytes unread (log of firmware V1007). A read after the end gives `ERROR`
/// (SIM7000 note, §5.5).
#[test]
fn the_end_while_data_are_unread_is_a_failure() {
    let mut rig = online(|options| {
        options.read_limit = Some(20);
        options.early_end_after = Some(20);
    });
    rig.files.put("/file.bin", pattern(62));
    let mut received = Vec::new();
    let error = rig.modem.retrieve("/file.bin", &Retrieve::whole(), &mut received).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
    assert!(error.to_string().contains("20 of 62"), "{error}");
    assert_eq!((error.transferred(), received), (Some(20), pattern(20)));
    assert!(error.module_usable());
}

/// No document says what FTPGET=2 does on Luat after an early end; where it delivers, the driver takes the data.
#[test]
fn data_that_can_still_be_read_after_the_end_are_read() {
    let rig = online(|options| {
        options.read_limit = Some(20);
        options.early_end_after = Some(20);
        options.read_after_end = true;
    });
    arrives(rig, 62);
}

/// The guide takes `+FTPGET: 1,0` for the end of the file; the log of an Air780EP has it with 42 of 62 bytes unread.
#[test]
fn the_end_of_a_session_does_not_prove_that_all_data_came() {
    // The log of an Air780EP has it with 42 of 62 bytes unread.
    for (after_end, expected) in [(true, Some(62)), (false, None)] {
        let mut rig = online(|options| {
            options.read_limit = Some(20);
            options.early_end_after = Some(20);
            options.read_after_end = after_end;
        });
        rig.files.put("/file.bin", pattern(62));
        let mut received = Vec::new();
        let outcome = rig.modem.retrieve("/file.bin", &Retrieve::whole(), &mut received);
        assert_eq!(outcome.as_ref().ok().map(|transfer| transfer.bytes), expected, "{outcome:?}");
        // Where the size is not available, the download is not confirmed.
        let mut rig = online(|options| {
            options.read_limit = Some(20);
            options.early_end_after = Some(20);
            options.missing_commands = vec!["+FTPSIZE".into()];
        });
        rig.files.put("/file.bin", pattern(62));
        let transfer = rig.modem.retrieve("/file.bin", &Retrieve::whole(), &mut Vec::new()).unwrap();
        assert_eq!(transfer.assurance, Assurance::Unconfirmed);
    }
}

/// After the end FTPQUIT gives `ERROR` (guide, §6.2), and so do FTPGET=2 and FTPPUT=2 (SIM7000 note, §5.5).
#[test]
fn no_block_is_requested_after_the_end() {
    // Told of FTPQUIT only in the guide; of FTPGET=2 and FTPPUT=2, too, in SIMCom's notes.
    for profile in PROFILES {
        let mut rig = online(|options| {
            options.profile = profile;
            options.missing_commands = vec!["+FTPSIZE".into()];
        });
        rig.files.put("/file.bin", pattern(2920));
        assert!(rig.download("/file.bin").unwrap() == pattern(2920), "{profile:?}");
        rig.still_works();
    }
}

/// The first and only result code is `+FTPGET: 1,0`, or `1,1` with an empty block behind it.
#[test]
fn an_end_without_data_is_an_empty_file() {
    for known in [true, false] {
        for announced in [true, false] {
            let mut rig = online(|options| {
                options.empty_announced = announced;
                if !known {
                    options.missing_commands = vec!["+FTPSIZE".into()];
                }
            });
            rig.files.put("/empty.bin", "");
            assert_eq!(rig.download("/empty.bin").unwrap(), b"");
            rig.still_works();
        }
    }
}

/// `+FTPGET: 1,<code>` (AT manual, FTP result codes): at the opening, after some blocks, or between a command and its
/// answer.
#[test]
fn an_error_may_come_instead_of_an_announcement() {
    // In place of the first.
    let mut rig = online(|_| {});
    rig.files.put("/file.bin", pattern(10_000));
    rig.files.fail_next(Operation::Retrieve, RemoteError::Reply { code: 550, text: "no".into() });
    let error = rig.download("/file.bin").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert_eq!(error.module_code().unwrap().value, "77");
    rig.still_works();

    // After some blocks, and between the command and its answer.
    for failure_first in [false, true] {
        let mut rig = online(|options| options.failure_first = failure_first);
        rig.files.put("/file.bin", pattern(10_000));
        rig.files.break_download_after(5000);
        let mut received = Vec::new();
        let error = rig.modem.retrieve("/file.bin", &Retrieve::whole(), &mut received).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DataConnection, "{error}");
        assert_eq!(error.module_code().unwrap().value, "79");
        assert_eq!(error.transferred(), Some(received.len() as u64));
        assert!(received == pattern(5000), "{}", received.len());
        rig.still_works();
    }
}

/// A SIM7000 announces unread data several times, then ends the session with `+FTPGET: 1,64` (SIM7000 note, §5.3).
#[test]
fn code_64_after_announcements_is_a_network_timeout() {
    let options = with(|options| {
        options.opening_announcements = 3;
        options.first_reads_empty = 1;
        options.get_idle = IdleEnd::After { time: Duration::from_millis(200), code: 64 };
    });
    let mut rig = Rig::online(options.with_network_latency(SECOND));
    rig.files.put("/file.bin", pattern(100));
    let error = rig.download("/file.bin").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NetworkTimeout, "{error}");
    assert!(error.is_retryable());
}

/// The result code takes up to 75 s (SIM800 AT manual V1.09, SIM7000 AT manual V1.06). The session is ended then.
#[test]
fn silence_after_the_acknowledgement_ends_in_a_timeout() {
    let options = with(|options| options.missing_commands = vec!["+FTPSIZE".into()]);
    let mut rig = Rig::online(options.with_network_latency(3600 * SECOND));
    let before = rig.line.elapsed();
    let error = rig.download("/file.bin").unwrap_err();
    let taken = rig.line.elapsed() - before;
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(taken >= 75 * SECOND && taken < 93 * SECOND, "{taken:?}");
    assert_eq!(rig.line.commands("AT+FTPQUIT").len(), 1, "the session is ended");
    // The same where the command is a session of its own.
    let mut rig = Rig::online(Options::default().with_network_latency(3600 * SECOND));
    assert_eq!(rig.modem.size("/x").unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(rig.line.commands("AT+FTPQUIT").len(), 1, "the session is ended");
}

/// No document promises that `OK` comes first.
#[test]
fn a_result_may_precede_its_acknowledgement() {
    let options = Options::default().with_result_order(ResultOrder::OkLast);
    let mut rig = arrives(Rig::online(options), 5000);
    assert_eq!(rig.modem.size("/file.bin").unwrap(), 5000);
    rig.upload("/up.bin", &pattern(5000)).unwrap();
    assert!(rig.files.file("/up.bin").unwrap() == pattern(5000));
    let transfer = rig.modem.retrieve("/up.bin", &Retrieve::whole().with_length(5), &mut Vec::new()).unwrap();
    assert_eq!((transfer.bytes, transfer.assurance), (5, Assurance::ServerSize));
    rig.still_works();
}

/// FTPREST is readable and never cleared in any log (guide, §6.4; SIM7000 note, §5.7), so the driver sends it before
/// every download.
#[test]
fn a_restart_offset_left_over_has_no_effect() {
    for persists in [true, false] {
        let mut rig = Rig::open(with(|options| options.rest_persists = persists));
        // By another program.
        rig.line.act(|module, now| module.receive(now, b"AT+FTPREST=6\r"));
        rig.modem.attach(&Default::default()).unwrap();
        rig.modem.login(&server()).unwrap();
        rig.files.put("/file.bin", pattern(5000));
        assert!(rig.download("/file.bin").unwrap() == pattern(5000));
        // By the driver itself; an upload does not start there either.
        assert!(rig.download_part("/file.bin", &Retrieve::from(6)).unwrap() == pattern(5000)[6..]);
        rig.upload("/up.bin", b"12345").unwrap();
        assert_eq!(rig.files.file("/up.bin").unwrap(), b"12345");
        assert!(rig.download("/file.bin").unwrap() == pattern(5000));
        assert_eq!(rig.line.commands("AT+FTPREST").last().unwrap(), "AT+FTPREST=0");
    }
}

/// No document says whether the module ends such a session with 0 or with 74.
#[test]
fn an_offset_at_or_beyond_the_end_is_answered_at_once() {
    for beyond in [RestBeyondEnd::Finished, RestBeyondEnd::RestError] {
        let mut rig = online(|options| options.rest_beyond_end = beyond);
        rig.files.put("/file.bin", pattern(20));
        let transfer = rig.modem.retrieve("/file.bin", &Retrieve::from(20), &mut Vec::new()).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (0, Assurance::ServerSize));
        let error = rig.download_part("/file.bin", &Retrieve::from(21)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        rig.still_works();

        // Where the size is not available, the answer of the module counts.
        let mut rig = online(|options| {
            options.rest_beyond_end = beyond;
            options.missing_commands = vec!["+FTPSIZE".into()];
        });
        rig.files.put("/file.bin", pattern(20));
        match rig.modem.retrieve("/file.bin", &Retrieve::from(20), &mut Vec::new()) {
            Ok(transfer) => assert_eq!((transfer.bytes, transfer.assurance), (0, Assurance::Unconfirmed)),
            Err(error) => assert_eq!(error.module_code().unwrap().value, "74", "{error}"),
        }
        rig.still_works();
    }
}

/// The guide, §6.4: the comment says that 15 bytes were read; its lines show that 10 were.
#[test]
fn a_part_has_the_requested_length() {
    // The guide's comment says that 15 were read; its lines, that 10 were.
    let mut rig = online(|options| (options.opening_announcements, options.announcements_after_read) = (2, 1));
    rig.files.put("/test.txt", "1234567890asdfghjklz");
    assert_eq!(rig.download_part("/test.txt", &Retrieve::from(5).with_length(10)).unwrap(), b"67890asdfg");
    assert_eq!(rig.download_part("/test.txt", &Retrieve::from(5)).unwrap(), b"67890asdfghjklz");
}
