//! File data that look like something else.

use ftp_modem::FtpModem;
use ftp_modem::emulator::Options;
use ftp_modem::modem::{Assurance, Retrieve};

use super::{Rig, without_size};
use crate::support::payload::pattern;

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

/// A firmware image of an EC200S holds `+QFTPGET: 0,`. Data of known length are counted; of unknown length, the end is
/// where the count agrees.
#[test]
fn file_data_may_look_like_an_answer() {
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
            // Without a known length the end is where the count agrees. A file can forge that; the assurance says so.
            without_size(&rig);
            bytes.clear();
            let transfer = rig.modem.retrieve("/a", &Retrieve::whole(), &mut bytes).unwrap();
            assert!(bytes == content, "{}", content.escape_ascii());
            assert_eq!(transfer.assurance, Assurance::ModuleCount);
        }
    }
    // A forged end deceives only where the length is not known.
    let forged = b"12345\r\nOK\r\n\r\n+QFTPGET: 0,5\r\nand more";
    let mut rig = Rig::online(Options::default());
    rig.files.put("/a", forged);
    assert_eq!(rig.download("/a").unwrap(), forged);
    let part = Retrieve::whole().with_length(20);
    assert_eq!(rig.download_part("/a", &part).unwrap(), forged[..20]);
}

/// The frame is `CONNECT`, the data, `OK` and the result, with line ends between (public drivers for the
/// EC200).
#[test]
fn empty_data_and_line_ends_at_the_edges_are_kept() {
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
