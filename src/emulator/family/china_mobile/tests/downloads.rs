use std::time::Duration;

use super::{connected, lines, play};
use crate::emulator::{Family, NetworkCause, Operation, Options, RemoteError, Spacing, SumSize};

/// 23 bytes that look like a result line.
const TEST1: &str = "BBBBBbbbbb+MFTPAPP TEST";

/// The result lines of pieces of `x`, given as sum and length.
fn pieces(sizes: &[(usize, usize)]) -> String {
    sizes.iter().map(|(sum, size)| format!("\r\n+MFTPRETR: 0,0,{sum},{size},{}\r\n", "x".repeat(*size))).collect()
}

#[test]
fn the_manual_s_examples() {
    let mut bench = connected(|_| ());
    bench.server.put("test1.txt", TEST1);
    play(
        &mut bench,
        &[
            ("AT+MFTPRETR=0,\"test1.txt\"", "OK|+MFTPRETR: 0,0,23,23,BBBBBbbbbb+MFTPAPP TEST"),
            ("AT+MFTPRETR=0,\"test1.txt\",,5", "OK|+MFTPRETR: 0,0,18,18,bbbbb+MFTPAPP TEST"),
            ("AT+MFTPRETR=0,\"test1.txt\",,5,5", "OK|+MFTPRETR: 0,0,5,5,bbbbb"),
            ("AT+MFTPRETR=0,\"test1.txt\",\"ignored\",20,100", "OK|+MFTPRETR: 0,0,3,3,EST"),
            ("AT+MFTPRETR=0,\"test1.txt\",,24", "OK|+MFTPRETR: 0,3"),
            ("AT+MFTPRETR=0,\"test1.txt\",,23", "OK|+MFTPRETR: 0,19"),
            ("AT+MFTPRETR=0,\"test1.txt\",,0,0", "OK|+MFTPRETR: 0,19"),
            ("AT+MFTPRETR=0,\"missing\"", "OK|+MFTPRETR: 0,10"),
            ("AT+MFTPCFG=0,\"local_fs\",1", "OK"),
            ("AT+MFTPRETR=0,\"test1.txt\"", "+CME ERROR: 50"),
            ("AT+MFTPRETR=0,\"test1.txt\",\"/usr/1.txt\"", "OK|+MFTPRETR: 0,0,23,23"),
            ("AT+MFGET=\"/usr/1.txt\"", "+MFGET: 23,BBBBBbbbbb+MFTPAPP TEST|OK"),
        ],
    );
}

#[test]
fn long_files_come_in_pieces() {
    let file = 1500;
    for (choose, expected) in [
        ((|_| ()) as fn(&mut crate::emulator::ChinaMobileOptions), pieces(&[(1024, 1024), (1500, 476)])),
        (|options| options.piece_size = 750, pieces(&[(750, 750), (1500, 750)])),
        (|options| options.sum_size = SumSize::FileSize, pieces(&[(1500, 1024), (1500, 476)])),
        (|options| options.final_empty_piece = true, pieces(&[(1024, 1024), (1500, 476), (1500, 0)])),
        (|options| options.lost_piece = Some(1), pieces(&[(1500, 476)])),
        (|options| options.lost_piece = Some(2), pieces(&[(1024, 1024)])),
        (|options| options.stall_at = Some(100), pieces(&[(100, 100)])),
        (|options| options.stall_at = Some(0), pieces(&[(0, 0)])),
        (|options| options.urc_line_end = false, pieces(&[(1024, 1024), (1500, 476)]).replace("x\r\n", "x")),
    ] {
        let mut bench = super::bench(choose);
        bench.command("AT+MFTPCONN=0,\"h\"");
        bench.server.put("f", vec![b'x'; file]);
        let answer = bench.command("AT+MFTPRETR=0,\"f\"");
        assert_eq!(answer, format!("{}{expected}", lines("OK")));
    }
}

#[test]
fn data_follows_the_comma_whatever_the_spacing() {
    for (spacing, expected) in
        [(Spacing::None, "+MFTPRETR:0,0,3,3, a,"), (Spacing::AfterCommas, "+MFTPRETR: 0, 0, 3, 3, a,")]
    {
        let options = Options::default().with_echo(false).with_pdp_active(true).with_spacing(spacing);
        let mut bench = super::Bench::new(Family::ChinaMobile, options);
        bench.command("AT+MFTPCONN=0,\"h\"");
        bench.server.put("f", " a,");
        assert_eq!(bench.command("AT+MFTPRETR=0,\"f\""), lines(&format!("OK|{expected}")));
    }
}

#[test]
fn offsets_may_wrap_at_65536() {
    let content: Vec<u8> = (0..70_000).map(|index| b'a' + (index / 7000) as u8).collect();
    for (wraps, expected) in [(false, "jj"), (true, "aa")] {
        let mut bench = connected(|options| options.offset_wraps = wraps);
        bench.server.put("f", content.clone());
        assert_eq!(bench.command("AT+MFTPRETR=0,\"f\",,65537,2"), lines(&format!("OK|+MFTPRETR: 0,0,2,2,{expected}")));
    }
}

#[test]
fn a_download_occupies_its_connection() {
    let gap = Duration::from_millis(100);
    let mut bench = connected(|options| options.piece_gap = gap);
    bench.server.put("f", vec![b'x'; 1500]);
    assert_eq!(bench.command("AT+MFTPRETR=0,\"f\""), lines("OK") + &pieces(&[(1024, 1024)]));
    play(
        &mut bench,
        &[
            ("AT+MFTPSTATE=0", "+MFTPSTATE: 0,2|OK"),
            ("AT+MFTPPWD=0", "OK|+MFTPPWD: 0,4"),
            ("AT+MFTPDISC=0", "OK|+MFTPDISC: 0,4"),
            ("AT+MFTPSTOR=0,\"g\",1,1,\"a\"", "OK|+MFTPSTOR: 0,4,0"),
            ("AT+MFTPCONN=1,\"h\"", "OK|+MFTPCONN: 1,0"),
        ],
    );
    // No piece comes while another connection's data is received.
    assert_eq!(bench.command("AT+MFTPSTOR=1,\"g\",1,1"), "\r\n>");
    assert_eq!(bench.after(gap * 2), b"");
    bench.send(b"a");
    let rest = String::from_utf8(bench.after(gap * 2)).unwrap();
    let expected = [lines("OK"), lines("+MFTPSTOR: 1,0,1"), pieces(&[(1500, 476)])];
    assert_eq!(rest, expected.concat());
    assert_eq!(bench.command("AT+MFTPSTATE=0"), lines("+MFTPSTATE: 0,1|OK"));
}

#[test]
fn broken_downloads() {
    let mut bench = connected(|_| ());
    bench.server.put("f", vec![b'x'; 1500]);
    for (after, expected) in [
        (0, "+MFTPRETR: 0,10".to_owned()),
        (3, "+MFTPRETR: 0,0,3,3,xxx|+MFTPRETR: 0,10".to_owned()),
        (1024, format!("+MFTPRETR: 0,0,1024,1024,{}|+MFTPRETR: 0,10", "x".repeat(1024))),
    ] {
        bench.server.break_download_after(after);
        assert_eq!(bench.command("AT+MFTPRETR=0,\"f\""), lines("OK") + &lines(&expected));
        assert_eq!(bench.command("AT+MFTPSTATE=0"), lines("+MFTPSTATE: 0,1|OK"));
    }
    bench.server.fail_next(Operation::Retrieve, RemoteError::Network(NetworkCause::Dropped));
    play(
        &mut bench,
        &[
            ("AT+MFTPRETR=0,\"f\"", "OK|+MFTPRETR: 0,11|+MFTPURC: 0,\"conn\",0"),
            ("AT+MFTPRETR=0,\"f\"", "+CME ERROR: 801"),
        ],
    );
}

#[test]
fn a_server_without_size() {
    let mut bench = connected(|_| ());
    bench.server.put("f", "abc");
    for code in [500, 502, 550] {
        bench.server.fail_next(Operation::Size, RemoteError::reply(code, "No."));
        assert_eq!(bench.command("AT+MFTPRETR=0,\"f\",,1"), lines("OK|+MFTPRETR: 0,0,2,2,bc"), "{code}");
    }
    bench.server.fail_next(Operation::Size, RemoteError::reply(421, "No."));
    assert_eq!(bench.command("AT+MFTPRETR=0,\"f\",,1"), lines("OK|+MFTPRETR: 0,10|+MFTPURC: 0,\"conn\",0"));
}

#[test]
fn downloads_to_the_module() {
    for (both, sizes) in [(true, "7,7"), (false, "7")] {
        let mut bench = connected(|options| {
            options.storage = 10;
            options.local_both_sizes = both;
        });
        bench.server.put("2.txt", "CESHI3333333");
        play(
            &mut bench,
            &[
                ("AT+MFTPCFG=0,\"local_fs\",1", "OK"),
                ("AT+MFTPRETR=0,\"2.txt\",\"/usr/test.txt\",5,7", &format!("OK|+MFTPRETR: 0,0,{sizes}")),
                ("AT+MFGET=\"/usr/test.txt\"", "+MFGET: 7,3333333|OK"),
                ("AT+MFTPRETR=0,\"2.txt\",\"/usr/test.txt\"", "OK|+MFTPRETR: 0,16"),
                ("AT+MFTPRETR=0,\"none\",\"/usr/test.txt\"", "OK|+MFTPRETR: 0,10"),
            ],
        );
        bench.server.break_download_after(2);
        assert_eq!(bench.command("AT+MFTPRETR=0,\"2.txt\",\"/usr/test.txt\",0,5"), lines("OK|+MFTPRETR: 0,10"));
    }
}

#[test]
fn large_files_pass_through() {
    let mut bench = connected(|options| options.piece_size = 4096);
    let content: Vec<u8> = (0..=255).cycle().take(1_000_000).collect();
    bench.server.put("f", content.clone());
    bench.send(b"AT+MFTPRETR=0,\"f\"\r");
    let mut out = &bench.output()[b"\r\nOK\r\n".len()..];
    let mut received = Vec::new();
    while !out.is_empty() {
        let mut fields = out.splitn(5, |byte| *byte == b',');
        let head: Vec<_> = fields.by_ref().take(4).collect();
        let number = |index: usize| std::str::from_utf8(head[index]).unwrap().parse().unwrap();
        let (sum, size): (usize, usize) = (number(2), number(3));
        let data = fields.next().unwrap();
        received.extend_from_slice(&data[..size]);
        assert_eq!(received.len(), sum);
        out = data[size..].strip_prefix(b"\r\n").unwrap();
    }
    assert_eq!(received, content);
}
