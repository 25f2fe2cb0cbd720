//! Test forms, settings and what commands accept.

use super::*;
use crate::emulator::UrcPort;

#[test]
fn test_forms() {
    let mut bench = bench(|_| ());
    let config = [
        "+QFTPCFG: \"account\",<username>,<password>",
        "+QFTPCFG: \"filetype\",(0,1)",
        "+QFTPCFG: \"transmode\",(0,1)",
        "+QFTPCFG: \"contextid\",(1-16)",
        "+QFTPCFG: \"rsptimeout\",(20-180)",
        "+QFTPCFG: \"ssltype\",(0-2)",
        "+QFTPCFG: \"sslctxid\",(0-5)",
        "+QFTPCFG: \"data_address\",(0-2),(15-50)",
        "+QFTPCFG: \"restenable\",(0,1)",
    ];
    assert_eq!(bench.command("AT+QFTPCFG=?"), with_ok(&config.join("\r\n")));
    for (command, answer) in [
        ("QFTPOPEN", "<hostname>,<port>"),
        ("QFTPCWD", "<path_name>"),
        ("QFTPPUT", "<file_name>,<local_name>,<startpos>,<uploadlen>,<beof>"),
        ("QFTPGET", "<file_name>,<local_name>,<startpos>,<downloadlen>"),
        ("QFTPSIZE", "<file_name>"),
        ("QFTPDEL", "<file_name>"),
        ("QFTPMKDIR", "<folder_name>"),
        ("QFTPRMDIR", "<folder_name>"),
        ("QFTPLIST", "<dirname>,<local_name>"),
        ("QFTPNLST", "<dirname>,<local_name>"),
        ("QFTPMLSD", "<dirname>,<local_name>"),
        ("QFTPMDTM", "<file_name>"),
        ("QFTPRENAME", "<old_name>,<new_name>"),
        ("QURCCFG", "\"urcport\",(\"usbat\",\"usbmodem\",\"uart1\")"),
        ("QIACT", "(1-16)"),
        ("QIDEACT", "(1-16)"),
        ("QICSGP", "(1-16),(1-3),<APN>,<username>,<password>,(0-3)"),
    ] {
        assert_eq!(bench.command(&format!("AT+{command}=?")), with_ok(&format!("+{command}: {answer}")));
    }
    for command in ["QFTPPWD", "QFTPLEN", "QFTPSTAT", "QFTPCLOSE", "QIGETERROR"] {
        assert_eq!(bench.command(&format!("AT+{command}=?")), OK);
    }
    for line in [
        "AT+QFTPCFG?",
        "AT+QFTPOPEN?",
        "AT+QFTPOPEN",
        "AT+QFTPCWD",
        "AT+QFTPCWD?",
        "AT+QFTPSTAT?",
        "AT+QFTPNLIST=\".\"",
        "AT+QFTPLST=\".\"",
        "AT+QFTPNOPE=?",
    ] {
        assert_eq!(bench.command(line), ERROR, "{line}");
    }
}

#[test]
fn settings_are_set_shown_and_checked() {
    let mut bench = bench(|_| ());
    play(
        &mut bench,
        &[
            ("AT+QFTPCFG=\"account\"", &with_ok("+QFTPCFG: \"account\",\"\",\"\"")),
            ("AT+QFTPCFG=\"account\",\"u\",\"p\"", OK),
            ("AT+QFTPCFG=\"account\"", &with_ok("+QFTPCFG: \"account\",\"u\",\"*************************\"")),
            ("AT+QFTPCFG=\"rsptimeout\"", &with_ok("+QFTPCFG: \"rsptimeout\",90")),
            ("AT+QFTPCFG=\"rsptimeout\",180", OK),
            ("AT+QFTPCFG=\"rsptimeout\"", &with_ok("+QFTPCFG: \"rsptimeout\",180")),
            ("AT+QFTPCFG=\"data_address\"", &with_ok("+QFTPCFG: \"data_address\",0")),
            ("AT+QFTPCFG=\"data_address\",2", OK),
            ("AT+QFTPCFG=\"data_address\"", &with_ok("+QFTPCFG: \"data_address\",2,25")),
            ("AT+QFTPCFG=\"data_address\",2,50", OK),
            ("AT+QFTPCFG=\"data_address\"", &with_ok("+QFTPCFG: \"data_address\",2,50")),
            ("AT+QFTPCFG=\"sslctxid\",5", OK),
            ("AT+QFTPCFG=\"contextid\",16", OK),
            ("AT+QFTPCFG=\"contextid\"", &with_ok("+QFTPCFG: \"contextid\",16")),
        ],
    );
    let too_long = format!("AT+QFTPCFG=\"account\",\"{}\",\"p\"", "u".repeat(256));
    for line in [
        too_long.as_str(),
        "AT+QFTPCFG=\"account\",\"u\"",
        "AT+QFTPCFG=\"account\",u,p",
        "AT+QFTPCFG=\"account\",\"u\",\"p\",1",
        "AT+QFTPCFG=account",
        "AT+QFTPCFG=\"filetype\",2",
        "AT+QFTPCFG=\"filetype\",\"1\"",
        "AT+QFTPCFG=\"filetype\",",
        "AT+QFTPCFG=\"transmode\",2",
        "AT+QFTPCFG=\"contextid\",0",
        "AT+QFTPCFG=\"contextid\",17",
        "AT+QFTPCFG=\"rsptimeout\",19",
        "AT+QFTPCFG=\"rsptimeout\",181",
        "AT+QFTPCFG=\"ssltype\",3",
        "AT+QFTPCFG=\"sslctxid\",6",
        "AT+QFTPCFG=\"data_address\",3",
        "AT+QFTPCFG=\"data_address\",2,14",
        "AT+QFTPCFG=\"data_address\",2,51",
        "AT+QFTPCFG=\"filetype\",1,1",
        "AT+QFTPCFG=\"nope\"",
        "AT+QFTPCFG=\"nope\",1",
        "AT+QFTPOPEN=host",
        "AT+QFTPOPEN=\"\"",
        "AT+QFTPOPEN=\"host\",0",
        "AT+QFTPOPEN=\"host\",65536",
        "AT+QFTPOPEN=\"host\",21,1",
    ] {
        assert_eq!(bench.command(line), cme(610), "{line}");
    }
    let mut bench = super::bench(|options| {
        options.masked_password = false;
        options.highest_data_address = 1;
        options.contextid_needs_activation = true;
        options.extra_keys = vec![("cache".to_owned(), 5)];
    });
    play(
        &mut bench,
        &[
            ("AT+QFTPCFG=\"account\",\"u\",\"p\"", OK),
            ("AT+QFTPCFG=\"account\"", &with_ok("+QFTPCFG: \"account\",\"u\",\"p\"")),
            ("AT+QFTPCFG=\"data_address\",2", &cme(610)),
            ("AT+QFTPCFG=\"data_address\",1,25", &cme(610)),
            ("AT+QFTPCFG=\"cache\",5", OK),
            ("AT+QFTPCFG=\"restenable\"", &cme(610)),
            ("AT+QFTPCFG=\"contextid\",2", &cme(610)),
            ("AT+QIACT=2", OK),
            ("AT+QFTPCFG=\"contextid\",2", OK),
        ],
    );
}

#[test]
fn names_are_checked() {
    let mut bench = opened(|_| ());
    let longest = "x".repeat(255);
    assert_eq!(bench.command(&format!("AT+QFTPCWD=\"{longest}\"")), late("+QFTPCWD: 627,550"));
    for line in [
        format!("AT+QFTPCWD=\"{longest}x\""),
        format!("AT+QFTPGET=\"f\",\"{}\"", "x".repeat(61)),
        "AT+QFTPCWD=\"\"".to_owned(),
        "AT+QFTPCWD=/".to_owned(),
        "AT+QFTPCWD=\"/\",1".to_owned(),
        "AT+QFTPRENAME=\"a\"".to_owned(),
        "AT+QFTPRENAME=\"a\",\"\"".to_owned(),
        "AT+QFTPGET=\"f\"".to_owned(),
        "AT+QFTPGET=\"f\",COM:".to_owned(),
        "AT+QFTPGET=\"f\",\"COM:\",".to_owned(),
        "AT+QFTPGET=\"f\",\"COM:\",-1".to_owned(),
        "AT+QFTPGET=\"f\",\"COM:\",0,1,1".to_owned(),
        "AT+QFTPGET=\"f\",\"RAM:f\",0,1".to_owned(),
        "AT+QFTPPUT=\"f\"".to_owned(),
        "AT+QFTPPUT=\"f\",\"COM:\",0,20".to_owned(),
        "AT+QFTPPUT=\"f\",\"COM:\",0,20,2".to_owned(),
        "AT+QFTPPUT=\"f\",\"COM:\",0,0,1".to_owned(),
        "AT+QFTPPUT=\"f\",\"COM:\",0,20,1,1".to_owned(),
        "AT+QFTPPUT=\"f\",\"RAM:f\",0,20,1".to_owned(),
        "AT+QFTPLIST=\".\",".to_owned(),
        "AT+QFTPLIST=\".\",\"COM:\",1".to_owned(),
    ] {
        assert_eq!(bench.command(&line), cme(610), "{line}");
    }
}

#[test]
fn results_go_to_one_port_only() {
    let mut bench = bench(|options| options.port = UrcPort::Uart1);
    play(
        &mut bench,
        &[
            ("AT+QURCCFG=\"urcport\"", &with_ok("+QURCCFG: \"urcport\",\"usbat\"")),
            ("AT+QFTPSTAT", OK),
            ("AT+QIACT=1", OK),
            ("AT+QFTPOPEN=\"h\"", OK),
            ("AT+QFTPSTAT", OK),
            ("AT+QURCCFG=\"urcport\",\"uart2\"", ERROR),
            ("AT+QURCCFG=\"urcport\",\"uart1\"", OK),
            ("AT+QFTPSTAT", &late("+QFTPSTAT: 0,1")),
        ],
    );
    // The choice outlives a restart.
    bench.module.restart(bench.now);
    assert_eq!(bench.output(), b"\r\nRDY\r\n");
    bench.command("ATE0");
    assert_eq!(bench.command("AT+QFTPSTAT"), late("+QFTPSTAT: 0,4"));
}

#[test]
fn blanks_before_parameters_are_skipped() {
    let mut bench = opened(|_| ());
    bench.server.put("/t", "0123456789");
    play(
        &mut bench,
        &[
            ("AT+QFTPMKDIR= \"q dir\"", &late("+QFTPMKDIR: 0,0")),
            ("AT+QFTPGET=\"t\",\"COM:\",0, 10", &sent("0123456789", "+QFTPGET: 0,10")),
            ("AT+QFTPCFG=\"account\", \"user\",\"pw\"", OK),
            ("AT+QSSLCFG=\"ciphersuite\",1, 0xffff", OK),
            ("AT+QFTPPUT=\"q3, a.txt\",   \"COM:\",0,10,1", CONNECT),
        ],
    );
    assert_eq!(bench.exchange(b" , 3456789"), late("+QFTPPUT: 0,10").as_bytes());
    assert_eq!(bench.server.file("/q3, a.txt").unwrap(), b" , 3456789");
    assert!(bench.server.is_directory("/q dir"));
    let mut down = with(Options::default(), |_| ());
    play(
        &mut down,
        &[("AT+QIACT= 1", OK), ("AT+QIDEACT= 1", OK), ("AT+QPOWD", "\r\nOK\r\n\r\nPOWERED DOWN\r\n\r\nRDY\r\n")],
    );
    assert!(down.command("AT+CGSN=1").contains("+CGSN: \"8676980400"));
}
