mod documents;
mod downloads;
mod memory;
mod parameters;
mod sessions;
mod simcom;
mod uploads;

use crate::emulator::testing::Bench;
use crate::emulator::{Family, LuatOptions, LuatProfile, Options};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";

fn options(choose: impl FnOnce(&mut LuatOptions)) -> Options {
    let mut options = Options::default().with_echo(false);
    choose(&mut options.luat);
    options
}

fn bench(choose: impl FnOnce(&mut LuatOptions)) -> Bench {
    Bench::new(Family::Luat, options(choose))
}

fn play(bench: &mut Bench, exchanges: &[(&str, &str)]) {
    for (line, answer) in exchanges {
        assert_eq!(bench.command(line), *answer, "{line:?}");
    }
}

/// A module with its bearer open and its server set.
fn ready(choose: impl FnOnce(&mut LuatOptions)) -> Bench {
    ready_with(options(choose))
}

fn ready_with(mut options: Options) -> Bench {
    options.luat.bearer_open = true;
    let mut bench = Bench::new(Family::Luat, options);
    play(
        &mut bench,
        &[
            ("AT+FTPSERV=\"airtest.openluat.com\"", OK),
            ("AT+FTPUN=luat", OK),
            ("AT+FTPPW=123456", OK),
            ("AT+FTPTYPE=\"I\"", OK),
            ("AT+FTPGETPATH=\"/\"", OK),
            ("AT+FTPGETNAME=\"test.txt\"", OK),
            ("AT+FTPPUTPATH=\"/\"", OK),
            ("AT+FTPPUTNAME=\"test.txt\"", OK),
        ],
    );
    bench
}

fn simcom(profile: LuatProfile) -> Bench {
    ready(|options| options.profile = profile)
}

/// What an opening command gives.
fn opened(urc: &str) -> String {
    format!("\r\nOK\r\n\r\n{urc}\r\n")
}

/// What a reading command gives.
fn data(head: &str, text: &str) -> String {
    format!("\r\n{head}\r\n{text}\r\nOK\r\n")
}

/// A download of `abcdef` under some options.
fn get(choose: impl FnOnce(&mut LuatOptions), exchanges: &[(&str, &str)]) {
    let mut bench = ready(|options| {
        options.blank_before_end = Some(false);
        choose(options);
    });
    bench.server.put("/test.txt", "abcdef");
    play(&mut bench, exchanges);
}
