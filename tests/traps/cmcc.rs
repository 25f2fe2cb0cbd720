//! China Mobile.

pub mod bench;
mod own;

use std::io::{self, Read};
use std::time::{Duration, Instant};

use ftp_modem::backend::china_mobile::{ChinaMobile, Settings};
use ftp_modem::emulator::{
    BusyAnswer, ChinaMobileModel, EmptyListing, Identity, ListEnd, RemoteError, ResultOrder, SentLength, StateErrors,
    SumSize,
};
use ftp_modem::modem::{AccessPoint, Assurance, EntryKind, Retrieve, SessionState, Store, StoreMode};
use ftp_modem::transport::Transport;
use ftp_modem::transport::memory::{MemoryPipe, Peer};
use ftp_modem::{Controls, ErrorKind, FtpModem, OpenOptions};

use crate::support::bench::server;
use bench::{Bench, Cmcc, Disturbed, code, everything, got, module, online, pattern, replayed_online};

// ---- traps ----

#[test]
fn cmcc_trap_01_ok_and_result_in_either_order() {
    for order in [ResultOrder::Native, ResultOrder::OkFirst, ResultOrder::OkLast] {
        for seconds in [0, 1, 20] {
            // An acknowledgement behind the result takes as long as the operation.
            let latency = Duration::from_secs(seconds);
            for progress_line in [false, true] {
                let options = module(|it| it.progress_line = progress_line);
                everything(&mut Bench::online(options.with_result_order(order).with_network_latency(latency)));
            }
        }
    }
}

#[test]
fn cmcc_trap_01_results_of_other_connections_between() {
    replayed_online(
        concat!(
            ">> AT+MFTPCWD=0,\"/a\"\\r\n",
            "<< \\r\\n+MFTPCWD: 1,10\\r\\n\\r\\nOK\\r\\n\\r\\n+MFTPURC: 1,\"conn\",0\\r\\n\\r\\n+MFTPCWD: 2,10\\r\\n\\r\\n+MFTPCWD: 0,0\\r\\n\n",
            ">> AT+MFTPLIST=0,\"f\"\\r\n",
            "<< \\r\\n+MFTPLIST: 3,10\\r\\n\\r\\nOK\\r\\n\\r\\n+MFTPLIST: 1,0,\"f\",77,20220816182200,\"rw-\"\\r\\n\\r\\n+MFTPLIST: 0,0,\"f\",4,20220816182200,\"rw-\"\\r\\n\n",
            ">> AT+MFTPRETR=0,\"f\",,0,4\\r\n",
            "<< \\r\\nOK\\r\\n\\r\\n+MFTPRETR: 1,0,9,9,\\r\\nOK\\r\\n++\\x00\\r\\n\\r\\n+MFTPRETR: 1,10\\r\\n\\r\\n+MFTPRETR: 0,0,4,4,abcd\\r\\n\n",
        ),
        |modem| {
            modem.cwd("/a").unwrap();
            assert_eq!(got(modem, "f"), b"abcd");
        },
    );
}

#[test]
fn cmcc_trap_02_data_within_the_result_line() {
    let deceiving: [&[u8]; 9] = [
        b",",
        b"\"",
        b"\r\nOK\r\n",
        b"\r\nERROR\r\n",
        b"\r\n+MFTPRETR: 0,0,5,5,12345\r\n",
        b"\r\n+MFTPRETR: 0,10\r\n",
        b"\r\n+MFTPURC: 0,\"conn\",0\r\n",
        b"+MFTPURC: 0,\"conn\",0\r\n+MATREADY\r\n",
        b"\r\n>\x00\x1a\x1b+++",
    ];
    for fragment in [1, 2, 7, 64, usize::MAX] {
        for piece_size in [1, 3, 10, 1024] {
            let mut bench = Cmcc::online(module(|it| it.piece_size = piece_size).with_fragment(fragment));
            for bytes in deceiving {
                bench.files.put("/f", bytes);
                assert_eq!(bench.get("/f").unwrap(), bytes, "{fragment} {piece_size}");
            }
        }
    }
}

#[test]
fn cmcc_trap_03_header_cut_anywhere() {
    let header = "\\r\\n+MFTPRETR: 0,0,12,12,";
    for cut in (0..=header.len()).filter(|cut| !header[..*cut].ends_with('\\')) {
        let (first, second) = header.split_at(cut);
        let lines = format!(
            concat!(
                ">> AT+MFTPLIST=0,\"f\"\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPLIST: 0,0,\"f\",12,20220816182200,\"rw-\"\\r\\n\n",
                ">> AT+MFTPRETR=0,\"f\",,0,12\\r\n<< \\r\\nOK\\r\\n{}\n@ 1.5\n<< {}0123,\\r\\n45678\\r\\n\n"
            ),
            first, second
        );
        replayed_online(&lines, |modem| assert_eq!(got(modem, "f"), b"0123,\r\n45678", "{cut}"));
    }
}

#[test]
fn cmcc_trap_04_several_pieces_and_no_end_mark() {
    for final_empty_piece in [false, true] {
        for size in [1, 1023, 1024, 1025, 10_000] {
            let mut bench = online(|it| it.final_empty_piece = final_empty_piece);
            for _ in 0..3 {
                bench.files.put("/f", pattern(size));
                assert_eq!(bench.get("/f").unwrap(), pattern(size), "{size}");
                let part = Retrieve::from(size as u64 / 2).with_length(2);
                let middle = &pattern(size)[size / 2..];
                assert_eq!(bench.get_part("/f", &part).unwrap(), middle[..middle.len().min(2)]);
            }
        }
    }
    // What ends early is known to have ended: the module says that it is idle. Its session goes on.
    let endings = [
        "<< \\r\\n+MFTPRETR: 0,0,4,0,\\r\\n\n@ 1\n>> AT+MFTPSTATE=0\\r\n<< \\r\\n+MFTPSTATE: 0,1\\r\\n\\r\\nOK\\r\\n\n",
        "<< \\r\\n+MFTPRETR: 0,3\\r\\n\n",
        "<< \\r\\n+MFTPRETR: 0,19\\r\\n\n",
        "@ 36\n>> AT+MFTPSTATE=0\\r\n<< \\r\\n+MFTPSTATE: 0,1\\r\\n\\r\\nOK\\r\\n\n",
    ];
    for ending in endings {
        let lines = format!(
            concat!(
                ">> AT+MFTPLIST=0,\"f\"\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPLIST: 0,0,\"f\",9,20220816182200,\"rw-\"\\r\\n\n",
                ">> AT+MFTPRETR=0,\"f\",,0,9\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPRETR: 0,0,4,4,abcd\\r\\n\n@ 36\n",
                ">> AT+MFTPSTATE=0\\r\n<< \\r\\n+MFTPSTATE: 0,1\\r\\n\\r\\nOK\\r\\n\n",
                ">> AT+MFTPRETR=0,\"f\",,2,7\\r\n<< \\r\\nOK\\r\\n\n{0}",
                ">> AT+MFTPRETR=0,\"f\",,4,5\\r\n<< \\r\\nOK\\r\\n\n{0}",
                ">> AT+MFTPPWD=0\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPPWD: 0,0,\"/\"\\r\\n\n",
            ),
            ending
        );
        replayed_online(&lines, |modem| {
            let mut bytes = Vec::new();
            let error = modem.retrieve("f", &Retrieve::whole(), &mut bytes).unwrap_err();
            assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(4)), "{error}");
            assert_eq!(bytes, b"abcd");
            assert_eq!(modem.pwd().unwrap(), "/");
        });
    }
}

#[test]
fn cmcc_trap_05_a_lost_piece() {
    for lost in [1, 2, 5, 10] {
        let mut bench = online(|it| it.lost_piece = Some(lost));
        bench.files.put("/f", pattern(10_000));
        let (outcome, sent) = bench.module.clone().sent_by(|| bench.get("/f"));
        assert_eq!(outcome.unwrap(), pattern(10_000), "piece {lost}");
        // Asked for again from the last good byte, and a few before it to compare.
        let from = if lost == 1 { 0 } else { (lost - 1) * 1024 - 16 };
        assert!(sent.contains(&format!("AT+MFTPRETR=0,\"/f\",,{from},")), "{sent}");
        bench.still_works();
    }
}

#[test]
fn a_file_that_ends_as_a_module_starts_is_a_file() {
    for end in ["\r\n+MATREADY", "\r\n+MATREADY\r\n", "\r\n+MATREADY: 1\r\nrest"] {
        let mut bench = online(|_| {});
        let file = [&pattern(500)[..], end.as_bytes()].concat();
        bench.files.put("/f", file.clone());
        let (got, sent) = bench.module.clone().sent_by(|| bench.get("/f").unwrap());
        assert!(got == file, "{end:?}");
        assert!(sent.contains("AT+MFTPSTATE=0"), "the module is asked: {sent}");
        bench.still_works();
    }
}

#[test]
fn an_escape_that_would_outlive_the_limit_is_left_to_the_next_call() {
    let mut bench = online(|_| {});
    let limit = Duration::from_millis(1500);
    let before = bench.module.elapsed();
    bench.modem.set_controls(Controls::new().with_budget(limit));
    // An empty file is ended by the escape alone, which takes 2.2 s.
    let error = bench.modem.store("/empty", &Store::create(), &mut &b""[..]).unwrap_err();
    assert!(bench.module.elapsed() - before <= limit + limit / 10, "{error}");
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    bench.modem.set_controls(Controls::new());
    bench.still_works();
}

#[test]
fn cmcc_trap_06_missing_data_field() {
    for both in [false, true] {
        let mut bench = online(|it| it.local_both_sizes = both);
        bench.files.put("/f", pattern(23));
        let before = bench.module.elapsed();
        let transfer = bench.modem.retrieve_to_module("/f", "/usr/1.txt", &Retrieve::whole()).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (23, Assurance::ServerSize));
        assert!(bench.module.elapsed() - before < Duration::from_secs(2), "nothing is waited for");
        bench.still_works();
    }
    // On a download to the port: an error, or a line without data.
    let mut bench = online(|it| it.results = vec![("+MFTPRETR".into(), 10)]);
    bench.files.put("/f", "x");
    let error = bench.get("/f").unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::DataConnection, "10"), "{error}");
    bench.still_works();
    for without in ["0,0,4", "0,0,4,4"] {
        let lines = format!(
            concat!(
                ">> AT+MFTPLIST=0,\"f\"\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPLIST: 0,0,\"f\",4,20220816182200,\"rw-\"\\r\\n\n",
                ">> AT+MFTPRETR=0,\"f\",,0,4\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPRETR: {}\\r\\n\n@ 1\n",
                ">> AT+MFTPSTATE=0\\r\n<< \\r\\n+MFTPSTATE: 0,1\\r\\n\\r\\nOK\\r\\n\n",
            ),
            without
        );
        let took = replayed_online(&lines, |modem| {
            let error = modem.retrieve("f", &Retrieve::whole(), &mut Vec::new()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
        });
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
}

#[test]
fn cmcc_trap_07_results_without_a_line_end() {
    for wake_byte in [None, Some(0xe0)] {
        for order in [ResultOrder::Native, ResultOrder::OkLast] {
            let options = module(|it| {
                it.urc_line_end = false;
                // A byte of noise behind uncounted line ends cannot be told from payload.
                it.wake_byte = wake_byte.filter(|_| false);
            });
            everything(&mut Bench::online(options.with_result_order(order)));
        }
    }
    // Glued to the next one.
    replayed_online(
        concat!(
            ">> AT+MFTPCWD=0,\"/a\"\\r\n<< \\r\\nOK\\r\\n+MFTPCWD: 0,0+MFTPURC: 1,\"conn\",0\\r\\n\n",
            ">> AT+MFTPLIST=0,\"f\"\\r\n",
            "<< \\r\\nOK\\r\\n+MFTPLIST: 0,0,\"+MFTPURC: 0\",4,20220816182200,\"rw-\"+MFTPLIST: 0,0,\"f\",4,20220816182200,\"rw-\"\n",
            ">> AT+MFTPRETR=0,\"f\",,0,4\\r\n",
            "<< \\r\\nOK\\r\\n+MFTPRETR: 0,0,2,2,ab+MFTPRETR: 0,0,4,2,cd\n",
            ">> AT+MFTPCWD=0,\"/b\"\\r\n<< +MFTPCWD: 0,0\\r\\nOK\\r\\n\n",
        ),
        |modem| {
            modem.cwd("/a").unwrap();
            assert_eq!(got(modem, "f"), b"abcd");
            modem.cwd("/b").unwrap();
        },
    );
}

#[test]
fn cmcc_trap_08_no_progress() {
    for stall_at in [0, 1, 1024, 3000] {
        let mut bench = online(|it| it.stall_at = Some(stall_at));
        bench.files.put("/f", pattern(5000));
        let before = bench.module.elapsed();
        let mut bytes = Vec::new();
        let error = bench.modem.retrieve("/f", &Retrieve::whole(), &mut bytes).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(stall_at)), "{error}");
        assert_eq!(bytes, pattern(5000)[..stall_at as usize]);
        let took = bench.module.elapsed() - before;
        // A piece without data says that it is over; else only silence does, once for each pull.
        assert!(took < Duration::from_secs(if stall_at == 0 { 5 } else { 80 }), "{stall_at}: {took:?}");
        assert_eq!(bench.modem.pwd().unwrap(), "/");
    }
}

#[test]
fn cmcc_trap_09_offsets_beyond_64_kib() {
    let bytes: Vec<u8> = (0..70_000u32).flat_map(u32::to_le_bytes).collect();
    for (wraps, piece_size) in [(false, 1024), (true, 1024), (true, 300_000)] {
        let mut bench = online(|it| (it.offset_wraps, it.piece_size) = (wraps, piece_size));
        bench.files.put("/f", bytes.clone());
        let part = Retrieve::from(65_540).with_length(100);
        match bench.get_part("/f", &part) {
            Ok(part) => assert!(!wraps && part == bytes[65_540..65_640]),
            Err(error) => {
                assert!(wraps, "{error}");
                assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
                assert!(error.module_usable(), "{error}");
            }
        }
        assert_eq!(bench.get_part("/f", &Retrieve::from(65_535).with_length(9)).unwrap(), bytes[65_535..65_544]);
        assert_eq!(bench.get("/f").unwrap(), bytes, "without an offset nothing wraps");
        bench.still_works();
    }
    // More than the last byte comes, in whatever pieces.
    let lines = concat!(
        ">> AT+MFTPLIST=0,\"f\"\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPLIST: 0,0,\"f\",70000,20220816182200,\"rw-\"\\r\\n\n",
        ">> AT+MFTPRETR=0,\"f\",,69999\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPRETR: 0,0,1,1,a\\r\\n\\r\\n+MFTPRETR: 0,0,2,1,b\\r\\n\n",
        "<< \\r\\n+MFTPRETR: 0,0,3,1,c\\r\\n\n@ 1\n>> ATI\\r\n<< \\r\\nML307R\\r\\n\\r\\nOK\\r\\n\n",
        ">> AT+MFTPDISC=0\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPDISC: 0,0\\r\\n\n",
    );
    replayed_online(lines, |modem| {
        let error = modem.retrieve("f", &Retrieve::from(65_536), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(error.module_usable(), "{error}");
    });
    // A lost piece behind 64 KiB cannot be asked for again then.
    let mut bench = online(|it| (it.offset_wraps, it.lost_piece) = (true, Some(100)));
    bench.files.put("/f", bytes.clone());
    let mut begun = Vec::new();
    let error = bench.modem.retrieve("/f", &Retrieve::whole(), &mut begun).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(99 * 1024)), "{error}");
    assert_eq!(begun, bytes[..99 * 1024]);
    bench.still_works();
}

#[test]
fn cmcc_trap_10_append_is_not_repeated() {
    for command in ["+MFTPAPPE", "+MFTPSTOR"] {
        let store = if command == "+MFTPAPPE" { Store::append() } else { Store::create() };
        for results in [vec![13], vec![11], vec![5]] {
            let mut bench = online(|it| it.results = results.iter().map(|code| (command.into(), *code)).collect());
            bench.files.put("/f", "old");
            let bytes = pattern(9000);
            let (outcome, sent) = bench.module.clone().sent_by(|| bench.modem.store("/f", &store, &mut &bytes[..]));
            let error = outcome.unwrap_err();
            assert!(error.transferred().is_some(), "{error}");
            assert_eq!(sent.matches(command).count(), 1, "{sent}");
            bench.still_works();
        }
    }
    // A whole file replaces what was there, however many pieces it has.
    let mut bench = online(|_| {});
    bench.files.put("/f", pattern(20_000));
    let (_, sent) = bench.module.clone().sent_by(|| bench.put("/f", &pattern(9000)).unwrap());
    assert_eq!(bench.files.file("/f").unwrap(), pattern(9000));
    assert!(!sent.contains("+MFTPAPPE"), "{sent}");
}

#[test]
fn cmcc_trap_11_an_upload_left_open() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    for busy_answer in [BusyAnswer::ResultCode, BusyAnswer::Error] {
        let mut bench = online(|it| it.busy_answer = busy_answer);
        let bytes = pattern(10_000);
        let error = bench.modem.store("/f", &Store::create(), &mut (&bytes[..]).chain(Broken)).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::LocalIo, Some(4096)), "{error}");
        assert!(error.module_usable(), "{error}");
        assert_ne!(bench.modem.status().unwrap(), SessionState::Busy);
        bench.modem.cwd("/").unwrap();
        bench.still_works();
    }
}

#[test]
fn cmcc_trap_11_a_session_that_cannot_be_closed_is_told() {
    let mut results = vec![("+MFTPDISC".to_owned(), 4); 25];
    results.push(("+MFTPSTOR".to_owned(), 13));
    let mut bench = online(|it| it.results = results);
    let error = bench.put("/f", b"12345").unwrap_err();
    assert_eq!((code(&error), error.module_usable()), ("13", false), "{error}");
    // A little later it can.
    bench.still_works();
}

#[test]
fn cmcc_trap_12_the_prompt_is_no_line() {
    for tail in ["", " ", "\r\n", " \r\n"] {
        for fragment in [1, 2, 7, usize::MAX] {
            let mut bench = Cmcc::online(module(|it| it.prompt_tail = tail.into()).with_fragment(fragment));
            for bytes in [&b">"[..], b"\r\n>", b"> \x1a\x1b", &pattern(9000)] {
                bench.put("/f", bytes).unwrap();
                assert_eq!(bench.files.file("/f").unwrap(), bytes, "{tail:?}");
            }
        }
    }
    // With and behind a late line; and lost: the module gets what it was promised, and the session is closed.
    replayed_online(
        concat!(
            ">> AT+MFTPSTOR=0,\"f\",1,2\\r\n<< \\r\\n+MFTPURC: 1,\"conn\",0\\r\\n\\r\\n>\n>> ab\n<< \\r\\nOK\\r\\n\\r\\n+MFTPSTOR: 0,0,2\\r\\n\n",
            ">> AT+MFTPSTOR=0,\"f\",1,3\\r\n@ 36\n>># 3 000000\n>> ATI\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPSTOR: 0,0,3\\r\\n\\r\\nML307R\\r\\n\\r\\nOK\\r\\n\n",
            ">> AT+MFTPDISC=0\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPDISC: 0,0\\r\\n\n",
        ),
        |modem| {
            modem.store("f", &Store::create(), &mut &b"ab"[..]).unwrap();
            let error = modem.store("f", &Store::create(), &mut &b"abc"[..]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
            assert!(error.module_usable(), "{error}");
        },
    );
}

#[test]
fn cmcc_trap_13_ctrl_z_is_data() {
    let mut bench = online(|_| {});
    let bytes = b"a\x1ab\x1b\"c\",\r\n\x1a";
    let (count, sent) = bench.module.clone().sent_by(|| bench.put("/f", bytes));
    assert_eq!(count.unwrap(), bytes.len() as u64);
    assert_eq!(bench.files.file("/f").unwrap(), bytes);
    assert!(sent.starts_with(&format!("AT+MFTPSTOR=0,\"/f\",1,{}\r", bytes.len())), "{sent}");
    // The same for files of the module: within the line only what it can carry.
    for bytes in [&bytes[..], b"plain text", b"12,34", &pattern(9000), &[b'x'; 512], &[b'x'; 513]] {
        bench.modem.write_file("/usr/f", bytes.len() as u64, &mut &bytes[..]).unwrap();
        let mut read = Vec::new();
        assert_eq!(bench.modem.read_file("/usr/f", &mut read).unwrap(), bytes.len() as u64);
        assert_eq!(read, bytes);
    }
    bench.still_works();
}

#[test]
fn cmcc_trap_14_an_empty_upload() {
    for transparent_result in [false, true] {
        let mut bench = online(|it| it.transparent_result = transparent_result);
        bench.files.put("/f", "old");
        let transfer = bench.modem.store("/f", &Store::append(), &mut io::empty()).unwrap();
        assert_eq!((transfer.bytes, bench.files.file("/f").unwrap().as_slice()), (0, &b"old"[..]));
        let transfer = bench.modem.store("/f", &Store::create(), &mut io::empty()).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (0, Assurance::ServerSize));
        assert_eq!(bench.files.file("/f").unwrap(), b"");
        assert_eq!(bench.get("/f").unwrap(), b"");
        bench.still_works();
    }
    // What the server made of it is known only by looking.
    let mut bench = online(|_| {});
    bench.files.put("/f", "old");
    bench.files.fail_next(ftp_modem::emulator::Operation::Store, RemoteError::Reply { code: 550, text: "no".into() });
    bench.modem.store("/f", &Store::create(), &mut io::empty()).unwrap_err();
    bench.still_works();
    let stays = concat!(
        ">> AT+MFTPSTOR=0,\"f\"\\r\n<< \\r\\nCONNECT\\r\\n\n>> +++\n<< \\r\\nOK\\r\\n\\r\\n+MFTPSTOR: 0,10,0\\r\\n\n",
        ">> AT+MFTPLIST=0,\"f\"\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPLIST: 0,0,\"f\",3,20220816182200,\"rw-\"\\r\\n\n",
        ">> AT+MFTPDISC=0\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPDISC: 0,0\\r\\n\n",
    );
    replayed_online(stays, |modem| {
        let error = modem.store("f", &Store::create(), &mut io::empty()).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Incomplete, true), "{error}");
    });
    let error = bench.modem.write_file("/usr/f", 0, &mut io::empty()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn cmcc_trap_15_blocked_is_repeated_a_few_times() {
    for busy_together in [false, true] {
        let commands = ["+MFTPCWD", "+MFTPPWD", "+MFTPMKD", "+MFTPLIST", "+MFTPRN", "+MFTPRETR", "+MFTPDEL"];
        let mut bench = online(|it| {
            it.results = commands.iter().map(|command| ((*command).to_owned(), 4)).collect();
            it.busy_together = busy_together;
        });
        bench.files.put("/x", pattern(2000));
        let check = |operation: &str, modem: &mut ChinaMobile| match operation {
            "+MFTPCWD" => modem.cwd("/"),
            "+MFTPPWD" => modem.pwd().map(drop),
            "+MFTPMKD" => modem.mkdir("/made"),
            "+MFTPLIST" => modem.list("/").map(drop),
            "+MFTPDEL" => modem.remove("/x"),
            "+MFTPRN" => modem.rename("/x", "/y").and_then(|()| modem.rename("/y", "/x")),
            "+MFTPRETR" => modem.retrieve("/x", &Retrieve::whole(), &mut Vec::new()).map(drop),
            command => panic!("{command}"),
        };
        for command in commands {
            check(command, &mut bench.modem).unwrap_or_else(|error| panic!("{command}: {error}"));
        }
        bench.still_works();
    }
    // Without end, it is given up.
    let mut bench = online(|it| it.results = vec![("+MFTPCWD".into(), 4); 100]);
    let before = bench.module.elapsed();
    let error = bench.modem.cwd("/").unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::ModuleBusy, "4"), "{error}");
    assert!(error.is_retryable() && bench.module.elapsed() - before < Duration::from_secs(40));
    bench.still_works();
    // In place of the prompt, on either side of OK, and as +CME ERROR.
    for refusal in [
        "<< \\r\\nOK\\r\\n\\r\\n+MFTPSTOR: 0,4,0\\r\\n\n",
        "<< \\r\\n+MFTPSTOR: 0,4,0\\r\\n\\r\\nOK\\r\\n\n",
        "<< \\r\\n+CME ERROR: 802\\r\\n\n",
    ] {
        let lines = format!(
            ">> AT+MFTPSTOR=0,\"f\",1,2\\r\n{refusal}@ 2\n>> AT+MFTPSTOR=0,\"f\",1,2\\r\n<< \\r\\n>\n>> ab\n<< \\r\\nOK\\r\\n\\r\\n+MFTPSTOR: 0,0,2\\r\\n\n"
        );
        replayed_online(&lines, |modem| {
            assert_eq!(modem.store("f", &Store::create(), &mut &b"ab"[..]).unwrap().bytes, 2);
        });
    }
}

#[test]
fn cmcc_trap_15_blocked_behind_data_is_no_reason_to_repeat() {
    let lines = concat!(
        ">> AT+MFTPLIST=0,\"f\"\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPLIST: 0,0,\"f\",4,20220816182200,\"rw-\"\\r\\n\n",
        ">> AT+MFTPRETR=0,\"f\",,0,4\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPRETR: 0,0,2,2,ab\\r\\n\\r\\n+MFTPRETR: 0,4\\r\\n\n@ 1\n",
        ">> ATI\\r\n<< \\r\\nML307R\\r\\n\\r\\nOK\\r\\n\n>> AT+MFTPDISC=0\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPDISC: 0,0\\r\\n\n",
    );
    replayed_online(lines, |modem| {
        let mut bytes = Vec::new();
        let error = modem.retrieve("f", &Retrieve::whole(), &mut bytes).unwrap_err();
        assert_eq!(
            (error.kind(), error.transferred(), bytes.as_slice()),
            (ErrorKind::DataConnection, Some(2), &b"ab"[..])
        );
        assert!(error.module_usable());
    });
}

#[test]
fn cmcc_trap_16_the_connection_ends_at_any_moment() {
    let bye = "\\r\\n+MFTPURC: 0,\"conn\",0\\r\\n";
    let during = [
        format!(">> AT+MFTPCWD=0,\"/a\"\\r\n<< {bye}\n"),
        format!(">> AT+MFTPCWD=0,\"/a\"\\r\n<< \\r\\nOK\\r\\n{bye}\n"),
        format!(">> AT+MFTPCWD=0,\"/a\"\\r\n<< \\r\\nOK\\r\\n\n@ 3\n<< {bye}\n"),
    ];
    for lines in during {
        // No MFTPDISC follows.
        replayed_online(&lines, |modem| {
            let error = modem.cwd("/a").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::SessionLost, "{error}");
            assert!(error.is_retryable() && error.module_usable());
        });
    }
    let list =
        ">> AT+MFTPLIST=0,\"f\"\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPLIST: 0,0,\"f\",9,20220816182200,\"rw-\"\\r\\n\n";
    let retr = ">> AT+MFTPRETR=0,\"f\",,0,9\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPRETR: 0,0,4,4,abcd\\r\\n";
    replayed_online(&format!("{list}{retr}{bye}\n"), |modem| {
        let error = modem.retrieve("f", &Retrieve::whole(), &mut Vec::new()).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::SessionLost, Some(4)), "{error}");
    });
    let stor = ">> AT+MFTPSTOR=0,\"f\",1,2\\r\n<< \\r\\n>\n>> ab\n<< \\r\\nOK\\r\\n";
    replayed_online(&format!("{stor}{bye}\n"), |modem| {
        let error = modem.store("f", &Store::create(), &mut &b"ab"[..]).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::SessionLost, Some(2)), "{error}");
    });
    // While nothing goes on: the next operation opens it again, in the same directory.
    let mut bench = online(|it| it.drop_after = Some(Duration::from_secs(2)));
    bench.files.add_directory("/a/b");
    bench.modem.cwd("/a").unwrap();
    bench.modem.cwd("b").unwrap();
    bench.module.say("+MFTPURC: 3,\"conn\",0");
    let (path, sent) = bench.module.clone().sent_by(|| bench.modem.pwd().unwrap());
    assert!(path == "/a/b" && !sent.contains("+MFTPCONN"), "{sent}");
    bench.module.say("+MFTPURC: 0,\"conn\",0");
    let mut idle = bench.module.clone();
    let two_seconds = idle.elapsed() + Duration::from_secs(3);
    idle.receive(two_seconds, b"");
    let (path, sent) = bench.module.clone().sent_by(|| bench.modem.pwd().unwrap());
    assert!(path == "/a/b" && sent.contains("+MFTPCONN") && !sent.contains("+MFTPDISC"), "{sent}");
}

#[test]
fn cmcc_trap_17_hanging_up_on_a_dead_connection() {
    for state_errors in [StateErrors::Running, StateErrors::PerCommand] {
        for disconnect_urc in [false, true] {
            let mut bench = online(|it| {
                it.state_errors = state_errors;
                it.disconnect_urc = disconnect_urc;
                it.drop_after = Some(Duration::from_secs(2));
            });
            let mut idle = bench.module.clone();
            let later = idle.elapsed() + Duration::from_secs(3);
            idle.receive(later, b"");
            let (_, sent) = bench.module.clone().sent_by(|| bench.modem.logout().unwrap());
            assert!(sent.contains("+MFTPDISC") || sent.is_empty(), "{sent}");
            bench.modem.login(&server()).unwrap();
            bench.still_works();
            bench.modem.logout().unwrap();
            bench.modem.login(&server()).unwrap();
            bench.still_works();
            bench.modem.logout().unwrap();
            assert_eq!(bench.files.sessions(), 0);
        }
    }
}

#[test]
fn cmcc_trap_18_an_empty_directory() {
    for list_end in [ListEnd::Nothing, ListEnd::BareSuccess, ListEnd::EmptyCode] {
        for empty_list in [EmptyListing::EmptyCode, EmptyListing::BareSuccess, EmptyListing::Nothing] {
            for (dot_entries, progress_line) in [(false, false), (true, false), (false, true)] {
                for order in [ResultOrder::OkFirst, ResultOrder::OkLast] {
                    let options = module(|it| {
                        it.list_end = list_end;
                        it.empty_list = empty_list;
                        it.dot_entries = dot_entries;
                        it.progress_line = progress_line;
                        it.list_row_gap = Duration::from_secs(1);
                    });
                    let mut bench = Cmcc::online(options.with_result_order(order));
                    bench.files.add_directory("/empty");
                    bench.files.put("/full/a", "1");
                    bench.files.put("/full/b", "22");
                    for _ in 0..2 {
                        assert_eq!(bench.modem.list("/empty").unwrap(), []);
                        assert_eq!(bench.modem.names("/full").unwrap(), [b"a", b"b"]);
                        assert_eq!(bench.modem.size("/full/b").unwrap(), 2);
                    }
                    let missing = bench.modem.list("/missing").unwrap_err();
                    assert_eq!(missing.kind(), ErrorKind::Unavailable, "{missing}");
                    bench.still_works();
                }
            }
        }
    }
}

#[test]
fn cmcc_trap_19_names_with_commas_and_short_permissions() {
    let mut bench = online(|_| {});
    for name in ["a,b.txt", ",", "OK", "a, 9,20220818074000", "x;y z", "ü,ä"] {
        bench.files.put(&format!("/{name}"), "12345");
        bench.files.add_directory(&format!("/d/{name}"));
    }
    let entries = bench.modem.list("/").unwrap();
    let of = |name: &str| entries.iter().find(|entry| entry.name == name.as_bytes()).unwrap();
    for name in ["a,b.txt", ",", "OK", "a, 9,20220818074000", "x;y z", "ü,ä"] {
        assert_eq!((of(name).kind, of(name).size), (EntryKind::File, Some(5)), "{name}");
        assert_eq!(of(name).permissions.as_deref(), Some("rw-"));
        assert_eq!(bench.get(&format!("/{name}")).unwrap(), b"12345", "{name}");
    }
    let directories = bench.modem.list("/d").unwrap();
    assert_eq!(directories.len(), 6);
    assert!(directories.iter().all(|it| it.kind == EntryKind::Directory && it.permissions.as_deref() == Some("rwx")));
}

#[test]
fn cmcc_trap_20_a_byte_of_noise_when_the_module_wakes() {
    for byte in [0xe0, 0, 0xff] {
        for fragment in [1, 7, usize::MAX] {
            everything(&mut Cmcc::online(module(|it| it.wake_byte = Some(byte)).with_fragment(fragment)));
        }
    }
    // Directly before the line, the header and the prompt.
    replayed_online(
        concat!(
            ">> AT+MFTPLIST=0,\"f\"\\r\n<< \\xe0OK\\r\\n\\xe0+MFTPLIST: 0,0,\"f\",2,20220816182200,\"rw-\"\\r\\n\n",
            ">> AT+MFTPRETR=0,\"f\",,0,2\\r\n<< \\xe0\\r\\nOK\\r\\n\\r\\n\\xe0+MFTPRETR: 0,0,2,2,ab\\r\\n\n",
            ">> AT+MFTPSTOR=0,\"f\",1,2\\r\n<< \\xe0>\n>> ab\n<< \\r\\n\\xe0OK\\r\\n\\r\\n\\xe0+MFTPSTOR: 0,0,2\\r\\n\n",
        ),
        |modem| {
            assert_eq!(got(modem, "f"), b"ab");
            modem.store("f", &Store::create(), &mut &b"ab"[..]).unwrap();
        },
    );
}

/// A slow serial line: what is written takes its time.
struct Slow(MemoryPipe<Disturbed>);

const RATE: u32 = 1200;

impl Transport for Slow {
    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        self.0.read(buffer, deadline)
    }
    fn write(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<usize> {
        self.0.write(bytes, deadline)
    }
    fn now(&self) -> Instant {
        self.0.now()
    }
    fn name(&self) -> &str {
        self.0.name()
    }
    fn line_rate(&self) -> Option<u32> {
        Some(RATE)
    }
}

#[test]
fn cmcc_trap_21_limits_grow_with_the_length_on_a_slow_line() {
    let options = module(|_| {}).with_line_rate(RATE);
    let mut bench = Cmcc::on(options, |peer| OpenOptions::new().open_as_on(Slow(MemoryPipe::new(peer))));
    bench.log_in();
    // 34 s of payload, and a command line of 2 s; the module answers at their ends.
    bench.put("/f", &pattern(4096)).unwrap();
    assert_eq!(bench.files.file("/f").unwrap(), pattern(4096));
    assert!(bench.module.elapsed() > Duration::from_secs(34));
    bench.modem.write_file("/usr/f", 4096, &mut &pattern(4096)[..]).unwrap();
    bench.modem.write_file("/usr/f", 500, &mut &[b'x'; 500][..]).unwrap();
    assert_eq!(bench.get("/f").unwrap(), pattern(4096));
}

#[test]
fn cmcc_trap_22_reset_in_mid_session() {
    /// Everything that MFTPCFG and CMEE set, and the bearer, are set up anew.
    fn comes_back(bench: &mut Cmcc, was_set_up: bool) {
        let (_, sent) = bench.module.clone().sent_by(|| bench.modem.attach(&AccessPoint::default()).unwrap());
        assert!(sent.contains("ATE0\rAT+CMEE=1\r") != was_set_up && sent.contains("+MIPCALL=1,1"), "{sent}");
        let (_, sent) = bench.module.clone().sent_by(|| bench.modem.cwd("/").unwrap());
        for setting in ["\"rsptimeout\",30", "\"local_fs\",0", "\"data_type\",0", "+MFTPCONN"] {
            assert!(sent.contains(setting), "{setting}: {sent}");
        }
        bench.still_works();
    }

    // While nothing goes on.
    let mut bench = Cmcc::online(module(|_| {}));
    bench.module.restart();
    let error = bench.modem.pwd().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleRestarted, "{error}");
    assert!(error.is_retryable() && error.module_usable());
    comes_back(&mut bench, false);
    // Without an attach the bearer is missing, and that is said.
    bench.module.restart();
    bench.modem.pwd().unwrap_err();
    let error = bench.modem.pwd().unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::BearerLost, "20"), "{error}");
    comes_back(&mut bench, true);
    // After files of the module were used: `local_fs` is at its default again.
    bench.files.put("/f", "12345");
    bench.modem.retrieve_to_module("/f", "/usr/f", &Retrieve::whole()).unwrap();
    bench.module.restart();
    bench.modem.status().unwrap_err();
    comes_back(&mut bench, false);
    // In the middle of a download, and of an upload.
    struct Restarting(Disturbed, usize);
    impl io::Write for Restarting {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1 += bytes.len();
            if self.1 == 3072 {
                self.0.restart();
            }
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let lines = concat!(
        ">> AT+MFTPLIST=0,\"f\"\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPLIST: 0,0,\"f\",9,20220816182200,\"rw-\"\\r\\n\n",
        ">> AT+MFTPRETR=0,\"f\",,0,9\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPRETR: 0,0,4,4,abcd\\r\\n\\r\\n+MATREADY\\r\\n\n",
    );
    replayed_online(lines, |modem| {
        let error = modem.retrieve("f", &Retrieve::whole(), &mut Vec::new()).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::ModuleRestarted, Some(4)), "{error}");
    });
    let mut sink = Restarting(bench.module.clone(), 0);
    bench.files.put("/big", pattern(50_000));
    let error = bench.modem.retrieve("/big", &Retrieve::whole(), &mut sink);
    if let Err(error) = error {
        assert!(error.is_retryable(), "{error}");
    }
    let _ = bench.modem.status();
    bench.modem.attach(&AccessPoint::default()).unwrap();
    bench.still_works();
    struct Source(Disturbed, usize);
    impl Read for Source {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 += 1;
            if self.1 == 3 {
                self.0.restart();
            }
            buffer.fill(b'x');
            Ok(if self.1 > 5 { 0 } else { buffer.len() })
        }
    }
    let mut source = Source(bench.module.clone(), 0);
    let error = bench.modem.store("/up", &Store::create(), &mut source).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleRestarted, "{error}");
    comes_back(&mut bench, false);
}

#[test]
fn cmcc_trap_23_the_count_is_of_the_piece_or_of_all() {
    for sent_length in [SentLength::Piece, SentLength::Total] {
        for size in [1, 4095, 4096, 4097, 8192, 20_000] {
            let mut bench = online(|it| it.sent_length = sent_length);
            assert_eq!(bench.put("/f", &pattern(size)).unwrap(), size as u64);
            assert_eq!(bench.files.file("/f").unwrap(), pattern(size));
        }
    }
    // Neither: bytes were lost.
    let lines = concat!(
        ">> AT+MFTPSTOR=0,\"f\",1,5\\r\n<< \\r\\n>\n>> abcde\n<< \\r\\nOK\\r\\n\\r\\n+MFTPSTOR: 0,0,4\\r\\n\n",
        ">> AT+MFTPDISC=0\\r\n<< \\r\\nOK\\r\\n\\r\\n+MFTPDISC: 0,0\\r\\n\n",
    );
    replayed_online(lines, |modem| {
        let error = modem.store("f", &Store::create(), &mut &b"abcde"[..]).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(5)), "{error}");
    });
}

// ---- contradictions ----

#[test]
fn cmcc_contradiction_01_ok_before_or_after_the_result() {
    for order in [ResultOrder::Native, ResultOrder::OkFirst, ResultOrder::OkLast] {
        let options = module(|_| {}).with_result_order(order).with_network_latency(Duration::from_secs(8));
        let mut bench = Cmcc::online(options);
        bench.modem.write_file("/usr/f", 5, &mut &b"12345"[..]).unwrap();
        let transfer = bench.modem.store_from_module("/usr/f", "/f", StoreMode::Create).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (5, Assurance::ModuleCount));
        bench.modem.store_from_module("/usr/f", "/f", StoreMode::Append).unwrap();
        assert_eq!(bench.files.file("/f").unwrap(), b"1234512345");
        let part = Retrieve::from(4).with_length(3);
        assert_eq!(bench.modem.retrieve_to_module("/f", "/usr/g", &part).unwrap().bytes, 3);
        let mut read = Vec::new();
        bench.modem.read_file("/usr/g", &mut read).unwrap();
        assert_eq!(read, b"512");
        everything(&mut bench);
    }
}

#[test]
fn cmcc_contradiction_02_the_path_with_and_without_quotation_marks() {
    for quoted_path in [false, true] {
        let mut bench = online(|it| it.quoted_path = quoted_path);
        for path in ["/home/uftp", "/a,b", "/a b", "/"] {
            bench.files.add_directory(path);
            bench.modem.cwd(path).unwrap();
            assert_eq!(bench.modem.pwd().unwrap(), path);
            assert!(bench.modem.list("").is_ok());
        }
    }
}

#[test]
fn cmcc_contradiction_03_the_time_with_and_without_quotation_marks() {
    for quoted_time in [false, true] {
        let mut bench = online(|it| it.quoted_time = quoted_time);
        bench.files.put("/f", "12345");
        let modified = bench.modem.modified("/f").unwrap();
        assert_eq!((modified.year, bench.modem.size("/f").unwrap()), (Some(2024), 5));
    }
}

#[test]
fn cmcc_contradiction_04_the_sum_is_the_files_size() {
    for sum_size in [SumSize::Cumulative, SumSize::FileSize] {
        for size in [1, 1024, 1025, 5000] {
            let mut bench = online(|it| it.sum_size = sum_size);
            bench.files.put("/f", pattern(size));
            assert_eq!(bench.get("/f").unwrap(), pattern(size), "{sum_size:?} {size}");
            let part = Retrieve::from(1).with_length(2000);
            let end = size.min(2001);
            assert_eq!(bench.get_part("/f", &part).unwrap(), pattern(size)[1..end], "{sum_size:?} {size}");
        }
    }
}

#[test]
fn cmcc_contradiction_05_codes_with_two_meanings_stay_visible() {
    for result in [2, 3, 6, 12, 15, 77] {
        let mut bench = online(|it| it.results = vec![("+MFTPCWD".into(), result)]);
        let error = bench.modem.cwd("/").unwrap_err();
        assert_eq!(code(&error), result.to_string());
        assert!(error.to_string().contains(&format!("code {result}")), "{error}");
        bench.still_works();
    }
    for refusal in [50, 800, 803, 804, 807, 813, 4711] {
        let mut bench = online(|it| it.refusals = vec![("+MFTPCWD".into(), refusal)]);
        let error = bench.modem.cwd("/").unwrap_err();
        assert_eq!(code(&error), refusal.to_string(), "{error}");
        bench.still_works();
    }
}

#[test]
fn cmcc_contradiction_06_models_without_cid() {
    for (model, items) in [(ChinaMobileModel::Ml307n, 5), (ChinaMobileModel::Mr880a, 5), (ChinaMobileModel::Ml305u, 6)]
    {
        let mut bench = online(|it| it.model = model);
        bench.still_works();
        assert_eq!(bench.modem.configuration().unwrap().len(), items);
        bench.modem.logout().unwrap();
        bench.modem.detach().unwrap();
        // Another context than the one they use cannot be had there.
        let mut settings = Settings::default();
        settings.context = 8;
        bench.modem.configure(settings).unwrap();
        let error = bench.modem.login(&server()).unwrap_err();
        assert_eq!((error.kind(), code(&error)), (ErrorKind::ModuleRefused, "50"), "{error}");
    }
}

#[test]
fn cmcc_contradiction_07_removing_directories() {
    for delete_directories in [false, true] {
        let mut bench = online(|it| it.delete_directories = delete_directories);
        bench.files.add_directory("/empty");
        bench.files.put("/full/f", "x");
        let outcome = bench.modem.rmdir("/empty");
        assert_eq!(outcome.is_ok(), delete_directories);
        assert_eq!(bench.files.is_directory("/empty"), !delete_directories);
        let error = bench.modem.rmdir("/full").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        bench.modem.remove("/full/f").unwrap();
        bench.still_works();
    }
}

#[test]
fn cmcc_contradiction_08_test_answers_with_bare_commas() {
    // The driver asks a module of unknown name for one of these, and needs no more than its OK.
    let nobody = || String::from("X1");
    let identity = Identity { manufacturer: nobody(), model: nobody(), revision: nobody(), serial: nobody() };
    let mut bench = Cmcc::online(module(|_| {}).with_identity(identity));
    assert!(bench.module.sent().contains("AT+MFTPCFG=?"), "{}", bench.module.sent());
    bench.still_works();
}

#[test]
fn cmcc_contradiction_09_no_limit_for_a_whole_transfer() {
    let mut bench = online(|it| it.piece_gap = Duration::from_secs(25));
    bench.files.put("/f", pattern(10_240));
    assert_eq!(bench.get("/f").unwrap(), pattern(10_240), "longer than any limit, but never silent for long");
    assert!(bench.module.elapsed() > Duration::from_secs(224));
    // A silence is not.
    let mut bench = online(|it| it.piece_gap = Duration::from_secs(3600));
    bench.files.put("/f", pattern(10_240));
    let before = bench.module.elapsed();
    let error = bench.get("/f").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(bench.module.elapsed() - before < Duration::from_secs(200), "{:?}", bench.module.elapsed() - before);
}
