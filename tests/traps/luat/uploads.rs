//! Traps 20 to 33: uploads.

use std::io;
use std::time::{Duration, Instant};

use ftp_modem::emulator::{
    self, IdleEnd, LuatOptions, LuatProfile, MemoryServer, Module, Operation, Options, PutExcess, RemoteError,
};
use ftp_modem::modem::{AccessPoint, Assurance, Retrieve, Store};
use ftp_modem::transport::Transport;
use ftp_modem::transport::memory::MemoryPipe;
use ftp_modem::{ErrorKind, FtpModem, OpenOptions};

use super::{SECOND, Wire, online, pattern, play_logged_in, sent, with};
use crate::support::bench::{Bench, PASSWORD, USER, server};

/// An upload of `length` bytes arrives whole.
#[track_caller]
fn arrives(mut bench: Bench, length: usize) -> Bench {
    let bytes = pattern(length);
    assert_eq!(bench.upload("/up.bin", &bytes).unwrap().bytes, length as u64);
    assert!(bench.files.file("/up.bin").unwrap() == bytes, "arrived changed");
    bench
}

/// How many bytes each FTPPUT=2 asked to send.
fn asked(bench: &Bench) -> Vec<usize> {
    let sent = bench.line.sent();
    let text: String = sent.iter().map(|byte| char::from(*byte)).collect();
    let lines = text.match_indices("AT+FTPPUT=2,").map(|(index, start)| &text[index + start.len()..]);
    lines.map(|rest| rest[..rest.find('\r').unwrap()].parse().unwrap()).collect()
}

#[test]
fn luat_trap_20_no_prompt_before_the_data() {
    let bench = online(|_| {});
    let before = bench.line.elapsed();
    let bench = arrives(bench, 5000);
    assert!(bench.line.elapsed() - before < SECOND, "nothing was waited for in vain");
}

#[test]
fn luat_trap_21_fewer_bytes_wanted_than_offered() {
    for accepts in [1, 7, 999] {
        arrives(online(|options| options.put_accepts = Some(accepts)), 1000 + accepts * 3);
    }
    for refusals in [1, 5] {
        let bench = arrives(online(|options| options.put_refusals = refusals), 3000);
        assert_eq!(asked(&bench).len() as u32, refusals + 4, "asked again");
    }
    // One that never takes any is given up.
    let mut bench = online(|options| {
        options.put_accepts = Some(0);
        options.put_idle = IdleEnd::Never;
    });
    let before = bench.line.elapsed();
    let error = bench.upload("/up.bin", b"x").unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::Timeout, Some(0)), "{error}");
    assert!(bench.line.elapsed() - before < 83 * SECOND);
}

#[test]
fn luat_trap_22_the_last_maximum_counts() {
    let maximums = vec![1000, 1200, 1260, 1280, 1360, 1460, 10, 1400, 700];
    for excess in [PutExcess::Error, PutExcess::Capped] {
        let bench = arrives(
            online(|options| {
                options.put_maximums = maximums.clone();
                options.put_excess = excess;
            }),
            12_000,
        );
        let limits = maximums.iter().chain(std::iter::repeat(&700));
        for (index, (asked, limit)) in asked(&bench).into_iter().zip(limits).enumerate() {
            assert!(asked <= *limit, "block {index}: {asked} of at most {limit}");
        }
    }
    // Announced when the driver has given up waiting for it, and smaller than before.
    for excess in [PutExcess::Error, PutExcess::Capped] {
        let bench = online(|options| {
            options.put_maximums = vec![1360, 500, 1360];
            options.put_reannounce_delay = 3 * SECOND;
            options.put_excess = excess;
        });
        arrives(bench, 5000);
    }
    // Announced only when the driver has asked for more already, and was refused.
    let text = super::ok(&[
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
    play_logged_in(&text, |modem| {
        let transfer = modem.store("/up.txt", &Store::create(), &mut &b"0123456789abcde"[..]).unwrap();
        assert_eq!(transfer.bytes, 15);
    });
    // One that no segment can hold is not believed.
    let bench = arrives(online(|options| options.put_maximums = vec![1_000_000]), 5000);
    assert!(asked(&bench).into_iter().all(|asked| asked <= 1460));
}

#[test]
fn luat_trap_23_no_maximum() {
    let bench = arrives(
        online(|options| {
            options.profile = LuatProfile::Sim7080;
            options.put_maximum_shown = false;
        }),
        5000,
    );
    assert!(asked(&bench).into_iter().all(|asked| asked <= 1000), "the smallest ever seen");
}

#[test]
fn luat_trap_24_no_announcement_after_a_block() {
    let bench = online(|options| options.put_reannounced = false);
    let before = bench.line.elapsed();
    let bench = arrives(bench, 20_000);
    assert!(bench.line.elapsed() - before < 5 * SECOND, "waited for once, and then no more");
}

#[test]
fn luat_trap_25_exactly_the_bytes_that_were_announced() {
    let mut bench = online(|_| {});
    bench.upload("/up.txt", b"1234567890").unwrap();
    let sent = String::from_utf8(bench.line.sent()).unwrap();
    assert!(sent.contains("AT+FTPPUT=2,10\r1234567890AT+FTPPUT=2,0\r"), "{sent}");
}

/// A port that takes half of the first block of payload, and then nothing for once.
struct Stuck {
    pipe: MemoryPipe<Module>,
    blocks: u32,
}

impl Transport for Stuck {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        self.pipe.read(buffer, deadline)
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        if !bytes.starts_with(b"x") {
            return self.pipe.write(bytes, deadline);
        }
        self.blocks += 1;
        match self.blocks {
            1 => self.pipe.write(&bytes[..bytes.len() / 2], deadline),
            _ => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    fn now(&self) -> Instant {
        self.pipe.now()
    }

    fn name(&self) -> &str {
        "stuck"
    }
}

#[test]
fn luat_trap_26_a_block_that_was_only_half_sent() {
    let files = MemoryServer::new();
    files.add_user(USER, PASSWORD);
    files.put("/there.txt", "yes");
    let module = Module::new(emulator::Family::Luat, files.remote(), Options::default());
    let stuck = Stuck { pipe: MemoryPipe::new(module), blocks: 0 };
    let mut modem = OpenOptions::new().open_on(stuck).unwrap();
    modem.attach(&AccessPoint::default()).unwrap();
    modem.login(&server()).unwrap();
    let error = modem.store("/up.txt", &Store::create(), &mut &[b'x'; 100][..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.module_usable(), "{error}");
    assert_eq!(error.transferred(), Some(100), "so many bytes the server may have");
    // The other half was made up before any command: none of them is in the file.
    assert_eq!(files.file("/up.txt").unwrap(), [&[b'x'; 50][..], &[0; 50]].concat());
    let mut there = Vec::new();
    modem.retrieve("/there.txt", &Retrieve::whole(), &mut there).unwrap();
    assert_eq!(there, b"yes");
}

#[test]
fn luat_trap_27_stored_only_when_the_result_says_so() {
    let bench = online(|options| options.store_delay = 20 * SECOND);
    let before = bench.line.elapsed();
    let bench = arrives(bench, 100);
    assert!(bench.line.elapsed() - before >= 20 * SECOND, "not before the result");

    let mut bench = online(|options| options.store_delay = 20 * SECOND);
    bench.files.fail_next(Operation::Finish, RemoteError::Reply { code: 552, text: "full".into() });
    let error = bench.upload("/up.bin", b"12345").unwrap_err();
    assert_eq!(error.module_code().unwrap().value, "78", "{error}");
    assert_eq!(error.transferred(), Some(5));
    bench.still_works();
}

#[test]
fn luat_trap_28_a_failure_between_two_blocks() {
    let mut bench = online(|_| {});
    bench.files.limit_file_size(2000);
    let error = bench.upload("/up.bin", &pattern(20_000)).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::DataConnection, Some(2720)), "{error}");
    assert_eq!(asked(&bench), [1360, 1360], "no block behind the failure");
    bench.still_works();

    let mut bench = online(|options| {
        options.put_reannounced = false;
        options.put_idle = IdleEnd::After { time: SECOND, code: 64 };
    });
    let error = bench.upload("/up.bin", &pattern(20_000)).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::NetworkTimeout, Some(1360)), "{error}");
    assert_eq!(asked(&bench), [1360]);
    bench.still_works();
}

#[test]
fn luat_trap_29_an_upload_that_the_module_ends() {
    let mut bench = online(|options| {
        options.put_reannounced = false;
        options.put_idle = IdleEnd::After { time: SECOND, code: 0 };
    });
    let error = bench.upload("/up.bin", &pattern(20_000)).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(1360)), "{error}");
    assert_eq!(asked(&bench), [1360]);
    bench.still_works();
}

#[test]
fn luat_trap_30_a_block_of_unknown_fate_is_not_repeated() {
    let mut bench = online(|options| options.put_silent_chunk = Some(2));
    let error = bench.upload("/up.bin", &pattern(5000)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert_eq!(asked(&bench), [1360, 1360]);
    assert!(bench.files.file("/up.bin").unwrap() == pattern(2720), "each block once");
    assert!(error.module_usable(), "{error}");
    bench.still_works();
}

#[test]
fn luat_trap_31_the_type_is_set_to_binary() {
    let bytes: Vec<u8> = (0..=255).chain(*b"a\nb\rc\r\nd").collect();
    for profile in super::PROFILES {
        let mut bench = online(|options| {
            options.profile = profile;
            options.initially_binary = Some(false);
        });
        bench.upload("/up.bin", &bytes).unwrap();
        assert!(bench.files.file("/up.bin").unwrap() == bytes, "{profile:?}");
        assert!(bench.download("/up.bin", &Retrieve::whole()).unwrap() == bytes, "{profile:?}");
        assert_eq!(sent(&bench, "AT+FTPTYPE"), ["AT+FTPTYPE=\"I\""]);
    }
}

#[test]
fn luat_trap_32_line_feeds_that_grow_in_spite_of_it() {
    let mut bench = online(|options| {
        options.profile = LuatProfile::Sim800;
        options.line_feeds_expanded = true;
    });
    let transfer = bench.upload("/up.txt", b"a\nb\nc\n").unwrap();
    // Nothing in the module's answers tells, and more than its count is not claimed; the server's size tells.
    assert_eq!(transfer.assurance, Assurance::ModuleCount);
    assert_ne!(bench.modem.size("/up.txt").unwrap(), transfer.bytes);
}

#[test]
fn luat_trap_33_data_of_the_module_itself_are_not_an_upload() {
    // FTPEXTPUT left on by an earlier user.
    for profile in super::PROFILES {
        let bench = online(|options| {
            options.profile = profile;
            options.ext_put_on = true;
        });
        arrives(bench, 3000);
    }
    // FTPFILEPUT left on.
    let (mut bench, wire) =
        Wire::open(with(|options| options.files = vec![("C:/USER/FTP/old.txt".into(), b"old".to_vec())]));
    wire.now(|module, now| module.receive(now, b"AT+FTPFILEPUT=1,\"C:/USER/FTP/old.txt\"\r"));
    bench.modem.attach(&AccessPoint::default()).unwrap();
    bench.modem.login(&server()).unwrap();
    arrives(bench, 3000);
    // One that cannot be put off is not taken for an upload of nothing.
    play_logged_in(
        &(super::ok(&[
            "AT+FTPPUTOPT=\"STOR\"",
            "AT+FTPREST=0",
            "AT+FTPPUTNAME=\"up.txt\"",
            "AT+FTPPUTPATH=\"/\"",
            "AT+FTPPUT=1",
        ]) + "<< \\r\\n+FTPPUT: 1,0\\r\\n\n>> AT+FTPQUIT\\r\n<< \\r\\nERROR\\r\\n\n>> AT+FTPSTATE\\r\n<< \\r\\n+FTPSTATE: 0\\r\\n\\r\\nOK\\r\\n\n"),
        |modem| {
            let error = modem.store("/up.txt", &Store::create(), &mut &b"x"[..]).unwrap_err();
            assert_eq!((error.kind(), error.transferred()), (ErrorKind::WrongState, Some(0)), "{error}");
        },
    );
}

/// Not in the list, but of its kind: what the server has of an upload that was given up, an append never repeats.
#[test]
fn an_append_is_never_repeated() {
    let changes: &[fn(&mut LuatOptions)] = &[
        |options| options.put_silent_chunk = Some(1),
        |options| options.put_idle = IdleEnd::After { time: Duration::from_millis(100), code: 0 },
    ];
    for change in changes {
        let mut bench = online(|options| {
            options.put_reannounced = false;
            change(options);
        });
        bench.files.put("/log.txt", "old");
        bench.modem.store("/log.txt", &Store::append(), &mut &[b'x'; 3000][..]).unwrap_err();
        let log = bench.files.file("/log.txt").unwrap();
        assert!(log.len() <= 3 + 1360 && log.starts_with(b"old"), "{}", log.len());
    }
}
