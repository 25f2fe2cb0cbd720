//! Payload of known and unknown length, with what may stand in its place.

use std::io::{self, Write};

use super::*;
use crate::error::ErrorKind;
use crate::transport::replay::Replay;
use crate::transport::transcript::{Transcript, pattern};

const LIMIT: Duration = Duration::from_secs(5);

fn engine(module: &[u8], fragment: usize) -> Engine {
    let text = format!("<<# {} {}", module.len(), hex::encode(module));
    Engine::new(Box::new(Replay::new(Transcript::parse(&text).unwrap()).with_fragment(fragment)))
}

#[test]
fn a_block_is_counted_whatever_it_holds() {
    let payload = b"\r\nOK\r\n+FTPGET: 1,0\r\nERROR\r\n+++\0\xff";
    let mut module = payload.to_vec();
    module.extend_from_slice(b"\r\nOK\r\n");
    for fragment in [1, 2, 7, 64] {
        let mut engine = engine(&module, fragment);
        let mut received = Vec::new();
        let mut sink = Sink::new(&mut received);
        engine.receive_block(payload.len() as u64, &mut sink, LIMIT).unwrap();
        sink.check().unwrap();
        let deadline = engine.deadline(Phase::Data, LIMIT);
        engine.end_of_block(deadline).unwrap();
        sink.release();
        assert_eq!(received, payload);
    }
}

#[test]
fn bytes_too_many_or_too_few_are_noticed_behind_the_block() {
    for (module, kind) in [
        (&b"123x\r\nOK\r\n"[..], ErrorKind::Protocol),
        (b"12\r\nOK\r\n", ErrorKind::Protocol),
        (b"123", ErrorKind::Timeout),
    ] {
        let mut engine = engine(module, 64);
        let mut received = Vec::new();
        let mut sink = Sink::new(&mut received);
        engine.receive_block(3, &mut sink, LIMIT).unwrap();
        let deadline = engine.deadline(Phase::Data, LIMIT);
        assert_eq!(engine.end_of_block(deadline).unwrap_err().kind(), kind);
        assert_eq!(sink.written(), 0, "what may not be payload is not written");
    }
}

#[test]
fn a_line_may_follow_a_glued_block_directly_but_no_byte_of_it() {
    for (module, is_whole) in
        [(&b"123\r\n"[..], true), (b"123+MFTPRETR: 0,0", true), (b"112+\r\n", false), (b"112++MFTPRETR: 0,0", false)]
    {
        for fragment in [1, 2, 64] {
            let (mut engine, mut received) = (engine(module, fragment), Vec::new());
            let mut sink = Sink::new(&mut received);
            engine.receive_block(3, &mut sink, LIMIT).unwrap();
            let ended = engine.end_of_glued_block(&sink, LIMIT);
            assert_eq!(ended.is_ok(), is_whole, "{}, by {fragment}", module.escape_ascii());
        }
    }
}

#[test]
fn a_failing_writer_does_not_stop_the_counting() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut engine = engine(b"12345\r\n", 2);
    let mut full = Full;
    let mut sink = Sink::new(&mut full);
    engine.receive_block(5, &mut sink, LIMIT).unwrap();
    sink.release();
    assert_eq!(sink.check().unwrap_err().kind(), ErrorKind::LocalIo);
    let deadline = engine.deadline(Phase::Data, LIMIT);
    engine.end_of_block(deadline).unwrap();
}

/// Payload, the line that ended it, and whether it took a silence to believe it.
fn until_trailer(module: &[u8], expected: Option<u64>, fragment: usize) -> Result<(Vec<u8>, Option<String>, bool)> {
    let mut engine = engine(module, fragment);
    let mut received = Vec::new();
    let mut sink = Sink::new(&mut received);
    let start = engine.now();
    let trailer = engine.receive_until_trailer("+QFTPGET", expected, &mut sink, LIMIT)?;
    sink.release();
    assert_eq!(trailer.payload, sink.written());
    let waited = engine.now() > start;
    Ok((received, trailer.line.map(|line| line.text().into_owned()), waited))
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
                let (received, line, waited) = until_trailer(&module, None, fragment).unwrap();
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
        let (received, line, waited) = until_trailer(&module, Some(forged.len() as u64), fragment).unwrap();
        assert_eq!((received.as_slice(), line, waited), (&forged[..], None, false));
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
                let (received, ended, waited) = until_trailer(module, Some(expected), fragment).unwrap();
                assert_eq!(received, b"abc", "{expected}");
                assert_eq!(ended.as_deref(), Some(*line));
                assert!(waited);
            }
        }
    }
    assert_eq!(until_trailer(b"abc", Some(100), 1).unwrap_err().kind(), ErrorKind::Timeout);
    // The count is wrong: bytes were lost on the line.
    let lost = b"ab\r\nOK\r\n\r\n+QFTPGET: 0,3\r\n";
    assert_eq!(until_trailer(lost, None, 1).unwrap_err().kind(), ErrorKind::Timeout);
}
