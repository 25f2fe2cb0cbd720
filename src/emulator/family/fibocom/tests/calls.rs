use super::{ERROR, OK, SECOND, bench, done, play, text};
use crate::emulator::testing::Bench;
use crate::emulator::{BusyInput, CallFailure, Family, Options, Overload};

#[test]
fn calls() {
    let zero = done(&["+MIPCALL: 0"]);
    let address = done(&["+MIPCALL: 10.225.11.107"]);
    let mut plain = bench(|_| ());
    play(
        &mut plain,
        &[
            ("AT+MIPCALL=1,\"CMNET\"", &address),
            ("AT+MIPCALL=1", ERROR),
            ("AT+CGACT?", "\r\n+CGACT: 1,1\r\n\r\nOK\r\n"),
            ("AT+CFUN=4", &done(&["+MIPCALL: 0"])),
            ("AT+MIPCALL?", "\r\n+MIPCALL: 0\r\n\r\nOK\r\n"),
            ("AT+MIPCALL=1", &zero),
            ("AT+CFUN=1", OK),
            ("AT+MIPCALL=1", &address),
            ("AT+MIPCALL=0", &zero),
            ("AT+MIPCALL=0", &zero),
            ("AT+CGACT=1,1", OK),
            ("AT+MIPCALL?", "\r\n+MIPCALL: 0\r\n\r\nOK\r\n"),
        ],
    );
    let mut repeating = bench(|options| options.call_repeats = true);
    play(&mut repeating, &[("AT+MIPCALL=1", &address), ("AT+MIPCALL=1", &address)]);
    for (failure, answer) in [
        (CallFailure::OkThenZero, zero.as_str()),
        (CallFailure::OkThenError, "\r\nOK\r\n\r\nERROR\r\n"),
        (CallFailure::Error, ERROR),
        (CallFailure::Silence, OK),
    ] {
        let mut bench = bench(|options| {
            options.call_failure = failure;
            options.failed_calls = 2;
        });
        play(&mut bench, &[("AT+MIPCALL=1", answer), ("AT+MIPCALL=1", answer), ("AT+MIPCALL=1", &address)]);
    }
    let mut strict = bench(|options| options.apn_required = true);
    play(&mut strict, &[("AT+MIPCALL=1", &zero), ("AT+CGDCONT=1,\"IP\",\"cmnet\"", OK), ("AT+MIPCALL=1", &address)]);
    let mut ready = Bench::new(Family::Fibocom, Options::default().with_echo(false).with_pdp_active(true));
    assert_eq!(ready.command("AT+FTPOPEN=\"h\",\"u\",\"p\""), done(&["+FTPOPEN: 1"]));
    assert_eq!(ready.command("AT+MIPCALL=0"), zero);
    assert_eq!(ready.server.sessions(), 0);
    assert_eq!(ready.command("AT+FTPPWD"), ERROR);
}

#[test]
fn the_call_takes_its_time() {
    let mut bench = Bench::new(Family::Fibocom, Options::default().with_echo(false).with_network_latency(SECOND));
    play(
        &mut bench,
        &[("AT+MIPCALL=1", OK), ("AT+MIPCALL=1", ERROR), ("AT+MIPCALL?", "\r\n+MIPCALL: 0\r\n\r\nOK\r\n")],
    );
    assert_eq!(bench.after(SECOND), b"\r\n+MIPCALL: 10.225.11.107\r\n");
}

#[test]
fn an_overloaded_module_answers_later() {
    for (abort, first) in [(true, "\r\nABORT\r\n"), (false, "")] {
        let mut options = Options::default().with_echo(false).with_busy_input(BusyInput::Drop);
        options.fibocom.overload = Some(Overload { command: "+MIPCALL".to_owned(), abort, time: SECOND * 5 });
        let mut bench = Bench::new(Family::Fibocom, options);
        play(&mut bench, &[("AT+MIPCALL=1", first), ("AT", "")]);
        assert_eq!(text(bench.after(SECOND * 5)), done(&["+MIPCALL: 10.225.11.107"]));
        assert_eq!(bench.command("AT"), OK);
    }
}

#[test]
fn boot_lines_can_be_switched_off() {
    let mut bench = Bench::new(Family::Fibocom, Options::default().with_echo(false).with_boot_lines(true));
    assert_eq!(bench.output(), b"\r\nAT command ready\r\n\r\n+SIM READY\r\n");
    play(&mut bench, &[("AT+MSTART=0", OK), ("AT+GTRAT=6,3,2", OK)]);
    bench.module.restart(bench.now);
    assert_eq!(bench.command("ATE0"), OK);
    assert_eq!(bench.command("AT+GTRAT?"), "\r\n+GTRAT: 6,3,2\r\n\r\nOK\r\n");
}

#[test]
fn the_search_order_may_need_a_restart() {
    let mut bench = bench(|options| options.search_order_needs_restart = true);
    play(
        &mut bench,
        &[
            ("AT+GTRAT=6,3,2", OK),
            ("AT+MIPCALL=1", &done(&["+MIPCALL: 0"])),
            ("AT+CFUN=1,1", &done(&["AT command ready", "+SIM READY"])),
            ("ATE0", OK),
            ("AT+MIPCALL=1", &done(&["+MIPCALL: 10.225.11.107"])),
        ],
    );
}
