//! File data that look like something else.

use super::online;

/// Payload that could be taken for something else.
const DECEPTIVE: &[&[u8]] = &[
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"+FTPGET: 1,0",
    b"\r\n+FTPGET: 1,0\r\n",
    b"\r\n+CME ERROR: 3\r\n",
    b">",
    b"\0",
    b"\xff",
    b"\r\n",
    b"\r\n\r\n\r\nOK\r\n",
];

/// Data are counted, never searched for an end.
#[test]
fn file_data_may_look_like_an_answer() {
    let mut rig = online(|_| {});
    for payload in DECEPTIVE {
        for bytes in [payload.to_vec(), payload.repeat(500)] {
            rig.files.put("/down.bin", bytes.clone());
            assert!(rig.download("/down.bin").unwrap() == bytes, "{payload:?}");
            rig.upload("/up.bin", &bytes).unwrap();
            assert!(rig.files.file("/up.bin").unwrap() == bytes, "{payload:?}");
        }
    }
}

/// The line end between data and `OK` is not part of the count: verified with the byte counts of the listings of a
/// SIM800L and an Air780EP.
#[test]
fn line_ends_at_the_end_of_the_data_belong_to_the_file() {
    let mut rig = online(|_| {});
    for bytes in [&b"line\r\n"[..], b"line", b"line\r", b"line\n", b"line\r\n\r\n", &b"x\r\n".repeat(1000)] {
        rig.files.put("/end.txt", bytes);
        assert!(rig.download("/end.txt").unwrap() == bytes);
    }
}

/// The guide, §9 (FAQ), has them vanish from uploads; the download of the AT manual keeps them. Both ways are binary.
#[test]
fn line_ends_are_kept_both_ways() {
    // The guide has them vanish from uploads; the AT manual's download keeps them. Both ways are binary.
    let text = b"a\r\nb\nc\rd\r\n";
    let mut rig = online(|_| {});
    rig.upload("/up.txt", text).unwrap();
    assert_eq!(rig.files.file("/up.txt").unwrap(), text);
    assert_eq!(rig.download("/up.txt").unwrap(), text);
}
