//! However a stream is cut on its way, its tokens are the same.

use crate::support::chance::{Chance, for_all};

#[path = "../../fuzz/checks/framer.rs"]
#[allow(dead_code, reason = "what the fuzzer uses of it")]
mod check;

use check::{ECHOES, EXPECTED, cut_in};

/// Pieces of what modules send, whole and broken off.
const PIECES: &[&[u8]] = &[
    b"\r\n",
    b"\r",
    b"\n",
    b"OK",
    b"+FTPGET:",
    b"+FTPGET: 1,",
    b"+MFTPRETR: 0,0,23,23,",
    b"+FTPRECV: 5,",
    b",",
    b">",
    b"> ",
    b"\xe0",
    b"\0",
    b"AT\r",
    b"AT+FTPGET=1\r",
    b"AT+FTPPUT=3,a\nb\r",
    b"AT+FTPPUT=3,",
    b"\xb2\xe2\xca\xd4",
    b"x",
];

fn piece(chance: &mut Chance) -> Vec<u8> {
    match chance.below(24) {
        0..20 => chance.of(PIECES).to_vec(),
        20..23 => (0..=chance.below(4)).map(|_| chance.byte()).collect(),
        // Around the longest line, and beyond it.
        _ => vec![b'y'; 8180 + chance.below(20)],
    }
}

#[test]
fn cuts_do_not_matter() {
    for_all(2000, |chance| {
        let stream = chance.several(25, piece).concat();
        let (expect, echo) = (chance.of(&EXPECTED), chance.of(&ECHOES));
        let place = |chance: &mut Chance| match chance.below(4) {
            0 => stream.len().min(8180 + chance.below(40)),
            _ => chance.below(stream.len() + 1),
        };
        let mut ends = chance.several(12, place);
        ends.push(stream.len());
        ends.sort_unstable();
        let mut start = 0;
        let pieces: Vec<&[u8]> = ends.iter().map(|end| &stream[std::mem::replace(&mut start, *end)..*end]).collect();
        assert_eq!(cut_in(&pieces, expect, echo), cut_in(&[&stream], expect, echo));
    });
}
