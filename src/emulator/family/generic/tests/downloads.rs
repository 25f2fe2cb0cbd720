use super::{ERROR, OK, logged_in, play};
use crate::emulator::{GetSource, Operation, RemoteError};

#[test]
fn a_download_may_not_depend_on_the_size() {
    let mut bench = logged_in(|options| options.get_source = GetSource::Buffer);
    bench.server.put("f", "abcdef");
    play(&mut bench, &[("AT+FTPGETNAME=f", OK), ("AT+FTPRESET=4", OK)]);
    bench.server.fail_next(Operation::Size, RemoteError::reply(550, "No."));
    bench.server.break_download_after(1);
    play(&mut bench, &[("AT+FTPGET", ERROR), ("AT+FTPGET", "\r\n+FTPGET:2,ef\r\nOK\r\n")]);
}

#[test]
fn data_may_be_passed_on_as_they_come() {
    let mut bench = logged_in(|options| options.get_source = GetSource::Stream);
    bench.server.put("f", "abcdef");
    bench.command("AT+FTPGETNAME=f");
    bench.server.break_download_after(2);
    assert_eq!(bench.command("AT+FTPGET"), "\r\n+FTPGET:6,ab\r\nERROR\r\n");
    assert_eq!(bench.command("AT+FTPGET"), "\r\n+FTPGET:6,abcdef\r\nOK\r\n");
}

#[test]
fn a_transfer_that_breaks_gives_an_error_alone() {
    let mut bench = logged_in(|_| ());
    bench.server.put("f", "abcdef");
    bench.command("AT+FTPGETNAME=f");
    bench.server.break_download_after(2);
    play(&mut bench, &[("AT+FTPGET", ERROR), ("AT+FTPGET", "\r\n+FTPGET:6,abcdef\r\nOK\r\n")]);
    bench.server.fail_next(Operation::Size, RemoteError::reply(550, "No."));
    play(&mut bench, &[("AT+FTPGET", ERROR)]);
}
