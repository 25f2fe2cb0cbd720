//! PDP contexts.

use super::*;

#[test]
fn contexts_are_activated_once() {
    let mut bench = bench(|options| options.contexts = 7);
    play(
        &mut bench,
        &[
            ("AT+QICSGP=2", &with_ok("+QICSGP: 1,\"\",\"\",\"\",0")),
            ("AT+QICSGP=2,3,\"cmnet\",\"u\",\"p\",3", OK),
            ("AT+QICSGP=2", &with_ok("+QICSGP: 3,\"cmnet\",\"u\",\"p\",3")),
            ("AT+QICSGP=8", ERROR),
            ("AT+QICSGP=1,4,\"x\"", ERROR),
            ("AT+QICSGP=1,1,\"x\",\"u\"", ERROR),
            ("AT+QICSGP=1,1,\"x\",\"u\",\"p\",4", ERROR),
            ("AT+QIGETERROR", &with_ok("+QIGETERROR: 552,invalid parameters")),
            ("AT+QIACT=8", ERROR),
            ("AT+QIACT=1", OK),
            ("AT+QIGETERROR", &with_ok("+QIGETERROR: 0,operate successfully")),
            ("AT+QIACT=1", ERROR),
            ("AT+QIGETERROR", &with_ok("+QIGETERROR: 561,open PDP context failed")),
            ("AT+QIACT=2", OK),
            ("AT+QIACT=3", OK),
            ("AT+QIACT=4", ERROR),
            (
                "AT+QIACT?",
                &with_ok(
                    "+QIACT: 1,1,1,\"10.225.11.107\"\r\n+QIACT: 2,1,3,\"10.225.11.107\"\r\n\
                     +QIACT: 3,1,1,\"10.225.11.107\"",
                ),
            ),
            ("AT+QIDEACT=3", OK),
            ("AT+QIDEACT=3", OK),
            ("AT+QIACT=4", OK),
            ("AT+QIDEACT=2", OK),
            ("AT+QIDEACT=4", OK),
            ("AT+CFUN=4", &late("+QIURC: \"pdpdeact\",1")),
            ("AT+QIACT?", OK),
            ("AT+QIDEACT=1", OK),
            ("AT+QIACT=1", ERROR),
            ("AT+CFUN=1", OK),
            ("AT+QIACT=1", OK),
            ("AT+CGATT=0", &late("+QIURC: \"pdpdeact\",1")),
            ("AT+QIDEACT=1", OK),
            ("AT+QIACT=1", ERROR),
            ("AT+CGATT=1", OK),
            ("AT+QIACT=1", OK),
        ],
    );
    let leftover = Options::default().with_pdp_active(true);
    let mut bench = with(leftover, |_| ());
    play(&mut bench, &[("AT+QIACT=1", ERROR), ("AT+QIDEACT=1", OK), ("AT+QIACT=1", OK)]);
    let mut bench = with(Options::default().with_registered(false), |_| ());
    assert_eq!(bench.command("AT+QIACT=1"), ERROR);
}

#[test]
fn the_network_drops_a_context() {
    let mut bench = bench(|options| {
        options.context_lifetimes = vec![10 * SECOND];
        *options = std::mem::take(options).with_result_delay("+QFTPCWD", Some(60 * SECOND));
    });
    log_in(&mut bench);
    assert_eq!(bench.command("AT+QFTPCWD=\"/\""), OK);
    assert_eq!(text(&bench.after(10 * SECOND)), "\r\n+QFTPCWD: 605,0\r\n\r\n+QIURC: \"pdpdeact\",1\r\n");
    assert_eq!(bench.server.sessions(), 0);
    play(
        &mut bench,
        &[
            ("AT+QFTPSTAT", &late("+QFTPSTAT: 0,4")),
            ("AT+QFTPCLOSE", &cme(606)),
            ("AT+QIACT?", OK),
            ("AT+QIACT=1", ERROR),
            ("AT+QIDEACT=1", OK),
            ("AT+QIACT=1", OK),
            ("AT+QFTPOPEN=\"h\"", &late("+QFTPOPEN: 0,0")),
        ],
    );
    assert_eq!(bench.after(100 * SECOND), b"");
}
