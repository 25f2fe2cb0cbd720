//! How lines are printed: line feeds, pieces, echo.

use std::time::Duration;

use ftp_modem::FtpModem;
use ftp_modem::modem::Retrieve;

use super::{DECEPTIVE, Rig, online, with};
use crate::support::payload::pattern;

/// A public driver for the MC669 looks at the newest piece only, and loses lines that are cut in two.
#[test]
fn lines_may_come_in_pieces() {
    for fragment in [1, 2, 7, 64] {
        let gaps = with(|_| ()).with_fragment(fragment).with_fragment_gap(Duration::from_millis(20));
        let mut rig = Rig::online(gaps);
        rig.downloads(&pattern(2100));
        rig.uploads_stream(&pattern(3200));
        assert_eq!(rig.modem.list("/").unwrap().len(), 2, "in pieces of {fragment}");
        assert_eq!(rig.modem.size("/up.bin").unwrap(), 3200);
    }
}

/// A public driver for the L610 expects `\n+FTPGET` and `\n+FTPLIST`, and no line feed before the other result codes.
#[test]
fn a_line_feed_may_precede_a_result_code() {
    let mut rig = online(|options| options.extra_line_feed = true);
    rig.works_both_ways();
    rig.files.put("/logs/a", "x");
    assert_eq!(rig.modem.names("/logs").unwrap(), [b"a"]);
    rig.files.add_directory("/empty");
    assert_eq!(rig.modem.list("/empty").unwrap(), []);
}

/// The echo of `AT+FTPRECV=<n>` then precedes the header of the data (public driver for the L716).
#[test]
fn a_module_may_echo_in_spite_of_ate0() {
    for fragment in [1, 4096] {
        let mut rig = Rig::open_after(with(|_| ()).with_fragment(fragment), |line| {
            line.answer("ATE0", b"ATE0\r\r\nOK\r\n");
        });
        rig.go_online();
        for payload in DECEPTIVE {
            rig.downloads(payload);
            rig.uploads_stream(payload);
            let mut bytes = Vec::new();
            rig.modem.retrieve_streamed("/up.bin", &Retrieve::whole(), &mut bytes).unwrap();
            assert_eq!(&bytes, payload);
        }
        assert_eq!(rig.modem.list("/").unwrap().len(), 2);
        rig.works_both_ways();
    }
}
