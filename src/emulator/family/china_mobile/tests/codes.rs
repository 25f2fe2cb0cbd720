use std::io::Read;
use std::time::Duration;

use super::{bench, connected, lines, play};
use crate::emulator::{
    BusyAnswer, Family, Listing, MemoryServer, Module, NetworkCause, Operation, Options, Remote, RemoteError,
    StateErrors, StoreMode, Tls, Upload,
};

/// A valid set form of each command, its result's prefix and its own error number.
const COMMANDS: [(&str, &str, u16); 11] = [
    ("+MFTPCONN=0,\"h\"", "+MFTPCONN", 803),
    ("+MFTPDISC=0", "+MFTPDISC", 804),
    ("+MFTPCWD=0,\"/\"", "+MFTPCWD", 805),
    ("+MFTPPWD=0", "+MFTPPWD", 806),
    ("+MFTPMKD=0,\"d\"", "+MFTPMKD", 807),
    ("+MFTPLIST=0,\"/\"", "+MFTPLIST", 808),
    ("+MFTPDEL=0,\"f\"", "+MFTPDEL", 809),
    ("+MFTPRN=0,\"f\",\"g\"", "+MFTPRN", 810),
    ("+MFTPRETR=0,\"f\"", "+MFTPRETR", 811),
    ("+MFTPSTOR=0,\"f\",1,1,\"x\"", "+MFTPSTOR", 812),
    ("+MFTPAPPE=0,\"f\",1,1,\"x\"", "+MFTPAPPE", 813),
];

#[test]
fn commands_in_the_wrong_state() {
    for errors in [StateErrors::Running, StateErrors::PerCommand] {
        let mut bench = bench(|options| options.state_errors = errors);
        let number = |running: u16, own: u16| match errors {
            StateErrors::Running => running,
            StateErrors::PerCommand => own,
        };
        for (command, _, own) in &COMMANDS[1..] {
            let answer = bench.command(&format!("AT{command}"));
            let expected = lines(&format!("+CME ERROR: {}", number(801, *own)));
            assert_eq!(answer, expected, "{command}");
        }
        play(
            &mut bench,
            &[
                ("AT+MFTPCONN=0,\"h\"", "OK|+MFTPCONN: 0,0"),
                ("AT+MFTPCONN=0,\"h\"", &format!("+CME ERROR: {}", number(802, 803))),
            ],
        );
    }
}

#[test]
fn errors_in_words_or_not_at_all() {
    let mut bench = bench(|_| ());
    play(
        &mut bench,
        &[
            ("AT+CMEE?", "+CMEE: 1|OK"),
            ("AT+MFTPDISC=0", "+CME ERROR: 801"),
            ("AT+CMEE=2", "OK"),
            ("AT+MFTPDISC=0", "+CME ERROR: FTP not running"),
            ("AT+MFTPDISC=6", "+CME ERROR: parameter error"),
            ("AT+CMEE=0", "OK"),
            ("AT+MFTPDISC=0", "ERROR"),
        ],
    );
}

#[test]
fn wrong_parameters() {
    let mut bench = connected(|_| ());
    let long = format!("\"{}\"", "n".repeat(256));
    for wrong in [
        "CONN=1",
        "CONN=1,h",
        "CONN=1,\"\"",
        "CONN=6,\"h\"",
        "CONN=1,\"h\",u",
        "CONN=1,\"h\",\"u\",\"p\",65536",
        "CONN=1,\"h\",\"u\",\"p\",21,1",
        &format!("CONN=1,{long}"),
        &format!("CONN=1,\"h\",{long}"),
        &format!("CONN=1,\"h\",\"u\",{long}"),
        "DISC=",
        "DISC=6",
        "DISC=0,1",
        "DISC=\"0\"",
        "CWD=0",
        "CWD=0,/",
        "CWD=0,\"\"",
        &format!("CWD=0,{long}"),
        "PWD=0,\"x\"",
        "MKD=0",
        "MKD=0,\"a\",\"b\"",
        "LIST=0",
        "DEL=0",
        "RN=0,\"a\"",
        "RN=0,\"a\",\"b\",\"c\"",
        &format!("RN=0,\"a\",{long}"),
        "RETR=0",
        "RETR=0,\"f\",1",
        "RETR=0,\"f\",,-1",
        "RETR=0,\"f\",,0,1,2",
        "STATE=6",
        "STATE=0,0",
    ] {
        let answer = bench.command(&format!("AT+MFTP{wrong}"));
        assert_eq!(answer, lines("+CME ERROR: 50"), "{wrong}");
    }
    let name = "n".repeat(255);
    let answer = bench.command(&format!("AT+MFTPMKD=0,\"{name}\""));
    assert_eq!(answer, lines("OK|+MFTPMKD: 0,0"));
}

#[test]
fn connections_that_fail() {
    let mut bench = bench(|_| ());
    bench.server.add_user("u", "p");
    bench.server.forget_host("nowhere");
    bench.server.refuse_port(2121);
    play(
        &mut bench,
        &[
            ("AT+MFTPCONN=0,\"nowhere\",\"u\",\"p\"", "OK|+MFTPCONN: 0,8"),
            ("AT+MFTPCONN=0,\"h\",\"u\",\"p\",2121", "OK|+MFTPCONN: 0,11"),
            ("AT+MFTPCONN=0,\"h\",\"u\",\"q\"", "OK|+MFTPCONN: 0,10"),
            ("AT+MFTPCONN=0,\"h\"", "OK|+MFTPCONN: 0,10"),
            ("AT+MFTPCFG=0,\"cid\",2", "OK"),
            ("AT+MFTPCONN=0,\"h\",\"u\",\"p\"", "OK|+MFTPCONN: 0,20"),
            ("AT+MFTPCFG=0,\"cid\",1", "OK"),
        ],
    );
    for (cause, code) in [
        (NetworkCause::Timeout, 9),
        (NetworkCause::Unreachable, 11),
        (NetworkCause::Tls, 7),
        (NetworkCause::Dropped, 11),
    ] {
        let failure = RemoteError::Network(cause);
        bench.server.fail_next(Operation::Connect, failure);
        let answer = bench.command("AT+MFTPCONN=0,\"h\",\"u\",\"p\"");
        assert_eq!(answer, lines(&format!("OK|+MFTPCONN: 0,{code}")));
    }
    assert_eq!(bench.server.sessions(), 0);
    play(
        &mut bench,
        &[("AT+MFTPSTATE=0", "+MFTPSTATE: 0,0|OK"), ("AT+MFTPCONN=0,\"h\",\"u\",\"p\",21", "OK|+MFTPCONN: 0,0")],
    );
}

#[test]
fn operations_that_fail() {
    let mut bench = connected(|options| options.delete_directories = false);
    bench.server.put("d/f", "x");
    play(
        &mut bench,
        &[
            ("AT+MFTPCWD=0,\"none\"", "OK|+MFTPCWD: 0,10"),
            ("AT+MFTPMKD=0,\"d\"", "OK|+MFTPMKD: 0,10"),
            ("AT+MFTPDEL=0,\"none\"", "OK|+MFTPDEL: 0,10"),
            ("AT+MFTPDEL=0,\"d\"", "OK|+MFTPDEL: 0,10"),
            ("AT+MFTPRN=0,\"none\",\"x\"", "OK|+MFTPRN: 0,10"),
        ],
    );
    for (failure, answer) in [
        (RemoteError::Network(NetworkCause::Timeout), "OK|+MFTPPWD: 0,5"),
        (RemoteError::reply(550, "No."), "OK|+MFTPPWD: 0,10"),
        (RemoteError::reply(421, "Bye."), "OK|+MFTPPWD: 0,10|+MFTPURC: 0,\"conn\",0"),
    ] {
        bench.server.fail_next(Operation::Pwd, failure);
        assert_eq!(bench.command("AT+MFTPPWD=0"), lines(answer));
    }
}

#[test]
fn planned_refusals_and_results() {
    for (command, prefix, own) in COMMANDS {
        let with_length = if own >= 812 { ",0" } else { "" };
        let closed = prefix == "+MFTPCONN";
        let mut module = if closed {
            bench(|options| {
                options.refusals = vec![(prefix.to_owned(), 800)];
                options.results = vec![(prefix.to_owned(), 15), (prefix.to_owned(), 6)];
                options.lost_results = vec![prefix.to_owned()];
            })
        } else {
            connected(|options| {
                options.refusals = vec![(prefix.to_owned(), 800)];
                options.results = vec![(prefix.to_owned(), 15), (prefix.to_owned(), 6)];
                options.lost_results = vec![prefix.to_owned()];
            })
        };
        let command = format!("AT{command}");
        play(
            &mut module,
            &[(&command, "+CME ERROR: 800"), (&command, "OK"), (&command, &format!("OK|{prefix}: 0,6{with_length}"))],
        );
    }
}

#[test]
fn progress_wake_byte_and_line_ends() {
    let mut progressing = connected_with_progress();
    play(&mut progressing, &[("AT+MFTPPWD=0", "OK|+MFTPPWD: 0,1|+MFTPPWD: 0,0,/")]);
    let mut waking = bench(|options| options.wake_byte = Some(0xE0));
    assert_eq!(waking.exchange(b"AT+MFTPCONN=0,\"h\"\r"), b"\r\nOK\r\n\xe0\r\n+MFTPCONN: 0,0\r\n");
    let mut endless = bench(|options| options.urc_line_end = false);
    play(&mut endless, &[]);
    assert_eq!(
        endless.exchange(b"AT+MFTPCONN=0,\"h\"\rAT+MFTPSTATE=0\r"),
        b"\r\nOK\r\n\r\n+MFTPSTATE: 0,0\r\n\r\nOK\r\n\r\n+MFTPCONN: 0,0"
    );
    assert_eq!(endless.exchange(b"AT+MFTPDISC=0\r"), b"\r\nOK\r\n\r\n+MFTPDISC: 0,0\r\n+MFTPURC: 0,\"conn\",0");
}

fn connected_with_progress() -> super::Bench {
    let mut bench = bench(|options| {
        options.progress_line = true;
        options.quoted_path = false;
    });
    play(&mut bench, &[("AT+MFTPCONN=0,\"h\"", "OK|+MFTPCONN: 0,1|+MFTPCONN: 0,0")]);
    bench
}

#[test]
fn commands_on_a_busy_connection() {
    let network = Duration::from_millis(500);
    for (answer, together, here, there) in [
        (BusyAnswer::ResultCode, false, "OK|+MFTPCWD: 0,4", "+CME ERROR: 801"),
        (BusyAnswer::ResultCode, true, "OK|+MFTPCWD: 0,4", "OK|+MFTPCWD: 1,4"),
        (BusyAnswer::Error, false, "+CME ERROR: 802", "+CME ERROR: 801"),
    ] {
        let mut options = Options::default().with_echo(false).with_pdp_active(true).with_network_latency(network);
        options.china_mobile.busy_answer = answer;
        options.china_mobile.busy_together = together;
        let mut bench = super::Bench::new(Family::ChinaMobile, options);
        assert_eq!(bench.command("AT+MFTPCONN=0,\"h\""), lines("OK"));
        assert_eq!(bench.command("AT+MFTPCWD=0,\"/\""), lines(here));
        assert_eq!(bench.command("AT+MFTPCWD=1,\"/\""), lines(there));
        assert_eq!(bench.after(network), lines("+MFTPCONN: 0,0").as_bytes());
    }
}

#[test]
fn a_network_slower_than_the_time_limit() {
    let options =
        Options::default().with_echo(false).with_pdp_active(true).with_network_latency(Duration::from_secs(5));
    let mut bench = super::Bench::new(Family::ChinaMobile, options);
    let second = Duration::from_secs(1);
    bench.command("AT+MFTPCONN=0,\"h\"");
    assert_eq!(bench.after(second * 5), lines("+MFTPCONN: 0,0").as_bytes());
    bench.command("AT+MFTPCFG=0,\"rsptimeout\",2");
    bench.command("AT+MFTPPWD=0");
    assert_eq!(bench.after(second * 2), lines("+MFTPPWD: 0,5").as_bytes());
    bench.command("AT+MFTPCFG=1,\"rsptimeout\",2");
    bench.command("AT+MFTPCONN=1,\"h\"");
    assert_eq!(bench.after(second * 2), lines("+MFTPCONN: 1,9").as_bytes());
}

/// A remote that cannot be had twice.
struct Single(Box<dyn Remote>);

impl Remote for Single {
    fn connect(&mut self, host: &str, port: u16, tls: Tls) -> Result<(), RemoteError> {
        self.0.connect(host, port, tls)
    }
    fn login(&mut self, user: &str, password: &str) -> Result<(), RemoteError> {
        self.0.login(user, password)
    }
    fn pwd(&mut self) -> Result<String, RemoteError> {
        self.0.pwd()
    }
    fn cwd(&mut self, path: &str) -> Result<(), RemoteError> {
        self.0.cwd(path)
    }
    fn list(&mut self, path: &str, listing: Listing) -> Result<Box<dyn Read + Send>, RemoteError> {
        self.0.list(path, listing)
    }
    fn size(&mut self, path: &str) -> Result<u64, RemoteError> {
        self.0.size(path)
    }
    fn modified(&mut self, path: &str) -> Result<String, RemoteError> {
        self.0.modified(path)
    }
    fn make_dir(&mut self, path: &str) -> Result<(), RemoteError> {
        self.0.make_dir(path)
    }
    fn remove_dir(&mut self, path: &str) -> Result<(), RemoteError> {
        self.0.remove_dir(path)
    }
    fn remove(&mut self, path: &str) -> Result<(), RemoteError> {
        self.0.remove(path)
    }
    fn rename(&mut self, from: &str, to: &str) -> Result<(), RemoteError> {
        self.0.rename(from, to)
    }
    fn retrieve(&mut self, path: &str, offset: u64) -> Result<Box<dyn Read + Send>, RemoteError> {
        self.0.retrieve(path, offset)
    }
    fn store(&mut self, path: &str, mode: StoreMode) -> Result<Box<dyn Upload>, RemoteError> {
        self.0.store(path, mode)
    }
    fn command(&mut self, line: &str) -> Result<(u16, String), RemoteError> {
        self.0.command(line)
    }
    fn quit(&mut self) -> Result<(), RemoteError> {
        self.0.quit()
    }
}

#[test]
fn a_remote_that_cannot_be_had_twice() {
    let server = MemoryServer::new();
    let mut bench = super::Bench::new(Family::ChinaMobile, Options::default());
    let options = Options::default().with_echo(false).with_pdp_active(true);
    let remote = Box::new(Single(server.remote()));
    bench.module = Module::new(Family::ChinaMobile, remote, options).into();
    play(
        &mut bench,
        &[
            ("AT+MFTPCONN=2,\"h\"", "OK|+MFTPCONN: 2,0"),
            ("AT+MFTPCONN=3,\"h\"", "OK|+MFTPCONN: 3,15"),
            ("AT+MFTPPWD=2", "OK|+MFTPPWD: 2,0,\"/\""),
            ("AT+MFTPDISC=2", "OK|+MFTPDISC: 2,0|+MFTPURC: 2,\"conn\",0"),
            ("AT+MFTPCONN=3,\"h\"", "OK|+MFTPCONN: 3,0"),
        ],
    );
}
