mod calls;
mod downloads;
mod losses;
mod uploads;

use std::time::Duration;

use crate::emulator::testing::Bench;
use crate::emulator::{Family, FibocomOptions, NetworkCause, Options, PortField, Refusal, RemoteError, SizeAnswer};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";

fn bench(choose: impl FnOnce(&mut FibocomOptions)) -> Bench {
    let mut options = Options::default().with_echo(false);
    choose(&mut options.fibocom);
    Bench::new(Family::Fibocom, options)
}

const SECOND: Duration = Duration::from_secs(1);
const DROPPED: RemoteError = RemoteError::Network(NetworkCause::Dropped);

fn opened(choose: impl FnOnce(&mut FibocomOptions)) -> Bench {
    opened_with(|options| choose(&mut options.fibocom))
}

/// The session is open; then the network takes as long as the options say.
fn opened_with(choose: impl FnOnce(&mut Options)) -> Bench {
    let mut options = Options::default().with_echo(false);
    choose(&mut options);
    let latency = options.network_latency;
    let mut bench = Bench::new(Family::Fibocom, options);
    for (line, answer) in
        [("AT+MIPCALL=1", "+MIPCALL: 10.225.11.107"), ("AT+FTPOPEN=\"h\",\"u\",\"p\",\"\",,21,", "+FTPOPEN: 1")]
    {
        let mut said = bench.command(line);
        said.push_str(&text(bench.after(latency)));
        assert_eq!(said, done(&[answer]));
    }
    bench
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn play(bench: &mut Bench, exchanges: &[(&str, &str)]) {
    for (line, answer) in exchanges {
        assert_eq!(bench.command(line), *answer, "{line:?}");
    }
}

/// `OK` and the result lines.
fn done(lines: &[&str]) -> String {
    let mut text = OK.to_owned();
    for line in lines {
        text.push_str(&format!("\r\n{line}\r\n"));
    }
    text
}

#[test]
fn the_guide_s_session() {
    let mut bench = bench(|_| ());
    bench.server.add_user("ftpuser", "123456a?");
    bench.server.put("/update/XA.bin", vec![b'x'; 150]);
    let listing = "drwxr-xr-x    2 ftp      ftp          4096 Jul 22 04:09 update\r\n";
    play(
        &mut bench,
        &[
            ("AT", OK),
            ("AT+GTRAT=6,3,2", OK),
            ("AT+CFUN=1", OK),
            ("AT+CPIN?", "\r\n+CPIN: READY\r\n\r\nOK\r\n"),
            ("AT+CIMI?", "\r\n+CIMI: 460046616008063\r\n\r\nOK\r\n"),
            ("AT+CGDCONT=1,\"IP\",\"cmnet\"", OK),
            ("AT+CSQ?", "\r\n+CSQ: 25,99\r\n\r\nOK\r\n"),
            ("AT+CEREG?", "\r\n+CEREG: 0,1\r\n\r\nOK\r\n"),
            ("AT+MIPCALL?", "\r\n+MIPCALL: 0\r\n\r\nOK\r\n"),
            ("AT+MIPCALL=1", &done(&["+MIPCALL: 10.225.11.107"])),
            ("AT+MIPCALL?", "\r\n+MIPCALL: 1,10.225.11.107\r\n\r\nOK\r\n"),
            ("AT+FTPOPEN=\"114.215.159.133\",\"ftpuser\",\"123456a?\",\"\",21,", &done(&["+FTPOPEN: 1"])),
            ("AT+FTPLIST", &format!("\r\nOK\r\n\r\n+FTPLIST: 2\r\n{listing}\r\n+FTPLIST: 1\r\n")),
            ("AT+FTPCWD=\"update\"", &done(&["+FTPCWD: 1"])),
            ("AT+FTPGET=\"XA.bin\",1", &done(&["+FTPGET: 2", "+FTPGET: 1"])),
            ("AT+FTPRECV=100", &format!("\r\n+FTPRECV: 100\r\n{}\r\nOK\r\n", "x".repeat(100))),
            ("AT+FTPRECV=100", &format!("\r\n+FTPRECV: 50\r\n{}\r\nOK\r\n", "x".repeat(50))),
            ("AT+FTPRECV=100", "\r\n+FTPRECV: 0\r\n\r\nOK\r\n"),
            ("AT+FTPPUT=\"log.txt\",1024,0", "\r\n+FTPPUT: 2,1024\r\n"),
        ],
    );
    assert_eq!(bench.exchange(&[b'a'; 1024]), OK.as_bytes());
    play(&mut bench, &[("AT+FTPPUT=\"log.txt\",1024,1", "\r\n+FTPPUT: 2,1024\r\n")]);
    assert_eq!(bench.exchange(&[b'b'; 1024]), done(&["+FTPPUT: 1"]).as_bytes());
    let stored = bench.server.file("/update/log.txt").unwrap();
    assert_eq!(stored, [[b'a'; 1024], [b'b'; 1024]].concat());
    play(
        &mut bench,
        &[
            ("AT+FTPPWD", &done(&["+FTPPWD: 2,\"/update\"", "+FTPPWD: 1"])),
            ("AT+FTPCDUP", &done(&["+FTPCDUP: 1"])),
            ("AT+FTPCLOSE", &done(&["+FTPCLOSE: 1"])),
            ("AT+FTPCLOSE", ERROR),
            ("AT+MIPCALL=0", &done(&["+MIPCALL: 0"])),
        ],
    );
    assert_eq!(bench.server.sessions(), 0);
}

#[test]
fn coded_streams() {
    let mut bench = opened(|_| ());
    play(&mut bench, &[("AT+FTPSTOR=\"log.txt\"", &done(&["+FTPSTOR: 2"]))]);
    assert_eq!(bench.exchange(b"\x41\x10\x03\x42\x10\x10\x03"), b"\r\n+FTPSTOR: 1\r\n");
    assert_eq!(bench.server.file("log.txt").unwrap(), b"\x41\x03\x42\x10");
    assert_eq!(
        bench.exchange(b"AT+FTPRETR=\"log.txt\"\r"),
        b"\r\nOK\r\n\r\n+FTPRETR: 2\r\n\x41\x10\x03\x42\x10\x10\x03\r\n+FTPRETR: 1\r\n"
    );
}

#[test]
fn parameters_and_order_are_checked() {
    let mut bench = bench(|_| ());
    let long = "x".repeat(256);
    for line in [
        "AT+MIPCALL",
        "AT+MIPCALL=2",
        "AT+MIPCALL=0,\"cmnet\"",
        "AT+MIPCALL=1,cmnet",
        "AT+FTPOPEN=\"h\",\"u\",\"p\"",
        "AT+FTPMODE=2",
        "AT+FTPMODE",
        "AT+FTPINFO=0,1",
        "AT+FTPCACHE=1023",
        "AT+FTPCACHE=513025",
        "AT+GTRAT=7",
        "AT+GTRAT=6,3,2,1",
        "AT+FTPCLOSE",
        "AT+FTPLIST",
        "AT+FTPPWD",
        "AT+FTPRECV=10",
        "AT+FTP_RECV=10",
        "AT+FTPGET=\"f\"",
        "AT+FTPDL",
    ] {
        assert_eq!(bench.command(line), ERROR, "{line}");
    }
    let mut bench = opened(|_| ());
    bench.server.put("f", "x");
    for line in [
        "AT+FTPOPEN=\"h\",\"u\",\"p\"",
        "AT+FTPOPEN=\"h\",\"u\"",
        "AT+FTPCWD=f",
        "AT+FTPCWD",
        "AT+FTPCWD=\"\"",
        "AT+FTPCWD=\"a\",\"b\"",
        "AT+FTPREN=\"a\"",
        "AT+FTPPWD=1",
        "AT+FTPPWD?",
        "AT+FTPLIST?",
        "AT+FTPLIST=",
        "AT+FTPGET=f",
        "AT+FTPGET=\"f\",2",
        "AT+FTPGET=\"f\",1,-1",
        "AT+FTPGET=\"f\",1,0,-",
        "AT+FTPRECV",
        "AT+FTPRECV=0",
        "AT+FTPRECV=65536",
        "AT+FTPPUT=\"f\",3073,1",
        "AT+FTPPUT=\"f\",0,1",
        "AT+FTPPUT=\"f\",1",
        "AT+FTPPUT=\"f\",1,2",
        "AT+FTPPUT=\"f\",1,1,2",
        "AT+FTPSTOR",
        "AT+FTPREST=-1",
        "AT+FTPDEL=\"f\";+FTPPWD",
    ] {
        if line.contains(';') {
            // A second operation on the same line comes while the first is in progress.
            assert_eq!(bench.command(line), "\r\nERROR\r\n\r\n+FTPDEL: 1\r\n");
        } else {
            assert_eq!(bench.command(line), ERROR, "{line}");
        }
    }
    assert_eq!(bench.command(&format!("AT+FTPCWD=\"{long}\"")), ERROR);
    assert_eq!(bench.command(&format!("AT+FTPCWD=\"{}\"", &long[1..])), done(&["+FTPCWD: 0"]));
}

#[test]
fn read_and_test_forms() {
    let mut bench = opened(|_| ());
    for (line, answer) in [
        ("AT+MIPCALL=?", "+MIPCALL: (0,1)"),
        ("AT+FTPOPEN?", "+FTPOPEN: 1"),
        ("AT+FTPMODE=?", "+FTPMODE: (0,1)"),
        ("AT+FTPMODE?", "+FTPMODE: 0"),
        ("AT+FTPINFO?", "+FTPINFO: 0"),
        ("AT+FTPCACHE?", "+FTPCACHE: 512000"),
        ("AT+FTPCACHE=?", "+FTPCACHE: (1024-513024)"),
        ("AT+FTPRECV=?", "+FTPRECV: (1-65535)"),
        ("AT+FTPLIST=?", "+FTPLIST: (<\"file/directory name\">)"),
        ("AT+GTRAT=?", "+GTRAT: (0-6,10),(2,3,6),(2,3,6)"),
        ("AT+MSTART?", "+MSTART: 1"),
    ] {
        let expected = format!("\r\n{answer}\r\n\r\nOK\r\n");
        assert_eq!(bench.command(line), expected, "{line}");
    }
    play(
        &mut bench,
        &[
            ("AT+FTPGET=?", OK),
            ("AT+FTPOPEN=?", OK),
            ("AT+GTRAT=6,3,2;+GTRAT?", "\r\n+GTRAT: 6,3,2\r\n\r\nOK\r\n"),
            ("AT+FTPCACHE=1024;+FTPCACHE?", "\r\n+FTPCACHE: 1024\r\n\r\nOK\r\n"),
            ("AT+FTPMODE=1;+FTPMODE?", "\r\n+FTPMODE: 1\r\n\r\nOK\r\n"),
            ("AT+FTPCLOSE", &done(&["+FTPCLOSE: 1"])),
            ("AT+FTPOPEN?", "\r\n+FTPOPEN: 0\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn ways_to_open() {
    let failed = done(&["+FTPOPEN: 0"]);
    let succeeded = done(&["+FTPOPEN: 1"]);
    for (line, fifth, answer) in [
        ("\"h\",\"u\",\"p\"", false, &succeeded),
        ("\"h\",\"u\",\"p\",\"\",21,", false, &succeeded),
        ("\"h\",\"u\",\"p\",,2121,,0", false, &succeeded),
        ("\"h\",\"u\",\"p\",,,2121,0", false, &failed),
        ("\"h\",\"u\",\"p\",\"\",2121,", true, &failed),
        ("\"h\",\"u\",\"p\",\"\",21,2121", true, &succeeded),
        ("\"h\",\"u\",\"q\"", false, &failed),
        ("\"h\",\"\",\"\"", false, &failed),
        ("\"nowhere\",\"u\",\"p\"", false, &failed),
    ] {
        let mut bench = bench(|options| {
            if fifth {
                options.port_field = PortField::Fifth;
            }
        });
        bench.server.add_user("u", "p");
        bench.server.forget_host("nowhere");
        bench.server.refuse_port(2121);
        bench.command("AT+MIPCALL=1");
        assert_eq!(bench.command(&format!("AT+FTPOPEN={line}")), *answer, "{line}");
        let open = usize::from(*answer == succeeded);
        assert_eq!(bench.server.sessions(), open, "{line}");
    }
    let mut anonymous = bench(|options| options.empty_login = true);
    anonymous.command("AT+MIPCALL=1");
    assert_eq!(anonymous.command("AT+FTPOPEN=\"h\",\"\",\"\""), succeeded);
    let open = "AT+FTPOPEN=\"h\",\"u\",\"p\"";
    for (refusal, cmee, answer) in [
        (Refusal::Plain, "AT+CMEE=1", ERROR),
        (Refusal::Cme, "AT+CMEE=1", "\r\n+CME ERROR: 3\r\n"),
        (Refusal::Cme, "AT+CMEE=0", ERROR),
        (Refusal::Numbered, "AT+CMEE=1", "\r\nERROR: 302\r\n"),
    ] {
        let mut bench = opened(|options| options.refusal = refusal);
        play(&mut bench, &[(cmee, OK), (open, answer)]);
    }
    assert_eq!(opened(|options| options.second_open_accepted = true).command(open), failed);
}

#[test]
fn files_and_directories() {
    let mut bench = opened(|_| ());
    bench.server.put("/d/a.txt", "12345");
    play(
        &mut bench,
        &[
            ("AT+FTPMKD=\"test\"", &done(&["+FTPMKD: 1"])),
            ("AT+FTPMKD=\"test\"", &done(&["+FTPMKD: 0"])),
            ("AT+FTPRMD=\"test\"", &done(&["+FTPRMD: 1"])),
            ("AT+FTPCWD=\"d\"", &done(&["+FTPCWD: 1"])),
            ("AT+FTPREN=\"a.txt\",\"b.txt\"", &done(&["+FTPREN: 1"])),
            ("AT+FTPSIZE=\"b.txt\"", &done(&["+FTPSIZE: 2,5", "+FTPSIZE: 1"])),
            ("AT+FTPSIZE=\"a.txt\"", &done(&["+FTPSIZE: 0"])),
            ("AT+FTPDEL=\"b.txt\"", &done(&["+FTPDEL: 1"])),
            ("AT+FTPDEL=\"b.txt\"", &done(&["+FTPDEL: 0"])),
            ("AT+FTPCDUP", &done(&["+FTPCDUP: 1"])),
            ("AT+FTPPWD", &done(&["+FTPPWD: 2,\"/\"", "+FTPPWD: 1"])),
            ("AT+FTPNOOP", &done(&["+FTPNOOP: 1"])),
            ("AT+FTPSYST", &done(&["+FTPSYST: 2,UNIX Type: L8", "+FTPSYST: 1"])),
            ("AT+FTPSTAT", &done(&["+FTPSTAT: 2,End of status", "+FTPSTAT: 1"])),
            ("AT+FTPSTAT=\"d\"", &done(&["+FTPSTAT: 2,End of status", "+FTPSTAT: 1"])),
            ("AT+FTPREST=3", &done(&["+FTPREST: 1"])),
        ],
    );
    for (shape, answer) in [
        (SizeAnswer::InResult, done(&["+FTPSIZE: 1,3"])),
        (SizeAnswer::Alone, done(&["+FTPSIZE: 3"])),
        (SizeAnswer::Absent, ERROR.to_owned()),
    ] {
        let mut bench = opened(|options| options.size_answer = shape);
        bench.server.put("f", "abc");
        assert_eq!(bench.command("AT+FTPSIZE=\"f\""), answer);
    }
}

#[test]
fn the_conversation_is_printed_on_demand() {
    let mut bench = opened(|_| ());
    play(
        &mut bench,
        &[
            ("AT+FTPINFO=1", OK),
            ("AT+FTPCWD=\"d\"", &done(&["+FTPINFO: CWD d", "+FTPINFO: 550 Failed to change directory.", "+FTPCWD: 0"])),
            ("AT+FTPPWD", &done(&["+FTPINFO: PWD", "+FTPINFO: 257 \"/\"", "+FTPPWD: 2,\"/\"", "+FTPPWD: 1"])),
            ("AT+FTPINFO=0", OK),
            ("AT+FTPCWD=\"d\"", &done(&["+FTPCWD: 0"])),
        ],
    );
}

#[test]
fn payload_is_counted_and_never_coded() {
    let every_byte: Vec<u8> = (0..=255).collect();
    for content in [&b"\r\nOK\r\n"[..], b"+FTPGET: 1", b"\x03\x10\x1a", &every_byte] {
        let mut bench = opened(|_| ());
        let count = content.len();
        bench.command(&format!("AT+FTPPUT=\"f\",{count},1"));
        assert_eq!(bench.exchange(content), done(&["+FTPPUT: 1"]).as_bytes());
        assert_eq!(bench.server.file("f").unwrap(), content);
        bench.command("AT+FTPGET=\"f\",1,0");
        let mut expected = format!("\r\n+FTPRECV: {count}\r\n").into_bytes();
        expected.extend_from_slice(content);
        expected.extend_from_slice(OK.as_bytes());
        assert_eq!(bench.exchange(b"AT+FTPRECV=1024\r"), expected);
    }
}
