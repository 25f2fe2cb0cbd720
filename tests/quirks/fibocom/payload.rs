//! File data that look like something else.

use super::{DECEPTIVE, Rig, with};

/// The frame of FTPRECV is proven by a public driver for the MC669, which requires `\r\nOK\r\n` right behind the
/// announced number of bytes.
#[test]
fn file_data_are_counted_and_never_searched() {
    for fragment in [1, 3, 4096] {
        let mut rig = Rig::online(with(|_| ()).with_fragment(fragment));
        for payload in DECEPTIVE {
            for bytes in [payload.to_vec(), payload.repeat(400)] {
                rig.downloads(&bytes);
                rig.uploads_stream(&bytes);
            }
        }
        rig.downloads(&(0..=255).collect::<Vec<u8>>());
        rig.uploads_stream(&(0..=255).collect::<Vec<u8>>());
    }
}
