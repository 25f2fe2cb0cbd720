//! Downloads and listings: traps 6 to 11, 18, 43 and 45.

use std::io::{self, Write};
use std::time::Duration;

use ftp_modem::emulator::{Operation, Options, RemoteError, TransferRefusal};
use ftp_modem::modem::{Assurance, Retrieve, SessionState};
use ftp_modem::{ErrorKind, FtpModem};

use super::{CLOSED, Rig, options, pattern, play_online};

/// A server without SIZE.
fn without_size(rig: &Rig) {
    rig.files.fail_next(Operation::Size, RemoteError::Reply { code: 502, text: "SIZE not implemented".into() });
}

const DECEIVING: &[&[u8]] = &[
    b"\r\nOK\r\n",
    b"\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n",
    b"12345\r\nOK\r\n\r\n+QFTPGET: 0,6\r\n",
    b"\r\n+CME ERROR: 603\r\n",
    b"\r\n+QFTPGET: 627,550\r\nand more",
    b"\r\nNO CARRIER\r\n",
    b"CONNECT",
    b"\r\nCONNECT\r\n",
    b"RDY",
    b"\r\nRDY\r\n",
    b"\r\n+QIURC: \"pdpdeact\",1\r\n",
    b"+++",
    b"+",
    b"\r\n+",
    b"+\r\n",
];

#[test]
fn quectel_trap_06_data_that_look_like_protocol() {
    let edges = [480, 512, 1024, 1460].map(|edge| {
        let mut bytes = pattern(3000);
        bytes[edge - 1] = b'+';
        bytes[edge] = b'+';
        bytes
    });
    let repeated = DECEIVING.iter().map(|bytes| bytes.repeat(100));
    for content in DECEIVING.iter().map(|bytes| bytes.to_vec()).chain(repeated).chain(edges) {
        for fragment in [1, 5, 480, usize::MAX] {
            let mut rig = Rig::online(Options::default().with_fragment(fragment));
            rig.files.put("/a", content.clone());
            let mut bytes = Vec::new();
            let transfer = rig.modem.retrieve("/a", &Retrieve::whole(), &mut bytes).unwrap();
            assert!(bytes == content, "{}", content.escape_ascii());
            assert_eq!(transfer.assurance, Assurance::ServerSize);
            // Without a known length the end is where the count agrees, and the assurance says that this can be deceived.
            without_size(&rig);
            bytes.clear();
            let transfer = rig.modem.retrieve("/a", &Retrieve::whole(), &mut bytes).unwrap();
            assert!(bytes == content, "{}", content.escape_ascii());
            assert_eq!(transfer.assurance, Assurance::ModuleCount);
        }
    }
    // A forged end is only taken for one where the length is not known.
    let forged = b"12345\r\nOK\r\n\r\n+QFTPGET: 0,5\r\nand more";
    let mut rig = Rig::online(Options::default());
    rig.files.put("/a", forged);
    assert_eq!(rig.download("/a").unwrap(), forged);
    let part = Retrieve::whole().with_length(20);
    assert_eq!(rig.download_part("/a", &part).unwrap(), forged[..20]);
}

#[test]
fn quectel_trap_07_a_listing_that_holds_ok() {
    for fragment in [1, 7, usize::MAX] {
        let mut rig = Rig::online(Options::default().with_fragment(fragment));
        rig.files.set_listing(
            "/",
            "OK\r\n-rw-r--r-- 1 a b 5 Jan 01 2020 OK\r\nOK\r\n\r\nOK\r\n\r\n+QFTPLIST: 0,9\r\nERROR\r\n",
        );
        let names: Vec<_> = rig.modem.list("").unwrap().iter().map(|entry| entry.name_lossy().into_owned()).collect();
        assert_eq!(names, ["OK", "OK", "OK", "OK", "+QFTPLIST: 0,9", "ERROR"]);
        rig.still_works();
        rig.files.set_listing("/", "OK\r\n");
        assert_eq!(rig.modem.names("").unwrap(), [b"OK"]);
        rig.still_works();
    }
}

#[test]
fn quectel_trap_08_empty_payload_and_line_ends_at_its_edges() {
    for content in [&b""[..], b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\r\nx\r\n", b"x\r", b"\nx", b"\r\n\r", b"x\r\nOK"] {
        for fragment in [1, 2, usize::MAX] {
            let mut rig = Rig::online(Options::default().with_fragment(fragment));
            rig.files.put("/a", content);
            assert_eq!(rig.download("/a").unwrap(), content, "of known length");
            without_size(&rig);
            assert_eq!(rig.download("/a").unwrap(), content, "of unknown length");
        }
    }
}

#[test]
fn quectel_trap_09_the_end_at_a_multiple_of_the_piece() {
    for refused in [false, true] {
        for refusal in [TransferRefusal::Connect, TransferRefusal::OkThenResult, TransferRefusal::ResultOnly] {
            let mut rig = Rig::online(options(|o| {
                o.past_end_refused = refused;
                o.refusal = refusal;
                o.longest_get = Some(500);
            }));
            rig.files.put("/a", pattern(1000));
            assert!(rig.download("/a").unwrap() == pattern(1000), "the size is known, so the end is not asked for");
            assert_eq!(rig.download_part("/a", &Retrieve::from(1000)).unwrap(), b"");
            assert!(!rig.wire.sent().contains("\"COM:\",1000"));
            assert_eq!(rig.download("/none").unwrap_err().kind(), ErrorKind::Unavailable);

            // Of unknown size: an empty end is one, a refusal stays one.
            without_size(&rig);
            let end = rig.download_part("/a", &Retrieve::from(1000).with_length(500));
            if refused {
                let error = end.unwrap_err();
                assert_eq!((error.kind(), error.ftp_reply()), (ErrorKind::Unavailable, Some(550)));
            } else {
                assert_eq!(end.unwrap(), b"");
            }
            without_size(&rig);
            assert_eq!(rig.download("/none").unwrap_err().kind(), ErrorKind::Unavailable);
            rig.still_works();
        }
    }
}

#[test]
fn quectel_trap_10_short_pieces_in_the_middle() {
    for longest in [1, 300, 999] {
        let mut rig = Rig::online(options(|o| o.longest_get = Some(longest)));
        rig.files.put("/a", pattern(1000));
        assert!(rig.download("/a").unwrap() == pattern(1000));
        assert!(rig.download_part("/a", &Retrieve::from(100).with_length(800)).unwrap() == pattern(1000)[100..900]);
    }
    // The module gets on no more: nothing new comes, not even where nothing is fetched a second time.
    let session = format!(
        r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,9\r\n
>> AT+QFTPGET="a","COM:",0,9\r
<< \r\nCONNECT\r\nabcde\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n
@ 2
>> AT+QFTPGET="a","COM:",3,6\r
<< \r\nCONNECT\r\nde\r\nOK\r\n\r\n+QFTPGET: 0,2\r\n
@ 2
>> AT+QFTPGET="a","COM:",5,4\r
<< \r\nCONNECT\r\n\r\nOK\r\n\r\n+QFTPGET: 0,0\r\n
@ 2
{CLOSED}
"#
    );
    play_online(&session, |modem| {
        let mut bytes = Vec::new();
        let error = modem.retrieve("a", &Retrieve::whole(), &mut bytes).unwrap_err();
        assert_eq!(
            (error.kind(), error.transferred(), bytes.as_slice()),
            (ErrorKind::Incomplete, Some(5), &b"abcde"[..])
        );
    });
}

#[test]
fn quectel_trap_11_a_transfer_that_dies() {
    for ok_before_failure in [true, false] {
        for stale_reply in [true, false] {
            for after in [0, 1, 700, 4999] {
                let mut rig = Rig::online(options(|o| {
                    o.ok_before_failure = ok_before_failure;
                    o.stale_reply = stale_reply;
                }));
                rig.files.put("/a", pattern(5000));
                rig.files.break_download_after(after);
                let mut bytes = Vec::new();
                let error = rig.modem.retrieve("/a", &Retrieve::whole(), &mut bytes).unwrap_err();
                assert!(error.is_retryable() && error.module_usable(), "{error}");
                // The last bytes before the end of the line are given only when they are known to be the file's.
                assert_eq!(error.transferred(), Some(after), "{error}");
                assert!(bytes == pattern(5000)[..after as usize]);
                rig.still_works();
            }
        }
    }
    // The server falls silent, and the module says so.
    let mut rig = Rig::online(options(|o| o.stall_download_at = Some(2000)));
    rig.files.put("/a", pattern(5000));
    let begun = rig.wire.elapsed();
    let error = rig.download("/a").unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::NetworkTimeout, Some(2000)), "{error}");
    assert!(rig.wire.elapsed() - begun < Duration::from_secs(105));
    rig.still_works();
    // The module falls silent as well: it is brought out of data mode.
    let session = format!(
        r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,900\r\n
>> AT+QFTPGET="a","COM:",0,900\r
<< \r\nCONNECT\r\n
<<* 600
@ 96.5
>> +++
@ 1
<< \r\nOK\r\n
>> ATI\r
<< Quectel\r\nEC25\r\nRevision: EC25EFAR06A11M4G\r\n\r\nOK\r\n
{CLOSED}
"#
    );
    play_online(&session, |modem| {
        let mut bytes = Vec::new();
        let error = modem.retrieve("a", &Retrieve::whole(), &mut bytes).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Timeout, true), "{error}");
        assert_eq!(error.transferred(), Some(bytes.len() as u64));
        assert!(pattern(900).starts_with(&bytes));
    });
}

/// Takes some bytes, then is full.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0 {
            0 => Err(io::ErrorKind::StorageFull.into()),
            room => {
                let taken = bytes.len().min(room);
                self.0 -= taken;
                Ok(taken)
            }
        }
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn quectel_trap_18_the_escape() {
    for resume in [false, true] {
        for late_bytes in [0, 700, 5000] {
            let mut rig = Rig::online(
                options(|o| {
                    o.resume = resume;
                    o.late_bytes = late_bytes;
                })
                .with_line_rate(115_200),
            );
            rig.files.put("/a", b"abc\r\nOK\r\n\r\n+QFTPGET: 0,3\r\n".repeat(10_000));
            rig.wire.clear();
            let error = rig.modem.retrieve("/a", &Retrieve::whole(), &mut Full(100)).unwrap_err();
            assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, true), "{error}");
            let writes = rig.wire.writes();
            let escape = writes.iter().position(|(_, bytes)| bytes == b"+++").expect("three bytes by themselves");
            assert!(writes[escape].0 - writes[escape - 1].0 >= Duration::from_secs(1), "silence before");
            assert!(writes[escape + 1].0 - writes[escape].0 >= Duration::from_secs(1), "silence behind");
            // `ATO` would give NO CARRIER: an escape is an end, whatever the note says.
            assert!(!rig.wire.sent().contains("ATO\r"));
            rig.still_works();
            assert_eq!(rig.modem.status().unwrap(), SessionState::Idle);
        }
    }
    // The module has left data mode by itself: the escape is the beginning of a command line.
    let session = format!(
        r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: 0,2000\r\n
>> AT+QFTPGET="a","COM:",0,2000\r
<< \r\nCONNECT\r\n
<<* 1500
<~ \r\nOK\r\n\r\n+QFTPGET: 607,0\r\n
@ 3
>> +++
>> ATI\r
@ 0.1
<< +++ATI\r\r\nERROR\r\n
@ 3
>> ATI\r
<< Quectel\r\nEC25\r\nRevision: EC25EFAR06A11M4G\r\n\r\nOK\r\n
{CLOSED}
>> AT+QFTPSTAT\r
<< \r\nOK\r\n\r\n+QFTPSTAT: 0,4\r\n
"#
    );
    play_online(&session, |modem| {
        let error = modem.retrieve("a", &Retrieve::whole(), &mut Full(100)).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, true), "{error}");
        assert_eq!(modem.status().unwrap(), SessionState::Closed);
    });
}

#[test]
fn quectel_trap_43_binary_is_set_for_every_session() {
    let mut rig = Rig::open(Options::default());
    let text = b"unix\nline\nends\n\r\n".repeat(50);
    rig.files.put("/a", text.clone());
    for _ in 0..2 {
        // Another program has left ASCII behind.
        assert!(rig.wire.talk(b"AT+QFTPCFG=\"filetype\",1\r", Duration::ZERO).ends_with(b"OK\r\n"));
        rig.modem = super::driver(&rig.wire).unwrap();
        rig.go_online();
        assert_eq!(rig.download("/a").unwrap(), text);
        rig.modem.logout().unwrap();
    }
    // Text on demand: the size says nothing then, and parts cannot be had.
    let mut settings = rig.modem.settings().clone();
    settings.file_type = ftp_modem::backend::quectel::FileType::Text;
    rig.modem.configure(settings).unwrap();
    rig.go_online();
    let mut bytes = Vec::new();
    let transfer = rig.modem.retrieve("/a", &Retrieve::whole(), &mut bytes).unwrap();
    assert_eq!(transfer.assurance, Assurance::ModuleCount);
    assert!(bytes.len() > text.len(), "line ends were changed on the way");
    let error = rig.modem.retrieve("/a", &Retrieve::from(3), &mut bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let error = rig.modem.store("/a", &ftp_modem::Store::append(), &mut &b"x"[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn quectel_trap_45_bytes_lost_for_want_of_flow_control() {
    for size_told in [true, false] {
        let told = if size_told { "0,2000" } else { "622,502" };
        let length = if size_told { ",2000" } else { "" };
        let session = format!(
            r#"
>> AT+QFTPSIZE="a"\r
<< \r\nOK\r\n\r\n+QFTPSIZE: {told}\r\n
>> AT+QFTPGET="a","COM:",0{length}\r
<< \r\nCONNECT\r\n
<<* 1900
<< \r\nOK\r\n\r\n+QFTPGET: 0,2000\r\n
@ 96.5
>> +++
>> ATI\r
<< +++ATI\r\r\nERROR\r\n
@ 3
>> ATI\r
<< Quectel\r\nEC25\r\nRevision: EC25EFAR06A11M4G\r\n\r\nOK\r\n
{CLOSED}
"#
        );
        play_online(&session, |modem| {
            let mut bytes = Vec::new();
            let error = modem.retrieve("a", &Retrieve::whole(), &mut bytes).unwrap_err();
            assert!(error.is_retryable() && error.module_usable(), "{error}");
            assert_eq!(error.transferred(), Some(bytes.len() as u64));
            assert!(pattern(2000).starts_with(&bytes), "nothing but the file's own bytes");
        });
    }
}
