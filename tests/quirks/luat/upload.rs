//! Uploads: FTPPUT, its blocks and its end.

use std::io;
use std::time::{Duration, Instant};

use ftp_modem::emulator::{Faulty, IdleEnd, LuatOptions, LuatProfile, Operation, Options, PutExcess, RemoteError};
use ftp_modem::modem::{AccessPoint, Assurance, Store};
use ftp_modem::transport::Transport;
use ftp_modem::{ErrorKind, FtpModem, Vendor};

use super::{PROFILES, Rig, SECOND, online, play_online, with};
use crate::support::access::server;
use crate::support::host::Host;
use crate::support::payload::pattern;
use crate::support::replay::ok;
use crate::support::rig::module;

/// An upload of `length` bytes arrives whole.
#[track_caller]
fn arrives(mut rig: Rig, length: usize) -> Rig {
    let bytes = pattern(length);
    assert_eq!(rig.upload("/up.bin", &bytes).unwrap().bytes, length as u64);
    assert!(rig.files.file("/up.bin").unwrap() == bytes, "arrived changed");
    rig
}

/// The number of bytes that each FTPPUT=2 offers.
fn offers(rig: &Rig) -> Vec<usize> {
    let sent = rig.line.sent();
    let text: String = sent.iter().map(|byte| char::from(*byte)).collect();
    let lines = text.match_indices("AT+FTPPUT=2,").map(|(index, start)| &text[index + start.len()..]);
    lines.map(|rest| rest[..rest.find('\r').unwrap()].parse().unwrap()).collect()
}

/// `+FTPPUT: 2,<n>` is the go-ahead: neither `>` nor `OK` comes before the data (log of an Air780EP, firmware V1007).
#[test]
fn no_prompt_precedes_the_data() {
    let rig = online(|_| {});
    let before = rig.line.elapsed();
    let rig = arrives(rig, 5000);
    assert!(rig.line.elapsed() - before < SECOND, "the driver waited for nothing");
}

/// AT manual, FTPPUT: the answer has the "confirmed length". 0 says that the module is not ready, and the driver offers
/// the block once more.
#[test]
fn a_module_may_want_fewer_bytes_than_offered() {
    for accepts in [1, 7, 999] {
        arrives(online(|options| options.put_accepts = Some(accepts)), 1000 + accepts * 3);
    }
    for refusals in [1, 5] {
        let rig = arrives(online(|options| options.put_refusals = refusals), 3000);
        assert_eq!(offers(&rig).len() as u32, refusals + 4, "offered once more");
    }
    // A module that never takes anything: the upload ends within its time limit.
    let mut rig = online(|options| {
        options.put_accepts = Some(0);
        options.put_idle = IdleEnd::Never;
    });
    let before = rig.line.elapsed();
    let error = rig.upload("/up.bin", b"x").unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::Timeout, Some(0)), "{error}");
    assert!(rig.line.elapsed() - before < 83 * SECOND);
}

/// A line end within the number of FTPPUT=2 ends the command early: the module takes the rest of the number for the
/// first bytes of the block, and acknowledges the block before all of it was sent.
#[test]
fn a_part_of_the_command_that_became_payload_is_noticed() {
    for is_early in [true, false] {
        let ends = if is_early { "<< \\r\\nOK\\r\\n\n" } else { "@ 1\n>> 1\n<< \\r\\nOK\\r\\n\n" };
        let rest = if is_early {
            ">> ATI\\r\n<< \\r\\nAirM2M_780E_V1169_LTE_AT\\r\\n\\r\\nOK\\r\\n\n>> AT+FTPQUIT\\r\n\
             << \\r\\nOK\\r\\n\\r\\n+FTPPUT: 1,86\\r\\n\n"
        } else {
            ">> AT+FTPPUT=2,10\\r\n<< \\r\\n+FTPPUT: 2,10\\r\\n\n>> 2345678901\n<< \\r\\nOK\\r\\n\n\
             >> AT+FTPPUT=2,0\\r\n<< \\r\\nOK\\r\\n\\r\\n+FTPPUT: 1,0\\r\\n\n"
        };
        let text = ok(&[
            "AT+FTPPUTOPT=\"STOR\"",
            "AT+FTPREST=0",
            "AT+FTPPUTNAME=\"up.txt\"",
            "AT+FTPPUTPATH=\"/\"",
            "AT+FTPPUT=1",
        ]) + "<< \\r\\n+FTPPUT: 1,1,1360\\r\\n\n"
            + ">> AT+FTPPUT=2,11\\r\n<< \\r\\n+FTPPUT: 2,1\\r\\n\n"
            + ends
            + rest;
        play_online(&text, |modem| {
            let outcome = modem.store("/up.txt", &Store::create(), &mut &b"12345678901"[..]);
            let kind = outcome.err().map(|error| error.kind());
            assert_eq!(kind, is_early.then_some(ErrorKind::Protocol));
        });
    }
}

/// `+FTPPUT: 1,1,<max>` depends on the network (AT manual); 1000 to 1460 were seen. Too long an offer is refused or
/// cut.
#[test]
fn the_maximum_of_the_last_announcement_limits_a_block() {
    let maximums = vec![1000, 1200, 1260, 1280, 1360, 1460, 10, 1400, 700];
    for excess in [PutExcess::Error, PutExcess::Capped] {
        let rig = arrives(
            online(|options| {
                options.put_maximums = maximums.clone();
                options.put_excess = excess;
            }),
            12_000,
        );
        let limits = maximums.iter().chain(std::iter::repeat(&700));
        for (index, (offer, limit)) in offers(&rig).into_iter().zip(limits).enumerate() {
            assert!(offer <= *limit, "block {index}: {offer} of at most {limit}");
        }
    }
    // Announced after the driver has stopped waiting for it, and smaller than before.
    for excess in [PutExcess::Error, PutExcess::Capped] {
        let rig = online(|options| {
            options.put_maximums = vec![1360, 500, 1360];
            options.put_reannounce_delay = 3 * SECOND;
            options.put_excess = excess;
        });
        arrives(rig, 5000);
    }
    // Announced after a larger offer was refused.
    let text = ok(&[
        "AT+FTPPUTOPT=\"STOR\"",
        "AT+FTPREST=0",
        "AT+FTPPUTNAME=\"up.txt\"",
        "AT+FTPPUTPATH=\"/\"",
        "AT+FTPPUT=1",
    ]) + "<< \\r\\n+FTPPUT: 1,1,10\\r\\n\n"
        + ">> AT+FTPPUT=2,10\\r\n<< \\r\\n+FTPPUT: 2,10\\r\\n\n>> 0123456789\n<< \\r\\nOK\\r\\n\n"
        + ">> AT+FTPPUT=2,5\\r\n<< \\r\\nERROR\\r\\n\n@ 0.2\n<< \\r\\n+FTPPUT: 1,1,3\\r\\n\n"
        + ">> AT+FTPPUT=2,3\\r\n<< \\r\\n+FTPPUT: 2,3\\r\\n\n>> abc\n<< \\r\\nOK\\r\\n\n"
        + ">> AT+FTPPUT=2,2\\r\n<< \\r\\n+FTPPUT: 2,2\\r\\n\n>> de\n<< \\r\\nOK\\r\\n\n"
        + ">> AT+FTPPUT=2,0\\r\n<< \\r\\nOK\\r\\n\\r\\n+FTPPUT: 1,0\\r\\n\n";
    play_online(&text, |modem| {
        let transfer = modem.store("/up.txt", &Store::create(), &mut &b"0123456789abcde"[..]).unwrap();
        assert_eq!(transfer.bytes, 15);
    });
    // A maximum that no segment can hold is ignored.
    let rig = arrives(online(|options| options.put_maximums = vec![1_000_000]), 5000);
    assert!(offers(&rig).into_iter().all(|offer| offer <= 1460));
}

/// 1360 in the guide, §6.3, as if it were fixed; 1000 to 1460 were seen.
#[test]
fn the_longest_block_is_not_always_1360() {
    // 1360 in the guide as if it were fixed; 1000 to 1460 were seen.
    for most in [1, 10, 1000, 1280, 1360, 1460] {
        let mut rig = online(|options| options.put_maximums = vec![most]);
        let length = most.min(100) * 30;
        rig.upload("/up.bin", &pattern(length)).unwrap();
        assert!(rig.files.file("/up.bin").unwrap() == pattern(length), "{most}");
    }
}

/// The SIM7080 note has an example with `+FTPPUT: 1,1` alone.
#[test]
fn a_missing_maximum_is_replaced_by_the_smallest_one_seen() {
    let rig = arrives(
        online(|options| {
            options.profile = LuatProfile::Sim7080;
            options.put_maximum_shown = false;
        }),
        5000,
    );
    assert!(offers(&rig).into_iter().all(|offer| offer <= 1000), "the smallest ever seen");
}

/// The log of an Air780EP has none (firmware V1007). The driver waits for one once, and then no more.
#[test]
fn an_announcement_after_a_block_may_be_missing() {
    let rig = online(|options| options.put_reannounced = false);
    let before = rig.line.elapsed();
    let rig = arrives(rig, 20_000);
    assert!(rig.line.elapsed() - before < 5 * SECOND, "waited for once, and then no more");
}

/// After every block in the guide, §6.3; after none in the log of an Air780EP.
#[test]
fn announcements_between_blocks_may_come_late_or_not_at_all() {
    for (announced, delay) in [(true, 0), (true, 300), (true, 5000), (false, 0)] {
        let mut rig = online(|options| {
            options.put_reannounced = announced;
            options.put_reannounce_delay = Duration::from_millis(delay);
        });
        rig.upload("/up.bin", &pattern(10_000)).unwrap();
        assert!(rig.files.file("/up.bin").unwrap() == pattern(10_000), "{announced} {delay}");
    }
}

/// A byte more would be the beginning of a command line.
#[test]
fn exactly_the_announced_bytes_are_sent() {
    let mut rig = online(|_| {});
    rig.upload("/up.txt", b"1234567890").unwrap();
    let sent = String::from_utf8(rig.line.sent()).unwrap();
    assert!(sent.contains("AT+FTPPUT=2,10\r1234567890AT+FTPPUT=2,0\r"), "{sent}");
}

/// A port that takes half of the first block of payload, and then nothing for once.
struct Stuck {
    host: Host<Faulty>,
    blocks: u32,
}

impl Transport for Stuck {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        self.host.read(buffer, deadline)
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        if !bytes.starts_with(b"x") {
            return self.host.write(bytes, deadline);
        }
        self.blocks += 1;
        match self.blocks {
            1 => self.host.write(&bytes[..bytes.len() / 2], deadline),
            _ => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    fn now(&self) -> Instant {
        self.host.now()
    }

    fn name(&self) -> &str {
        "stuck"
    }
}

/// A module that wants 100 bytes takes the next commands for file data (Arduino Stack Exchange, question 68120); it
/// waits longer than 35 s (log of an Air780EP).
#[test]
fn a_block_of_which_half_was_sent_is_padded() {
    let (line, files) = module(Vendor::Luat, Options::default());
    let stuck = Stuck { host: line.host(), blocks: 0 };
    let mut rig = Rig::through(stuck, line, files);
    rig.go_online();
    let error = rig.modem.store("/up.txt", &Store::create(), &mut &[b'x'; 100][..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.module_usable(), "{error}");
    assert_eq!(error.transferred(), Some(100), "so many bytes the server may have");
    // The other half was padded before any command: no command is in the file.
    assert_eq!(rig.files.file("/up.txt").unwrap(), [&[b'x'; 50][..], &[0; 50]].concat());
    rig.still_works();
}

/// `OK` follows FTPPUT=2,0 at once. The result, `+FTPPUT: 1,0` or an error, took more than 4 s on a SIM900
/// (SodaqMoja/GPRSbee, src/GPRSbee.cpp).
#[test]
fn a_file_is_stored_when_the_result_says_so() {
    let rig = online(|options| options.store_delay = 20 * SECOND);
    let before = rig.line.elapsed();
    let rig = arrives(rig, 100);
    assert!(rig.line.elapsed() - before >= 20 * SECOND, "not before the result");

    let mut rig = online(|options| options.store_delay = 20 * SECOND);
    rig.files.fail_next(Operation::Finish, RemoteError::Reply { code: 552, text: "full".into() });
    let error = rig.upload("/up.bin", b"12345").unwrap_err();
    assert_eq!(error.module_code().unwrap().value, "78", "{error}");
    assert_eq!(error.transferred(), Some(5));
    rig.still_works();
}

/// The guide, §6.3, quits, which reports 86; every manual closes by FTPPUT=2,0 and waits for the result.
#[test]
fn an_upload_ends_with_an_empty_block() {
    // The guide quits; every manual closes by FTPPUT=2,0 and waits for the result.
    let mut rig = online(|_| {});
    rig.upload("/up.bin", b"12345").unwrap();
    assert_eq!(rig.line.commands("12345AT+FTPPUT=2,0").len(), 1);
    assert!(rig.line.commands("AT+FTPQUIT").is_empty());
}

/// `+FTPPUT: 1,78` or `1,64` (AT manual, FTP result codes): no block is sent behind it.
#[test]
fn a_failure_between_two_blocks_ends_the_upload() {
    let mut rig = online(|_| {});
    rig.files.habits().largest_file = Some(2000);
    let error = rig.upload("/up.bin", &pattern(20_000)).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::DataConnection, Some(2720)), "{error}");
    assert_eq!(offers(&rig), [1360, 1360], "no block behind the failure");
    rig.still_works();

    let mut rig = online(|options| {
        options.put_reannounced = false;
        options.put_idle = IdleEnd::After { time: SECOND, code: 64 };
    });
    let error = rig.upload("/up.bin", &pattern(20_000)).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::NetworkTimeout, Some(1360)), "{error}");
    assert_eq!(offers(&rig), [1360]);
    rig.still_works();
}

/// An Air780EP stored the file by itself after 31.8 s without data, with `+FTPPUT: 1,0` (log of firmware V1007).
#[test]
fn an_upload_that_the_module_ends_is_incomplete() {
    let mut rig = online(|options| {
        options.put_reannounced = false;
        options.put_idle = IdleEnd::After { time: SECOND, code: 0 };
    });
    let error = rig.upload("/up.bin", &pattern(20_000)).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(1360)), "{error}");
    assert_eq!(offers(&rig), [1360]);
    rig.still_works();
}

/// The module may have it: a second copy would be in the file twice.
#[test]
fn a_block_without_an_acknowledgement_is_not_repeated() {
    let mut rig = online(|options| options.put_silent_chunk = Some(2));
    let error = rig.upload("/up.bin", &pattern(5000)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert_eq!(offers(&rig), [1360, 1360]);
    assert!(rig.files.file("/up.bin").unwrap() == pattern(2720), "each block once");
    assert!(error.module_usable(), "{error}");
    rig.still_works();
}

/// What the server has of an upload that failed, an append never repeats.
#[test]
fn an_append_is_never_repeated() {
    let changes: &[fn(&mut LuatOptions)] = &[
        |options| options.put_silent_chunk = Some(1),
        |options| options.put_idle = IdleEnd::After { time: Duration::from_millis(100), code: 0 },
    ];
    for change in changes {
        let mut rig = online(|options| {
            options.put_reannounced = false;
            change(options);
        });
        rig.files.put("/log.txt", "old");
        rig.modem.store("/log.txt", &Store::append(), &mut &[b'x'; 3000][..]).unwrap_err();
        let log = rig.files.file("/log.txt").unwrap();
        assert!(log.len() <= 3 + 1360 && log.starts_with(b"old"), "{}", log.len());
    }
}

/// CR and LF vanish from uploads, and ASCII clears the top bit of every byte, unless FTPTYPE="I" was set (guide, §9;
/// SIM7000 AT manual V1.06, FTPTYPE).
#[test]
fn the_type_is_set_to_binary() {
    let bytes: Vec<u8> = (0..=255).chain(*b"a\nb\rc\r\nd").collect();
    for profile in PROFILES {
        let mut rig = online(|options| {
            options.profile = profile;
            options.initially_binary = Some(false);
        });
        rig.upload("/up.bin", &bytes).unwrap();
        assert!(rig.files.file("/up.bin").unwrap() == bytes, "{profile:?}");
        assert!(rig.download("/up.bin").unwrap() == bytes, "{profile:?}");
        assert_eq!(rig.line.commands("AT+FTPTYPE="), ["AT+FTPTYPE=\"I\""]);
    }
}

/// A SIM900 wrote 0x0D 0x0A for 0x0A although the type was binary (mikrocontroller.net, topic 256481).
#[test]
fn line_feeds_that_grow_are_not_claimed_to_be_right() {
    let mut rig = online(|options| {
        options.profile = LuatProfile::Sim800;
        options.line_feeds_expanded = true;
    });
    let transfer = rig.upload("/up.txt", b"a\nb\nc\n").unwrap();
    // No answer of the module shows it, so the driver claims no more than the count of the module. The size on the
    // server shows it.
    assert_eq!(transfer.assurance, Assurance::ModuleCount);
    assert_ne!(rig.modem.size("/up.txt").unwrap(), transfer.bytes);
}

/// With FTPEXTPUT or FTPFILEPUT on, FTPPUT=1 sends data of the module itself and reports 0 without a maximum (AT
/// manual).
#[test]
fn a_mode_that_another_program_left_on_is_switched_off() {
    // FTPEXTPUT left on by an earlier user.
    for profile in PROFILES {
        let rig = online(|options| {
            options.profile = profile;
            options.ext_put_on = true;
        });
        arrives(rig, 3000);
    }
    // FTPFILEPUT left on.
    let mut rig = Rig::open(with(|options| options.files = vec![("C:/USER/FTP/old.txt".into(), b"old".to_vec())]));
    rig.line.act(|module, now| module.receive(now, b"AT+FTPFILEPUT=1,\"C:/USER/FTP/old.txt\"\r"));
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.modem.login(&server()).unwrap();
    arrives(rig, 3000);
    // Where the mode stays on, the result is not taken for an upload of an empty file.
    play_online(
        &(ok(&[
            "AT+FTPPUTOPT=\"STOR\"",
            "AT+FTPREST=0",
            "AT+FTPPUTNAME=\"up.txt\"",
            "AT+FTPPUTPATH=\"/\"",
            "AT+FTPPUT=1",
        ]) + "<< \\r\\n+FTPPUT: 1,0\\r\\n\n>> AT+FTPQUIT\\r\n<< \\r\\nERROR\\r\\n\n"
            + ">> AT+FTPSTATE\\r\n<< \\r\\n+FTPSTATE: 0\\r\\n\\r\\nOK\\r\\n\n"),
        |modem| {
            let error = modem.store("/up.txt", &Store::create(), &mut &b"x"[..]).unwrap_err();
            assert_eq!((error.kind(), error.transferred()), (ErrorKind::WrongState, Some(0)), "{error}");
        },
    );
}

/// The guide, §6.3, makes an empty file on the server first; no manual does.
#[test]
fn an_upload_creates_its_file() {
    // The guide makes an empty file on the server first; no manual does.
    let mut rig = online(|_| {});
    rig.upload("/new.bin", b"12345").unwrap();
    rig.upload("/new.bin", b"678").unwrap();
    assert_eq!(rig.files.file("/new.bin").unwrap(), b"678", "and one that is there is replaced");
}
