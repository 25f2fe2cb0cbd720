//! However a stream is cut on its way, its tokens are the same.

use proptest::prelude::*;

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

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        20 => proptest::sample::select(PIECES).prop_map(<[u8]>::to_vec),
        3 => proptest::collection::vec(any::<u8>(), 1..5),
        // Around the longest line, and beyond it.
        1 => (8180..8200usize).prop_map(|length| vec![b'y'; length]),
    ];
    proptest::collection::vec(piece, 0..25).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(crate::config(2000))]

    #[test]
    fn cuts_do_not_matter(
        stream in stream(),
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..12),
        expect in proptest::sample::select(&EXPECTED[..]),
        echo in proptest::sample::select(&ECHOES[..]),
    ) {
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).chain([stream.len()]).collect();
        ends.sort_unstable();
        let mut start = 0;
        let pieces: Vec<&[u8]> = ends.iter().map(|end| &stream[std::mem::replace(&mut start, *end)..*end]).collect();
        prop_assert_eq!(cut_in(&pieces, expect, echo), cut_in(&[&stream], expect, echo));
    }
}
