//! The sessions the documents and logs show.

use std::time::Duration;

use super::{ERROR, OK, bench, data, opened, options, play, ready, ready_with};
use crate::emulator::testing::Bench;
use crate::emulator::{AddressForm, Family, Options, Spacing};

#[test]
fn guide_6_2_get_with_echo() {
    let file: Vec<u8> = (0..12_848_u32).map(|byte| (byte % 251) as u8).collect();
    let mut options = Options::default();
    options.luat.opening_announcements = 2;
    let mut bench = Bench::new(Family::Luat, options);
    bench.server.add_user("luat", "123456");
    bench.server.put("/1222.txt", file.clone());
    for (line, answer) in [
        ("AT+SAPBR=3,1,\"Contype\",\"GPRS\"", "\r\nOK\r\n"),
        ("AT+SAPBR=3,1,\"APN\",\"\"", "\r\nOK\r\n"),
        ("AT+SAPBR=1,1", "\r\nOK\r\n"),
        ("AT+SAPBR=2,1", "\r\n+SAPBR: 1,1,\"10.225.11.107\"\r\n\r\nOK\r\n"),
        ("AT+FTPCID=1", "\r\nOK\r\n"),
        ("AT+FTPSERV=\"airtest.openluat.com\"", "\r\nOK\r\n"),
        ("AT+FTPUN=luat", "\r\nOK\r\n"),
        ("AT+FTPPW=123456", "\r\nOK\r\n"),
        ("AT+FTPGETPATH=\"/\"", "\r\nOK\r\n"),
        ("AT+FTPGETNAME=\"1222.txt\"", "\r\nOK\r\n"),
        ("AT+FTPGET=1", "\r\nOK\r\n\r\n+FTPGET: 1,1\r\n\r\n+FTPGET: 1,1\r\n"),
    ] {
        assert_eq!(bench.command(line), format!("{line}\r{answer}"));
    }
    for (index, piece) in file.chunks(1460).enumerate() {
        let answer = bench.exchange(b"AT+FTPGET=2,1460\r");
        let mut expected = b"AT+FTPGET=2,1460\r".to_vec();
        expected.extend(format!("\r\n+FTPGET: 2,{}\r\n", piece.len()).bytes());
        expected.extend(piece);
        expected.extend(b"\r\nOK\r\n");
        if index == 8 {
            expected.extend(b"\r\n\r\n+FTPGET: 1,0\r\n");
        }
        assert_eq!(answer, expected, "piece {index}");
    }
    assert_eq!(bench.command("AT+FTPQUIT"), "AT+FTPQUIT\r\r\nERROR\r\n");
    assert_eq!(bench.server.sessions(), 0);
}

#[test]
fn guide_6_3_put_and_quit_and_6_4_resume() {
    let mut bench = ready(|options| options.announcements_after_read = 1);
    play(&mut bench, &[("AT+FTPPUT=1", &opened("+FTPPUT: 1,1,1360")), ("AT+FTPPUT=2,10", "\r\n+FTPPUT: 2,10\r\n")]);
    assert_eq!(bench.exchange(b"1234567890"), opened("+FTPPUT: 1,1,1360").as_bytes());
    play(&mut bench, &[("AT+FTPPUT=2,10", "\r\n+FTPPUT: 2,10\r\n")]);
    assert_eq!(bench.exchange(b"asdfghjklz"), opened("+FTPPUT: 1,1,1360").as_bytes());
    play(
        &mut bench,
        &[
            ("AT+FTPQUIT", &opened("+FTPPUT: 1,86")),
            ("AT+FTPGET=1", &opened("+FTPGET: 1,1")),
            ("AT+FTPGET=2,5", &(data("+FTPGET: 2,5", "12345") + "\r\n+FTPGET: 1,1\r\n")),
            ("AT+FTPQUIT", &opened("+FTPGET: 1,86")),
            ("AT+FTPREST=5", OK),
            ("AT+FTPGET=1", &opened("+FTPGET: 1,1")),
            ("AT+FTPGET=2,10", &(data("+FTPGET: 2,10", "67890asdfg") + "\r\n+FTPGET: 1,1\r\n")),
            ("AT+FTPQUIT", &opened("+FTPGET: 1,86")),
            ("AT+FTPREST?", "\r\n+FTPREST:5\r\n\r\nOK\r\n"),
        ],
    );
    assert_eq!(bench.server.file("/test.txt").unwrap(), b"1234567890asdfghjklz");
    assert_eq!(bench.server.sessions(), 0);
}

#[test]
fn list_is_cut_and_survives_168_seconds() {
    let mut bench = ready(|_| ());
    let line = "-rw-------    1 ftp      ftp            62 Jul 22 04:09 1.txt\r\n";
    let listing = line.repeat(24);
    let rest = &listing[1460..];
    bench.server.set_listing("/", listing.clone());
    play(&mut bench, &[("AT+FTPLIST=1", &opened("+FTPLIST: 1,1"))]);
    assert_eq!(bench.after(Duration::from_secs(168)), b"");
    play(
        &mut bench,
        &[
            ("AT+FTPLIST=2,1460", &data("+FTPLIST: 2,1460", &listing[..1460])),
            ("AT+FTPGET=2,10", ERROR),
            ("AT+FTPQUIT", &opened("+FTPLIST: 1,86")),
            ("AT+FTPLIST=1", &opened("+FTPLIST: 1,1")),
            ("AT+FTPLIST=2,1460", &data("+FTPLIST: 2,1460", &listing[..1460])),
            ("AT+FTPLIST=2,1460", &(data(&format!("+FTPLIST: 2,{}", rest.len()), rest) + "\r\n\r\n+FTPLIST: 1,0\r\n")),
        ],
    );
}

#[test]
fn neglected_sessions_end_by_themselves() {
    let mut bench = ready(|options| options.put_reannounced = false);
    bench.server.put("/test.txt", "x".repeat(62));
    play(&mut bench, &[("AT+FTPGET=1", &opened("+FTPGET: 1,1"))]);
    assert_eq!(bench.after(Duration::from_millis(7200)), b"");
    play(&mut bench, &[("AT+FTPGET=2,20", &data("+FTPGET: 2,20", &"x".repeat(20)))]);
    assert_eq!(bench.after(Duration::from_millis(7349)), b"");
    assert_eq!(bench.after(Duration::from_millis(1)), b"\r\n+FTPGET: 1,0\r\n");
    play(
        &mut bench,
        &[
            ("AT+FTPGET=2,20", ERROR),
            ("AT+FTPPUT=1", &opened("+FTPPUT: 1,1,1360")),
            ("AT+FTPPUT=2,7", "\r\n+FTPPUT: 2,7\r\n"),
        ],
    );
    assert_eq!(bench.after(Duration::from_millis(35_500)), b"");
    assert_eq!(bench.exchange(b"1234567\r\n"), OK.as_bytes());
    assert_eq!(bench.after(Duration::from_millis(31_799)), b"");
    assert_eq!(bench.after(Duration::from_millis(1)), b"\r\n\r\n+FTPPUT: 1,0\r\n");
    assert_eq!(bench.server.file("/test.txt").unwrap(), b"1234567");
    play(&mut bench, &[("AT+FTPPUT=2,0", ERROR)]);
}

#[test]
fn ok_comes_before_the_network_is_asked() {
    let mut bench = ready_with(options(|_| ()).with_network_latency(Duration::from_millis(600)));
    bench.server.put("/test.txt", "abc");
    play(
        &mut bench,
        &[
            ("AT+FTPSTATE", "\r\n+FTPSTATE: 0\r\n\r\nOK\r\n"),
            ("AT+FTPREST=1", OK),
            ("AT+FTPGET=1", OK),
            ("AT+FTPSTATE", "\r\n+FTPSTATE: 1\r\n\r\nOK\r\n"),
            ("AT+FTPGET=2,1460", ERROR),
        ],
    );
    assert_eq!(bench.server.sessions(), 0);
    assert_eq!(bench.after(Duration::from_millis(599)), b"");
    assert_eq!(bench.after(Duration::from_millis(1)), b"\r\n+FTPGET: 1,1\r\n");
    assert_eq!(bench.server.sessions(), 1);
    play(&mut bench, &[("AT+FTPQUIT", OK)]);
    assert_eq!(bench.after(Duration::from_millis(600)), b"\r\n+FTPGET: 1,86\r\n");
    assert_eq!(bench.server.sessions(), 0);
}

#[test]
fn directories_and_removal() {
    let mut bench = ready(|_| ());
    bench.server.put("/HI.txt", "12345");
    play(
        &mut bench,
        &[
            ("AT+FTPGETPATH=\"/test\"", OK),
            ("AT+FTPMKD", &opened("+FTPMKD: 1,0")),
            ("AT+FTPMKD", &opened("+FTPMKD: 1,77")),
            ("AT+FTPRMD", &opened("+FTPRMD: 1,0")),
            ("AT+FTPRMD", &opened("+FTPRMD: 1,77")),
            ("AT+FTPLIST=1", &opened("+FTPLIST: 1,77")),
            ("AT+FTPGETPATH=\"/\"", OK),
            ("AT+FTPGETNAME=\"HI.txt\"", OK),
            ("AT+FTPSIZE", &opened("+FTPSIZE: 1,0,5")),
            ("AT+FTPDELE", &opened("+FTPDELE: 1,0")),
            ("AT+FTPDELE", &opened("+FTPDELE: 1,77")),
            ("AT+FTPSIZE", &opened("+FTPSIZE: 1,77,0")),
            ("AT+FTPLIST=1", &opened("+FTPLIST: 1,0")),
            ("AT+FTPGET=1", &opened("+FTPGET: 1,77")),
        ],
    );
}

#[test]
fn a_listing_of_a_file_and_of_a_relative_path() {
    let mut bench = ready(|_| ());
    bench.server.put("/11/2.txt", "12");
    let listed = "-rw-r--r--    1 ftp      ftp             2 Jul 22 04:09 2.txt\r\n";
    for path in ["/11/2.txt", "11", "/11/"] {
        play(
            &mut bench,
            &[
                (&format!("AT+FTPGETPATH=\"{path}\""), OK),
                ("AT+FTPLIST=1", &opened("+FTPLIST: 1,1")),
                (
                    "AT+FTPLIST=2,1024",
                    &(data(&format!("+FTPLIST: 2,{}", listed.len()), listed) + "\r\n\r\n+FTPLIST: 1,0\r\n"),
                ),
            ],
        );
    }
}

#[test]
fn the_manual_s_address_and_blanks() {
    let mut bench = bench(|options| {
        options.address_form = AddressForm::ZeroPadded;
        options.bearer_open = true;
    });
    play(&mut bench, &[("AT+SAPBR=2,1", "\r\n+SAPBR: 1,1,010.225.011.107\r\n\r\nOK\r\n")]);
    for (spacing, one, two) in [
        (Spacing::None, "+FTPGET:1,1", "+FTPGET:2,3"),
        (Spacing::AfterColon, "+FTPGET: 1,1", "+FTPGET: 2,3"),
        (Spacing::AfterCommas, "+FTPGET: 1, 1", "+FTPGET: 2, 3"),
    ] {
        let mut bench = ready_with(options(|_| ()).with_spacing(spacing));
        bench.server.put("/test.txt", "abcd");
        play(&mut bench, &[("AT+FTPGET=1", &opened(one)), ("AT+FTPGET=2,3", &data(two, "abc"))]);
    }
}
