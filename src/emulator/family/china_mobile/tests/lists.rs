use std::time::Duration;

use super::{connected, lines, play};
use crate::emulator::{ChinaMobileOptions, EmptyListing, ListEnd, NetworkCause, Operation, RemoteError};

const OLD: &str = "+MFTPLIST: 0,0,\"old\",\"rwx\"";
const FILE: &str = "+MFTPLIST: 0,0,\"old.txt\",9,20240722040900,\"rw-\"";

fn filled(choose: impl FnOnce(&mut ChinaMobileOptions)) -> super::Bench {
    let bench = connected(choose);
    bench.server.add_directory("/home/uftp/test/old");
    bench.server.put("/home/uftp/test/old.txt", "123456789");
    bench
}

#[test]
fn rows_and_their_end() {
    for (end, tail) in
        [(ListEnd::Nothing, ""), (ListEnd::BareSuccess, "|+MFTPLIST: 0,0"), (ListEnd::EmptyCode, "|+MFTPLIST: 0,14")]
    {
        let mut bench = filled(|options| options.list_end = end);
        play(
            &mut bench,
            &[
                ("AT+MFTPLIST=0,\"/home/uftp/test\"", &format!("OK|{OLD}|{FILE}{tail}")),
                ("AT+MFTPLIST=0,\"/home/uftp/test/old.txt\"", &format!("OK|{FILE}{tail}")),
                ("AT+MFTPLIST=0,\"nowhere\"", "OK|+MFTPLIST: 0,10"),
            ],
        );
    }
}

#[test]
fn the_line_that_ends_the_rows_may_be_late() {
    let mut bench = filled(|options| {
        options.list_end = ListEnd::BareSuccess;
        options.list_end_delay = Duration::from_secs(4);
    });
    play(
        &mut bench,
        &[("AT+MFTPLIST=0,\"/home/uftp/test\"", &format!("OK|{OLD}|{FILE}")), ("AT+MFTPPWD=0", "OK|+MFTPPWD: 0,4")],
    );
    assert_eq!(bench.after(Duration::from_secs(4)), b"\r\n+MFTPLIST: 0,0\r\n");
    play(&mut bench, &[("AT+MFTPPWD=0", "OK|+MFTPPWD: 0,0,\"/\"")]);
}

#[test]
fn empty_directories() {
    for (empty, answer) in [
        (EmptyListing::EmptyCode, "OK|+MFTPLIST: 0,14"),
        (EmptyListing::BareSuccess, "OK|+MFTPLIST: 0,0"),
        (EmptyListing::Nothing, "OK"),
    ] {
        let mut bench = filled(|options| options.empty_list = empty);
        play(
            &mut bench,
            &[("AT+MFTPLIST=0,\"/home/uftp/test/old\"", answer), ("AT+MFTPPWD=0", "OK|+MFTPPWD: 0,0,\"/\"")],
        );
    }
}

#[test]
fn other_shapes() {
    let mut bench = filled(|options| {
        options.quoted_time = true;
        options.dot_entries = true;
    });
    let file = FILE.replace("20240722040900", "\"20240722040900\"");
    let dots = "+MFTPLIST: 0,0,\".\",\"rwx\"|+MFTPLIST: 0,0,\"..\",\"rwx\"";
    play(
        &mut bench,
        &[
            ("AT+MFTPLIST=0,\"/home/uftp/test\"", &format!("OK|{dots}|{OLD}|{file}")),
            ("AT+MFTPLIST=0,\"/home/uftp/test/old.txt\"", &format!("OK|{file}")),
        ],
    );
    let mut bench = filled(|_| ());
    bench.server.set_listing("/x", "what is this?\r\n");
    bench.server.set_listing("/y", "total 4\r\ndrwxr-xr-x 2 u g 4096 Aug 18 2021 a,b\r\n");
    play(
        &mut bench,
        &[("AT+MFTPLIST=0,\"x\"", "OK|+MFTPLIST: 0,12"), ("AT+MFTPLIST=0,\"y\"", "OK|+MFTPLIST: 0,0,\"a,b\",\"rwx\"")],
    );
}

#[test]
fn rows_may_take_their_time() {
    let gap = Duration::from_millis(300);
    let mut bench = filled(|options| options.list_row_gap = gap);
    assert_eq!(bench.command("AT+MFTPLIST=0,\"/home/uftp/test\""), lines(&format!("OK|{OLD}")));
    assert_eq!(bench.command("AT+MFTPPWD=0"), lines("OK|+MFTPPWD: 0,4"));
    assert_eq!(bench.after(gap), lines(FILE).as_bytes());
    bench.after(gap);
    assert_eq!(bench.command("AT+MFTPPWD=0"), lines("OK|+MFTPPWD: 0,0,\"/\""));
}

#[test]
fn servers_that_list_directories_only() {
    let mut bench = filled(|_| ());
    for failure in [true, false] {
        if failure {
            bench.server.fail_next(Operation::List, RemoteError::reply(550, "No directory."));
        } else {
            bench.server.set_listing("/home/uftp/test/old.txt", "");
        }
        play(&mut bench, &[("AT+MFTPLIST=0,\"home/uftp/test/old.txt\"", &format!("OK|{FILE}"))]);
    }
}

#[test]
fn an_empty_directory_is_no_file_whatever_size_says() {
    let mut bench = filled(|_| ());
    bench.server.habits().sizes_directories = true;
    let pwd = ("AT+MFTPPWD=0", "OK|+MFTPPWD: 0,0,\"/home\"");
    play(
        &mut bench,
        &[
            ("AT+MFTPCWD=0,\"/home\"", "OK|+MFTPCWD: 0,0"),
            ("AT+MFTPLIST=0,\"/home/uftp/test/old\"", "OK|+MFTPLIST: 0,14"),
            pwd,
            ("AT+MFTPLIST=0,\"uftp/test/old\"", "OK|+MFTPLIST: 0,14"),
            pwd,
        ],
    );
    // Without a way back nothing is tried: what was listed and is empty is a directory.
    bench.server.fail_next(Operation::Pwd, RemoteError::reply(502, "Not implemented."));
    play(&mut bench, &[("AT+MFTPLIST=0,\"uftp/test/old\"", "OK|+MFTPLIST: 0,14"), pwd]);
    // One that cannot be listed is no file either.
    bench.server.fail_next(Operation::List, RemoteError::reply(550, "Permission denied."));
    play(&mut bench, &[("AT+MFTPLIST=0,\"uftp/test/old\"", "OK|+MFTPLIST: 0,10"), pwd]);
}

#[test]
fn a_connection_lost_while_finding_out() {
    for operation in [Operation::Pwd, Operation::Cwd] {
        let mut bench = filled(|_| ());
        bench.server.fail_next(operation, RemoteError::Network(NetworkCause::Dropped));
        let answer = "OK|+MFTPLIST: 0,11|+MFTPURC: 0,\"conn\",0";
        play(&mut bench, &[("AT+MFTPLIST=0,\"/home/uftp/test/old\"", answer)]);
    }
}

#[test]
fn a_connection_lost_while_listing() {
    let mut bench = filled(|_| ());
    bench.server.fail_next(Operation::List, RemoteError::Network(NetworkCause::Dropped));
    play(&mut bench, &[("AT+MFTPLIST=0,\"/\"", "OK|+MFTPLIST: 0,11|+MFTPURC: 0,\"conn\",0")]);
}
