//! Files of the module: uploads by QFUPL and downloads by QFDWL.

use std::io::Read;
use std::time::Duration;

use ftp_modem::backend::quectel::{Pacing, Quectel, Storage};
use ftp_modem::emulator::{ChecksumForm, Options};
use ftp_modem::modem::{Assurance, Retrieve};
use ftp_modem::{Error, ErrorKind, Result};

use super::{Rig, play, with};
use crate::support::payload::pattern;
use crate::support::streams::Broken;

const BOTH: [Pacing; 2] = [Pacing::Flow, Pacing::Acknowledged];

pub(super) fn put(modem: &mut Quectel, name: &str, pacing: Pacing, bytes: &[u8]) -> Result<()> {
    let transfer = modem.store_to_module(name, bytes.len() as u64, pacing, &mut &bytes[..])?;
    assert_eq!((transfer.bytes, transfer.assurance), (bytes.len() as u64, Assurance::ModuleCount));
    Ok(())
}

pub(super) fn get(modem: &mut Quectel, name: &str, what: &Retrieve) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let transfer = modem.retrieve_from_module(name, what, &mut bytes)?;
    assert_eq!(transfer.bytes, bytes.len() as u64);
    Ok(bytes)
}

pub(super) fn code(error: &Error) -> Option<&str> {
    error.module_code().map(|code| code.value.as_str())
}

/// A 16-bit XOR of byte pairs (BG96 FILE manual), verified with a published certificate of 1939 bytes and its 4f64.
/// Printed with and without zeros in front, and in both cases.
#[test]
fn checksums_are_numbers() {
    for form in [ChecksumForm::Bare, ChecksumForm::Padded, ChecksumForm::Upper] {
        let mut rig = Rig::open(with(|o| o.checksum = form));
        let all: Vec<u8> = (0..=255).collect();
        for (index, content) in
            [&b"A"[..], b"AB", b"ABC", b"hello", b"0123456789", &all, &[0xff; 1025], &pattern(40_001)]
                .iter()
                .enumerate()
        {
            for pacing in BOTH {
                let name = format!("UFS:{index}-{pacing:?}");
                put(&mut rig.modem, &name, pacing, content).unwrap();
                assert!(get(&mut rig.modem, &name, &Retrieve::whole()).unwrap() == *content);
            }
        }
    }
    // Four letters A, printed in every way, and wrong: 0x4141 ^ 0x4141 is 0.
    for (sum, right) in [("0", true), ("0000", true), ("1", false), ("x", false), ("", false), ("10000", false)] {
        let removal = if right { "" } else { ">> AT+QFDEL=\"UFS:a\"\\r\n<< \\r\\nOK\\r\\n" };
        let session = format!(
            r#"
>> AT+QFLDS="UFS"\r
<< \r\n+QFLDS: 180224,286720\r\n\r\nOK\r\n
>> AT+QFUPL="UFS:a",4,60,0\r
<< \r\nCONNECT\r\n
>> AAAA
<< \r\n+QFUPL: 4,{sum}\r\n\r\nOK\r\n
{removal}
"#
        );
        play(&session, |modem| match put(modem, "UFS:a", Pacing::Flow, b"AAAA") {
            Ok(()) => assert!(right, "{sum}"),
            Err(error) => {
                assert!(!right, "{sum}: {error}");
                assert_eq!(error.kind(), ErrorKind::VerificationFailed);
            }
        });
    }
    // On the way from the module, too.
    let session = r#"
>> AT+QFLST="UFS:a"\r
<< \r\n+QFLST: "UFS:a",4\r\n\r\nOK\r\n
>> AT+QFDWL="UFS:a"\r
<< \r\nCONNECT\r\nAAAA\r\n+QFDWL: 4,1\r\n\r\nOK\r\n
"#;
    play(session, |modem| {
        let error = get(modem, "UFS:a", &Retrieve::whole()).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::VerificationFailed, Some(4)));
    });
}

/// The note, §3.6, prints 707; UniRTOS pads to four digits.
#[test]
fn a_checksum_may_lack_its_zeros() {
    for printed in ["707", "0707"] {
        let session = format!(
            r#"
>> AT+QFLDS="RAM"\r
<< \r\n+QFLDS: 8388608,8388608\r\n\r\nOK\r\n
>> AT+QFUPL="RAM:a",2,60,1\r
<< \r\nCONNECT\r\n
>> \x07\x07
<< \r\n+QFUPL: 2,{printed}\r\n\r\nOK\r\n
"#
        );
        play(&session, |modem| {
            modem.store_to_module("RAM:a", 2, Pacing::Acknowledged, &mut &b"\x07\x07"[..]).unwrap();
        });
    }
}

/// A format without leading line end is in UniRTOS (guozhenh/unirtos).
#[test]
fn a_result_may_follow_the_last_acknowledgement_directly() {
    for length in [1, 1023, 1024, 2048, 3000] {
        for pacing in BOTH {
            for fragment in [1, usize::MAX] {
                let mut rig = Rig::open(with(|o| o.glued_upload_result = true).with_fragment(fragment));
                put(&mut rig.modem, "UFS:a", pacing, &vec![b'A'; length]).unwrap();
                assert_eq!(rig.modem.module_file_size("UFS:a").unwrap(), Some(length as u64));
            }
        }
    }
}

/// One `A` for each 1024 bytes, none for the rest (BG96 FILE manual; fwupd, fu-mm-dfota-device.c).
#[test]
fn each_full_block_is_acknowledged_by_one_letter() {
    for length in [1, 1023, 1024, 1025, 2047, 2048, 2049, 3072, 5000, 50_000] {
        let content = pattern(length);
        for paired in [false, true] {
            for glued in [false, true] {
                let mut rig = Rig::open(with(|o| {
                    o.paired_acknowledgements = paired;
                    o.glued_upload_result = glued;
                }));
                put(&mut rig.modem, "UFS:a", Pacing::Acknowledged, &content).unwrap();
                assert!(get(&mut rig.modem, "UFS:a", &Retrieve::whole()).unwrap() == content);
            }
        }
    }
    // Late letters are waited for; at 9600 baud each block takes a second.
    let mut rig = Rig::open(Options::default().with_line_rate(9600).with_latency(Duration::from_millis(300)));
    put(&mut rig.modem, "UFS:a", Pacing::Acknowledged, &pattern(5000)).unwrap();
    // A letter that is lost does no harm: count and checksum prove the file.
    for lost in [1, 2, 4] {
        let mut rig = Rig::open(with(|o| o.lost_acknowledgement = Some(lost)));
        put(&mut rig.modem, "UFS:a", Pacing::Acknowledged, &pattern(4096)).unwrap();
        assert!(get(&mut rig.modem, "UFS:a", &Retrieve::whole()).unwrap() == pattern(4096));
    }
    // All are lost: no more than two blocks are sent, and the time-out of the module is read.
    let session = r#"
>> AT+QFLDS="UFS"\r
<< \r\n+QFLDS: 180224,286720\r\n\r\nOK\r\n
>> AT+QFUPL="UFS:a",5000,60,1\r
<< \r\nCONNECT\r\n
>>* 1024
>># 1024 HEX
@ 60
<< \r\n+QFUPL: 2048,0\r\n\r\n+CME ERROR: 421\r\n
>> AT+QFDEL="UFS:a"\r
<< \r\nOK\r\n
"#;
    let second: String = pattern(2048)[1024..].iter().map(|byte| format!("{byte:02x}")).collect();
    play(&session.replace("HEX", &second), |modem| {
        let error = put(modem, "UFS:a", Pacing::Acknowledged, &pattern(5000)).unwrap_err();
        assert_eq!((error.kind(), code(&error), error.transferred()), (ErrorKind::Incomplete, Some("421"), Some(2048)));
        assert!(error.module_usable());
    });
}

/// A short upload gives its count and 421, and the file stays (EG800K, NuModem, reports/qfupl-usage-and-test.md); an
/// existing name gives 407.
#[test]
fn a_failed_upload_leaves_no_file() {
    // Lost on the line: the module waits, reports its count, and then 421 (EG800K).
    let session = r#"
>> AT+QFLDS="UFS"\r
<< \r\n+QFLDS: 180224,286720\r\n\r\nOK\r\n
>> AT+QFUPL="UFS:a",3000,60,0\r
<< \r\nCONNECT\r\n
>>* 3000
@ 60
<< \r\n+QFUPL: 1939,4f64\r\n
@ 0.1
<< \r\n+CME ERROR: 421\r\n
>> AT+QFDEL="UFS:a"\r
<< \r\nOK\r\n
>> AT+QFLST="UFS:a"\r
<< \r\nOK\r\n
"#;
    play(session, |modem| {
        let error = put(modem, "UFS:a", Pacing::Flow, &pattern(3000)).unwrap_err();
        assert_eq!((error.kind(), code(&error)), (ErrorKind::Incomplete, Some("421")), "{error}");
        assert!(error.is_retryable() && error.module_usable());
        assert_eq!(modem.module_file_size("UFS:a").unwrap(), None);
    });
    // Ended by the module before the first byte, as with a slow source: nothing is sent that would be a command.
    for (pacing, mode) in [(Pacing::Flow, 0), (Pacing::Acknowledged, 1)] {
        let session = format!(
            r#"
>> AT+QFLDS="UFS"\r
<< \r\n+QFLDS: 180224,286720\r\n\r\nOK\r\n
>> AT+QFUPL="UFS:a",5,60,{mode}\r
<< \r\nCONNECT\r\n
<< \r\n+QFUPL: 0,0\r\n\r\n+CME ERROR: 421\r\n
>> AT+QFDEL="UFS:a"\r
<< \r\nOK\r\n
"#
        );
        play(&session, |modem| {
            let error = put(modem, "UFS:a", pacing, b"AT\r\r\r").unwrap_err();
            assert_eq!((error.kind(), error.transferred()), (ErrorKind::Incomplete, Some(0)), "{pacing:?}: {error}");
        });
    }
    // Exists already, by number and by words; nothing is sent, and it stays.
    for cmee in [1, 2] {
        let mut rig = Rig::open(Options::default().with_cmee(cmee));
        put(&mut rig.modem, "UFS:a", Pacing::Flow, b"old").unwrap();
        for length in [0, 5] {
            let error = put(&mut rig.modem, "UFS:a", Pacing::Flow, &b"hello"[..length]).unwrap_err();
            assert_eq!((error.kind(), error.transferred()), (ErrorKind::ModuleStorage, Some(0)), "{error}");
        }
        assert_eq!(get(&mut rig.modem, "UFS:a", &Retrieve::whole()).unwrap(), b"old");
    }
    let session = r#"
>> AT+QFLDS="UFS"\r
<< \r\n+QFLDS: 180224,286720\r\n\r\nOK\r\n
>> AT+QFUPL="isrgx1.pem",5,60,0\r
<< \r\n+CME ERROR: file already exist\r\n
"#;
    play(session, |modem| {
        let error = put(modem, "isrgx1.pem", Pacing::Flow, b"12345").unwrap_err();
        assert_eq!((error.kind(), code(&error)), (ErrorKind::ModuleStorage, Some("file already exist")));
    });
    // The source is shorter than announced: the block is padded, and no part of a file is left.
    for (length, source, failing) in [(100, 10, false), (100, 10, true), (100_000, 10, true), (100_000, 50_000, false)]
    {
        for pacing in BOTH {
            let mut rig = Rig::open(Options::default());
            let bytes = vec![b'x'; source];
            let mut source: Box<dyn Read> = if failing { Box::new(Broken(&bytes)) } else { Box::new(&bytes[..]) };
            let outcome = rig.modem.store_to_module("UFS:a", length, pacing, &mut *source);
            let error = outcome.unwrap_err();
            assert_eq!((error.kind(), error.module_usable()), (ErrorKind::LocalIo, true), "{error}");
            assert_eq!(rig.modem.list_module(Storage::Ufs).unwrap(), []);
            put(&mut rig.modem, "UFS:a", pacing, b"hello").unwrap();
        }
    }
}

/// The note, §3.6, is silent; an EG800K prints both (NuModem).
#[test]
fn a_result_may_be_followed_by_an_error() {
    let session = r#"
>> AT+QFLDS="UFS"\r
<< \r\n+QFLDS: 180224,286720\r\n\r\nOK\r\n
>> AT+QFUPL="a",5,60,0\r
<< \r\nCONNECT\r\n
>> 12345
@ 60
<< \r\n+QFUPL: 4,304\r\n\r\n+CME ERROR: 421\r\n
>> AT+QFDEL="a"\r
<< \r\nOK\r\n
"#;
    play(session, |modem| {
        let error = modem.store_to_module("a", 5, Pacing::Flow, &mut &b"12345"[..]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incomplete, "the line before it is no success: {error}");
    });
}
