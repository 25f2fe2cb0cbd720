//! How lines are printed: order, line ends, the prompt, noise.

use std::time::Duration;

use ftp_modem::emulator::{Options, ResultOrder};
use ftp_modem::modem::{Assurance, Retrieve, Store, StoreMode};
use ftp_modem::{ErrorKind, FtpModem, Vendor};

use super::{Rig, every_operation_works, got, play_online, with};
use crate::support::payload::pattern;
use crate::support::rig::module;

/// The manual has `OK` first in §3.12 and last in the local files of §4.1.
#[test]
fn ok_and_result_may_come_in_either_order() {
    for order in [ResultOrder::Native, ResultOrder::OkFirst, ResultOrder::OkLast] {
        for seconds in [0, 1, 20] {
            // An acknowledgement behind the result takes as long as the operation.
            let latency = Duration::from_secs(seconds);
            for progress_line in [false, true] {
                let options = with(|it| it.progress_line = progress_line);
                every_operation_works(&mut Rig::online(options.with_result_order(order).with_network_latency(latency)));
            }
        }
    }
}

/// The manual, §4.1: the result comes before `OK` in two of the examples with local files.
#[test]
fn files_of_the_module_have_ok_and_result_in_either_order() {
    for order in [ResultOrder::Native, ResultOrder::OkFirst, ResultOrder::OkLast] {
        let options = with(|_| {}).with_result_order(order).with_network_latency(Duration::from_secs(8));
        let mut rig = Rig::online(options);
        rig.modem.write_file("/usr/f", 5, &mut &b"12345"[..]).unwrap();
        let transfer = rig.modem.store_from_module("/usr/f", "/f", StoreMode::Create).unwrap();
        assert_eq!((transfer.bytes, transfer.assurance), (5, Assurance::ModuleCount));
        rig.modem.store_from_module("/usr/f", "/f", StoreMode::Append).unwrap();
        assert_eq!(rig.files.file("/f").unwrap(), b"1234512345");
        let part = Retrieve::from(4).with_length(3);
        assert_eq!(rig.modem.retrieve_to_module("/f", "/usr/g", &part).unwrap().bytes, 3);
        let mut read = Vec::new();
        rig.modem.read_file("/usr/g", &mut read).unwrap();
        assert_eq!(read, b"512");
        every_operation_works(&mut rig);
    }
}

/// There are six connections; a result carries the number of its connection (manual, §3).
#[test]
fn results_of_other_connections_may_come_between() {
    play_online(
        r#"
>> AT+MFTPCWD=0,"/a"\r
<< \r\n+MFTPCWD: 1,10\r\n\r\nOK\r\n\r\n+MFTPURC: 1,"conn",0\r\n\r\n+MFTPCWD: 2,10\r\n\r\n+MFTPCWD: 0,0\r\n
>> AT+MFTPLIST=0,"f"\r
<< \r\n+MFTPLIST: 3,10\r\n\r\nOK\r\n\r\n+MFTPLIST: 1,0,"f",77,20220816182200,"rw-"\r\n
<< \r\n+MFTPLIST: 0,0,"f",4,20220816182200,"rw-"\r\n
>> AT+MFTPRETR=0,"f",,0\r
<< \r\nOK\r\n\r\n+MFTPRETR: 1,0,9,9,\r\nOK\r\n++\x00\r\n\r\n+MFTPRETR: 1,10\r\n\r\n+MFTPRETR: 0,0,4,4,abcd\r\n
>> AT+MFTPSTATE=0\r
<< \r\n+MFTPSTATE: 0,1\r\n\r\nOK\r\n
"#,
        |modem| {
            modem.cwd("/a").unwrap();
            assert_eq!(got(modem, "f"), b"abcd");
        },
    );
}

/// The HTTP service of the same firmware prints a result without a line end, joined to the next (78/esp-ml307,
/// src/ml307/ml307_http.cc).
#[test]
fn a_result_may_lack_its_line_end() {
    for wake_byte in [None, Some(0xe0)] {
        for order in [ResultOrder::Native, ResultOrder::OkLast] {
            let options = with(|it| {
                it.urc_line_end = false;
                // A byte of noise behind uncounted line ends cannot be told from payload.
                it.wake_byte = wake_byte.filter(|_| false);
            });
            every_operation_works(&mut Rig::online(options.with_result_order(order)));
        }
    }
    // Joined to the next one.
    play_online(
        r#"
>> AT+MFTPCWD=0,"/a"\r
<< \r\nOK\r\n+MFTPCWD: 0,0+MFTPURC: 1,"conn",0\r\n
>> AT+MFTPLIST=0,"f"\r
<< \r\nOK\r\n+MFTPLIST: 0,0,"+MFTPURC: 0",4,20220816182200,"rw-"+MFTPLIST: 0,0,"f",4,20220816182200,"rw-"
@ 0.4
>> AT+MFTPPWD=0\r
<< \r\nOK\r\n+MFTPPWD: 0,0,"/a"
>> AT+MFTPRETR=0,"f",,0\r
<< \r\nOK\r\n+MFTPRETR: 0,0,2,2,ab+MFTPRETR: 0,0,4,2,cd
>> AT+MFTPSTATE=0\r
<< \r\n+MFTPSTATE: 0,1\r\n\r\nOK\r\n
>> AT+MFTPCWD=0,"/b"\r
<< +MFTPCWD: 0,0\r\nOK\r\n
"#,
        |modem| {
            modem.cwd("/a").unwrap();
            assert_eq!(got(modem, "f"), b"abcd");
            modem.cwd("/b").unwrap();
        },
    );
}

/// `>` has no line end. It may come with or behind a late line, or not at all (78/esp-ml307;
/// RT-Thread-packages/at_device, class/ml307).
#[test]
fn the_prompt_is_no_line() {
    for tail in ["", " ", "\r\n", " \r\n"] {
        for fragment in [1, 2, 7, usize::MAX] {
            let mut rig = Rig::online(with(|it| it.prompt_tail = tail.into()).with_fragment(fragment));
            for bytes in [&b">"[..], b"\r\n>", b"> \x1a\x1b", &pattern(9000)] {
                rig.upload_stream("/f", bytes).unwrap();
                assert_eq!(rig.files.file("/f").unwrap(), bytes, "{tail:?}");
            }
        }
    }
    // With and behind a late line. Where it is lost, the block is padded and the session closed.
    play_online(
        r#"
>> AT+MFTPSTOR=0,"f",1,2\r
<< \r\n+MFTPURC: 1,"conn",0\r\n\r\n>
>> ab
<< \r\nOK\r\n\r\n+MFTPSTOR: 0,0,2\r\n
>> AT+MFTPSTOR=0,"f",1,3\r
@ 36
>># 3 000000
>> ATI\r
<< \r\nOK\r\n\r\n+MFTPSTOR: 0,0,3\r\n\r\nML307R\r\n\r\nOK\r\n
>> AT+MFTPDISC=0\r
<< \r\nOK\r\n\r\n+MFTPDISC: 0,0\r\n
"#,
        |modem| {
            modem.store("f", &Store::create(), &mut &b"ab"[..]).unwrap();
            let error = modem.store("f", &Store::create(), &mut &b"abc"[..]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
            assert!(error.module_usable(), "{error}");
        },
    );
}

/// A driver drops 0xE0 at the start of a line, which comes when the module wakes (78/esp-ml307, src/at_uart.cc).
#[test]
fn a_byte_of_noise_may_precede_a_line() {
    for byte in [0xe0, 0, 0xff] {
        for fragment in [1, 7, usize::MAX] {
            every_operation_works(&mut Rig::online(with(|it| it.wake_byte = Some(byte)).with_fragment(fragment)));
        }
    }
    // Directly before the line, the header and the prompt.
    play_online(
        r#"
>> AT+MFTPLIST=0,"f"\r
<< \xe0OK\r\n\xe0+MFTPLIST: 0,0,"f",2,20220816182200,"rw-"\r\n
>> AT+MFTPRETR=0,"f",,0\r
<< \xe0\r\nOK\r\n\r\n\xe0+MFTPRETR: 0,0,2,2,ab\r\n
>> AT+MFTPSTATE=0\r
<< \r\n+MFTPSTATE: 0,1\r\n\r\nOK\r\n
>> AT+MFTPSTOR=0,"f",1,2\r
<< \xe0>
>> ab
<< \r\n\xe0OK\r\n\r\n\xe0+MFTPSTOR: 0,0,2\r\n
"#,
        |modem| {
            assert_eq!(got(modem, "f"), b"ab");
            modem.store("f", &Store::create(), &mut &b"ab"[..]).unwrap();
        },
    );
}

/// A fixed limit of 100 ms failed with 4 KB at 115200 baud (78/esp-ml307, pull request 29).
#[test]
fn time_limits_grow_with_the_length_on_a_slow_line() {
    const RATE: u32 = 1200;
    let (line, files) = module(Vendor::ChinaMobile, Options::default().with_line_rate(RATE));
    let mut rig = Rig::through(line.host().with_line_rate(RATE), line, files);
    rig.go_online();
    // 34 s of payload, and a command line of 2 s; the module answers at their ends.
    rig.upload_stream("/f", &pattern(4096)).unwrap();
    assert_eq!(rig.files.file("/f").unwrap(), pattern(4096));
    assert!(rig.line.elapsed() > Duration::from_secs(34));
    rig.modem.write_file("/usr/f", 4096, &mut &pattern(4096)[..]).unwrap();
    rig.modem.write_file("/usr/f", 500, &mut &[b'x'; 500][..]).unwrap();
    assert_eq!(rig.download("/f").unwrap(), pattern(4096));
}
