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
