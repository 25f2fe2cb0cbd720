//! Payload of known and unknown length, with what may take its place.

use super::*;
use crate::at::engine::Engine;
use crate::at::testing::{LIMIT, in_flight, sending};
use crate::error::ErrorKind;
use crate::transport::replay::Replay;
use crate::transport::transcript::{Transcript, pattern};

/// Payload, the line that ended it, and whether it took a silence to believe it.
fn until_trailer(module: &[u8], expected: Expected, fragment: usize) -> Result<(Vec<u8>, Option<String>, bool)> {
    let mut engine = sending(module, fragment);
    let mut received = Vec::new();
    let mut sink = Sink::new(&mut received);
    let start = engine.now();
    let mut counted = None;
    let line = match in_flight(&mut engine).until_trailer("+QFTPGET", expected, &mut sink, LIMIT)? {
        Trailer::Lines { payload, line } => {
            assert_eq!(payload, sink.written());
            Some(line.text().into_owned())
        }
        Trailer::Count { payload, exchange } => {
            counted = Some(payload);
            exchange.settle();
            None
        }
    };
    sink.release();
    assert!(counted.is_none_or(|counted| counted == sink.written()));
    let waited = engine.now() > start;
    Ok((received, line, waited))
}

#[test]
fn payload_of_unknown_length_ends_where_the_count_agrees() {
    let long = pattern(5000);
    let forged = b"a\r\nOK\r\n\r\n+QFTPGET: 0,9\r\nb";
    for payload in [&b""[..], b"x", b"\r\n", b"OK\r\n", b"\r\nOK\r\n", forged, &long] {
        for noise in ["", "\r\n+CREG: 1\r\n"] {
            let trailer = format!("\r\nOK\r\n{noise}\r\n+QFTPGET: 0,{}\r\n", payload.len());
            let module = [payload, trailer.as_bytes()].concat();
            for fragment in [1, 2, 7, 64, usize::MAX] {
                let (received, line, waited) = until_trailer(&module, Expected::Unknown, fragment).unwrap();
                assert_eq!(received, payload);
                assert_eq!(line.unwrap(), format!("+QFTPGET: 0,{}", payload.len()));
                assert!(!waited);
            }
        }
    }
}

#[test]
fn payload_of_known_length_ends_at_that_length() {
    let forged = b"a\r\nOK\r\n\r\n+QFTPGET: 0,1\r\nb";
    let module = [&forged[..], b"\r\nOK\r\n"].concat();
    for fragment in [1, 5, usize::MAX] {
        let (received, line, waited) =
            until_trailer(&module, Expected::Exactly(forged.len() as u64), fragment).unwrap();
        assert_eq!((received.as_slice(), line, waited), (&forged[..], None, false));
    }
}

/// A file that ends where its size says, and one that goes on there, whatever its bytes are.
#[test]
fn one_byte_more_than_expected_shows_whether_the_payload_ends_there() {
    let forged = b"a\r\nOK\r\n\r\n+QFTPGET: 0,1\r\nb";
    let long = pattern(5000);
    for payload in [&b""[..], b"x", b"\r", b"\n", b"\r\n", b"x\r", b"x\r\n", b"\r\nOK\r\n", forged, &long] {
        for noise in ["", "\r\n+CREG: 1\r\n"] {
            let module = [payload, noise.as_bytes(), b"\r\nOK\r\n"].concat();
            for more in [0, 1].into_iter().filter(|more| *more <= payload.len()) {
                for fragment in [1, 2, 7, usize::MAX] {
                    let expected = Expected::OrOneMore((payload.len() - more) as u64);
                    let (received, line, waited) = until_trailer(&module, expected, fragment).unwrap();
                    assert_eq!(received, payload, "{expected:?}");
                    assert_eq!((line, waited), (None, false), "{expected:?}");
                }
            }
        }
    }
}

#[test]
fn an_early_end_is_believed_after_a_silence() {
    let cases: &[(&[u8], &str)] = &[
        (b"abc\r\nOK\r\n\r\n+QFTPGET: 607,0\r\n", "+QFTPGET: 607,0"),
        (b"abc\r\n+QFTPGET: 616,426\r\n", "+QFTPGET: 616,426"),
        (b"abc\r\nOK\r\n\r\n+QFTPGET: 0,3\r\n", "+QFTPGET: 0,3"),
    ];
    for (module, line) in cases {
        // Also where the lines are longer than what is missing.
        for expected in (4..40).chain([100]) {
            for fragment in [1, 2, usize::MAX] {
                for expected in [Expected::Exactly(expected), Expected::OrOneMore(expected)] {
                    let (received, ended, waited) = until_trailer(module, expected, fragment).unwrap();
                    assert_eq!(received, b"abc", "{expected:?}");
                    assert_eq!(ended.as_deref(), Some(*line));
                    assert!(waited);
                }
            }
        }
    }
    assert_eq!(until_trailer(b"abc", Expected::Exactly(100), 1).unwrap_err().kind(), ErrorKind::Timeout);
    // The count is wrong: bytes were lost on the line.
    let lost = b"ab\r\nOK\r\n\r\n+QFTPGET: 0,3\r\n";
    assert_eq!(until_trailer(lost, Expected::Unknown, 1).unwrap_err().kind(), ErrorKind::Timeout);
}

/// A server that refuses a transfer: no payload can be before the line.
#[test]
fn a_failure_without_any_payload_is_believed_after_one_second() {
    for lines in [r"\r\n+QFTPGET: 627,550\r\n", r"\r\nOK\r\n\r\n+QFTPGET: 627,550\r\n"] {
        for expected in [Expected::Unknown, Expected::Exactly(4), Expected::Exactly(100), Expected::OrOneMore(9)] {
            for (before, seconds) in [("", 1), ("abc", 5)] {
                let text = format!("<< {before}{lines}\n");
                let mut engine = Engine::new(Box::new(Replay::new(Transcript::parse(&text).unwrap())));
                let (mut nowhere, start) = (std::io::sink(), engine.now());
                let mut sink = Sink::new(&mut nowhere);
                let trailer = in_flight(&mut engine).until_trailer("+QFTPGET", expected, &mut sink, 19 * LIMIT);
                assert!(matches!(trailer.unwrap(), Trailer::Lines { .. }), "{expected:?}");
                assert_eq!((engine.now() - start).as_secs(), seconds, "{before}{lines}, {expected:?}");
            }
        }
    }
}

#[test]
fn a_pause_of_the_network_within_payload_is_not_its_end() {
    let part = b"log: \r\n+QFTPGET: 607,0\r\n";
    let rest = b"and so on";
    let text = format!(
        "<<# {} {}\n@ 1.5\n<<# {} {}\n<< \\r\\nOK\\r\\n",
        part.len(),
        hex::encode(part),
        rest.len(),
        hex::encode(rest)
    );
    let mut engine = Engine::new(Box::new(Replay::new(Transcript::parse(&text).unwrap())));
    let mut nowhere = std::io::sink();
    let count = (part.len() + rest.len()) as u64;
    let trailer = in_flight(&mut engine).until_trailer(
        "+QFTPGET",
        Expected::Exactly(count),
        &mut Sink::new(&mut nowhere),
        19 * LIMIT,
    );
    assert!(matches!(trailer.unwrap(), Trailer::Count { .. }), "the length was known; a pause of 1.5 s ended it");
}
