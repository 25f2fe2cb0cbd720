//! Local files, and transfers to and from them.

use super::*;
use crate::emulator::ChecksumForm;
use crate::emulator::family::quectel::files::storage::checksum;

#[test]
fn checksums() {
    let all: Vec<u8> = (0..=255).collect();
    for (bytes, sum) in [
        (&b""[..], 0),
        (b"A", 0x4100),
        (b"AB", 0x4142),
        (b"ABC", 0x0242),
        (b"hello", 0x6b09),
        (&all, 0),
        (&[0xff; 1025], 0xff00),
    ] {
        assert_eq!(checksum(bytes), sum, "{}", bytes.escape_ascii());
    }
}

/// Stores a file on the module.
fn upload(bench: &mut Bench, name: &str, content: &str) {
    let line = format!("AT+QFUPL=\"{name}\",{}", content.len());
    assert_eq!(bench.command(&line), CONNECT);
    let answer = text(&bench.exchange(content.as_bytes()));
    assert!(answer.ends_with(OK), "{answer}");
}

#[test]
fn the_manual_s_way_through_memory() {
    let mut bench = opened(|_| ());
    let content = "x".repeat(1000);
    assert_eq!(bench.command("AT+QFUPL=\"RAM:test1.txt\",1000,300,1"), CONNECT);
    assert_eq!(text(&bench.exchange(content.as_bytes())), with_ok("+QFUPL: 1000,0"));
    play(
        &mut bench,
        &[
            ("AT+QFLST=\"RAM:*\"", &with_ok("+QFLST: \"RAM:test1.txt\",1000")),
            ("AT+QFTPPUT=\"test.txt\",\"RAM:test1.txt\",0", &late("+QFTPPUT: 0,1000")),
            ("AT+QFTPLEN", &late("+QFTPLEN: 0,1000")),
            ("AT+QFDEL=\"RAM:test1.txt\"", OK),
            ("AT+QFDEL=\"RAM:test1.txt\"", &cme(405)),
            ("AT+QFLST=\"RAM:*\"", OK),
            ("AT+QFTPGET=\"test.txt\",\"UFS:test.txt\"", &late("+QFTPGET: 0,1000")),
            ("AT+QFTPGET=\"test.txt\",\"UFS:test1.txt\",450", &late("+QFTPGET: 0,550")),
            ("AT+QFTPGET=\"test.txt\",\"SD:test.txt\"", &late("+QFTPGET: 0,1000")),
            ("AT+QFLST=\"*\"", &with_ok("+QFLST: \"UFS:test.txt\",1000\r\n+QFLST: \"UFS:test1.txt\",550")),
            ("AT+QFTPLIST=\"TESTDIR\",\"RAM:test2.txt\"", &late("+QFTPLIST: 627,550")),
            ("AT+QFTPNLST=\".\",\"RAM:test2.txt\"", &late("+QFTPNLST: 0,10")),
            ("AT+QFLST=\"RAM:test2.txt\"", &with_ok("+QFLST: \"RAM:test2.txt\",10")),
            ("AT+QFLDS=\"UFS\"", &with_ok("+QFLDS: 67100672,67108864")),
            ("AT+QFLDS", &with_ok("+QFLDS: 1550,2")),
            ("AT+QFDEL=\"*\"", OK),
            ("AT+QFLDS", &with_ok("+QFLDS: 0,0")),
            ("AT+QFTPPUT=\"test.txt\",\"SD:test.txt\",400", &late("+QFTPPUT: 0,600")),
            ("AT+QFTPSIZE=\"test.txt\"", &late("+QFTPSIZE: 0,1600")),
        ],
    );
}

#[test]
fn local_failures_look_like_network_failures() {
    let mut bench = opened(|options| {
        options.ram = false;
        options.ufs_size = 8192;
        options.local_put_skips = false;
    });
    bench.server.put("/f", vec![b'x'; 9000]);
    play(
        &mut bench,
        &[
            ("AT+QFTPGET=\"f\",\"ufs:f\"", &late("+QFTPGET: 613,0")),
            ("AT+QFTPGET=\"f\",\"RAM:f\"", &late("+QFTPGET: 613,0")),
            ("AT+QFTPGET=\"f\",\"UFS:f\"", &late("+QFTPGET: 613,0")),
            ("AT+QFTPPUT=\"f\",\"UFS:g\"", &late("+QFTPPUT: 611,0")),
            ("AT+QFLDS=\"UFS\"", &with_ok("+QFLDS: 0,8192")),
            ("AT+QFUPL=\"g\",10", &cme(403)),
            ("AT+QFUPL=\"RAM:g\",10", &cme(400)),
            ("AT+QFLDS=\"RAM\"", &cme(400)),
            ("AT+QFDEL=\"f\"", OK),
            ("AT+QFTPGET=\"nowhere\",\"UFS:f\"", &late("+QFTPGET: 627,550")),
            ("AT+CMEE=2", OK),
            ("AT+QFDEL=\"ufs:page.html\"", "\r\n+CME ERROR: Invalid input value\r\n"),
        ],
    );
    upload(&mut bench, "s", "12345");
    play(
        &mut bench,
        &[("AT+QFTPPUT=\"f\",\"s\",2", &late("+QFTPPUT: 0,5")), ("AT+QFTPSIZE=\"f\"", &late("+QFTPSIZE: 0,9005"))],
    );
    let mut bench = opened(|_| ());
    upload(&mut bench, "s", "12345");
    assert_eq!(bench.command("AT+QFTPPUT=\"f\",\"s\",6"), late("+QFTPPUT: 612,0"));
}

#[test]
fn a_transfer_to_a_file_keeps_the_client_busy() {
    let mut bench = with(Options::default().with_network_latency(10 * SECOND), |_| ());
    bench.server.put("/f", "12345");
    for line in ["AT+QIACT=1", "AT+QFTPOPEN=\"h\""] {
        bench.command(line);
        bench.after(10 * SECOND);
    }
    play(
        &mut bench,
        &[
            ("AT+QFTPGET=\"f\",\"UFS:f\"", OK),
            ("AT+QFTPGET=\"f\",\"UFS:f\"", &cme(603)),
            ("AT+QFTPSTAT", &late("+QFTPSTAT: 0,2")),
            ("AT+QFTPLEN", &late("+QFTPLEN: 0,0")),
        ],
    );
    assert_eq!(text(&bench.after(10 * SECOND)), "\r\n+QFTPGET: 0,5\r\n");
}

#[test]
fn an_upload_to_the_module() {
    let mut bench = bench(|_| ());
    let content = vec![b'x'; 1939];
    assert_eq!(bench.command("AT+QFUPL=\"isrgx1.pem\",1939,60"), CONNECT);
    assert_eq!(text(&bench.exchange(&content)), with_ok("+QFUPL: 1939,78"));
    play(
        &mut bench,
        &[
            ("AT+QFUPL=\"isrgx1.pem\",1939,60", &cme(407)),
            ("AT+QFUPL=\"UFS:isrgx1.pem\",1939,60", &cme(407)),
            ("AT+QFLST=\"*\"", &with_ok("+QFLST: \"UFS:isrgx1.pem\",1939")),
            ("AT+QFLST", &with_ok("+QFLST: \"UFS:isrgx1.pem\",1939")),
            ("AT+QFLST=\"nope\"", &cme(405)),
            ("AT+CMEE=2", OK),
            ("AT+QFUPL=\"isrgx1.pem\",1939", "\r\n+CME ERROR: file already exist\r\n"),
            // Too little data: a result, and a number even under AT+CMEE=2.
            ("AT+QFUPL=\"short\",3000,10", CONNECT),
        ],
    );
    bench.send(b"12");
    assert_eq!(bench.after(10 * SECOND - MILLISECOND), b"");
    assert_eq!(text(&bench.after(MILLISECOND)), "\r\n+QFUPL: 2,3132\r\n\r\n+CME ERROR: 421\r\n");
    assert_eq!(bench.command("AT+QFLST=\"short\""), with_ok("+QFLST: \"UFS:short\",2"));
    assert_eq!(bench.command("AT+CMEE=1"), OK);
    assert_eq!(bench.command("AT+QFUPL=\"escaped\""), CONNECT);
    bench.send(b"12");
    bench.after(SECOND);
    bench.send(b"+++");
    assert_eq!(text(&bench.after(SECOND)), "\r\n+QFUPL: 2,3132\r\n\r\n+CME ERROR: 429\r\n");
    for line in [
        "AT+QFUPL=f,1",
        "AT+QFUPL=\"f\",0",
        "AT+QFUPL=\"f\",1,0",
        "AT+QFUPL=\"f\",1,65536",
        "AT+QFUPL=\"f\",1,5,2",
        "AT+QFUPL=\"f\",1,5,1,1",
        "AT+QFLST=SD:*\"",
        "AT+QFOPEN=\"f\",3",
        "AT+QFSEEK=1",
    ] {
        assert_eq!(bench.command(line), cme(400), "{line}");
    }
    assert_eq!(bench.command(&format!("AT+QFUPL=\"{}\",1", "x".repeat(81))), cme(406));
    // The flash disk outlives a restart.
    bench.module.restart(bench.now);
    bench.output();
    bench.command("ATE0");
    assert_eq!(bench.command("AT+QFLST=\"short\""), with_ok("+QFLST: \"UFS:short\",2"));
}

#[test]
fn acknowledged_uploads() {
    let sum = "+QFUPL: 3000,0";
    let line = "AT+QFUPL=\"f\",3000,5,1";
    let mut plain = bench(|_| ());
    assert_eq!(plain.command(line), CONNECT);
    assert_eq!(plain.exchange(&[b'x'; 1023]), b"");
    assert_eq!(plain.exchange(b"x"), b"A");
    assert_eq!(plain.exchange(&[b'x'; 1024]), b"A");
    assert_eq!(text(&plain.exchange(&[b'x'; 952])), with_ok(sum));
    assert_eq!(plain.command("AT+QFUPL=\"g\",2048,5,1"), CONNECT);
    assert_eq!(text(&plain.exchange(&[b'x'; 2048])), format!("AA{}", with_ok("+QFUPL: 2048,0")));
    let mut paired = bench(|options| {
        options.paired_acknowledgements = true;
        options.glued_upload_result = true;
        options.checksum = ChecksumForm::Padded;
    });
    assert_eq!(paired.command("AT+QFUPL=\"g\",3072,5,1"), CONNECT);
    assert_eq!(paired.exchange(&[b'x'; 1024]), b"");
    assert_eq!(paired.exchange(&[b'x'; 1024]), b"AA");
    assert_eq!(text(&paired.exchange(&[b'x'; 1024])), "A+QFUPL: 3072,0000\r\n\r\nOK\r\n");
    let mut lossy = bench(|options| {
        options.lost_acknowledgement = Some(2);
        options.checksum = ChecksumForm::Upper;
    });
    lossy.command(line);
    assert_eq!(lossy.exchange(&[b'x'; 1024]), b"A");
    assert_eq!(lossy.exchange(&[b'x'; 1025]), b"");
    assert_eq!(text(&lossy.after(5 * SECOND)), "\r\n+QFUPL: 2049,7800\r\n\r\n+CME ERROR: 421\r\n");
}

#[test]
fn open_files() {
    let mut bench = bench(|_| ());
    upload(&mut bench, "f", "hello world");
    play(
        &mut bench,
        &[
            ("AT+QFDWL=\"f\"", "\r\nCONNECT\r\nhello world\r\n+QFDWL: 11,a2a\r\n\r\nOK\r\n"),
            ("AT+QFDWL=\"g\"", &cme(405)),
            ("AT+QFOPEN=\"g\",2", &cme(405)),
            ("AT+QFOPEN=\"f\",2", &with_ok("+QFOPEN: 1")),
            ("AT+QFOPEN=\"f\"", &cme(426)),
            ("AT+QFDEL=\"f\"", &cme(426)),
            ("AT+QFDEL=\"*\"", &cme(426)),
            ("AT+QFREAD=1,5", "\r\nCONNECT 5\r\nhello\r\nOK\r\n"),
            ("AT+QFREAD=1", "\r\nCONNECT 6\r\n world\r\nOK\r\n"),
            ("AT+QFREAD=1,5", &cme(402)),
            ("AT+QFSEEK=1,4", OK),
            ("AT+QFSEEK=1,2,1", OK),
            ("AT+QFREAD=1,1000", "\r\nCONNECT 5\r\nworld\r\nOK\r\n"),
            ("AT+QFSEEK=1,1,2", OK),
            ("AT+QFREAD=1,10", "\r\nCONNECT 1\r\nd\r\nOK\r\n"),
            ("AT+QFSEEK=1,12", &cme(401)),
            ("AT+QFWRITE=1,2", &cme(414)),
            ("AT+QFOPEN=\"g\",0", &with_ok("+QFOPEN: 2")),
            ("AT+QFOPEN?", &with_ok("+QFOPEN: \"UFS:f\",1,2\r\n+QFOPEN: \"UFS:g\",2,0")),
            ("AT+QFWRITE=2,5", CONNECT),
        ],
    );
    assert_eq!(text(&bench.exchange(b"12345")), with_ok("+QFWRITE: 5,5"));
    assert_eq!(bench.command("AT+QFSEEK=2,3"), OK);
    assert_eq!(bench.command("AT+QFWRITE=2,10,1"), CONNECT);
    bench.send(b"abc");
    assert_eq!(text(&bench.after(SECOND)), "\r\n+QFWRITE: 3,6\r\n\r\n+CME ERROR: 421\r\n");
    play(
        &mut bench,
        &[
            ("AT+QFCLOSE=2", OK),
            ("AT+QFCLOSE=2", &cme(416)),
            ("AT+QFREAD=2", &cme(416)),
            ("AT+QFDWL=\"g\"", "\r\nCONNECT\r\n123abc\r\n+QFDWL: 6,6030\r\n\r\nOK\r\n"),
            ("AT+QFOPEN=\"g\",1", &with_ok("+QFOPEN: 2")),
            ("AT+QFREAD=2", &cme(402)),
        ],
    );
    for number in 3..=10 {
        assert_eq!(bench.command(&format!("AT+QFOPEN=\"h{number}\"")), with_ok(&format!("+QFOPEN: {number}")));
    }
    assert_eq!(bench.command("AT+QFOPEN=\"h\""), cme(413));
}

#[test]
fn listings_of_local_files_differ() {
    let mut bench = bench(|options| {
        options.quoted_listing = false;
        options.storage_in_listing = false;
        options.missing_listing_fails = false;
        options.directories = vec!["security/".to_owned()];
        options.empty_read = true;
    });
    upload(&mut bench, "f", "12");
    play(
        &mut bench,
        &[
            ("AT+QFLST=\"*\"", &with_ok("+QFLST: security/,0\r\n+QFLST: f,2")),
            ("AT+QFLST=\"g\"", OK),
            ("AT+QFOPEN=\"e\"", &with_ok("+QFOPEN: 1")),
            ("AT+QFREAD=1,4", "\r\nCONNECT 0\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn test_forms_of_file_commands() {
    let mut bench = bench(|_| ());
    for (command, answer) in [
        ("QFUPL", "<filename>[,(1-<freesize>)[,(1-65535)[,(0,1)]]]"),
        ("QFDWL", "<filename>"),
        ("QFOPEN", "<filename>[,(0-2)]"),
        ("QFREAD", "<filehandle>[,<length>]"),
        ("QFWRITE", "<filehandle>[,<length>[,<timeout>]]"),
        ("QFSEEK", "<filehandle>,<offset>[,<position>]"),
        ("QFCLOSE", "<filehandle>"),
        ("QFDEL", "<filename>"),
    ] {
        assert_eq!(bench.command(&format!("AT+{command}=?")), with_ok(&format!("+{command}: {answer}")));
    }
    for line in ["AT+QFLST=?", "AT+QFLDS=?", "AT+QFOPEN?"] {
        assert_eq!(bench.command(line), OK);
    }
    for line in ["AT+QFUPL", "AT+QFUPL?", "AT+QFNOPE", "AT+QFNOPE=1"] {
        assert_eq!(bench.command(line), ERROR);
    }
}
