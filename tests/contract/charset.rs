//! Names in the charset of the server: whatever a listing returns can be downloaded.

use ftp_modem::modem::{AccessPoint, Charset};
use ftp_modem::{ErrorKind, Vendor};

use crate::for_each_dialect;
use crate::support::access::server;
use crate::support::expected::expected;
use crate::support::rig::AnyRig;

/// Charset, name as the server writes it, name as the program sees it.
const NAMES: [(&str, &[u8], &str); 4] = [
    ("gbk", b"\xb2\xe2\xca\xd4.txt", "测试.txt"),
    ("latin1", b"r\xe9sum\xe9.txt", "résumé.txt"),
    ("latin1", b"\xb2\xe2\xca\x85.txt", "²âÊ\u{85}.txt"),
    ("utf-8", "报告.csv".as_bytes(), "报告.csv"),
];

fn online(vendor: Vendor, charset: &str) -> AnyRig {
    let mut rig = AnyRig::open(vendor);
    rig.modem.attach(&AccessPoint::default()).unwrap();
    rig.modem.login(&server().with_charset(charset.parse().unwrap())).unwrap();
    rig
}

fn contains(sent: &[u8], name: &[u8]) -> bool {
    sent.windows(name.len()).any(|window| window == name)
}

for_each_dialect! {
    fn listed_names_are_sent_back_as_the_server_writes_them(vendor: Vendor) {
        for (charset, written, name) in NAMES {
            if expected(vendor).writes_rows && charset != "utf-8" {
                continue;
            }
            let mut rig = online(vendor, charset);
            let row = [b"-rw-r--r-- 1 u g 5 Sep 30 01:52 ", written, b"\r\n"].concat();
            rig.files.set_listing("/", row);
            let entries = rig.modem.list("/").unwrap();
            assert_eq!(entries[0].name_lossy(), name, "{charset}");
            assert!(rig.modem.names("/").unwrap()[0].ends_with(name.as_bytes()), "{charset}");
            rig.line.clear();
            // The emulated server has no such file.
            let _ = rig.download(&format!("/{name}"));
            assert!(contains(&rig.line.sent(), written), "{charset}: {}", rig.line.text());
        }
    }

    fn names_that_the_charset_lacks_are_refused_before_anything_is_sent(vendor: Vendor) {
        for (charset, name) in [("latin1", "/测试"), ("gbk", "/😀")] {
            let mut rig = online(vendor, charset);
            rig.line.clear();
            for error in [rig.modem.size(name).unwrap_err(), rig.modem.mkdir(name).unwrap_err()] {
                assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
                let name = if charset == "gbk" { "GBK" } else { "ISO-8859-1" };
                let expected = format!("cannot be written in {name}");
                assert!(error.to_string().contains(&expected), "{error}");
            }
            assert_eq!(rig.line.text(), "");
            rig.still_works();
        }
    }

    fn the_longest_name_is_counted_as_it_is_sent(vendor: Vendor) {
        let most = AnyRig::open(vendor).modem.capabilities().limits.path;
        // Two bytes in UTF-8, one in Latin-1.
        let name = format!("/{}", "é".repeat(most - 1));
        for (charset, fits) in [(Charset::LATIN_1, true), (Charset::UTF_8, name.len() <= most)] {
            let mut rig = online(vendor, &charset.to_string());
            let error = rig.modem.size(&name).unwrap_err();
            assert_eq!(error.kind() != ErrorKind::InvalidInput, fits, "{charset}: {error}");
        }
    }
}
