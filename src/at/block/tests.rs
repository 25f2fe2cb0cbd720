//! Counted blocks, with what may take their place.

use std::io::{self, Write};

use super::*;
use crate::at::command::Command;
use crate::at::engine::Engine;
use crate::at::testing::{LIMIT, in_flight, sending};
use crate::error::ErrorKind;
use crate::transport::replay::Replay;
use crate::transport::transcript::Transcript;

#[test]
fn a_block_is_counted_whatever_it_holds() {
    let payload = b"\r\nOK\r\n+FTPGET: 1,0\r\nERROR\r\n+++\0\xff";
    let mut module = payload.to_vec();
    module.extend_from_slice(b"\r\nOK\r\n");
    for fragment in [1, 2, 7, 64] {
        let mut engine = sending(&module, fragment);
        let mut received = Vec::new();
        let mut sink = Sink::new(&mut received);
        engine.payload().block(payload.len() as u64, LIMIT).copy_to(&mut sink).unwrap();
        sink.check().unwrap();
        engine.payload().line_end(&mut sink, LIMIT).unwrap();
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
        let mut engine = sending(module, 64);
        let mut received = Vec::new();
        let mut sink = Sink::new(&mut received);
        engine.payload().block(3, LIMIT).copy_to(&mut sink).unwrap();
        assert_eq!(engine.payload().line_end(&mut sink, LIMIT).unwrap_err().kind(), kind);
        assert_eq!(sink.written(), 0, "what may not be payload is not written");
    }
}

/// What the module sends behind two blocks of data, and whether the second one can be right.
#[test]
fn bytes_that_push_a_line_end_out_of_a_block_or_pull_one_in_are_noticed() {
    let cases: &[(&[u8], &[u8], bool)] = &[
        // One line end behind the data, and behind those that end a line; two bytes added, and two lost.
        (b"123\r\nOK\r\n", b"1\r\n\r\nOK\r\n", true),
        (b"123\r\nOK\r\n", b"x1y\r\n\r\nOK\r\n", false),
        (b"1\r\n\r\nOK\r\n", b"x1y\r\n\r\nOK\r\n", false),
        // Two line ends behind the data.
        (b"123\r\n\r\nOK\r\n", b"1\r\n\r\n\r\nOK\r\n", true),
        (b"123\r\n\r\nOK\r\n", b"1\r\n\r\nOK\r\n", false),
        (b"123\r\n\r\nOK\r\n", b"x1y\r\n\r\n\r\nOK\r\n", false),
        // Neither.
        (b"123\r\nOK\r\n", b"123\r\n\n\r\nOK\r\n", false),
    ];
    for (first, second, is_right) in cases {
        for fragment in [1, 3, 64] {
            let mut engine = sending(&[*first, *second].concat(), fragment);
            let mut received = Vec::new();
            let mut sink = Sink::new(&mut received);
            let mut block = || {
                let mut exchange = in_flight(&mut engine);
                exchange.wire().payload().block(3, LIMIT).copy_to(&mut sink)?;
                exchange.wire().payload().line_end(&mut sink, LIMIT)?;
                exchange.acknowledged().map(drop)
            };
            block().unwrap();
            let outcome = block();
            let is_believed = outcome.is_ok() && !engine.parts.data_end.is_in_doubt();
            assert_eq!(is_believed, *is_right, "{} {}", first.escape_ascii(), second.escape_ascii());
        }
    }
}

#[test]
fn a_line_may_follow_a_block_directly_but_no_byte_of_it() {
    for (module, is_whole) in
        [(&b"123\r\n"[..], true), (b"123+MFTPRETR: 0,0", true), (b"112+\r\n", false), (b"112++MFTPRETR: 0,0", false)]
    {
        for fragment in [1, 2, 64] {
            let (mut engine, mut received) = (sending(module, fragment), Vec::new());
            let mut sink = Sink::new(&mut received);
            engine.payload().block(3, LIMIT).copy_to(&mut sink).unwrap();
            let ended = engine.payload().optional_line_end(LIMIT);
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
    let mut engine = sending(b"12345\r\nOK\r\n", 2);
    let mut full = Full;
    let mut sink = Sink::new(&mut full);
    engine.payload().block(5, LIMIT).copy_to(&mut sink).unwrap();
    sink.release();
    assert_eq!(sink.check().unwrap_err().kind(), ErrorKind::LocalIo);
    engine.payload().line_end(&mut sink, LIMIT).unwrap();
}

#[test]
fn a_block_that_is_abandoned_is_dropped_before_the_next_command() {
    let session = "<< 123\n@ 6\n<~ 45\n>> AT\\r\n<< \\r\\nOK\\r\\n\n@ 1\n>> AT+B\\r\n<< \\r\\nOK\\r\\n";
    let replay = Replay::new(Transcript::parse(session).unwrap());
    let mut engine = Engine::new(Box::new(replay.clone()));
    let mut received = Vec::new();
    let outcome = engine.payload().block(5, LIMIT).copy_to(&mut Sink::new(&mut received));
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout);
    let _ = engine.execute(Command::run("+B"), LIMIT).unwrap();
    replay.finish().unwrap();
}
