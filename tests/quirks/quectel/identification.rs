//! Which module it is.

use crate::support::rig::open_on;
use crate::support::scripted::{IDENTITY, Scripted};

/// The module wakes up after 1.6 s, and answers two calls then.
#[test]
fn an_answer_to_ati_that_comes_late_does_not_shift_the_next() {
    let module = Scripted::new(&[
        ("ATI", &[(1600, IDENTITY)]),
        ("ATI", &[(200, IDENTITY)]),
        ("ATE0", &[(200, "\r\nOK\r\n")]),
        ("AT+CMEE", &[(200, "\r\nOK\r\n")]),
        ("AT+CSQ", &[(200, "\r\n+CSQ: 20,99\r\n\r\nOK\r\n")]),
    ]);
    let mut modem = open_on(module).0.unwrap();
    assert_eq!(modem.network().unwrap().signal, Some(-73), "the `OK` of the command before is not that of AT+CSQ");
}

/// The first AT+CSQ gets no answer; the module answers everything from there on.
#[test]
fn a_result_code_before_the_answer_to_ati_does_not_spoil_later_recoveries() {
    let module = Scripted::new(&[("ATI", &[(5, "\r\n+CPIN: READY\r\n"), (10, IDENTITY)]), ("AT+CSQ", &[])]);
    let mut modem = open_on(module).0.unwrap();
    modem.network().unwrap_err();
    modem.network().unwrap();
}
