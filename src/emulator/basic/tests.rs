use crate::emulator::testing::Bench;
use crate::emulator::{Family, Options};

#[test]
fn common_commands_answer_as_specified() {
    let mut bench = Bench::new(Family::Generic, Options::default().with_echo(false).with_cmee(1));
    for (command, answer) in [
        ("AT", "\r\nOK\r\n"),
        ("at+csq", "\r\n+CSQ: 25,99\r\n\r\nOK\r\n"),
        ("At", "\r\nERROR\r\n"),
        ("AT+CMEE?", "\r\n+CMEE: 1\r\n\r\nOK\r\n"),
        ("AT+CMEE=3", "\r\n+CME ERROR: 50\r\n"),
        ("AT+CMEE=2", "\r\nOK\r\n"),
        ("AT+CREG=9", "\r\n+CME ERROR: Incorrect parameters\r\n"),
        ("AT+CMEE=0;+CREG=9", "\r\nERROR\r\n"),
        ("AT+CREG=1;+CREG?", "\r\n+CREG: 1,1\r\n\r\nOK\r\n"),
        ("AT+CREG=2;+CREG?", "\r\n+CREG: 2,1,\"2AC1\",\"05F1EA15\"\r\n\r\nOK\r\n"),
        ("AT+NOPE", "\r\nERROR\r\n"),
        ("AT+NOPE;+CSQ", "\r\nERROR\r\n"),
        ("AT+CPIN?", "\r\n+CPIN: READY\r\n\r\nOK\r\n"),
        ("AT+CGDCONT=2,\"IP\",\"cmnet\"", "\r\nOK\r\n"),
        ("AT+CGACT=1,2", "\r\nOK\r\n"),
        ("AT+CGACT=1,3", "\r\nERROR\r\n"),
        ("AT+CGACT?", "\r\n+CGACT: 1,0\r\n\r\n+CGACT: 2,1\r\n\r\nOK\r\n"),
        ("AT+CGPADDR=2", "\r\n+CGPADDR: 2,\"10.225.11.107\"\r\n\r\nOK\r\n"),
        ("AT+CFUN=4", "\r\nOK\r\n"),
        ("AT+CGACT=1,1", "\r\nERROR\r\n"),
        ("AT+CFUN=2", "\r\nERROR\r\n"),
        ("AT+CIMI", "\r\n460046616008063\r\n\r\nOK\r\n"),
        ("AT+CGSN=?", "\r\nOK\r\n"),
        ("AT+IPR=9601", "\r\nERROR\r\n"),
        ("AT+IPR=9600;+IPR?", "\r\n+IPR: 9600\r\n\r\nOK\r\n"),
        ("AT+IFC=2,2;+IFC?", "\r\n+IFC: 2,2\r\n\r\nOK\r\n"),
        ("AT&D2&W", "\r\nOK\r\n"),
        ("ATS3?", "\r\n013\r\n\r\nOK\r\n"),
        ("ATV0", "\r\nERROR\r\n"),
        ("ATE2", "\r\nERROR\r\n"),
        ("ATE1", "\r\nOK\r\n"),
        ("ATE0", "ATE0\r\r\nOK\r\n"),
        ("+++", "\r\nERROR\r\n"),
        ("", ""),
    ] {
        assert_eq!(bench.command(command), answer, "{command}");
    }
}

const OK: &str = "\r\nOK\r\n";

fn bench(options: Options) -> Bench {
    Bench::new(Family::Generic, options.with_echo(false).with_cmee(1))
}

fn play(bench: &mut Bench, exchanges: &[(&str, &str)]) {
    for (line, answer) in exchanges {
        assert_eq!(bench.command(line), *answer, "{line}");
    }
}

fn answered(line: &str) -> String {
    format!("\r\n{line}\r\n\r\nOK\r\n")
}

fn cme(code: u16) -> String {
    format!("\r\n+CME ERROR: {code}\r\n")
}

#[test]
fn without_a_card_there_is_no_network() {
    let mut bench = bench(Options::default().with_sim_ready(false));
    play(
        &mut bench,
        &[
            ("AT+CPIN?", &cme(10)),
            ("AT+CPIN=1234", &cme(10)),
            ("AT+CIMI", &cme(10)),
            ("AT+CEREG?", &answered("+CEREG: 0,0")),
            ("AT+CGACT=1,1", &cme(50)),
        ],
    );
}

#[test]
fn a_locked_card_wants_its_pin() {
    let mut bench = bench(Options::default().with_sim_pin("1234"));
    play(
        &mut bench,
        &[
            ("AT+CPIN?", &answered("+CPIN: SIM PIN")),
            ("AT+CIMI", &cme(11)),
            ("AT+CEREG?", &answered("+CEREG: 0,0")),
            ("AT+CGACT=1,1", &cme(50)),
            ("AT+CPIN=\"4321\"", &cme(16)),
            ("AT+CPIN=\"1234\"", OK),
            ("AT+CPIN?", &answered("+CPIN: READY")),
            ("AT+CEREG?", &answered("+CEREG: 0,1")),
            ("AT+CGACT=1,1", OK),
            ("AT+CPIN=1234", &cme(3)),
        ],
    );
}

#[test]
fn three_wrong_pins_block_the_card() {
    let mut bench = bench(Options::default().with_sim_pin("1234"));
    for _ in 0..3 {
        assert_eq!(bench.command("AT+CPIN=0000"), cme(16));
    }
    play(&mut bench, &[("AT+CPIN?", &answered("+CPIN: SIM PUK")), ("AT+CPIN=1234", &cme(16)), ("AT+CIMI", &cme(12))]);
}

#[test]
fn registration_and_attachment_are_shown_as_they_are() {
    for (state, usable) in [(0, false), (1, true), (2, false), (3, false), (5, true)] {
        let mut bench = bench(Options::default().with_registration_state(state));
        for name in ["+CREG", "+CGREG", "+CEREG"] {
            assert_eq!(bench.command(&format!("AT{name}?")), answered(&format!("{name}: 0,{state}")));
        }
        assert_eq!(bench.command("AT+CGACT=1,1") == OK, usable, "{state}");
    }
    let mut detached = bench(Options::default().with_attached(false));
    play(
        &mut detached,
        &[("AT+CGATT?", &answered("+CGATT: 0")), ("AT+CGACT=1,1", &cme(50)), ("AT+CGATT=1", OK), ("AT+CGACT=1,1", OK)],
    );
    let mut alone = bench(Options::default().with_attached(false).with_registered(false));
    play(&mut alone, &[("AT+CGATT=1", &cme(30)), ("AT+CGATT?", &answered("+CGATT: 0"))]);
}
